"""Verdict: what the newest experiment says; or which candidate did how well in everything asked so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from app.domain import AnswerFilter, AnswerState, CandidateSummary, Experiment
from app.evaluation.mean_costs import mean_costs
from app.evaluation.medians import median
from app.evaluation.shares import share_right
from app.evaluation.verdict import verdict_of
from app.services import Services, current
from app.ui import frame, report_button, results, theme, verdict, verdict_experiment
from app.ui.naming import candidate_names
from app.ui.result_look import look_of
from app.ui.shown import Rights, Shown, Spread
from app.ui.timed import times
from app.ui.verdict_charts import Picture, draw_charts

NEWEST = 2000  # How many answers are timed.


def page(services: Services) -> None:
    verdict.forget_question()
    experiments = services.experiments.answered(verdict_experiment.NEWEST)
    asked = services.reports.collections()
    if experiments and not (asked and verdict_experiment.asked_instead()):
        one_experiment(services, experiments, sum(asked.values()))
    elif asked:
        frame.open_page(verdict.ASKED, verdict.ASKED_FOR)
        if experiments:
            verdict_experiment.draw_switch(sum(asked.values()))
        everything_asked(services, asked)
    else:
        frame.open_page(verdict_experiment.TITLE, verdict.WHAT_IT_IS)
        if verdict.first_start(documents=bool(services.collections.list())):
            frame.open_sample(services.load_sample)
            st.switch_page("pages/ask.py", query_params={"collection": st.query_params["collection"]})


def one_experiment(services: Services, experiments: Sequence[Experiment], asked: int) -> None:
    """What one experiment says; so many answers were ``asked`` for by hand besides."""
    chosen = verdict_experiment.choose(experiments)
    verdict_experiment.draw_switch(asked)
    with frame.guard():
        examined = services.examining.of(chosen.id)
        look = look_of(chosen, services.collections.names(), services.reports.order())
        wanted, sums = services.assumptions.verdict(), services.examining.measures
        report = report_button.ReportActions(services.experiments.used, services.pay_off, sums)
        actions = results.HomeActions(report, wanted, services.assumptions.change_verdict)
        results.draw_short(examined, verdict_of(examined, wanted), look, actions)


def everything_asked(services: Services, asked: Mapping[str, int]) -> None:
    """Who was right, how fast and at what cost."""
    answer, (place, period, candidates) = st.container(), verdict.filter_places()
    with place:
        scopes = verdict.Scopes(services.collections.list(), asked, services.collections.deleted())
        scope = verdict.choose_scope(scopes)
    everything = services.reports.by_candidate(AnswerFilter(collection_id=scope))
    names = candidate_names(services.reports.candidates(), scopes.names, everything)
    flt = verdict.narrow(scope, period, candidates, names)
    summaries = everything if flt == AnswerFilter(scope) else services.reports.by_candidate(flt)
    if not summaries:
        st.info("Nothing was asked within these filters. Choose a longer time or all collections.")
        return
    picture = look(services, flt, summaries, names)
    with answer:
        verdict.answer(picture, several=not scope and scopes.several)
    draw_charts(picture, verdict.opened)
    verdict.counts(summaries, names)
    if (opened := verdict.to_open()) in names:
        found = verdict.narrowed(flt, opened)
        latest = partial(services.answers.of_candidate, opened, found, verdict.LISTED)
        common = picture.shown.common if services.reports.questions(found) > picture.shown.common else 0
        verdict.answers_dialog(names[opened], latest, common=common, exchange=services.exchange())


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
    priced = reports.priced(flt, NEWEST, common_only=some)
    complete = [one for one in points if one.state is AnswerState.COMPLETE]
    return Picture(
        Shown(tuple(fair), names, common, len(points) == NEWEST, priced, mean_costs(fair, points)),
        rights(services, flt),
        alone=times([one for one in complete if one.shared <= 1], spread),
        crowded=times([one for one in complete if one.shared > 1], spread),
        styles=theme.apart(theme.colours(reports.order()), [one.candidate_hash for one in fair]),
    )


def rights(services: Services, flt: AnswerFilter) -> Rights:
    """How often each was right, on the questions judged for all of them where there are any."""
    each, together = services.reports.right(flt)
    if not any(one.right + one.wrong for one in each):
        return Rights()
    used = {one.candidate_hash: one for one in together or each}
    shares = {candidate: share_right(one) for candidate, one in used.items()}
    return Rights(used, shares, together[0].questions if together else 0)


def spread(values: Sequence[float]) -> Spread | None:
    """The median of these values with its interval."""
    one = median(values)
    return Spread(one.value, one.of, one.low, one.high) if one else None


frame.only_framed()
page(current())
