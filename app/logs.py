"""The operator's log: ``logs/assay.log`` in the data folder, rotating, without document text or keys.

Assay's own modules write plain sentences with ids, counts and error words. What other libraries
write may quote the text they worked on, so of their records only the place and the kind are kept,
and of an error that is not Assay's own only its type and where it happened.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from app.errors import AppError
from app.settings import Settings

FOLDER = "logs"
FILE = "assay.log"
OWN = ("app", "storage", "pages")
MAX_BYTES = 2_000_000
KEPT = 5
LONGEST = 600
"""Characters of one message; whoever logs more than that is logging somebody's text."""
SHORTEST_KEY = 4
"""Characters; a shorter "key" (such as the "x" that local servers take) would black out ordinary words."""
REDACTED = "[key]"

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class OperatorLog(RotatingFileHandler):
    """The handler on the log file. A log that cannot be written is said once, and stops nothing."""

    def __init__(self, path: Path, formatter: logging.Formatter) -> None:
        super().__init__(path, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8", delay=True)
        self.setFormatter(formatter)
        self.addFilter(_wanted)
        self._said = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Say that the log is not written; the library's own way prints the arguments."""
        del record
        if not self._said:
            self._said = True
            # Not the log: that is what failed.
            print(f"The log {self.baseFilename} cannot be written.", file=sys.stderr)  # noqa: T201


class SafeFormatter(logging.Formatter):
    """One line a record, control characters escaped, every key replaced by ``[key]``."""

    def __init__(self, keys: Iterable[str]) -> None:
        super().__init__()
        once = {shape for key in keys if len(key) >= SHORTEST_KEY for shape in _shapes(key)}
        shapes = {shape for one in once for shape in _shapes(one)}
        # The longest first: a key may be the beginning of another.
        self._shapes = sorted(shapes, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """``2026-01-31T12:00:00.000Z LEVEL logger: message``, and below it where an error happened."""
        # Keys go first: cutting a long message could leave half of one.
        line = _one_line(self._redacted(_message(record)))
        text = f"{_time(record)} {record.levelname} {record.name}: {line}"
        if record.exc_info:
            text += "\n" + self._redacted(_where(record.exc_info))
        return text

    def _redacted(self, text: str) -> str:
        for shape in self._shapes:
            text = text.replace(shape, REDACTED)
        return text


def start_log(folder: Path, settings: Settings) -> OperatorLog | None:
    """Write to ``folder/logs/assay.log`` from now on, instead of to wherever it went before.

    None where the folder cannot be made: Assay then runs without a log and says so.
    """
    stop_log()
    path = folder / FOLDER / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = OperatorLog(path, SafeFormatter(settings.secrets()))
    except OSError as error:
        print(f"No log is written: {path.parent}: {error.strerror}.", file=sys.stderr)  # noqa: T201
        return None
    logging.getLogger().addHandler(handler)
    for name in OWN:
        logging.getLogger(name).setLevel(logging.INFO)
    return handler


def stop_log() -> None:
    """Close the log file, if one is open."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, OperatorLog):
            root.removeHandler(handler)
            handler.close()


def _own(record: logging.LogRecord) -> bool:
    return record.name.split(".")[0] in OWN


def _wanted(record: logging.LogRecord) -> bool:
    return record.levelno >= (logging.INFO if _own(record) else logging.WARNING)


def _message(record: logging.LogRecord) -> str:
    if _own(record):
        return record.getMessage()
    return f"(its words are not kept) {Path(record.pathname).name}:{record.lineno}"


def _one_line(text: str) -> str:
    line = "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}… ({len(line)} characters)"


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _where(exc_info: ExcInfo) -> str:
    """The stack of an error and of what caused it: places and types, words only of Assay's own."""
    lines: list[str] = []
    error = exc_info[1]
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        lines += [
            f"    {Path(frame.filename).name}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        words = f": {_one_line(str(error))}" if isinstance(error, AppError) else ""
        lines.append(f"  {type(error).__module__}.{type(error).__qualname__}{words}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(lines)


def _shapes(key: str) -> set[str]:
    """The key as it may stand in a text: as it is, within repr, JSON or a web address."""
    as_json = (json.dumps(key)[1:-1], json.dumps(key, ensure_ascii=False)[1:-1])
    return {key, repr(key)[1:-1], quote(key), quote(key, safe=""), *as_json}


__all__ = ["OperatorLog", "SafeFormatter", "start_log", "stop_log"]
