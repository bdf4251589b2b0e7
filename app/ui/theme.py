"""The look of a candidate: one colour, one symbol and one dash, the same on every screen.

Okabe and Ito's palette (2008) without yellow, with ink as its black and grey last; from the ninth candidate
on all are grey and told apart by their labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.domain import Elsewhere

CHART_INK = "#000009"
CHART_MUTED = "#000010"
"""In charts the browser puts the n-th of the theme's chart colours (config.toml) in the place of "#00000n":
so they follow the theme without being drawn anew. The ninth is that of text, the tenth of lesser text."""
CHART_PAPER = "#000038"
"""Likewise the colour of the page (streamlit_plotly_theme.BG_COLOR)."""

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "ink", "#8A8A8A")
_FROM_ELSEWHERE = (5, 4, 3, 2, 6, 7)
"""Those from elsewhere take these colours in turn, then grey."""
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star", "triangle-down", "hexagon")
_SIGNS = ("●", "■", "◆", "▲", "✖", "★", "▼", "⬢")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
GREY = "#8A8A8A"
INK_LIGHT = "#10161C"
INK_DARK = "#F1EFEA"
MUTED_LIGHT, PAPER_LIGHT = "#56606B", "#FFFFFF"


@dataclass(frozen=True)
class LaneStyle:
    """How one candidate is drawn.

    ``sign`` is its symbol as a character, ``chart`` its colour in charts; ``label_needed`` is true from
    the ninth on, which share grey.
    """

    colour: str
    chart: str
    symbol: str
    sign: str
    dash: str
    label_needed: bool = False

    @property
    def marker(self) -> str:
        """The sign in its colour, as Markdown."""
        return coloured(self.sign, self.colour)


def coloured(sign: str, colour: str) -> str:
    """A sign in a colour, as Markdown."""
    return f':color[{sign}]{{foreground="{colour}"}}'


def ink(*, dark: bool) -> str:
    """The colour of text."""
    return INK_DARK if dark else INK_LIGHT


def option(label: str) -> str:
    """A label of ``st.segmented_control`` in the colour of text, whether it is chosen or not.

    Streamlit writes a chosen one in its primary colour, which has to be dark enough for white words on
    buttons and so is too weak on a dark page. The theme's grey text has the colour of text (config.toml), so
    that this follows the theme in the browser.
    """
    return f":gray[{label}]"


def chart_colours() -> dict[str, str]:
    """The colours on white in the place of those that charts leave to Streamlit's page, for other pages."""
    found = {f"#00000{place + 1}": lane_colour(place, dark=False) for place in range(len(_COLOURS))}
    return {**found, CHART_INK: INK_LIGHT, CHART_MUTED: MUTED_LIGHT, CHART_PAPER: PAPER_LIGHT}


def lane_colour(position: int, *, dark: bool) -> str:
    """The colour of the candidate that appeared as number ``position`` (from 0)."""
    colour = _COLOURS[position] if position < len(_COLOURS) else GREY
    return ink(dark=dark) if colour == "ink" else colour


def lane_style(position: int, *, dark: bool, elsewhere: bool = False) -> LaneStyle:
    """Everything about how the candidate that appeared as number ``position`` (from 0) is drawn.

    ``elsewhere``: as that number of those that came with imported experiments. They leave the first colours
    to one's own, and where they share one of the others they have another symbol and dash.
    """
    place = (position + (len(_SYMBOLS) // 2) * elsewhere) % len(_SYMBOLS)
    if elsewhere:
        known = position < len(_FROM_ELSEWHERE)
        position = _FROM_ELSEWHERE[position] if known else position + len(_COLOURS) - len(_FROM_ELSEWHERE)
    return LaneStyle(
        colour=lane_colour(position, dark=dark),
        chart=f"#00000{min(position, len(_COLOURS) - 1) + 1}",
        symbol=_SYMBOLS[place],
        sign=_SIGNS[place],
        dash=_DASHES[(position + len(_DASHES) // 2 * elsewhere) % len(_DASHES)],
        label_needed=position >= len(_COLOURS),
    )


def colours(candidates: Iterable[str | tuple[str, ...]], *, dark: bool = False) -> dict[str, LaneStyle]:
    """A style for each candidate by its hash, in order of first appearance.

    Hashes that stand together in a tuple are one candidate and look alike. What came from elsewhere is
    counted apart, so that neither takes the other's place.
    """
    found: dict[str, LaneStyle] = {}
    places = {True: 0, False: 0}
    for one in candidates:
        elsewhere = isinstance(one, Elsewhere)
        fresh = [name for name in ((one,) if isinstance(one, str) else one) if name not in found]
        found |= dict.fromkeys(fresh, lane_style(places[elsewhere], dark=dark, elsewhere=elsewhere))
        places[elsewhere] += bool(fresh)
    return found


def apart(styles: Mapping[str, LaneStyle], shown: Iterable[str]) -> dict[str, LaneStyle]:
    """The styles, with a symbol of its own for each of the candidates that are ``shown`` together.

    Colours stay as they are on every screen. The first with a symbol keeps it; as long as there are free
    ones, each that follows takes the first of those that no other has.
    """
    found = dict(styles)
    taken: dict[str, str] = {}
    again = [name for name in dict.fromkeys(shown) if taken.setdefault(found[name].symbol, name) != name]
    free = [place for place, one in enumerate(_SYMBOLS) if one not in taken]
    for name, place in zip(again, free, strict=False):
        found[name] = replace(found[name], symbol=_SYMBOLS[place], sign=_SIGNS[place])
    return found
