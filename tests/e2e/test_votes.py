"""Blind votes in a real browser: given by keys, and blind until then."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from app.sample.loading import Sample
from tests.e2e.conftest import NARROW, Tabs, Workspace
from tests.e2e.screen import LONG, Screen

pytestmark = pytest.mark.e2e

SCRIPTED = "scripted-1"
TOLD_APART = re.compile(
    r"tokens|embedded|127\.0\.0\.1|with(out)? documents|per 1,000|What was sent|passages went", re.IGNORECASE
)


def blind(screen: Screen, *names: str) -> None:
    """Neither the page's text nor its address tells who answered."""
    text = screen.page.get_by_test_id("stMain").inner_text()
    for one in names:
        assert one.lower() not in text.lower(), one
        assert one.lower() not in screen.page.url.lower(), one
    assert not TOLD_APART.search(text), TOLD_APART.search(text)


def progress(page: Page, done: int) -> None:
    expect(page.get_by_text(re.compile(rf"^{done} of [\d,]+ pairs$"))).to_be_visible()


def press(screen: Screen, key: str, heard: Locator) -> None:
    """Press a key until it was heard."""
    screen.press(
        lambda: screen.page.keyboard.press(key), lambda wait: expect(heard).to_be_visible(timeout=wait)
    )


def test_votes_by_keys_stay_blind_resume_and_make_a_ranking(tabs: Tabs, workspace: Workspace) -> None:
    shipped = Sample().experiment()
    assert shipped is not None
    experiment = shipped.experiment
    names = [*{one.model for one in experiment.candidates}, *{one.backend for one in experiment.candidates}]
    address = f"?collection={workspace.sample}&experiment={experiment.id}"
    screen = tabs.open(f"/experiment{address}")
    page = screen.page
    page.get_by_role("link", name="Vote blind").click()
    expect(page.get_by_role("heading", name="Vote blind", level=1)).to_be_visible()
    page.get_by_role("textbox", name="Your name").fill("Ada")
    page.get_by_role("button", name="Begin").click()
    progress(page, 0)
    screen.drawn()
    blind(screen, *names)
    assert "voter=Ada" in page.url
    for done, key in enumerate("1234", start=1):
        page.keyboard.press(key)
        progress(page, done)
        screen.drawn()
        blind(screen, *names)
    seen = page.locator(".st-key-vote-pair").inner_text()
    assert not re.search(r"\[\d", seen), "marks tell who was given passages"
    screen.reload()
    progress(page, 4)
    assert page.locator(".st-key-vote-pair").inner_text() == seen, "the same pair, in the same order"
    screen.drawn()
    page.keyboard.press("u")
    progress(page, 3)
    press(screen, "t", page.locator(".st-key-vote-telling").get_by_text("check_box", exact=True).first)
    press(screen, "1", page.get_by_text("You said: A is better."))
    expect(page.locator(".st-key-vote-pair")).to_contain_text("A was")
    press(screen, "n", page.get_by_role("button", name="A is better"))
    screen.drawn()
    blind(screen, *names)
    small = tabs.open(f"/vote{address}&voter=ada", NARROW, dark=True)
    progress(small.page, 4)
    assert small.width() <= NARROW[0]
    page.get_by_role("link", name="The experiment, with all names").click()
    expect(page.get_by_role("heading", name="Which answers do people prefer?")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Table: rating by votes")).to_be_visible()


def test_asked_blind_nothing_tells_who_answers_until_the_vote(tabs: Tabs) -> None:
    screen = tabs.open("/ask")
    page = screen.page
    screen.choose_model(0, SCRIPTED)
    screen.choose_model(1, SCRIPTED)
    page.get_by_text("Blind", exact=True).click()
    page.wait_for_url(re.compile("blind=yes"))
    screen.drawn()
    screen.ask("Who wrote this?")
    better = page.get_by_role("button", name="A is better")
    expect(better).to_be_visible(timeout=LONG)
    screen.drawn()
    blind(screen, SCRIPTED, "SmolLM2")
    assert page.get_by_role("button", name="Ask again").count() == 0
    screen.reload()
    expect(better).to_be_visible()
    blind(screen, SCRIPTED, "SmolLM2")
    # Typed and clicked at once: the page knows the name no sooner than the click.
    page.get_by_role("textbox", name="Your name").fill("Ada")
    better.click()
    expect(page.get_by_text(re.compile(f"A was {SCRIPTED}.*Ada preferred A"))).to_be_visible()
    screen.answered(2)
    expect(page.get_by_text(re.compile("Votes on Ask so far"))).to_be_visible()
    page.get_by_role("button", name="Take the vote back").click()
    expect(page.get_by_text("Ada preferred A.")).to_have_count(0)
    screen.answered(2)
