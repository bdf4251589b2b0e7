"""A new experiment: which questions, which candidates, how often, and with which limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from app.domain import MONEY_SCALE, Candidate, Collection, Dataset, Limit
from app.ui import experiment_form_drift, figures, theme
from app.ui.candidates import Offer, offered
from app.ui.collections import leaving_notice
from app.ui.estimates import repeats_words
from app.ui.experiment_form_grid import (
    WITHOUT,
    Cell,
    candidates_of,
    first_models,
    forbidden,
    leaving,
    too_many,
)
from app.ui.experiment_form_options import KEPT, NOT_ALL, options
from app.ui.safe import plain
from app.ui.words import help_for

MOST_REPEATS = 100
LONGEST_NAME = 80
NAME_WIDTH = 300
"""Pixels of a model's name in the grid."""
AT_ONCE, IN_TURN = "Side by side", "One after the other"
NO_CANDIDATE = "No candidate is ticked: tick at least one above."
CONTAINS = ""
"""What stands for no judge where a judge's name stands."""
NO_BILL = (
    "Nobody bills these models' answers, so there is nothing to limit: they cost your own machine's time."
)
NO_MODEL = "No model is there to answer. Models tells what is missing."


@dataclass(frozen=True)
class Ground:
    """What there is to choose from.

    ``collections`` are those with something to search, ``first`` the id of the one that is chosen at first;
    ``dataset`` is the id of the dataset that the address names. ``billed_in`` tells in which currency bills
    for a model come, "" where none does. ``lacks`` tells whether a collection has none of the documents that
    a dataset names, ``check`` what of right passages in places fits.
    """

    datasets: Sequence[Dataset]
    dataset: str
    collections: Sequence[Collection]
    first: str
    offers: Sequence[Offer]
    billed_in: Callable[[Offer], str]
    lacks: Callable[[Dataset, Collection], bool]
    check: experiment_form_drift.Check


@dataclass(frozen=True)
class Plan:
    """What was chosen for a new experiment."""

    dataset: Dataset
    cells: tuple[Cell, ...]
    candidates: tuple[Candidate, ...]
    repeats: int
    one_at_a_time: bool
    reask: bool
    limit: Limit | None
    name: str
    judge: Offer | None = None


def choose(ground: Ground) -> Plan | None:
    """Draw everything that is chosen for a new experiment; None where that cannot be started yet."""
    if not ground.offers:
        st.warning(NO_MODEL, icon=":material/memory:")
        return None
    dataset = _dataset(ground)
    st.markdown("#### Candidates")
    cells = _grid(ground, _models(ground), _collections(ground))
    if words := lacking_words(_lacking(ground, dataset, cells)):
        st.warning(plain(words, 600), icon=":material/info:")
    chosen = options()
    candidates = candidates_of(cells, chosen)
    st.markdown("#### How it is run")
    repeats = _repeats(candidates)
    one_at_a_time, reask = _manner()
    lengths = experiment_form_drift.lengths()
    drift_wrong = experiment_form_drift.wrong(candidates, lengths)
    candidates = experiment_form_drift.placed(candidates, lengths)
    judge = _judge(ground)
    asked = [one.offer for one in cells] + ([judge] if judge else [])
    limit = _limit(sorted({ground.billed_in(one) for one in asked} - {""}))
    name = st.text_input(
        "Name", max_chars=LONGEST_NAME, placeholder=dataset.name, key="experiment-name", width=NAME_WIDTH
    )
    if wrong := (not candidates and NO_CANDIDATE) or drift_wrong or too_many(candidates):
        st.warning(wrong, icon=":material/info:")
        return None
    if lengths:
        candidates = experiment_form_drift.askable(dataset.id, candidates, ground.check)
        if not candidates:
            return None
    return Plan(dataset, cells, candidates, repeats, one_at_a_time, reask, limit, name or "", judge)


def agreed(plan: Plan, collections: Mapping[str, Collection], agree: Callable[[str, str], object]) -> bool:
    """Whether all passages may go where they would; else what has to be agreed to is drawn, one at a time.

    ``agree`` notes that a collection (its id) may go to a host.
    """
    for given, host in leaving(plan.cells, plan.judge):
        if not leaving_notice(collections[given], [host], lambda to, given=given: agree(given, to)):  # type: ignore[misc]
            return False
    return True


def start_button(*, ready: bool) -> bool:
    """Whether the experiment is to begin now."""
    return st.button(
        "Start", key="experiment-start", type="primary", icon=":material/play_arrow:", disabled=not ready
    )


def _dataset(ground: Ground) -> Dataset:
    by_id = {one.id: one for one in ground.datasets}
    places = list(by_id)
    picked = st.selectbox(
        "Questions",
        places,
        index=places.index(ground.dataset) if ground.dataset in by_id else 0,
        format_func=lambda one: f"{by_id[one].name} ({figures.count(by_id[one].size, 'question')})",
        key="experiment-dataset",
        help=help_for("dataset"),
    )
    return by_id[picked]


def _models(ground: Ground) -> list[Offer]:
    names = {one.name: one for one in ground.offers}
    picked = st.multiselect(
        "Models",
        list(names),
        default=first_models(ground.offers),
        format_func=lambda one: offered(one, names),
        key="experiment-models",
        help=help_for("model"),
        select_all=NOT_ALL,
        persist_state=KEPT,
    )
    return [names[one] for one in picked if one in names]


