"""Making a follow-up question stand alone, from the questions only."""

from __future__ import annotations

from collections.abc import Sequence

from app.backends.base import Backend, Cancel
from app.backends.retrying import stream_with_retries
from app.domain import Message, Request, TextDelta

INSTRUCTION = (
    "Rewrite the last question so that it can be understood without the earlier questions. "
    "Keep its meaning and language. Reply with the rewritten question only."
)
KEPT = 6
"""How many earlier questions are told; older ones seldom matter and cost prompt."""


def standalone(question: str, earlier: Sequence[str], backend: Backend, model: str, seed: int = 1) -> str:
    """The question in words that need no earlier one; the question itself where a model fails at it.

    ``earlier`` are the questions before it, oldest first; answers are left out so that no candidate's
    words reach another. Raises BackendError.
    """
    if not earlier:
        return question
    listed = "\n".join(f"- {one}" for one in earlier[-KEPT:])
    messages = (
        Message("system", INSTRUCTION),
        Message("user", f"Earlier questions:\n{listed}\n\nLast question: {question}"),
    )
    request = Request(model, messages, temperature=0.0, seed=seed, max_tokens=120)
    events = stream_with_retries(backend, request, Cancel())
    text = "".join(one.text for one in events if isinstance(one, TextDelta) and not one.thinking)
    return _usable(text, question)


def _usable(text: str, question: str) -> str:
    lines = [line.strip().strip('"“”') for line in text.strip().splitlines() if line.strip()]
    rewritten = lines[0] if lines else ""
    too_long = len(rewritten) > 3 * len(question) + 200
    return question if not rewritten or too_long else rewritten
