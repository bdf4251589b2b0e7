"""Two experiments compared: who belongs to whom, what changed, and what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain import (
    Alike,
    AnswerState,
    Candidate,
    Case,
    Experiment,
    Gold,
    Options,
    Retrieval,
    Slot,
    Trial,
    version_of,
)
from app.evaluation.experiments.versus import Ran, match, versus

CASES = tuple(Case(f"Question {n}?", ("yes",)) for n in range(10))
GIVEN = Candidate("ollama", "tiny", Options(), Retrieval("c", 4), "sha256:1")
BARE = replace(GIVEN, retrieval=None)


def ran(
    name: str,
    candidates: Sequence[Candidate],
    rights: Sequence[Sequence[bool | None]],
    *,
    cases: Sequence[Case] = CASES,
    repeats: int = 1,
    snapshot: Mapping[str, str] | None = None,
) -> Ran:
    """``rights`` by candidate, then by case and repeat in one line; None is unscored."""
    experiment = Experiment(
        id=name,
        name=name,
        dataset_id="d",
        dataset_name="Mill",
        version=version_of(tuple(cases)),
        candidates=tuple(candidates),
        repeats=repeats,
        cases=len(cases),
        made_at=datetime(2026, 5, 4, tzinfo=UTC),
        snapshot=snapshot or {},
    )
    trials = tuple(
        Trial(
            Slot(place, number // repeats, number % repeats),
            f"{name}-{place}-{number}",
            AnswerState.COMPLETE,
            right=right,
            rule="contains",
            cause="" if right else "refused",
        )
        for place, line in enumerate(rights)
        for number, right in enumerate(line)
    )
    return Ran(experiment, tuple(cases), trials)


# --------------------------------------------------------------------------- who belongs to whom


def test_the_closest_rule_goes_first_for_all() -> None:
    newer = replace(GIVEN, digest="sha256:2")
    warm = replace(GIVEN, options=Options(temperature=0.7))
    more = replace(GIVEN, retrieval=Retrieval("c", 9))
    assert [one.alike for one in match([GIVEN], [warm, more, newer, GIVEN])] == [Alike.SAME]
    assert [one.second for one in match([GIVEN], [warm, more, newer])] == [newer]
    assert [one.second for one in match([GIVEN], [warm, more])] == [more]
    assert [(one.second, one.alike) for one in match([GIVEN], [warm])] == [(warm, Alike.MODEL)]


def test_nobody_gets_the_twin_of_another() -> None:
    warm = replace(GIVEN, options=Options(temperature=0.7))
    pairs = match([warm, GIVEN], [GIVEN])
    assert [(one.first, one.second) for one in pairs] == [(GIVEN, GIVEN)]


def test_with_documents_and_without_are_never_matched() -> None:
    assert match([GIVEN], [BARE]) == []
    made = versus(ran("a", [GIVEN], [[True] * 10]), ran("b", [BARE], [[True] * 10]))
    assert (made.pairs, made.alone_first, made.alone_second) == ((), (GIVEN,), (BARE,))


def test_a_pair_chosen_by_a_person_stands_in_front_and_is_tested_with_the_others() -> None:
    first = ran("a", [GIVEN, BARE], [[True] * 10, [False] * 10])
    second = ran("b", [GIVEN, BARE], [[True] * 10, [False] * 10])
    made = versus(first, second, (BARE.hash, GIVEN.hash))
    assert made.pairs[0].pair.alike is Alike.CHOSEN
    assert len(made.pairs[0].better) == 10
    assert {one.comparison.pairs for one in made.pairs} == {3}
    assert len(versus(first, second, (GIVEN.hash, GIVEN.hash)).pairs) == 2
    assert len(versus(first, second, ("nobody", GIVEN.hash)).pairs) == 2


# --------------------------------------------------------------------------- what changed


def test_better_and_worse_are_counted_from_the_first_to_the_second() -> None:
    first = ran("a", [GIVEN], [[True] * 6 + [False] * 4])
    second = ran("b", [GIVEN], [[False] * 5 + [True] * 3 + [False] * 2])
    (one,) = versus(first, second).pairs
    assert [each.question for each in one.better] == ["Question 6?", "Question 7?"]
    assert [each.question for each in one.worse] == [f"Question {n}?" for n in range(5)]
    assert (one.same, one.unscored) == (3, 0)
    assert one.comparison.difference == pytest.approx(-0.3)
    assert one.first.value == pytest.approx(0.6)
    assert one.second.value == pytest.approx(0.3)
    assert one.worse[0].second.cause == "refused"
    assert one.worse[0].second.answer_id == "b-0-0"


def test_a_difference_in_every_question_is_decisive_and_one_in_one_is_not() -> None:
    first = ran("a", [GIVEN], [[False] * 10])
    assert versus(first, ran("b", [GIVEN], [[True] * 10])).pairs[0].comparison.decisive
    assert not versus(first, ran("b", [GIVEN], [[True] + [False] * 9])).pairs[0].comparison.decisive


def test_questions_are_matched_by_what_they_ask_whatever_their_place() -> None:
    turned = tuple(reversed(CASES))
    first = ran("a", [GIVEN], [[True, *[False] * 9]])
    second = ran("b", [GIVEN], [[True] * 10], cases=(*turned, Case("New?", ("yes",))))
    made = versus(first, second)
    (one,) = made.pairs
    assert (made.common, len(one.better), one.same) == (10, 9, 1)
    change = one.better[0]
    assert (change.question, change.first.place, change.second.place) == ("Question 9?", 9, 0)


def test_the_same_question_with_another_right_answer_is_another() -> None:
    other = tuple(replace(one, answers=("no",)) for one in CASES)
    tagged = tuple(replace(one, tags=("new",)) for one in CASES)
    first = ran("a", [GIVEN], [[True] * 10])
    assert versus(first, ran("b", [GIVEN], [[True] * 10], cases=other)).common == 0
    assert versus(first, ran("b", [GIVEN], [[True] * 10], cases=tagged)).common == 10


def test_gold_text_that_was_added_or_mended_makes_no_other_question() -> None:
    """What Assay itself advises ("add the gold text") must not keep the runs apart."""
    told = tuple(replace(one, gold=(Gold("mill.txt", f"text {n}"),)) for n, one in enumerate(CASES))
    mended = (replace(told[0], gold=(Gold("mill.txt", "another"),)), *told[1:])
    bare, first = ran("a", [GIVEN], [[True] * 10]), ran("a", [GIVEN], [[True] * 10], cases=told)
    assert versus(bare, ran("b", [GIVEN], [[False] * 10], cases=told)).common == 10
    (one,) = versus(first, ran("b", [GIVEN], [[False] + [True] * 9], cases=mended)).pairs
    assert [each.question for each in one.worse] == ["Question 0?"]


def test_of_questions_with_the_same_right_answer_each_is_paired_once_the_same_gold_text_first() -> None:
    left, right = (replace(CASES[0], gold=(Gold("mill.txt", one),)) for one in ("left", "right"))
    first = ran("a", [GIVEN], [[True, False]], cases=[left, right])
    turned = ran("b", [GIVEN], [[False, True]], cases=[right, left])
    made = versus(first, turned)
    assert (made.common, made.pairs[0].same) == (2, 2)
    one = versus(first, ran("b", [GIVEN], [[False]], cases=[replace(right, tags=("new",))]))
    assert (one.common, one.pairs[0].same) == (1, 1)
    more = versus(ran("a", [GIVEN], [[True]], cases=CASES[:1]), turned)
    assert more.common == 1


def test_without_a_common_question_nothing_is_compared() -> None:
    second = ran("b", [GIVEN], [[True]], cases=[Case("Other?", ("yes",))])
    (one,) = versus(ran("a", [GIVEN], [[True] * 10]), second).pairs
    assert one.comparison.difference is None
    assert (one.first.of, one.second.of, one.better, one.worse) == (0, 0, (), ())


def test_what_is_unscored_on_one_side_is_left_out_and_counted() -> None:
    first = ran("a", [GIVEN], [[None, False, True, True, *[True] * 6]])
    second = ran("b", [GIVEN], [[True, None, True, True]])
    (one,) = versus(first, second).pairs
    assert (one.comparison.questions, one.unscored, one.same) == (2, 8, 2)
    assert (one.first.of, one.second.of) == (2, 2)


def test_repeats_of_a_question_are_one_question() -> None:
    first = ran("a", [GIVEN], [[True, False] * 10], repeats=2)
    second = ran("b", [GIVEN], [[True, True, False] * 10], repeats=3)
    (one,) = versus(first, second).pairs
    assert len(one.better) == 10
    assert (one.better[0].first.right, one.better[0].first.of) == (1, 2)
    assert (one.better[0].second.right, one.better[0].second.of) == (2, 3)
    assert one.better[0].second.answer_id == "b-0-2"
    assert one.comparison.difference == pytest.approx(2 / 3 - 1 / 2)
    same = versus(first, ran("b", [GIVEN], [[True, False, True, False] * 10], repeats=4)).pairs[0]
    assert same.same == 10


# --------------------------------------------------------------------------- what differs


def test_what_differs_is_told_and_what_does_not_is_not() -> None:
    kept = "id c, revision {}, {} documents, split as sentences-256-32-2000, embedder {}"
    before = {
        "Assay": "0.1",
        "machine": "2 cores",
        "prompt with documents": "Read these.",
        "collection Mill": kept.format(3, 9, "mini (sha256:a, 384 numbers)"),
        "revision c": "3",
    }
    after = {
        "Assay": "0.2",
        "machine": "2 cores",
        "prompt with documents": "Read these well.",
        "collection Mill": kept.format(5, 10, "mini (sha256:a, 384 numbers)"),
        "revision c": "5",
    }
    warm = replace(GIVEN, options=Options(temperature=0.7, instruction="Be short."), digest="sha256:2")
    made = versus(
        ran("a", [GIVEN], [[True] * 10], snapshot=before),
        ran("b", [warm], [[True] * 20], snapshot=after, repeats=2),
    )
    whole = {one.what: (one.first, one.second) for one in made.differences}
    assert whole == {
        "repeats": ("1", "2"),
        "Assay's version": ("0.1", "0.2"),
        "prompt with documents": ("Read these.", "Read these well."),
    }
    assert [one.long for one in made.differences] == [False, False, True]
    assert {one.what: (one.first, one.second) for one in made.pairs[0].differences} == {
        "model's weights": ("sha256:1", "sha256:2"),
        "instruction": ("none", "Be short."),
        "temperature": ("0", "0.7"),
        "documents in the collection": ("9", "10"),
        "revision of the documents": ("3", "5"),
    }


def test_revisions_of_two_collections_are_not_set_beside_each_other() -> None:
    told = "id {}, revision {}, 9 documents, split as s, embedder m"
    first = ran("a", [GIVEN], [[True] * 10], snapshot={"collection Mill": told.format("c", 3)})
    other = replace(GIVEN, retrieval=Retrieval("d", 4))
    second = ran("b", [other], [[True] * 10], snapshot={"collection Inn": told.format("d", 8)})
    assert [one.what for one in versus(first, second).pairs[0].differences] == ["collection"]


def test_nothing_differs() -> None:
    made = versus(ran("a", [GIVEN], [[True] * 10]), ran("b", [GIVEN], [[True] * 10]))
    assert (made.differences, made.pairs[0].differences) == ((), ())


def test_who_says_what_is_right_is_told() -> None:
    judged = ran("b", [GIVEN], [[True] * 10])
    judge = Candidate("court", "solomon", digest="sha256:9")
    judged = replace(judged, experiment=replace(judged.experiment, judge=judge))
    made = versus(ran("a", [GIVEN], [[True] * 10]), judged)
    assert [(one.what, one.first, one.second) for one in made.differences] == [
        (
            "what is right is said by",
            "the words of a right answer (contains)",
            "the judge court/solomon (sha256:9)",
        )
    ]
