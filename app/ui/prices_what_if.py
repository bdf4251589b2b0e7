"""What if: what the tokens of an experiment would cost at the prices of models that were not asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

import streamlit as st

from app.domain import Experiment, PricedModel, Rate, Repriced, WhatIf, Workload
from app.ui import figures
from app.ui.charts import Axis, Row, finding_chart, rows_chart, thousand_mark
from app.ui.findings import Finding
from app.ui.result_look import Look
from app.ui.safe import plain
from app.ui.tables import Cell, Table, table_expander
from app.ui.theme import CHART_MUTED, GREY, LaneStyle
from app.ui.verdict_tables import thousand
from app.ui.words import help_for

NOT_ASKED = LaneStyle(GREY, CHART_MUTED, "circle", "○", "dot")
"""How a model looks that was not asked; it bears its name."""
TYPE_A_RATE = "Type an exchange rate above, and all of it is told in one currency."
MOST_MODELS = 8
FIRST = 3
"""So many own prices are chosen at first."""
PRICE = "price"
CACHED = "what-if-cached"
COLUMNS = (
    "Tokens of",
    "At the price of",
    "List of",
    "Asked",
    "Per 1,000 questions",
    "From",
    "To",
    "In all",
    "Currency",
    "Answers",
    "Not in it",
)


@dataclass(frozen=True)
class WhatIfWays:
    """Whose tokens, what there is to choose from, and how it is reckoned.

    ``remembered``: cached tokens as cached. ``compared`` is whose machine time stands above: it begins with
    that one's tokens.
    """

    experiment: Experiment | None
    models: Callable[[], Sequence[PricedModel]]
    reckon: Callable[[str, Sequence[PricedModel], bool], WhatIf]
    look: Callable[[Experiment], Look]
    compared: Workload | None = None


def draw_what_if(ways: WhatIfWays) -> None:
    """Choose models; below it what the experiment's tokens would cost."""
    st.markdown("#### What would other models cost?", help=help_for("what if"))
    experiment = ways.experiment
    if experiment is None:
        st.markdown("Once an experiment has answers, their tokens can be priced as those of other models.")
        return
    models = _models(ways.models())
    if not models:
        st.caption("Choose models to see what the same tokens would cost at their prices.")
        return
    box = st.container()
    found = ways.reckon(experiment.id, models, st.session_state.get(CACHED, False))
    if found.cached:
        box.checkbox("Price cached tokens as cached", key=CACHED, help=help_for("what if cached"))
    look = ways.look(experiment)
    names = [look.names[one.hash] for one in experiment.candidates]
    whose = ways.compared.candidate if ways.compared else ""
    begins = next((at for at, one in enumerate(experiment.candidates) if one.hash == whose), 0)
    place = _candidate(found, names, begins)
    _explain(found, place)
    for currency in currencies(found, place):
        finding = what_if_finding(found, place, names[place], currency)
        rows = [
            *asked_row(found, place, experiment, look, currency),
            *not_asked_rows(found, place, names[place], currency),
        ]
        chart = rows_chart(finding, rows, Axis(f"Cost for 1,000 questions ({currency})"), shape="bar")
        finding_chart(chart, finding, key=f"what-if-{currency}")
    notes = [figures.exchanged(found.rates)]
    if len({*currencies(found, place), *found.asked.get(place, {})}) > 1:
        notes.append(TYPE_A_RATE)
    if any(notes):
        st.caption(plain(" ".join(one for one in notes if one), 600))
    table_expander(what_if_table(found, names), key="what-if", label="Table: what other models would cost")


def model_key(one: PricedModel) -> str:
    """How a model is called in the address."""
    return f"{'own ' if one.own else ''}{one.provider}/{one.model}"


def model_name(one: PricedModel) -> str:
    """How it is called on screen."""
    return f"{one.model} ({one.provider}{', your own price' if one.own else ''})"


def currencies(found: WhatIf, place: int) -> list[str]:
    """The currencies in which the chosen models have a price; that of the answers goes first."""
    known = {one.currency for one in _of(found, place) if one.amount is not None}
    return sorted(known, key=lambda one: (one not in found.asked.get(place, {}), one))


def what_if_finding(
    found: WhatIf, place: int, name: str, currency: str, today: datetime | None = None
) -> Finding:
    """What the tokens would cost, beside what they did cost where that is the same currency."""
    priced = sorted((one for one in _of(found, place) if one.currency == currency and one.amount), key=_each)
    mine = [one for one in _of(found, place) if one.currency == currency and one.amount is not None]
    costs = [figures.money(_each(one) * 1000, currency) for one in (priced or mine)]
    range_ = costs[0] if costs[0] == costs[-1] else f"{costs[0]} to {costs[-1]}"
    asked = found.asked.get(place, {}).get(currency)
    did = f"; as asked they cost {figures.money(asked.times(1000), currency)}" if asked else ""
    answers = figures.count(max(one.answers for one in mine), "answer")
    untold = max(one.untold for one in mine)
    left = f" {figures.count(untold, 'answer')} with unknown tokens not in it." if untold else ""
    day = figures.day(today or datetime.now(UTC))
    return Finding(
        f"1,000 questions with the same tokens would cost {range_}{did}",
        f"Tokens of {answers} of {name}, at prices of {day}.{left} Hollow bars were not asked: only the "
        "tokens are priced, and another model would write more or less.",
    )


