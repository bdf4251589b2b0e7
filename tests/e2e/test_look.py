"""What a real browser makes of the theme."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Tabs
from tests.e2e.screen import contrast

pytestmark = pytest.mark.e2e

LOOK = """(one) => {
    const words = one.querySelector("p span") || one.querySelector("p");
    return [getComputedStyle(words).color, getComputedStyle(one).backgroundColor];
}"""


def legible(option: Locator, ground: tuple[int, int, int]) -> float:
    """The contrast of an option's words with what lies under them."""
    words, over = ([float(part) for part in re.findall(r"[\d.]+", told)] for told in option.evaluate(LOOK))
    share = over[3] if len(over) > 3 else 1.0
    red, green, blue = (
        round(top * share + below * (1 - share)) for top, below in zip(over[:3], ground, strict=True)
    )
    return contrast((int(words[0]), int(words[1]), int(words[2])), (red, green, blue))


@pytest.mark.parametrize("dark", [False, True])
def test_a_chosen_option_is_as_legible_as_the_others(tabs: Tabs, dark: bool) -> None:
    screen = tabs.open("/ask", dark=dark)
    options = screen.page.get_by_role("radiogroup", name="How the lanes run").get_by_role("radio")
    expect(options).to_have_count(2)
    assert [one.get_attribute("aria-checked") for one in options.all()] == ["true", "false"]
    for one in options.all():
        assert legible(one, screen.background()) >= 4.5, one.inner_text()
