"""An experiment as a person makes it: questions from a file, two candidates, Stop, Resume, and a cause."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, expect

from app.domain import Cause, words_of
from app.sample.loading import Sample
from app.ui.result_grid import CELL_WIDTH, HEAD, ROW
from tests.e2e.conftest import NARROW, Tabs, Workspace
from tests.e2e.screen import LONG, Screen

pytestmark = pytest.mark.e2e

ROWS = """question,answers,gold_document,gold_text,unanswerable
Below which diameter must the track rope be replaced?,41.8 mm,rope-inspection.md,\
The track rope must be replaced when its diameter falls below 41.8 mm at any point.,
For how many years are inspection records kept?,31 years,rope-inspection.md,\
Inspection records are kept for 31 years,
In which year was Oda Wexmoor born?,,,,yes
"""
ANSWERS = 6


def imported(screen: Screen) -> None:
    """The questions become a dataset called “ropes”."""
    page = screen.page
    file = FilePayload(name="ropes.csv", mimeType="text/csv", buffer=ROWS.encode())
    page.locator("input[type=file]").first.set_input_files(file)
    page.get_by_role("button", name="Save 3 questions as a new dataset").click()
    expect(page.get_by_role("heading", name="ropes", level=1)).to_be_visible()


def started(screen: Screen) -> None:
    """Two candidates, the embedded model with and without documents, are asked all of it."""
    page = screen.page
    screen.choose(page.get_by_role("combobox", name="Questions"), "ropes (3 questions)")
    models = page.locator(".st-key-experiment-models")
    for _ in range(models.get_by_role("button", name=re.compile("^Remove")).count()):
        models.get_by_role("button", name=re.compile("^Remove")).first.click()
    expect(models.get_by_role("button", name=re.compile("^Remove"))).to_have_count(0)
    screen.choose(models.get_by_role("combobox"), re.compile("SmolLM2"), "SmolLM2")
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-estimate")).to_contain_text(f"{ANSWERS}")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(re.compile("experiment="))


def test_stopped_resumed_and_the_cause_of_a_wrong_answer_opened(tabs: Tabs, workspace: Workspace) -> None:
    screen = tabs.open(f"/dataset?collection={workspace.sample}&show=import")
    page = screen.page
    imported(screen)
    screen.open(f"/experiments?collection={workspace.sample}&new=yes")
    started(screen)
    expect(page.get_by_text(re.compile(rf"^[1-5] of {ANSWERS} answers")).first).to_be_visible(timeout=LONG)
    stop = page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True)
    stop.click()
    expect(page.get_by_text("You stopped this experiment.")).to_be_visible(timeout=LONG)
    expect(page.get_by_text(re.compile(rf"[1-5] of {ANSWERS} answers are kept and count."))).to_be_visible()
    screen.reload()
    page.get_by_role("button", name=re.compile(r"^Resume: \d answers? left")).click()
    expect(stop).to_be_visible(timeout=LONG)
    expect(stop).to_have_count(0, timeout=LONG)
    screen.drawn()
    expect(page.get_by_role("heading", name="When it was wrong, was it the index").first).to_be_visible()
    wrong_cell(screen)
    titles = "|".join(re.escape(words_of(one).title) for one in Cause)
    expect(page.get_by_text(re.compile(titles)).first).to_be_visible()
    expect(page.get_by_text("What to do:").first).to_be_visible()
    page.get_by_role("link", name="ropes").click()
    expect(page.get_by_role("heading", name="ropes", level=1)).to_be_visible()


def wrong_cell(screen: Screen) -> None:
    """Open the last question, of which nothing is in the documents: the model invents an answer."""
    page = screen.page
    screen.choose(page.get_by_role("combobox", name="Open a question"), re.compile("Oda Wexmoor"), "Oda")
    expect(page.get_by_role("heading", name="Question 3 of 3", level=1)).to_be_visible()


def test_the_sample_s_experiment_is_there_at_once_and_fits_a_phone(tabs: Tabs, workspace: Workspace) -> None:
    screen = tabs.open(f"/experiments?collection={workspace.sample}")
    page = screen.page
    page.get_by_role("combobox", name="Open one, or choose two to compare").click()
    expect(page.get_by_role("option", name=re.compile("Sample: three small models"))).to_be_visible()
    shipped = Sample().experiment()
    assert shipped is not None
    home = f"/?collection={workspace.sample}&experiment={shipped.experiment.id}"
    small = tabs.open(home, NARROW, dark=True)
    expect(small.page.get_by_text(re.compile("was right")).first).to_be_visible()
    expect(small.page.get_by_text("The difference is decisive.").first).to_be_visible()
    assert small.width() <= NARROW[0]


def test_a_part_of_the_causes_shows_its_answers_and_a_cell_opens_one(
    tabs: Tabs, workspace: Workspace
) -> None:
    shipped = Sample().experiment()
    assert shipped is not None
    screen = tabs.open(f"/experiment?collection={workspace.sample}&experiment={shipped.experiment.id}")
    page = screen.page
    every = page.get_by_text(re.compile(r"^(\d+) of \1 questions\b"))
    expect(every).to_be_visible()
    part = page.locator("[class*=st-key-result-causes-] .barlayer .point path").first
    part.scroll_into_view_if_needed()
    part.hover(force=True)  # what lies above it takes the mouse, and a click counts where it was before
    expect(page.locator(".hoverlayer .hovertext").first).to_be_visible()
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(re.compile("cause="))
    expect(every).to_have_count(0)
    screen.drawn()
    assert "candidate=" in page.url, "only the answers of that bar"
    chosen_with_keys(screen)
    page.get_by_role("button", name="Open the answer").click()
    page.wait_for_url(re.compile("answer="))
    expect(page.get_by_role("heading", name=re.compile(r"^Question \d+ of"), level=1)).to_be_visible()


def chosen_with_keys(screen: Screen) -> None:
    """The focus, the arrow keys and a click choose in the grid, and none of them leaves the page."""
    page = screen.page
    grid, there = page.locator("[class*=st-key-result-grid-]").get_by_test_id("stDataFrame"), page.url
    question = page.get_by_role("button", name="Open the question")
    answer = page.get_by_role("button", name="Open the answer")
    grid.scroll_into_view_if_needed()
    grid.locator("canvas").first.focus()
    expect(question).to_be_visible()
    screen.drawn()  # until then the grid may still move
    box = grid.bounding_box()
    assert box is not None
    # The first row; the only column of answers is the last one, and at least so wide.
    page.mouse.click(box["x"] + box["width"] - CELL_WIDTH / 2, box["y"] + HEAD + ROW / 2)
    expect(answer).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(question).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(answer).to_be_visible()
    assert page.url == there
