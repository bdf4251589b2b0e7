"""Strict JSON answers: the schema that is asked for, and the check of what came back."""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import InvalidAnswer

MAX_RETRIES = 2


class StructuredAnswer(BaseModel):
    """What a model fills in: the sentence, the passages used, whether the answer was there."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    answer: str
    citations: list[int]
    found: bool

    def as_text(self) -> str:
        """The answer with its citations as marks, unless it carries marks already."""
        text = self.answer.strip()
        marks = "".join(f"[{number}]" for number in dict.fromkeys(self.citations) if number > 0)
        if not marks or any(f"[{number}]" in text for number in self.citations):
            return text
        return f"{text} {marks}"


SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "answer": {"type": "string"},
            "citations": {"type": "array", "items": {"type": "integer"}, "maxItems": 20},
            "found": {"type": "boolean"},
        },
        "required": ["answer", "citations", "found"],
        "additionalProperties": False,
    }
)
"""The JSON schema that is sent to a backend. The order of the keys is the order of writing."""


def parse(text: str) -> StructuredAnswer:
    """The answer out of the model's JSON. Raises InvalidAnswer in words."""
    try:
        return StructuredAnswer.model_validate_json(text.strip())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise InvalidAnswer(
            f"The model's JSON does not fit the schema ({where}: {first['msg']}).",
            "Ask again, or switch strict JSON off for this lane.",
        ) from None
