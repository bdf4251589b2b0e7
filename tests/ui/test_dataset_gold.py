"""Where gold text stands, in words and in its context."""

from __future__ import annotations

import pytest

from app.domain import Case, Gold, GoldPlace, GoldSpan, GoldView
from app.ui.dataset_draft import numbered
from app.ui.dataset_gold import doubtful, finding, place_words

TEXT, NAME, ANY = Gold("a.pdf", "the text"), Gold("a.pdf", ""), Gold("", "the text")


def span(likeness: float = 1.0, name: str = "a.pdf") -> GoldSpan:
    return GoldSpan("d", name, 1200, 1280, likeness, ("p",))


FOUND, ALIKE = GoldPlace(span(), there=True, page=3), GoldPlace(span(0.934), there=True, page=3)
OTHER = GoldPlace(span(name="b.txt"), there=False)
NOWHERE, GONE = GoldPlace(None, there=True), GoldPlace(None, there=False)


@pytest.mark.parametrize(
    ("gold", "place", "words", "doubt"),
    [
        (TEXT, FOUND, "a.pdf, page 3, characters 1,200 to 1,280, word for word", False),
        (TEXT, ALIKE, "a.pdf, page 3, characters 1,200 to 1,280, 93% alike", True),
        (ANY, OTHER, "b.txt, characters 1,200 to 1,280, word for word", False),
        (TEXT, NOWHERE, "nowhere in “a.pdf”", True),
        (TEXT, GONE, "the collection has no “a.pdf”", True),
        (ANY, GONE, "nowhere in the documents", True),
        (NAME, NOWHERE, "no text named; “a.pdf” is in the collection", False),
        (NAME, GONE, "no text named; “a.pdf” is not in the collection", True),
        (TEXT, None, "not looked for yet", False),
    ],
)  # fmt: skip
def test_a_place_in_words(gold: Gold, place: GoldPlace | None, words: str, doubt: bool) -> None:
    assert place_words(gold, place) == words
    view = GoldView({gold: place} if place else {}, 0, busy=False)
    assert doubtful(Case("Q?", gold=(gold,)), view) is doubt


def test_the_finding_counts_questions() -> None:
    golds = [Gold("a.pdf", str(number)) for number in range(5)]
    rows = numbered(
        [*(Case("Q?", ("a",), (one,)) for one in golds[:4]), Case("Q?", ("a",), (golds[4], golds[0]))]
    )
    places = dict(zip(golds, (FOUND, FOUND, ALIKE, NOWHERE, NOWHERE), strict=True))
    assert finding(rows, GoldView(places, 0, busy=False), "Mine") == (
        "Of 5 questions that name a gold text, it stands word for word in “Mine” for 2, "
        "in other words or signs for 1, nowhere for 2."
    )
    sure = dict.fromkeys(golds, FOUND)
    assert finding(rows, GoldView(sure, 0, busy=False), "Mine").endswith("word for word in “Mine” for all.")


def test_a_collection_without_any_of_the_documents_is_said_to_be_another() -> None:
    rows = numbered([Case("Q?", ("a",), (TEXT,)), Case("Q?", ("b",))])
    told = finding(rows, GoldView({TEXT: GONE}, 0, busy=False), "Other")
    assert told == "“Other” has none of the documents: the sidebar chooses another collection."
    assert "yet" in finding(numbered([Case("Q?")]), GoldView({}, 0, busy=False), "Mine")
