"""(e) The server process's memory after the sample and 20 questions, without the model's own process.

The server is the real one with a browser on it. The questions come from a thread inside it, through
the same use case as the Ask page, so that nothing depends on where a button is.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks import running
from benchmarks.tables import goal, print_table

if TYPE_CHECKING:
    from app.services import Services

QUESTIONS = 20
GOAL_MB = 500.0
MB = 1_000_000
ASKED = "the questions are asked"


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, running.browser() as chromium:
        port = running.free_port()
        done = Path(scratch) / "done"
        env = running.environment(Path(scratch) / "data", port) | {"BENCHMARK_DONE": str(done)}
        with running.started(["-m", "benchmarks.memory", "serve"], env) as process:
            running.wait_until_listening(port, process)
            if chromium is not None:
                tab = chromium.new_page()
                tab.goto(f"http://127.0.0.1:{port}")
                running.wait_until_drawn(tab)
            rows = [row("listening, one page drawn", process.pid)]
            running.wait_for_file(done, process)
            if chromium is not None:
                tab.reload()
                running.wait_until_drawn(tab)
            rows.append(row(f"after the sample and {QUESTIONS} questions", process.pid))
            own = psutil.Process(process.pid).memory_info().rss / MB
    print_table("Resident memory in MB", ("when", "server process", "child processes (the model)"), rows)
    goal("the server process takes (MB)", own, at_most=GOAL_MB)


def row(when: str, pid: int) -> tuple[str, str, str]:
    """The process's memory and that of what it started."""
    process = psutil.Process(pid)
    children = sum(one.memory_info().rss for one in process.children(recursive=True))
    return when, f"{process.memory_info().rss / MB:.0f}", f"{children / MB:.0f}"


def ask(services: Services) -> None:
    """Load the sample and ask QUESTIONS questions of two lanes."""
    from app.commands import follow
    from app.domain import Candidate, Options, Retrieval

    collection, job = services.load_sample()
    follow(services, job)
    model = services.backends.get("embedded").models()[0].name
    options = Options(max_tokens=60)
    lanes = [Candidate("embedded", model, options, given) for given in (Retrieval(collection.id), None)]
    for one in services.sample.questions()[:QUESTIONS]:
        asked = services.comparing.ask(one.question, lanes, collection.id, "benchmark")
        while (view := services.comparing.view(asked)) is not None and view.busy:
            threading.Event().wait(0.1)
    Path(os.environ["BENCHMARK_DONE"]).write_text(ASKED)


if __name__ == "__main__":
    running.serve_with(ask) if sys.argv[1:] == ["serve"] else main()
