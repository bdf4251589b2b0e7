"""Answers made for scoring."""

from __future__ import annotations

from datetime import UTC, datetime

from app.domain import (
    Answer,
    AnswerState,
    Candidate,
    Checks,
    Cost,
    GivenPassage,
    Passage,
    Prompt,
    Retrieval,
    Timing,
    Usage,
)


def an_answer(text: str, *passages: str, name: str = "mill.txt", found: bool | None = None) -> Answer:
    """An answer of a lane with documents that was given the passages as [1], [2] …"""
    given = tuple(
        GivenPassage(number, Passage(f"p{number}", "c", f"d{number}", name, 1, 0, len(one), one), 0.5)
        for number, one in enumerate(passages, start=1)
    )
    return Answer(
        id="a",
        question_id="q",
        position=0,
        candidate=Candidate("fake", "tiny", retrieval=Retrieval("c")),
        state=AnswerState.COMPLETE,
        text=text,
        thinking="",
        prompt=Prompt((), given, 10, exact=True, window=4096),
        checks=Checks(found=found),
        usage=Usage(),
        timing=Timing(),
        cost=Cost(None, "USD", "unknown", "No price is known."),
        error="",
        remedy="",
        attempts=1,
        backend_version="",
        asked_at=datetime(2026, 5, 4, tzinfo=UTC),
    )
