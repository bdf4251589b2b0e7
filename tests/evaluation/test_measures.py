"""All measures summed up: means over questions, their intervals, and what is left out of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain import Provenance
from app.evaluation.measures import QUOTING, measures_of, says_yes_or_no
from app.evaluation.scorers.judge import PREFIX
from app.evaluation.scorers.registry import case_scorers, scorers
from app.evaluation.shares import wilson
from app.ui import measures, scores
from tests.experiments import bare, experiment_of, given


def test_a_question_counts_with_the_mean_over_its_scored_repeats() -> None:
    one = experiment_of([given()], cases=3, repeats=2)
    # The first question 1 and 0, the second 1 in its only scored repeat, the third not at all.
    told = [(0, 1.0), (0, 0.0), (1, 1.0), (1, None), (2, None), (2, None)]
    (found,) = measures_of(one, [(0, case, "MRR@k", value) for case, value in told])
    mean = found["MRR@k"].mean
    assert (mean.value, mean.of) == (0.75, 2)
    assert mean.low is not None
    assert mean.high is not None
    assert mean.low < 0.75 < mean.high
    assert (found["MRR@k"].answers, found["MRR@k"].unscored) == (6, 3)
    assert measures_of(one, []) == ({},)


@pytest.mark.parametrize("scorer", ["exact match", "hit@k", f"{PREFIX}abc"])
def test_what_says_yes_or_no_has_wilsons_interval(scorer: str) -> None:
    (found,) = measures_of(experiment_of([given()], 10), [(0, n, scorer, float(n < 7)) for n in range(10)])
    mean, share = found[scorer].mean, wilson(7, 10)
    assert (mean.value, mean.low, mean.high) == (share.value, share.low, share.high)


def test_nothing_scored_has_no_mean_and_is_all_unscored() -> None:
    (found,) = measures_of(experiment_of([given()], 2), [(0, n, "schema validity", None) for n in (0, 1)])
    one = found["schema validity"]
    assert (one.mean.value, one.mean.of, one.answers, one.unscored) == (None, 0, 2, 2)


def test_beside_the_quote_check_stands_how_many_answers_quote_anything() -> None:
    """Three of four quote nothing: the mean of the quote check is of one answer."""
    told = [(0, case, "quote check", value) for case, value in enumerate((1.0, None, None, None))]
    (found,) = measures_of(experiment_of([given()], 4), told)
    assert (found["quote check"].mean.value, found["quote check"].unscored) == (1.0, 3)
    assert (found[QUOTING].mean.value, found[QUOTING].mean.of, found[QUOTING].unscored) == (0.25, 4, 0)


def test_whether_imported_answers_quote_anything_nobody_knows() -> None:
    imported = replace(bare(), provenance=Provenance())
    (found,) = measures_of(experiment_of([imported], 2), [(0, n, "quote check", None) for n in (0, 1)])
    assert (found[QUOTING].mean.value, found[QUOTING].unscored) == (None, 2)


def test_the_screens_know_every_measure_and_tell_shares_as_shares() -> None:
    names = [*(one.name for one in scorers()), *(one.name for one in case_scorers())]
    shown = [one for group in measures.GROUPS.values() for one in group]
    assert sorted(shown) == sorted([*names, scores.JUDGE, QUOTING])
    assert QUOTING == "quotes anything"
    assert {one for one in names if says_yes_or_no(one)} == {*scores.YES_OR_NO} - {scores.JUDGE}
