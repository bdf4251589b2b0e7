"""What is known of a candidate's model at the moment of asking: its digest and its window."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from app.backends.base import Backend
from app.domain import BackendKind, Candidate, Model
from app.errors import AppError

KEPT_SECONDS = 60.0


class Facts:
    """Asks backends for their models; what cannot change the candidate is remembered for a minute.

    Only Ollama and the embedded server tell digests, cheaply, and there a new digest must be seen at
    once: it makes another candidate. Others are far away and tell at most the window.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, tuple[Model, ...]]] = {}

    def candidate(self, candidate: Candidate, backend: Backend) -> Candidate:
        """The candidate with the digest that its model has now."""
        model = self._model(candidate.model, backend)
        return replace(candidate, digest=(model.digest if model else "") or candidate.digest)

    def window(self, candidate: Candidate, backend: Backend) -> int:
        """Tokens that prompt and answer must fit: the setting's, or the model's where it has fewer."""
        model = self._model(candidate.model, backend)
        return min(backend.context, (model.context if model else None) or backend.context)

    def asleep(self, candidate: Candidate, backend: Backend) -> bool:
        """Whether counting tokens begins with starting the model: so it is with the embedded one."""
        model = self._model(candidate.model, backend) if backend.kind is BackendKind.EMBEDDED else None
        return model is not None and model.loaded is False

    def _model(self, name: str, backend: Backend) -> Model | None:
        return next((one for one in self._models(backend) if one.name == name), None)

    def _models(self, backend: Backend) -> tuple[Model, ...]:
        if backend.kind is not BackendKind.OPENAI:
            return _asked(backend)
        with self._lock:
            asked, known = self._known.get(backend.name, (0.0, ()))
        if not asked or time.monotonic() - asked > KEPT_SECONDS:
            known = _asked(backend)
            with self._lock:
                self._known[backend.name] = (time.monotonic(), known)
        return known


def _asked(backend: Backend) -> tuple[Model, ...]:
    try:
        return tuple(backend.models())
    except AppError:
        # The answer's own request will fail with the better words.
        return ()
