"""The judge of an experiment, and what it said of answers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("experiments", sa.Column("judge", sa.Text(), server_default="", nullable=False))
    op.add_column("probes", sa.Column("unjudged", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "rulings",
        sa.Column("of_answer_id", sa.Text(), nullable=False),
        sa.Column("scorer", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name="fk_rulings_answer_id"),
        sa.ForeignKeyConstraint(["of_answer_id"], ["answers.id"], name="fk_rulings_of_answer_id"),
        sa.PrimaryKeyConstraint("of_answer_id", "scorer", "attempt", name="pk_rulings"),
        sa.UniqueConstraint("answer_id", name="uq_rulings_answer_id"),
    )
