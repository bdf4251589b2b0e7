"""Answers as rows and back. Passage texts stand in ``evidence`` only, once for all answers."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.orm import Session

from app.domain import (
    ERASED,
    Answer,
    AnswerState,
    Candidate,
    Cost,
    GivenPassage,
    Judgement,
    Mark,
    Passage,
    Prompt,
    Question,
    Score,
    Timing,
    Usage,
    stable_hash,
)
from storage import records
from storage.erasing import without_erased
from storage.removing import in_parts
from storage.tables import (
    AnswerContentRow,
    AnswerRow,
    CandidateRow,
    DocumentRow,
    EvidenceRow,
    GivenRow,
    QuestionRow,
    ScoreRow,
    storable,
)

ASKED = "ask"
"""``origin`` of answers from the Ask page and the command line."""
FOLLOW_UP = "follow-up"
"""``origin``, and the conversation, of generations that only reword a question: they cost, and are compared
with nothing."""
EXPERIMENT = "experiment"
"""``origin`` of questions and answers of experiments."""
IMPORTED = "imported"
"""``origin`` of those of experiments that were made elsewhere: nobody here waited or paid for them."""
PROBE = "probe"
"""``origin`` of answers that were only asked to find the cause of another: they cost, and are compared
with nothing."""
IMPORTING = "importing"
"""``origin`` of the same while they are read in, part by part: nothing shows them yet."""
JUDGE = "judge"
"""``origin`` of what judges said of answers: that costs, too, and is compared with nothing."""
ASIDE = (JUDGE, PROBE, FOLLOW_UP)
"""``origin`` of what answers no question: beside the others it only looks like an answer."""
LARGEST = 2**63 - 1


# --------------------------------------------------------------------------- questions


def insert_question(session: Session, question: Question, origin: str = ASKED) -> QuestionRow:
    """Log a question."""
    row = QuestionRow(**_question(question, origin))
    session.add(row)
    session.flush()
    return row


def _question(question: Question, origin: str) -> dict[str, Any]:
    return {
        "id": question.id,
        "text": question.text,
        "standalone": question.standalone,
        "conversation_id": question.conversation_id,
        "collection_id": question.collection_id,
        "only_documents": records.json_text(question.only_documents),
        "asked_at": question.asked_at,
        "origin": origin,
        "blind": question.blind,
    }


def question_of(row: QuestionRow) -> Question:
    """The question of a row."""
    return Question(
        id=row.id,
        text=row.text,
        standalone=row.standalone,
        conversation_id=row.conversation_id,
        collection_id=row.collection_id,
        only_documents=records.names_of(row.only_documents),
        asked_at=row.asked_at,
        blind=row.blind,
    )


def question_key(standalone: str) -> int:
    """Equal for questions of equal words: outer and repeated white space do not count."""
    whole = stable_hash("question", " ".join(standalone.split()))
    return int.from_bytes(bytes.fromhex(whole[:16]), signed=True)


# --------------------------------------------------------------------------- writing


def write_answer(
    session: Session, question: QuestionRow, answer: Answer, position: int, origin: str = ASKED
) -> None:
    """Insert the answer at ``position``, or write over the one of its id, which keeps its own.

    What was erased since it was asked is not written.
    """
    answer = without_erased(session, answer)
    keep_candidate(session, answer.candidate)
    row = session.scalars(select(AnswerRow).where(AnswerRow.id == answer.id)).one_or_none()
    if row is None:
        row = AnswerRow(id=answer.id, question_id=question.id, position=position, origin=origin)
        session.add(row)
    for name, value in _facts(question, answer).items():
        setattr(row, name, value)
    if answer.mark is not None:
        for name, value in _marked(answer.mark).items():
            setattr(row, name, value)
    session.flush()
    session.merge(AnswerContentRow(**_content(answer)))
    session.flush()
    _write_given(session, answer)
    _write_scores(session, answer)


def keep_prompt(session: Session, row: AnswerRow, answer: Answer) -> None:
    """Write what is about to be sent, and to which weights, to an answer that is still pending."""
    answer = without_erased(session, answer)
    keep_candidate(session, answer.candidate)
    row.candidate_hash = answer.candidate.hash
    content = _content(answer)
    names = ("messages", "budget_tokens", "budget_exact", "budget_window", "cost_words")
    own = update(AnswerContentRow).where(AnswerContentRow.answer_id == answer.id)
    session.execute(own.values({name: content[name] for name in names}))
    _write_given(session, answer)


def next_position(session: Session, question_id: str) -> int:
    """The first free position of a question, whose answers have one each."""
    highest = select(func.max(AnswerRow.position)).where(AnswerRow.question_id == question_id)
    last = session.scalar(highest)
    return 0 if last is None else last + 1


def keep_candidate(session: Session, candidate: Candidate) -> None:
    """Keep the candidate, once for all its answers."""
    session.execute(insert_or(CandidateRow).on_conflict_do_nothing(), [_candidate(candidate)])


@dataclass(frozen=True)
class AnswerBatch:
    """New answers as rows of their tables, made before a transaction begins: that takes most of the time.

    ``given`` are rows of passages but for the id of their evidence, each with the fingerprint of its passage.
    """

    questions: list[dict[str, Any]] = field(default_factory=list)
    candidates: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[dict[str, Any]] = field(default_factory=list)
    contents: list[dict[str, Any]] = field(default_factory=list)
    evidence: dict[str, dict[str, Any]] = field(default_factory=dict)
    given: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    scores: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, question: Question, origin: str) -> None:
        """Add a question, before the answers to it."""
        self.questions.append(_question(question, origin))

    def put(self, question: Question, answer: Answer, position: int, origin: str) -> None:
        """Add an answer."""
        own = {"id": answer.id, "question_id": question.id, "position": position, "origin": origin}
        candidate = answer.candidate
        self.candidates.setdefault(candidate.hash, _candidate(candidate))
        self.answers.append(own | _facts(question, answer) | _marked(answer.mark))
        self.contents.append(_content(answer))
        self.scores.extend(score_row(answer.id, one) for one in answer.scores)
        for place, one in enumerate(answer.prompt.given if answer.prompt else ()):
            fingerprint = _fingerprint(one.passage)
            self.evidence.setdefault(fingerprint, _evidence(one.passage))
            self.given.append((fingerprint, _given_row(answer.id, place, one)))

    def write(self, session: Session) -> None:
        """Insert everything, a table at a time; none of these questions and answers may be there."""
        if self.candidates:
            keep = insert_or(CandidateRow).on_conflict_do_nothing()
            session.execute(keep, list(self.candidates.values()))
        evidence = _keep_evidence(session, self.evidence) if self.evidence else {}
        given = [{**row, "evidence_id": evidence[fingerprint]} for fingerprint, row in self.given]
        tables = (QuestionRow, AnswerRow, AnswerContentRow, GivenRow, ScoreRow)
        rows = (self.questions, self.answers, self.contents, given, self.scores)
        for table, some in zip(tables, rows, strict=True):
            if some:
                session.execute(insert(table), some)


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "hash": candidate.hash,
        "label": candidate.label,
        "with_documents": candidate.with_documents,
        "settings": records.candidate_text(candidate),
    }


def _marked(mark: Mark | None) -> dict[str, Any]:
    if mark is None:
        return {"judgement": None, "correct_answer": None, "marked_at": None}
    return {
        "judgement": mark.judgement.value,
        "correct_answer": mark.correct_answer,
        "marked_at": mark.marked_at,
    }


def _facts(question: QuestionRow | Question, answer: Answer) -> dict[str, object]:
    usage, timing = answer.usage, answer.timing
    return {
        "candidate_hash": answer.candidate.hash,
        "collection_id": question.collection_id or _own_collection(answer.candidate),
        "question_key": question_key(question.standalone),
        "state": answer.state.value,
        "asked_at": answer.asked_at,
        "attempts": answer.attempts,
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "thinking_tokens": usage.thinking,
        "cached_tokens": usage.cached,
        "queue_seconds": timing.queue,
        "load_seconds": timing.load,
        "first_token_seconds": timing.first_token,
        "prompt_seconds": timing.prompt,
        "generation_seconds": timing.generation,
        "wall_seconds": timing.wall,
        "machine_seconds": timing.machine,
        "joules": timing.joules,
        "shared": timing.shared,
        "speed": answer.tokens_per_second,
        "cost_amount": answer.cost.amount if _fits(answer.cost) else None,
        "cost_currency": answer.cost.currency,
        "cost_basis": answer.cost.basis if _fits(answer.cost) else "unknown",
    }


def _own_collection(candidate: Candidate) -> str:
    """Where each lane of a question may have a collection of its own."""
    return candidate.retrieval.collection_id if candidate.retrieval else ""


def _fits(cost: Cost) -> bool:
    return cost.amount is None or abs(cost.amount) <= LARGEST


def _content(answer: Answer) -> dict[str, Any]:
    prompt, cost = answer.prompt, answer.cost
    too_large = "" if _fits(cost) else f" (too large to be kept: {cost.amount})"
    return {
        "answer_id": answer.id,
        "text": answer.text,
        "thinking": answer.thinking,
        "error": answer.error,
        "remedy": answer.remedy,
        "backend_version": answer.backend_version,
        "checks": records.checks_text(answer.checks),
        "cost_words": cost.words + too_large,
        "cost_entry": records.entry_text(cost.entry),
        "messages": records.messages_text(prompt.messages) if prompt else None,
        "budget_tokens": prompt.tokens if prompt else None,
        "budget_exact": prompt.exact if prompt else None,
        "budget_window": prompt.window if prompt else None,
    }


def _write_given(session: Session, answer: Answer) -> None:
    session.execute(delete(GivenRow).where(GivenRow.answer_id == answer.id))
    given = answer.prompt.given if answer.prompt else ()
    if not given:
        return
    kept = [one.passage for one in given if one.passage.text != ERASED]
    evidence = _keep_evidence(session, {_fingerprint(one): _evidence(one) for one in kept})
    rows = [
        {
            **_given_row(answer.id, place, one),
            "evidence_id": evidence.get(_fingerprint(one.passage)) or _keep_erased(session, one.passage),
        }
        for place, one in enumerate(given)
    ]
    session.execute(insert(GivenRow), rows)


def _given_row(answer_id: str, place: int, given: GivenPassage) -> dict[str, Any]:
    return {
        "answer_id": answer_id,
        "place": place,
        "number": given.number,
        "similarity": given.similarity,
        "fitted": given.fitted,
    }


def _write_scores(session: Session, answer: Answer) -> None:
    session.execute(delete(ScoreRow).where(ScoreRow.answer_id == answer.id))
    rows = [score_row(answer.id, one) for one in answer.scores]
    if rows:
        session.execute(insert(ScoreRow), rows)


def put_score(session: Session, answer_id: str, score: Score) -> None:
    """Log a score in the place of an earlier one of that scorer and version."""
    session.merge(ScoreRow(**score_row(answer_id, score)))


def score_row(answer_id: str, score: Score) -> dict[str, object]:
    """A score as it stands in its table."""
    return {
        "answer_id": answer_id,
        "scorer": score.scorer,
        "version": score.version,
        "value": score.value,
        "words": score.words,
        "parts": records.parts_text(score.parts),
    }


def _fingerprint(passage: Passage) -> str:
    return stable_hash("evidence", {key: _plain(value) for key, value in asdict(passage).items()})[:32]


def _plain(value: object) -> object:
    return storable(value) if isinstance(value, str) else value


def _evidence(passage: Passage) -> dict[str, Any]:
    return {
        "passage_id": passage.id,
        "collection_id": passage.collection_id,
        "document_id": passage.document_id,
        "document_name": passage.document_name,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
    }


def _keep_evidence(session: Session, rows: Mapping[str, dict[str, Any]]) -> dict[str, int]:
    """Keep the passages, by fingerprint, each once; returns fingerprint -> row id."""
    if not rows:
        return {}
    session.execute(
        insert_or(EvidenceRow).on_conflict_do_nothing(),
        [{"fingerprint": fingerprint, **row} for fingerprint, row in rows.items()],
    )
    kept = select(EvidenceRow.fingerprint, EvidenceRow.id)
    return {
        str(fingerprint): number
        for part in in_parts(list(rows))
        for fingerprint, number in session.execute(kept.where(EvidenceRow.fingerprint.in_(part)))
    }


def _keep_erased(session: Session, passage: Passage) -> int:
    """Keep a passage whose text was erased; returns the row's id."""
    same = (EvidenceRow.document_id == passage.document_id, EvidenceRow.passage_id == passage.id)
    found = session.scalar(select(EvidenceRow.id).where(*same, EvidenceRow.fingerprint.is_(None)).limit(1))
    if found is not None:
        return found
    new = insert(EvidenceRow).values(fingerprint=None, **_evidence(passage)).returning(EvidenceRow.id)
    return session.execute(new).scalar_one()


