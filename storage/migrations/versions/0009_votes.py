"""Blind votes on pairs of answers, and which questions were asked blind."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("questions", sa.Column("blind", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "votes",
        sa.Column("voter_key", sa.Text(), nullable=False),
        sa.Column("first_id", sa.Text(), nullable=False),
        sa.Column("second_id", sa.Text(), nullable=False),
        sa.Column("voter", sa.Text(), nullable=False),
        sa.Column("preferred_id", sa.Text(), nullable=True),
        sa.Column("both_bad", sa.Boolean(), nullable=False),
        sa.Column("left_id", sa.Text(), nullable=False),
        sa.Column("voted_at", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["first_id"], ["answers.id"], name="fk_votes_first_id"),
        sa.ForeignKeyConstraint(["second_id"], ["answers.id"], name="fk_votes_second_id"),
        sa.PrimaryKeyConstraint("voter_key", "first_id", "second_id", name="pk_votes"),
    )
    op.create_index("ix_votes_first_id", "votes", ["first_id"])
    op.create_index("ix_votes_second_id", "votes", ["second_id"])
