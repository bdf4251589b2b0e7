"""Answers of a model that was asked elsewhere come into the sample's experiment, its chart, and out again."""

from __future__ import annotations

import csv
import io
import re

import pytest
from playwright.sync_api import FilePayload, expect

from app.sample.loading import Sample
from tests.e2e.conftest import NARROW, Tabs, Workspace
from tests.e2e.screen import LONG, expect_soon

pytestmark = pytest.mark.e2e
NAME = re.compile(r"gpt-4o \(imported")
"""A chart leaves out the rest where it has no room for it."""


def recorded() -> bytes:
    """A right answer to every question that has one but the first, and a row that fits nowhere."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["question", "answer", "model", "date", "prompt_tokens", "completion_tokens"])
    for one in Sample().questions()[1:]:
        said = one.answers[0] if one.answers else "The documents do not contain that."
        writer.writerow([one.question.upper(), said, "gpt-4o", "2025-06-01", 900, 30])
    writer.writerow(["Nobody asks this", "x", "gpt-4o", "", "", ""])
    return text.getvalue().encode("utf-8-sig")


def test_recorded_answers_are_seen_in_the_chart_and_can_be_deleted(tabs: Tabs, workspace: Workspace) -> None:
    shipped, many = Sample().experiment(), len(Sample().questions())
    assert shipped is not None
    address = f"/experiment?collection={workspace.sample}&experiment={shipped.experiment.id}"
    screen = tabs.open(address)
    page = screen.page
    adding = page.get_by_text("Add recorded answers", exact=True)

    def there() -> bool:
        """The sample's experiment is kept once its documents are read."""
        if not adding.count():
            screen.reload()
        return adding.count() > 0

    expect_soon(there)
    adding.click()
    box = page.locator(".st-key-recorded-box")
    file = FilePayload(name="said.csv", mimeType="text/csv", buffer=recorded())
    box.locator("input[type=file]").set_input_files(file)
    expect(box.get_by_text(f"{many - 1} answers can be added, 1 row cannot")).to_be_visible()
    expect(box.get_by_text(f"Row {many + 1}: The experiment does not ask this question.")).to_be_visible()
    screen.drawn()
    choice = box.get_by_role("combobox", name=re.compile("Was it given documents"))
    screen.choose(choice, "yes, with documents")
    screen.drawn()
    box.get_by_role("button", name=f"Add {many - 1} answers").click()
    expect(page.get_by_text(f"{many - 1} answers added")).to_be_visible(timeout=LONG)
    screen.drawn()
    chart = page.locator("[class*=st-key-result-right]").first
    expect(chart.get_by_text(NAME).first).to_be_visible()
    # Priced by the list of its day, it stands in the chart of costs, too, and in the frontier's table.
    expect(page.locator("[class*=st-key-result-costs]").get_by_text(NAME).first).to_be_visible()
    small = tabs.open(
        f"/?collection={workspace.sample}&experiment={shipped.experiment.id}", NARROW, dark=True
    )
    expect(small.page.get_by_text(NAME).first).to_be_visible()
    assert small.width() <= NARROW[0]
    screen.reload()
    page.get_by_role("button", name="Delete its answers").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("gpt-4o")
    dialog.get_by_role("button", name="Delete for good").click()
    expect(dialog).to_have_count(0)
    screen.drawn()
    expect(page.get_by_text(NAME)).to_have_count(0)
