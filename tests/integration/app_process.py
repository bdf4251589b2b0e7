"""Runs `python -m app` as a person would: a process of its own over a data folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from app.cli import main

ROOT = Path(__file__).parents[2]
READY = "Assay is ready"


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    def rows(self) -> list[dict[str, Any]]:
        """What --json printed, one object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(data: Path, **more: str) -> dict[str, str]:
    """The tests' environment with this data folder and nothing of the person's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
    return {**kept, "ASSAY_DATA": str(data), **more}


def app(data: Path, *arguments: str, **settings: str) -> Result:
    """Run one command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env=environment(data, **settings),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def here(data: Path, *arguments: str, **settings: str) -> Result:
    """The same in the process of the test, where no process is what is tested: nothing is imported anew."""
    done = CliRunner().invoke(main, list(arguments), env={"ASSAY_DATA": str(data), **settings})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Result(done.exit_code, done.stdout, done.stderr)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[str]:
    """A running app; gives its address once it is ready, ends it like Ctrl+C."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve"],
        cwd=ROOT,
        env=environment(data, ASSAY_PORT=str(port), **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if READY in line:
                break
        else:
            raise AssertionError(f"the app ended with {process.wait()} before it was ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=30)
