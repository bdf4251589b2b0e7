"""The words about long work on a collection."""

from __future__ import annotations

import pytest

from app.domain import IndexAudit, UpkeepKind, UpkeepState, UpkeepView
from app.ui.collections import audit_words
from app.ui.upkeep import ended_words, progress_words

REBUILD, EMBED, CHECK = UpkeepKind.REBUILD, UpkeepKind.EMBED, UpkeepKind.CHECK
RUNNING = UpkeepState.RUNNING


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (
            UpkeepView("1", "c", REBUILD, UpkeepState.WAITING),
            "Rebuilding the index: waits until the work before it is done",
        ),
        (UpkeepView("1", "c", REBUILD, RUNNING), "Rebuilding the index"),
        (
            UpkeepView("1", "c", EMBED, RUNNING, 400, 20_000, 960.0, about="a/b"),
            r"Making every passage searchable anew by a\/b: 400 of 20,000 passages, about 16 min left",
        ),
        (
            UpkeepView("1", "c", CHECK, RUNNING, 3, 100),
            "Comparing the index with an exact search: 3 of 100 searches",
        ),
        (
            UpkeepView("1", "", UpkeepKind.MEND, RUNNING, 9, 9),
            "Rebuilding the index of every collection: almost done",
        ),
    ],
)
def test_how_far_it_is(view: UpkeepView, words: str) -> None:
    assert progress_words(view) == words


@pytest.mark.parametrize("kind", UpkeepKind)
def test_what_a_stop_left(kind: UpkeepKind) -> None:
    assert "was stopped" in ended_words(UpkeepView("1", "c", kind, UpkeepState.STOPPED))


def test_what_it_came_to() -> None:
    done = UpkeepState.DONE
    audit = IndexAudit("c", 400, 50, 10, 0.994, 0)
    assert ended_words(UpkeepView("1", "c", CHECK, done, audit=audit), audit_words) == audit_words(audit)
    assert "by a\\/b" in ended_words(UpkeepView("1", "c", EMBED, done, about="a/b"))
    assert "Nothing had to be embedded" in ended_words(UpkeepView("1", "c", REBUILD, done))
