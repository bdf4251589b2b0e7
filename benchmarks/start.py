"""(c) From the start of the process to the first usable screen, beside a bare Streamlit page."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import running
from benchmarks.tables import goal, median, print_table, seconds

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROUNDS = 5
GOAL_SECONDS = 3.0
BARE = "import streamlit as st\nst.title('Hello')\n"


def main() -> None:
    with running.browser() as chromium, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        bare = folder / "bare.py"
        bare.write_text(BARE)
        first: list[float] = []
        again: list[float] = []
        beside: list[float] = []
        for turn in range(ROUNDS):
            data = folder / f"data-{turn}"
            first.append(assay(chromium, data))
            again.append(assay(chromium, data))
            beside.append(streamlit(chromium, bare))
    until = "heading visible, script ended" if chromium else "listening (no browser here)"
    rows = [
        ("Assay, a new data folder", *_spread(first)),
        ("Assay, started again", *_spread(again)),
        ("a bare Streamlit page", *_spread(beside)),
    ]
    print_table(
        f"Process start to {until}, {ROUNDS} rounds in turn", ("what", "median", "least", "most"), rows
    )
    goal("the first screen of a new data folder comes after (s)", median(first), at_most=GOAL_SECONDS)
    goal("the first usable screen comes after (s)", median(again), at_most=GOAL_SECONDS)


def assay(chromium: Browser | None, data: Path) -> float:
    port = running.free_port()
    return _timed(chromium, ["-m", "app", "serve"], running.environment(data, port), port)


def streamlit(chromium: Browser | None, script: Path) -> float:
    port = running.free_port()
    command = ["-m", "streamlit", "run", str(script), "--server.port", str(port)]
    return _timed(chromium, command, running.environment(script.parent, port), port)


def _timed(chromium: Browser | None, command: Sequence[str], env: dict[str, str], port: int) -> float:
    page = chromium.new_page() if chromium else None
    began = time.monotonic()
    with running.started(command, env) as process:
        running.wait_until_listening(port, process)
        if page is not None:
            page.goto(f"http://127.0.0.1:{port}", wait_until="commit")
            running.wait_until_drawn(page, "h1")
        took = time.monotonic() - began
        if page is not None:
            page.close()
        return took


def _spread(values: Sequence[float]) -> tuple[str, str, str]:
    return seconds(median(values)), seconds(min(values)), seconds(max(values))


if __name__ == "__main__":
    main()
