"""Turns what goes wrong at a model server into the errors of ``app.errors``, in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from pydantic import SecretStr

from app.backends import fields
from app.errors import (
    BackendBusy,
    BackendDown,
    BackendError,
    BackendRefused,
    BackendTimeout,
    ModelMissing,
    ModelOutOfMemory,
    PromptTooLong,
    StreamBroken,
)

LONGEST_WORDS = 300
"""Characters of a server's own message that are shown."""

_TOO_LONG = re.compile(
    r"exceeds? the (available )?context|maximum context|context[ _]length[ _]exceeded"
    r"|exceed_context_size|context window|prompt is too long|input length exceeds",
    re.IGNORECASE,
)
_MEMORY = re.compile(
    r"out of memory|requires more (system )?memory|(unable|failed) to allocate|cudamalloc failed"
    r"|(insufficient|not enough) memory|\boom\b|no kv[- ]?cache space",
    re.IGNORECASE,
)
_BUSY = re.compile(
    r"server busy|overloaded|maximum pending requests|queue (is )?full|rate limit|loading model",
    re.IGNORECASE,
)
_MISSING = re.compile(
    r"\bmodel\b.{0,200}\b(not found|does not exist)|model_not_found|unknown model|no such model",
    re.IGNORECASE,
)
_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|billing", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """A server, and how it is spoken of.

    ``title`` starts a sentence ("Ollama", "The server vllm"), ``start`` is the remedy when nobody
    answers, ``fetch`` the one when it lacks a model ("{model}" stands for its name).
    """

    title: str
    address: str
    start: str
    fetch: str = ""
    key: SecretStr = field(default_factory=lambda: SecretStr(""))

    def shown(self, words: str) -> str:
        """A server's words fit for a person: one line, cut short, without the key."""
        key = self.key.get_secret_value()
        clean = words.replace(key, "(hidden)") if key else words
        clean = " ".join("".join(char if char.isprintable() else " " for char in clean).split())
        return clean if len(clean) <= LONGEST_WORDS else clean[: LONGEST_WORDS - 1] + "…"


@dataclass(frozen=True)
class Told:
    """What a server says of its failure; every field may be empty."""

    message: str = ""
    code: str = ""
    parameter: str = ""

    @property
    def all(self) -> str:
        """Everything, to be searched for known words."""
        return f"{self.message} {self.code}"


def told(body: bytes) -> Told:
    """Find the message in the body of an error."""
    data = fields.parse(body)
    if data is None:
        plain = body.decode("utf-8", "replace").strip()
        return Told("" if plain.startswith("<") else plain)
    return told_in(data)


def told_in(data: fields.Json) -> Told:
    """Find the message in an error: the shapes of Ollama, OpenAI, llama.cpp and FastAPI."""
    inner = fields.child(data, "error") or data
    message = fields.text(data, "error") or fields.text(inner, "message") or _detail(data)
    code = " ".join(filter(None, (fields.text(inner, "code"), fields.text(inner, "type"))))
    return Told(message, code, fields.text(inner, "param"))


def _detail(data: fields.Json) -> str:
    parts = [fields.text(one, "msg") for one in fields.children(data, "detail")]
    return fields.text(data, "detail") or "; ".join(filter(None, parts))


def down(place: Place) -> BackendDown:
    """Nobody answers at the address."""
    return BackendDown(f"{place.title} does not answer at {place.address}.", place.start)


def hung_up(place: Place) -> BackendDown:
    """The connection was closed before an answer began: the same request may be sent again."""
    return BackendDown(f"{place.title} closed the connection without an answer.", place.start)


def broken(place: Place, words: str = "") -> StreamBroken:
    """The stream failed, or ended without its end mark."""
    why = place.shown(words) or "The stream ended before the answer did."
    return StreamBroken(f"{place.title} broke off in the middle. {why}", "Ask again.")


def unreadable(place: Place) -> StreamBroken:
    """What came is not what such a server sends."""
    return StreamBroken(
        f"{place.title} sent something that cannot be understood.",
        f"Check that the address {place.address} is the right kind of model server.",
    )


Stage = Literal["connect", "first", "between", "reply"]


