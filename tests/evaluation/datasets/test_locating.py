"""Gold text is found where it stands, also when it is spelt a little differently, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Case, Collection, DocumentState, Gold, GoldSpan, ReadDocument, ReadPage
from app.evaluation.datasets.locating import Locating, fold
from storage.documents import Documents
from tests.storage.examples import add_document, passages_of

MILL = (
    "The mill has seven stones. The oldest of them was cut in 1714 by Jonas Herrel.",
    "In winter the miller pays 12.50 crowns a day for wood, and 13.50 crowns in the week of the fair.",
)
INN = ("The inn has nine beds, and the tenth was sold to the miller in 1802.", "The mill has seven stones.")
ROWS = (
    "Room; Price in 2024; Price in 2025",
    "Room: North; Price in 2024: 41.20; Price in 2025: 43.90",
    "Room: South; Price in 2024: 38.10; Price in 2025: 40.25",
)
TABLE = ("\n".join(ROWS),)


@pytest.fixture
def locating(documents: Documents, collection: Collection) -> Locating:
    for name, texts in (("town/mill.txt", MILL), ("town/inn.txt", INN), ("rooms.csv", TABLE)):
        reading = ReadDocument((ReadPage(1, "\n\n".join(texts)),), "text")
        documents.begin(collection.id, name, name, 1)
        documents.save_reading(name, reading)
        add_document(documents, collection.id, name, texts, name)
    documents.begin(collection.id, "gone", "gone.txt", 1)
    return Locating(documents, collection.id)


def find(locating: Locating, document: str, text: str) -> GoldSpan | None:
    posed = locating.posed(Case("Q?", ("a",), (Gold(document, text),)))
    return posed.spans[0]


def found_text(span: GoldSpan | None) -> str:
    assert span is not None
    texts = {"town/mill.txt": MILL, "town/inn.txt": INN, "rooms.csv": TABLE}[span.document_name]
    return "\n\n".join(texts)[span.start : span.end]


def test_verbatim_with_the_passages_that_hold_it(locating: Locating, collection: Collection) -> None:
    span = find(locating, "town/mill.txt", "The oldest of them was cut in 1714")
    assert found_text(span) == "The oldest of them was cut in 1714"
    assert span is not None
    assert span.likeness == 1
    assert span.passages == (passages_of(collection.id, "town/mill.txt", MILL)[0].id,)


@pytest.mark.parametrize(
    ("name", "text", "document"),
    [
        ("town/inn.txt", "The mill has seven stones.", "town/inn.txt"),
        ("mill.txt", "The mill has seven stones.", "town/mill.txt"),
        ("", "nine beds", "town/inn.txt"),
    ],
)
def test_in_the_named_document_or_any(locating: Locating, name: str, text: str, document: str) -> None:
    span = find(locating, name, text)
    assert span is not None
    assert span.document_name == document


@pytest.mark.parametrize(
    ("state", "there"), [(DocumentState.UNREADABLE, True), (DocumentState.NOT_FINISHED, False)]
)
def test_a_scan_that_nothing_could_be_read_of_is_there(
    documents: Documents, collection: Collection, state: DocumentState, there: bool
) -> None:
    """To upload it once more would not help: it has to be read in another way."""
    documents.begin(collection.id, "scan", "town/scan.pdf", 1)
    documents.set_state(collection.id, "scan", state, error="There is no text in it.")
    for name in ("town/scan.pdf", "scan.pdf"):
        posed = Locating(documents, collection.id).posed(Case("Q?", ("a",), (Gold(name, "seven"),)))
        assert (posed.spans, posed.there) == ((None,), (there,))


@pytest.mark.parametrize("name", ["mill.txt", "town/mill.txt", "all/town/mill.txt", r"all\town\mill.txt"])
def test_a_name_may_have_other_folders(locating: Locating, name: str) -> None:
    assert found_text(find(locating, name, "seven stones")) == "seven stones"


@pytest.mark.parametrize("name", ["ill.txt", "mill", "other/mill.txt", "gone.txt", "nowhere.txt"])
def test_another_document_is_not_taken_for_it(locating: Locating, name: str) -> None:
    case = Case("Q?", ("a",), (Gold(name, "seven stones"),))
    posed = locating.posed(case)
    assert posed.spans == (None,)
    assert posed.there == (False,)
    assert posed.located is None


def test_a_document_that_is_there_without_the_text(locating: Locating) -> None:
    posed = locating.posed(
        Case("Q?", ("a",), (Gold("mill.txt", "nine beds"), Gold("mill.txt", "seven stones")))
    )
    assert posed.there == (True, True)
    assert posed.spans[0] is None
    assert posed.spans[1] is not None
    assert posed.located is None


@pytest.mark.parametrize(
    "text",
    [
        "the MILLER  pays\n12.50 crowns",
        "In winter the miller pays 12.50 crowns a day for wood",
        "In winter, the miler pays 12.50 crowns a day for wood",
        "ln winter the miller pays 12.50 crowns—a day for wood",
    ],
)
def test_other_spaces_case_signs_and_a_wrong_letter(locating: Locating, text: str) -> None:
    found = found_text(find(locating, "mill.txt", text))
    assert "miller pays 12.50 crowns" in found
    assert len(found) < len(text) + 6


@pytest.mark.parametrize(
    "text",
    [
        "In winter the miller pays 12.60 crowns a day for wood",
        "seven stonez",
        "The brewery has four kettles, and the fifth was sold to the baker",
        " ",
        "",
        "\u200b",
    ],
)
def test_what_is_not_there_is_not_found(locating: Locating, text: str) -> None:
    assert find(locating, "", text) is None


def test_a_row_copied_from_a_table_that_is_read_with_its_headers(locating: Locating) -> None:
    copied = "Room,Price in 2024,Price in 2025\nSouth,38.10,40.25\nNorth,41.20,43.90"
    assert "38.10; Price in 2025: 40.25" in found_text(find(locating, "rooms.csv", copied))
    assert find(locating, "rooms.csv", copied.replace("38.10", "38.90")) is None


@given(st.text(max_size=60))
def test_folding_keeps_places(text: str) -> None:
    folded = fold(text)
    assert len(folded.places) >= len(folded.text)
    assert all(0 <= one < len(text) for one in folded.places)
    assert list(folded.places) == sorted(folded.places)
    assert fold(folded.text).text == folded.text
