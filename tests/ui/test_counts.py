"""Every screen counts the answers of an experiment alike: each came out in one way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given as drawn
from hypothesis import strategies as st

from app.domain import (
    Again,
    AnswerState,
    Case,
    Cause,
    Examined,
    Gold,
    Judgement,
    Mark,
    Outcome,
    PosedCase,
    Score,
    Slot,
    Trial,
    outcome_of,
)
from app.evaluation.attribution import Asked, without_documents
from app.evaluation.claims import claims_of
from app.evaluation.experiments.experimenting import not_asked_again
from app.evaluation.experiments.running import progress_of
from app.evaluation.right import right
from app.evaluation.scorers.abstention import Abstention
from app.experiment_rows import summary_rows
from app.ui.result_filters import Chosen, fits
from app.ui.result_grid import SIGNS, cell_words, cells_of
from tests.experiments import bare, examined, given
from tests.storage.examples import NOON, answer, question

NOT_RIGHT = (Outcome.WRONG, Outcome.REFUSED, Outcome.FAILED)
WORD = st.text("rwakfeuj.", min_size=9, max_size=9)
UNANSWERABLE = 4


def counted(trials: Iterable[Trial], candidate: int) -> Counter[Outcome]:
    return Counter(outcome_of(one) for one in trials if one.slot.candidate == candidate)


@drawn(WORD, WORD)
def test_all_figures_count_the_same_answers(first: str, second: str) -> None:
    found = examined([given(), bare()], first, second, unanswerable=UNANSWERABLE)
    rows = list(summary_rows(found.experiment, found.results, {}, found.costs))
    progress = progress_of(found.experiment, found.trials)
    for place in range(2):
        own = counted(found.trials, place)
        result = found.results.candidates[place]
        assert result.answers == own.total() == progress[place].done == rows[place]["answers"]
        assert result.right.hits == own[Outcome.RIGHT]
        assert result.right.of == own.total() - own[Outcome.UNSCORED] - own[Outcome.UNJUDGED]
        assert result.unscored == own[Outcome.UNSCORED] == rows[place]["unscored"]
        assert result.unjudged == own[Outcome.UNJUDGED] == rows[place]["unjudged"]
        # Where no judge was chosen, nothing waits for one.
        assert progress[place].unscored == own[Outcome.UNSCORED] + own[Outcome.UNJUDGED]
        assert result.failed == own[Outcome.FAILED] == progress[place].failed == rows[place]["failed"]
        assert found.tallies[place].wrong == sum(own[kind] for kind in NOT_RIGHT)
        assert grid_counts(found, place) == own
        for kind in Outcome:
            chosen = Chosen(frozenset([kind]), candidates=(place,))
            assert sum(fits(one, chosen) for one in found.trials) == own[kind]
    left = not_asked_again(found.experiment, found.trials, Again.FAILED)
    assert Counter(outcome_of(one) for one in left)[Outcome.FAILED] == 0
    assert len(found.trials) - len(left) == sum(one.failed for one in progress)


def grid_counts(found: Examined, place: int) -> Counter[Outcome]:
    kinds = {sign: kind for kind, sign in SIGNS.items()}
    cells = cells_of(found.trials)
    words = [cell_words(own) for (_, candidate), own in cells.items() if candidate == place]
    assert all(kinds[one[0]].value in one for one in words)
    return Counter(kinds[one[0]] for one in words)


@drawn(st.text("rwakfe", min_size=9, max_size=9), st.text("rwakfe", min_size=9, max_size=9))
def test_the_claim_and_the_abstentions_count_them_likewise(first: str, second: str) -> None:
    found = examined([given(), bare()], first, second, unanswerable=UNANSWERABLE)
    (claim,) = claims_of(found.experiment, found.cases, found.trials)
    for place, wrong, invented in (
        (0, claim.wrong.given, claim.invented.given),
        (1, claim.wrong.bare, claim.invented.bare),
    ):
        own = [one for one in found.trials if one.slot.candidate == place]
        lost = [one for one in own if one.unanswerable]
        assert wrong.hits == counted(own, place)[Outcome.WRONG]
        assert invented.hits == counted(lost, place)[Outcome.WRONG]
        told = found.abstentions[place]
        assert told.recall.of == len(lost) == UNANSWERABLE
        said = [one for one in own if not one.empty and outcome_of(one) is not Outcome.FAILED]
        assert told.answered.of == sum(not one.abstained for one in said)
        assert told.precision.of == sum(bool(one.abstained) for one in said)


TEXTS = ("seven", "nine", "[1]", "", " .", "The documents do not contain it.", "It says seven, or [2].")
MARKS = (None, Judgement.RIGHT, Judgement.WRONG, Judgement.CANNOT_TELL)
ENDS = [one for one in AnswerState if one is not AnswerState.PENDING]


@drawn(st.sampled_from(TEXTS), st.sampled_from(ENDS), st.sampled_from(MARKS), st.booleans())
def test_the_cause_says_what_the_outcome_says(
    text: str, state: AnswerState, judgement: Judgement | None, unanswerable: bool
) -> None:
    """Failed is failed in both, and an answer that the cause calls invented is one that the claim counts."""
    case = Case("How many?", ("seven",), (Gold("", "x"),))
    case = replace(case, answers=(), gold=(), unanswerable=True) if unanswerable else case
    mark = Mark(judgement, "", NOON) if judgement else None
    made = replace(answer(question(), state=state), text=text, mark=mark, scores=())
    score = Abstention().score(PosedCase(case), made)
    scores = [score, Score("contains", "1", float("seven" in text), "")]
    by_hand, by_rule = (right(case, one, scores) for one in (made, replace(made, mark=None)))
    trial = Trial(
        Slot(0, 0, 0),
        made.id,
        state,
        judgement=judgement,
        right=by_hand.value,
        rule=by_hand.rule.value,
        abstained=score.value == 1,
        told_by=by_rule.rule.value,
        unanswerable=unanswerable,
    )
    outcome = outcome_of(trial)
    if trial.right is not False:
        assert outcome not in NOT_RIGHT
        return
    cause = without_documents(Asked(PosedCase(case), made, bool(trial.abstained), lambda _text: False))
    told = cause.cause if cause else None
    assert (told is Cause.FAILED) is (outcome is Outcome.FAILED)
    assert (told is Cause.INVENTED) is (unanswerable and outcome is Outcome.WRONG)
