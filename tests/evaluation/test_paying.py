"""What one's own machine is set against: measured answers of APIs, and list prices for measured tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import cast

from app.domain import (
    MONEY_SCALE,
    Basis,
    Candidate,
    CostedAnswer,
    ExchangeRate,
    Experiment,
    Figure,
    MachineAssumptions,
    PayOff,
    PricedModel,
    Provenance,
    Retrieval,
    Slot,
    Timing,
    Usage,
)
from app.errors import NotFound
from app.evaluation.paying import Paying
from storage.experiments import Experiments
from tests.experiments import examined, experiment_of
from tests.storage.examples import NOON

BARE = Candidate("here", "small")
GIVEN = Candidate("here", "small", retrieval=Retrieval("c"))
LARGE = Candidate("api", "large", retrieval=Retrieval("c"))
RENTED = MachineAssumptions(rent_per_hour=Figure("1", "measured", ""), hours_on=Figure("24", "measured", ""))


class Kept:
    """Experiments that are kept nowhere."""

    def __init__(self, experiment: Experiment, costed: Sequence[CostedAnswer], *, away: bool) -> None:
        self.experiment, self.rows, self.away = experiment, costed, away
        self.reads = 0

    def costed(self, experiment_id: str) -> list[CostedAnswer]:
        assert experiment_id == self.experiment.id
        self.reads += 1
        return list(self.rows)

    def imported(self, _experiment_id: str) -> bool:
        return self.away


def answered(
    candidate: int,
    case: int,
    *,
    seconds: float | None = 6.0,
    amount: int | None = 10**9,
    basis: Basis = "assumed",
    prompt: int | None = 1000,
    joules: float | None = None,
    load: float | None = None,
) -> CostedAnswer:
    usage, timing = Usage(prompt, 50, cached=900), Timing(load=load, machine=seconds, joules=joules)
    return CostedAnswer(Slot(candidate, case, 0), amount, "USD", basis, usage, timing, NOON)


@dataclass(frozen=True)
class PennyAThousand:
    """A cent for 1,000 tokens that are not cached; a model called "gone" has no price."""

    model: PricedModel
    currency: str = "USD"

    @property
    def source(self) -> str:
        return f"the list of {self.model.provider}"

    @property
    def words(self) -> str:
        return "No price: it is gone." if self.model.model == "gone" else ""

    def amount(self, usage: Usage) -> int | None:
        if usage.prompt is None or self.model.model == "gone":
            return None
        return (usage.prompt - (usage.cached or 0)) * MONEY_SCALE // 100_000


def provider_of(backend: str) -> str:
    known = {"here": "", "api": "openai"}
    if backend not in known:
        raise NotFound("There is no such backend.")
    return known[backend]


def looked(
    *rows: CostedAnswer,
    candidates: Sequence[Candidate] = (BARE, GIVEN, LARGE),
    machine: MachineAssumptions = RENTED,
    listed: Sequence[PricedModel] = (),
    away: bool = False,
    own: Sequence[str] = (),
    providers: Callable[[str], str] = provider_of,
) -> PayOff:
    one = experiment_of(candidates, 3)
    paying = Paying(cast("Experiments", Kept(one, rows, away=away)), providers, PennyAThousand)
    return paying.look(machine, listed, own=own, experiment=one, names={GIVEN.hash: "mine"})


def test_ones_own_model_against_an_api_whose_answers_were_measured() -> None:
    own = [answered(1, n, seconds=seconds) for n, seconds in enumerate((5.0, 7.0))]
    theirs = [answered(2, n, amount=amount, basis="listed") for n, amount in enumerate((10**10, 3 * 10**10))]
    found = looked(*own, *theirs)

    assert found.chosen is not None
    assert (found.chosen.name, found.chosen.candidate) == ("mine", GIVEN.hash)
    assert Decimal(found.chosen.seconds.value) == 6
    assert (found.chosen.seconds.basis, found.chosen.seconds.source) == ("measured", "mean of 2 answers")
    (only,) = found.against
    assert (only.rival.name, only.rival.each, only.rival.measured) == (LARGE.label, Decimal("0.02"), True)
    assert only.rival.words == "the mean of 2 answers of its own"
    assert only.usual.at == 1200


def test_seconds_of_another_machine_than_this_one_are_told_as_such() -> None:
    one = experiment_of((BARE, GIVEN), 3)
    for where, told in (("this machine", False), ("another machine", True)):
        there = replace(one, snapshot={"machine of here": where})
        paying = Paying(
            cast("Experiments", Kept(there, [answered(1, 0)], away=False)), provider_of, PennyAThousand
        )
        (only,) = paying.look(RENTED, [PricedModel("openai", "gpt-5-mini")], experiment=there).against
        assert any("asked on another machine than this one" in note for note in only.notes) is told


def test_what_was_paid_in_another_currency_is_not_among_those_that_are_counted() -> None:
    theirs = [answered(2, 0, amount=10**10), answered(2, 1, amount=10**10)]
    other = replace(answered(2, 2, amount=5 * 10**10), currency="EUR")
    (only,) = looked(answered(1, 0), *theirs, other).against

    assert (only.rival.each, only.rival.currency) == (Decimal("0.01"), "USD")
    assert only.rival.words == "the mean of 2 answers of its own"


def test_a_list_price_counts_all_tokens_of_ones_own_answers_as_new() -> None:
    """What one's own server remembered of a prompt, the API would have to read."""
    found = looked(
        answered(1, 0),
        answered(1, 1, prompt=3000),
        listed=[PricedModel("openai", "gpt"), PricedModel("x", "gone")],
    )
    priced, gone = found.against

    assert (priced.rival.name, priced.rival.each, priced.rival.measured) == ("gpt", Decimal("0.02"), False)
    assert priced.rival.words == "today's list price, for the tokens of 2 answers of mine"
    assert gone.rival.each is None
    assert gone.rival.words == "No price: it is gone", "no answers are named of which nothing was told"
    assert "what a question costs with gone" in gone.usual.words


