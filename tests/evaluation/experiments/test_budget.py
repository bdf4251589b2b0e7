"""The most that an answer can cost is told in the limit's currency, or not at all; bills never pass it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from app.answering.ending import pending
from app.costs.machines import default_assumptions
from app.costs.price_book import PriceBook
from app.costs.pricing import Pricing
from app.domain import (
    OWN_MACHINE,
    Answer,
    Candidate,
    Case,
    Cost,
    Limit,
    Options,
    OwnPrice,
    Slot,
    Spend,
    Timing,
    Usage,
)
from app.evaluation.experiments.budget import Budget, worst_of
from app.evaluation.experiments.pieces import Piece
from tests.experiments import experiment_of
from tests.fakes import FakeBackend

API, OWN = Candidate("api", "dear"), Candidate("own", "tiny")
BILL, MACHINE = {"kind": "list price"}, {"kind": OWN_MACHINE}


class InDollars:
    """Ten for a token out, and nothing for one in."""

    def cost(
        self, _provider: str, _model: str, usage: Usage, _timing: Timing, _at: datetime, backend: str = ""
    ) -> Cost:
        return Cost(10 * (usage.completion or 0), "USD", "listed", "ten a token")


@pytest.mark.parametrize(("provider", "currency", "most"), [("openai", "USD", 500), ("openai", "EUR", None)])
def test_a_price_in_another_currency_is_no_price(provider: str, currency: str, most: int | None) -> None:
    backend = FakeBackend("api")
    backend.provider = provider
    worst = worst_of(lambda _name: backend, InDollars())
    assert worst(Candidate("api", "tiny", Options(max_tokens=50)), Case("Q?"), currency) == most


def test_nobody_sends_a_bill_for_ones_own_machine_in_any_currency() -> None:
    worst = worst_of(lambda _name: FakeBackend("own"), InDollars())
    assert worst(Candidate("own", "tiny"), Case("Q?"), "EUR") == 0


def test_a_backend_with_an_own_price_sends_a_bill_although_it_has_no_provider() -> None:
    price = OwnPrice("own", "tiny", "EUR", Decimal(0), Decimal(2), None, None, date(2026, 1, 1))
    pricing = Pricing(default_assumptions, PriceBook(lambda: [price]))
    worst = worst_of(lambda _name: FakeBackend("own"), pricing)
    asked = Candidate("own", "tiny", Options(max_tokens=50))
    assert [worst(asked, Case("Q?"), one) for one in ("EUR", "USD")] == [100_000_000, None]
    assert worst(Candidate("own", "other"), Case("Q?"), "USD") == 0


def budget(limit: int, spent: Spend | None = None) -> Budget:
    """Of an answer of the API 15 are the most; nobody bills those of one's own machine."""
    experiment = replace(experiment_of([API, OWN], 9), limit=Limit(limit, "USD"))
    return Budget(experiment, spent or Spend({}, 0), lambda who, _case, _currency: 15 if who is API else 0)


def begun(one: Budget, *places: int, who: Candidate = API) -> list[bool]:
    """Which of these pieces may begin."""
    return [not one.refusal(piece(place, who), who, Case("Q?")) for place in places]


def piece(place: int, who: Candidate = API) -> Piece:
    return Piece(Slot(0 if who is API else 1, place, 0))


def made(amount: int | None, entry: Mapping[str, str], attempts: int = 1) -> Answer:
    basis = "unknown" if amount is None else "listed"
    cost = Cost(amount, "USD", basis, "so it is", entry)  # type: ignore[arg-type]
    return replace(pending("Q", 0, API), cost=cost, attempts=attempts)


def test_what_ones_own_machine_costs_is_told_apart_and_never_counts() -> None:
    one = budget(20)
    assert begun(one, 0, 1, 2, 3, who=OWN) == [True] * 4
    for place in range(4):
        one.settle(piece(place, OWN), made(70, MACHINE))
    assert one.spend == Spend({"USD": 280}, 0, own={"USD": 280})
    assert one.spend.billed == {}
    assert begun(one, 4, who=OWN) == [True], "however much it was before"
    assert begun(one, 5) == [True]
    one.settle(piece(5), made(10, BILL))
    assert (one.spend.amounts, one.spend.billed) == ({"USD": 290}, {"USD": 10})
    assert begun(one, 6) == [False], "10 of 20 are billed, and 15 more could be"
    assert begun(one, 7, who=OWN) == [True], "no bill comes for it"


def test_a_sent_answer_of_unknown_cost_counts_as_the_most_that_it_can_have_cost() -> None:
    one = budget(40)
    assert begun(one, 0, 1) == [True, True]
    one.settle(piece(0), made(None, BILL))
    one.settle(piece(1), made(None, BILL))
    assert (one.spend.unknown, one.spend.owed) == (2, 2)
    assert begun(one, 2) == [False]


@pytest.mark.parametrize(("entry", "attempts"), [(MACHINE, 1), ({}, 0)])
def test_no_bill_comes_for_what_was_never_sent_nor_from_ones_own_machine(
    entry: Mapping[str, str], attempts: int
) -> None:
    one = budget(40)
    for place in range(9):
        assert begun(one, place) == [True]
        one.settle(piece(place), made(None, entry, attempts))
    assert (one.spend.unknown, one.spend.owed) == (9, 0)


def test_after_a_restart_those_of_unknown_cost_count_as_the_dearest_there_is() -> None:
    assert begun(budget(44, Spend({}, 2, owed=2)), 0) == [False]
    assert begun(budget(45, Spend({}, 2, owed=2)), 0) == [True]
    assert begun(budget(45, Spend({"USD": 99}, 3, own={"USD": 99}, owed=2)), 0) == [True]
    assert begun(budget(45, Spend({"USD": 1}, 2, owed=2)), 0) == [False]
