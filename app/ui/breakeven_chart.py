"""When one's own machine pays off: the cost of a month by questions a day, against APIs.

``draw_breakeven`` is all that a page calls; it takes domain types only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10
from typing import TYPE_CHECKING

import streamlit as st

from app.domain import MONEY_SCALE, SMALLEST, BreakEven, Crossing, OwnMonthly, PayOff, currency_sign
from app.ui import figures
from app.ui.charts import finding_chart, framed_figure, label, shortened
from app.ui.findings import Finding
from app.ui.safe import plain
from app.ui.tables import Table, table_expander
from app.ui.theme import CHART_INK, CHART_MUTED, CHART_PAPER, LaneStyle
from app.ui.words import help_for

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

OWN = "Your own machine"
HEIGHT = 340
POINTS = 60
"""So many on each line, beside its steps."""
MOST_STEPS = 40
BESIDE = 30
"""The chart begins at so many times fewer questions than the first crossing."""
FARTHEST = 1000
"""The end of one machine is shown if it is not so many times farther than the last crossing."""
_DASHES = ("dash", "dot", "dashdot", "longdash")
FLAT = (
    "Your own machine costs its rent, or its price spread over its life, however little it is asked; "
    "an API costs by the question. Where the lines cross, both cost the same."
)
MOST_TOLD = 2
"""So many APIs after the first stand in the title."""
JUST_AFTER = Decimal("1.000000001")


@dataclass(frozen=True)
class Span:
    """The questions a day that the chart is over."""

    low: float
    high: float

    def places(self, capacity: Decimal) -> list[Decimal]:
        """Evenly on a log scale, and both sides of each step of a machine with this capacity."""
        width = log10(self.high) - log10(self.low)
        even = [Decimal(str(self.low * 10 ** (width * n / POINTS))) for n in range(POINTS + 1)]
        steps = [capacity * n for n in range(1, MOST_STEPS + 1)]
        inside = [one for one in steps if self.low < one < self.high]
        return sorted({*even, *inside, *(one * JUST_AFTER for one in inside)})


def draw_breakeven(
    against: Sequence[BreakEven], styles: Mapping[str, LaneStyle] | None = None, *, key: str = "breakeven"
) -> None:
    """The chart with its sentences and its table; the first of ``against`` gives the title.

    All are of one's same own machine. ``styles`` by the hash of a candidate.
    """
    if not against:
        return
    found = finding(against)
    if not can_be_drawn(against):
        st.markdown(f"**{plain(found.title)}**: {plain(found.subtitle, 400)}.")
        return
    finding_chart(breakeven_figure(found, against, styles or {}), found, key=key)
    st.caption(plain(how_to_read(against[0]), 900), help=help_for("careful and hopeful"))
    st.markdown("\n".join(f"- {plain(sentence(one), 900)}" for one in against))
    table_expander(month_table(against), key=key, label="Table: cost of a month")


def can_be_drawn(against: Sequence[BreakEven]) -> bool:
    """Whether both sides of any of them are known."""
    return own_of(against) is not None and any(one.usual.api_each is not None for one in against)


def measured_in(found: PayOff) -> None:
    """Where the seconds and tokens of a question come from."""
    where = ", which ran on another machine than this one" if found.elsewhere else ""
    told = f"Seconds and tokens of a question are those of the experiment “{found.experiment}”{where}."
    st.caption(plain(told, 400))


# --------------------------------------------------------------------------- in words


def finding(against: Sequence[BreakEven]) -> Finding:
    """From how many questions a day on: against the first, then in short against the others."""
    first, others = against[0], others_words(against)
    usual, name = first.usual, first.rival.name
    seconds = figures.seconds(float(first.work.seconds.value or "nan"))
    subtitle = (
        f"Cost of a month by questions a day. {first.work.name}: {seconds} of your machine a question; "
        f"{name}: {first.rival.words}"
    )
    if usual.at is not None:
        begins, full = _from(usual.at), ""
        if usual.dearer_again and usual.at >= 1:
            low, high = told_apart(usual.at, usual.dearer_again[0])
            begins, full = f"from {low} questions a day", f", until it is full at {high},"
        title = f"{begins}{range_words(first)}{full} your own machine is cheaper than {name}"
        return Finding(f"{title[:1].upper()}{title[1:]}{others and f'; {others}'}", subtitle)
    besides = others and f". Your own machine is cheaper {others}"
    if not usual.never:
        whom = f" against {name}" if others else ""
        return Finding(f"When your own machine pays off{whom} cannot be told{besides}", usual.words)
    unless = f". {told}" if (told := unless_words(first)) else ""
    return Finding(f"Never: {name} stays cheaper{unless}{besides}", subtitle)


def told_apart(one: Decimal, other: Decimal) -> tuple[str, str]:
    """Both as coarsely as elsewhere, or with as many digits more as it takes to tell them apart."""
    digits = next(
        (many for many in range(2, 9) if figures.significant(one, many) != figures.significant(other, many)),
        2,
    )
    return figures.significant(one, digits), figures.significant(other, digits)


def others_words(against: Sequence[BreakEven]) -> str:
    """Than which of those after the first it is cheaper: "than dear from 240 a day"; "" for none."""
    told = [f"than {one.rival.name} {_short(at)}" for one in against[1:] if (at := one.usual.at) is not None]
    if len(told) > MOST_TOLD:
        told = [*told[:MOST_TOLD], f"and than {figures.count(len(told) - MOST_TOLD, 'other')}"]
    return ", ".join(told)


def _short(at: Decimal) -> str:
    return _from(at).replace("questions a day", "a day")


def unless_words(one: BreakEven) -> str:
    """From where on it would pay off after all if what is assumed were better; "" where it would not."""
    if not one.usual.never or one.hopeful.at is None:
        return ""
    return f"Only if all that is assumed is {one.doubt:f}% better, {_from(one.hopeful.at)}"


def sentence(one: BreakEven) -> str:
    """What came out against one API."""
    usual, name = one.usual, one.rival.name
    each = "unknown"
    if usual.api_each is not None:
        each = f"{_money(usual.api_each * 1000, one.currency)} per 1,000 questions"
    head = f"{name}, {each} ({one.rival.words}):"
    if usual.at is None:
        told = f"never, since {usual.words}" if usual.never else f"cannot be told; {usual.words}"
        if usual.never and one.hopeful.at is not None:
            told += f". If all that is assumed is {one.doubt:f}% better, {_from(one.hopeful.at)}"
        return f"{head} {told}."
    return f"{head} your own machine is cheaper {_from(usual.at)}{range_words(one)}.{_again(usual)}"


def _again(usual: Crossing) -> str:
    """Where further machines, not full yet, cost more than the API; "" for nowhere."""
    if usual.dearer_again is None:
        return ""
    low, high = (_a_day(limit) for limit in usual.dearer_again)
    told = f" From {low} a day on a second machine is needed, and up to {high} the API is cheaper again"
    if usual.for_good == usual.dearer_again[1]:
        return f"{told}."
    last = f", for the last time up to {_a_day(usual.for_good)} a day" if usual.for_good else ""
    return f"{told}; so it is with each further machine{last}."


def how_to_read(one: BreakEven) -> str:
    """What the lines mean, what the range is, and what is in no line."""
    parts = [FLAT, _capacity(one)]
    if one.doubt and _shows_range(one):
        parts.append(
            f"The shaded band, and the numbers in brackets: all that is marked assumed is {one.doubt:f}% "
            "better, or worse, for your own machine. What is measured or listed stays, and so do its hours."
        )
    return " ".join([*parts, *_minded(one.notes)])


def notes_words(against: Sequence[BreakEven]) -> str:
    """The same where there is no chart beside the sentences, of all of which it is."""
    parts = [_capacity(against[0])]
    if any(range_words(one) for one in against):
        parts.append(f"In brackets: all that is marked assumed is {against[0].doubt:f}% better, or worse.")
    return " ".join([*parts, *_minded(dict.fromkeys(note for one in against for note in one.notes))])


def _capacity(one: BreakEven) -> str:
    capacity = _a_day(one.usual.own.capacity) if one.usual.own else "unknown"
    return f"One machine answers up to {capacity} questions a day, then another one is needed."


def _minded(notes: Iterable[str]) -> list[str]:
    told = "; ".join(notes)
    return [f"Mind that {told}."] if told else []


def _from(at: Decimal) -> str:
    if at == 0:
        return "from the first question on"
    return f"from {_a_day(at)} questions a day" if at >= 1 else "from fewer than 1 question a day"


def range_words(one: BreakEven) -> str:
    """The crossing in the hopeful and in the careful case, in brackets; "" where nothing is assumed."""
    if not _shows_range(one) or one.hopeful.at is None:
        return ""
    if one.careful.at is not None and one.careful.at <= 1:
        return ""
    low = _a_day(one.hopeful.at) if one.hopeful.at >= 1 else "fewer than 1"
    high = "never" if one.careful.at is None else _a_day(one.careful.at)
    return f" ({low} to {high})" if low != high else ""


def _shows_range(one: BreakEven) -> bool:
    return one.careful != one.usual or one.hopeful != one.usual


def _a_day(value: Decimal) -> str:
    return figures.significant(value, 2)


def _money(amount: Decimal, currency: str) -> str:
    return figures.money(int((amount * MONEY_SCALE).to_integral_value()), currency)


# --------------------------------------------------------------------------- as a chart


def own_of(against: Sequence[BreakEven]) -> OwnMonthly | None:
    """One's own machine, which is the same against each of them."""
    return next((one.usual.own for one in against if one.usual.own), None)


