"""The words: one sentence a measure, and the words the screens use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.domain import AnswerState, DocumentState, HealthState, Judgement
from app.ui import words
from app.ui.words import help_for

NAMES = sorted(words._HELP)
CALL = re.compile(r'help_for\(\s*"([^"]+)"')


@pytest.mark.parametrize("name", NAMES)
def test_each_is_one_short_sentence(name: str) -> None:
    told = help_for(name)
    assert told.endswith(".")
    assert told[0].isupper()
    assert len(told) <= 110
    assert not re.search(r"\bchunk|logprob|hallucinat", told)


def test_every_state_has_words() -> None:
    assert set(words.ANSWER_STATES) == set(AnswerState)
    assert set(words.DOCUMENT_STATES) == set(DocumentState)
    assert set(words.HEALTH_STATES) == set(HealthState)
    assert set(words.JUDGEMENTS) == set(Judgement)


def test_every_sentence_asked_for_is_there() -> None:
    for folder in ("app/ui", "pages"):
        for path in Path(folder).glob("*.py"):
            for name in CALL.findall(path.read_text("utf-8")):
                assert help_for(name), f"{path}: {name}"


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_is_shown_somewhere(name: str) -> None:
    paths = [one for folder in ("app/ui", "pages") for one in Path(folder).glob("*.py")]
    texts = [one.read_text("utf-8") for one in paths if one.name != "words.py"]
    assert any(
        f'"{name}"' in text or f"help_for('{name}')" in text or f"help_for({name.upper()})" in text
        for text in texts
    )


def test_no_sentence_for_what_is_unknown() -> None:
    with pytest.raises(KeyError):
        help_for("perplexity")
