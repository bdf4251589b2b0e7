"""The energy of an answer, where the machine's own counters measured it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answers", sa.Column("joules", sa.Double(), nullable=True))