# --------------------------------------------------------------------------- reading


def load_answers(session: Session, rows: Sequence[AnswerRow]) -> list[Answer]:
    """The answers of the rows, in their order, by a handful of queries however many they are."""
    ids = [row.id for row in rows]
    contents = {
        one.answer_id: one
        for one in session.scalars(select(AnswerContentRow).where(AnswerContentRow.answer_id.in_(ids)))
    }
    hashes = {row.candidate_hash for row in rows}
    settings = session.execute(
        select(CandidateRow.hash, CandidateRow.settings).where(CandidateRow.hash.in_(hashes))
    )
    candidates = {key: records.candidate_of(text) for key, text in settings}
    given, scores = _load_given(session, ids), _load_scores(session, ids)
    return [
        _answer(row, contents[row.id], candidates[row.candidate_hash], given[row.id], scores[row.id])
        for row in rows
    ]


def _load_given(session: Session, answer_ids: Sequence[str]) -> dict[str, list[GivenPassage]]:
    rows = session.execute(
        select(GivenRow, EvidenceRow)
        .join(EvidenceRow, EvidenceRow.id == GivenRow.evidence_id)
        .where(GivenRow.answer_id.in_(answer_ids))
        .order_by(GivenRow.answer_id, GivenRow.place)
    ).all()
    documents = {row.EvidenceRow.document_id for row in rows}
    there = {
        (collection_id, document_id)
        for collection_id, document_id in session.execute(
            select(DocumentRow.collection_id, DocumentRow.document_id).where(
                DocumentRow.document_id.in_(documents)
            )
        )
    }
    given = defaultdict(list)
    for row, evidence in rows:
        deleted = (evidence.collection_id, evidence.document_id) not in there
        given[row.answer_id].append(_given(row, evidence, deleted=deleted))
    return given


