"""Erasing a document's text from past answers, when the person asks for that too.

What an answer was given (``evidence``) loses its text. What the answer itself repeats word for word
of it, in quotes or in runs of COPIED_RUN characters and more, is blacked out at the same length, so
that citation spans and the parts of scores still fit. The words of its scores go whole, since they may
name words of the passages; their values stay. So does what a judge was asked about it, which quotes it.

An answer that is under way then has its passages in memory. What was erased is noted (``erasures``), and
whatever is written of such an answer afterwards is erased on its way into the database.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from app.domain import BLACK, ERASED, Answer, Checks, Passage, PromptMessage, Score, Segment
from storage.records import checks_of, checks_text, messages_text, parts_of, parts_text
from storage.removing import in_parts
from storage.tables import (
    AnswerContentRow,
    DocumentRow,
    ErasureRow,
    EvidenceRow,
    GivenRow,
    RulingRow,
    ScoreRow,
    text_sha,
)

COPIED_RUN = 32
FORGOTTEN = (PromptMessage("user", (Segment(ERASED),)),)


def erase_document(session: Session, collection_id: str, document_id: str, name: str) -> int:
    """Erase every version of a document (the id, or the name); returns how many passages."""
    _note(session, collection_id, document_id, name)
    return _erase(
        session,
        (EvidenceRow.collection_id == collection_id)
        & or_(EvidenceRow.document_id == document_id, EvidenceRow.document_name == name),
    )


def erase_collection(session: Session, collection_id: str) -> int:
    """Erase everything that past answers were given from a collection; returns how many passages."""
    _note(session, collection_id, "", "")
    return _erase(session, EvidenceRow.collection_id == collection_id)


def without_erased(session: Session, answer: Answer) -> Answer:
    """The answer as it may be written: without what was erased since it was asked.

    That is so, too, where a clock was set back, or passages were found before it was asked, as long as the
    document has not come back.
    """
    given = answer.prompt.given if answer.prompt else ()
    gone = _erased(session, [one.passage for one in given], answer.asked_at)
    if answer.prompt is None or not gone:
        return answer
    texts = {one.number: one.passage.text for one in given if one.passage.id in gone}
    prompt = replace(
        answer.prompt,
        given=tuple(
            replace(one, passage=replace(one.passage, text=ERASED)) if one.passage.id in gone else one
            for one in given
        ),
    )
    return replace(
        answer,
        prompt=prompt,
        text=_blacked_out(answer.text, answer.checks, texts),
        thinking=_blacked_out(answer.thinking, answer.checks, texts),
        checks=_without_quotes(answer.checks, texts),
        scores=tuple(map(silenced, answer.scores)),
    )


def unquoting(session: Session, of: str, ruling: Answer) -> Answer:
    """What a judge said of the answer ``of`` as it may be written: it may quote what was erased since."""
    rows = session.execute(
        select(EvidenceRow)
        .join(GivenRow, GivenRow.evidence_id == EvidenceRow.id)
        .where(GivenRow.answer_id == of, EvidenceRow.fingerprint.is_(None))
    ).scalars()
    passages = [
        Passage(one.passage_id, one.collection_id, one.document_id, one.document_name, 0, 0, 0, "")
        for one in rows
    ]
    if not _erased(session, passages, ruling.asked_at):
        return ruling
    thinking = ERASED if ruling.thinking else ""
    prompt = replace(ruling.prompt, messages=FORGOTTEN) if ruling.prompt else None
    return replace(ruling, prompt=prompt, text=ERASED, thinking=thinking)


def silenced(score: Score) -> Score:
    """The score without its words."""
    parts = tuple(replace(one, words=ERASED) for one in score.parts)
    return replace(score, words=ERASED, parts=parts)


def _note(session: Session, collection_id: str, document_id: str, name: str) -> None:
    session.add(
        ErasureRow(
            collection_id=collection_id,
            document_id=document_id,
            name=text_sha(name),
            erased_at=datetime.now(UTC),
        )
    )


def _erased(session: Session, passages: Sequence[Passage], asked_at: datetime) -> set[str]:
    """The ids of those passages that were erased since ``asked_at``, or are of a document that is gone."""
    if not passages:
        return set()
    collections = {one.collection_id for one in passages}
    noted = session.scalars(select(ErasureRow).where(ErasureRow.collection_id.in_(collections))).all()
    if not noted:
        return set()
    there = {
        (row.collection_id, row.document_id)
        for row in session.execute(
            select(DocumentRow.collection_id, DocumentRow.document_id).where(
                DocumentRow.document_id.in_({one.document_id for one in passages})
            )
        )
    }
    return {
        one.id
        for one in passages
        for erasure in noted
        if _is_of(erasure, one)
        and (asked_at <= erasure.erased_at or (one.collection_id, one.document_id) not in there)
    }


def _is_of(erasure: ErasureRow, passage: Passage) -> bool:
    if erasure.collection_id != passage.collection_id:
        return False
    whole = not erasure.document_id
    return (
        whole or erasure.document_id == passage.document_id or erasure.name == text_sha(passage.document_name)
    )


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
    content.text = _blacked_out(content.text, checks, passages)
    content.thinking = _blacked_out(content.thinking, checks, passages)
    content.checks = checks_text(_without_quotes(checks, passages))


def _blacked_out(text: str, checks: Checks, passages: Mapping[int, str]) -> str:
    ours = [one.text for one in checks.quotes if one.number and one.number in passages]
    return blacked_out(text, passages.values(), ours)


def _without_quotes(checks: Checks, passages: Container[int]) -> Checks:
    quotes = tuple(
        replace(one, text=ERASED) if one.number and one.number in passages else one for one in checks.quotes
    )
    return replace(checks, quotes=quotes)


def _forget(ruling: AnswerContentRow) -> None:
    """The judge's question quotes the answer, and what it thought or wrote may."""
    ruling.messages = messages_text(FORGOTTEN)
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
