"""The main job in a real browser."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from app.domain import Upload
from tests.documents.samples import pdf
from tests.e2e.conftest import HANGS, NARROW, Tabs, Workspace
from tests.e2e.screen import LONG, contrast, expect_soon

pytestmark = pytest.mark.e2e

SCRIPTED = "scripted-1"


def test_after_the_first_start_two_lanes_answer_and_home_has_charts(tabs: Tabs) -> None:
    screen = tabs.open("/ask")
    page = screen.page
    examples = page.locator(".st-key-examples").get_by_role("button")
    expect(examples).to_have_count(3)
    question = examples.nth(1).inner_text().strip().splitlines()[-1]
    examples.nth(1).click()
    expect(page.get_by_role("heading", name=question)).to_be_visible()
    screen.answered(2)
    expect(page.get_by_role("heading", name=re.compile("passages went to"))).to_be_visible()
    screen.go_to("Verdict")
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible()


def test_own_pdf_ask_and_a_citation_opens_the_passage(tabs: Tabs) -> None:
    screen = tabs.open("/documents")
    page = screen.page
    page.get_by_role("button", name="New collection").click()
    page.get_by_label("Name", exact=True).fill("My cables")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_test_id("stDialog")).to_have_count(0)
    pages = ("The cable of the northern winch is 40 metres long.", "It was bought in Larkenhall in 2019.")
    screen.drop(Upload("winch.pdf", pdf(*pages)))
    expect(page.get_by_text("1 file: 1 added")).to_be_visible(timeout=LONG)
    screen.go_to("Ask")
    screen.only_lane(SCRIPTED)
    screen.ask("How long is the cable of the northern winch?")
    screen.answered(1)
    screen.page.get_by_role("link", name="[1]").click()
    passage = page.get_by_role("heading", name="[1] winch.pdf, page 1")
    expect(passage).to_be_in_viewport()
    expect(page.get_by_text("The cable of the northern winch is 40 metres long.").last).to_be_visible()
    screen.reload()
    expect(page.get_by_role("heading", name="How long is the cable")).to_be_visible()
    expect(page.get_by_role("link", name="[1]")).to_be_visible()
    expect(passage).to_be_visible()
    assert "collection=" in page.url


def test_an_answer_reads_as_typed(tabs: Tabs) -> None:
    screen = tabs.open("/ask")
    screen.only_lane(SCRIPTED)
    screen.ask("What does **it** :red[cost]?")
    screen.answered(1)
    lane = screen.lanes().first
    expect(lane).to_contain_text("It costs $94 and $83, :red[x].")
    expect(lane).to_contain_text("<b>bold</b>")
    expect(lane.locator("img")).to_have_count(0)
    expect(lane.locator(".katex")).to_have_count(0)


def test_stop_in_the_middle_keeps_what_was_written(tabs: Tabs, workspace: Workspace) -> None:
    screen = tabs.open("/ask")
    screen.only_lane(SCRIPTED)
    workspace.scripted.gone.clear()
    screen.ask(f"Will it {HANGS}?")
    expect(screen.lanes().first).to_contain_text("Half of the answer")
    # Streamlit shows a “Stop” of its own while a page is drawn.
    screen.lanes().get_by_role("button", name="Stop", exact=True).click()
    screen.answered(1)
    expect(screen.lanes().first).to_contain_text("Half of the answer")
    expect(screen.lanes().first).to_contain_text("stopped")
    assert workspace.scripted.gone.wait(5)


def cached(address: str) -> int:
    """How many bytes Streamlit holds of what pages may cache, as it tells itself."""
    told = httpx.get(f"{address}/_stcore/metrics", params={"families": "cache_memory_bytes"}).text
    return sum(int(one) for one in re.findall(r'cache_type="st_cache_data".*\} (\d+)', told))


def test_clear_cache_changes_nothing(tabs: Tabs, workspace: Workspace) -> None:
    screen = tabs.open(f"/documents?collection={workspace.sample}")
    screen.choose(screen.page.get_by_role("combobox", name="Open a document"), "corrin-8-cabin-manual.pdf")
    expect(screen.page.get_by_test_id("stImage")).to_be_visible()
    expect_soon(lambda: cached(tabs.address) > 0)
    screen.go_to("Ask")
    screen.only_lane(SCRIPTED)
    screen.ask("Is it still there?")
    screen.answered(1)
    # What "Clear cache" in Streamlit's menu for developers sends, and anybody can.
    screen.send(BackMsg(clear_cache=True))
    screen.ask("And now?")
    screen.answered(1)
    expect(screen.lanes()).to_have_count(1)
    expect(screen.lanes().first).to_contain_text("You asked: And now?")
    assert cached(tabs.address) > 0
    screen.page.get_by_role("button", name="History").click()
    drawer = screen.page.get_by_test_id("stDialog")
    expect(drawer.get_by_role("button", name="Is it still there?")).to_be_visible()


def test_two_tabs_ask_at_the_same_time(tabs: Tabs) -> None:
    screens = [tabs.open("/ask"), tabs.open("/ask")]
    for number, screen in enumerate(screens):
        screen.only_lane(SCRIPTED)
        screen.ask(f"Who is tab {number}?")
    for number, screen in enumerate(screens):
        screen.answered(1)
        expect(screen.lanes().first).to_contain_text(f"You asked: Who is tab {number}?")
        expect(screen.page.get_by_text(f"Who is tab {1 - number}?")).to_have_count(0)


def test_a_mark_lasts_and_the_other_tab_sees_it(tabs: Tabs) -> None:
    screen = tabs.open("/ask")
    screen.only_lane(SCRIPTED)
    screen.ask("Shall I mark it?")
    screen.answered(1)
    screen.lanes().first.get_by_text("Wrong", exact=True).click()
    correct = screen.page.get_by_role("textbox", name="The correct answer, if you know it")
    correct.fill("Forty-one metres")
    correct.press("Enter")
    screen.drawn()
    other = tabs.open(screen.page.url.removeprefix(tabs.address))
    kept = other.page.get_by_role("textbox", name="The correct answer, if you know it")
    expect(kept).to_have_value("Forty-one metres")


@pytest.mark.parametrize("dark", [False, True])
def test_pages_are_as_light_or_dark_as_asked(tabs: Tabs, dark: bool) -> None:
    screen = tabs.open("/documents", dark=dark)
    assert (sum(screen.background()) < 200) is dark
    assert contrast(screen.colour("h1"), screen.background()) >= 4.5


def test_narrow_pages_do_not_scroll_sideways(tabs: Tabs) -> None:
    screen = tabs.open("/", NARROW, dark=True)
    for path in ("/", "/ask", "/documents", "/costs", "/models"):
        screen.open(path)
        expect(screen.page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_be_visible()
        assert screen.width() <= NARROW[0], path


def test_a_question_reads_well_when_narrow(tabs: Tabs) -> None:
    screen = tabs.open("/ask", NARROW)
    screen.choose_model(0, SCRIPTED)
    screen.choose_model(1, SCRIPTED)
    screen.ask("Is everything there?")
    screen.answered(2)
    assert screen.width() <= NARROW[0]
    boxes = [one.bounding_box() for one in screen.lanes().all()]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= NARROW[0] for box in boxes)