def span_of(against: Sequence[BreakEven]) -> Span:
    """So that every crossing is seen, and the end of one machine where that is not far away."""
    own = own_of(against)
    capacity = float(own.capacity) if own else 1.0
    known = [float(at) for one in against for at in _crossings(one) if at]
    last = max(known, default=capacity)
    # Without a crossing there is nothing to see below one question a day.
    first = min(known) / BESIDE if known else max(capacity / FARTHEST, 1.0)
    high = max(last * 5, capacity * 2.5) if capacity < last * FARTHEST else last * 100
    low = min(first, high / 100)
    return Span(10.0 ** floor(log10(low)), high)


def _crossings(one: BreakEven) -> tuple[Decimal | None, ...]:
    return one.usual.at, one.careful.at, one.hopeful.at


def breakeven_figure(found: Finding, against: Sequence[BreakEven], styles: Mapping[str, LaneStyle]) -> Figure:
    """Own as a stepped line with its band, each API as a line, the crossings marked."""
    figure, lay_out = framed_figure(found)
    span, first = span_of(against), against[0]
    _add_band(figure, first, span)
    _add_own(figure, first, span)
    for place, one in enumerate(against):
        if one.usual.api_each:
            _add_api(figure, one, span, _look(one, place, styles))
    crossings = sorted((one for one in against if one.usual.at), key=lambda one: one.usual.at or 0)
    for place, one in enumerate(crossings):
        # So that two that lie close do not write over each other.
        _add_crossing(figure, one, "bottom right" if place % 2 else "top left")
    axis = {
        "type": "log",
        "dtick": 1,
        "tickformat": ",~r",
        "fixedrange": True,
        "showgrid": True,
        "tickfont": {"color": CHART_MUTED},
    }
    title = {"text": "Questions a day (each mark ten times more)", "font": {"size": 12, "color": CHART_MUTED}}
    lay_out(
        height=HEIGHT,
        xaxis={**axis, "title": title, "range": [log10(span.low), log10(span.high)]},
        yaxis={**axis, "tickprefix": currency_sign(first.currency), "automargin": False},
        hovermode="closest",
    )
    figure.update_layout(legend={"y": -0.24})
    return figure


