"""What is blacked out of an answer when a document goes from past answers too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain import BLACK
from storage.erasing import COPIED_RUN, blacked_out

PASSAGE = "Every employee has twenty-eight days of paid leave in a calendar year."


def test_a_copied_run_goes_and_the_rest_stays() -> None:
    text = f"Answer: ({PASSAGE[6:60]}) [1]."
    assert blacked_out(text, [PASSAGE], []) == f"Answer: ({BLACK * 54}) [1]."


def test_shorter_runs_stay_unless_they_are_quotes() -> None:
    text = 'They have "twenty-eight days" of it, twenty-eight days.'
    assert blacked_out(text, [PASSAGE], []) == text
    assert blacked_out(text, [PASSAGE], ["twenty-eight days"]) == text.replace(
        "twenty-eight days", BLACK * 17
    )


def test_white_space_may_differ() -> None:
    text = "Says: Every  employee\nhas twenty-eight\tdays of paid leave."
    hidden = blacked_out(text, [PASSAGE], [])
    assert hidden.startswith("Says: █")
    assert "twenty" not in hidden
    assert len(hidden) == len(text)
    assert blacked_out("a  b", [], ["a b"]) == BLACK * 4


def test_nothing_to_black_out() -> None:
    for text in ("", "short", PASSAGE):
        assert blacked_out(text, [], []) == text
        assert blacked_out(text, ["other " * 20], [""]) == text
    assert blacked_out("", [PASSAGE], [PASSAGE]) == ""


@given(
    st.text(max_size=80),
    st.text(min_size=COPIED_RUN, max_size=120),
    st.text(max_size=80),
    st.integers(0, 200),
)
def test_lengths_stay_and_no_run_is_left(before: str, passage: str, after: str, cut: int) -> None:
    copied = passage[: max(COPIED_RUN, cut)]
    text = before + copied + after
    hidden = blacked_out(text, [passage], [])
    assert len(hidden) == len(text)
    folded = " ".join(copied.split())
    if len(folded) >= COPIED_RUN:
        assert folded not in " ".join(hidden.split()) or set(folded) <= {BLACK, " "}
    kept = [(now, was) for now, was in zip(hidden, text, strict=True) if now != was]
    assert all(now == BLACK for now, _ in kept)
