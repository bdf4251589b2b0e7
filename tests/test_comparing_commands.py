"""What `rescore` prints."""

from __future__ import annotations

from app.comparing_commands import rescored_words
from app.domain import RescoreView


def test_what_came_of_scoring_anew() -> None:
    assert rescored_words(RescoreView(1, 1, 1, 0, 0, 1)) == (
        "Answers scored anew: 1; no model was asked. Right now and not before: 1; not right any more: 0; "
        "scored now and not before, or the other way round: 0. Causes to look for again (`run --resume`): 1."
    )
    told = rescored_words(RescoreView(12, 12, 3, 1, 0, 2, 6))
    assert told.endswith("Of documents that are not as they were: 6; measures of their search stay.")
