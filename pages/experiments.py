"""Experiments: those that run, those that ran, the questions they were run on, and a new one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app.domain import Collection, DocumentState
from app.evaluation.experiments.experimenting import Wanted
from app.evaluation.scorers.judge import judge_of
from app.evaluation.shares import share_right
from app.services import Services, current
from app.ui import (
    experiment_files,
    experiment_form,
    experiment_form_estimate,
    experiment_list,
    experiments,
    frame,
    recorded_new,
    upload,
)
from app.ui.candidates import offers_of
from app.ui.experiment_form import Ground

PURPOSE = "Put the same questions to several models, and see which is right how often."
NEW = "Choose the questions and the models, see what it will take, and start."


def page(services: Services) -> None:
    known = services.collections.list()
    making = experiments.NEW in st.query_params and bool(services.datasets.list())
    frame.open_page("New experiment" if making else "Experiments", NEW if making else PURPOSE)
    if collection := frame.collection_in_use(known):
        ingesting = services.ingesting
        upload.draw_progress(ingesting.recent(collection.id), ingesting.view, ingesting.stop)
    (new_experiment if making else overview)(services, known)


def overview(services: Services, known: Sequence[Collection]) -> None:
    """What runs, what ran, and the questions."""
    first_step(services, known)
    running = services.experimenting.running()
    actions = experiments.RunningActions(services.experimenting.view, services.experimenting.stop)
    experiments.draw_running([services.experimenting.view(one) for one in running], actions)
    with frame.guard():
        ended(services, running)
    with frame.guard():
        experiments.draw_questions(services.datasets.list())
    experiment_files.draw_import(services.settings.upload_mb, services.import_soon)
    made = services.recording.preview_new, services.make_recorded_soon, services.questions_table
    recorded_new.draw_new(services.datasets.list(), recorded_new.NewActions(*made))


def first_step(services: Services, known: Sequence[Collection]) -> None:
    """What is needed before there can be an experiment, or else the button that begins one."""
    if services.datasets.list():
        experiments.new_button()
    elif known:
        experiments.no_dataset()
    elif experiments.no_documents():
        frame.open_sample(services.load_sample)
        st.rerun()


def ended(services: Services, running: Sequence[str]) -> None:
    """The experiments that do not run, those that were interrupted first."""
    newest = None if experiment_list.ALL in st.query_params else experiment_list.NEWEST
    ran = [one for one in services.experiments.summaries(newest) if one.experiment.id not in running]
    lines = experiment_list.lines_of(ran, services.collections.names(), share_right)
    experiment_list.draw_interrupted(lines)
    older = services.experiments.count() - len(ran) - len(running)
    experiment_list.draw_ended(lines, services.experimenting.delete, older)


def new_experiment(services: Services, known: Sequence[Collection]) -> None:
    """The form, what it will take, and Start."""
    experiments.back_button()
    plan = experiment_form.choose(ground(services, known))
    if plan is None:
        return
    ready = experiment_form.agreed(plan, {one.id: one for one in known}, services.collections.agree)
    judge = judge_of(plan.judge.backend, plan.judge.model) if plan.judge else None
    manner = plan.repeats, plan.one_at_a_time, plan.limit, plan.reask, judge
    wanted = Wanted(plan.name, plan.dataset.id, plan.candidates, *manner)
    measuring, measure = services.experimenting.measuring, partial(services.experimenting.measure, wanted)
    probe = experiment_form_estimate.Probe(measuring.view, measure, measuring.stop, allowed=ready)
    experiment_form_estimate.draw(plan, services.experimenting.estimate(wanted), probe)
    if experiment_form.start_button(ready=ready):
        with st.spinner("Starting…"), frame.guard("Nothing was asked, and nothing was lost."):
            made = services.experimenting.start(wanted)
            st.switch_page("pages/experiment.py", query_params=experiments.address(frame.EXPERIMENT, made))


def ground(services: Services, known: Sequence[Collection]) -> Ground:
    """What there is to choose from."""
    backends, first = services.backends.backends(), frame.collection_in_use(known)
    providers = {one.name: one.provider for one in backends}
    return Ground(
        datasets=services.datasets.list(),
        dataset=st.query_params.get(frame.DATASET, ""),
        collections=[one for one in known if searchable(services, one)],
        first=first.id if first else "",
        offers=offers_of(backends, services.backends.offered()),
        billed_in=lambda one: services.prices.billed_in(one.backend, providers[one.backend], one.model),
        lacks=lambda its, given: services.whereabouts.lacks(given, services.datasets.cases(its.version)),
        check=services.experimenting.drift_check,
    )


def searchable(services: Services, collection: Collection) -> bool:
    return any(one.state is DocumentState.SEARCHABLE for one in services.documents.entries(collection.id))


frame.only_framed()
page(current())
