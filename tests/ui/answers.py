"""Answers made for drawing."""

from __future__ import annotations

from datetime import UTC, datetime

from app.domain import (
    Answer,
    AnswerState,
    Candidate,
    Checks,
    Citation,
    Cost,
    GivenPassage,
    LaneView,
    Options,
    Passage,
    Phase,
    Prompt,
    PromptMessage,
    Quote,
    Retrieval,
    Score,
    Segment,
    Timing,
    Usage,
)

MOMENT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)


def given_passage(number: int, text: str = "The rope is red.") -> GivenPassage:
    passage = Passage(f"p{number}", "c", f"d{number}", f"{number}.txt", 1, 0, len(text), text)
    return GivenPassage(number, passage, 0.5)


def an_answer(
    text: str,
    *,
    given: tuple[GivenPassage, ...] = (),
    citations: tuple[Citation, ...] = (),
    quotes: tuple[Quote, ...] = (),
    state: AnswerState = AnswerState.COMPLETE,
    checks: Checks | None = None,
    options: Options | None = None,
    usage: Usage | None = None,
    timing: Timing | None = None,
    cost: Cost | None = None,
    attempts: int = 1,
    model: str = "tiny",
    scores: tuple[Score, ...] = (),
) -> Answer:
    prompt = Prompt((PromptMessage("user", (Segment("Q"),)),), given, 12, True, 4096) if given else None
    return Answer(
        id=f"a-{text[:20]}",
        question_id="q",
        position=0,
        candidate=Candidate("fake", model, options or Options(), Retrieval("c") if given else None),
        state=state,
        text=text,
        thinking="",
        prompt=prompt,
        checks=checks or Checks(citations, quotes),
        usage=usage or Usage(),
        timing=timing or Timing(),
        cost=cost or Cost(None, "USD", "unknown", "No price is known."),
        error="",
        remedy="",
        attempts=attempts,
        backend_version="",
        asked_at=MOMENT,
        scores=scores,
    )


def a_lane(answer: Answer | None = None, **more: object) -> LaneView:
    values: dict[str, object] = {
        "answer_id": answer.id if answer else "a",
        "position": 0,
        "candidate": answer.candidate if answer else Candidate("fake", "tiny"),
        "phase": Phase.QUEUED,
        "phase_seconds": 0.0,
        "text": "",
        "thinking": "",
        "tokens_per_second": None,
        "attempts": 1,
        "answer": answer,
        **more,
    }
    return LaneView(**values)  # type: ignore[arg-type]
