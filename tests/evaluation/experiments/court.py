"""A scripted judge: it reads its prompt as it is meant, and tells from the words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from app.domain import Candidate, Request, TextDelta
from app.evaluation.scorers.contains import contains
from app.evaluation.scorers.judge import judge_of
from tests.fakes import FakeBackend, Step, completed

YES, NO = '{"match": "yes"}', '{"match": "no"}'
READ = re.compile(r"Answer to check: (.*)\nQuestion: (.*)\nRight answers: (.*)\n\n")


def read(prompt: str) -> tuple[str, list[str], str]:
    """The question, the right answers and the answer to check."""
    found = READ.match(prompt)
    assert found is not None, prompt
    text, question, references = found.groups()
    return json.loads(question), json.loads(f"[{references}]"), json.loads(text)


def by_words(prompt: str) -> str:
    _, references, text = read(prompt)
    return YES if any(contains(text, one, "en") for one in references) else NO


class Court(FakeBackend):
    """Says what ``ruling`` makes of its prompt, unless something else is queued (see FakeBackend)."""

    def __init__(self, ruling: Callable[[str], str] = by_words, name: str = "court") -> None:
        super().__init__(name, models=("solomon",), concurrency=2)
        self.ruling = ruling

    @property
    def judge(self) -> Candidate:
        return judge_of(self.name, "solomon")

    def asked(self) -> list[tuple[str, str]]:
        """The question and the answer to check of each request."""
        told = [read(one.messages[-1].content) for one in self.requests]
        return [(question, text) for question, _, text in told]

    def _next(self, request: Request) -> Sequence[Step]:
        steps = super()._next(request)
        if steps is not self.default:
            return steps
        return TextDelta(self.ruling(request.messages[-1].content)), completed()
