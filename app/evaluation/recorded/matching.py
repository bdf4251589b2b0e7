"""Which case a recorded answer belongs to: by its question, or by its id where that does not tell."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from app.domain import Case
from app.errors import NotAllowed


def normalised(question: str) -> str:
    """Equal for questions that differ in case, white space or Unicode's ways of writing (NFKC) only."""
    return " ".join(unicodedata.normalize("NFKC", question).casefold().split())


class Matching:
    """The cases of an experiment, by what a file may call them."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self._ids = {one.id: place for place, one in enumerate(cases)}
        self._questions: dict[str, list[int]] = defaultdict(list)
        for place, one in enumerate(cases):
            self._questions[normalised(one.question)].append(place)

    def place(self, question: str, case_id: str) -> int:
        """The place of the case. Raises NotAllowed, whose message is the reason in words."""
        places = self._questions.get(normalised(question), []) if question else []
        by_id = self._ids.get(case_id)
        if by_id is not None and (not places or by_id in places):
            return self._agreed(question, places, by_id)
        if not places:
            raise NotAllowed("The experiment does not ask this question.")
        if len(places) > 1:
            numbers = ", ".join(str(place + 1) for place in places)
            raise NotAllowed(f"Questions {numbers} of the experiment read so: its id has to tell which.")
        if by_id is not None:
            raise NotAllowed(f"Its id is that of question {by_id + 1}, and its text that of {places[0] + 1}.")
        return places[0]

    def _agreed(self, question: str, places: Sequence[int], by_id: int) -> int:
        """An id with the text of a question that nobody asks belongs to neither for sure."""
        if question and not places:
            raise NotAllowed(f"Its id is that of question {by_id + 1}, which reads otherwise.")
        return by_id
