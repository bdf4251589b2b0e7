"""All measures of an experiment, summed up for each candidate: made once they are opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app.domain import Examined, Experiment, Measured, Measures
from app.ui import figures
from app.ui.result_look import Look
from app.ui.result_measures import scorer_name
from app.ui.scores import JUDGE, RATIOS, measured_by, titled
from app.ui.tables import Cell, Table, bare, download
from app.ui.words import help_for

ANSWERS, SEARCH = "Is it the right answer?", "Did the search find the right text?"
GROUPS: Mapping[str, tuple[str, ...]] = {
    ANSWERS: ("exact match", "token F1", "contains", "share copied", JUDGE, "abstention"),
    "Does it keep to what it was given?": (
        *("citation recall", "citation precision", "grounded share"),
        *("quote check", "quotes anything", "schema validity"),
    ),
    SEARCH: ("hit@k", "MRR@k", "nDCG@k"),
}
"""The measures, those that are read together side by side."""
NOT_MEASURED = "not measured"
NOTHING = "nothing scored"
IN_BRACKETS = (
    "In brackets the 95% interval. Beside each mean stands of how many answers it is, and what share of all "
    "is unscored and in no mean."
)


def draw_measures(examined: Examined, look: Look, measures: Callable[[str], Measures]) -> None:
    """Closed at first: of many answers it takes seconds, and is computed once it is opened."""
    with st.expander(
        "All measures", icon=":material/table:", key="result-all-measures", on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        with st.spinner("Summing up every score…", show_time=True):
            found = measures(examined.experiment.id)
        tables = measure_tables(examined.experiment, found, look.names)
        if not tables:
            st.caption("No answer is scored yet.")
            return
        st.caption(IN_BRACKETS)
        for title, table in tables.items():
            st.markdown(f"**{title}**")
            bare(table)
        if words := left_out(examined.experiment, found):
            st.caption(words)
        download(long_table(examined.experiment, found, look.names), key="result-all-measures")


def measure_tables(experiment: Experiment, measures: Measures, names: Mapping[str, str]) -> dict[str, Table]:
    """A table for each question that measures answer, a row for each candidate; without what nobody has."""
    made = {}
    for title, group in GROUPS.items():
        scorers = [one for one in _scorers(measures, group) if _told(measures, one)]
        if scorers:
            made[title] = _table(experiment, measures, names, scorers, k=title == SEARCH)
    return made


def _table(
    experiment: Experiment, measures: Measures, names: Mapping[str, str], scorers: Sequence[str], *, k: bool
) -> Table:
    titles = {one: titled(scorer_name(one, experiment.judge)) for one in scorers}
    columns, helping = ["Candidate"] + ["k"] * k, {"k": help_for("passages given")} if k else {}
    for one, title in titles.items():
        columns += [title, f"{title}: answers"]
        helping |= {title: help_for(measured_by(one)), f"{title}: answers": help_for("measure answers")}
    labels = {f"{title}: answers": "answers" for title in titles.values()}
    rows = []
    for who, own in zip(experiment.candidates, measures, strict=True):
        cells = [part for one in scorers for part in _cells(one, own.get(one))]
        given: list[Cell] = [who.retrieval.k if who.retrieval else None] if k else []
        if not k or who.retrieval is not None:
            rows.append((names[who.hash], *given, *cells))
    return Table(tuple(columns), tuple(rows), helping, blank=NOT_MEASURED, pinned=True, labels=labels)


def _cells(scorer: str, one: Measured | None) -> list[Cell]:
    return [mean_words(scorer, one), scored_words(one)] if one else [None, None]


def mean_words(scorer: str, one: Measured) -> str:
    """A mean with its interval: "71% (61-80)", or "0.71 (0.61-0.80)" of what is no share."""
    mean = one.mean
    if mean.value is None:
        return NOTHING
    tell = _ratio if measured_by(scorer) in RATIOS else figures.percent
    if mean.low is None or mean.high is None:
        return tell(mean.value)
    return f"{tell(mean.value)} ({tell(mean.low).removesuffix('%')}-{tell(mean.high).removesuffix('%')})"


def _ratio(value: float) -> str:
    return f"{value:.2f}"


def scored_words(one: Measured) -> str:
    """Of how many answers a mean is, and what share of all is not in it: "940, 6% unscored"."""
    return f"{one.answers - one.unscored:,}, {figures.percent(one.unscored / one.answers)} unscored"


def left_out(experiment: Experiment, measures: Measures) -> str:
    """The measures that stand in no table since no answer has them; "" where there are none."""
    none = [titled(scorer_name(one, experiment.judge)) for one in _all(measures) if not _told(measures, one)]
    return f"100% unscored, so in no table: {', '.join(none)}. An answer's own page says why." if none else ""


def long_table(experiment: Experiment, measures: Measures, names: Mapping[str, str]) -> Table:
    """Plain numbers for other programs: a row for each candidate and measure."""
    rows = tuple(
        (names[who.hash], scorer_name(one, experiment.judge), *_numbers(own[one]))
        for who, own in zip(experiment.candidates, measures, strict=True)
        for one in _all(measures)
        if one in own
    )
    columns = ("Candidate", "Measure", "Mean", "Low", "High", "Questions", "Answers", "Unscored")
    return Table(columns, rows)


def _numbers(one: Measured) -> tuple[Cell, ...]:
    mean = one.mean
    return mean.value, mean.low, mean.high, mean.of, one.answers, one.unscored


def _all(measures: Measures) -> list[str]:
    """Every scorer's name, in the order of the tables; those that no table knows last."""
    known = [one for group in GROUPS.values() for one in _scorers(measures, group)]
    return list(dict.fromkeys([*known, *(name for own in measures for name in own)]))


def _scorers(measures: Measures, group: Sequence[str]) -> list[str]:
    """The scorers of a group that scored anything: of judges there may be several."""
    names = dict.fromkeys(name for own in measures for name in own)
    return [name for kind in group for name in names if measured_by(name) == kind]


def _told(measures: Measures, scorer: str) -> bool:
    return any(own[scorer].mean.of for own in measures if scorer in own)
