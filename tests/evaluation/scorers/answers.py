"""Answers made for scoring."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from app.domain import (
    Answer,
    AnswerState,
    Candidate,
    Case,
    Checks,
    Cost,
    GivenPassage,
    Gold,
    GoldSpan,
    Passage,
    PosedCase,
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


GOLD = "The mill at Ostrell has seven stones and a wheel of oak."


def a_case(*answers: str, unanswerable: bool = False, tags: tuple[str, ...] = ()) -> PosedCase:
    """A case without gold text."""
    return PosedCase(Case("How many stones has the mill?", answers, unanswerable=unanswerable, tags=tags))


def a_located_case(*spans: tuple[str, int, int, tuple[str, ...]]) -> PosedCase:
    """A case with gold texts that stand in these places: document, start, end, relevant passages."""
    gold = tuple(Gold("mill.txt", GOLD) for _ in spans)
    found = tuple(GoldSpan(one, "mill.txt", start, end, 1.0, ids) for one, start, end, ids in spans)
    return PosedCase(Case("How many stones has the mill?", ("seven",), gold), found, (True,) * len(found))


def an_answer_from(*chosen: tuple[str, str, int, int], k: int = 4, left_out: int = 0) -> Answer:
    """An answer for which these passages were chosen: id, document, start, end; the last did not fit."""
    given = tuple(
        GivenPassage(
            number=rank if rank <= len(chosen) - left_out else 0,
            passage=Passage(one, "c", document, "mill.txt", 1, start, end, "x" * (end - start)),
            similarity=0.5,
            fitted=rank <= len(chosen) - left_out,
        )
        for rank, (one, document, start, end) in enumerate(chosen, start=1)
    )
    made = an_answer("The mill has seven stones.")
    candidate = replace(made.candidate, retrieval=Retrieval("c", k))
    return replace(made, candidate=candidate, prompt=Prompt((), given, 10, exact=True, window=4096))
