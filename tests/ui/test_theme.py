"""Colours: one for each candidate, legible in light and dark."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from app.domain import Elsewhere
from app.ui import theme

CONFIG = tomllib.loads(Path(".streamlit/config.toml").read_text("utf-8"))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(over: str, under: str, share: float) -> str:
    parts = [
        round(int(over[place : place + 2], 16) * share + int(under[place : place + 2], 16) * (1 - share))
        for place in (1, 3, 5)
    ]
    return "#" + "".join(f"{one:02X}" for one in parts)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_is_legible(mode: str) -> None:
    look = CONFIG["theme"][mode]
    sidebar = look["sidebar"]
    for ground in (look["backgroundColor"], look["secondaryBackgroundColor"], sidebar["backgroundColor"]):
        assert contrast(look["textColor"], ground) >= 7
        assert contrast(look["linkColor"], ground) >= 4.5
        # Streamlit draws captions at 60% of the text's colour.
        assert contrast(mixed(look["textColor"], ground, 0.6), ground) >= 4.5
    assert look["chartCategoricalColors"][8] == look["textColor"]
    assert contrast(look["chartCategoricalColors"][9], look["backgroundColor"]) >= 4.5
    assert contrast(look["textColor"], look["yellowBackgroundColor"]) >= 4.5
    # The options of a choice are written in grey, the chosen one on a tenth of the primary colour.
    chosen = mixed(look["primaryColor"], look["backgroundColor"], 0.1)
    assert theme.option("Right") == ":gray[Right]"
    assert contrast(look["grayTextColor"], chosen) >= 4.5
    assert contrast(look["grayTextColor"], look.get("grayBackgroundColor", chosen)) >= 4.5
    # A primary button's words are white.
    assert contrast("#FFFFFF", look["primaryColor"]) >= 4.5
    assert contrast(look["primaryColor"], look["backgroundColor"]) >= 3


@pytest.mark.parametrize("dark", [False, True])
def test_the_palette_is_that_of_the_charts(dark: bool) -> None:
    look = CONFIG["theme"]["dark" if dark else "light"]
    known = look["chartCategoricalColors"]
    told = [theme.lane_colour(place, dark=dark) for place in range(8)]
    assert told == known[:8]
    assert len(set(told)) == 8
    assert "#F0E442" not in told
    assert theme.ink(dark=dark) == look["textColor"]


def test_a_candidate_keeps_its_look() -> None:
    before = theme.colours(["a", "b"])
    after = theme.colours(["a", "b", "c", "a"])
    assert after["a"] == before["a"]
    assert after["b"] == before["b"]
    assert len({one.colour for one in after.values()}) == 3
    assert len({one.symbol for one in after.values()}) == 3


def test_charts_follow_the_theme_in_the_browser() -> None:
    styles = list(theme.colours([str(place) for place in range(12)]).values())
    assert [one.chart for one in styles[:8]] == [f"#00000{place}" for place in range(1, 9)]
    assert {one.chart for one in styles[8:]} == {"#000008"}


def test_hashes_of_one_candidate_look_alike() -> None:
    styles = theme.colours([("a", "a-begun"), "b", "a-begun"])
    assert styles["a"] == styles["a-begun"]
    assert styles["b"] == theme.lane_style(1, dark=False)


def test_from_the_ninth_on_all_are_grey_and_labelled() -> None:
    styles = list(theme.colours([str(place) for place in range(12)]).values())
    assert not any(one.label_needed for one in styles[:8])
    assert all(one.label_needed and one.colour == theme.GREY for one in styles[8:])


def test_nothing_is_fetched_and_nothing_told() -> None:
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["client"]["disableDataExport"] is True
    assert "font" not in CONFIG["theme"]
    assert "fontFaces" not in CONFIG["theme"]


def test_streamlit_knows_every_option() -> None:
    from streamlit.config import get_config_options

    known = set(get_config_options())
    assert {name for name in flat(CONFIG) if name not in known} == set()


def flat(table: dict[str, object], before: str = "") -> list[str]:
    names: list[str] = []
    for name, value in table.items():
        names += flat(value, f"{before}{name}.") if isinstance(value, dict) else [before + name]
    return names


def test_what_came_with_the_sample_takes_nobodys_first_colours() -> None:
    sample = [Elsewhere((f"sample {place}",)) for place in range(6)]
    alone, beside = theme.colours(sample), theme.colours([*sample, "mine", ("other", "other-begun")])
    assert alone == {key: beside[key] for key in alone}, "it keeps its colours, whatever is asked since"
    assert (beside["mine"], beside["other"]) == tuple(theme.lane_style(n, dark=False) for n in (0, 1))
    first = {beside["mine"].colour, beside["other"].colour}
    assert not first & {one.colour for one in alone.values()}
    assert len({(one.colour, one.symbol) for one in alone.values()}) == 6
    assert not any(one.label_needed for one in alone.values())


def test_who_shares_a_colour_with_one_from_elsewhere_has_another_symbol() -> None:
    styles = theme.colours([*(Elsewhere((f"far {n}",)) for n in range(9)), *(f"own {n}" for n in range(9))])
    told = [(one.colour, one.symbol) for one in list(styles.values())]
    assert len(set(told[:6] + told[9:17])) == 14
    assert [one.label_needed for one in styles.values()] == [False] * 6 + [True] * 3 + [False] * 8 + [True]


def test_those_that_are_shown_together_have_a_symbol_each() -> None:
    known = theme.colours([*(Elsewhere((f"far {n}",)) for n in range(6)), *(f"own {n}" for n in range(20))])
    shown = ["own 0", "own 8", "far 0", "own 16", "own 3", "far 1"]
    told = theme.apart(known, shown)
    assert len({told[one].symbol for one in shown}) == len({told[one].sign for one in shown}) == 6
    assert [told[one].colour for one in known] == [known[one].colour for one in known]
    assert told["own 0"] == known["own 0"], "the first keeps its own"
    assert theme.apart(known, shown) == told
    apart = ["own 0", "own 1", "far 2"]
    assert theme.apart(known, apart) == known, "where none is alike all stays as it is"
    many = [f"own {n}" for n in range(20)]
    assert len({one.symbol for one in theme.apart(known, many).values()}) == 8


def test_a_lane_that_has_only_begun_is_no_other_candidate() -> None:
    known = theme.colours([("a", "a-begun"), "b"])
    assert theme.apart(known, ["a", "b", "a"]) == known
