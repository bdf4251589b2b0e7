"""The verdict: what an experiment comes to, by rules, in their order. Its words are in ``ui/verdict_words``.

``HEADS`` answer "which one?": the first that applies does. ``LARGE`` and ``BELOW`` add what applies besides.
No rule claims more than a corrected test tells:

- *Ahead* is who Holm's corrected sign-flip test tells from each of the others (``Comparison.decisive``).
- *As good within the margin*, for a tie and for "cheaper and as good", is a test of non-inferiority, for a
  tie both ways: the bootstrap interval of the paired difference to the best is wholly above minus the margin
  (for a tie also below plus the margin). It is the usual one-sided test at 2.5% by the lower end of a 95%
  interval: G. Piaggio et al. (2012), "Reporting of noninferiority and equivalence randomized trials:
  extension of the CONSORT 2010 statement", JAMA 308 (24), 2594-2604; for the tie D. J. Schuirmann (1987), "A
  comparison of the two one-sided tests procedure and the power approach", Journal of Pharmacokinetics and
  Biopharmaceutics 15, 657-680. All others are tested against the best at once: each interval errs with 5%
  divided by their number (Bonferroni). That the best was chosen for its result makes it look better than it
  is, which makes it harder for the others, not easier. A difference that is merely "not decisive" shows
  nothing of the kind, and with fewer than ``LEAST`` questions none is called as good.
- *Cheaper* is whose interval of the cost of a question lies wholly below the other's, both having as many
  answers, each of a known cost. What the time of two different machines costs does not compare: the figures
  under Costs are of one. A list price does, also that of answers that were recorded elsewhere.
- *Accurate enough* is decided by Wilson's interval, each erring with 5% divided by the number of candidates.
- *Too much unscored*: from ``TOO_MUCH`` of its answers on, of a candidate that could be ahead if they were
  all right. A fifth that is missing can move a share by 20 points, which is as much as the whole interval of
  some 90 questions: then not chance but what is missing decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from statistics import NormalDist

import numpy as np

from app.domain import (
    ALPHA,
    HERE,
    Behind,
    CandidateCost,
    CandidateResult,
    Comparison,
    Examined,
    ExperimentState,
    Results,
    Statement,
    Sure,
    Verdict,
    VerdictKind,
    VerdictSettings,
)
from app.evaluation.bootstrap import difference_intervals
from app.evaluation.costing import LEAST
from app.evaluation.outcomes import Outcomes

NEAR = 1e-9
"""Shares that differ by less are equal but for rounding."""
HALF = 0.5
TOO_MUCH = 0.2
FEWER = 0.95
"""Of the questions of the others: below it is said that a share is of fewer."""
_NOTHING = frozenset({VerdictKind.NOTHING_ASKED, VerdictKind.NOTHING_JUDGED, VerdictKind.NOTHING_SCORED})
_UNTOLD = _NOTHING | {VerdictKind.UNSCORED}


def verdict_of(examined: Examined, settings: VerdictSettings) -> Verdict:
    """What it comes to for a person who asks as much as the ``settings`` say."""
    seen = _Seen(examined, settings)
    head = next(found for rule in HEADS if (found := rule(seen)) is not None)
    seen.head = head.kind
    return Verdict(
        head,
        tuple(found for rule in LARGE for found in rule(seen)),
        tuple(found for rule in BELOW for found in rule(seen)),
    )


def ranked(results: Results) -> list[CandidateResult]:
    """Those with a scored answer, the one that was right most often first."""
    return sorted((one for one in results.candidates if one.right.of), key=lambda one: -one.right.value)


def best_first(results: Results) -> list[str]:
    """The same by their hashes."""
    return [one.candidate.hash for one in ranked(results)]


def sure_of(outcomes: Outcomes, results: Results) -> Sure:
    """What can be said of several candidates at once; see the head of this module."""
    order = [one.candidate.hash for one in ranked(results)]
    z = NormalDist().inv_cdf(1 - ALPHA / 2 / max(len(order), 1))
    shares = tuple(outcomes.share(one, z) for one in outcomes.candidates)
    if not order:
        return Sure(shares)
    best = outcomes.means[outcomes.place(order[0])]
    rows = outcomes.means[[outcomes.place(one) for one in order[1:]]] - best
    enough = (~np.isnan(rows)).sum(axis=1) >= LEAST
    found = difference_intervals(rows[enough], outcomes.scale, ALPHA / max(len(rows), 1))
    names = [one for one, known in zip(order[1:], enough, strict=True) if known]
    behind = tuple(
        Behind(one, low, high, len(rows)) for one, (low, high) in zip(names, found.tolist(), strict=True)
    )
    return Sure(shares, order[0], behind)


class _Seen:
    """The experiment as the rules look at it. ``head`` is the rule that applied, once it is known."""

    def __init__(self, examined: Examined, settings: VerdictSettings) -> None:
        self.examined = examined
        self.settings = settings
        self.head = VerdictKind.NOTHING_ASKED
        self.ranked = ranked(examined.results)

    @property
    def best(self) -> CandidateResult:
        return self.ranked[0]

    def answered(self, one: CandidateResult) -> int:
        """On how many questions there is an answer, scored or not; with repeats a question has several."""
        place = [each.hash for each in self.examined.experiment.candidates].index(one.candidate.hash)
        return len({trial.slot.case for trial in self.examined.trials if trial.slot.candidate == place})

    @cached_property
    def leaders(self) -> list[CandidateResult]:
        """Who was right most often, several where they are equal."""
        return [one for one in self.ranked if self.best.right.value - one.right.value < NEAR]

    @cached_property
    def rivals(self) -> list[CandidateResult]:
        """The others that the corrected test does not put behind the best, the closest first."""
        return [one for one in self.ranked[1:] if not _ahead(self.between(one))]

    @cached_property
    def twin(self) -> CandidateResult | None:
        """The same as the best without documents, or with them: of several the best."""
        name = self.best.candidate.hash
        pairs = ({one.first, one.second} for one in self.examined.results.uplifts)
        twins = {other for pair in pairs if name in pair for other in pair - {name}}
        return next((one for one in self.ranked if one.candidate.hash in twins), None)

    @cached_property
    def pairs(self) -> Mapping[frozenset[str], Comparison]:
        return {frozenset({one.first, one.second}): one for one in self.examined.results.comparisons}

    @cached_property
    def behind(self) -> Mapping[str, Behind]:
        return {one.candidate: one for one in self.examined.sure.behind}

    @cached_property
    def costs(self) -> Mapping[str, CandidateCost]:
        return {one.candidate: one for one in self.examined.costs.candidates}

    @cached_property
    def results(self) -> Mapping[str, CandidateResult]:
        return {one.candidate.hash: one for one in self.examined.results.candidates}

    @cached_property
    def strangers(self) -> set[str]:
        """Who ran on another machine of one's own than the rest: than this one, if any ran here."""
        machines = self.examined.experiment.machines
        often = Counter(machines.values())
        home = HERE if HERE in often else next(iter(often.most_common(1)), ("", 0))[0]
        return {name for name, where in machines.items() if where != home}

    def between(self, other: CandidateResult) -> Comparison | None:
        """The best minus the other."""
        name = self.best.candidate.hash
        found = self.pairs.get(frozenset({name, other.candidate.hash}))
        return found if found is None or found.first == name else found.swapped()


