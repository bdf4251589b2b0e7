"""The parts of a report's HTML: texts, tables, charts, and the page around them.

Every text from outside goes through ``text`` or, as Markdown that escapes it already, through ``marked``.
The page forbids all requests, and every script but its own by their hashes (Content Security Policy 3).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from app.ui import figures
from app.ui.charts import chart_config
from app.ui.escaping import JOINER
from app.ui.findings import Finding
from app.ui.safe import folded, unbroken
from app.ui.tables import MONEY_DIGITS, Cell, Table
from app.ui.theme import LaneStyle, chart_colours

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HERE = Path(__file__).parent
LONGEST = 2000
FONT = 'Arial, "Liberation Sans", Helvetica, "DejaVu Sans Condensed", sans-serif'
GRID = "#E3E1DA"
HALF, WHOLE = 475, 700
"""Pixels for which a chart is drawn on paper, where it is scaled to half of its width or to all of it."""
NAMES, SMALLER = 13, ("font-size:12px", "font-size:11px")
"""The letters of names and their figures: those of FONT are wider than the screens'."""
BELOW = 56
"""Pixels for the labels and the title of an axis."""
_MARKDOWN = MarkdownIt("zero").enable(["emphasis", "escape"])
_STYLED = re.compile(r'(?<=<span style="color:)(#0000\d\d)(?=">)')


@dataclass(frozen=True)
class Chart:
    """A figure with its finding, which is also what a screen reader says; ``key`` is its id on the page.

    On paper it is drawn ``width`` pixels wide and, where a ``plot`` is so many high, without its legend;
    or so many ``lower`` than on a screen.
    """

    key: str
    figure: Figure
    finding: Finding
    width: int = HALF
    plot: int = 0
    lower: int = 0


# ------------------------------------------------------------------------ texts


def text(words: str, limit: int = LONGEST) -> str:
    """An untrusted text on one line, as HTML that shows exactly its characters."""
    return unbroken(escape(folded(words, limit)))


def marked(markdown: str) -> str:
    """Markdown whose untrusted parts went through ``safe.plain``, as HTML: bold and italics, nothing else."""
    return unbroken(_MARKDOWN.renderInline(markdown).replace(JOINER, ""))


def element(name: str, *inner: str, kind: str = "") -> str:
    """An element around HTML; ``kind`` is its class."""
    classed = f' class="{kind}"' if kind else ""
    return f"<{name}{classed}>{''.join(inner)}</{name}>"


def listed(lines: Sequence[str], kind: str = "") -> str:
    """Lines of HTML as a list; "" for none."""
    return element("ul", *(element("li", one) for one in lines), kind=kind) if lines else ""


def section(title: str, *inner: str, kind: str = "") -> str:
    """A part of the page under its heading; "" where nothing stands in it."""
    return element("section", element("h2", text(title)), *inner, kind=kind) if any(inner) else ""


def folding(title: str, *inner: str) -> str:
    """What is opened by a click, and is not on paper."""
    return element("details", element("summary", text(title)), *inner)


# ------------------------------------------------------------------------ tables


def table(one: Table, kind: str = "", signs: Sequence[str] = ()) -> str:
    """A table; its first column names the rows, behind the HTML of their ``signs`` where there are any."""
    labels = one.labels or {}
    head = "".join(f'<th scope="col">{text(labels.get(name, name))}</th>' for name in one.columns)
    marks = signs or [""] * len(one.rows)
    rows = "".join(
        element("tr", *_cells(row, one.blank, mark)) for row, mark in zip(one.rows, marks, strict=True)
    )
    inner = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return element("div", element("table", inner, kind=kind), kind="scrolled")


def sign(style: LaneStyle) -> str:
    """A candidate's sign in its colour."""
    return f'<span style="color:{chart_colours()[style.chart]}">{style.sign}</span> '


def _cells(row: Sequence[Cell], blank: str, mark: str) -> list[str]:
    first, *rest = row
    return [f'<th scope="row">{mark}{text(_words(first, blank))}</th>', *(_cell(one, blank) for one in rest)]


