"""When it was wrong, was it the index or the model? One stacked bar a candidate; its parts open answers.

The causes have colours of their own, blues for the index, oranges for the model and greys for neither, and
each family its own pattern. Each cause has a number, too, below every part of it and in the legend: of two
shades of one family no grey print tells which is which, and a narrow part has no room for its name.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from app.domain import FAMILY_WORDS, Cause, CauseTally, Examined, Family, words_of
from app.ui import figures
from app.ui.charts import Axis, Opened, finding_chart, label, rows_chart
from app.ui.findings import Finding
from app.ui.result_look import Look, ranked
from app.ui.tables import Cell, Table, opening_table
from app.ui.theme import CHART_INK, INK_LIGHT, coloured
from app.ui.words import lowered

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

KEY = "result-causes"
UNTOLD = "untold"
"""Stands for a cause where none was looked for yet."""
UNTOLD_TITLE = "Not looked for yet"
_SHADES: Mapping[Family, Sequence[str]] = {
    Family.INDEX: ("#0B3C6F", "#1C5594", "#356FB0", "#4F88C6", "#6E9FD4", "#8FB6E0", "#AFCBEA"),
    Family.MODEL: (
        *("#8F4300", "#A85200", "#C46508", "#DE7F20"),
        *("#EA9645", "#F2AC69", "#F6BE89", "#F8CDA5"),
    ),
    Family.NEITHER: ("#868E96", "#9FA6AD", "#B8BEC4", "#D0D4D8"),
}
_PATTERNS: Mapping[Family, str] = {Family.INDEX: "", Family.MODEL: "/", Family.NEITHER: "."}
_SIGNS: Mapping[Family, str] = {Family.INDEX: "■", Family.MODEL: "▨", Family.NEITHER: "▩"}
LOWER, THICK = 0.06, 0.44
"""How far a bar stands below the middle of its row, so that its name has room, and how thick it is."""
NUMBERED, DIGIT = 0.11, 0.026
"""How far the numbers stand below their bar, in rows; the room of a digit, in widths of the widest bar."""
HOVER_WIDTH = 48
NEITHER, NEITHER_OR_UNTOLD = "neither's", "neither's or not looked into"
UNTOLD_COLOUR = "#E4E6E8"
_BY_FAMILY = [cause for family in Family for cause in Cause if cause.family is family]


def colour_of(cause: Cause) -> str:
    """The colour of a cause, a shade of its family's."""
    own = [one for one in _BY_FAMILY if one.family is cause.family]
    return _SHADES[cause.family][own.index(cause)]


def draw_causes(examined: Examined, look: Look, opened: Opened) -> None:
    """The chart with its legend; ``opened`` is called with a candidate and a cause ("" for any)."""
    st.markdown("#### When it was wrong, was it the index or the model?")
    found = cause_finding(examined)
    if not any(one.wrong for one in examined.tallies):
        st.markdown(found.title + ".")
        return
    finding_chart(cause_figure(examined, look, found), found, key=KEY, opened=opened)
    st.markdown(legend(examined))


def cause_finding(examined: Examined) -> Finding:
    """How many failures were the index's and how many the model's, among candidates with documents."""
    experiment = examined.experiment
    given = [one for one in examined.tallies if experiment.candidates[one.candidate].with_documents]
    wrong = sum(one.wrong for one in given)
    aside = ", imported ones aside" if any(examined.tallies[at].wrong for at in experiment.imported) else ""
    answers = figures.count(wrong, "answer")
    subtitle = (
        "Share of each candidate's scored answers that are not right, by cause, numbered as in the list: "
        "first the index, then the model, then neither"
    )
    if not any(one.wrong for one in examined.tallies):
        return Finding("No answer was found wrong", subtitle)
    if not wrong:
        told = f"No answer with documents was wrong{aside}" if given else "Nobody was given documents"
        if not given and experiment.imported:
            return Finding(
                "What imported answers were made from is not recorded, so nobody is blamed", subtitle
            )
        return Finding(f"{told}, so neither the index nor the model is to blame", subtitle)
    if wrong == sum(one.untold for one in given):
        return Finding(
            f"Why {answers} with documents {'is' if wrong == 1 else 'are'} not right was not looked for yet",
            subtitle,
        )
    index, model = (sum(one.of(family) for one in given) for family in (Family.INDEX, Family.MODEL))
    rest, untold = wrong - index - model, sum(one.untold for one in given)
    left = f", {rest:,} {NEITHER_OR_UNTOLD if untold else NEITHER}" if rest else ""
    return Finding(
        f"Of {answers} with documents that {'is' if wrong == 1 else 'are'} not right{aside}, "
        f"{index:,} {'is' if index == 1 else 'are'} the index's, {model:,} the model's{left}",
        subtitle,
    )


