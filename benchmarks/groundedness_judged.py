"""What a small model says of the same answers: LlamaIndex's FaithfulnessEvaluator on the embedded model.

It asks whether the text supports the answer and takes "yes" anywhere in the reply for a yes, so that each
answer gets 1 or 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from llama_index.core.base.llms.types import CompletionResponse, CompletionResponseGen, LLMMetadata
from llama_index.core.evaluation import FaithfulnessEvaluator
from llama_index.core.llms import CustomLLM
from pydantic import PrivateAttr

from app.backends.base import Cancel
from app.backends.embedded import MODEL, EmbeddedBackend, find_weights
from app.domain import Message, Request, TextDelta
from app.settings import Timeouts
from benchmarks.groundedness_labels import Labelled, Values

CONTEXT = 4096
REPLY = 32
"""Tokens: enough for a yes or a no with a sentence."""


class Local(CustomLLM):
    """A backend of Assay as LlamaIndex asks models."""

    _backend: EmbeddedBackend = PrivateAttr()

    def __init__(self, backend: EmbeddedBackend) -> None:
        super().__init__()
        self._backend = backend

    @property
    def metadata(self) -> LLMMetadata:
        """What prompts are fitted to."""
        return LLMMetadata(context_window=CONTEXT, num_output=REPLY, model_name=MODEL)

    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:  # noqa: ARG002
        """The reply to one prompt, at temperature 0."""
        request = Request(MODEL, (Message("user", prompt),), temperature=0.0, seed=1, max_tokens=REPLY)
        events = self._backend.stream(request, Cancel())
        return CompletionResponse(text="".join(one.text for one in events if isinstance(one, TextDelta)))

    def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponseGen:  # noqa: ARG002
        """The same at once."""
        yield self.complete(prompt)


def judged(rows: Sequence[Labelled]) -> Values | None:
    """1 where the evaluator lets an answer pass, else 0, shape (answers,); None without the model."""
    weights = find_weights()
    if weights is None:
        return None
    backend = EmbeddedBackend(weights, CONTEXT, Timeouts())
    try:
        ask = partial(FaithfulnessEvaluator(Local(backend)).evaluate, query="")
        scores = [ask(response=row.answer, contexts=[row.context]).score for row in rows]
    finally:
        backend.close()
    return np.array([float(one or 0.0) for one in scores])
