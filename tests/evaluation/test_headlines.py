"""Which figures the sentence of an experiment tells."""

from __future__ import annotations

from hypothesis import given as drawn
from hypothesis import strategies as st

from app.domain import Examined
from tests.experiments import bare, examined, given

SMALL, LARGE = [given(), bare()], [given("large"), bare("large")]
HALF, MOST, FEW = "rw" * 10, "r" * 18 + "ww", "rr" + "w" * 18


def models(one: Examined) -> tuple[list[str], str, str]:
    head = one.headline
    named = [None if who is None else who.candidate.label for who in (head.other, head.rival)]
    return [who.candidate.label for who in head.leaders], *(name or "" for name in named)  # type: ignore[return-value]


def test_the_best_beside_the_same_without_documents_and_the_next_of_all() -> None:
    found = examined([*SMALL, *LARGE], HALF, FEW, MOST, FEW)
    assert models(found) == (["large with documents"], "large without documents", "small with documents")
    head = found.headline
    assert head.comparison is not None
    assert head.comparison.first == LARGE[0].hash
    assert head.comparison.difference == 0.8
    assert head.comparison.decisive


def test_the_same_with_documents_where_the_best_had_none() -> None:
    found = examined(SMALL, FEW, MOST)
    assert models(found) == (["small without documents"], "small with documents", "")
    assert found.headline.comparison is not None
    assert found.headline.comparison.difference == 0.8


def test_no_documents_lanes_set_the_best_beside_the_next() -> None:
    found = examined([given(), given("large")], HALF, MOST)
    assert models(found) == (["large with documents"], "small with documents", "")


def test_equal_ones_lead_together_and_one_alone_leads_alone() -> None:
    assert models(examined(SMALL, HALF, HALF)) == (
        ["small with documents", "small without documents"],
        "",
        "",
    )
    assert models(examined([given()], HALF)) == (["small with documents"], "", "")


def test_nothing_scored_has_no_leader_and_what_is_unscored_does_not_lead() -> None:
    assert examined(SMALL, "uuu", "...").headline.leaders == ()
    assert models(examined(SMALL, "uuuu", "wwrw")) == (["small without documents"], "", "")


def test_poor_is_said_only_where_the_interval_lies_below_half() -> None:
    assert examined(SMALL, FEW, "w" * 20).headline.poor
    assert not examined(SMALL, "rrrrwwwwww", "w" * 10).headline.poor


@drawn(st.lists(st.text("rwauf.", min_size=6, max_size=6), min_size=4, max_size=4))
def test_the_leader_is_never_behind(letters: list[str]) -> None:
    found = examined([*SMALL, *LARGE], *letters)
    head = found.headline
    scored = [one for one in found.results.candidates if one.right.of]
    assert bool(head.leaders) == bool(scored)
    for leader in head.leaders:
        assert all(leader.right.value >= one.right.value - 1e-9 for one in scored)
    if head.comparison is not None and head.other is not None:
        assert (head.comparison.first, head.comparison.second) == (
            head.leaders[0].candidate.hash,
            head.other.candidate.hash,
        )
