"""Reading a file in a process of its own, which a hostile file can slow down or crash but not harm.

The process gets no keys and no environment but what Python needs; it is ended, with all that it may
have started, when it takes too long, when the person stops it, or when the app ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from app.documents.reader import OUT_OF_MEMORY, Job
from app.documents.readers.base import MEGABYTE
from app.domain import ReadDocument, ReadPage
from app.errors import NeedsPassword, UnreadableDocument
from app.settings import ReadLimits

ROOT = Path(__file__).resolve().parents[2]
_POLL = 0.02
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "WINDIR")


class Stopped(Exception):
    """The person stopped the reading."""


def never() -> bool:
    """The stop callback of who never stops."""
    return False


def read(path: Path, name: str, limits: ReadLimits, stop: Callable[[], bool] = never) -> ReadDocument:
    """What can be read of the file at ``path``, which the person knows as ``name``.

    Raises UnreadableDocument or NeedsPassword with words that name the file, and Stopped within
    0.2 seconds after ``stop()`` becomes true.
    """
    answer = run(job_for(path, name, limits), limits.wall_seconds, stop)
    return _document(json.loads(answer), name)


def run(job: Job, wall_seconds: float, stop: Callable[[], bool] = never) -> bytes:
    """Start a reader for the job, wait for it, and return the bytes of its result."""
    with tempfile.TemporaryDirectory(prefix="assay-read-") as folder:
        task, result = Path(folder) / "job.json", Path(folder) / "result"
        task.write_text(job.to_json(), encoding="utf-8")
        with _started([str(task), str(result)]) as process:
            code = _wait(process, job, wall_seconds, stop)
        if code != 0:
            raise _failure(code, job)
        return result.read_bytes()


@contextlib.contextmanager
def _started(arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """The reader's process; whatever happens, it and its group have ended afterwards."""
    environment = {one: os.environ[one] for one in _KEPT_VARIABLES if one in os.environ}
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-s", "-E", "-m", "app.documents.reader", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait(process: subprocess.Popen[bytes], job: Job, wall_seconds: float, stop: Callable[[], bool]) -> int:
    until = time.monotonic() + wall_seconds
    while True:
        try:
            return process.wait(_POLL)
        except subprocess.TimeoutExpired:
            pass
        if stop():
            raise Stopped
        if time.monotonic() > until:
            raise _too_much(job.name, f"took longer than {wall_seconds:g} s")


def _failure(code: int, job: Job) -> UnreadableDocument:
    if code == OUT_OF_MEMORY:
        return _too_much(job.name, f"needed more than {job.memory // MEGABYTE:,} MB of memory")
    if sys.platform != "win32" and code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return _too_much(job.name, f"needed more than {job.cpu_seconds} s of computing or too much memory")
    return UnreadableDocument(
        f"“{job.name}” could not be read: something in it makes its reader fail; it may be damaged.",
        "Open it in the program that it comes from, save it again and upload that.",
    )


def _too_much(name: str, what: str) -> UnreadableDocument:
    return UnreadableDocument(
        f"“{name}” was not read: reading it {what}, which is the limit.",
        "If you trust it, split it into smaller files and upload those.",
    )


def job_for(path: Path, name: str, limits: ReadLimits) -> Job:
    """The job of reading a file within the limits."""
    return Job(
        path=str(path.resolve()),
        name=name,
        parent=os.getpid(),
        memory=limits.memory_mb * MEGABYTE,
        cpu_seconds=limits.cpu_seconds,
        unpacked=limits.unpacked_mb * MEGABYTE,
        pages=limits.pages,
        characters=limits.characters,
    )


def _document(told: dict[str, object], name: str) -> ReadDocument:
    """The reading of a result, checked: a reader that a file took over must not pass on anything else."""
    if "refused" in told:
        refusal = NeedsPassword if told["refused"] == "password" else UnreadableDocument
        raise refusal(str(told["message"]), str(told["remedy"]))
    pages = told.get("pages")
    if not isinstance(pages, list) or not pages:
        raise UnreadableDocument(f"“{name}”: nothing could be read.")
    return ReadDocument(
        tuple(ReadPage(int(page["number"]), str(page["text"])) for page in pages),
        reader=str(told.get("reader", "")),
        warning=str(told.get("warning", "")),
    )
