"""Vote blind: two answers to one question of an experiment, and which is better."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.domain import Experiment, ExperimentState
from app.evaluation.votes.pairs import shown
from app.services import Services, current
from app.ui import frame, votes_page
from app.ui.result_look import look_of


def page(services: Services) -> None:
    name = st.query_params.get(frame.EXPERIMENT, "")
    experiment = services.experiments.get(name)
    frame.open_page("Vote blind", votes_page.PURPOSE)
    finished = experiment.state is ExperimentState.FINISHED
    voter = votes_page.voter() if finished else ""
    votes_page.draw_way(name, voter)
    if not finished:
        votes_page.unfinished()
    elif not services.polling.pairs(name).pairs:
        votes_page.nothing(experiment)
    elif voter:
        with frame.guard():
            turn(services, experiment, voter)


def turn(services: Services, experiment: Experiment, voter: str) -> None:
    polling, name = services.polling, experiment.id
    now = polling.turn(name, voter)
    cases = services.datasets.cases(experiment.version)
    sight = votes_page.Sight(
        experiment=name,
        done=now.done,
        of=now.of,
        alike=polling.pairs(name).alike,
        sides=shown(now.pair, voter.casefold()) if now.pair else None,
        question=cases[now.pair.first.case].question if now.pair else "",
    )
    actions = votes_page.VotingActions(partial(polling.vote, voter), partial(polling.undo, name, voter))
    look = look_of(experiment, services.collections.names(), services.reports.order(), dark=frame.is_dark())
    hashes = dict(enumerate(one.hash for one in experiment.candidates))
    names = {place: look.names[one] for place, one in hashes.items()}
    votes_page.draw_turn(sight, actions, (names, {place: look.styles[one] for place, one in hashes.items()}))


frame.only_framed()
with frame.guard():
    page(current())