def _line(own: OwnMonthly, span: Span) -> tuple[list[float], list[float]]:
    """The places at which one's own machine costs anything, and what."""
    known = [(float(at), float(own.cost(at))) for at in span.places(own.capacity)]
    shown = [(at, cost) for at, cost in known if cost > 0]
    return [at for at, _ in shown], [cost for _, cost in shown]


def _add_band(figure: Figure, one: BreakEven, span: Span) -> None:
    careful, hopeful = one.careful.own, one.hopeful.own
    if careful is None or hopeful is None or careful == hopeful:
        return
    (low_x, low_y), (high_x, high_y) = _line(hopeful, span), _line(careful, span)
    figure.add_scatter(
        x=[*low_x, *reversed(high_x)],
        y=[*low_y, *reversed(high_y)],
        mode="lines",
        line={"width": 0, "color": CHART_MUTED},
        fill="toself",
        fillcolor=CHART_MUTED,
        opacity=0.25,
        name="its range, by what is assumed",
        hoverinfo="skip",
    )


def _add_own(figure: Figure, one: BreakEven, span: Span) -> None:
    own = one.usual.own
    if own is None:
        return
    places, costs = _line(own, span)
    figure.add_scatter(
        x=places,
        y=costs,
        mode="lines",
        name=OWN,
        line={"color": CHART_INK, "width": 3},
        text=[label(_own_words(one, own, Decimal(str(at)))) for at in places],
        hovertemplate="%{text}<extra></extra>",
    )


