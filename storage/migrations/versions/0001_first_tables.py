"""The first tables: collections, documents, passages, vectors, questions, answers, scores, assumptions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assumptions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("set_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assumptions"),
    )
    op.create_index("ix_assumptions_kind", "assumptions", ["kind", "id"], unique=False)
    op.create_table(
        "candidates",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("with_documents", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_candidates"),
    )
    op.create_table(
        "collections",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("embedder_name", sa.Text(), nullable=False),
        sa.Column("embedder_digest", sa.Text(), nullable=False),
        sa.Column("dimensions", sa.Integer(), nullable=False),
        sa.Column("split_tokens", sa.Integer(), nullable=False),
        sa.Column("split_overlap", sa.Integer(), nullable=False),
        sa.Column("split_characters", sa.Integer(), nullable=False),
        sa.Column("local_only", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_collections"),
        sa.UniqueConstraint("name_key", name="uq_collections_name_key"),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("passage_id", sa.Text(), nullable=False),
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("document_name", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.UniqueConstraint("fingerprint", name="uq_evidence_fingerprint"),
    )
    op.create_index("ix_evidence_document", "evidence", ["document_id", "collection_id"], unique=False)
    op.create_table(
        "questions",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("standalone", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("only_documents", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_questions"),
        sa.UniqueConstraint("id", name="uq_questions_id"),
    )
    op.create_index("ix_questions_conversation", "questions", ["conversation_id", "sequence"], unique=False)
    op.create_table(
        "readings",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_readings"),
    )
    op.create_table(
        "vectors",
        sa.Column("embedder_digest", sa.Text(), nullable=False),
        sa.Column("text_sha", sa.LargeBinary(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("embedder_digest", "text_sha", name="pk_vectors"),
    )
    op.create_index("ix_vectors_text_sha", "vectors", ["text_sha"], unique=False)
    op.create_table(
        "agreed_hosts",
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("agreed_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_agreed_hosts_collection_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("collection_id", "host", name="pk_agreed_hosts"),
    )
    op.create_table(
        "answers",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("candidate_hash", sa.Text(), nullable=False),
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("question_key", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=True),
        sa.Column("completion_tokens", sa.Integer(), nullable=True),
        sa.Column("thinking_tokens", sa.Integer(), nullable=True),
        sa.Column("cached_tokens", sa.Integer(), nullable=True),
        sa.Column("queue_seconds", sa.Double(), nullable=True),
        sa.Column("load_seconds", sa.Double(), nullable=True),
        sa.Column("first_token_seconds", sa.Double(), nullable=True),
        sa.Column("prompt_seconds", sa.Double(), nullable=True),
        sa.Column("generation_seconds", sa.Double(), nullable=True),
        sa.Column("wall_seconds", sa.Double(), nullable=True),
        sa.Column("machine_seconds", sa.Double(), nullable=True),
        sa.Column("shared", sa.Integer(), nullable=False),
        sa.Column("speed", sa.Double(), nullable=True),
        sa.Column("cost_amount", sa.Integer(), nullable=True),
        sa.Column("cost_currency", sa.Text(), nullable=False),
        sa.Column("cost_basis", sa.Text(), nullable=False),
        sa.Column("judgement", sa.Text(), nullable=True),
        sa.Column("correct_answer", sa.Text(), nullable=True),
        sa.Column("marked_at", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["candidate_hash"], ["candidates.hash"], name="fk_answers_candidate_hash"),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name="fk_answers_question_id"),
        sa.PrimaryKeyConstraint("sequence", name="pk_answers"),
        sa.UniqueConstraint("id", name="uq_answers_id"),
        sa.UniqueConstraint("question_id", "position", name="uq_answers_question_id_position"),
    )
    op.create_index("ix_answers_candidate", "answers", ["candidate_hash", "sequence"], unique=False)
    op.create_index(
        "ix_answers_pending", "answers", ["state"], unique=False, sqlite_where=sa.text("state = 'pending'")
    )
    op.create_index(
        "ix_answers_report",
        "answers",
        [
            "origin",
            "candidate_hash",
            "cost_currency",
            "state",
            "shared",
            "judgement",
            "cost_amount",
            "first_token_seconds",
            "wall_seconds",
            "speed",
            "asked_at",
            "collection_id",
            "question_key",
        ],
        unique=False,
    )
    op.create_index(
        "ix_answers_common",
        "answers",
        ["origin", "question_key", "candidate_hash", "state", "collection_id", "asked_at"],
        unique=False,
    )
    op.create_table(
        "documents",
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_documents_collection_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("collection_id", "document_id", name="pk_documents"),
    )
    op.create_index("ix_documents_document_id", "documents", ["document_id"], unique=False)
    op.create_index(
        "ix_documents_searchable_name",
        "documents",
        ["collection_id", "name"],
        unique=True,
        sqlite_where=sa.text("state = 'searchable'"),
    )
    op.create_table(
        "pages",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["readings.document_id"], name="fk_pages_document_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", "place", name="pk_pages"),
    )
    op.create_table(
        "answer_contents",
        sa.Column("answer_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("thinking", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("backend_version", sa.Text(), nullable=False),
        sa.Column("checks", sa.Text(), nullable=False),
        sa.Column("cost_words", sa.Text(), nullable=False),
        sa.Column("cost_entry", sa.Text(), nullable=False),
        sa.Column("messages", sa.Text(), nullable=True),
        sa.Column("budget_tokens", sa.Integer(), nullable=True),
        sa.Column("budget_exact", sa.Boolean(), nullable=True),
        sa.Column("budget_window", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name="fk_answer_contents_answer_id"),
        sa.PrimaryKeyConstraint("answer_id", name="pk_answer_contents"),
    )
    op.create_table(
        "given",
        sa.Column("answer_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=True),
        sa.Column("fitted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name="fk_given_answer_id"),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_given_evidence_id"),
        sa.PrimaryKeyConstraint("answer_id", "place", name="pk_given"),
    )
    op.create_index("ix_given_evidence_id", "given", ["evidence_id"], unique=False)
    op.create_table(
        "scores",
        sa.Column("answer_id", sa.Text(), nullable=False),
        sa.Column("scorer", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name="fk_scores_answer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("answer_id", "scorer", "version", name="pk_scores"),
    )
    op.create_table(
        "passages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_sha", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id", "document_id"],
            ["documents.collection_id", "documents.document_id"],
            name="fk_passages_collection_id_document_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_passages"),
    )
    op.create_index("ix_passages_order", "passages", ["collection_id", "document_id", "place"], unique=False)
    op.create_index("ix_passages_text_sha", "passages", ["text_sha"], unique=False)
