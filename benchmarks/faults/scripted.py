"""The model and the embedder of a planned workspace: they do to what they are sent what the plan says."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.backends.base import Cancel, Vectors
from app.domain import (
    BackendKind,
    Completed,
    Health,
    HealthState,
    Message,
    Model,
    Request,
    StreamEvent,
    TextDelta,
    Timing,
    Usage,
)
from app.errors import StreamBroken

NAME, EMBEDDER = "scripted", "geometry"
ROOM_FOR_A_PASSAGE = 100
ROOM_FOR_AN_ANSWER = 60
ROOM_FOR_THE_REST = 50
WIDE = 8192
CODE = re.compile(r"\bK\d{4}\b")
ABSTAINS = "The documents do not contain it."


class Geometry:
    """An Embedder whose vectors are the plan's: of questions by their words, of passages by their codes."""

    name, digest, host, local = f"{NAME}/{EMBEDDER}", "sha256:geometry", "127.0.0.1", True
    max_tokens = 512

    def __init__(self, planned: Path) -> None:
        geometry = np.load(planned / "geometry.npz")
        self._rows = geometry["vectors"]
        self._places = {code: place for place, code in enumerate(geometry["codes"].tolist())}
        self._questions = {one["question"]: one["number"] for one in cases_of(planned)}
        self.dimensions = int(self._rows.shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Of questions and passages of the plan; raises KeyError and ValueError for others."""
        return np.array([self._vector(one) for one in texts], np.float32).reshape(len(texts), self.dimensions)

    def _vector(self, text: str) -> Vectors:
        if text in self._questions:
            question: Vectors = np.eye(1, self.dimensions, self._questions[text], dtype=np.float32)[0]
            return question
        (code,) = CODE.findall(text)
        vector: Vectors = self._rows[self._places[code]]
        return vector

    def count(self, text: str) -> int:
        """Its words."""
        return len(text.split())

    def unknown_share(self, text: str) -> float:  # noqa: ARG002
        """It knows all."""
        return 0.0


class Scripted:
    """A Backend whose models have the names and the manners of the plan's candidates."""

    name, kind, address, host = NAME, BackendKind.OPENAI, "http://127.0.0.1:1", "127.0.0.1"
    local, context, concurrency, provider = True, WIDE, 4, ""

    def __init__(self, planned: Path) -> None:
        self._cases = {one["question"]: one for one in cases_of(planned)}
        self._who = candidates_of(planned)
        self._geometry = Geometry(planned)
        self._asked: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    @property
    def asked(self) -> int:
        """How many requests there were."""
        return sum(self._asked.values())

    def health(self) -> Health:
        """Always ready."""
        return Health(self.name, self.kind, self.address, HealthState.READY, "ready")

    def models(self) -> list[Model]:
        """One for each candidate, with a window for as many passages as fit it."""
        rest = ROOM_FOR_THE_REST + ROOM_FOR_AN_ANSWER
        windows = {name: who["fits"] * ROOM_FOR_A_PASSAGE + rest for name, who in self._who.items()}
        return [Model(self.name, name, context=int(window)) for name, window in windows.items()]

    def count_tokens(self, model: str, messages: Sequence[Message]) -> int | None:  # noqa: ARG002
        """So much for each passage in it."""
        passages = len(CODE.findall(messages[-1].content))
        return ROOM_FOR_THE_REST + ROOM_FOR_A_PASSAGE * passages

    def stream(self, request: Request, cancel: Cancel) -> Iterator[StreamEvent]:  # noqa: ARG002
        """As the manner says; raises StreamBroken for one that fails."""
        prompt = request.messages[-1].content
        with self._lock:
            before = self._asked[request.model, prompt]
            self._asked[request.model, prompt] += 1
        passages, _, question = prompt.rpartition("Question: ")
        case = self._cases[question]
        said = _said(case, case["manners"][request.model], passages, before)
        if said == "fails" and not request.schema:
            yield TextDelta("It is ")
            raise StreamBroken("The connection broke off.", "Ask again.")
        if said == "cut":
            yield TextDelta(f"Well, it may be {case['wrong']}, or")
        elif request.schema:
            yield TextDelta("no JSON" if said == "fails" else _json(said, case))
        else:
            yield TextDelta(_text(said, case))
        timing = Timing(load=0.0, first_token=0.001, prompt=0.001, generation=0.001, wall=0.002)
        yield Completed(Usage(10, 5), timing, "length" if said == "cut" else "stop")

    # ----------------------------------------------------------------- a server that embeds, too

    def embedders(self) -> list[str]:
        """The one."""
        return [EMBEDDER]

    def embedder(self, model: str) -> Geometry:  # noqa: ARG002
        """The one."""
        return self._geometry

    def close(self) -> None:
        """There is nothing to close."""


def cases_of(planned: Path) -> list[dict[str, Any]]:
    """The plan's cases."""
    cases: list[dict[str, Any]] = json.loads((planned / "plan.json").read_text("utf-8"))["cases"]
    return cases


def candidates_of(planned: Path) -> dict[str, dict[str, float]]:
    """The plan's candidates by their names, which are those of their models."""
    told: dict[str, dict[str, float]] = json.loads((planned / "plan.json").read_text("utf-8"))["candidates"]
    return told


def _said(case: dict[str, Any], manner: str, passages: str, before: int) -> str:
    """One of "right", "wrong", "abstains", "cut", "fails". ``before``: how often it was asked the same."""
    simple = {
        "fails": "fails",
        "refuses": "abstains",
        "is cut short": "cut",
        "is wrong": "wrong",
        "knows": "right",
    }
    if manner in simple:
        return simple[manner]
    alone = not CODE.search(passages)
    if (manner == "wrong once" and not before) or (manner == "is distracted" and not alone):
        return "wrong"
    if case["answer"] in passages:
        return "right"
    return "abstains" if manner == "shy" else "wrong"


def _text(said: str, case: dict[str, Any]) -> str:
    words = {"right": f"It is {case['answer']} [1].", "wrong": f"It is {case['wrong']} [1]."}
    return words.get(said, ABSTAINS)


def _json(said: str, case: dict[str, Any]) -> str:
    found = said != "abstains"
    answer = {"right": case["answer"], "wrong": case["wrong"]}.get(said, "")
    return json.dumps({"answer": answer, "citations": [1] if found else [], "found": found})
