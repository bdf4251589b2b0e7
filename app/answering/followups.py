"""Making a follow-up question stand alone, from the questions only."""

from __future__ import annotations

from collections.abc import Sequence

from app.answering.rewording import asks_the_same
from app.domain import Candidate, Options, Prompt, PromptMessage, Segment, StandAlone

INSTRUCTION = (
    "Rewrite the last question so that it can be understood without the earlier questions. "
    "Keep its meaning and language. Reply with the rewritten question only."
)
LONGEST = 120
"""Tokens of the rewritten question."""
KEPT = 6
"""How many earlier questions are told; older ones seldom matter and cost prompt."""


def candidate_for(asked: Candidate) -> Candidate:
    """The same model with what the rewriting needs: repeatable, short, without documents."""
    return Candidate(asked.backend, asked.model, Options(INSTRUCTION, temperature=0.0, max_tokens=LONGEST))


def prompt_for(question: str, earlier: Sequence[str], window: int) -> Prompt:
    """What is sent. ``earlier`` are the questions before it, oldest first; answers are left out so that no
    candidate's words reach another.
    """
    listed = "\n".join(f"- {one}" for one in earlier[-KEPT:])
    asked = f"Earlier questions:\n{listed}\n\nLast question: {question}"
    messages = (PromptMessage("system", (Segment(INSTRUCTION),)), PromptMessage("user", (Segment(asked),)))
    return Prompt(messages, (), 0, exact=False, window=window)


def usable(text: str, question: str, earlier: Sequence[str], model: str) -> StandAlone:
    """What the model made of it; the question itself where that asks something else, or nothing."""
    lines = [line.strip().strip('"“”') for line in text.strip().splitlines() if line.strip()]
    rewritten = lines[0] if lines else ""
    too_long = len(rewritten) > 3 * len(question) + 200
    if too_long or not asks_the_same(rewritten, question, earlier):
        return StandAlone(question, model, refused=True)
    return StandAlone(rewritten, model)
