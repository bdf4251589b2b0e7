"""Questions from a file, from the upload to the gold text that was found; and typing into the table."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from app.domain import Gold, Upload
from app.evaluation.datasets.importing import preview
from tests.e2e.conftest import NARROW, Tabs, Workspace
from tests.e2e.screen import LONG

pytestmark = pytest.mark.e2e

ROWS = """Query,Reply,doc,passage
In which year was Ostrell Ropeways founded?,1987,about-ostrell-ropeways.md,The company was founded in 1987
Who pays?,,,
Which animal is the mascot?,a marmot,about-ostrell-ropeways.md,This sentence stands in none of these documents
"""
ROW_HEIGHT = 35
"""Pixels of a row of a table, and of its head."""


def test_a_file_is_mapped_saved_and_its_gold_text_found(tabs: Tabs, workspace: Workspace) -> None:
    screen = tabs.open(f"/dataset?collection={workspace.sample}&show=import")
    page = screen.page
    file = FilePayload(name="winter.csv", mimeType="text/csv", buffer=ROWS.encode())
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.get_by_text("No questions can be saved, 1 row cannot")).to_be_visible()
    expect(page.get_by_text("No column is known as the right answers")).to_be_visible()
    screen.choose(page.get_by_role("combobox", name="Right answers"), "Reply")
    expect(page.get_by_text("2 questions can be saved, 1 row cannot")).to_be_visible()
    screen.drawn()
    expect(page.get_by_text("Row 3: There is no right answer").first).to_be_visible()
    page.get_by_role("button", name="Save 2 questions as a new dataset").click()
    expect(page.get_by_role("heading", name="winter", level=1)).to_be_visible()
    expect(
        page.get_by_text("word for word in “Sample: Ostrell Ropeways” for 1, nowhere for 1")
    ).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="As CSV, for spreadsheets").click()
    given_back = preview(Upload("winter.csv", started.value.path().read_bytes()))
    assert [one.answers for one in given_back.cases] == [("1987",), ("a marmot",)]
    assert given_back.cases[0].gold == (Gold("about-ostrell-ropeways.md", "The company was founded in 1987"),)
    page.keyboard.press("Escape")
    page.get_by_text("One by one", exact=True).click()
    box = page.get_by_role("combobox", name="Open a question")
    screen.choose(box, re.compile("founded"))
    where = page.locator("[data-testid=stMarkdown]", has_text=re.compile(r"characters .* word for word"))
    expect(where.first).to_be_visible()
    marked = page.locator("[data-testid=stMarkdown] span", has_text="The company was founded in 1987")
    expect(marked.first).to_be_visible()
    page.get_by_role("link", name="Open it in the document").click()
    expect(page.get_by_role("heading", name="about-ostrell-ropeways.md")).to_be_visible()
    expect(page.get_by_text("Found: Passage 1 of")).to_be_visible()


def type_into(page: Page, x: int, text: str) -> None:
    """Type into the cell of the first row that is so many pixels from the left of the table."""
    table = page.get_by_test_id("stDataFrame").get_by_test_id("data-grid-canvas")
    table.scroll_into_view_if_needed()
    # What lies over the canvas takes the clicks for it.
    table.dblclick(position={"x": x, "y": 1.5 * ROW_HEIGHT}, force=True)
    editor = page.locator("textarea.gdg-input")
    editor.fill(text)
    editor.press("Enter")
    expect(editor).to_have_count(0)


def test_what_is_typed_into_the_table_is_saved(tabs: Tabs, workspace: Workspace) -> None:
    screen = tabs.open(f"/dataset?collection={workspace.sample}")
    page = screen.page
    name = page.get_by_role("textbox", name="Name")
    name.fill("By hand")
    name.press("Enter")
    screen.drawn()
    type_into(page, 300, "How long is it?")
    unfinished = page.get_by_text("1 row cannot be saved yet.")
    expect(unfinished).to_be_visible()
    type_into(page, 500, "40 m | 40 metres")
    # The table tells what was typed a moment later: Save would still find the row without an answer.
    expect(unfinished).to_have_count(0)
    expect(page.get_by_text("1 row changed, not saved.")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved: 1 question.")).to_be_visible()
    screen.reload()
    expect(page.get_by_role("heading", name="By hand", level=1)).to_be_visible()
    page.get_by_text("One by one", exact=True).click()
    screen.choose(page.get_by_role("combobox", name="Open a question"), "1. How long is it?")
    answers = page.get_by_role("textbox", name="Right answers, one a line")
    expect(answers).to_have_value("40 m\n40 metres")


@pytest.mark.parametrize("show", ["", "each", "import"])
def test_a_narrow_dataset_does_not_scroll_sideways(tabs: Tabs, workspace: Workspace, show: str) -> None:
    screen = tabs.open(f"/dataset?collection={workspace.sample}&show={show}", NARROW, dark=True)
    expect(screen.page.get_by_role("heading", name="New dataset", level=1)).to_be_visible()
    assert screen.width() <= NARROW[0]
