"""`serve` opens the browser at a terminal with a screen, and nowhere else; it always says the address."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.integration.app_process import READY, ROOT, environment, free_port

pty = pytest.importorskip("pty", reason="no terminals on this system")
pytestmark = pytest.mark.integration

# Opens the page as a browser would, and notes it.
BROWSER = """#!/bin/sh
echo begun > "{noted}-begun"
exec "{python}" -c 'import sys, httpx
code = httpx.get(sys.argv[1], trust_env=False).status_code
open("{noted}", "a").write(f"{{sys.argv[1]}} {{code}}\\n")' "$1"
"""


@contextmanager
def at_a_terminal(data: Path, *options: str, **settings: str) -> Iterator[str]:
    """`serve` whose output is a terminal, until it is ready; gives what it printed."""
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in environment(data, **settings).items() if name not in UNLIKELY}
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", *options],
        cwd=ROOT, env={**kept, **settings}, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    told = b""
    try:
        while READY.encode() not in told or not told.endswith(b"\n"):
            told += os.read(ours, 4096)
        yield told.decode()
    finally:
        process.terminate()
        process.wait(60)
        os.close(ours)


UNLIKELY = frozenset({"CI", "SSH_CONNECTION", "SSH_TTY", "DISPLAY", "WAYLAND_DISPLAY", "BROWSER"})


@pytest.fixture
def browser(tmp_path: Path) -> Path:
    """A browser that notes what it is asked to open; the note lies beside it."""
    path = tmp_path / "browser"
    path.write_text(BROWSER.format(python=sys.executable, noted=tmp_path / "opened"))
    path.chmod(0o755)
    return path


def test_at_a_terminal_with_a_screen(tmp_path: Path, browser: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    more = {"ASSAY_PORT": str(port), "DISPLAY": ":0", "BROWSER": f"{browser} %s"}
    with at_a_terminal(tmp_path / "data", **more) as told:
        assert f"{READY}: {address}" in told
        noted = tmp_path / "opened"
        pause = threading.Event()
        for _ in range(1200):
            if noted.exists() and noted.read_text():
                break
            pause.wait(0.05)
        assert noted.read_text() == f"{address} 200\n"


@pytest.mark.parametrize("unlikely", [{"CI": "1"}, {"SSH_CONNECTION": "x"}, {"option": "--no-browser"}])
def test_not_where_nobody_wants_it(tmp_path: Path, browser: Path, unlikely: dict[str, str]) -> None:
    port = free_port()
    options = [unlikely.pop("option")] if "option" in unlikely else []
    more = {"ASSAY_PORT": str(port), "DISPLAY": ":0", "BROWSER": f"{browser} %s", **unlikely}
    with at_a_terminal(tmp_path / "data", *options, **more) as told:
        assert f"http://127.0.0.1:{port}" in told
        # Once it has answered, whoever would open a browser has begun to.
        assert httpx.get(f"http://127.0.0.1:{port}", trust_env=False).status_code == 200
    assert not (tmp_path / "opened-begun").exists()
