"""Verdict: which candidate was right, how fast and at what cost, over everything asked so far."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from app.domain import AnswerFilter, AnswerPoint, AnswerState, CandidateSummary
from app.evaluation.medians import median
from app.evaluation.statistics import wilson
from app.services import Services, current
from app.ui import frame, theme, verdict
from app.ui.findings import Shown, Spread, unique_names
from app.ui.verdict_charts import Picture, draw_charts

NEWEST = 2000
"""Answers whose times and speeds are drawn."""
SPECKS = 400


def page(services: Services) -> None:
    frame.open_page(
        "What was asked so far",
        "Which model was right, how fast and at what cost, over everything that was asked.",
    )
    everything = services.reports.by_candidate(AnswerFilter())
    if not everything:
        first_start(services)
        return
    names = unique_names({one.candidate_hash: one.label for one in everything})
    answer = st.container()
    flt = verdict.filters(services.collections.list(), names)
    summaries = everything if flt == AnswerFilter() else services.reports.by_candidate(flt)
    if not summaries:
        st.info("Nothing was asked within these filters. Choose a longer time or all collections.")
        return
    picture = look(services, flt, summaries, names)
    with answer:
        verdict.answer(picture)
    draw_charts(picture, verdict.opened)
    verdict.counts(summaries, names)
    opened = verdict.to_open()
    if opened in names:
        found = verdict.narrowed(flt, opened)
        verdict.answers_dialog(
            names[opened], lambda: services.answers.of_candidate(opened, found, verdict.LISTED, 0)
        )


def look(
    services: Services, flt: AnswerFilter, summaries: list[CandidateSummary], names: dict[str, str]
) -> Picture:
    """Everything the page draws, only on common questions where the candidates have any."""
    reports = services.reports
    common = reports.common_questions(flt) if len(summaries) > 1 else 0
    # Where everything was put to all of them there is nothing to leave out, which is quicker.
    some = 0 < common < reports.questions(flt)
    fair = reports.by_candidate(flt, common_only=True) if some else summaries
    points = reports.points(flt, NEWEST, common_only=some)
    alone = [one for one in points if one.state is AnswerState.COMPLETE and one.shared <= 1]
    return Picture(
        shown=Shown(tuple(fair), names, common, capped=len(points) == NEWEST),
        shares={one.candidate_hash: wilson(one.right, one.marked) for one in fair},
        first_tokens=spreads((one.candidate_hash, one.first_token) for one in alone),
        walls=spreads((one.candidate_hash, one.wall) for one in alone),
        speeds=spreads((one.candidate_hash, one.tokens_per_second) for one in alone),
        points=thinned(alone),
        styles=theme.colours(reports.order()),
    )


def spreads(values: Iterable[tuple[str, float | None]]) -> dict[str, Spread]:
    """The median with its interval of each candidate's known values."""
    by_candidate: dict[str, list[float]] = {}
    for candidate, value in values:
        if value is not None:
            by_candidate.setdefault(candidate, []).append(value)
    found = {candidate: median(known) for candidate, known in by_candidate.items()}
    return {
        candidate: Spread(one.value, one.of, one.low, one.high) for candidate, one in found.items() if one
    }


def thinned(points: list[AnswerPoint]) -> list[AnswerPoint]:
    """The newest of the points, so that the browser need not draw thousands."""
    return points[:SPECKS]


def first_start(services: Services) -> None:
    """Nothing was asked yet: the sample workspace, or one's own documents."""
    if services.collections.list():
        st.markdown("Nothing was asked yet. Ask a question, and what the models answered is summed up here.")
        st.page_link("pages/ask.py", label="Ask the first question", icon=":material/forum:")
        return
    if frame.empty(
        "**Nothing was asked yet.** The sample workspace shows how this works: the documents of a small "
        "invented company, with example questions. It needs no network and is ready in a few seconds.",
        "Open the sample workspace",
        key="open-sample",
    ):
        frame.use_collection(services.load_sample()[0].id)
        st.switch_page("pages/ask.py", query_params={"collection": st.query_params["collection"]})
    st.page_link("pages/documents.py", label="Or add your own documents", icon=":material/folder_open:")


frame.only_framed()
page(current())