def _cell(cell: Cell, blank: str) -> str:
    number = isinstance(cell, int | float | Decimal)
    return element("td", text(_words(cell, blank)), kind="number" if number else "")


def _words(cell: Cell, blank: str) -> str:
    if cell is None:
        return blank
    if isinstance(cell, datetime):
        return figures.moment(cell)
    if isinstance(cell, str):
        return cell
    return figures.significant(cell, 3 if isinstance(cell, float) else MONEY_DIGITS)


# ------------------------------------------------------------------------ charts


def chart(one: Chart) -> str:
    """The place of a chart; ``report.js`` draws it there, and its picture for paper."""
    spoken = text(f"{one.finding.title}. {one.finding.subtitle}.")
    drawing = f'<div class="plot" role="img" aria-label="{spoken}"></div>'
    without = element("noscript", text(f"{one.finding.title}. The drawing needs a browser with scripts."))
    return (
        f'<figure class="chart" id="{one.key}">'
        f'{drawing}<img class="picture" alt="{spoken}">{without}</figure>'
    )


def coloured(part: object) -> object:
    """A figure's data with the colours that Streamlit's page would put in the place of the theme's.

    Only where a colour stands: a name that looks like one stays as typed.
    """
    known = chart_colours()

    def styled(words: str) -> str:
        return _STYLED.sub(lambda one: known.get(one.group(), one.group()), words)

    def walk(value: object, key: str) -> object:
        if isinstance(value, Mapping):
            return {name: walk(inner, name) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [walk(inner, key) for inner in value]
        if isinstance(value, str):
            return known.get(value, value) if key.endswith("color") else styled(value)
        return value

    return walk(part, "")


def _drawing(one: Chart) -> object:
    axis = {"gridcolor": GRID, "zerolinecolor": GRID, "linecolor": GRID}
    told = json.loads(one.figure.to_json())
    # Fonts differ from machine to machine: the last label of an axis has room in any.
    told["layout"]["margin"]["r"] = 26
    told["layout"]["template"] = {
        "layout": {
            "font": {"family": FONT},
            "paper_bgcolor": "#FFFFFF",
            "plot_bgcolor": "#FFFFFF",
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {"align": "left"},
        }
    }
    for written in told["layout"].get("annotations", ()):
        if written["font"]["size"] == NAMES:
            written["font"]["size"] -= 1
            written["text"] = written["text"].replace(*SMALLER)
    paper: dict[str, object] = {"width": one.width}
    if one.lower:
        paper["height"] = told["layout"]["height"] - one.lower
    if one.plot:
        margin = {**told["layout"]["margin"], "b": BELOW}
        paper |= {"showlegend": False, "margin": margin, "height": margin["t"] + one.plot + BELOW}
    return {"key": one.key, "config": chart_config(one.key), "paper": paper, **_mapping(coloured(told))}


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def data(charts: Sequence[Chart]) -> str:
    """The charts as data: nothing in it can end the element that it stands in, or begin another."""
    told = json.dumps([_drawing(one) for one in charts], separators=(",", ":"))
    for sign in "<>&":
        told = told.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json" id="charts">{told}</script>'


# ------------------------------------------------------------------------ the page


def page(title: str, body: str, charts: Sequence[Chart]) -> str:
    """The whole document, with plotly.js in it once."""
    scripts = [plotly(), _file("report.js")]
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(_hash(one) for one in scripts)}",
            "style-src 'unsafe-inline'",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light">'
        f"<title>{text(title)}</title><style>{_file('report.css')}</style>"
    )
    drawn = "".join(f"<script>{one}</script>" for one in scripts)
    foot = f"{data(charts)}{drawn}"
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>{body}\n{foot}</body></html>\n'


@cache
def plotly() -> str:
    """plotly.js, as it comes with the library: 4.8 MB."""
    from plotly.offline import get_plotlyjs

    source: str = get_plotlyjs()
    return source


@cache
def _file(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


@cache
def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
