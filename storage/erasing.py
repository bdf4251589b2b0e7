"""Erasing a document's text from past answers, when the person asks for that too.

What an answer was given (``evidence``) loses its text. What the answer itself repeats word for word
of it, in quotes or in runs of COPIED_RUN characters and more, is blacked out at the same length, so
that citation spans and the parts of scores still fit. The words of its scores go whole, since they may
name words of the passages; their values stay. So does what a judge was asked about it, which quotes it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from app.domain import BLACK, ERASED, PromptMessage, Segment
from storage.records import checks_of, checks_text, messages_text, parts_of, parts_text
from storage.removing import in_parts
from storage.tables import AnswerContentRow, EvidenceRow, GivenRow, RulingRow, ScoreRow

COPIED_RUN = 32


def erase_document(session: Session, collection_id: str, document_id: str, name: str) -> int:
    """Erase every version of a document (the id, or the name); returns how many passages."""
    return _erase(
        session,
        (EvidenceRow.collection_id == collection_id)
        & or_(EvidenceRow.document_id == document_id, EvidenceRow.document_name == name),
    )


def erase_collection(session: Session, collection_id: str) -> int:
    """Erase everything that past answers were given from a collection; returns how many passages."""
    return _erase(session, EvidenceRow.collection_id == collection_id)


def _erase(session: Session, which: ColumnElement[bool]) -> int:
    rows = session.execute(
        select(EvidenceRow.id, EvidenceRow.text).where(which, EvidenceRow.fingerprint.is_not(None))
    ).all()
    texts = {row.id: row.text for row in rows}
    for part in in_parts(sorted(texts)):
        _erase_from_answers(session, part, texts)
        session.execute(
            update(EvidenceRow).where(EvidenceRow.id.in_(part)).values(text=ERASED, fingerprint=None)
        )
    return len(texts)


def _erase_from_answers(session: Session, evidence: Sequence[int], texts: dict[int, str]) -> None:
    given = session.execute(
        select(GivenRow.answer_id, GivenRow.number, GivenRow.evidence_id).where(
            GivenRow.evidence_id.in_(evidence)
        )
    )
    by_answer: dict[str, dict[int, str]] = defaultdict(dict)
    for answer_id, number, evidence_id in given:
        by_answer[answer_id][number] = texts[evidence_id]
    for part in in_parts(sorted(by_answer)):
        contents = session.scalars(select(AnswerContentRow).where(AnswerContentRow.answer_id.in_(part)))
        for content in contents:
            _black_out(content, by_answer[content.answer_id])
        for score in session.scalars(select(ScoreRow).where(ScoreRow.answer_id.in_(part))):
            _silence(score)
        asked = select(RulingRow.answer_id).where(RulingRow.of_answer_id.in_(part))
        for content in session.scalars(select(AnswerContentRow).where(AnswerContentRow.answer_id.in_(asked))):
            _forget(content)
    session.flush()


def _black_out(content: AnswerContentRow, passages: dict[int, str]) -> None:
    checks = checks_of(content.checks)
    ours = [one.text for one in checks.quotes if one.number and one.number in passages]
    content.text = blacked_out(content.text, passages.values(), ours)
    content.thinking = blacked_out(content.thinking, passages.values(), ours)
    quotes = tuple(
        replace(one, text=ERASED) if one.number and one.number in passages else one for one in checks.quotes
    )
    content.checks = checks_text(replace(checks, quotes=quotes))


def _forget(ruling: AnswerContentRow) -> None:
    """The judge's question quotes the answer, and what it thought or wrote may."""
    ruling.messages = messages_text((PromptMessage("user", (Segment(ERASED),)),))
    ruling.text, ruling.thinking = ERASED, ERASED if ruling.thinking else ""


def _silence(score: ScoreRow) -> None:
    score.words = ERASED
    score.parts = parts_text(tuple(replace(one, words=ERASED) for one in parts_of(score.parts)))


def blacked_out(text: str, passages: Iterable[str], quotes: Sequence[str]) -> str:
    """The text with what it copies replaced by as many BLACK characters; white space is folded."""
    folded, places = _folded(text)
    runs = {one[i : i + COPIED_RUN] for one in (_folded(p)[0] for p in passages) for i in _starts(one)}
    black = [i for i in _starts(folded) if folded[i : i + COPIED_RUN] in runs]
    spans = [(i, i + COPIED_RUN) for i in black]
    for quote in quotes:
        spans += [found.span() for found in re.finditer(re.escape(_folded(quote)[0].strip()), folded)]
    letters = list(text)
    for start, end in spans:
        for i in range(places[start], places[end - 1] + 1 if end > start else places[start]):
            letters[i] = BLACK
    return "".join(letters)


def _starts(text: str) -> range:
    return range(len(text) - COPIED_RUN + 1)


def _folded(text: str) -> tuple[str, list[int]]:
    """White space as single spaces, and where each character stood."""
    places = [i for i, one in enumerate(text) if not (one.isspace() and i > 0 and text[i - 1].isspace())]
    return "".join(" " if text[i].isspace() else text[i] for i in places), [*places, len(text)]
