"""The ranking by blind votes: a dot with its interval for each candidate, the most preferred on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.domain import UNDECIDED, Polled, Rating, Standing, Style
from app.ui import figures
from app.ui.charts import Axis, Mark, Row, finding_chart, rows_chart
from app.ui.findings import Finding
from app.ui.result_look import Look
from app.ui.safe import plain
from app.ui.tables import Table, table_expander
from app.ui.words import help_for

KEY = "votes"
MARGIN = 0.06
"""Of the axis: so much is free on either side of the marks."""
NONE = "no votes yet"


def draw(polled: Polled, standing: Standing, look: Look) -> None:
    """The chart with what is to be known of marked and unconnected candidates, and its table."""
    rows = [_row(one, standing, look) for one in ranked(standing)]
    found = finding(polled, standing, look.names)
    figure = rows_chart(found, rows, Axis("Rating by votes"))
    figure.update_xaxes(range=_range(standing), rangemode="normal", zeroline=False, tickformat="d")
    finding_chart(figure, found, key=KEY)
    for line in notes(standing, look.names):
        st.caption(plain(line, 600))
    table_expander(table(standing, look.names), key=KEY, label="Table: rating by votes")


def ranked(standing: Standing) -> list[Rating]:
    """Groups one after the other, the largest first, each with the best on top; those without votes last."""
    sizes: dict[int, int] = {}
    for one in standing.ratings:
        sizes[one.group] = sizes.get(one.group, 0) + one.votes
    return sorted(
        standing.ratings,
        key=lambda one: (one.rating is None, -sizes[one.group], one.group, -(one.rating or 0.0)),
    )


def finding(polled: Polled, standing: Standing, names: Mapping[str, str]) -> Finding:
    """What the corrected tests decide, and nothing more."""
    votes = figures.count(standing.votes, "blind vote")
    people = figures.count(polled.voters, "person", "people")
    on = figures.count(standing.voted, "question")
    told = f"{votes} of {people} on {on}, with the 95% interval; 1000 is the mean, 400 points are 10 to 1"
    looks = ", the looks of the answers taken out" if standing.style else ""
    return Finding(title(standing, names), f"Rating by {told}{looks}")


def title(standing: Standing, names: Mapping[str, str]) -> str:
    """The ranking's finding."""
    if not standing.votes:
        return "Nobody has voted yet"
    if standing.groups > 1:
        return "Not all can be compared: no chain of votes connects them"
    known = [one for one in ranked(standing) if one.rating is not None]
    best = known[0].candidate
    beaten = [
        one
        for one in standing.apart
        if one.decisive and _better(one.first, one.difference, one.second) == best
    ]
    if len(beaten) == len(known) - 1:
        voted = "all others" if len(known) == len(standing.ratings) else "all others with votes"
        others = names[known[1].candidate] if len(known) == 2 else voted
        return f"People preferred {names[best]} to {others}"
    if any(one.decisive for one in standing.apart):
        return "Some were preferred to others, but nobody to all of them"
    return f"{UNDECIDED}: people preferred none beyond chance"


def _better(first: str, difference: float, second: str) -> str:
    return first if difference > 0 else second


def notes(standing: Standing, names: Mapping[str, str]) -> list[str]:
    """What is to be known of single candidates: bounded, unconnected, or without votes."""
    lines = [
        f"{names[one.candidate]} {one.bounded.value}: how far it is from the others is not known. "
        "Its rating is a cautious estimate."
        for one in standing.ratings
        if one.bounded is not None
    ]
    if standing.groups > 1:
        lines.append(
            f"There are {standing.groups} groups that no chain of votes connects. Ratings compare within a "
            "group only; votes on pairs of both would connect them."
        )
    bare = [names[one.candidate] for one in standing.ratings if one.rating is None]
    if bare:
        lines.append(f"Without a vote so far: {', '.join(bare)}.")
    return lines