def asked_row(found: WhatIf, place: int, experiment: Experiment, look: Look, currency: str) -> list[Row]:
    """The candidate with what its answers did cost, where that is in this currency."""
    asked = found.asked.get(place, {}).get(currency)
    if asked is None:
        return []
    told = figures.money(asked.times(1000), currency)
    key = experiment.candidates[place].hash
    words = f"{look.names[key]}: {figures.rate(asked, currency)} for 1,000 questions, as asked and measured"
    return [look.row(key, told, (thousand_mark(asked, words),))]


def not_asked_rows(found: WhatIf, place: int, name: str, currency: str) -> list[Row]:
    """The models that were not asked, the cheapest first."""
    rows = []
    mine = (one for one in _of(found, place) if one.currency == currency and one.amount is not None)
    for one in sorted(mine, key=_each):
        rate = Rate(one.amount or 0, one.answers, one.low, one.high)
        told = figures.money(rate.times(1000), currency)
        words = (
            f"{model_name(one.model)}, not asked: the tokens of {name} would cost "
            f"{figures.rate(rate, currency)} for 1,000 questions"
        )
        mark = thousand_mark(rate, words, hollow=True)
        rows.append(
            Row(model_key(one.model), f"not asked: {model_name(one.model)}", told, NOT_ASKED, (mark,))
        )
    return rows


def what_if_table(found: WhatIf, names: Sequence[str]) -> Table:
    """Every candidate's tokens at every price, after what they did cost."""
    rows: list[tuple[Cell, ...]] = []
    for place, by_currency in found.asked.items():
        for currency, did in by_currency.items():
            sums = *thousand(did), figures.exact(did.amount)
            left = _left_out(found, place)
            rows.append((names[place], "what it did cost", "", "yes", *sums, currency, did.of, left))
    for one in found.repriced:
        known = one.amount
        whose = "yours" if one.model.own else one.model.provider
        rows.append(
            (
                names[one.candidate],
                one.model.model,
                whose,
                "no",
                *thousand(Rate(known, one.answers, one.low, one.high) if known is not None else None),
                None if known is None else figures.exact(known),
                one.currency,
                one.answers,
                one.untold,
            )
        )
    helps = {"Per 1,000 questions": "cost per 1,000", "From": "interval", "To": "interval"}
    return Table(COLUMNS, tuple(rows), {column: help_for(name) for column, name in helps.items()})


def _left_out(found: WhatIf, place: int) -> int | None:
    """How many answers of a candidate have no known cost; None where no model tells how many there are."""
    answers = max((one.answers + one.untold for one in _of(found, place)), default=0)
    costed = sum(one.of for one in found.asked[place].values())
    return answers - costed if answers else None


def _of(found: WhatIf, place: int) -> list[Repriced]:
    return [one for one in found.repriced if one.candidate == place]


def _each(one: Repriced) -> Fraction:
    """The mean cost of an answer in 10^-12 of its currency."""
    return Fraction(one.amount or 0) / max(1, one.answers)


def _models(known: Sequence[PricedModel]) -> list[PricedModel]:
    """What is chosen; it stands in the address. At first the first own prices, if there are any."""
    by_key = {model_key(one): one for one in known}
    asked = [one for one in st.query_params.get_all(PRICE) if one in by_key]
    first = asked or [key for key, one in by_key.items() if one.own][:FIRST]
    chosen = st.multiselect(
        "At the prices of",
        list(by_key),
        default=first[:MOST_MODELS],
        format_func=lambda one: model_name(by_key[one]) if one in by_key else "",
        max_selections=MOST_MODELS,
        select_all=False,
        placeholder="Type a model's name",
        key="what-if-models",
        help=help_for("what if models"),
    )
    st.query_params[PRICE] = chosen
    return [by_key[one] for one in chosen]


def _candidate(found: WhatIf, names: Sequence[str], first: int) -> int:
    """Whose tokens are priced in the chart; it begins with those of the ``first`` place."""
    places = list(found.asked)
    if len(places) < 2:
        return places[0] if places else 0
    return st.selectbox(
        "The tokens of",
        places,
        index=places.index(first) if first in places else 0,
        format_func=lambda one: names[one],
        key="what-if-candidate",
        width=420,
    )


def _explain(found: WhatIf, place: int) -> None:
    """What has no price, and why."""
    without = _without(found, place)
    for words in without.values():
        st.caption(f":material/info: {plain(words, 400)}")


def _without(found: WhatIf, place: int) -> Mapping[str, str]:
    told: dict[str, str] = {}
    for one in _of(found, place):
        if one.amount is None:
            why = one.words or "No answer of it has known tokens."
            told[model_key(one.model)] = f"{model_name(one.model)}: {why}"
    return told
