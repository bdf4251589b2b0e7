"""What answers cost: sums that are exact, rates over the right answers, and the frontier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from app.domain import Besides, Examined, Exchange, ExchangeRate, Figure, PaidAnswer, Rate, Slot, Trial
from app.evaluation.costing import LEAST, frontier_of
from tests.experiments import bare, cost, examined, given, paid

TWO = [given(), bare()]
HALF, MOST, FEW = "rw" * 20, "r" * 36 + "wwww", "r" * 4 + "w" * 36
LARGEST = 2**63 - 1
"""The largest amount that the database can keep."""


def by_slot(amounts: dict[Slot, tuple[int | None, str]]) -> Callable[[Sequence[Trial]], list[PaidAnswer]]:
    """Each answer with its own amount and currency."""

    def costed(trials: Sequence[Trial]) -> list[PaidAnswer]:
        return [
            cost(one.slot, 0)._replace(amount=amounts[one.slot][0], currency=amounts[one.slot][1])
            for one in trials
        ]

    return costed


# ------------------------------------------------------------------------ sums

AMOUNTS = st.one_of(st.none(), st.integers(0, 10), st.integers(LARGEST - 5, LARGEST))
CURRENCIES = st.sampled_from(["USD", "EUR"])


@settings(max_examples=40, deadline=None)
@drawn(st.lists(st.tuples(st.sampled_from("rwauf"), AMOUNTS, CURRENCIES), min_size=12, max_size=12))
def test_the_sum_over_the_answers_is_the_sum_of_the_candidates_exactly(
    answers: list[tuple[str, int | None, str]],
) -> None:
    letters = "".join(letter for letter, *_ in answers)
    slots = [Slot(place // 6, place % 6, 0) for place in range(12)]
    amounts = {slot: (amount, currency) for slot, (_, amount, currency) in zip(slots, answers, strict=True)}
    spent = Counter[str]({"USD": 7})
    for amount, currency in amounts.values():
        spent[currency] += amount or 0
    found = examined(TWO, letters[:6], letters[6:], costed=by_slot(amounts), spent=spent).costs

    for currency in ("USD", "EUR"):
        known = [amount for amount, own in amounts.values() if amount is not None and own == currency]
        assert found.totals.get(currency, 0) == sum(known)
    assert found.unknown == sum(amount is None for amount, _ in amounts.values())
    assert sum(one.priced for one in found.candidates) + found.unknown == 12
    # What counts and what was spent beside it are all that was spent.
    assert found.apart == Besides({"USD": 7}, 0)
    for one in found.candidates:
        if one.each is not None:
            assert one.each.amount == one.totals[one.currency]
            assert one.each.of == one.priced


def test_with_a_typed_rate_all_are_told_in_one_currency_exactly() -> None:
    """No product is rounded: the sum is the same, whatever is converted first."""
    rate = ExchangeRate("USD", "EUR", Figure("0.857142857143", "assumed", ""), "2026-11-02")
    amounts = {Slot(0, 0, 0): (5, "USD"), Slot(0, 1, 0): (7, "EUR"), Slot(1, 0, 0): (9, "EUR")}
    amounts |= {Slot(1, 1, 0): (LARGEST, "USD")}
    euros = Exchange("EUR", (rate,))
    found = examined(
        TWO, "rr", "rr", costed=by_slot({**amounts}), spent={"USD": LARGEST + 6, "EUR": 16}, exchange=euros
    ).costs
    one, other = found.candidates
    exact = Fraction("0.857142857143")
    assert one.totals == {"EUR": 5 * exact + 7}
    assert other.totals == {"EUR": LARGEST * exact + 9}
    assert found.totals == {"EUR": (LARGEST + 5) * exact + 16}
    assert found.apart == Besides({"EUR": exact}, 0)
    assert (found.currency, found.rates, found.cheapest) == ("EUR", (rate,), one.candidate)
    assert [each.candidate for each in found.compared] == [one.candidate, other.candidate]


def test_money_that_no_rate_is_typed_for_stays_apart() -> None:
    rate = ExchangeRate("USD", "EUR", Figure("0.9", "assumed", ""), "2026-11-02")
    amounts = {Slot(0, place, 0): (10, "USD") for place in range(2)}
    amounts |= {Slot(1, place, 0): (10, "GBP") for place in range(2)}
    found = examined(TWO, "rr", "rr", costed=by_slot({**amounts}), exchange=Exchange("EUR", (rate,))).costs
    assert found.totals == {"EUR": 18, "GBP": 20}


def test_several_currencies_are_never_added() -> None:
    amounts = {Slot(0, 0, 0): (5, "USD"), Slot(0, 1, 0): (7, "EUR"), Slot(1, 0, 0): (9, "EUR")}
    amounts |= {Slot(1, 1, 0): (1, "EUR")}
    found = examined(TWO, "rr", "rr", costed=by_slot({**amounts})).costs
    mixed, plain = found.candidates
    assert mixed.totals == {"USD": 5, "EUR": 7}
    assert (mixed.each, mixed.right, mixed.currency) == (None, None, "")
    assert plain.each is not None
    assert plain.each.amount == 10
    assert found.currency == "EUR"
    assert found.compared == (plain,)


def test_unknown_costs_are_left_out_and_counted() -> None:
    known, unknown = examined(TWO, "rr", "rr", costed=paid(2, None)).costs.candidates
    assert (known.priced, known.unknown, known.basis) == (2, 0, "listed")
    assert (unknown.priced, unknown.unknown, unknown.basis) == (0, 2, "unknown")
    assert (unknown.each, unknown.right, unknown.totals) == (None, None, {})


# ------------------------------------------------------------------------ rates


@settings(max_examples=200)
@drawn(st.integers(0, LARGEST * 1000), st.integers(1, 10**6), st.integers(1, 1000))
def test_a_rate_is_rounded_once(amount: int, of: int, times: int) -> None:
    found = Rate(amount, of).times(times)
    assert found is not None
    assert abs(found - Fraction(amount * times, of)) <= Fraction(1, 2)


def test_a_right_answer_costs_all_that_was_paid_over_the_right_ones() -> None:
    found = examined(TWO, HALF, FEW, costed=paid(2, 3)).costs
    half, few = found.candidates
    assert half.right is not None
    assert few.right is not None
    assert (half.right.amount, half.right.of) == (40 * 2 * 10**6, 20)
    assert half.right.times(1000) == 4000 * 10**6
    assert (few.right.of, few.right.times(1)) == (4, 30 * 10**6)
    for one in (half.right, few.right):
        assert one.low is not None
        assert one.high is not None
        assert one.low < (one.times(1) or 0) < one.high


def test_what_is_unscored_or_unpriced_is_in_neither_part_of_a_right_answer_s_cost() -> None:
    found = examined([given()], "rrwwuu", costed=paid(1)).costs.candidates[0]
    assert found.each is not None
    assert found.right is not None
    assert (found.each.of, found.told, found.right.amount, found.right.of) == (6, 4, 4 * 10**6, 2)


def test_no_right_answer_has_no_cost_and_few_have_no_upper_end() -> None:
    never = examined([given()], "w" * 20, costed=paid(1)).costs
    (one,) = never.candidates
    assert one.right is not None
    assert (one.right.of, one.right.times(1000), one.right.low) == (0, None, None)
    assert never.cheapest == ""
    seldom = examined([given()], "r" + "w" * 19, costed=paid(1)).costs.candidates[0].right
    assert seldom is not None
    assert seldom.low is not None
    assert seldom.high is None, "in a third of the resamples nothing was right"


def test_one_question_tells_nothing_of_others_and_repeats_belong_together() -> None:
    (single,) = examined([given()], "rrw", repeats=3, costed=paid(1)).costs.candidates
    assert single.each is not None
    assert (single.each.low, single.each.high) == (None, None)
    # Ten times the same answers to twenty questions tell no more than once.
    once = examined([given()], "rw" * 20, costed=paid(1)).costs.candidates[0].right
    often = examined([given()], "".join(one * 10 for one in "rw" * 20), repeats=10, costed=paid(1))
    repeated = often.costs.candidates[0].right
    assert once is not None
    assert repeated is not None
    assert repeated.low == pytest.approx(once.low, rel=1e-3)
    assert repeated.high == pytest.approx(once.high, rel=1e-3)


def test_the_interval_of_a_right_answer_s_cost_covers_the_truth() -> None:
    """Of 100 experiments on 60 questions: each right with 60%, costs from 1 to 3."""
    chance = np.random.default_rng(2)
    truth = 2 / 0.6
    hits = 0
    for _ in range(100):
        right = "".join(np.where(chance.random(60) < 0.6, "r", "w"))
        amounts = {Slot(0, n, 0): (int(chance.uniform(1, 3) * 10**6), "USD") for n in range(60)}
        (one,) = examined([given()], right, costed=by_slot({**amounts})).costs.candidates
        assert one.right is not None
        assert one.right.low is not None
        hits += one.right.low <= truth * 10**6 <= (one.right.high or 10**12)
    assert hits >= 90, f"{hits} of 100"


# ------------------------------------------------------------------------ whose costs least


def cheapest(*letters: str, prices: tuple[float | None, ...]) -> tuple[str, bool]:
    who = [given(f"m{place}") for place in range(len(letters))]
    found = examined(who, *letters, costed=paid(*prices)).costs
    names = {one.hash: one.model for one in who}
    return names.get(found.cheapest, ""), found.decisive


def test_the_cheapest_right_answer_is_decided_against_each_of_the_others() -> None:
    assert cheapest(MOST, HALF, prices=(1, 2)) == ("m0", True)
    assert cheapest(MOST, HALF, prices=(2, 1)) == ("m1", False), "4.4 against 4"
    assert cheapest(HALF, HALF, HALF, prices=(1, 5, 1.01)) == ("m0", True), "the same questions, all dearer"
    assert cheapest(HALF, MOST, prices=(None, 5)) == ("m1", False), "nobody to compare it with"


def test_few_questions_decide_no_cost() -> None:
    few = "r" * (LEAST - 1)
    assert cheapest(few, few, prices=(1, 9)) == ("m0", False)
    assert cheapest(few + "r", few + "r", prices=(1, 9)) == ("m0", True)


def test_the_order_of_questions_changes_nothing() -> None:
    mixed = np.random.default_rng(3).permutation(40)
    one = examined(TWO, MOST, HALF, costed=paid(1, 2)).costs
    other = examined(
        TWO, "".join(MOST[n] for n in mixed), "".join(HALF[n] for n in mixed), costed=paid(1, 2)
    ).costs
    assert one == other


# ------------------------------------------------------------------------ the frontier

POINTS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=2),
    st.tuples(st.integers(0, 5).map(float), st.integers(0, 5).map(float)),
    max_size=12,
)


@drawn(POINTS)
def test_on_the_frontier_is_who_none_beats(points: dict[str, tuple[float, float]]) -> None:
    def beats(one: str, other: str) -> bool:
        (cost1, right1), (cost2, right2) = points[one], points[other]
        return cost1 <= cost2 and right1 >= right2 and points[one] != points[other]

    found = frontier_of(points)
    assert set(found) == {one for one in points if not any(beats(other, one) for other in points)}
    assert list(found) == sorted(found, key=lambda one: points[one])


def test_who_has_no_known_cost_is_not_on_it() -> None:
    found = examined([*TWO, given("large")], MOST, HALF, MOST, costed=paid(3, 1, None)).costs
    assert found.frontier == (TWO[1].hash, TWO[0].hash)


# ------------------------------------------------------------------------ tokens and time


def test_tokens_and_times_are_means_over_those_that_tell() -> None:
    def costed(trials: Sequence[Trial]) -> list[PaidAnswer]:
        told: list[dict[str, float]] = [
            {"prompt": 100, "completion": 10, "cached": 50, "machine": 2.0, "load": 5.0},
            {"prompt": 200, "machine": 4.0, "load": 0.0},
            {"completion": 30, "machine": 90.0, "shared": 3},
        ]
        return [
            PaidAnswer(*one.slot, 1, "USD", "listed", **own)  # type: ignore[arg-type]
            for one, own in zip(trials, told, strict=True)
        ]

    (one,) = examined([given()], "rwr", costed=costed).costs.candidates
    tokens = one.tokens
    assert [(part.value, part.of) for part in (tokens.prompt, tokens.completion, tokens.thinking)] == [
        (150, 2),
        (20, 2),
        (None, 0),
    ]
    assert (tokens.cached.value, tokens.cached.of) == (50, 1)
    assert (one.machine.value, one.machine.of, one.shared) == (3, 2, 1), "who shared the machine is left out"
    assert (one.load_seconds, one.loads) == (5, 1)


def test_without_costs_nothing_breaks() -> None:
    found: Examined = examined(TWO, "..", "..", costed=lambda _: [])
    assert [one.answers for one in found.costs.candidates] == [0, 0]
    assert found.costs.frontier == ()
    assert found.costs.totals == {}


def test_easy_questions_alone_make_nobody_decidedly_the_cheapest() -> None:
    """On the 20 questions that both were asked the other costs less; all its other ones are hard."""
    easy, all_ = "r" * 20 + "." * 40, "r" * 20 + "w" * 40
    found = examined(TWO, easy, all_, costed=paid(10, 9)).costs
    assert found.cheapest == TWO[0].hash
    assert not found.decisive
    assert examined(TWO, "r" * 20 + "w" * 40, all_, costed=paid(8, 9)).costs.decisive
    fewer = examined(TWO, "r" * 30 + "." * 30, "r" * 30 + "w" * 30, costed=paid(5, 9)).costs
    assert fewer.decisive, "on the same 30 questions it is cheaper, too"
