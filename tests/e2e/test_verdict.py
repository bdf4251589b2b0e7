"""Home as a person who is not technical opens it: the sentence, what it costs, and what is good enough."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.sample.loading import Sample
from tests.e2e.conftest import Tabs, Workspace
from tests.e2e.screen import Screen

pytestmark = pytest.mark.e2e
POINT = "[class*=st-key-result-costs-] .scatterlayer .point"


def test_the_sentence_what_is_enough_and_the_frontier(tabs: Tabs, workspace: Workspace) -> None:
    shipped = Sample().experiment()
    assert shipped is not None
    screen = tabs.open(f"/?collection={workspace.sample}&experiment={shipped.experiment.id}")
    page = screen.page
    sentence = page.get_by_role("heading", name=re.compile(r"^On your \d+ questions, .* was right"))
    expect(sentence).to_be_visible()
    expect(page.get_by_text(re.compile("None is accurate enough: 80% right is wanted"))).to_be_visible()
    enough_is(screen, 5)
    expect(page.get_by_text(re.compile("accurate enough: 5% right is wanted"))).to_be_visible()
    screen.reload()
    expect(page.get_by_text(re.compile("accurate enough: 5% right is wanted"))).to_be_visible()
    enough_is(screen, 80)
    expect(page.get_by_text(re.compile("None is accurate enough: 80% right is wanted"))).to_be_visible()
    expect(page.get_by_role("heading", name="What does a right answer cost?")).to_be_visible()
    opened_from_the_frontier(page)


def enough_is(screen: Screen, share: int) -> None:
    """Set the share from which on a model is of use, with the keyboard."""
    page = screen.page
    page.get_by_role("button", name=re.compile(r"^(.*\s)?Enough is")).click()
    slider = page.get_by_role("slider", name=re.compile("Accurate enough"))
    slider.focus()
    slider.press("Home")
    for _ in range((share - 5) // 5):
        slider.press("ArrowRight")
    expect(page.get_by_role("button", name=re.compile(f"Enough is {share}%"))).to_be_visible()
    page.keyboard.press("Escape")
    screen.drawn()


def opened_from_the_frontier(page: Page) -> None:
    """A mark says what it costs, and a click on it opens the candidate's answers."""
    mark = page.locator(POINT).first
    mark.scroll_into_view_if_needed()
    mark.hover(force=True)
    expect(page.locator(".hoverlayer .hovertext").first).to_contain_text("1,000 questions cost $")
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(re.compile("/experiment.*candidate="))
    expect(page.get_by_text(re.compile(r"^\d+ of \d+ questions\b")).first).to_be_visible()
