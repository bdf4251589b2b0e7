"""What holds of an answer that did not come to a good end, in every measure alike.

METRICS: an answer that failed, is empty or was cut short is not unscored, it counts as not right; one that
was stopped likewise. So a measure of how good an answer is (exact match, token F1, contains, abstention,
citations, schema) gives it 0, whatever its text holds. A measure that describes a text (share copied,
quote check) describes what there is of it, and the measures of retrieval do not look at the answer at all.
"""

from __future__ import annotations

from app.domain import BLACK, ERASED, Answer, AnswerState
from app.evaluation.scorers.marks import without_marks

BEING_MADE = "The answer is still being made."
GIVEN_ERASED = "The text of a passage that it was given was erased."
_ENDS = {
    AnswerState.FAILED: "The answer failed",
    AnswerState.STOPPED: "The answer was stopped",
    AnswerState.CUT_SHORT: "The answer was cut short",
}


def unfinished(answer: Answer) -> str:
    """Why an answer counts as not right before anybody reads it, in words; "" for any other."""
    if answer.state in _ENDS:
        return f"{_ENDS[answer.state]}: it counts as not right."
    if answer.checks.found is False:
        return ""  # a structured answer: it has said that nothing is there, and need not say it in words
    if not any(char.isalnum() or char == BLACK for char in without_marks(answer.text)):
        return "The answer has no words: it counts as not right."
    return ""


def being_made(answer: Answer) -> bool:
    """Whether it is too early to measure anything of it."""
    return answer.state is AnswerState.PENDING


def unreadable(answer: Answer) -> str:
    """Why its text tells nothing (any more), in words; "" for any other."""
    if being_made(answer):
        return BEING_MADE
    blacked_out = BLACK in answer.text and passages_erased(answer)
    return "A part of the answer was erased together with a document." if blacked_out else ""


def passages_erased(answer: Answer) -> bool:
    """Whether the text of a passage that it was given was erased since."""
    given = answer.prompt.given if answer.prompt else ()
    return any(one.fitted and one.passage.text == ERASED for one in given)