def _given(row: GivenRow, evidence: EvidenceRow, *, deleted: bool) -> GivenPassage:
    return GivenPassage(
        number=row.number,
        passage=Passage(
            id=evidence.passage_id,
            collection_id=evidence.collection_id,
            document_id=evidence.document_id,
            document_name=evidence.document_name,
            page=evidence.page,
            start=evidence.start,
            end=evidence.end,
            text=evidence.text,
        ),
        similarity=math.nan if row.similarity is None else row.similarity,
        fitted=row.fitted,
        deleted=deleted,
    )


def _load_scores(session: Session, answer_ids: Sequence[str]) -> dict[str, list[Score]]:
    rows = session.scalars(
        select(ScoreRow)
        .where(ScoreRow.answer_id.in_(answer_ids))
        .order_by(ScoreRow.answer_id, ScoreRow.scorer, ScoreRow.version)
    )
    scores = defaultdict(list)
    for row in rows:
        parts = records.parts_of(row.parts)
        scores[row.answer_id].append(Score(row.scorer, row.version, row.value, row.words, parts))
    return scores


def _answer(
    row: AnswerRow,
    content: AnswerContentRow,
    candidate: Candidate,
    given: Sequence[GivenPassage],
    scores: Sequence[Score],
) -> Answer:
    return Answer(
        id=row.id,
        question_id=row.question_id,
        position=row.position,
        candidate=candidate,
        state=AnswerState(row.state),
        text=content.text,
        thinking=content.thinking,
        prompt=_prompt(content, given),
        checks=records.checks_of(content.checks),
        usage=Usage(row.prompt_tokens, row.completion_tokens, row.thinking_tokens, row.cached_tokens),
        timing=_timing(row),
        cost=_cost(row, content),
        error=content.error,
        remedy=content.remedy,
        attempts=row.attempts,
        backend_version=content.backend_version,
        asked_at=row.asked_at,
        mark=_mark(row),
        scores=tuple(scores),
    )


def _prompt(content: AnswerContentRow, given: Sequence[GivenPassage]) -> Prompt | None:
    if content.messages is None:
        return None
    return Prompt(
        messages=records.messages_of(content.messages),
        given=tuple(given),
        tokens=content.budget_tokens or 0,
        exact=bool(content.budget_exact),
        window=content.budget_window or 0,
    )


def _timing(row: AnswerRow) -> Timing:
    return Timing(
        queue=row.queue_seconds,
        load=row.load_seconds,
        first_token=row.first_token_seconds,
        prompt=row.prompt_seconds,
        generation=row.generation_seconds,
        wall=row.wall_seconds,
        shared=row.shared,
        machine=row.machine_seconds,
        joules=row.joules,
    )


def _cost(row: AnswerRow, content: AnswerContentRow) -> Cost:
    basis = records.basis_of(row.cost_basis)
    return Cost(
        row.cost_amount, row.cost_currency, basis, content.cost_words, records.entry_of(content.cost_entry)
    )


def _mark(row: AnswerRow) -> Mark | None:
    if row.judgement is None or row.marked_at is None:
        return None
    return Mark(Judgement(row.judgement), row.correct_answer or "", row.marked_at)
