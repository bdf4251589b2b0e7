from __future__ import annotations

import pytest

from app.ui.places import without_name


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("“a.pdf” could not be read: it is damaged.", "It is damaged."),
        ("“a.pdf”: nothing could be read: 1 page.", "Nothing could be read: 1 page."),
        ("“a.pdf” was not read: it is a picture.", "It is a picture."),
        ("“a.pdf” is empty.", "Is empty."),
        ("“b.pdf” is empty.", "“b.pdf” is empty."),
        ("2 pages without text.", "2 pages without text."),
        ("", ""),
    ],
)
def test_a_name_that_stands_beside_is_not_repeated(words: str, left: str) -> None:
    assert without_name(words, "a.pdf") == left
