"""A price list of one's own: from the file over an answer that it prices to its deletion."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, expect

from tests.e2e.conftest import Tabs, Workspace

pytestmark = pytest.mark.e2e

ROWS = """provider;model;currency;input;output;cached;thinking;since;source
scripted;scripted-1;USD;1000;2000;;;2026-01-01;a made up contract
scripted;scripted-1;USD;-3;2000;;;2026-02-01;
"""
"""90 tokens in and 20 out, as the scripted server counts them, cost $0.13: $130 for 1,000 such questions."""


def test_an_imported_price_is_what_an_answer_costs(tabs: Tabs, workspace: Workspace) -> None:
    screen = tabs.open("/costs")
    page = screen.page
    page.get_by_text("Your own prices", exact=True).click()
    file = FilePayload(name="own.csv", mimeType="text/csv", buffer=ROWS.encode())
    page.locator(".st-key-own-prices input[type=file]").set_input_files(file)
    expect(page.get_by_text("1 new price, 1 row that cannot be saved.")).to_be_visible()
    expect(page.get_by_text("Row 3: The price of a million tokens in is '-3'")).to_be_visible()
    page.get_by_role("button", name="Save 1 price").click()
    expect(page.get_by_text("Saved: 1 price.")).to_be_visible()
    screen.drawn()

    asking = tabs.open(f"/ask?collection={workspace.sample}")
    asking.choose_model(1, "scripted-1")
    asking.ask("What does it cost?")
    asking.answered(2)
    expect(asking.lanes().nth(1)).to_contain_text("$130.00 per 1,000 questions (listed)")

    screen.drawn()  # a list that is open closes when the page is drawn anew
    box = page.get_by_role("combobox", name="Change or delete one")
    screen.choose(box, "scripted-1 (scripted) since 2026-01-01", "scripted-1")
    page.get_by_role("button", name="Open it").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Answers that were priced by it keep their price.")).to_be_visible()
    asking.reload()
    expect(asking.lanes().nth(1)).to_contain_text("$130.00 per 1,000 questions (listed)")
