"""What if: the same tokens at other prices."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.costs.price_book import PriceBook
from app.costs.price_rates import Rate, TokenRates
from app.costs.price_what_if import what_if
from app.costs.prices import list_price
from app.domain import CostedAnswer, PricedModel, Slot, Timing, Usage
from app.domain import Rate as MeanCost

NOW = datetime(2026, 11, 1, tzinfo=UTC)
GPT = PricedModel("openai", "gpt-4o")


def answer(candidate: int, usage: Usage, amount: int | None = None, currency: str = "USD") -> CostedAnswer:
    return CostedAnswer(Slot(candidate, 0, 0), amount, currency, "listed", usage, Timing(), NOW)


def flat(*models: PricedModel) -> dict[PricedModel, Rate]:
    """One for each token of whatever kind; cached ones cost nothing."""
    one, none = Decimal("0.000001"), Decimal(0)
    return dict.fromkeys(models or [GPT], Rate("EUR", TokenRates(one, none, one, one).amount))


def listed(*models: PricedModel) -> dict[PricedModel, Rate]:
    return {one: PriceBook().rate(one, NOW) for one in models}


USAGE = st.builds(
    Usage,
    st.integers(1000, 10**6),
    st.integers(1000, 10**6),
    thinking=st.none() | st.integers(0, 999),
    cached=st.none() | st.integers(0, 999),
)


@given(st.lists(USAGE, min_size=1, max_size=12))
def test_the_same_model_on_the_same_day_costs_what_it_did_cost(usages: list[Usage]) -> None:
    """Conservation: the sum is that of the answers, to the last unit."""
    costs = [list_price("openai", "gpt-4o", one, NOW).amount for one in usages]
    answers = [answer(0, one, cost) for one, cost in zip(usages, costs, strict=True)]
    found = what_if(answers, listed(GPT))
    assert found.asked == {0: {"USD": MeanCost(sum(one for one in costs if one is not None), len(usages))}}
    (repriced,) = found.repriced
    assert (repriced.amount, repriced.currency, repriced.answers) == (
        found.asked[0]["USD"].amount,
        "USD",
        len(usages),
    )


def test_unknown_tokens_are_left_out_and_counted() -> None:
    told = [Usage(100, 10), Usage(None, 10), Usage(100, None), Usage()]
    (one,) = what_if([answer(0, each) for each in told], flat()).repriced
    assert (one.amount, one.answers, one.untold) == (110, 1, 3)
    (none,) = what_if([answer(0, Usage())], flat()).repriced
    assert (none.amount, none.answers, none.untold) == (None, 0, 1)


def test_each_candidate_and_each_model_has_its_own_sum() -> None:
    answers = [answer(1, Usage(5, 5)), answer(0, Usage(1, 1)), answer(1, Usage(2, 2))]
    other = PricedModel("openai", "o3")
    found = what_if(answers, flat(GPT, other))
    assert [(one.candidate, one.model, one.amount) for one in found.repriced] == [
        (0, GPT, 2),
        (0, other, 2),
        (1, GPT, 14),
        (1, other, 14),
    ]


def test_costs_in_two_currencies_are_never_added() -> None:
    answers = [answer(0, Usage(), 5, "USD"), answer(0, Usage(), 7, "EUR"), answer(0, Usage(), None)]
    assert what_if(answers, {}).asked == {0: {"USD": MeanCost(5, 1), "EUR": MeanCost(7, 1)}}


def test_what_was_remembered_can_be_priced_as_new() -> None:
    answers = [answer(0, Usage(100, 10, cached=60))]
    amounts = [what_if(answers, flat(), remembered=one).repriced[0].amount for one in (True, False)]
    assert amounts == [50, 110]


def test_it_tells_how_much_was_remembered() -> None:
    told = [Usage(100, 10, cached=60), Usage(100, 10), Usage(100, 10, cached=5)]
    assert what_if([answer(0, one) for one in told], flat()).cached == 65
    assert what_if([answer(0, Usage(100, 10))], flat()).cached == 0


def test_thinking_that_was_counted_apart_is_part_of_what_another_model_would_write() -> None:
    answers = [answer(0, Usage(100, 10, thinking=30)), answer(1, Usage(100, 40, thinking=30))]
    assert [one.amount for one in what_if(answers, flat(), apart={0}).repriced] == [140, 140]


def test_a_provider_that_counts_thinking_apart_is_not_charged_for_it_twice() -> None:
    grok = next(one for one in PriceBook().models() if one.provider == "x-ai" and one.model == "grok-4-0709")
    rate = PriceBook().rate(grok, NOW)
    with_thinking, without = (rate.amount(Usage(1000, 400, one, 0)) for one in (300, 0))
    assert with_thinking == without, "its completion holds the thinking already"


def test_a_model_without_a_price_is_unknown_and_says_why() -> None:
    (one,) = what_if([answer(0, Usage(1, 1))], listed(PricedModel("openai", "nonsense"))).repriced
    assert one.amount is None
    assert "no list price for 'nonsense'" in one.words
