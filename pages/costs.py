"""Costs: what answers cost, on one's own machine and by the price lists."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.costs import machines
from app.costs.price_lists import own_price_of, row_of
from app.domain import AnswerFilter, AnswerPoint, Experiment, MachineAssumptions, PayOff, SpendDay, Timing
from app.evaluation.mean_costs import mean_costs
from app.evaluation.price_import import written_csv, written_jsonl
from app.evaluation.verdict import best_first
from app.services import Services, current
from app.ui import frame, theme, verdict_experiment
from app.ui import machine as drawn_machine
from app.ui import prices as drawing
from app.ui.machine_form import START
from app.ui.naming import candidate_names
from app.ui.prices_lists import Lists, draw_lists
from app.ui.prices_own import OwnLists, draw_own
from app.ui.prices_what_if import WhatIfWays, draw_what_if
from app.ui.result_look import look_of
from app.ui.safe import plain

NEWEST = 30  # So many experiments can be chosen.


def page(services: Services) -> None:
    frame.open_page("Costs", "What an answer costs, and where each figure comes from.")
    days, points = services.reports.spend(AnswerFilter()), services.reports.points(AnswerFilter())
    if days:
        st.markdown(f"### {plain(drawing.totals(days))}")
        drawing.draw_rates(days)
    experiments = services.experiments.answered(NEWEST)
    # One for when the machine pays off and for what other models would cost alike.
    experiment = verdict_experiment.pick(experiments) if experiments else None
    compared = own_machine(services, drawing.usual_seconds(points), experiment)
    with frame.guard():
        spent(services, days, points)
    with frame.guard():
        what_if(services, experiment, compared)
    st.markdown("#### Price lists")
    with frame.guard():
        price_lists(services)


def own_machine(services: Services, seconds: float, one: Experiment | None) -> PayOff:
    """The form, and what a change of it does to the cost of an answer and to when the machine pays off."""
    known = services.assumptions.machine() or machines.default_assumptions()
    start, presets = machines.started_anew(known), machines.presets()

    def pay_off(machine: MachineAssumptions, choice: drawn_machine.Choice) -> PayOff:
        names = candidate_names(services.reports.candidates(), services.collections.names())
        if one is None:
            return PayOff()
        # The same model as on home, until another one is chosen.
        own = [choice.own] if choice.own else best_first(services.examining.of(one.id).results)
        return services.paying.look(machine, choice.listed, own=own, experiment=one, names=names)

    actions = drawn_machine.MachineActions(
        known=known,
        at_start=known == start,
        presets=[(one.name, one.watts, one.rent_per_hour) for one in presets],
        preset=lambda place: start if place == START else machines.with_preset(known, presets[place]),
        keep=lambda typed: services.assumptions.set_machine(machines.checked(typed)),
        cost=lambda one, taken: machines.machine_cost(one, Timing(machine=taken)),
        idle=machines.idle_cost,
        pay_off=pay_off,
        moved=machines.in_currency,
        needed=services.currencies(),
        against=services.against(),
        choose=services.assumptions.set_against,
        models=services.prices.models,
        energy=services.energy.words,
    )
    return drawn_machine.draw(actions, seconds, theme.colours(services.reports.order()))


def spent(services: Services, days: list[SpendDay], points: list[AnswerPoint]) -> None:
    """Spend by day, and the cost of an answer, by candidate."""
    if not days:
        st.markdown("Nothing was asked on this machine yet, so nothing was spent here.")
        return
    names = candidate_names(services.reports.candidates(), services.collections.names())
    # A model that only reworded follow-ups, or judged, is a candidate that nobody compared.
    names |= {one.candidate_hash: one.label for one in days if one.rewording or one.judging}
    left, right = st.columns(2, gap="medium")
    flt, of = AnswerFilter(), services.reports
    summaries = of.by_candidate(flt)
    costs, styles = mean_costs(summaries, points), theme.colours(of.order())
    different = of.questions(flt) - of.common_questions(flt) if len(summaries) > 1 else 0
    with left:
        tables = drawing.spend_charts(days, names, styles)
    with right:
        if summaries:
            tables |= drawing.answer_costs(summaries, names, styles, different, costs)
    drawing.draw_tables(tables)


def price_lists(services: Services) -> None:
    """A person's own lists, then the published ones with their update."""
    book, own, fetcher = services.prices, services.price_lists, services.fetcher
    connected = [one.provider for one in services.backends.backends() if one.provider]
    typed = (own.list(), own.change, own_price_of, row_of)
    draw_own(OwnLists(*typed, services.preview_prices, written_csv, written_jsonl))
    source = (book.source, book.providers, book.table, connected)
    draw_lists(Lists(*source, fetcher.address, services.update_prices_soon, fetcher.stop))


def what_if(services: Services, experiment: Experiment | None, compared: PayOff) -> None:
    """The tokens of an experiment at the prices of models that were not asked."""
    names, order = services.collections.names(), services.reports.order()
    look = partial(look_of, collections=names, order=order)
    draw_what_if(WhatIfWays(experiment, services.prices.models, services.what_if, look, compared.chosen))


frame.only_framed()
page(current())
