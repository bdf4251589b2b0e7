"""Tables in a real browser: what can be taken out of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tabs

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("path", ["/documents", "/models", "/costs"])
def test_no_table_has_a_download_that_writes_formulas_as_they_are(tabs: Tabs, path: str) -> None:
    """Streamlit's own download protects no cell that begins like a formula; Assay's does."""
    screen = tabs.open(path)
    # Some stand in closed boxes.
    table = screen.page.get_by_test_id("stDataFrame").locator("visible=true").first
    expect(table).to_be_visible()
    table.scroll_into_view_if_needed()
    table.hover()
    tools = screen.page.get_by_test_id("stElementToolbarButton").locator("visible=true")
    expect(tools.first).to_be_visible()
    expect(tools.get_by_role("button", name="Download as CSV")).to_have_count(0)
