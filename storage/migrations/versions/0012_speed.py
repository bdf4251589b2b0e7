"""Speeds as they are told now: 2 tokens that came together were once told as 35,000 a second.

Where the server told no time, those tokens count that came after the first one, if there was time to tell.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_SPAN = "(wall_seconds - first_token_seconds)"
_HIDDEN = (
    "CASE WHEN (SELECT thinking FROM answer_contents WHERE answer_id = answers.id) <> '' THEN 0"
    " ELSE coalesce(thinking_tokens, 0) END"
)
_AFTER_THE_FIRST = f"(completion_tokens - 1 - {_HIDDEN})"


def upgrade() -> None:
    op.execute(
        "UPDATE answers SET speed = NULL WHERE generation_seconds IS NOT NULL AND completion_tokens < 2"
    )
    op.execute(
        f"UPDATE answers SET speed = CASE WHEN {_SPAN} > 0.1 AND {_AFTER_THE_FIRST} > 0"  # noqa: S608
        f" THEN {_AFTER_THE_FIRST} / {_SPAN} END WHERE generation_seconds IS NULL AND speed IS NOT NULL"
    )
