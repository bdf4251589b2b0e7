"""Sums of what was asked, kept beside the answers, and the indexes that home needs besides.

The sums themselves are made when the database is opened: ``asked.fill``.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ASKED = "origin = 'ask'"
SUMS = (
    *("questions", "answers", "complete", "failed", "cut_short", "stopped", "right", "wrong"),
    *("failed_unmarked", "cut_short_unmarked", "costed", "large", "rest"),
)


def upgrade() -> None:
    op.create_table(
        "asked_patterns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_asked_patterns"),
        sa.UniqueConstraint("words", name="uq_asked_patterns_words"),
    )
    op.create_table(
        "asked_questions",
        sa.Column("question_key", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("pattern_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["pattern_id"], ["asked_patterns.id"], name="fk_asked_questions_pattern_id"),
        sa.PrimaryKeyConstraint("question_key", "scope", name="pk_asked_questions"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_asked_questions_pattern", "asked_questions", ["scope", "pattern_id", "question_key"])
    keys = ("scope", "pattern_id", "candidate_hash", "judged", "right_of_judged", "currency")
    texts = {"scope", "candidate_hash", "currency"}
    op.create_table(
        "asked_sums",
        *(sa.Column(name, sa.Text() if name in texts else sa.Integer(), nullable=False) for name in keys),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in SUMS),
        sa.ForeignKeyConstraint(["pattern_id"], ["asked_patterns.id"], name="fk_asked_sums_pattern_id"),
        sa.ForeignKeyConstraint(["candidate_hash"], ["candidates.hash"], name="fk_asked_sums_candidate_hash"),
        sa.PrimaryKeyConstraint(*keys, name="pk_asked_sums"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_asked_sums_pattern", "asked_sums", ["pattern_id"])
    _indexes_of_answers()


def _indexes_of_answers() -> None:
    op.drop_index("ix_answers_report", "answers")
    op.drop_index("ix_answers_common", "answers")
    op.create_index(
        "ix_answers_report",
        "answers",
        [
            *("asked_at", "origin", "candidate_hash", "cost_currency", "state", "judgement"),
            *("cost_amount", "collection_id", "question_key"),
        ],
    )
    where = sa.text(ASKED)
    op.create_index("ix_answers_asked_key", "answers", ["question_key"], sqlite_where=where)
    op.create_index("ix_answers_asked_in", "answers", ["collection_id", "sequence"], sqlite_where=where)
    op.create_index("ix_answers_asked", "answers", ["sequence"], sqlite_where=where)
