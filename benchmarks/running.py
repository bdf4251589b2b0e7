"""A running Assay and a browser in front of it, for measuring from outside."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from app.services import Services

ROOT = Path(__file__).resolve().parent.parent
NOWHERE = "http://127.0.0.1:9"
"""Nobody answers there: an Ollama that happens to run must not change the figures."""
PATIENCE = 120.0
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
FINISHED = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    return app && app.dataset.testScriptState === 'notRunning' && document.querySelector('h1');
}"""
"""Whether the script has run to its end and a heading is there."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def environment(folder: Path, port: int) -> dict[str, str]:
    """This environment with nothing of Assay's settings in it but a data folder and a port."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ASSAY_", "OLLAMA_"))}
    ours = {"ASSAY_DATA": str(folder), "ASSAY_PORT": str(port), "ASSAY_OLLAMA_URL": NOWHERE}
    return kept | ours


@contextmanager
def started(command: Sequence[str], env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A server process; ended like Ctrl+C afterwards."""
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=dict(env), stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def wait_until_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return as soon as somebody accepts on the port. Raises RuntimeError if the process ends."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        time.sleep(0.01)
    raise RuntimeError("the server does not listen")


def wait_for_file(path: Path, process: subprocess.Popen[bytes], patience: float = 600.0) -> None:
    """Return when the file is there. Raises RuntimeError if the process ends first, or it takes too long."""
    end = time.monotonic() + patience
    while not path.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{path.name} never came (the process: {process.poll()})")
        time.sleep(0.1)


@contextmanager
def assay(folder: Path, **settings: str) -> Iterator[tuple[str, int]]:
    """A running Assay with these settings besides; gives its address and the id of its process."""
    port = free_port()
    with started(["-m", "app", "serve"], environment(folder, port) | settings) as process:
        wait_until_listening(port, process)
        yield f"http://127.0.0.1:{port}", process.pid


def serve_with(work: Callable[[Services], None]) -> None:
    """Serve in this process, with a thread in it that does some work as soon as all is open."""
    from app import services as rooms
    from app.server import serve
    from app.settings import load

    def begin() -> None:
        while rooms._holder.services is None:  # noqa: SLF001 - what is not open yet must not be opened here
            time.sleep(0.05)
        work(rooms.current())

    threading.Thread(target=begin, daemon=True).start()
    serve(load())


@contextmanager
def browser() -> Iterator[Browser | None]:
    """A real Chromium, or None where this machine has none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=FLAGS)


def wait_until_drawn(page: Page, *selectors: str) -> None:
    """Return when the page's script has ended and every selector is visible."""
    page.wait_for_function(FINISHED, timeout=PATIENCE * 1000)
    for selector in selectors:
        page.locator(selector).first.wait_for(state="visible", timeout=PATIENCE * 1000)
