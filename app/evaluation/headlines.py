"""Which figures the sentence of an experiment tells: the best, what it is set beside, what that decides."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import CandidateResult, Comparison, Headline, Results

NEAR = 1e-9
"""Shares that differ by less are equal but for rounding."""
HALF = 0.5


def headline_of(results: Results) -> Headline:
    """The figures for the sentence; see ``Headline``."""
    scored = [one for one in results.candidates if one.right.of]
    if not scored:
        return Headline()
    ranked = sorted(scored, key=lambda one: -one.right.value)
    leaders = tuple(one for one in ranked if ranked[0].right.value - one.right.value < NEAR)
    poor = all(one.right.high < HALF for one in leaders)
    if len(leaders) > 1 or len(ranked) == 1:
        return Headline(leaders, poor=poor)
    leader, runner = ranked[:2]
    other = _twin(leader, ranked, results.uplifts) or runner
    rival = None if other is runner else runner
    return Headline(
        leaders,
        other,
        _between(results.comparisons, leader, other),
        rival,
        _between(results.comparisons, leader, rival) if rival else None,
        poor=poor,
    )


def _twin(
    leader: CandidateResult, ranked: Sequence[CandidateResult], uplifts: Sequence[Comparison]
) -> CandidateResult | None:
    """The same candidate without documents, or with them: of several the best."""
    name = leader.candidate.hash
    pairs = ({one.first, one.second} for one in uplifts)
    twins = {other for pair in pairs if name in pair for other in pair - {name}}
    return next((one for one in ranked if one.candidate.hash in twins), None)


def _between(
    comparisons: Sequence[Comparison], one: CandidateResult, other: CandidateResult
) -> Comparison | None:
    for found in comparisons:
        if {found.first, found.second} == {one.candidate.hash, other.candidate.hash}:
            return found if found.first == one.candidate.hash else found.swapped()
    return None
