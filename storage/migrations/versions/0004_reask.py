"""Whether an experiment asks again for causes; those there are would have."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "experiments", sa.Column("reask", sa.Boolean(), server_default=sa.text("1"), nullable=False)
    )
