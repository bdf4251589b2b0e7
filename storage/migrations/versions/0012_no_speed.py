"""No speed where a few tokens came together: 2 of them in a moment were told as thousands a second."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE answers SET speed = NULL WHERE speed IS NOT NULL AND (completion_tokens < 2"
        " OR (generation_seconds IS NULL AND wall_seconds - first_token_seconds <= 0.1))"
    )
