"""Experiment: how far it is while it runs, and what came of it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.domain import Examined, Experiment, RunView
from app.evaluation.scorers.judge import judge_of
from app.evaluation.verdict import verdict_of
from app.evaluation.votes import pair_judge
from app.services import Services, current
from app.ui import experiment_files, frame, judge, judge_again, recorded, results, running, votes, votes_judge
from app.ui.candidates import Offer, offers_of
from app.ui.report_button import ReportActions
from app.ui.result_look import Look, look_of


def page(services: Services) -> None:
    name = st.query_params.get(frame.EXPERIMENT, "")
    ran = name in services.experimenting.running()
    examined = services.examining.of(name)
    view = services.experimenting.view(name, (examined.experiment, examined.trials))
    if ran and not view.busy:  # It ended while its answers were read: some are missing.
        st.rerun()
    order = services.reports.order()
    look = look_of(view.experiment, services.collections.names(), order, dark=frame.is_dark())
    frame.open_page(view.experiment.name, "How often each model was right, and why it was not.")
    ended = not view.busy and not running.is_open(view)
    if not ended:
        draw_run(services, view, look)
    if examined.trials:
        if view.busy:
            results.draw_newest(len(examined.trials))
        with frame.guard():
            draw(services, examined, look, view)
    if ended:
        draw_run(services, view, look)


def draw_run(services: Services, view: RunView, look: Look) -> None:
    name, experimenting = view.experiment.id, services.experimenting
    actions = running.RunActions(
        look=partial(experimenting.view, name),
        stop=partial(experimenting.stop, name),
        resume=partial(experimenting.resume, name),
        names=look.names,
        styles=look.styles,
    )
    running.draw_run(view, actions)
    experiment_files.draw_actions(
        view, services.pack_experiment, services.rescore_soon, again(services, view)
    )
    with frame.guard():
        recorded.draw(view, look.names, recorded_of(services, view.experiment))


def again(services: Services, view: RunView) -> judge_again.AgainActions:
    name, it = view.experiment.id, services.experimenting
    return judge_again.AgainActions(
        offers=partial(offers, services),
        judge_of=judge_of,
        estimate=partial(it.estimate_judging, name),
        start=partial(it.judge_again, name),
        may=not view.busy and not view.elsewhere and any(one.done for one in view.progress),
    )


def offers(services: Services) -> list[Offer]:
    return offers_of(services.backends.backends(), services.backends.offered())


def recorded_of(services: Services, experiment: Experiment) -> recorded.RecordedActions:
    it = services.recording
    return recorded.RecordedActions(
        look=partial(it.preview, experiment.id),
        add=partial(services.add_recorded_soon, experiment.id),
        take_out=partial(it.take_out, experiment.id),
        questions=partial(services.questions_table, experiment.version),
    )


def draw(services: Services, examined: Examined, look: Look, view: RunView) -> None:
    name, asked = examined.experiment.id, services.assumptions.verdict()
    actions = results.ResultActions(
        report=ReportActions(services.experiments.used, services.pay_off, services.examining.measures),
        trace=partial(services.experimenting.trace, name, reask=True),
        may_trace=not view.busy and not view.elsewhere,
        elsewhere=view.elsewhere,
    )
    results.draw_results(examined, verdict_of(examined, asked), look, actions)
    votes.draw(examined, look, vote_actions(services, examined, view))
    judge.draw(examined.experiment.judge, examined.results.candidates, look.names)


def vote_actions(services: Services, examined: Examined, view: RunView) -> votes.VoteActions:
    experiment, judging, polling = examined.experiment, services.pair_judging, services.polling
    return votes.VoteActions(
        partial(polling.polled, experiment, examined.trials),
        partial(polling.styled, experiment),
        votes_judge.JudgeActions(
            offers=partial(offers, services),
            judge_of=pair_judge.judge_of,
            start=partial(judging.start, experiment.id),
            estimate=partial(judging.estimate, experiment.id),
            look=partial(judging.view, experiment.id),
            stop=partial(judging.stop, experiment.id),
            may=not view.busy and not view.elsewhere,
        ),
    )


frame.only_framed()
page(current())
