"""What a judge of pairs comes to, with people's votes and without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from app.domain import AnswerText, Choice, PairRuling, PlacedVote, Vote
from app.evaluation.votes.judged import LEAST, both_ways, judged
from app.evaluation.votes.pair_judge import judge_of
from app.evaluation.votes.pairs import AnswerPair
from tests.storage.examples import NOON

JUDGE = judge_of("court", "solomon")
NAMES = ("one", "other")


def pair(case: int) -> AnswerPair:
    return AnswerPair(AnswerText(0, case, 0, f"a{case}", "x"), AnswerText(1, case, 0, f"b{case}", "y"))


def rulings(case: int, first: str | None, second: str | None) -> list[PairRuling]:
    """Told twice: which is better ("a", "b", "" or None) when a stands first, and when b does."""
    a, b = f"a{case}", f"b{case}"
    named = {"a": a, "b": b, "": "", None: None}
    return [PairRuling("h", a, b, named[first]), PairRuling("h", b, a, named[second])]


def vote(case: int, choice: Choice) -> PlacedVote:
    return PlacedVote(Vote.of("Ada", (f"a{case}", f"b{case}"), choice, NOON), case, 0, 0, 1)


def test_who_changes_its_mind_with_the_order_says_a_tie() -> None:
    told = [*rulings(0, "a", "a"), *rulings(1, "a", "b"), *rulings(2, "", "b"), *rulings(3, "a", None)]
    said, flips, unclear = both_ways([*told, *rulings(4, "a", "a")[:1]])
    assert said == {("a0", "b0"): "a0", ("a1", "b1"): "", ("a2", "b2"): ""}
    assert (flips, unclear) == (2, 1), "one that was asked one way only does not count"


def test_with_few_votes_it_says_why_it_is_not_corrected() -> None:
    pairs = {pair(case).key: pair(case) for case in range(30)}
    told = [one for case in range(30) for one in rulings(case, "a", "a")]
    found = judged(JUDGE, told, [vote(case, Choice.RIGHT) for case in range(LEAST - 1)], pairs, NAMES)
    assert (found.pairs, found.flips.hits, found.flips.of) == (30, 0, 30)
    one, other = found.by_candidate
    assert (one.said, other.said, one.people, other.people) == (1, 0, 0, 1)
    assert one.corrected is None
    assert "20 of the pairs" in one.words
    assert f"{LEAST - 1}." in one.words
    assert (found.concord.share.hits, found.concord.share.of) == (0, LEAST - 1)


def test_the_votes_put_a_judge_right_that_likes_the_wrong_one() -> None:
    pairs = {pair(case).key: pair(case) for case in range(60)}
    told = [one for case in range(60) for one in rulings(case, "a", "a")]
    votes = [vote(case, Choice.RIGHT if case % 2 else Choice.LEFT) for case in range(40)]
    one, other = judged(JUDGE, told, votes, pairs, NAMES).by_candidate
    assert one.said == 1
    assert one.corrected == pytest.approx(0.5)
    assert other.corrected == pytest.approx(0.5)
    assert one.low is not None
    assert one.high is not None
    assert 0.2 < one.low < 0.4
    assert 0.6 < one.high < 0.8
    assert not one.words


def test_votes_on_one_question_do_not_put_a_judge_right() -> None:
    pairs = {}
    told: list[PairRuling] = []
    votes = []
    for place in range(LEAST):
        two = AnswerPair(AnswerText(0, 7, place, f"a{place}", "x"), AnswerText(1, 7, place, f"b{place}", "y"))
        pairs[two.key] = two
        told += rulings(place, "a", "a")
        votes.append(replace(vote(place, Choice.LEFT), case=7))
    one, _ = judged(JUDGE, told, votes, pairs, NAMES).by_candidate
    assert one.corrected is None
    assert "on 5 questions; so far they are on 1 question." in one.words


def test_a_judge_who_says_what_people_say_leaves_a_doubt() -> None:
    """Twenty of twenty are no 100% (100-100): Wilson's interval of them begins at 84%."""
    pairs = {pair(case).key: pair(case) for case in range(20)}
    told = [one for case in range(20) for one in rulings(case, "a", "a")]
    votes = [vote(case, Choice.LEFT) for case in range(20)]
    one, other = judged(JUDGE, told, votes, pairs, NAMES).by_candidate
    assert (one.corrected, one.high, other.corrected, other.low) == (1, 1, 0, 0)
    assert one.low == pytest.approx(0.867, abs=0.01)
    assert other.high == pytest.approx(1 - 0.867, abs=0.01)


def test_the_corrected_share_holds_where_people_voted_on_all(
    soak: bool, trials: Callable[[str, int], None]
) -> None:
    """The judge says a tie wherever the first has lost: then it is wrong by half of what is to be told."""
    chance = np.random.default_rng(2)
    pairs = {pair(case).key: pair(case) for case in range(40)}
    each, held = 2000 if soak else 100, 0
    for _ in range(each):
        better = chance.random(40) < 0.7
        told = [one for case in range(40) for one in rulings(case, *["a" if better[case] else ""] * 2)]
        votes = [vote(case, Choice.LEFT if better[case] else Choice.RIGHT) for case in range(40)]
        one = judged(JUDGE, told, votes, pairs, NAMES).by_candidate[0]
        assert one.corrected == pytest.approx(better.mean())
        assert one.low is not None
        assert one.high is not None
        held += one.low <= 0.7 <= one.high
    trials(f"corrected shares, all voted on: {100 * held / each:.1f}% held", each)
    assert 0.93 - (0 if soak else 0.05) <= held / each <= 0.97 + (0 if soak else 0.03)


def test_of_a_candidate_without_rulings_nothing_is_told() -> None:
    found = judged(JUDGE, [], [vote(0, Choice.LEFT)], {pair(0).key: pair(0)}, NAMES)
    assert found.by_candidate[0].said is None
    assert "nothing" in found.by_candidate[0].words


def test_the_corrected_share_holds_the_truth(soak: bool, trials: Callable[[str, int], None]) -> None:
    """200 judged pairs, people voted on 60; the judge is wrong in a third, and leans to one side."""
    chance = np.random.default_rng(1)
    pairs = {pair(case).key: pair(case) for case in range(200)}
    each, held = 2000 if soak else 100, 0
    for _ in range(each):
        better = chance.random(200) < 0.6
        leans = chance.random(200) < 0.35
        told = [one for case in range(200) for one in _ruled(case, bool(better[case]), bool(leans[case]))]
        votes = [vote(case, Choice.LEFT if better[case] else Choice.RIGHT) for case in range(60)]
        one = judged(JUDGE, told, votes, pairs, NAMES).by_candidate[0]
        assert one.low is not None
        assert one.high is not None
        held += one.low <= 0.6 <= one.high
    trials(f"corrected shares: {100 * held / each:.1f}% held", each)
    assert 0.93 - (0 if soak else 0.05) <= held / each <= 0.97 + (0 if soak else 0.03)


def _ruled(case: int, better: bool, leans: bool) -> list[PairRuling]:
    says = "a" if better or leans else "b"
    return rulings(case, says, says)