def cause_figure(examined: Examined, look: Look, found: Finding) -> Figure:
    """A bar of parts for each candidate, in the order of the chart above; a part is as wide as its share."""
    order = ranked(examined)
    tallies = [examined.tallies[place] for place in order]
    hashes = [examined.experiment.candidates[place].hash for place in order]
    results = [examined.results.candidates[place] for place in order]
    scored = [one.scored for one in results]
    rows = [look.row(name, _told(tally, of)) for name, tally, of in zip(hashes, tallies, scored, strict=True)]
    figure = rows_chart(found, rows, Axis("Share of answers that are not right", percent=True))
    bases = [0.0] * len(rows)
    numbers, below = numbers_of(examined), [list[_Numbered]() for _ in rows]
    for cause, number in numbers.items():
        parts = [
            _Part(row, count / max(scored[row], 1), bases[row], _words(look.names[hashes[row]], cause, count))
            for row, tally in enumerate(tallies)
            if (count := _count(tally, cause))
        ]
        if parts:
            _add_parts(figure, cause, parts, hashes)
        for one in parts:
            key = (hashes[one.row], cause.value if cause else UNTOLD)
            below[one.row].append(_Numbered(number, one.base + one.value / 2, key))
            bases[one.row] += one.value
    _add_numbers(figure, below, max(bases))
    figure.update_layout(uniformtext={"mode": "hide", "minsize": 10})
    return figure


def numbers_of(examined: Examined) -> dict[Cause | None, int]:
    """The causes that there are with their numbers, in the order of the bars; None: not looked for yet."""
    found = [one for one in (*_BY_FAMILY, None) if any(_count(tally, one) for tally in examined.tallies)]
    return {cause: number for number, cause in enumerate(found, start=1)}


@dataclass(frozen=True)
class _Numbered:
    """The ``number`` of a part whose middle is ``at``; ``key`` is whose it is and which cause."""

    number: int
    at: float
    key: tuple[str, str]


def _add_numbers(figure: Figure, below: Sequence[Sequence[_Numbered]], widest: float) -> None:
    """Each part's number below it; those of narrow parts are pushed to the right, in their order."""
    x, y, shown = [], [], []
    for row, parts in enumerate(below):
        free = 0.0
        for one in parts:
            half = DIGIT * widest * (1 + len(str(one.number))) / 4
            place = max(one.at, free + half)
            free = place + half
            x.append(place)
            y.append(-row - LOWER - THICK / 2 - NUMBERED)
            shown.append(one)
    figure.add_scatter(
        x=x,
        y=y,
        mode="text",
        text=[str(one.number) for one in shown],
        textfont={"color": CHART_INK, "size": 11},
        customdata=[one.key for one in shown],
        hoverinfo="skip",
        cliponaxis=False,
        showlegend=False,
    )


@dataclass(frozen=True)
class _Part:
    """A part of the bar in that ``row``: as long as ``value``, beginning at ``base``."""

    row: int
    value: float
    base: float
    words: str


def _words(name: str, cause: Cause | None, count: int) -> str:
    return f"{name}: {_title(cause)}, {figures.count(count, 'answer')}"