def too_slow(place: Place, stage: Stage, seconds: float) -> BackendTimeout:
    """A time limit passed; ``stage`` says which."""
    span = f"{seconds:g} s"
    words = {
        "connect": f"{place.title} did not accept a connection at {place.address} within {span}.",
        "first": f"{place.title} sent no first token within {span}.",
        "between": f"{place.title} sent no further token for {span}.",
        "reply": f"{place.title} did not reply within {span}.",
    }
    remedy = place.start if stage == "connect" else "Ask again, or try a smaller model or fewer passages."
    return BackendTimeout(words[stage], remedy)


@dataclass(frozen=True)
class Refusal:
    """A reply with an HTTP status other than 200; ``wait`` is its Retry-After."""

    status: int
    body: bytes
    wait: str = ""


def untrusted(place: Place) -> BackendRefused:
    """The server's certificate is not valid."""
    return BackendRefused(
        f"{place.title} at {place.address} shows a certificate that cannot be trusted.",
        "Check the address, or have its certificate renewed.",
    )


def by_status(place: Place, refusal: Refusal, model: str = "") -> BackendError:
    """The error that a reply with another status than 200 means."""
    status = refusal.status
    if 300 <= status < 400:
        return BackendRefused(
            f"{place.title} sends requests on to another address; Assay does not follow.",
            "Set the address that it really answers at.",
        )
    if status in {401, 403}:
        return BackendRefused(f"{place.title} refuses access ({status}).", "Check its key in the settings.")
    said = told(refusal.body)
    known = by_words(place, said, model)
    if status in {429, 502, 503, 504, 529} and not isinstance(known, ModelOutOfMemory | BackendRefused):
        return _busy(place, said, refusal.wait)
    return known or _by_number(place, status, said, model)


def _by_number(place: Place, status: int, said: Told, model: str) -> BackendError:
    if status == 404:
        return _not_found(place, said, model)
    words = place.shown(said.message) or "no reason given"
    if 400 <= status < 500:
        return BackendRefused(f"{place.title} refuses the request ({status}): {words}.")
    return BackendError(f"{place.title} failed ({status}): {words}.", "Ask again.")


def in_stream(place: Place, said: Told, model: str) -> BackendError:
    """The error for a failure that a server reports inside a stream that began with 200."""
    return by_words(place, said, model) or broken(place, said.message)


def by_words(place: Place, said: Told, model: str) -> BackendError | None:
    """The error that the server's own words tell, whatever its status says."""
    words = said.all
    if _TOO_LONG.search(words):
        return PromptTooLong(
            f"The prompt does not fit the context of {model or 'the model'}: {place.shown(said.message)}.",
            "Give fewer passages, or set a larger context.",
        )
    if _MEMORY.search(words):
        return ModelOutOfMemory(
            f"{model or 'The model'} does not fit into memory: {place.shown(said.message)}.",
            "Choose a smaller model or quantisation, or close other programs.",
        )
    if _QUOTA.search(words):
        return BackendRefused(
            f"{place.title} refuses: the account's quota is used up.", "Look at the account's billing."
        )
    if _MISSING.search(words):
        return missing(place, model)
    return _busy(place, said, "") if _BUSY.search(words) else None


def not_fetched(place: Place, said: Told, model: str) -> BackendError:
    """A pull failed: the library has no such model, or the server could not get it."""
    if re.search(r"manifest.*(file does not exist|not found)|invalid model name", said.message):
        return ModelMissing(
            f"The library that {place.title} fetches from has no model {model}.",
            "Look its name up at https://ollama.com/library.",
        )
    words = place.shown(said.message) or "it gave no reason"
    return BackendError(
        f"{place.title} could not fetch {model}: {words}.",
        "Fetch it again: it goes on from what it has.",
    )


def missing(place: Place, model: str) -> ModelMissing:
    """The server does not have the model."""
    return ModelMissing(f"{place.title} does not have the model {model}.", place.fetch.format(model=model))


def _not_found(place: Place, said: Told, model: str) -> BackendError:
    if model and "model" in said.all.lower():
        return missing(place, model)
    return BackendRefused(
        f"{place.title} does not know this request (404): is {place.address} the right address?",
        "Check the address in the settings.",
    )


def _busy(place: Place, said: Told, wait: str) -> BackendBusy:
    words = place.shown(said.message)
    error = BackendBusy(
        f"{place.title} is busy{': ' + words if words else ''}.", "Wait a moment, then ask again."
    )
    error.wait = float(wait) if wait.isdecimal() and len(wait) < 6 else 0.0
    return error
