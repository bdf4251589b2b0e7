"""Experiments, their trials and probes; questions tell where they were asked."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "experiments",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dataset_id", sa.Text(), nullable=False),
        sa.Column("dataset_name", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Text(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("one_at_a_time", sa.Boolean(), nullable=False),
        sa.Column("limit_amount", sa.Integer(), nullable=True),
        sa.Column("limit_currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["version_id"], ["dataset_versions.id"], name="fk_experiments_version_id"),
        sa.PrimaryKeyConstraint("sequence", name="pk_experiments"),
        sa.UniqueConstraint("id", name="uq_experiments_id"),
    )
    op.create_table(
        "experiment_candidates",
        sa.Column("experiment_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("candidate_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_hash"], ["candidates.hash"], name="fk_experiment_candidates_candidate_hash"
        ),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiments.id"],
            name="fk_experiment_candidates_experiment_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("experiment_id", "place", name="pk_experiment_candidates"),
    )
    op.create_table(
        "trials",
        sa.Column("experiment_id", sa.Text(), nullable=False),
        sa.Column("candidate", sa.Integer(), nullable=False),
        sa.Column("case_place", sa.Integer(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Text(), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.Column("correct", sa.Boolean(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name="fk_trials_answer_id"),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.id"], name="fk_trials_experiment_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "experiment_id", "candidate", "case_place", "repeat", "attempt", name="pk_trials"
        ),
        sa.UniqueConstraint("answer_id", name="uq_trials_answer_id"),
    )
    op.create_table(
        "probes",
        sa.Column("of_answer_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Text(), nullable=False),
        sa.Column("correct", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name="fk_probes_answer_id"),
        sa.ForeignKeyConstraint(["of_answer_id"], ["answers.id"], name="fk_probes_of_answer_id"),
        sa.PrimaryKeyConstraint("of_answer_id", "kind", "number", name="pk_probes"),
        sa.UniqueConstraint("answer_id", name="uq_probes_answer_id"),
    )
    op.create_index("ix_experiments_version_id", "experiments", ["version_id"], unique=False)
    op.create_index(
        "ix_trials_current",
        "trials",
        ["experiment_id", "candidate", "case_place", "repeat"],
        unique=True,
        sqlite_where=sa.text("NOT superseded"),
    )
    op.add_column("questions", sa.Column("origin", sa.Text(), server_default="ask", nullable=False))
    op.create_index("ix_questions_origin", "questions", ["origin", "sequence"], unique=False)