def _ahead(comparison: Comparison | None) -> bool:
    return comparison is not None and comparison.decisive and (comparison.difference or 0.0) > 0


# ------------------------------------------------------------------------ which one?


def nothing(seen: _Seen) -> Statement | None:
    """Nothing was answered, judged or scored yet."""
    if seen.ranked:
        return None
    answers = len(seen.examined.trials)
    if not answers:
        return Statement(VerdictKind.NOTHING_ASKED)
    waiting = any(one.unjudged for one in seen.examined.results.candidates)
    kind = VerdictKind.NOTHING_JUDGED if waiting else VerdictKind.NOTHING_SCORED
    return Statement(kind, number=answers)


def unscored(seen: _Seen) -> Statement | None:
    """Too much is not judged of a candidate that could be ahead."""
    if len(seen.examined.results.candidates) < 2:
        return None
    for one in sorted(seen.examined.results.candidates, key=lambda one: one is not seen.best):
        untold = one.unscored + one.unjudged
        if not one.answers or untold / one.answers < TOO_MUCH:
            continue
        right = one.right.value * one.scored if one.right.of else 0.0
        if (right + untold) / one.answers > seen.best.right.value - NEAR:
            who = (seen.best,) if one is seen.best else (seen.best, one)
            return Statement(VerdictKind.UNSCORED, who, share=untold / one.answers)
    return None


