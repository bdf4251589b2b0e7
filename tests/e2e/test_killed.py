"""SIGKILL of a serving Assay with a run in its background: the page says so, and goes on with the rest."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.domain import Case
from storage.database import Database
from storage.datasets import Datasets
from tests.e2e.conftest import Tabs
from tests.e2e.screen import Screen
from tests.integration.app_process import READY, ROOT, environment, free_port
from tests.migrated import migrated
from tests.scripted_server import Recorded, Reply, ScriptedServer, Wait, json_reply, sse
from tests.waiting import until

pytestmark = pytest.mark.e2e

CHAT = "/v1/chat/completions"
QUESTIONS = 9
WITH_TAB, KILLED = 2, 5
"""The places of the questions whose answers the model's server holds back until the test lets them go."""


class Model:
    """A model's server that holds back two of its answers, and counts what it was asked."""

    def __init__(self) -> None:
        self.gates = {place: threading.Event() for place in (WITH_TAB, KILLED)}
        self.server = ScriptedServer()
        self.server.always("/v1/models", json_reply({"data": [{"id": "tiny", "max_model_len": 4096}]}))
        self.server.always(CHAT, self._answer)

    def _answer(self, asked: Recorded) -> Reply:
        place = place_of(asked)
        usage = {"prompt_tokens": 5, "completion_tokens": 2}
        end = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
        said = sse(
            {"choices": [{"delta": {"content": f"answer {place}"}}]}, end, {"choices": [], "usage": usage}
        )
        return Reply(200, said.parts, before=(Wait(self.gates[place]),) if place in self.gates else ())

    def asked(self) -> list[int]:
        """The places of the questions that it was asked so far, in order."""
        return [place_of(one) for one in self.server.sent_to(CHAT)]


def place_of(asked: Recorded) -> int:
    return int(re.findall(rb"Question (\d+)\?", asked.body)[-1])


@contextmanager
def process(data: Path, port: int, model: Model) -> Iterator[subprocess.Popen[str]]:
    """Assay serving at that port; killed at the end at the latest."""
    settings = {
        "ASSAY_PORT": str(port),
        "ASSAY_EMBEDDED": "false",
        "ASSAY_BACKENDS__SCRIPTED__KIND": "openai",
        "ASSAY_BACKENDS__SCRIPTED__URL": f"{model.server.address}/v1",
        "ASSAY_OLLAMA_URL": f"http://127.0.0.1:{free_port()}",
    }
    made = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--no-browser"],
        cwd=ROOT,
        env=environment(data, **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert made.stdout is not None
        told = ""
        while READY not in told:
            line = made.stdout.readline()
            assert line, told
            told += line
        yield made
    finally:
        made.kill()
        made.communicate(timeout=30)


def with_questions(data: Path) -> None:
    database = Database.open(data)
    cases = [Case(f"Question {place}?", (f"answer {place}",)) for place in range(QUESTIONS)]
    Datasets(database).create("Mill", cases)
    database.close()


def started(screen: Screen) -> None:
    """The experiment with the one model there is, until the server holds back its answer."""
    page = screen.page
    expect(page.locator(".st-key-estimate")).to_contain_text(f"{QUESTIONS} questions × 1 candidate")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(re.compile("experiment="))
    expect(page.get_by_text(re.compile(rf"^{WITH_TAB} of {QUESTIONS} answers")).first).to_be_visible()


def test_a_run_that_a_kill_of_the_server_broke_off_goes_on_from_its_page(
    tmp_path: Path, browser: Browser
) -> None:
    data, port, model = migrated(tmp_path / "data"), free_port(), Model()
    with_questions(data)
    with model.server:
        with process(data, port, model) as serving:
            tabs = Tabs(browser, f"http://127.0.0.1:{port}", [], [])
            started(tabs.open("/experiments?new=yes"))
            tabs.close()
            model.gates[WITH_TAB].set()
            # Nobody looks at it any more, and it goes on: each answer is committed before the next is asked.
            until(lambda: len(model.asked()) == KILLED + 1)
            serving.kill()
            serving.wait()
        assert model.asked() == [*range(KILLED + 1)]
        model.gates[KILLED].set()
        with process(data, port, model):
            tabs = Tabs(browser, f"http://127.0.0.1:{port}", [], [])
            screen = tabs.open("/experiments")
            page = screen.page
            interrupted = f"Interrupted after {KILLED} of {QUESTIONS} answers, which are kept."
            expect(page.get_by_text(interrupted)).to_be_visible()
            page.locator("[class*=st-key-interrupted-]").get_by_role("link").click()
            kept = page.get_by_text(f"{KILLED} of {QUESTIONS} answers are kept and count.")
            expect(kept).to_be_visible()
            page.get_by_role("button", name=f"Resume: {QUESTIONS - KILLED} answers left").click()
            until(lambda: len(model.asked()) == QUESTIONS + 1)
            expect(kept).to_have_count(0)
            expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
            expect(page.get_by_text(f"On your {QUESTIONS} questions").first).to_be_visible()
            tabs.close()
        assert Counter(model.asked()) == {place: 1 + (place == KILLED) for place in range(QUESTIONS)}