def test_models_of_one_name_are_told_apart_by_whose_list_they_are_in() -> None:
    listed = [PricedModel("openai", "gpt"), PricedModel("azure", "gpt"), PricedModel("x", "other")]
    found = looked(answered(1, 0), listed=listed).against
    assert [one.rival.name for one in found] == ["gpt (openai)", "gpt (azure)", "other"]


def test_a_price_of_ones_own_list_is_called_so() -> None:
    (found,) = looked(answered(1, 0), listed=[PricedModel("Acme", "tuned", own=True)]).against
    assert (found.rival.name, found.rival.each) == ("tuned", Decimal("0.01"))
    assert found.rival.words.startswith("your own list's price of today, for the tokens")


def test_an_api_that_was_paid_in_two_currencies_is_told_in_one_with_a_rate() -> None:
    mine, dollars = answered(1, 0), answered(2, 0, amount=10**10, basis="listed")
    euros = replace(answered(2, 1, amount=10**10, basis="listed"), currency="EUR")
    rate = ExchangeRate("EUR", "USD", Figure("1.5", "assumed", ""), "2026-11-02")
    (found,) = looked(mine, dollars, euros, machine=replace(RENTED, exchanges=(rate,))).against
    assert (found.rival.each, found.rival.currency) == (Decimal("0.0125"), "USD")
    assert found.rival.words == "the mean of 2 answers of its own"
    (apart,) = looked(mine, dollars, euros).against
    assert (apart.rival.each, apart.rival.words) == (Decimal("0.01"), "the mean of 1 answer of its own")


def test_answers_without_counts_are_left_out_and_the_number_says_so() -> None:
    found = looked(
        answered(1, 0), answered(1, 1, prompt=None, seconds=None), listed=[PricedModel("openai", "gpt")]
    )

    assert found.chosen is not None
    assert found.chosen.seconds.source == "mean of 1 answer"
    assert found.against[0].rival.words.startswith("today's list price, for the tokens of 1 answer of")


def test_the_model_with_documents_comes_first_and_another_can_be_chosen() -> None:
    rows = answered(0, 0), answered(1, 0)

    assert [one.candidate for one in looked(*rows).works] == [BARE.hash, GIVEN.hash]
    cases = (
        ((), GIVEN),
        ((BARE.hash, GIVEN.hash), BARE),
        (("unknown",), GIVEN),
        ((LARGE.hash, BARE.hash), BARE),
    )
    for own, chosen in cases:
        found = looked(*rows, own=own)
        assert found.chosen is not None
        assert found.chosen.candidate == chosen.hash


def test_energy_counts_as_measured_only_where_every_answer_has_it() -> None:
    whole = looked(answered(1, 0, joules=30.0), answered(1, 1, joules=60.0)).chosen
    half = looked(answered(1, 0, joules=30.0), answered(1, 1)).chosen

    assert whole is not None
    assert half is not None
    assert (Decimal(whole.joules.value), whole.joules.basis) == (Decimal(45), "measured")
    assert half.joules.basis == "unknown"


