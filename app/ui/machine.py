"""One's own machine on the Costs page: its figures, what an answer costs on it, and when it pays off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import Cost, Figure, MachineAssumptions, PayOff, PricedModel, Workload
from app.ui import figures, machine_form
from app.ui.breakeven_chart import draw_breakeven, measured_in
from app.ui.frame import empty, guard
from app.ui.prices_what_if import model_key, model_name
from app.ui.safe import plain
from app.ui.theme import LaneStyle
from app.ui.words import help_for

WHAT_IT_IS = (
    "What an answer of a model on your own machine costs is worked out from these figures. "
    "Answers made already keep the cost they were logged with."
)
NOT_MEASURED = (
    "To say when your own machine pays off, Assay needs to know how long it works on a question, "
    "and how many tokens that takes: run an experiment with a model on your own machine."
)
AGAINST, OWN = "against", "own"
"""What the machine is set against, and the model that runs on it, in the address."""
PICKED = "against-picked"
"""In the session: what the machine is set against was chosen just now."""
MOST_MODELS = 4
SEEN = "machine-seen"
"""In the session: the figures that the fields of this tab stand for."""


@dataclass(frozen=True)
class Choice:
    """What the machine is set against: ``own`` is a candidate's hash, or "" for the best."""

    own: str
    listed: Sequence[PricedModel]


@dataclass(frozen=True)
class MachineActions:
    """What the section asks for. ``keep`` and those that compute may raise AppError.

    ``cost`` is of an answer of so many seconds.
    ``presets`` are name, watts and rent of machines with known figures; ``preset`` gives the assumptions with
    the one at a place, or those of the start. ``moved`` tells the figures in another currency; ``needed`` are
    the currencies in which anything is paid. ``against`` are set beside it
    unless the address names others, of all ``models`` that have a price; ``choose`` keeps those that a person
    picks, for home and the report too. ``energy`` says whether energy is measured here.
    """

    known: MachineAssumptions
    at_start: bool
    presets: Sequence[tuple[str, Figure, Figure]]
    preset: Callable[[int], MachineAssumptions]
    keep: Callable[[MachineAssumptions], None]
    cost: Callable[[MachineAssumptions, float], Cost]
    idle: Callable[[MachineAssumptions], Cost]
    pay_off: Callable[[MachineAssumptions, Choice], PayOff]
    moved: Callable[[MachineAssumptions, str], MachineAssumptions]
    needed: Sequence[str]
    against: Sequence[PricedModel]
    choose: Callable[[Sequence[PricedModel]], None]
    models: Callable[[], Sequence[PricedModel]]
    energy: str


def draw(actions: MachineActions, seconds: float, styles: Mapping[str, LaneStyle]) -> PayOff:
    """The section: results on top, since a change below shows there at once. ``seconds`` an answer takes.

    Returns what was set against each other.
    """
    known = actions.known
    seen: MachineAssumptions = st.session_state.setdefault(SEEN, known)
    st.markdown("#### Your own machine")
    st.markdown(WHAT_IT_IS)
    result = st.container()
    _preset(actions)
    with st.expander("Figures of the machine", expanded=True, icon=":material/tune:"):
        typed, currency = machine_form.machine_form(seen, actions.needed)
        st.caption(plain(actions.energy, 400))
    found, kept = PayOff(), False
    with result:
        effect = st.container()
        with effect, guard("The figures saved before are kept."):
            if seen != known:
                _join(actions, seen, typed)
            if currency != known.currency:
                _keep(actions, moved := actions.moved(typed, currency))
                machine_form.moved(typed, moved)
                st.rerun()
            if typed != known:
                _keep(actions, typed)
            kept = True
        if kept:
            with guard():
                found = _pay_off(actions, typed, styles)
            with effect:
                _effect(actions, typed, _seconds(found.chosen, seconds))
    return found


def _keep(actions: MachineActions, machine: MachineAssumptions) -> None:
    actions.keep(machine)
    st.session_state[SEEN] = machine


def _join(actions: MachineActions, seen: MachineAssumptions, typed: MachineAssumptions) -> None:
    """Another tab kept other figures since this one read them: only what was typed here goes on top."""
    st.session_state[SEEN] = actions.known
    machine_form.changed_elsewhere()
    joined = machine_form.joined(actions.known, seen, typed)
    if joined != actions.known:
        _keep(actions, joined)
    st.rerun()


