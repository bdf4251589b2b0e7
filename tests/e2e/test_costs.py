"""The cost of one's own machine in a real browser: a figure is changed, and the chart follows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.sample.loading import Sample
from tests.e2e.conftest import NARROW, Tabs, Workspace
from tests.e2e.screen import LONG, Screen, expect_soon

pytestmark = pytest.mark.e2e

CROSSING = re.compile(r"^[\d,]+ a day$")


def typed(screen: Screen, name: str, value: str) -> None:
    box = screen.page.get_by_role("spinbutton", name=name)
    box.fill(value)
    box.press("Enter")
    screen.drawn()


def crossing(page: Page) -> int:
    """The number at the mark where the lines cross."""
    mark = page.locator(".js-plotly-plot text").filter(has_text=CROSSING).first
    return int((mark.text_content() or "").removesuffix(" a day").replace(",", ""))


def test_a_dearer_kilowatt_hour_moves_the_crossing(tabs: Tabs, workspace: Workspace) -> None:
    """Set beside the best of the sample's experiment, of whose size and slowness these prices are."""
    shipped = Sample().experiment()
    assert shipped is not None
    here = f"/costs?collection={workspace.sample}&experiment={shipped.experiment.id}"
    screen = tabs.open(here)
    page = screen.page
    expect(page.get_by_role("heading", name="When does your own machine pay off?")).to_be_visible()
    try:
        typed(screen, "Rent, USD per hour", "0.002")
        typed(screen, "Power under load, W", "40")
        typed(screen, "Electricity, USD per kWh", "0.1")
        expect(page.locator(".js-plotly-plot text").filter(has_text=CROSSING).first).to_be_visible(
            timeout=LONG
        )
        before = crossing(page)
        typed(screen, "Electricity, USD per kWh", "0.3")
        expect_soon(lambda: crossing(page) > before)
        screen.reload()
        assert crossing(page) > before, "it is kept"
        narrow = tabs.open(here, NARROW, dark=True)
        assert narrow.width() <= NARROW[0]
    finally:
        page.get_by_role("button", name="Back to the starting figures").click()
        screen.drawn()
        page.get_by_role("button", name="Replace them").click()
        screen.drawn()
        expect(page.get_by_role("spinbutton", name="Rent, USD per hour").first).to_have_value("0.0992")
