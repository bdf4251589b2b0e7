"""(p) How late answers are read and told while a browser looks on, and while none does.

Three lanes ask a server of ours that writes at an even pace and times itself; what Assay logged is held
against that. An answer that is read late looks slow, and one that is read in one go has no speed at all.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import running
from benchmarks.tables import median, print_table, seconds

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from app.services import Services

LANES = ("first", "second", "third")
ROUNDS = 5
PIECES = 100
PAUSE = 0.03
BACKEND = {"KIND": "openai", "CONCURRENCY": str(len(LANES))}
WATCHED, ALONE = "a browser on the page", "no browser"


@dataclass(frozen=True)
class Times:
    """Seconds from the request to the first piece, and to the last."""

    first: float
    last: float


class Steady(ThreadingHTTPServer):
    """An OpenAI-compatible server that writes PIECES words, one each PAUSE, once its ``gate`` is open."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Writing)
        self.gate = threading.Event()
        self.times: dict[str, Times] = {}


class _Writing(BaseHTTPRequestHandler):
    server: Steady

    def do_GET(self) -> None:
        self._begin("application/json")
        self.wfile.write(json.dumps({"data": [{"id": one} for one in LANES]}).encode())

    def do_POST(self) -> None:
        model = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["model"]
        self._begin("text/event-stream")
        came = time.monotonic()
        self.server.gate.wait(running.PATIENCE)
        began = time.monotonic()
        for number in range(PIECES):
            # The pace is kept whatever a write takes.
            time.sleep(max(0.0, began + number * PAUSE - time.monotonic()))
            self._piece({"choices": [{"delta": {"content": f"word {number} "}, "finish_reason": None}]})
        self.server.times[model] = Times(began - came, time.monotonic() - came)
        self._piece({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        self._piece({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": PIECES}})
        self.wfile.write(b"data: [DONE]\n\n")

    def _begin(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()

    def _piece(self, value: object) -> None:
        self.wfile.write(f"data: {json.dumps(value)}\n\n".encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, running.browser() as chromium, Steady() as steady:
        threading.Thread(target=steady.serve_forever, daemon=True).start()
        port, folder = running.free_port(), Path(scratch)
        url = f"http://127.0.0.1:{steady.server_port}/v1"
        ours = {f"ASSAY_BACKENDS__STEADY__{name}": value for name, value in (BACKEND | {"URL": url}).items()}
        env = running.environment(folder / "data", port) | ours | {"BENCHMARK_FOLDER": scratch}
        late: dict[str, list[Times]] = {ALONE: [], WATCHED: []}
        with running.started(["-m", "benchmarks.watched", "serve"], env) as process:
            running.wait_until_listening(port, process)
            for turn in range(2 * ROUNDS):
                asked = folder / f"asked-{turn}"
                running.wait_for_file(asked, process)
                page = chromium.new_page() if chromium and turn % 2 else None
                if page is not None:
                    look(page, f"http://127.0.0.1:{port}/ask?{asked.read_text()}")
                steady.gate.set()
                done = folder / f"done-{turn}"
                running.wait_for_file(done, process)
                steady.gate.clear()
                late[WATCHED if page else ALONE] += lateness(json.loads(done.read_text()), steady.times)
                if page is not None:
                    page.close()
        steady.shutdown()
    report(late)


def look(page: Page, address: str) -> None:
    """Open the question's page, whose lanes wait."""
    page.goto(address)
    running.wait_until_drawn(page, ".st-key-lanes")


def lateness(told: dict[str, tuple[float, float]], own: dict[str, Times]) -> list[Times]:
    """By how many seconds each lane's first token and end were told too late."""
    return [Times(first - own[model].first, wall - own[model].last) for model, (first, wall) in told.items()]


def report(late: dict[str, list[Times]]) -> None:
    """Print how late it was told."""
    rows = [
        (who, len(times), *_spread([one.first for one in times]), *_spread([one.last for one in times]))
        for who, times in late.items()
        if times
    ]
    print_table(
        f"{PIECES} pieces, one each {PAUSE * 1000:.0f} ms, to {len(LANES)} lanes at once: told too late by",
        ("who looks on", "answers", "first token: median", "most", "total: median", "most"),
        rows,
    )


def _spread(values: Sequence[float]) -> tuple[str, str]:
    return seconds(median(values)), seconds(max(values))


def ask(services: Services) -> None:
    """Load the sample, ask one question a round, and write down what was logged of it."""
    from app.commands import follow, written
    from app.domain import Candidate, Options, Retrieval

    folder = Path(os.environ["BENCHMARK_FOLDER"])
    collection, job = services.load_sample()
    follow(services, job)
    services.sample_kept.result()
    lanes = [Candidate("steady", one, Options(), Retrieval(collection.id)) for one in LANES]
    question = services.sample.questions()[0].question

    def tell(name: str, text: str) -> None:
        # Somebody waits for the file, so it appears whole.
        with written(folder / name) as half:
            half.write_text(text)

    for turn in range(2 * ROUNDS):
        asked = services.comparing.ask(question, lanes, collection.id, "benchmark")
        tell(f"asked-{turn}", f"collection={collection.id}&question={asked}")
        while (view := services.comparing.view(asked)) is None or view.busy:
            time.sleep(0.1)
        answers = [lane.answer for lane in view.lanes if lane.answer]
        told = {one.candidate.model: (one.timing.first_token, one.timing.wall) for one in answers}
        tell(f"done-{turn}", json.dumps(told))


if __name__ == "__main__":
    running.serve_with(ask) if sys.argv[1:] == ["serve"] else main()