def _collections(ground: Ground) -> list[Collection]:
    """The collections that the models are given in turn; asked for only where there are several."""
    by_id = {one.id: one for one in ground.collections}
    if len(by_id) < 2:
        return list(ground.collections)
    picked = st.multiselect(
        "Collections",
        list(by_id),
        default=[ground.first if ground.first in by_id else next(iter(by_id))],
        format_func=lambda one: by_id[one].name,
        key="experiment-collections",
        help=help_for("several collections"),
        select_all=NOT_ALL,
        persist_state=KEPT,
    )
    return [by_id[one] for one in picked if one in by_id]


def _grid(ground: Ground, models: Sequence[Offer], collections: Sequence[Collection]) -> tuple[Cell, ...]:
    """A row for each model, with a tick for what it is given."""
    names = {one.name: one for one in ground.offers}
    cells: list[Cell] = []
    with st.container(border=True, key="experiment-grid", gap="xsmall"):
        for offer in models:
            with st.container(horizontal=True, vertical_alignment="center", key=f"row-{offer.name}"):
                where = "" if offer.local else f" :small[at {plain(offer.host, 60)}]"
                st.markdown(f"**{plain(offered(offer.name, names))}**{where}", width=NAME_WIDTH)
                several = len(collections) > 1
                ticked = [one for one in (*collections, None) if _tick(offer, one, several=several)]
            cells += [Cell(offer, one.id if one else WITHOUT) for one in ticked]
        if not models:
            st.markdown("Choose at least one model.")
    return tuple(cells)


def _lacking(ground: Ground, dataset: Dataset, cells: Sequence[Cell]) -> list[str]:
    """The names of the ticked collections that have none of the documents that the questions name."""
    given = {one.given for one in cells}
    ticked = [one for one in ground.collections if one.id in given]
    return [one.name for one in ticked if ground.lacks(dataset, one)]


def lacking_words(names: Sequence[str]) -> str:
    """That the right text is in none of these collections; "" for none."""
    told = " and ".join(f"“{one}”" for one in names)
    have = "has" if len(names) == 1 else "have"
    return f"{told} {have} none of the documents that these questions name." if names else ""


def _tick(offer: Offer, collection: Collection | None, *, several: bool) -> bool:
    why = forbidden(offer, collection)
    ticked = st.checkbox(
        _given(collection, several=several),
        value=not why,
        key=f"cell-{offer.name}-{collection.id if collection else ''}",
        disabled=bool(why),
        help=plain(why) or None,
        persist_state=KEPT,
    )
    return ticked and not why


def _given(collection: Collection | None, *, several: bool) -> str:
    if collection is None:
        return "without documents"
    return f"with “{plain(collection.name, 40)}”" if several else "with documents"


def _repeats(candidates: Sequence[Candidate]) -> int:
    repeats = st.number_input(
        "Repeats",
        1,
        MOST_REPEATS,
        value=1,
        key="experiment-repeats",
        help=help_for("repeats"),
        width=NAME_WIDTH,
        persist_state=KEPT,
    )
    if words := repeats_words(candidates, repeats):
        st.caption(f":material/info: {words}")
    return repeats


def _manner() -> tuple[bool, bool]:
    """Whether one answer waits for the other, and whether causes are looked for by asking again."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        manner = st.segmented_control(
            "Answers are made",
            [AT_ONCE, IN_TURN],
            default=AT_ONCE,
            format_func=theme.option,
            required=True,
            key="experiment-manner",
            help=help_for("fair times"),
            persist_state=KEPT,
        )
        reask = st.checkbox(
            "Ask again to find causes",
            value=True,
            key="experiment-reask",
            help=help_for("ask again"),
            persist_state=KEPT,
        )
    return manner == IN_TURN, reask


def _judge(ground: Ground) -> Offer | None:
    """Who says what is right; nobody: the right answer has to stand in the answer."""
    names = {one.name: one for one in ground.offers}
    picked = st.selectbox(
        "An answer is right if",
        [CONTAINS, *names],
        format_func=lambda one: f"{offered(one, names)} says so" if one else "the right answer stands in it",
        key="experiment-judge",
        help=help_for("judge"),
        width=NAME_WIDTH,
        persist_state=KEPT,
    )
    return names.get(picked or CONTAINS)


def _limit(currencies: Sequence[str]) -> Limit | None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="experiment-limit-box"):
        amount = st.number_input(
            "Spending limit",
            0.0,
            1e6,
            value=None,
            step=1.0,
            placeholder="no limit",
            key="experiment-limit",
            disabled=not currencies,
            help=help_for("spending limit"),
            width=NAME_WIDTH,
            persist_state=KEPT,
        )
        currency = st.selectbox(
            "Currency",
            currencies or ["none"],
            key="experiment-currency",
            disabled=len(currencies) < 2,
            width=110,
        )
    if not currencies:
        st.caption(f":material/info: {NO_BILL}")
        return None
    return None if amount is None else limit_of(amount, currency)


def limit_of(amount: float, currency: str) -> Limit:
    """A limit as typed, without the errors of floating point."""
    return Limit(int(Decimal(str(amount)) * MONEY_SCALE), currency)