def _add_parts(figure: Figure, cause: Cause | None, parts: Sequence[_Part], hashes: Sequence[str]) -> None:
    """One cause in all bars."""
    colour = colour_of(cause) if cause else UNTOLD_COLOUR
    ink = INK_LIGHT if _is_light(colour) else "#FFFFFF"
    meaning = "<br>".join(textwrap.wrap(_meaning(cause), HOVER_WIDTH))
    pattern = {"bgcolor": colour, "fgcolor": ink, "fgopacity": 0.3, "size": 9, "solidity": 0.1}
    figure.add_bar(
        x=[one.value for one in parts],
        y=[-one.row - LOWER for one in parts],
        base=[one.base for one in parts],
        orientation="h",
        width=THICK,
        marker={
            "color": colour,
            "pattern": {"shape": _PATTERNS[cause.family] if cause else "x", **pattern},
            "line": {"width": 1, "color": CHART_INK},
        },
        text=[label(_title(cause))] * len(parts),
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        insidetextfont={"color": ink, "size": 11},
        customdata=[(hashes[one.row], cause.value if cause else UNTOLD) for one in parts],
        hovertext=[f"{label(one.words)}<br>{meaning}" for one in parts],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _told(tally: CauseTally, scored: int) -> str:
    if not scored:
        return "nothing scored"
    return f"{figures.percent(tally.wrong / scored)} not right"


def _count(tally: CauseTally, cause: Cause | None) -> int:
    return tally.untold if cause is None else tally.counts.get(cause, 0)


def _title(cause: Cause | None) -> str:
    return words_of(cause).title if cause else UNTOLD_TITLE


def _meaning(cause: Cause | None) -> str:
    return words_of(cause).meaning if cause else "Nobody looked why these are not right."


def _is_light(colour: str) -> bool:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140


@dataclass(frozen=True)
class Named:
    """A line of the legend: a cause with its number, sign and colour, how often it was, what it means."""

    number: int
    sign: str
    colour: str
    words: str
    meaning: str


def named_causes(examined: Examined) -> dict[Family, list[Named]]:
    """The causes that there are, by family, with their counts and meanings: what no colour has to tell."""
    tallies, candidates = examined.tallies, examined.experiment.candidates
    found: dict[Family, list[Named]] = {}
    for cause, number in numbers_of(examined).items():
        if cause is None:
            continue
        given = sum(_count(one, cause) for one in tallies if candidates[one.candidate].with_documents)
        count = sum(_count(one, cause) for one in tallies)
        found.setdefault(cause.family, []).append(_named(number, cause, count, given))
    return found


def untold_words(examined: Examined) -> str:
    """How many answers nobody looked into yet, with their number in the chart; "" for none."""
    untold = sum(one.untold for one in examined.tallies)
    number = numbers_of(examined).get(None)
    return f"{figures.count(untold, 'answer')} (number {number})" if untold else ""


def legend(examined: Examined) -> str:
    """The same as Markdown."""
    lines = [
        "  \n".join([f"**{FAMILY_WORDS[family]}**", *(_legend_line(one) for one in parts)])
        for family, parts in named_causes(examined).items()
    ]
    if untold := untold_words(examined):
        lines.append(f"**{UNTOLD_TITLE}:** {untold}")
    return "\n\n".join(lines)


def _legend_line(one: Named) -> str:
    return f"**{one.number}** {coloured(one.sign, one.colour)} {one.words} :small[:gray[({one.meaning})]]"


def _named(number: int, cause: Cause, count: int, given: int) -> Named:
    """The title above counts the answers with documents, so these are told apart where there are others."""
    words = words_of(cause)
    many = figures.count(given if 0 < given < count else count, "answer")
    more = f", and {count - given:,} without documents" if 0 < given < count else ""
    meaning = lowered(words.meaning).rstrip(".")
    return Named(number, _SIGNS[cause.family], colour_of(cause), f"{words.title}: {many}{more}", meaning)


def cause_table(examined: Examined, look: Look, opened: Callable[[str, str], None]) -> None:
    """The same as rows, each of which opens its answers."""
    keys, table = table_of(examined, look.names)
    opening_table(
        table,
        keys,
        lambda one: opened(*one),
        key=KEY,
        label="Table: causes by candidate",
        alt="How often each cause was found for each candidate",
    )


def table_of(examined: Examined, names: Mapping[str, str]) -> tuple[list[tuple[str, str]], Table]:
    """The table of causes, and of each of its rows the candidate and the cause."""
    keys: list[tuple[str, str]] = []
    rows: list[tuple[Cell, ...]] = []
    for tally in examined.tallies:
        candidate = examined.experiment.candidates[tally.candidate].hash
        for cause in (*_BY_FAMILY, None):
            if count := _count(tally, cause):
                keys.append((candidate, cause.value if cause else UNTOLD))
                family = cause.family.value if cause else "not known yet"
                share = round(count / tally.wrong, 3)
                rows.append((names[candidate], family, _title(cause), count, share, _meaning(cause)))
    columns = ("Candidate", "Family", "Cause", "Answers", "Share of its wrong", "What it means")
    return keys, Table(columns, tuple(rows))
