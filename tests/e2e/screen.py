"""What a person does on the screens, and what they wait for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import FilePayload, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from streamlit.proto.BackMsg_pb2 import BackMsg

from app.domain import Upload

SHORT, USUAL, LONG = 5_000, 45_000, 300_000
"""Milliseconds that a small, busy machine may need: for a list, a page, and for what a model does."""
TRIES = 9
QUESTION = "Ask a question about your documents"
KEEP_SOCKETS = """
    window.sockets = [];
    window.WebSocket = new Proxy(window.WebSocket, {
        construct(target, given) { const one = new target(...given); window.sockets.push(one); return one; }
    });
"""
SEND = """(bytes) => {
    const open = window.sockets.filter((one) => one.readyState === WebSocket.OPEN);
    open.at(-1).send(new Uint8Array(bytes));
}"""


class Screen:
    """One tab. Every wait is for a condition."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def send(self, message: BackMsg) -> None:
        """Say something to the server as Streamlit's own page would, over its own connection."""
        self.page.evaluate(SEND, list(message.SerializeToString()))

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.drawn()

    def drawn(self) -> None:
        """Wait until the page is drawn and nothing runs."""
        self.page.get_by_test_id("stMain").wait_for()
        self.page.wait_for_function(
            "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
        )

    def choose(self, box: Locator, option: str | re.Pattern[str], typed: str = "") -> None:
        """Take one of a list. It closes when the page is drawn anew, or moves: then it is opened again."""
        wanted = self.page.get_by_role("option", name=option).first
        for _ in range(TRIES):
            with suppress(PlaywrightTimeout):
                self.drawn()
                box.scroll_into_view_if_needed()
                if not wanted.count():
                    box.click()
                    if typed:
                        box.fill(typed)
                wanted.click(timeout=SHORT)
                return
        wanted.click()

    def press(self, pressed: Callable[[], object], heard: Callable[[float], object]) -> None:
        """Press as often as a person would: what is pressed while the page is drawn anew may be lost.

        ``heard`` expects what comes of it, within so many milliseconds.
        """
        for _ in range(TRIES):
            self.drawn()
            pressed()
            with suppress(AssertionError):
                heard(3 * SHORT)
                return
        heard(USUAL)

    def go_to(self, title: str) -> None:
        """Choose a page of the menu."""
        head = self.page.get_by_test_id("stMain").get_by_role("heading", level=1)
        before = head.inner_text()
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
        expect(head).not_to_have_text(before)
        self.drawn()

    def reload(self) -> None:
        self.page.reload()
        self.drawn()

    # ------------------------------------------------------------------ asking

    def ask(self, question: str) -> None:
        box = self.page.get_by_placeholder(QUESTION)
        box.fill(question)
        box.press("Enter")
        self.page.wait_for_url(re.compile("question="))
        expect(self.page.get_by_role("heading", name=question, exact=True)).to_be_visible()

    def lanes(self) -> Locator:
        return self.page.locator(".st-key-lanes > div")

    def answered(self, lanes: int) -> None:
        """Wait until so many lanes have ended, and none runs."""
        expect(self.page.get_by_role("button", name="Ask again")).to_have_count(lanes, timeout=LONG)
        expect(self.page.get_by_role("button", name="Stop", exact=True)).to_have_count(0, timeout=LONG)
        self.drawn()

    def pills(self) -> Locator:
        return self.page.locator(".st-key-lane-pills").get_by_test_id("stPopoverButton")

    def choose_model(self, lane: int, model: str) -> None:
        """Choose another model for a lane."""
        self.pills().nth(lane).click()
        popover = self.page.get_by_test_id("stPopoverBody")
        self.choose(popover.get_by_role("combobox", name="Model"), re.compile(re.escape(model)))
        expect(self.pills().nth(lane)).to_contain_text(model)
        self.page.keyboard.press("Escape")
        expect(popover).to_be_hidden()
        self.drawn()

    def remove_lane(self, lane: int) -> None:
        expect(self.pills().nth(lane)).to_be_visible()
        before = self.pills().count()
        self.drawn()
        self.pills().nth(lane).click()
        remove = self.page.get_by_role("button", name="Remove this lane")
        self.press(remove.click, lambda wait: expect(self.pills()).to_have_count(before - 1, timeout=wait))
        self.drawn()

    def only_lane(self, model: str) -> None:
        """One lane, of this model, with documents."""
        self.remove_lane(1)
        self.choose_model(0, model)

    # ------------------------------------------------------------------ documents

    def drop(self, *files: Upload) -> None:
        self.page.locator("input[type=file]").first.set_input_files(
            [FilePayload(name=one.name, mimeType="", buffer=one.content) for one in files]
        )

    def width(self) -> int:
        """How wide the page's content is, in pixels."""
        return int(
            self.page.evaluate(
                "Math.max(document.documentElement.scrollWidth,"
                " document.querySelector('[data-testid=stMain]').scrollWidth)"
            )
        )

    def background(self) -> tuple[int, int, int]:
        """The colour of the page as red, green, blue."""
        return self._colour("[data-testid=stApp]", "backgroundColor")

    def colour(self, selector: str) -> tuple[int, int, int]:
        """The colour of a text."""
        return self._colour(selector, "color")

    def _colour(self, selector: str, of: str) -> tuple[int, int, int]:
        told = self.page.locator(selector).first.evaluate(f"one => getComputedStyle(one).{of}")
        red, green, blue = map(int, re.findall(r"\d+", told)[:3])
        return red, green, blue


def expect_soon(condition: Callable[[], bool]) -> None:
    """Wait until something outside the browser is so."""
    late = time.monotonic() + USUAL / 1000
    while not condition():
        assert time.monotonic() < late, "it never came"
        time.sleep(0.2)


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """The contrast of two colours (WCAG 2.1), 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: tuple[int, int, int]) -> float:
    parts = [value / 255 for value in colour]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
