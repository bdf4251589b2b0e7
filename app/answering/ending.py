"""What an answer is before its stream and after its end, whichever way: state, checks, usage, timing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from ulid import ULID

from app.answering.citations import check_quotes, find_citations
from app.answering.lane import Heard
from app.answering.structured import parse
from app.domain import Answer, AnswerState, Candidate, Checks, Cost, Timing, Usage
from app.errors import AppError

NO_COST = Cost(None, "USD", "unknown", "Nothing was sent, so nothing is known about the cost.")
UNPRICED = replace(NO_COST, words="What it cost was not worked out.")
BROKEN = "Something went wrong inside Assay while this answer was made."

N = TypeVar("N", int, float)


def pending(question_id: str, position: int, candidate: Candidate, answer_id: str = "") -> Answer:
    """An answer of which there is nothing yet."""
    return Answer(
        id=answer_id or str(ULID()),
        question_id=question_id,
        position=position,
        candidate=candidate,
        state=AnswerState.PENDING,
        text="",
        thinking="",
        prompt=None,
        checks=Checks(),
        usage=Usage(),
        timing=Timing(),
        cost=NO_COST,
        error="",
        remedy="",
        attempts=0,
        backend_version="",
        asked_at=datetime.now(UTC),
    )


def ended(answer: Answer, heard: Heard, attempts: int) -> Answer:
    """The answer as the stream left it: complete, cut short, or stopped where it has no end."""
    text = heard.text.strip()
    made = replace(answer, text=text, thinking=heard.thinking.strip(), attempts=attempts)
    done = heard.completed
    if done is None:
        return replace(made, state=AnswerState.STOPPED, timing=_heard_timing(answer, heard))
    timing = replace(
        done.timing,
        queue=_sum(answer.timing.queue, heard.waited),
        load=done.timing.load if done.timing.load is not None else heard.loaded or None,
        first_token=done.timing.first_token or _first_token(heard, done.timing.generation),
        wall=done.timing.wall or heard.wall,
    )
    checks = replace(made.checks, note=done.note)
    made = replace(made, usage=done.usage, timing=timing, backend_version=done.backend_version, checks=checks)
    if done.finish == "length":
        return replace(made, state=AnswerState.CUT_SHORT)
    if not text:
        return replace(
            made,
            state=AnswerState.FAILED,
            error="The model ended without writing an answer.",
            remedy="Ask again, or try another model.",
        )
    return replace(made, state=AnswerState.COMPLETE)


def failed(answer: Answer, heard: Heard, error: AppError, attempts: int) -> Answer:
    """The answer with the error in words; the partial text is kept and checked like any other."""
    made = replace(
        answer,
        state=AnswerState.FAILED,
        text=heard.text.strip(),
        thinking=heard.thinking.strip(),
        timing=_heard_timing(answer, heard) if attempts else answer.timing,
        error=error.message,
        remedy=error.remedy,
        attempts=attempts,
    )
    return checked(made, None)


def broken(answer: Answer, heard: Heard) -> Answer:
    """The answer where something of Assay's own broke: what was heard is kept."""
    return replace(
        answer,
        state=AnswerState.FAILED,
        text=heard.text.strip(),
        thinking=heard.thinking.strip(),
        error=BROKEN,
        remedy="Ask again.",
    )


def structured(made: Answer, retry: int) -> Answer:
    """A complete strict-JSON answer as text, with what it says of itself. Raises InvalidAnswer."""
    parsed = parse(made.text)
    done = checked(replace(made, text=parsed.as_text()), parsed.found)
    checks = replace(done.checks, schema_held=True, schema_retries=retry)
    return replace(done, checks=checks)


def checked(made: Answer, found: bool | None) -> Answer:
    """The answer with its citations and quotes checked against the passages given."""
    given = made.prompt.given if made.prompt else ()
    citations, quotes = find_citations(made.text, given), check_quotes(made.text, given)
    return replace(made, checks=replace(made.checks, citations=citations, quotes=quotes, found=found))


def after(earlier: Answer | None, made: Answer) -> Answer:
    """The answer with what invalid attempts before it took: their tokens and seconds belong to it too.

    Its first token is counted from the first sending, as the person waited for it. What one of them
    does not know is unknown in all, but for loading, which happens once.
    """
    if earlier is None:
        return made
    old, new = earlier.timing, made.timing
    timing = replace(
        new,
        load=old.load if new.load is None else new.load + (old.load or 0.0),
        first_token=_sum(old.wall, new.first_token),
        prompt=_sum(old.prompt, new.prompt),
        generation=_sum(old.generation, new.generation),
        wall=_sum(old.wall, new.wall),
    )
    return replace(made, usage=_both(earlier.usage, made.usage), timing=timing)


def _first_token(heard: Heard, generation: float | None) -> float | None:
    """When the text began to come, but no later than its generation, which the server timed, leaves room for.

    Where Assay itself is busy it reads late, and then all of the text at once.
    """
    if heard.first_token is None or generation is None or generation > heard.wall:
        return heard.first_token
    return min(heard.first_token, heard.wall - generation)


def _heard_timing(answer: Answer, heard: Heard) -> Timing:
    return Timing(
        queue=_sum(answer.timing.queue, heard.waited),
        load=heard.loaded or None,
        first_token=heard.first_token,
        wall=heard.wall,
    )


def _both(first: Usage, second: Usage) -> Usage:
    return Usage(
        _sum(first.prompt, second.prompt),
        _sum(first.completion, second.completion),
        _sum(first.thinking, second.thinking),
        _sum(first.cached, second.cached),
    )


def _sum(first: N | None, second: N | None) -> N | None:
    """Of both; what one of them does not know is unknown."""
    return None if first is None or second is None else first + second
