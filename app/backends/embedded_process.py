"""Starts the embedded model's process, and starts it again when it has ended."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from app.backends.base import Cancel
from app.backends.embedded_server import READY, ServerOptions
from app.errors import BackendDown

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Running:
    """A process that serves: where, the key that only we know, and how long its start took."""

    address: str
    key: str
    seconds: float
    pid: int


class _Child:
    """One process and the thread that started it.

    On Linux a child that dies with its parent dies with the *thread* that started it, so that thread
    stays until the child has ended: a worker of a pool would not do.
    """

    def __init__(self, options: ServerOptions) -> None:
        self.settled = threading.Event()
        self.ended = threading.Event()
        self.running: Running | None = None
        self.log: deque[str] = deque(maxlen=20)
        self.code: int | None = None
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._began = time.monotonic()
        self._keeper = threading.Thread(target=self._keep, name="embedded-model", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """End the process: its input ends, and where that does not help it is killed."""
        process = self._process
        if process is not None and process.stdin is not None:
            process.stdin.close()
        if not self.ended.wait(STOP_SECONDS) and process is not None:
            process.kill()
            self.ended.wait(STOP_SECONDS)

    def words(self) -> str:
        """Why it ended, in words."""
        if self.code is not None and self.code < 0:
            return f"Its process was ended from outside (signal {-self.code}); memory may have run out."
        last = self.log[-1] if self.log else "it gave no reason"
        return f"Its process ended: {last[:200]}."

    def _keep(self) -> None:
        try:
            self._process = process = _start(self._options)
            with process:
                self._listen(process)
            self.code = process.returncode
        except OSError as error:
            self.log.append(f"it could not be started ({error.strerror})")
        finally:
            self.ended.set()
            self.settled.set()

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        for line in process.stdout or ():
            text = line.decode("utf-8", "replace").strip()
            if text.startswith(READY):
                seconds = time.monotonic() - self._began
                address = text.removeprefix(READY)
                self.running = Running(address, self._options.key, seconds, process.pid)
                self.settled.set()
            elif text:
                self.log.append(text)


def _start(options: ServerOptions) -> subprocess.Popen[bytes]:
    # The keys of other servers are none of its business.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
    environment["PYTHONPATH"] = str(ROOT)
    process = subprocess.Popen(
        [sys.executable, "-m", "app.backends.embedded_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
    )
    if process.stdin is not None:
        process.stdin.write(options.line())
        process.stdin.flush()
    return process


class EmbeddedProcess:
    """At most one child at a time, started at first need."""

    def __init__(self, weights: Path, alias: str, context: int, slots: int) -> None:
        self._weights, self._alias = weights, alias
        self._context, self._slots = context, slots
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._closed = False

    @property
    def running(self) -> Running | None:
        """The process as it serves now, or None."""
        with self._lock:
            child = self._child
        return child.running if child is not None and not child.ended.is_set() else None

    def ensure(self, cancel: Cancel) -> Running | None:
        """The process, started if need be; None after a cancel. Raises BackendDown with the reason."""
        child = self._started()
        until = time.monotonic() + START_SECONDS
        while not child.settled.wait(0.05):
            if cancel.cancelled:
                return None
            if time.monotonic() > until:
                child.stop()
                break
        if child.running is None or child.ended.is_set():
            raise BackendDown(f"The embedded model could not be started. {child.words()}", "Ask again.")
        return child.running

    def end(self, seconds: float = 0.0) -> str:
        """Why the last process ended, waiting up to ``seconds`` for it to do so; "" if it runs."""
        with self._lock:
            child = self._child
        return child.words() if child is not None and child.ended.wait(seconds) else ""

    def close(self) -> None:
        """End the process; it is not started again."""
        with self._lock:
            self._closed = True
            child = self._child
        if child is not None:
            child.stop()

    def _started(self) -> _Child:
        with self._lock:
            if self._closed:
                raise BackendDown("Assay is being closed.")
            if self._child is None or self._child.ended.is_set():
                self._child = _Child(self._options())
            return self._child

    def _options(self) -> ServerOptions:
        return ServerOptions(
            model=str(self._weights),
            alias=self._alias,
            key=secrets.token_urlsafe(32),
            parent=os.getpid(),
            context=self._context,
            slots=self._slots,
            threads=max(1, cores() - 1),
        )


def cores() -> int:
    """The processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
