"""Schema validity: whether a model that was asked for strict JSON kept to the schema.

As it was checked when the answer was made (``answering.structured``). One that kept to it only when it was
asked again is valid, and the words say how often it was asked.
"""

from __future__ import annotations

from app.domain import Answer, PosedCase, Score
from app.evaluation.scorers.unfinished import BEING_MADE, being_made


class SchemaValidity:
    """1 if the answer came in the form that was asked for, 0 if not; unscored where none was asked for."""

    name = "schema validity"
    version = "1"

    def score(self, case: PosedCase, answer: Answer) -> Score:  # noqa: ARG002
        """Whether the form was kept; an answer that ended before it could be counts as one that was not."""
        if being_made(answer):
            return Score(self.name, self.version, None, BEING_MADE)
        if not answer.candidate.options.schema:
            return Score(self.name, self.version, None, "No fixed form was asked for.")
        held = answer.checks.schema_held is True
        return Score(self.name, self.version, float(held), _words(answer))


def _words(answer: Answer) -> str:
    if answer.checks.schema_held is None:
        return "The answer ended before it had the fixed form."
    again = answer.checks.schema_retries
    times = f", after it was asked again {'once' if again == 1 else f'{again} times'}" if again else ""
    return f"The answer {'kept' if answer.checks.schema_held else 'did not keep'} the fixed form{times}."
