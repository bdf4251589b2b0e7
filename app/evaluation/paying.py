"""When one's own machine pays off, told from what an experiment's answers took (METRICS, "Break-even")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import Protocol

from app.costs.breakeven import break_even
from app.costs.machines import exchange_of, load_cost
from app.domain import (
    HERE,
    MONEY_SCALE,
    SMALLEST,
    UNKNOWN_FIGURE,
    BreakEven,
    Candidate,
    CostedAnswer,
    Examined,
    Exchange,
    Experiment,
    Figure,
    Loading,
    MachineAssumptions,
    Money,
    PayOff,
    PricedModel,
    Rival,
    Usage,
    Workload,
)
from app.errors import NotFound
from app.evaluation.verdict import best_first
from storage.experiments import Experiments

PRECISE = Context(prec=50)
USUAL_RIVAL = ("openai", "gpt-5-mini")
"""The provider and model whose price is set beside one's own machine until a person chooses."""


ANOTHER = "it was asked on another machine than this one: the figures under Costs have to be of that one"


class Rate(Protocol):
    """A model's price, looked up once for many answers."""

    @property
    def currency(self) -> str:
        """The currency of its amounts."""

    @property
    def amount(self) -> Callable[[Usage], int | None]:
        """What so many tokens cost, in 10^-12 of the currency; None where that cannot be told."""

    @property
    def words(self) -> str:
        """Why there is no price; "" where there is one."""

    @property
    def source(self) -> str:
        """Whose list it is, and of which dates; "" where there is no price."""


@dataclass(frozen=True)
class Answered:
    """A candidate of an experiment with its answers, and what it is called."""

    candidate: Candidate
    name: str
    answers: list[CostedAnswer] = field(default_factory=list)


def _same(_provider: str, one: str, other: str) -> bool:
    return one == other


class Paying:
    """Sets one's own machine against APIs. ``provider_of`` a backend is "" for one's own machine.

    It raises NotFound for a backend that is not connected here. ``rate`` is a price as it is today; ``usual``
    is whose is looked at where nobody chose, ``same`` whether two names are one model of a provider.
    With ``state`` the last look is kept while it tells the same: pages are drawn anew at every click.
    """

    def __init__(
        self,
        experiments: Experiments,
        provider_of: Callable[[str], str],
        rate: Callable[[PricedModel], Rate],
        state: Callable[[], object] | None = None,
        *,
        usual: Callable[[], PricedModel] = lambda: PricedModel(*USUAL_RIVAL),
        same: Callable[[str, str, str], bool] = _same,
    ) -> None:
        self._experiments = experiments
        self._state = state
        self._kept: tuple[object, PayOff] | None = None
        self._provider_of = provider_of
        self._rate = rate
        self._usual = usual
        self._same = same

    def of(
        self,
        examined: Examined,
        machine: MachineAssumptions,
        names: Mapping[str, str],
        chosen: Sequence[PricedModel] | None = None,
    ) -> PayOff:
        """With the best of the experiment's candidates that ran on one's own machine.

        Against the models ``chosen`` under Costs: none is a choice, too; None where nobody chose yet. Raises
        DatabaseTrouble.
        """
        own, one = best_first(examined.results), examined.experiment
        return self.look(machine, chosen, own=own, experiment=one, names=names)

    def look(
        self,
        machine: MachineAssumptions,
        listed: Sequence[PricedModel] | None = (),
        *,
        own: Sequence[str] = (),
        experiment: Experiment,
        names: Mapping[str, str] | None = None,
    ) -> PayOff:
        """One's own machine against every API whose answers were measured, and these ``listed`` models.

        By the answers of the ``experiment``; ``listed`` is None where nobody chose. ``own`` are candidates by
        their hash: the first of them that ran on one's own machine is compared, else the first with
        documents. ``names`` of candidates by their hash. Raises DatabaseTrouble.
        """
        called = {one.hash: (names or {}).get(one.hash, one.label) for one in experiment.candidates}
        if self._state is None:
            return self._look(machine, listed, own, experiment, called)
        chosen = None if listed is None else tuple(listed)
        key = (self._state(), machine, chosen, tuple(own), experiment.id, tuple(called.items()))
        kept = self._kept
        if kept is None or kept[0] != key:
            self._kept = kept = key, self._look(machine, listed, own, experiment, called)
        return kept[1]

    def _look(
        self,
        machine: MachineAssumptions,
        listed: Sequence[PricedModel] | None,
        own: Sequence[str],
        one: Experiment,
        names: Mapping[str, str],
    ) -> PayOff:
        answered = _by_candidate(one, self._experiments.costed(one.id), names)
        mine = [found for found in answered if self._is_own(found)]
        works = tuple(work for work in map(_workload, mine) if work.seconds.value)
        ranked = (work for name in own for work in works if work.candidate == name)
        chosen = next(ranked, _first(works, one))
        exchange = exchange_of(machine)
        rivals = [_measured(found, exchange) for found in answered if not self._is_own(found)]
        tokens = next((found for found in mine if chosen and found.candidate.hash == chosen.candidate), None)
        if listed is None:
            listed = self._unasked(answered)
        many = Counter(one.model for one in listed)
        named = [
            (one, f"{one.model} ({one.provider})" if many[one.model] > 1 else one.model) for one in listed
        ]
        asked = [found.candidate for found in answered]
        rivals += [self._listed(model, tokens, name, asked) for model, name in named if tokens]
        return PayOff(
            works=works,
            chosen=chosen,
            against=tuple(_noted(break_even(machine, chosen, rival), one) for rival in rivals)
            if chosen
            else (),
            loading=_loading(machine, mine),
            experiment=one.name,
            elsewhere=self._experiments.imported(one.id),
        )

    def _is_own(self, one: Answered) -> bool:
        try:
            return not self._provider_of(one.candidate.backend)
        except NotFound:
            # Of a server that is not connected here only what its answers took and cost tells.
            timed = any(answer.timing.machine is not None for answer in one.answers)
            return timed and not any(answer.basis == "listed" for answer in one.answers)

    def _is(self, model: PricedModel, candidate: Candidate) -> bool:
        """Whether that is the price of the candidate's model."""
        if candidate.provenance is not None:
            provider = candidate.provenance.provider
        else:
            try:
                provider = self._provider_of(candidate.backend)
            except NotFound:
                provider = candidate.backend
        # A person's own price may be of one backend alone.
        mine = model.provider in {provider, candidate.backend}
        return mine and self._same(provider, model.model, candidate.model)

    def _unasked(self, answered: Sequence[Answered]) -> list[PricedModel]:
        """The usual model to look at; none where the experiment tells what its own answers cost."""
        usual = self._usual()
        paid = (one.candidate for one in answered if any(each.amount is not None for each in one.answers))
        return [] if any(self._is(usual, one) for one in paid) else [usual]

    def _listed(self, model: PricedModel, tokens: Answered, name: str, asked: Iterable[Candidate]) -> Rival:
        """What a question would cost there, by the tokens of another's answers; none of them as cached."""
        rate = self._rate(model)
        amounts = [rate.amount(replace(one.usage, cached=0)) for one in tokens.answers]
        known = [one for one in amounts if one is not None]
        whose = "your own list's price of today" if model.own else "today's list price"
        words = f"{whose}, for the tokens of {_answers(known)} of {tokens.name}"
        if not known and rate.words:
            words = rate.words.rstrip(".")
        source = rate.source if known else ""
        own = any(self._is(model, one) for one in asked)
        mean = _mean(known)
        return Rival(name, mean, rate.currency, measured=False, words=words, source=source, asked=own)


