"""The process that reads one file: ``python -m app.documents.reader JOB RESULT``.

JOB is a JSON file (see ``Job``), RESULT is where the outcome goes: a JSON file, or the PNG of a page.
The process limits itself before it looks at the file and dies with its parent. Before it reads, it
refuses itself, as far as Python tells what it is about to do: connections, other processes, signals,
loading machine code, and any change to the disk but its result. Exit code 0: RESULT is complete (a reading,
or a refusal in words); 3: out of memory; anything else: the file made the reader fail.

It imports the standard library, the format's own parser, and nothing else, so that it starts quickly.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from app.documents.readers.base import MEGABYTE, Caps, Reader, Source
from app.documents.sniffing import check
from app.errors import NeedsPassword, UnreadableDocument

OUT_OF_MEMORY = 3
_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 64
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
FORBIDDEN = (
    *("ctypes.call_function", "ctypes.dlopen", "ctypes.dlsym", "fcntl.", "msvcrt.", "os.", "pty."),
    *("resource.", "shutil.", "signal.", "socket.", "sqlite3.", "subprocess.", "syslog."),
    *("winreg.", "_winapi."),
)
"""What Python calls (its audit events) that which a reader has no business with; "x." is all of x."""
HARMLESS = frozenset({"os.add_dll_directory", "os.fwalk", "os.listdir", "os.scandir", "os.walk"})


@dataclass(frozen=True)
class Job:
    """What to read, and how much it may take. ``page`` > 0 asks for that page's picture instead."""

    path: str
    name: str
    parent: int
    memory: int
    cpu_seconds: int
    unpacked: int
    pages: int
    characters: int
    page: int = 0
    width: int = 0

    def to_json(self) -> str:
        """The job as the text of a JSON file."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        """The job of such a text."""
        return cls(**json.loads(text))


def main(arguments: list[str]) -> int:
    """Do the job; returns the exit code."""
    job = Job.from_json(Path(arguments[0]).read_text(encoding="utf-8"))
    result = Path(arguments[1])
    _die_with_parent(job.parent)
    _limit(job)
    try:
        answer = _do(job, result)
    except MemoryError:
        return OUT_OF_MEMORY
    result.write_bytes(answer)
    return 0


def _do(job: Job, result: Path) -> bytes:
    source = Source(Path(job.path), job.name)
    try:
        if job.page:
            import pypdfium2  # noqa: F401 - before it is forbidden

            from app.documents.readers import pdf

            _forbid(result)
            return pdf.picture(source, job.page, job.width)
        return _read(job, source, result)
    except UnreadableDocument as refusal:
        kind = "password" if isinstance(refusal, NeedsPassword) else "unreadable"
        told = {"refused": kind, "message": refusal.message, "remedy": refusal.remedy}
        return json.dumps(told).encode()


def _read(job: Job, source: Source, result: Path) -> bytes:
    content = source.content()
    found = check(job.name, content)
    del content
    reader = cast("Reader", importlib.import_module(f"app.documents.readers.{found.module}"))
    if found.library:
        importlib.import_module(found.library)
    _forbid(result)
    document = reader.read(source, Caps(job.unpacked, job.pages, job.characters))
    return json.dumps(asdict(document)).encode()


def _die_with_parent(parent: int) -> None:
    """On Linux: be killed when the thread that started this process ends, and so with the app."""
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # the parent ended before the line above


def _limit(job: Job) -> None:
    """Cap memory, CPU seconds, open files and what is written, where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the parent's wall limit remains
        return
    caps = {
        resource.RLIMIT_AS: job.memory,
        resource.RLIMIT_CPU: job.cpu_seconds,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CORE: 0,
        # A character takes up to 12 bytes in the result.
        resource.RLIMIT_FSIZE: max(12 * job.characters, 64 * MEGABYTE),
    }
    for limit, value in caps.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))


def _forbid(result: Path) -> None:
    """From here on nothing of ``FORBIDDEN``, and no file written but the result."""
    allowed = str(result)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(FORBIDDEN) and event not in HARMLESS:
            raise PermissionError(event)
        if event == "open":
            path, _, flags = arguments
            writes = isinstance(flags, int) and flags & _WRITING
            if writes and str(path) != allowed:
                raise PermissionError(event)

    sys.addaudithook(watch)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