def _own_words(one: BreakEven, own: OwnMonthly, at: Decimal) -> str:
    machines = figures.count(own.machines(at), "machine")
    cost = _money(own.cost(at), one.currency)
    told = f"{_a_day(at)} questions a day on {machines} of your own: {cost} a month"
    if one.careful.own and one.hopeful.own and one.careful.own != one.hopeful.own:
        low, high = (_money(case.cost(at), one.currency) for case in (one.hopeful.own, one.careful.own))
        told += f" ({low} to {high})"
    return told


@dataclass(frozen=True)
class Look:
    """How an API's line is drawn."""

    colour: str
    dash: str
    symbol: str


def _look(one: BreakEven, place: int, styles: Mapping[str, LaneStyle]) -> Look:
    """A candidate has its own colour, the first a whole line; a mere list price is grey and broken."""
    style = styles.get(one.rival.candidate)
    if style is not None:
        # Two can have the same grey, from the ninth candidate on.
        return Look(style.chart, _DASHES[place % len(_DASHES)] if place else "solid", style.symbol)
    return Look(CHART_MUTED, _DASHES[place % len(_DASHES)], "circle")


def _add_api(figure: Figure, one: BreakEven, span: Span, look: Look) -> None:
    each = one.usual.api_each or Decimal(0)
    monthly = OwnMonthly(Decimal(0), each, Decimal(str(span.high)))
    places, costs = _line(monthly, span)
    kind = "measured" if one.rival.measured else "list price"
    figure.add_scatter(
        x=places,
        y=costs,
        mode="lines",
        name=label(f"{shortened(one.rival.name)} ({kind})"),
        line={"color": look.colour, "dash": look.dash, "width": 2},
        text=[
            label(f"{_a_day(Decimal(str(at)))} questions a day to {one.rival.name}: {told} a month")
            for at, told in zip(places, (_money(Decimal(str(c)), one.currency) for c in costs), strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
    )


def _add_crossing(figure: Figure, one: BreakEven, where: str) -> None:
    at, own = one.usual.at, one.usual.own
    if not at or own is None:
        return
    figure.add_scatter(
        x=[float(at)],
        y=[float(own.cost(at))],
        mode="markers+text",
        marker={
            "color": CHART_PAPER,
            "size": 12,
            "symbol": "circle",
            "line": {"width": 3, "color": CHART_INK},
        },
        text=[f"<b>{_a_day(at)} a day</b>"],
        textposition=where,
        textfont={"color": CHART_INK, "size": 13},
        hovertext=[label(sentence(one))],
        hoverinfo="text",
        cliponaxis=False,
        showlegend=False,
    )


# --------------------------------------------------------------------------- as a table


def month_table(against: Sequence[BreakEven]) -> Table:
    """The cost of a month at round numbers of questions a day, where the chart shows them."""
    own, first, span = own_of(against), against[0], span_of(against)
    sign = currency_sign(first.currency).strip()
    low = floor(log10(span.low))
    places = [Decimal(digit).scaleb(power) for power in range(low, low + 12) for digit in (1, 2, 5)]
    places = [at for at in places if span.low <= at <= span.high]
    cases = {f"{OWN}, {sign}": first.usual, "Hopeful": first.hopeful, "Careful": first.careful}
    known = {name: case.own for name, case in cases.items() if case.own}
    rivals = [one for one in against if one.usual.api_each is not None]
    columns = ("Questions a day", "Machines", *known, *_names(rivals, sign))
    return Table(
        columns,
        tuple(
            (
                float(at),
                own.machines(at) if own else None,
                *(_cell(case.cost(at)) for case in known.values()),
                *(_cell(OwnMonthly(Decimal(0), _each(one.usual), at).cost(at)) for one in rivals),
            )
            for at in places
        ),
        {"Hopeful": help_for("careful and hopeful"), "Machines": help_for("capacity")},
    )


def _names(rivals: Sequence[BreakEven], sign: str) -> list[str]:
    """A column for each, told apart where two are called alike."""
    names = [f"{one.rival.name}, {sign}" for one in rivals]
    return [
        name if names.count(name) == 1 else f"{name} ({place})" for place, name in enumerate(names, start=1)
    ]


def _each(case: Crossing) -> Decimal:
    return case.api_each or Decimal(0)


def _cell(amount: Decimal) -> Decimal:
    return amount.quantize(SMALLEST, context=figures.PRECISE)
