"""The rows of the database. Only ``storage/`` sees them; everybody else gets domain types.

What is counted and charted stands in slim rows (``answers``); what is only read one at a time
(texts, prompts) stands beside them, so that a chart over 100,000 answers does not read them.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from sqlalchemy import (
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MICROSECONDS = 86_400_000_000
PEOPLE = "origin = 'ask'"
_SURROGATES = re.compile("[\ud800-\udfff]")


def microseconds(moment: datetime) -> int:
    """An aware moment as microseconds since 1970. Raises ValueError for one without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment must have a time zone")
    return (moment - EPOCH) // timedelta(microseconds=1)


def storable(value: str) -> str:
    """The text with lone surrogates, which UTF-8 cannot hold, as U+FFFD; its length stays."""
    return _SURROGATES.sub("\ufffd", value)


def text_sha(value: str) -> bytes:
    """SHA-256 of a text as it is stored (32 bytes): under which its vectors are kept."""
    return hashlib.sha256(storable(value).encode("utf-8")).digest()


class Words(TypeDecorator[str]):
    """Any text a model or a document may bring; see ``storable``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """What goes into the database."""
        return None if value is None else storable(value)


class Moment(TypeDecorator[datetime]):
    """A UTC moment, kept as whole microseconds since 1970 so that ranges and days are arithmetic."""

    impl = Integer  # SQLite's holds 64 bits
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """What goes into the database."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What comes out."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Base(DeclarativeBase):
    """The tables; the names of constraints are fixed so that later migrations can address them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        str: Words,
        datetime: Moment,
        float: Double,
        bytes: LargeBinary,
        int: Integer,
    }


# --------------------------------------------------------------------------- documents


class CollectionRow(Base):
    """A collection; ``name_key`` is its name as compared (case folded)."""

    __tablename__ = "collections"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    embedder_name: Mapped[str]
    embedder_digest: Mapped[str]
    dimensions: Mapped[int]
    split_tokens: Mapped[int]
    split_overlap: Mapped[int]
    split_characters: Mapped[int]
    local_only: Mapped[bool]
    revision: Mapped[int]
    created_at: Mapped[datetime]


class DeletedCollectionRow(Base):
    """The name of a collection that was deleted: its answers stay, and are told by it."""

    __tablename__ = "deleted_collections"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class AgreedHostRow(Base):
    """A host that the person agreed may be sent passages of the collection."""

    __tablename__ = "agreed_hosts"

    collection_id: Mapped[str] = mapped_column(
        ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True
    )
    host: Mapped[str] = mapped_column(primary_key=True)
    agreed_at: Mapped[datetime]


class DocumentRow(Base):
    """A document as it stands in one collection. At most one of a name is searchable."""

    __tablename__ = "documents"
    __table_args__ = (
        Index(
            "ix_documents_searchable_name",
            "collection_id",
            "name",
            unique=True,
            sqlite_where=text("state = 'searchable'"),
        ),
        Index("ix_documents_document_id", "document_id"),
    )

    collection_id: Mapped[str] = mapped_column(
        ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True
    )
    document_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    state: Mapped[str]
    size: Mapped[int]
    warning: Mapped[str]
    error: Mapped[str]
    added_at: Mapped[datetime]
    sequence: Mapped[int]
    """Counts every begin, so that "the last one" does not hang on the clock."""


class ReadingRow(Base):
    """What a reader made of a document; the same in every collection that has it."""

    __tablename__ = "readings"

    document_id: Mapped[str] = mapped_column(primary_key=True)
    reader: Mapped[str]
    warning: Mapped[str]
    pages: Mapped[int]


class PageRow(Base):
    """One page as read; ``place`` counts from 0, ``number`` is what the reader called it."""

    __tablename__ = "pages"

    document_id: Mapped[str] = mapped_column(
        ForeignKey("readings.document_id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    text: Mapped[str]


class PassageRow(Base):
    """One split of a document in a collection."""

    __tablename__ = "passages"
    __table_args__ = (
        ForeignKeyConstraint(
            ["collection_id", "document_id"],
            ["documents.collection_id", "documents.document_id"],
            ondelete="CASCADE",
        ),
        Index("ix_passages_order", "collection_id", "document_id", "place"),
        Index("ix_passages_text_sha", "text_sha"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    collection_id: Mapped[str]
    document_id: Mapped[str]
    place: Mapped[int]
    page: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    text: Mapped[str]
    text_sha: Mapped[bytes]


class VectorRow(Base):
    """The vector of a text by one embedder: little-endian float32, ``dimensions`` of them.

    A row may outlive the passage it was made for only while another passage has the same text.
    """

    __tablename__ = "vectors"

    embedder_digest: Mapped[str] = mapped_column(primary_key=True)
    text_sha: Mapped[bytes] = mapped_column(primary_key=True, index=True)
    vector: Mapped[bytes]


# --------------------------------------------------------------------------- answers


class CandidateRow(Base):
    """A candidate, once: ``settings`` is all of it as JSON."""

    __tablename__ = "candidates"

    hash: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    with_documents: Mapped[bool]
    settings: Mapped[str]


class QuestionRow(Base):
    """What was asked. ``sequence`` is the order of asking, whatever the clock does.

    ``origin`` is where: "ask" or "experiment". ``blind``: each sees who answered once they voted.
    """

    __tablename__ = "questions"
    __table_args__ = (
        Index("ix_questions_conversation", "conversation_id", "sequence"),
        Index("ix_questions_origin", "origin", "sequence"),
    )

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
    standalone: Mapped[str]
    conversation_id: Mapped[str]
    collection_id: Mapped[str]
    only_documents: Mapped[str]
    asked_at: Mapped[datetime]
    origin: Mapped[str] = mapped_column(server_default="ask")
    blind: Mapped[bool] = mapped_column(server_default=sql("0"))


class AnswerRow(Base):
    """The slim part of an answer: what is counted, summed and charted.

    ``origin`` says where it was asked ("ask", "experiment", "probe", "judge", "imported").
    ``question_key`` (64 bits of a hash) is equal for questions of equal words. ``speed`` is in tokens/s. A
    cost too large for a column is unknown, and its words say so.
    """

    __tablename__ = "answers"
    __table_args__ = (
        UniqueConstraint("question_id", "position"),
        Index("ix_answers_candidate", "candidate_hash", "sequence"),
        Index("ix_answers_pending", "state", sqlite_where=text("state = 'pending'")),
        # Holds all that a sum over some time needs, so that it never reads the table itself.
        Index(
            "ix_answers_report",
            "asked_at",
            "origin",
            "candidate_hash",
            "cost_currency",
            "state",
            "judgement",
            "cost_amount",
            "collection_id",
            "question_key",
        ),
        # What people asked: by its words, and the newest of it, of a collection or of all.
        Index("ix_answers_asked_key", "question_key", sqlite_where=text(PEOPLE)),
        Index("ix_answers_asked_in", "collection_id", "sequence", sqlite_where=text(PEOPLE)),
        Index("ix_answers_asked", "sequence", sqlite_where=text(PEOPLE)),
    )

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    question_id: Mapped[str] = mapped_column(ForeignKey("questions.id"))
    position: Mapped[int]
    origin: Mapped[str]
    candidate_hash: Mapped[str] = mapped_column(ForeignKey("candidates.hash"))
    collection_id: Mapped[str]
    question_key: Mapped[int]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    attempts: Mapped[int]
    prompt_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]
    thinking_tokens: Mapped[int | None]
    cached_tokens: Mapped[int | None]
    queue_seconds: Mapped[float | None]
    load_seconds: Mapped[float | None]
    first_token_seconds: Mapped[float | None]
    prompt_seconds: Mapped[float | None]
    generation_seconds: Mapped[float | None]
    wall_seconds: Mapped[float | None]
    machine_seconds: Mapped[float | None]
    shared: Mapped[int]
    speed: Mapped[float | None]
    cost_amount: Mapped[int | None]
    cost_currency: Mapped[str]
    cost_basis: Mapped[str]
    judgement: Mapped[str | None]
    correct_answer: Mapped[str | None]
    marked_at: Mapped[datetime | None]
    joules: Mapped[float | None]


class AnswerContentRow(Base):
    """The rest of an answer. ``messages`` is the prompt as segments (JSON), NULL where there is none."""

    __tablename__ = "answer_contents"

    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id"), primary_key=True)
    text: Mapped[str]
    thinking: Mapped[str]
    error: Mapped[str]
    remedy: Mapped[str]
    backend_version: Mapped[str]
    checks: Mapped[str]
    cost_words: Mapped[str]
    cost_entry: Mapped[str]
    messages: Mapped[str | None]
    budget_tokens: Mapped[int | None]
    budget_exact: Mapped[bool | None]
    budget_window: Mapped[int | None]


class EvidenceRow(Base):
    """A passage as it was given to answers; stays when its document goes.

    ``fingerprint`` is a hash of all of it. It is NULL once the text was erased, so that the same
    passage given later makes a new row and the old answers stay erased.
    """

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_document", "document_id", "collection_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    fingerprint: Mapped[str | None] = mapped_column(unique=True)
    passage_id: Mapped[str]
    collection_id: Mapped[str]
    document_id: Mapped[str]
    document_name: Mapped[str]
    page: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    text: Mapped[str]


class ErasureRow(Base):
    """A document (or with "" a whole collection) that was to go from past answers too, and when.

    What was asked before and ends after it is erased when it is written. ``name`` is a hash of the
    document's name, under which older versions of it are known.
    """

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    collection_id: Mapped[str] = mapped_column(index=True)
    document_id: Mapped[str]
    name: Mapped[bytes]
    erased_at: Mapped[datetime]


class GivenRow(Base):
    """A passage chosen for an answer: its [number] (0 where it did not fit) and its cosine."""

    __tablename__ = "given"

    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), index=True)
    similarity: Mapped[float | None]
    fitted: Mapped[bool]


class ScoreRow(Base):
    """What one version of a scorer says of an answer; ``value`` is NULL where it is unscored.

    ``parts`` is a JSON list of [start, end, value, words]; the spans are in the answer's text.
    """

    __tablename__ = "scores"

    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True)
    scorer: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float | None]
    words: Mapped[str]
    parts: Mapped[str]


# --------------------------------------------------------------------------- sums of what was asked


class AskedPatternRow(Base):
    """Which candidates were asked a question, tried it and were judged on it, in words; see ``asked.py``."""

    __tablename__ = "asked_patterns"

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(unique=True)


class AskedQuestionRow(Base):
    """The pattern of a question in a collection, or "*" for all of them."""

    __tablename__ = "asked_questions"
    __table_args__ = (
        Index("ix_asked_questions_pattern", "scope", "pattern_id", "question_key"),
        {"sqlite_with_rowid": False},
    )

    question_key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    scope: Mapped[str] = mapped_column(primary_key=True)
    pattern_id: Mapped[int] = mapped_column(ForeignKey("asked_patterns.id"))


class AskedSumRow(Base):
    """Sums over the answers of a candidate to the questions of a pattern; see ``asked.Sums``.

    Money is in two parts, millions and the rest.
    """

    __tablename__ = "asked_sums"
    __table_args__ = (Index("ix_asked_sums_pattern", "pattern_id"), {"sqlite_with_rowid": False})

    scope: Mapped[str] = mapped_column(primary_key=True)
    pattern_id: Mapped[int] = mapped_column(ForeignKey("asked_patterns.id"), primary_key=True)
    candidate_hash: Mapped[str] = mapped_column(ForeignKey("candidates.hash"), primary_key=True)
    judged: Mapped[int] = mapped_column(primary_key=True)
    right_of_judged: Mapped[int] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    questions: Mapped[int]
    answers: Mapped[int]
    complete: Mapped[int]
    failed: Mapped[int]
    cut_short: Mapped[int]
    stopped: Mapped[int]
    right: Mapped[int]
    wrong: Mapped[int]
    failed_unmarked: Mapped[int]
    cut_short_unmarked: Mapped[int]
    costed: Mapped[int]
    large: Mapped[int]
    rest: Mapped[int]


# --------------------------------------------------------------------------- datasets


class CaseRow(Base):
    """A case, once for all datasets that have it.

    ``answers`` is a JSON list, ``gold`` a JSON list of [document, text].
    """

    __tablename__ = "cases"

    id: Mapped[str] = mapped_column(primary_key=True)
    question: Mapped[str]
    answers: Mapped[str]
    gold: Mapped[str]
    unanswerable: Mapped[bool]


class DatasetVersionRow(Base):
    """A version of a dataset; its id is a hash of its content, so that it never changes."""

    __tablename__ = "dataset_versions"

    id: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    made_at: Mapped[datetime]


class VersionCaseRow(Base):
    """A case of a version, at its place from 0. ``tags`` is a JSON list: they belong to the version."""

    __tablename__ = "version_cases"

    version_id: Mapped[str] = mapped_column(
        ForeignKey("dataset_versions.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    tags: Mapped[str]


class DatasetRow(Base):
    """A named dataset and its newest version; ``name_key`` is its name as compared (case folded)."""

    __tablename__ = "datasets"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("dataset_versions.id"), index=True)
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]


# --------------------------------------------------------------------------- experiments


class ExperimentRow(Base):
    """An experiment; it keeps its version and its dataset's name when the dataset goes.

    ``snapshot`` is a JSON object of texts, ``judge`` a candidate as JSON, "" for none.
    """

    __tablename__ = "experiments"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    dataset_id: Mapped[str]
    dataset_name: Mapped[str]
    version_id: Mapped[str] = mapped_column(ForeignKey("dataset_versions.id"), index=True)
    repeats: Mapped[int]
    one_at_a_time: Mapped[bool]
    limit_amount: Mapped[int | None]
    limit_currency: Mapped[str]
    state: Mapped[str]
    words: Mapped[str]
    snapshot: Mapped[str]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reask: Mapped[bool] = mapped_column(server_default=text("1"))
    judge: Mapped[str] = mapped_column(server_default="")


class ExperimentCandidateRow(Base):
    """A candidate of an experiment, at its place from 0."""

    __tablename__ = "experiment_candidates"

    experiment_id: Mapped[str] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True)
    candidate_hash: Mapped[str] = mapped_column(ForeignKey("candidates.hash"))


class TrialRow(Base):
    """An answer in its slot. Of several attempts the last one counts; the others are ``superseded``.

    ``correct`` is NULL where the answer is unscored or not yet scored, ``rule`` how it was judged ("" for
    not yet: the judge was not asked), ``cause`` why it is not right ("" for none, or not looked for yet)
    with its ``evidence``.
    """

    __tablename__ = "trials"
    __table_args__ = (
        Index(
            "ix_trials_current",
            "experiment_id",
            "candidate",
            "case_place",
            "repeat",
            unique=True,
            sqlite_where=text("NOT superseded"),
        ),
    )

    experiment_id: Mapped[str] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True
    )
    candidate: Mapped[int] = mapped_column(primary_key=True)
    case_place: Mapped[int] = mapped_column(primary_key=True)
    repeat: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id"), unique=True)
    superseded: Mapped[bool]
    correct: Mapped[bool | None]
    rule: Mapped[str]
    cause: Mapped[str]
    evidence: Mapped[str]


class ProbeRow(Base):
    """A re-asking that looks for the cause of an answer: "again", or with the "gold" text alone.

    ``correct`` is NULL where it does not tell: it failed, was broken off, could not be scored, or is
    ``unjudged``: the judge was not asked yet.
    """

    __tablename__ = "probes"

    of_answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id"), unique=True)
    correct: Mapped[bool | None]
    unjudged: Mapped[bool] = mapped_column(server_default=text("0"))


class RulingRow(Base):
    """What a judge answered when it was asked about another answer, failed and broken off ones too.

    ``scorer`` is the name of its scores; ``attempt`` counts from 1.
    """

    __tablename__ = "rulings"

    of_answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id"), primary_key=True)
    scorer: Mapped[str] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id"), unique=True)


# --------------------------------------------------------------------------- votes


class VoteRow(Base):
    """A person's choice between two answers, of which ``first_id`` is the smaller; one a person and pair.

    ``voter_key`` is the name as compared (case folded). ``preferred_id`` is NULL for neither; ``both_bad``
    tells then whether none was any good. ``left_id`` stood on the left.
    """

    __tablename__ = "votes"

    voter_key: Mapped[str] = mapped_column(primary_key=True)
    first_id: Mapped[str] = mapped_column(ForeignKey("answers.id"), primary_key=True, index=True)
    second_id: Mapped[str] = mapped_column(ForeignKey("answers.id"), primary_key=True, index=True)
    voter: Mapped[str]
    preferred_id: Mapped[str | None]
    both_bad: Mapped[bool]
    left_id: Mapped[str]
    voted_at: Mapped[datetime]
    origin: Mapped[str]


# --------------------------------------------------------------------------- assumptions


class AssumptionRow(Base):
    """Assumptions as they were set, newest last; ``kind`` is "machine" or "verdict"."""

    __tablename__ = "assumptions"
    __table_args__ = (Index("ix_assumptions_kind", "kind", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str]
    settings: Mapped[str]
    set_at: Mapped[datetime]


class OwnPriceRow(Base):
    """A row of a person's own price lists; prices are decimal numbers as text, ``since`` an ISO date."""

    __tablename__ = "own_prices"

    id: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    model: Mapped[str]
    currency: Mapped[str]
    input_price: Mapped[str]
    output_price: Mapped[str]
    cached_price: Mapped[str | None]
    thinking_price: Mapped[str | None]
    since: Mapped[str]
    source: Mapped[str]
    set_at: Mapped[datetime]