def _answers(many: Sequence[object]) -> str:
    return "1 answer" if len(many) == 1 else f"{len(many):,} answers"


def _noted(found: BreakEven, one: Experiment) -> BreakEven:
    """With a note where the seconds are another machine's than this one's."""
    if one.machines.get(found.work.candidate, HERE) == HERE:
        return found
    return replace(found, notes=(*found.notes, ANOTHER))


def _by_candidate(
    experiment: Experiment, costed: Sequence[CostedAnswer], names: Mapping[str, str]
) -> list[Answered]:
    found = [Answered(one, names[one.hash]) for one in experiment.candidates]
    for answer in costed:
        # Imported answers may have come in since the experiment was read.
        if answer.slot.candidate < len(found):
            found[answer.slot.candidate].answers.append(answer)
    return [one for one in found if one.answers]


def _first(works: Sequence[Workload], experiment: Experiment) -> Workload | None:
    given = {one.hash for one in experiment.candidates if one.with_documents}
    return next((one for one in works if one.candidate in given), next(iter(works), None))


def _workload(one: Answered) -> Workload:
    """The mean over the answers whose machine time is known; energy only where all of these have it."""
    known = [answer.timing for answer in one.answers if answer.timing.machine is not None]
    source = f"mean of {_answers(known)}"
    joules = [timing.joules for timing in known]
    return Workload(
        one.name,
        _figure([timing.machine for timing in known], source),
        UNKNOWN_FIGURE if None in joules else _figure(joules, source),
        one.candidate.hash,
    )


def _figure(values: Sequence[float | None], source: str) -> Figure:
    known = [Decimal(str(value)) for value in values if value is not None]
    if not known:
        return UNKNOWN_FIGURE
    with localcontext(PRECISE):
        mean = (sum(known, Decimal(0)) / len(known)).quantize(SMALLEST)
    return Figure(format(mean, "f"), "measured", source)


def _measured(one: Answered, exchange: Exchange) -> Rival:
    """What its own answers cost; converted here only where they were paid in several currencies.

    Of several that cannot all be told in one the first alone counts, and the words say of how many answers.
    """
    known = [(answer.amount, answer.currency) for answer in one.answers if answer.amount is not None]
    if len({paid for _, paid in known}) > 1:
        told = [(exchange.told(amount, paid), exchange.into(paid)) for amount, paid in known]
    else:
        told = [(amount, paid) for amount, paid in known]
    currency = told[0][1] if told else "USD"
    same = [amount for amount, name in told if name == currency]
    words = f"the mean of {_answers(same)} of its own" if same else "none of its answers has a known cost"
    each = _mean(same)
    return Rival(one.name, each, currency, measured=True, words=words, candidate=one.candidate.hash)


def _mean(amounts: Sequence[Money]) -> Decimal | None:
    """The mean of amounts in 10^-12, as money."""
    if not amounts:
        return None
    mean = Fraction(sum(amounts)) / len(amounts) / MONEY_SCALE
    with localcontext(PRECISE):
        return Decimal(mean.numerator) / mean.denominator


def _loading(machine: MachineAssumptions, mine: Sequence[Answered]) -> Loading | None:
    seconds = sum(one.timing.load or 0.0 for own in mine for one in own.answers)
    cost = load_cost(machine, seconds)
    return Loading(seconds, cost.amount, cost.currency) if seconds else None
