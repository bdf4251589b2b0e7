"""Candidates compared two by two: common questions, Holm, uplift."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Candidate, Comparison, Options, Retrieval, sentence
from app.evaluation.outcomes import Outcomes
from app.evaluation.paired import compare, holm, uplifts

NAN = float("nan")


def right(*rows: Sequence[float]) -> Outcomes:
    """Candidates a, b, c … asked once."""
    return Outcomes.of("abcdefgh"[: len(rows)], np.array(rows)[:, :, np.newaxis])


def test_only_questions_that_both_were_scored_on_count() -> None:
    (one,) = compare(right([1, 1, 1, NAN, 1, 1], [0, NAN, 0, 1, 0, 1]))

    assert one.questions == 4
    assert one.difference == 0.75
    assert one.p == one.adjusted == pytest.approx(0.25)
    assert one.pairs == 1


def test_a_clear_winner() -> None:
    table = right([1] * 40 + [0] * 10, [1] * 20 + [0] * 30)
    (one,) = compare(table)

    assert one.decisive and one.excludes_zero
    assert one.p == pytest.approx(2 / 2**20)
    assert one.needed is not None and one.needed < 50
    assert sentence(one, {"a": "A", "b": "B"}).startswith(
        "A was right more often than B, by 40 percentage points (95%: 2"
    )


def test_equal_candidates_are_equal() -> None:
    (one,) = compare(right([1, 0, 1, 0, 1, 0], [1, 0, 1, 0, 1, 0]))

    assert (one.difference, one.p, one.adjusted, one.needed) == (0, 1, 1, None)
    assert one.low is not None and one.high is not None
    assert one.low < 0 < one.high


def test_too_few_common_questions_are_told_and_not_tested() -> None:
    found = compare(right([1, 1, NAN, NAN], [NAN, 0, 1, 1], [NAN, NAN, 0, 0], [NAN, NAN, 0, 1]))
    known = {(one.first, one.second): one for one in found}

    assert known["a", "c"] == Comparison("a", "c", 0)
    assert known["a", "b"] == Comparison("a", "b", 1)
    assert known["b", "c"].questions == 2
    # b-c, b-d, c-d were tested; a has nothing in common with anyone.
    assert {one.pairs for one in found if one.p is not None} == {3}


def test_swapped_candidates_come_out_as_each_others_mirror() -> None:
    chance = np.random.default_rng(3)
    values = chance.random((3, 40, 2))
    forth = compare(Outcomes.of("abc", values))
    back = {(one.first, one.second): one for one in compare(Outcomes.of("cba", values[::-1]))}
    for one in forth:
        mirror = back[one.second, one.first].swapped()
        assert mirror == one or mirror.difference == pytest.approx(one.difference)
        assert (mirror.low, mirror.high, mirror.p) == pytest.approx((one.low, one.high, one.p))


def test_the_order_of_questions_changes_nothing() -> None:
    chance = np.random.default_rng(3)
    values = chance.integers(0, 2, (3, 50, 3)).astype(float)
    order = chance.permutation(50)
    for one, other in zip(
        compare(Outcomes.of("abc", values)), compare(Outcomes.of("abc", values[:, order])), strict=True
    ):
        assert other.difference == pytest.approx(one.difference)
        assert (other.low, other.high, other.p, other.needed) == pytest.approx(
            (one.low, one.high, one.p, one.needed)
        )


def test_named_pairs_are_corrected_among_themselves() -> None:
    table = right([1] * 9 + [0], [0] * 10, [0] * 10)
    all_pairs, (one,) = compare(table), compare(table, [("a", "b")])

    assert one.pairs == 1
    assert one.adjusted == one.p == all_pairs[0].p
    assert all_pairs[0].adjusted == pytest.approx(3 * (one.p or 0))


def test_many_pairs_can_still_be_decisive() -> None:
    """Where p-values are sampled there are more resamples for more pairs: else nothing could ever pass."""
    chance = np.random.default_rng(1)
    values = chance.random((30, 60, 1)) * 0.3
    values[0] += 0.6
    found = compare(Outcomes.of([str(place) for place in range(30)], values))
    assert len(found) == 435
    assert all(one.decisive for one in found if one.first == "0")


def test_nobody_to_compare() -> None:
    assert compare(right([1, 0])) == ()
    assert compare(right([1, 0], [0, 1]), []) == ()
    (one,) = compare(Outcomes.of("ab", np.empty((2, 0, 1))))
    assert one == Comparison("a", "b", 0)


def test_an_unknown_candidate_raises() -> None:
    with pytest.raises(ValueError, match="not in"):
        compare(right([1, 0]), [("a", "z")])


# ----------------------------------------------------------------- Holm


def by_definition(chances: list[float]) -> list[float]:
    """Holm's adjusted p-values as written by S. P. Wright (1992), Biometrics 48, 1005-1013."""
    ordered = sorted(chances)
    number = len(ordered)
    return [
        max(min(1.0, (number - place) * ordered[place]) for place in range(ordered.index(one) + 1))
        for one in chances
    ]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_as_defined(chances: list[float]) -> None:
    adjusted = holm(np.array(chances))
    # Of equal ones the formula counts the first, and the running maximum gives the others the same.
    assert adjusted.tolist() == pytest.approx(by_definition(chances))
    order = np.argsort(chances, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()
    assert (adjusted >= chances).all() and (adjusted <= 1).all()


def test_a_worked_case_of_holm() -> None:
    """R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")."""
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.empty(0)).tolist() == []


@given(st.lists(st.floats(0, 1), min_size=2, max_size=5, unique=True))
def test_holm_follows_the_p_values_wherever_they_stand(chances: list[float]) -> None:
    expected = dict(zip(chances, holm(np.array(chances)).tolist(), strict=True))
    for order in permutations(chances):
        assert dict(zip(order, holm(np.array(order)).tolist(), strict=True)) == expected


# ----------------------------------------------------------------- uplift


def test_the_uplift_finds_the_same_candidate_with_and_without_documents() -> None:
    small, large = Candidate("ollama", "small", digest="1"), Candidate("ollama", "large", digest="2")
    known = [
        small,
        Candidate("ollama", "small", retrieval=Retrieval("c", 4), digest="1"),
        Candidate("ollama", "small", retrieval=Retrieval("c", 8), digest="1"),
        large,
        Candidate("ollama", "large", retrieval=Retrieval("c", 4), digest="3"),
        Candidate("ollama", "small", Options(seed=2), Retrieval("c", 4), "1"),
        Candidate("other", "small", retrieval=Retrieval("c", 4), digest="1"),
    ]
    values = np.random.default_rng(1).integers(0, 2, (len(known), 30, 1)).astype(float)
    comparisons = compare(Outcomes.of([one.hash for one in known], values))
    found = uplifts(comparisons, known)

    assert [(one.first, one.second) for one in found] == [
        (known[1].hash, small.hash),
        (known[2].hash, small.hash),
    ]
    for one, with_documents in zip(found, (1, 2), strict=True):
        assert one.difference == pytest.approx((values[with_documents] - values[0]).mean())
        assert one.pairs == len(comparisons)


def test_a_candidate_that_is_not_known_has_no_uplift() -> None:
    assert uplifts([Comparison("x", "y", 3)], [Candidate("ollama", "small")]) == ()
