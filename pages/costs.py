"""Costs: what answers cost, on one's own machine and by the price lists."""

from __future__ import annotations

import streamlit as st

from app.costs import machines, prices
from app.domain import AnswerFilter, CandidateSummary, MachineAssumptions, SpendDay, Timing
from app.services import Services, current
from app.ui import figures, frame, machine_form, theme
from app.ui import prices as drawing
from app.ui.naming import candidate_names
from app.ui.safe import plain
from app.ui.tables import Table


def page(services: Services) -> None:
    frame.open_page("Costs", "What an answer costs, and where each figure comes from.")
    summaries = services.reports.by_candidate(AnswerFilter())
    days = services.reports.spend(AnswerFilter())
    if days:
        st.markdown(f"### {plain(drawing.totals(days))}")
    own_machine(services, drawing.usual_seconds(services.reports.points(AnswerFilter())))
    with frame.guard():
        spent(services, summaries, days)
    st.markdown("#### Price lists")
    with frame.guard():
        price_lists([one.provider for one in services.backends.backends() if one.provider])


def own_machine(services: Services, seconds: float) -> None:
    """The form, and what a change of it does to the cost of an answer."""
    known = services.assumptions.machine() or machines.default_assumptions()
    st.markdown("#### Your own machine")
    st.markdown(
        "What an answer of a model on your own machine costs is worked out from these figures. "
        "Answers made already keep the cost they were logged with."
    )
    result = st.container()
    apply_preset(services, known)
    with st.expander("Figures of the machine", expanded=True, icon=":material/tune:"):
        typed = machine_form.machine_form(known)
    timing = Timing(machine=seconds)
    with result, frame.guard("The figures saved before are kept."):
        if typed != known:
            services.assumptions.set_machine(machines.checked(typed))
        before = machines.machine_cost(known, timing) if typed != known else None
        machine_form.effect(machines.machine_cost(typed, timing), seconds, before)


def apply_preset(services: Services, known: MachineAssumptions) -> None:
    """Fill the form from a machine with known figures, or as at the start, if that was chosen."""
    presets, start = machines.presets(), machines.default_assumptions()
    told = [(one.name, one.watts, one.rent_per_hour) for one in presets]
    place = machine_form.preset_picker(told, known if known != start else None)
    if place is not None:
        chosen = start if place == machine_form.START else machines.with_preset(known, presets[place])
        services.assumptions.set_machine(chosen)
        machine_form.filled_anew()
        st.rerun()


def spent(services: Services, summaries: list[CandidateSummary], days: list[SpendDay]) -> None:
    """Spend by day, and the cost of an answer, by candidate."""
    if not days:
        st.markdown("Nothing was asked yet, so nothing was spent.")
        return
    names = candidate_names(services.reports.candidates(), services.collections.names())
    # A model that only reworded follow-ups, or judged, is a candidate that nobody compared.
    names |= {one.candidate_hash: one.label for one in days if one.rewording or one.judging}
    styles = theme.colours(services.reports.order())
    left, right = st.columns(2, gap="medium")
    flt, reports = AnswerFilter(), services.reports
    different = reports.questions(flt) - reports.common_questions(flt) if len(summaries) > 1 else 0
    with left:
        tables = drawing.spend_charts(days, names, styles)
    with right:
        if summaries:
            tables |= drawing.answer_costs(summaries, names, styles, different)
    drawing.draw_tables(tables)


def price_lists(connected: list[str]) -> None:
    """The list prices of one provider, with their source and date."""
    listed = {one.id: one for one in prices.providers()}
    chosen = drawing.provider_picker(
        {one.id: f"{one.name} ({figures.count(one.models, 'model')})" for one in listed.values()}, connected
    )
    source = prices.price_source()
    published = ", ".join(listed[chosen].sources) or "not told"
    told = (
        f"In USD per million tokens, from {source.name} {source.version}, "
        f"{drawing.newest(source.newest_change)}. Published at: {published}."
    )
    drawing.price_table(price_rows(chosen), told, f"prices-{chosen}")


def price_rows(provider: str) -> Table:
    """A provider's price list as a table."""
    rows = tuple(
        (
            row.model,
            *(
                None if one is None else float(one)
                for one in (row.input, row.cached, row.output, row.thinking)
            ),
            row.since.isoformat() if row.since else "not dated",
            "yes" if row.tiered else "no",
        )
        for row in prices.prices_table(provider)
    )
    return Table(drawing.PRICE_COLUMNS, rows, blank="none")


frame.only_framed()
page(current())