def test_loading_is_told_apart() -> None:
    found = looked(answered(0, 0, load=20.0), answered(1, 0, load=16.0), answered(2, 0, load=5.0))

    assert found.loading is not None
    assert (found.loading.seconds, found.loading.amount) == (36.0, MONEY_SCALE // 100)
    assert looked(answered(1, 0)).loading is None


def test_only_apis_were_asked() -> None:
    found = looked(answered(2, 0, basis="listed"), listed=[PricedModel("openai", "gpt")])

    assert (found.chosen, found.against) == (None, ())


def test_of_a_server_that_is_not_connected_its_answers_tell() -> None:
    away = [
        replace(GIVEN, backend="office"),
        replace(LARGE, backend="cloud"),
        replace(LARGE, backend="other"),
    ]
    rows = answered(0, 0), answered(1, 0, basis="listed"), answered(2, 0, seconds=None)
    found = looked(*rows, candidates=away, away=True)

    assert [one.candidate for one in found.works] == [away[0].hash]
    assert [one.rival.candidate for one in found.against] == [away[1].hash, away[2].hash]
    assert found.elsewhere


def test_a_look_is_kept_while_nothing_changed() -> None:
    rows = [answered(1, n, seconds=6.0) for n in range(3)]
    one = experiment_of((BARE, GIVEN), 3)
    kept = Kept(one, rows, away=False)
    state = [0]
    paying = Paying(cast("Experiments", kept), provider_of, PennyAThousand, lambda: state[0])
    look = partial(paying.look, RENTED, experiment=one)
    first = look([PricedModel("openai", "gpt-5-mini")])
    assert look([PricedModel("openai", "gpt-5-mini")]) is first
    assert kept.reads == 1
    assert look([]) != first, "another question is another look"
    state[0] = 1
    assert look([PricedModel("openai", "gpt-5-mini")]) == first
    assert kept.reads == 3


def test_the_best_candidate_of_ones_own_is_compared_not_the_first() -> None:
    other = Candidate("here", "other", retrieval=Retrieval("c"))
    found = examined((GIVEN, other), "w" * 20, "r" * 20)
    rows = [answered(place, n) for place in (0, 1) for n in range(3)]
    kept = Kept(found.experiment, rows, away=False)
    told = Paying(cast("Experiments", kept), provider_of, PennyAThousand).of(found, RENTED, {})
    assert told.chosen is not None
    assert told.chosen.candidate == other.hash
    assert [one.rival.name for one in told.against] == ["gpt-5-mini"]


def test_a_model_whose_own_answers_were_measured_is_not_set_beside_them_unless_it_was_chosen() -> None:
    bought = Candidate("imported", "gpt-5-mini-2025-08-07", provenance=Provenance("openai"))
    found = examined((GIVEN, bought), "r" * 20, "r" * 20)

    def told(*rows: CostedAnswer, chosen: Sequence[PricedModel] | None = None) -> list[tuple[str, bool]]:
        paying = Paying(
            cast("Experiments", Kept(found.experiment, rows, away=False)),
            provider_of,
            PennyAThousand,
            same=lambda provider, one, other: provider == "openai" and other.startswith(one),
        )
        return [(one.rival.name, one.rival.asked) for one in paying.of(found, RENTED, {}, chosen).against]

    mine, paid = answered(0, 0), answered(1, 0, basis="listed", seconds=None)
    assert told(mine, paid) == [(bought.label, False)]
    listed = [PricedModel("openai", "gpt-5-mini"), PricedModel("other", "gpt-5-mini")]
    assert told(mine, paid, chosen=listed) == [
        (bought.label, False),
        ("gpt-5-mini (openai)", True),
        ("gpt-5-mini (other)", False),
    ]
    # Where nobody knows what its answers cost, the list price says at least something.
    unpaid = answered(1, 0, amount=None, basis="listed", seconds=None)
    assert told(mine, unpaid) == [(bought.label, False), ("gpt-5-mini", True)]


def test_a_price_of_ones_own_for_one_backend_is_of_what_that_answered() -> None:
    mine, theirs = answered(1, 0), answered(2, 0, basis="listed", seconds=None)
    listed = [PricedModel("api", "large", own=True), PricedModel("elsewhere", "large", own=True)]
    _, own, other = looked(mine, theirs, listed=listed).against
    assert (own.rival.asked, other.rival.asked) == (True, False)
