"""Verdict: which candidate was right, how fast and at what cost, over everything asked so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import partial

import streamlit as st

from app.domain import AnswerFilter, AnswerPoint, AnswerState, CandidateSummary
from app.evaluation.medians import median
from app.evaluation.shares import share_right
from app.services import Services, current
from app.ui import frame, theme, verdict
from app.ui.shown import Rights, Shown, Spread, Times, unique_names
from app.ui.verdict_charts import Picture, draw_charts

NEWEST, SPECKS = 2000, 400
"""How many answers are timed, and how many of these drawn: no browser need draw thousands."""


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
        latest = partial(services.answers.of_candidate, opened, found, verdict.LISTED)
        verdict.answers_dialog(names[opened], latest)


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
    complete = [one for one in points if one.state is AnswerState.COMPLETE]
    return Picture(
        Shown(tuple(fair), names, common, capped=len(points) == NEWEST),
        rights(services, flt),
        alone=times([one for one in complete if one.shared <= 1]),
        crowded=times([one for one in complete if one.shared > 1]),
        styles=theme.colours(reports.order()),
    )


def rights(services: Services, flt: AnswerFilter) -> Rights:
    """How often each was right, on the questions judged for all of them where there are any."""
    each, together = services.reports.right(flt)
    if not any(one.right + one.wrong for one in each):
        return Rights()
    used = {one.candidate_hash: one for one in together or each}
    shares = {candidate: share_right(one) for candidate, one in used.items()}
    return Rights(used, shares, together[0].questions if together else 0)


def times(points: list[AnswerPoint]) -> Times:
    """Medians of these answers by candidate."""
    return Times(
        firsts=spreads((one.candidate_hash, one.first_token) for one in points),
        walls=spreads((one.candidate_hash, one.wall) for one in points),
        speeds=spreads((one.candidate_hash, one.tokens_per_second) for one in points),
        points=points[:SPECKS],
    )


def spreads(values: Iterable[tuple[str, float | None]]) -> dict[str, Spread]:
    """The median with its interval of each candidate's known values."""
    known = defaultdict[str, list[float]](list)
    for candidate, value in values:
        known[candidate] += [] if value is None else [value]
    found = {who: median(one) for who, one in known.items()}
    return {who: Spread(one.value, one.of, one.low, one.high) for who, one in found.items() if one}


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
