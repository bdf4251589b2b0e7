"""Agreement in plain shares: counted by hand on small cases."""

from __future__ import annotations

import pytest

from app.domain import Choice, PlacedVote, Vote
from app.evaluation.votes.agreement import among_voters, with_judge, with_right
from tests.storage.examples import NOON

A, B = Choice.LEFT, Choice.RIGHT


def votes(*told: tuple[str, int, Choice]) -> list[Vote]:
    return [Vote.of(voter, (f"a{pair}", f"b{pair}"), choice, NOON) for voter, pair, choice in told]


def placed(*told: tuple[str, int, Choice]) -> list[PlacedVote]:
    return [PlacedVote(one, int(one.first[1:]), 0, 0, 1) for one in votes(*told)]


def test_only_pairs_with_two_voters_tell() -> None:
    assert among_voters(votes(("Ada", 0, A), ("Bob", 1, A))).share.of == 0
    found = among_voters(votes(("Ada", 0, A), ("Bob", 0, A), ("Ada", 1, A), ("Bob", 1, B)))
    assert (found.share.hits, found.share.of) == (1, 2)
    assert found.by_chance == pytest.approx(0.5)


def test_of_three_voters_each_couple_counts_and_a_pair_once() -> None:
    found = among_voters(votes(("Ada", 0, A), ("Bob", 0, A), ("Cleo", 0, B)))
    assert found.share.hits == pytest.approx(1 / 3)
    assert found.share.of == 1


def test_neither_is_a_choice_of_its_own_good_or_bad() -> None:
    found = among_voters(votes(("Ada", 0, Choice.TIE), ("Bob", 0, Choice.BAD)))
    assert found.share.hits == 1
    assert found.by_chance == 1


def test_with_a_judge() -> None:
    said = {("a0", "b0"): "a0", ("a1", "b1"): "", ("a2", "b2"): "b2"}
    cast = votes(("Ada", 0, A), ("Bob", 0, B), ("Ada", 1, Choice.TIE), ("Ada", 2, A), ("Ada", 3, A))
    found = with_judge(cast, said)
    assert (found.share.hits, found.share.of) == (1.5, 3)
    # A quarter of ours and of the judge's four are for neither.
    assert found.by_chance == pytest.approx(0.25 * 0.25 + 0.75 * 0.75 / 2)
    assert with_judge([], said).by_chance is None


def test_with_right_counts_only_where_just_one_is_right() -> None:
    right = {"a0": True, "b0": False, "a1": False, "b1": True, "a2": True, "b2": True, "a3": True, "b3": None}
    cast = placed(
        ("Ada", 0, A), ("Bob", 0, Choice.TIE), ("Ada", 1, A), ("Ada", 2, A), ("Ada", 3, A), ("Ada", 4, A)
    )
    found = with_right(cast, right)
    assert found.votes == 3
    assert (found.share.hits, found.share.of) == (0.5, 2)
    # By question, as the share is: the three come to 100%.
    assert (found.wrong, found.neither) == (0.5, 0.25)
    assert found.share.hits / found.share.of + found.wrong + found.neither == pytest.approx(1)
    assert with_right([], right).votes == 0
