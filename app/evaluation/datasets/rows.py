"""One row of a dataset, as a file has it, made a case; and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from app.domain import Case, Columns, Gold
from app.errors import NotAllowed

FIELDS = ("question", "answers", "gold_document", "gold_text", "unanswerable", "tags")
"""The keys of a row, in the order in which they are written."""
LONGEST_QUESTION = 20_000
LONGEST_TEXT = 100_000
_TRUE = frozenset({"true", "yes", "y", "1", "x"})
_FALSE = frozenset({"false", "no", "n", "0", ""})
_INVERTED = frozenset({"answerable", "is_answerable", "has_answer"})
"""Columns of other tools that say the opposite of "unanswerable"."""
_CODE = re.compile(r"[A-Za-z]{2}(?:[-_][A-Za-z0-9]{2,8})*")
"""A language as "de" or "zh-CN"."""

Row = Mapping[str, object]


def case_of(row: Row, columns: Columns) -> Case:
    """The case that a row describes. Raises NotAllowed, whose message is the reason in words."""
    question = _text(row.get(columns.question, ""), "the question").strip()
    answers = _each(row.get(columns.answers), "an answer")
    unanswerable = _flag(row.get(columns.unanswerable), columns.unanswerable)
    _refuse(question, answers, unanswerable=unanswerable)
    documents = _listed(row.get(columns.gold_document), "the gold document")
    texts = _listed(row.get(columns.gold_text), "the gold text")
    tags = _each(row.get(columns.tags), "a tag")
    made = Case(question, answers, _golds(documents, texts), unanswerable, tags)
    return made.with_language(language_in(row, columns) or "")


def language_in(row: Row, columns: Columns) -> str | None:
    """The code that the row tells as its language; "" for none, None for what is no such code."""
    value = row.get(columns.language) if columns.language else None
    told = str("" if value is None else value).strip()
    return told if not told or _CODE.fullmatch(told) else None


def no_language(row: Row, columns: Columns) -> str:
    """In words, that the row tells a language by what is no code; "" where it does not."""
    if language_in(row, columns) is not None:
        return ""
    told = _shown(row.get(columns.language))
    return f"A language is told by a code of two letters, such as de; {told} is none, and is left out."


def checked(case: Case) -> Case:
    """The case as ``case_of`` would have made it: outer spaces and empty parts gone. Raises NotAllowed."""
    return case_of(row_of(case), Columns(*FIELDS))


def row_of(case: Case) -> dict[str, object]:
    """The row of FIELDS that ``case_of`` reads back to an equal case."""
    documents = [one.document for one in case.gold]
    texts = [one.text for one in case.gold]
    return {
        "question": case.question,
        "answers": list(case.answers),
        "gold_document": documents[0] if len(documents) == 1 else documents,
        "gold_text": texts[0] if len(texts) == 1 else texts,
        "unanswerable": case.unanswerable,
        "tags": list(case.tags),
    }


def texts_of(value: object) -> tuple[str, ...]:
    """The texts that an opened cell holds, without outer spaces; nothing is checked."""
    parts = value if isinstance(value, list | tuple) else [value]
    texts = tuple(str("" if one is None else one).strip() for one in parts)
    return texts if any(texts) else ()


def _refuse(question: str, answers: Sequence[str], *, unanswerable: bool) -> None:
    if not question:
        raise NotAllowed("There is no question.")
    if len(question) > LONGEST_QUESTION:
        raise NotAllowed(f"The question has {len(question):,} characters; {LONGEST_QUESTION:,} are allowed.")
    if unanswerable and answers:
        raise NotAllowed("It has a right answer and is marked as not in the documents: only one can be.")
    if not unanswerable and not answers:
        raise NotAllowed("There is no right answer, and it is not marked as not in the documents.")


def _golds(documents: Sequence[str], texts: Sequence[str]) -> tuple[Gold, ...]:
    """Documents beside texts; one document may stand for all texts, and no document is "not known"."""
    if not texts:
        return tuple(Gold(one, "") for one in documents)
    if len(documents) == len(texts):
        return tuple(Gold(one, other) for one, other in zip(documents, texts, strict=True))
    if len(documents) > 1:
        raise NotAllowed(f"There are {len(texts)} gold texts and {len(documents)} gold documents.")
    name = documents[0] if documents else ""
    return tuple(Gold(name, one) for one in texts)


def _listed(value: object, what: str) -> tuple[str, ...]:
    """The texts of a list, or of one text; an empty one beside others keeps its place."""
    parts = value if isinstance(value, list | tuple) else [value]
    texts = tuple(_text(one, what).strip() for one in parts)
    return texts if any(texts) else ()


def _each(value: object, what: str) -> tuple[str, ...]:
    """As ``_listed``, without empty ones and repeats."""
    return tuple(dict.fromkeys(filter(None, _listed(value, what))))


def _text(value: object, what: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NotAllowed(f"A text was expected as {what}, and there is {_shown(value)}.")
    # Half a character (JSON can write one) cannot be stored, and would come back as another case.
    text = str(value).encode("utf-8", "replace").decode("utf-8")
    if len(text) > LONGEST_TEXT:
        raise NotAllowed(
            f"The text given as {what} has {len(text):,} characters; {LONGEST_TEXT:,} are allowed."
        )
    return text


def _flag(value: object, column: str) -> bool:
    word = str("" if value is None else value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise NotAllowed(f"Whether it is in the documents is told by yes or no, not by {_shown(value)}.")
    return (word in _TRUE) is not (column.strip().lower() in _INVERTED and word != "")


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