def never(seen: _Seen) -> Statement | None:
    """None was right even once."""
    return None if seen.best.right.hits else Statement(VerdictKind.NEVER, tuple(seen.leaders))


def alone(seen: _Seen) -> Statement | None:
    """Only one has scored answers, so there is nothing to set it beside."""
    return Statement(VerdictKind.ALONE, (seen.best,)) if len(seen.ranked) == 1 else None


def reversed_(seen: _Seen) -> Statement | None:
    """Another is ahead on the questions that both were scored on."""
    for one in seen.ranked[1:]:
        pair = seen.between(one)
        if pair is not None and pair.decisive and (pair.difference or 0.0) < 0:
            return Statement(VerdictKind.REVERSED, (seen.best, one), pair)
    return None


def clear(seen: _Seen) -> Statement | None:
    """The best is ahead of each of the others."""
    if seen.rivals:
        return None
    other = seen.twin or seen.ranked[1]
    return Statement(VerdictKind.CLEAR, (seen.best, other), seen.between(other), number=len(seen.ranked))


def tie(seen: _Seen) -> Statement | None:
    """Nobody is ahead, and whoever is not behind is as good within the margin."""
    margin, near = seen.settings.margin, [seen.behind.get(one.candidate.hash) for one in seen.rivals]
    if not all(one is not None and one.low > -margin and one.high < margin for one in near):
        return None
    who = (seen.best, *seen.rivals)
    return Statement(VerdictKind.TIE, who, seen.between(seen.rivals[0]), share=margin)


def equal(seen: _Seen) -> Statement | None:
    """Several were right exactly as often."""
    if len(seen.leaders) < 2:
        return None
    close = sum(one not in seen.leaders for one in seen.rivals)
    return Statement(VerdictKind.EQUAL, tuple(seen.leaders), number=close)


def too_few(seen: _Seen) -> Statement:
    """Nobody is ahead, and the questions are too few to tell who is, or that they are as good."""
    return Statement(VerdictKind.TOO_FEW, (seen.best, *seen.rivals), seen.between(seen.rivals[0]))


HEADS: tuple[Callable[[_Seen], Statement | None], ...] = (
    nothing,
    unscored,
    never,
    alone,
    reversed_,
    clear,
    tie,
    equal,
    too_few,
)


# ------------------------------------------------------------------------ what belongs to it


def poor(seen: _Seen) -> Iterator[Statement]:
    """All were right on less than half, beyond doubt."""
    if seen.head in _UNTOLD or not seen.best.right.hits:
        return
    if all(one.right.high < HALF for one in seen.ranked):
        yield Statement(VerdictKind.POOR, (seen.best,))


def hurt(seen: _Seen) -> Iterator[Statement]:
    """With documents a candidate was right less often than without."""
    for one in seen.examined.results.uplifts:
        if one.decisive and (one.difference or 0.0) < 0:
            yield Statement(VerdictKind.HURT, (seen.results[one.second], seen.results[one.first]), one)


def twin(seen: _Seen) -> Iterator[Statement]:
    """What the documents did to the best, where the sentence is not about that already."""
    told = {VerdictKind.TIE, VerdictKind.EQUAL, VerdictKind.TOO_FEW}
    if seen.head in told and seen.twin is not None and seen.twin is not seen.rivals[0]:
        yield Statement(VerdictKind.TWIN, (seen.best, seen.twin), seen.between(seen.twin))


def runner_up(seen: _Seen) -> Iterator[Statement]:
    """The next of all, where the sentence is about documents."""
    if seen.head is VerdictKind.CLEAR and seen.twin is not None and seen.ranked[1] is not seen.twin:
        yield Statement(VerdictKind.NEXT, (seen.best, seen.ranked[1]), seen.between(seen.ranked[1]))


def enough(seen: _Seen) -> Iterator[Statement]:
    """Whether any candidate is right as often as the person asks."""
    if seen.head in _UNTOLD:
        return
    hashes = (one.candidate.hash for one in seen.examined.results.candidates)
    sure = dict(zip(hashes, seen.examined.sure.shares, strict=True))
    wanted, number = seen.settings.enough, len(seen.ranked)
    good = tuple(one for one in seen.ranked if sure[one.candidate.hash].low >= wanted)
    if good:
        yield Statement(VerdictKind.ENOUGH, good, share=wanted, number=number)
        return
    widest = max(seen.ranked, key=lambda one: sure[one.candidate.hash].high)
    bad = sure[widest.candidate.hash].high < wanted
    who = widest if bad else seen.best if sure[seen.best.candidate.hash].high >= wanted else widest
    kind = VerdictKind.NOT_ENOUGH if bad else VerdictKind.ENOUGH_UNTOLD
    yield Statement(kind, (who,), share=wanted, number=number, bounds=sure[who.candidate.hash])