def _seconds(chosen: Workload | None, usual: float) -> float:
    """How long an answer takes: of the model that is compared, where one was measured."""
    return float(chosen.seconds.value) if chosen else usual


def _effect(actions: MachineActions, typed: MachineAssumptions, seconds: float) -> None:
    before = actions.cost(actions.known, seconds) if typed != actions.known else None
    machine_form.effect(actions.cost(typed, seconds), seconds, before)


def _preset(actions: MachineActions) -> None:
    """Fill the form from a machine with known figures, or as at the start, if that was chosen."""
    place = machine_form.preset_picker(actions.presets, None if actions.at_start else actions.known)
    if place is not None:
        _keep(actions, actions.preset(place))
        machine_form.filled_anew()
        st.rerun()


def _pay_off(actions: MachineActions, machine: MachineAssumptions, styles: Mapping[str, LaneStyle]) -> PayOff:
    """Draw it; returns what was drawn."""
    st.markdown("##### When does your own machine pay off?")
    chart, chooser = st.container(), st.container(horizontal=True, vertical_alignment="bottom")
    with chooser:
        listed = _against(actions)
        own = st.query_params.get(OWN, "")
        found = actions.pay_off(machine, Choice(own, listed))
        picked = _own_model(found.works, found.chosen)
    if picked != (found.chosen.candidate if found.chosen else ""):
        found = actions.pay_off(machine, Choice(picked, listed))
    with chart:
        if found.chosen is None:
            if empty(NOT_MEASURED, "Go to the experiments", key="not-measured", icon=":material/science:"):
                st.switch_page("pages/experiments.py")
            return found
        draw_breakeven(found.against, styles)
        measured_in(found)
        _apart(found, actions.idle(machine))
    return found


def _against(actions: MachineActions) -> list[PricedModel]:
    """The prices to be set beside the machine, published ones and one's own; they stand in the address.

    What a person picks is kept.
    """
    by_key = {model_key(one): one for one in actions.models()}
    kept = [model_key(one) for one in actions.against]
    wanted = [one for one in st.query_params.get_all(AGAINST) if one in by_key] or kept
    chosen = st.multiselect(
        "Against the prices of",
        list(by_key),
        [one for one in wanted if one in by_key][:MOST_MODELS],
        format_func=lambda one: model_name(by_key[one]) if one in by_key else "",
        max_selections=MOST_MODELS,
        select_all=False,
        placeholder="Type a model's name",
        key="against-models",
        help=help_for("against"),
        width=480,
        on_change=_picked,
    )
    st.query_params[AGAINST] = chosen
    found = [by_key[one] for one in chosen]
    # Only what a person picked here: an address that was shared changes nothing for others.
    if st.session_state.pop(PICKED, False):
        with guard():
            actions.choose(found)
    return found


def _picked() -> None:
    st.session_state[PICKED] = True


def _own_model(works: Sequence[Workload], chosen: Workload | None) -> str:
    """Whose answers tell what a question takes; asked only where there are several."""
    if chosen is None:
        return ""
    if len(works) == 1:
        return chosen.candidate
    names = {one.candidate: one.name for one in works}
    picked = st.selectbox(
        "Your model",
        list(names),
        index=list(names).index(chosen.candidate),
        format_func=lambda one: names.get(one, ""),
        key="own-model",
        help=help_for("own model"),
        width=360,
    )
    st.query_params[OWN] = picked
    return picked


def _apart(found: PayOff, idle: Cost) -> None:
    """What is in no answer's cost: loading models, and being switched on."""
    told = []
    if found.loading is not None:
        one = found.loading
        cost = figures.money(one.amount, one.currency)
        told.append(f"Loading models took {figures.seconds(one.seconds)} there and cost {cost}.")
    if idle.amount is not None:
        energy = figures.money(idle.amount, idle.currency)
        told.append(f"Waiting for questions draws {energy} of energy a month.")
    if told:
        st.caption(
            plain(f"{' '.join(told)} This is in the cost of no answer.", 600), help=help_for("load cost")
        )
