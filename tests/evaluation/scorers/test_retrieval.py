"""hit@k, MRR@k and nDCG@k: worked examples, and nDCG against scikit-learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Answer, Case, Gold, PosedCase, Score
from app.evaluation.scorers.base import CaseScorer
from app.evaluation.scorers.hit import Hit
from app.evaluation.scorers.mrr import ReciprocalRank
from app.evaluation.scorers.ndcg import NDCG
from tests.evaluation.scorers.answers import a_located_case, an_answer_from

ALL: list[CaseScorer] = [Hit(), ReciprocalRank(), NDCG()]
SPAN = a_located_case(("d1", 100, 200, ("a", "b")))
EACH = pytest.mark.parametrize("scorer", ALL, ids=lambda one: one.name)


def values(case: PosedCase, answer: Answer) -> list[float | None]:
    return [one.score(case, answer).value for one in ALL]


def hit(case: PosedCase, answer: Answer) -> Score:
    return Hit().score(case, answer)


# ----------------------------------------------------------------- hit


@pytest.mark.parametrize(
    ("chosen", "value"),
    [
        ([("a", "d1", 0, 300)], 1),
        ([("a", "d1", 100, 195)], 1),
        ([("a", "d1", 100, 194)], 0),
        ([("a", "d1", 90, 150), ("b", "d1", 140, 210)], 1),
        ([("b", "d1", 150, 300), ("x", "d2", 0, 9), ("a", "d1", 0, 150)], 1),
        ([("a", "d1", 100, 160), ("b", "d1", 100, 160)], 0),
        ([("a", "d1", 0, 140), ("b", "d1", 160, 300)], 0),
        ([("a", "d2", 0, 300)], 0),
        ([], 0),
    ],
)
def test_a_hit_has_95_percent_of_the_span(chosen: list[tuple[str, str, int, int]], value: int) -> None:
    assert hit(SPAN, an_answer_from(*chosen)).value == value


def test_what_did_not_fit_was_found_and_not_given() -> None:
    """A hit is told by what was given, as the causes are; the ranks by what was found."""
    left_out = an_answer_from(("x", "d2", 0, 9), ("a", "d1", 0, 300), left_out=1)
    assert values(SPAN, left_out)[:2] == [0, 0.5]
    assert hit(SPAN, left_out).words == "The gold text was found, and did not fit into the prompt whole."
    half = an_answer_from(("a", "d1", 0, 150), ("b", "d1", 150, 300), left_out=1)
    assert hit(SPAN, half) == replace(hit(SPAN, left_out), value=0)
    elsewhere = an_answer_from(("x", "d2", 0, 9), left_out=1)
    assert hit(SPAN, elsewhere).words == "None of the passages found fitted into the prompt."


@pytest.mark.parametrize(
    ("gold", "there", "words"),
    [
        (Gold("inn.txt", "nine beds"), False, "“inn.txt” is not in this collection"),
        (Gold("inn.txt", "nine beds"), True, "The gold text stands nowhere in what was read"),
        (Gold("", "nine beds"), False, "The gold text stands nowhere in what was read"),
    ],
)
def test_a_text_that_the_collection_does_not_have_is_no_hit(gold: Gold, there: bool, words: str) -> None:
    """A collection that lost documents loses hits; what could be ranked of it is unscored."""
    answer = an_answer_from(("a", "d1", 0, 300))
    alone = PosedCase(Case("q", ("seven",), (gold,)), (None,), (there,))
    beside = PosedCase(Case("q", ("seven",), (*SPAN.case.gold, gold)), (*SPAN.spans, None), (True, there))
    for case in (alone, beside):
        assert values(case, answer) == [0, None, None]
        assert hit(case, answer).words == f"{words}, so that no passage could hold it."
    nobody_looked = PosedCase(alone.case)
    assert values(nobody_looked, answer) == [None, None, None]
    without_prompt, bare = replace(answer, prompt=None), replace(answer.candidate, retrieval=None)
    assert hit(alone, without_prompt).value is hit(alone, replace(answer, candidate=bare)).value is None


def test_only_the_first_k_count() -> None:
    chosen = [("x", "d2", 0, 9), ("y", "d2", 9, 19), ("a", "d1", 0, 300)]
    assert values(SPAN, an_answer_from(*chosen, k=2)) == [0, 0, 0]
    assert values(SPAN, an_answer_from(*chosen, k=3))[:2] == [1, 1 / 3]


def test_the_words_of_a_hit() -> None:
    assert (
        hit(SPAN, an_answer_from(("a", "d1", 0, 300))).words
        == "The gold text stands in the one passage given."
    )
    words = "Only 94% of the gold text stands in the one passage given."
    assert hit(SPAN, an_answer_from(("a", "d1", 100, 194))).words == words
    large = a_located_case(("d1", 0, 1000, ("a", "b")))
    for end, share in ((949, "94"), (2, "less than 1")):
        told = hit(large, an_answer_from(("a", "d1", 0, end))).words
        assert told == f"Only {share}% of the gold text stands in the one passage given."
    two = an_answer_from(("x", "d1", 0, 9), ("y", "d1", 9, 19))
    assert hit(SPAN, two).words == "The gold text does not stand in the 2 passages given."


# ----------------------------------------------------------------- ranks


def test_a_relevant_passage_has_half_of_the_span() -> None:
    assert ReciprocalRank().score(SPAN, an_answer_from(("a", "d1", 0, 150))).value == 1
    assert ReciprocalRank().score(SPAN, an_answer_from(("a", "d1", 0, 149))).value == 0
    assert ReciprocalRank().score(SPAN, an_answer_from(("a", "d2", 100, 200))).value == 0


def test_ranks() -> None:
    answer = an_answer_from(("x", "d2", 0, 9), ("a", "d1", 0, 300), ("b", "d1", 90, 260))
    assert ReciprocalRank().score(SPAN, answer).value == 0.5
    expected = (1 / np.log2(3) + 1 / np.log2(4)) / (1 + 1 / np.log2(3))
    score = NDCG().score(SPAN, answer)
    assert score.value == pytest.approx(expected)
    assert score.words == "2 of 2 passages with the gold text were found."


def test_the_ideal_has_no_more_than_k() -> None:
    many = a_located_case(("d1", 0, 100, tuple("abcdef")))
    both = an_answer_from(("a", "d1", 0, 100), ("b", "d1", 0, 90), k=2)
    assert NDCG().score(many, both).value == 1


def test_a_passage_that_came_twice_counts_once() -> None:
    answer = an_answer_from(("a", "d1", 0, 300), ("a", "d1", 0, 300), ("x", "d2", 0, 9))
    assert NDCG().score(SPAN, answer).value == pytest.approx(1 / (1 + 1 / np.log2(3)))


def test_a_relevant_passage_that_the_span_does_not_name_counts() -> None:
    unnamed = a_located_case(("d1", 100, 200, ()))
    assert values(unnamed, an_answer_from(("new", "d1", 0, 300))) == [1, 1, 1]


def test_a_gold_text_longer_than_two_passages_has_a_hit_and_no_rank() -> None:
    long = a_located_case(("d1", 0, 900, ()))
    thirds = an_answer_from(("a", "d1", 0, 300), ("b", "d1", 300, 600), ("c", "d1", 600, 900))
    assert values(long, thirds) == [1, None, None]
    assert "no passage of the collection holds half" in NDCG().score(long, thirds).words


# ----------------------------------------------------------------- several spans


def test_of_several_spans_the_worst_decides() -> None:
    two = a_located_case(("d1", 0, 100, ("a",)), ("d2", 0, 100, ("b",)))
    first, second = ("a", "d1", 0, 100), ("b", "d2", 0, 100)
    assert values(two, an_answer_from(first)) == [0, 0, 0]
    assert values(two, an_answer_from(first, second))[:2] == [1, 0.5]
    words = hit(two, an_answer_from(first)).words
    assert words == "The worst of 2 gold texts: The gold text does not stand in the one passage given."


def test_one_that_cannot_be_ranked_among_several() -> None:
    """0 is the worst there is; above it nobody knows which is the worst."""
    two = a_located_case(("d1", 0, 900, ()), ("d2", 0, 100, ("b",)))
    assert ReciprocalRank().score(two, an_answer_from(("a", "d1", 0, 300))).value == 0
    assert ReciprocalRank().score(two, an_answer_from(("b", "d2", 0, 100))).value is None


# ----------------------------------------------------------------- empty and unscored


@EACH
def test_empty_retrieval_is_0(scorer: CaseScorer) -> None:
    score = scorer.score(SPAN, an_answer_from())
    assert (score.value, score.words) == (0, "No passage was found.")


@EACH
def test_what_cannot_be_scored_says_why(scorer: CaseScorer) -> None:
    answer = an_answer_from(("a", "d1", 0, 300))
    plain = replace(answer, candidate=replace(answer.candidate, retrieval=None))
    no_gold = PosedCase(Case("q", ("seven",)))
    wordless = PosedCase(Case("q", ("seven",), (Gold("mill.txt", ""),)), (None,), (True,))
    lost = PosedCase(Case("q", ("seven",), (Gold("", "x"),)))
    reasons = {
        scorer.score(SPAN, plain): "It was asked without documents.",
        scorer.score(no_gold, answer): "Nobody said where in the documents the answer stands.",
        scorer.score(wordless, answer): "Nobody said in which words the answer stands.",
        scorer.score(lost, answer): "The gold text was not found in the documents of this collection.",
        scorer.score(SPAN, replace(answer, prompt=None)): "It ended before it was known what was found.",
        scorer.score(
            a_located_case(("d1", 5, 5, ())), answer
        ): "The gold text was not found in the documents of this collection.",
    }
    for score, reason in reasons.items():
        assert (score.value, score.words) == (None, reason)


# ----------------------------------------------------------------- against scikit-learn


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(0, 6), st.integers(1, 12))
def test_ndcg_agrees_with_scikit_learn(found: list[bool], missed: int, k: int) -> None:
    """The missed relevant ones stand behind all that were found; the library takes two places and more."""
    from sklearn.metrics import ndcg_score  # over a second, of whoever only looks for tests too

    chosen = [(f"p{place}", "d1" if relevant else "d2", 0, 100) for place, relevant in enumerate(found)]
    ids = [one for one, document, _, _ in chosen if document == "d1"] + [f"m{n}" for n in range(missed)]
    score = NDCG().score(a_located_case(("d1", 0, 100, tuple(ids))), an_answer_from(*chosen, k=k))
    if not ids:
        assert score.value is None
        return
    # What lies beyond k was not found: for the library it stands behind a filler at each free place.
    places = found[:k] + [False] * (k - len(found[:k]))
    gains = [*places, *[True] * (sum(found[k:]) + missed), False]
    expected = ndcg_score([[float(one) for one in gains]], [list(range(len(gains), 0, -1))], k=k)
    assert score.value == pytest.approx(expected)