def style_words(standing: Standing) -> str:
    """What style control took out, in words."""
    if standing.style is None or not (standing.style.weights or standing.style.entwined):
        return "Too few answers differ in length, headings, lists or bold words: nothing was taken out."
    left = _left_in(standing.style)
    if not standing.style.weights:
        return f"Nothing was taken out of the ratings.{left}"
    clear = [(name, one) for name, one in standing.style.weights.items() if one[1] > 0 or one[2] < 0]
    rest = [name for name, one in standing.style.weights.items() if not (one[1] > 0 or one[2] < 0)]
    told = [
        f"{_called(name)} {'won' if one[0] > 0 else 'cost'} votes ({_points(one[0])} points for a usual "
        f"difference, 95%: {_points(one[1])} to {_points(one[2])})"
        for name, one in clear
    ]
    none = f"{', '.join(_called(one) for one in rest)} (no clear effect)" if rest else ""
    return f"Taken out of the ratings: {'; '.join([*told, *([none] if none else [])])}.{left}"


def _left_in(style: Style) -> str:
    """Which looks were not taken out, and why."""
    rare, entwined = (", ".join(map(_called, one)) for one in (style.rare, style.entwined))
    few = f" Too rare to tell: {rare}." if rare else ""
    both = f" They go with who wrote, or with each other, so votes do not tell which it was: {entwined}."
    return f"{few}{both if entwined else ''}"


def _called(trait: str) -> str:
    return {"length": "length", "headings": "headings", "lists": "lists", "bold": "bold words"}.get(
        trait, trait
    )


def _points(value: float) -> str:
    return f"{value:+.0f}".replace("-", "−")


def table(standing: Standing, names: Mapping[str, str]) -> Table:
    """The same as rows, with the votes won, lost and even."""
    groups = standing.groups > 1
    rows = tuple(_cells(one, names, groups=groups) for one in ranked(standing))
    columns: tuple[str, ...] = ("Candidate", "Rating", "From", "To", "Votes", "Won", "Lost", "Even")
    columns = (*columns, "Note", *(("Group",) if groups else ()))
    told = {"Rating": "vote rating", "From": "interval", "To": "interval"}
    return Table(columns, rows, {key: help_for(name) for key, name in told.items()}, blank=NONE)


def _cells(one: Rating, names: Mapping[str, str], *, groups: bool) -> tuple[str | int | float | None, ...]:
    told = tuple(None if each is None else round(each) for each in (one.rating, one.low, one.high))
    note = "a cautious estimate: it " + one.bounded.value if one.bounded else ""
    group = (one.group + 1,) if groups else ()
    return (names[one.candidate], *told, one.votes, one.won, one.lost, one.even, note, *group)


def _row(one: Rating, standing: Standing, look: Look) -> Row:
    if one.rating is None or one.low is None or one.high is None:
        return look.row(one.candidate, NONE)
    group = f"group {one.group + 1}: " if standing.groups > 1 else ""
    about = "about " if one.bounded else ""
    figure = f"{group}{about}{rating_words(one.rating, one.low, one.high)}"
    won = f"won {one.won}, lost {one.lost}, even {one.even}"
    words = f"{look.names[one.candidate]}: {figure}, {won}"
    return look.row(one.candidate, figure, [Mark(one.rating, words, one.low, one.high, bool(one.bounded))])


def rating_words(rating: float, low: float, high: float) -> str:
    """Like "1012 (960-1064)"; below 0 with a minus, and "to" where the hyphen would stand beside one."""
    value, first, last = (str(round(one)).replace("-", "−") for one in (rating, low, high))
    joined = "-" if "−" not in first + last else " to "
    return f"{value} ({first}{joined}{last})"


def _range(standing: Standing) -> Sequence[float]:
    ends = [each for one in standing.ratings for each in (one.low, one.high) if each is not None] or [
        900.0,
        1100.0,
    ]
    low, high = min([*ends, 950.0]), max([*ends, 1050.0])
    free = (high - low) * MARGIN
    return [low - free, high + free]
