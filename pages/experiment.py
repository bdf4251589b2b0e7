"""Experiment: how far it is while it runs, and what came of it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.evaluation.experiments.results import results_of
from app.services import Services, current
from app.ui import frame, judge, running, theme
from app.ui.naming import candidate_names


def page(services: Services) -> None:
    name, experimenting = st.query_params.get(frame.EXPERIMENT, ""), services.experimenting
    view = experimenting.view(name)
    frame.open_page(view.experiment.name, "How often each model was right, and why it was not.")
    candidates = {one.hash: one for one in view.experiment.candidates}
    actions = running.RunActions(
        look=partial(experimenting.view, name),
        stop=partial(experimenting.stop, name),
        resume=partial(experimenting.resume, name),
        names=candidate_names(candidates, {one.id: one.name for one in services.collections.list()}),
        styles=theme.colours([*services.reports.order(), *candidates], dark=frame.is_dark()),
    )
    running.draw_run(view, actions)
    if not view.busy and view.experiment.judge is not None:
        results = results_of(view.experiment, services.experiments.trials(name))
        judge.draw(view.experiment.judge, results.candidates, actions.names)


frame.only_framed()
page(current())
