"""What an Ollama server has on its disk: listing, facts about each model, pulling, deleting.

Listing, pulling and deleting go through the ``ollama`` client, which must not follow redirects.
``/api/show`` is asked directly, since the client drops two things that matter: ``remote_host`` (a
model that a local server only passes on to the cloud) and the tensors, by which the active
parameters of a mixture of experts can be counted.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.backends import failures, fields
from app.backends.base import Cancel
from app.backends.transport import Breaker, Call, Transport, host_of
from app.domain import Model, PullProgress
from app.errors import BackendBusy, BackendError, BackendRefused

if TYPE_CHECKING:
    import httpx
    import ollama
    from ollama import ListResponse

LIST_SECONDS = 10.0
SHOW_SECONDS = 30.0
PULL_SECONDS = 600.0
"""How long a pull may be silent: the server checks a whole large file without a word."""


@dataclass(frozen=True)
class Facts:
    """What ``/api/show`` tells; None where it does not. ``remote`` is the host it is passed on to."""

    parameters: int | None = None
    active_parameters: int | None = None
    context: int | None = None
    embeds: bool = False
    remote: str = ""
    note: str = ""


def full_name(model: str) -> str:
    """A name with its tag: "llama3" is "llama3:latest"."""
    return model if ":" in model.rsplit("/", 1)[-1] else f"{model}:latest"


class Catalogue:
    """The models of one server. Facts are kept by digest, so each version is asked about once."""

    def __init__(self, backend: str, transport: Transport) -> None:
        self._backend, self._transport = backend, transport
        self._place = transport.place
        self._lock = threading.Lock()
        self._facts: dict[str, Facts] = {}
        self._by_name: dict[str, Facts] = {}

    def names(self) -> list[str]:
        """The names of the models, sorted. Raises BackendError."""
        return sorted(one.model for one in self._list().models if one.model)

    def models(self) -> list[Model]:
        """The models with all that is told of them, by name. Raises BackendError."""
        found = [self._model(one) for one in self._list().models if one.model]
        loaded = self._loaded()
        return sorted(
            (
                replace(one, loaded=None if loaded is None else full_name(one.name) in loaded)
                for one in found
                if one is not None
            ),
            key=lambda one: one.name,
        )

    def digest(self, model: str) -> str:
        """The digest of a model's weights. Raises ModelMissing, BackendError."""
        for one in self._list().models:
            if one.model and full_name(one.model) == full_name(model):
                return one.digest or ""
        raise failures.missing(self._place, model)

    def facts(self, model: str, digest: str) -> Facts:
        """What the server tells of a model. Raises BackendError."""
        with self._lock:
            known = self._facts.get(digest) if digest else None
        if known is None:
            known = self._show(model)
        with self._lock:
            self._facts[digest] = self._by_name[full_name(model)] = known
        return known

    def known(self, model: str) -> Facts | None:
        """What was told of a model before, without asking."""
        with self._lock:
            return self._by_name.get(full_name(model))

    def refuse_remote(self, model: str, cancel: Cancel) -> None:
        """Raise BackendRefused for a model that this server would pass on to another host.

        Also raises ModelMissing. Asked anew each time: somebody may have replaced the model.
        """
        facts = self._show(model, cancel)
        with self._lock:
            self._by_name[full_name(model)] = facts
        if facts.remote:
            raise BackendRefused(
                f"{model} does not run on {self._place.title}: it is passed on to {facts.remote}.",
                "Choose a model that runs where it is listed, or connect that host as a backend of its own.",
            )

    def pull(self, model: str, cancel: Cancel) -> Iterator[PullProgress]:
        """Fetch a model: bytes over all its layers so far. Ends quietly after a cancel."""
        breaker = Breaker()
        cancel.on_cancel(breaker.break_off)
        layers: dict[str, tuple[int, int]] = {}
        status = ""
        try:
            with self._client(PULL_SECONDS, breaker) as client:
                for one in client.pull(model, stream=True):
                    if cancel.cancelled:
                        return
                    status = one.status or ""
                    if one.digest and one.total:
                        layers[one.digest] = (one.completed or 0, one.total)
                    done, total = (sum(part[i] for part in layers.values()) for i in (0, 1))
                    yield PullProgress(self._place.shown(status), done, total)
        except _client_errors() as error:
            if cancel.cancelled:
                return
            raise self._pull_error(error, model) from None
        if status != "success" and not cancel.cancelled:
            raise failures.not_fetched(self._place, failures.Told("the stream ended before the end"), model)

    def delete(self, model: str) -> None:
        """Delete a model. Raises ModelMissing, BackendError."""
        try:
            with self._client(LIST_SECONDS) as client:
                client.delete(model)
        except _client_errors() as error:
            raise self._in_words(error, model) from None

    def _list(self) -> ListResponse:
        try:
            with self._client(LIST_SECONDS) as client:
                listed: ListResponse = client.list()
                return listed
        except _client_errors() as error:
            raise self._in_words(error) from None

    def _loaded(self) -> set[str] | None:
        try:
            with self._client(LIST_SECONDS) as client:
                return {full_name(one.name) for one in client.ps().models if one.name}
        except _client_errors():
            return None

    def _model(self, listed: ListResponse.Model) -> Model | None:
        name, digest = listed.model or "", listed.digest or ""
        details = listed.details
        model = Model(
            self._backend,
            name,
            digest=digest,
            size=None if listed.size is None else int(listed.size),
            quantisation=(details.quantization_level or "") if details else "",
        )
        try:
            facts = self.facts(name, digest)
        except BackendError as error:
            return replace(model, note=error.message)
        if facts.remote:
            return None
        return replace(
            model,
            parameters=facts.parameters,
            active_parameters=facts.active_parameters,
            context=facts.context,
            embeds=facts.embeds,
            note=facts.note,
        )

    def _show(self, model: str, cancel: Cancel | None = None) -> Facts:
        data = self._ask_show(model, cancel, verbose=False)
        facts = read_facts(data)
        if facts.active_parameters is None and _experts(data) is not None:
            counted = active_parameters(self._ask_show(model, cancel, verbose=True))
            facts = replace(facts, active_parameters=counted)
        return facts

    def _ask_show(self, model: str, cancel: Cancel | None, *, verbose: bool) -> fields.Json:
        payload: dict[str, object] = {"model": model, "verbose": verbose}
        return self._transport.ask(Call("POST", "/api/show", payload, model), SHOW_SECONDS, cancel)

    def _client(self, seconds: float, breaker: Breaker | None = None) -> ollama.Client:
        """A client that follows no redirect; an OLLAMA_API_KEY of the environment is not for this host."""
        import httpx
        import ollama

        key = self._place.key.get_secret_value()

        def prepare(request: httpx.Request) -> None:
            if not key:
                request.headers.pop("authorization", None)
            if breaker is not None:
                request.extensions["trace"] = breaker.trace

        return ollama.Client(
            self._place.address,
            follow_redirects=False,
            timeout=httpx.Timeout(seconds, connect=self._transport.timeouts.connect),
            trust_env=not self._transport.local,
            verify=self._transport.certificates(),
            headers={"authorization": f"Bearer {key}"} if key else None,
            event_hooks={"request": [prepare]},
        )

    def _pull_error(self, error: Exception, model: str) -> BackendError:
        import httpx
        import ollama

        known = self._in_words(error, model)
        if isinstance(error, ollama.ResponseError) and not isinstance(known, BackendBusy):
            refused = 300 <= error.status_code < 400 or error.status_code in {401, 403}
            said = failures.Told(str(error.error))
            return known if refused else failures.not_fetched(self._place, said, model)
        if isinstance(error, httpx.ReadError | httpx.RemoteProtocolError | httpx.ReadTimeout):
            return failures.not_fetched(self._place, failures.Told("the connection was lost"), model)
        return known

    def _in_words(self, error: Exception, model: str = "") -> BackendError:
        import httpx
        import ollama

        place = self._place
        if isinstance(error, ollama.ResponseError):
            said = failures.Told(str(error.error))
            if error.status_code < 0:
                return failures.in_stream(place, said, model)
            return failures.by_status(
                place, failures.Refusal(error.status_code, said.message.encode()), model
            )
        if isinstance(error, httpx.ConnectTimeout):
            return failures.too_slow(place, "connect", self._transport.timeouts.connect)
        if isinstance(error, httpx.TimeoutException):
            return failures.too_slow(place, "reply", LIST_SECONDS)
        if isinstance(error, ConnectionError | httpx.ConnectError):
            return failures.down(place)
        return failures.hung_up(place) if isinstance(error, httpx.HTTPError) else failures.unreadable(place)