def cheaper(seen: _Seen) -> Iterator[Statement]:
    """Of those that cost less than the best and are as good within the margin, the cheapest."""
    if seen.head in _UNTOLD or seen.head in {VerdictKind.NEVER, VerdictKind.REVERSED}:
        return
    best = seen.best.candidate.hash
    equals = {one.candidate.hash for one in seen.leaders}
    pairs = [(one.candidate, best, one.low, one.tested) for one in seen.behind.values()]
    # Of those that were right equally often any is the best: seen from there the first is not behind, either.
    pairs += [
        (best, one.candidate, -one.high, one.tested)
        for one in seen.behind.values()
        if one.candidate in equals
    ]
    good = [one for one in pairs if one[2] > -seen.settings.margin and _costs_less(seen, one[0], one[1])]
    if not good:
        return
    name, other, low, tested = min(good, key=lambda one: _price(seen.costs[one[0]]))
    yield Statement(
        VerdictKind.CHEAPER,
        (seen.results[name], seen.results[other]),
        share=seen.settings.margin,
        number=tested,
        behind=max(-low, 0.0),
        costs=(seen.costs[name], seen.costs[other]),
    )


def _price(one: CandidateCost) -> Fraction:
    return one.each.mean() if one.each else Fraction(0)


def _costs_less(seen: _Seen, name: str, than: str) -> bool:
    one, other = seen.costs.get(name), seen.costs.get(than)
    if one is None or other is None or one.each is None or other.each is None:
        return False
    if one.currency != other.currency or one.unknown or other.unknown or one.answers != other.answers:
        return False
    # Recorded answers have list prices only, and the rest of an experiment ran here or elsewhere as a whole.
    if seen.examined.experiment.apart(name, than):
        return False
    return one.each.high is not None and other.each.low is not None and one.each.high < other.each.low


def recorded(seen: _Seen) -> Iterator[Statement]:
    """Answers that were recorded elsewhere: their time is no comparison, their list price is."""
    results = seen.examined.results.candidates
    who = tuple(one for one in results if one.candidate.imported)
    costs = (seen.costs.get(one.candidate.hash) for one in who)
    if who:
        priced = tuple(one for one in costs if one is not None and one.priced)
        yield Statement(VerdictKind.RECORDED, who, number=len(results), costs=priced)


def elsewhere(seen: _Seen) -> Iterator[Statement]:
    """Answers that were made on another machine than the others, all of those not recorded, or some."""
    asked = [one for one in seen.examined.results.candidates if not one.candidate.imported]
    if asked and all(one.candidate.hash in seen.examined.elsewhere for one in asked):
        yield Statement(VerdictKind.ELSEWHERE, tuple(asked))
    who = tuple(one for one in asked if one.candidate.hash in seen.strangers)
    if who:
        yield Statement(VerdictKind.MACHINES, who)


def fewer(seen: _Seen) -> Iterator[Statement]:
    """Some were answered on clearly fewer questions, as recorded answers can be: not the same test."""
    if seen.examined.experiment.state is not ExperimentState.FINISHED or not seen.ranked:
        return
    most = max(one.right.of for one in seen.ranked)
    few = [one for one in seen.ranked if one.right.of < FEWER * most]
    who = tuple(one for one in few if seen.answered(one) < FEWER * most)
    if who:
        yield Statement(VerdictKind.FEWER, who, number=most)


def unfinished(seen: _Seen) -> Iterator[Statement]:
    """It has not come to its end."""
    if seen.examined.experiment.state is not ExperimentState.FINISHED:
        yield Statement(VerdictKind.UNFINISHED, number=len(seen.examined.trials))


LARGE: tuple[Callable[[_Seen], Iterator[Statement]], ...] = (poor, hurt)
BELOW: tuple[Callable[[_Seen], Iterator[Statement]], ...] = (
    twin,
    runner_up,
    enough,
    cheaper,
    fewer,
    recorded,
    elsewhere,
    unfinished,
)
