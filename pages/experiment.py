"""Experiment: how far it is while it runs, and what came of it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.services import Services, current
from app.ui import experiment_files, frame, running, theme
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
    experiment_files.draw_actions(view.experiment, services.pack_experiment, services.rescore_soon)


frame.only_framed()
page(current())
