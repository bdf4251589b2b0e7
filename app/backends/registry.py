"""All backends and embedders of one Assay, made from its settings; a new one is one line here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from app.backends.base import Backend, Embedder
from app.backends.embedded import EmbeddedBackend, find_weights
from app.backends.minilm import NAME as MINILM
from app.backends.minilm import MiniLM, find_files
from app.backends.ollama import OllamaBackend, OllamaOptions
from app.backends.openai_compatible import OpenAICompatibleBackend
from app.backends.watching import HealthWatch, ModelWatch
from app.domain import IMPORTED_BACKEND, Health, HealthState, Model
from app.errors import BackendError, NotFound
from app.settings import BackendSettings, Settings

OLLAMA = "ollama"


@runtime_checkable
class EmbeddingServer(Protocol):
    """A backend whose models can embed, too."""

    def embedders(self) -> list[str]:
        """The names of those models. Raises BackendError."""

    def embedder(self, model: str) -> Embedder:
        """An embedder with one of them. Raises BackendError."""


class Registry:
    """Backends by name: "embedded", "ollama", and those that the operator named."""

    def __init__(self, backends: Sequence[Backend], minilm: Callable[[], MiniLM] | None = None) -> None:
        self._backends = {one.name: one for one in backends}
        self._minilm = minilm
        self._embedded: MiniLM | None = None
        self._lock = threading.Lock()
        self._watch = HealthWatch(backends)
        self._models = ModelWatch(backends)

    @classmethod
    def build(cls, settings: Settings) -> Registry:
        """Make everything that the settings name; starts and asks nothing. Raises SettingError."""
        backends: list[Backend] = []
        if settings.embedded:
            backends.append(EmbeddedBackend(find_weights(), settings.embedded_context, settings.timeouts))
        backends.append(_default_ollama(settings))
        backends += [_named(name, one, settings) for name, one in settings.backends.items()]
        return cls(backends, (lambda: MiniLM(find_files())) if settings.embedded else None)

    def backends(self) -> list[Backend]:
        """All of them: the embedded one, Ollama, then the operator's in their order."""
        return list(self._backends.values())

    def get(self, name: str) -> Backend:
        """The backend of that name. Raises NotFound."""
        if name == IMPORTED_BACKEND:
            raise NotFound(
                "Its answers were recorded elsewhere and imported, so it cannot be asked here.",
                "Connect its server under Models, and choose it there.",
            )
        if name not in self._backends:
            raise NotFound(
                f"There is no backend {name}.", f"Known are: {', '.join(self._backends) or 'none'}."
            )
        return self._backends[name]

    def embedders(self) -> list[str]:
        """The embedders that can be had now, as "backend/model"; a server that is down has none."""
        names = [MINILM] if self._minilm is not None and find_files() is not None else []
        for backend in self._backends.values():
            names += _embedders_of(backend)
        return names

    def embedder_hosts(self) -> dict[str, str]:
        """The embedders that can be had now, and the host that texts go to: "" where they stay here.

        Quick: makes none of them.
        """
        hosts = {one.name: "" if one.local else one.host for one in self._backends.values()}
        return {name: hosts.get(name.partition("/")[0], "") for name in self.embedders()}

    def embedder(self, name: str) -> Embedder:
        """The embedder of that name, with its digest as it is now. Raises NotFound, BackendError."""
        if name == MINILM and self._minilm is not None:
            return self._shared_minilm(self._minilm)
        backend_name, _, model = name.partition("/")
        if model and backend_name in self._backends:
            backend = self._backends[backend_name]
            if isinstance(backend, EmbeddingServer):
                return backend.embedder(model)
        raise NotFound(
            f"There is no embedder {name}.", "Connect its server again, or choose another embedder."
        )

    def health(self) -> list[Health]:
        """The state of each backend, at most 5 s old where it answers. Never raises, seldom waits."""
        return self._watch.states()

    def look_again(self, backend: str) -> None:
        """Believe nothing that is known of this backend's state."""
        self._watch.look_again(backend)

    def models(self, name: str) -> list[Model]:
        """The models of one backend, asked now. Raises NotFound, BackendError."""
        found = self.get(name).models()
        self._models.put(name, found)
        return found

    def offered(self) -> dict[str, tuple[Model, ...]]:
        """The models of each backend that is ready, at most 5 s old. Never raises, seldom waits."""
        return self._models.known([one.backend for one in self.health() if one.state is HealthState.READY])

    def close(self) -> None:
        """Release connections and processes."""
        for backend in self._backends.values():
            backend.close()

    def _shared_minilm(self, make: Callable[[], MiniLM]) -> MiniLM:
        with self._lock:
            if self._embedded is None:
                self._embedded = make()
            return self._embedded


def _default_ollama(settings: Settings) -> OllamaBackend:
    return OllamaBackend(
        OLLAMA,
        BackendSettings(kind="ollama", url=settings.ollama_url),
        OllamaOptions(settings.ollama_context, settings.ollama_threads, settings.ollama_concurrency),
        settings.timeouts,
    )


def _named(name: str, one: BackendSettings, settings: Settings) -> Backend:
    if one.kind == "ollama":
        options = OllamaOptions(one.context, settings.ollama_threads, one.concurrency)
        return OllamaBackend(name, one, options, settings.timeouts)
    return OpenAICompatibleBackend(name, one, settings.timeouts)


def _embedders_of(backend: Backend) -> list[str]:
    if not isinstance(backend, EmbeddingServer):
        return []
    try:
        return [f"{backend.name}/{model}" for model in backend.embedders()]
    except BackendError:
        return []