def _client_errors() -> tuple[type[Exception], ...]:
    """All that the ``ollama`` client raises, garbage from the server included."""
    import httpx
    import ollama

    # ValueError: no JSON, or not what is expected; AttributeError, TypeError: JSON that is no object.
    return (
        ollama.ResponseError,
        httpx.HTTPError,
        httpx.InvalidURL,
        OSError,
        ValueError,
        AttributeError,
        TypeError,
        RecursionError,
    )


def read_facts(data: fields.Json) -> Facts:
    """What a reply of ``/api/show`` tells."""
    info = fields.child(data, "model_info")
    family = fields.text(info, "general.architecture")
    total = fields.count(info, "general.parameter_count")
    abilities = data.get("capabilities")
    embeds = "embedding" in abilities if isinstance(abilities, list) else f"{family}.pooling_type" in info
    remote = fields.text(data, "remote_host")
    experts = _experts(data)
    return Facts(
        parameters=total,
        active_parameters=total if experts is None else None,
        context=fields.count(info, f"{family}.context_length"),
        embeds=embeds,
        remote=host_of(remote) if remote else "",
        note="" if experts is None else f"mixture of experts: {experts[1]} of {experts[0]} used per token",
    )


def _experts(data: fields.Json) -> tuple[int, int] | None:
    """Experts in all and used for a token, of a mixture of experts."""
    info = fields.child(data, "model_info")
    family = fields.text(info, "general.architecture")
    number = fields.count(info, f"{family}.expert_count") or 0
    used = fields.count(info, f"{family}.expert_used_count") or 0
    return (number, used) if 0 < used < number else None


def active_parameters(data: fields.Json) -> int | None:
    """The parameters that take part in a token, counted from a verbose ``/api/show``; None if untold.

    Tensors of experts (their names end in ``_exps``) count by the share of experts used.
    """
    experts = _experts(data)
    sizes = [(fields.text(one, "name"), _elements(one)) for one in fields.children(data, "tensors")]
    if experts is None or not any("_exps." in name for name, _ in sizes):
        return None
    number, used = experts
    return sum(size * used // number if "_exps." in name else size for name, size in sizes)


def _elements(tensor: fields.Json) -> int:
    shape = tensor.get("shape")
    sides = shape if isinstance(shape, list) else []
    return math.prod(side for side in sides if isinstance(side, int)) if sides else 0
