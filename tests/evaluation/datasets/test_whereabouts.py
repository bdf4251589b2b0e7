"""Gold text is looked for in the background, once, and again where the documents changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from app.domain import Collection, Gold, GoldPlace, ReadDocument, ReadPage
from app.errors import DatabaseTrouble
from app.evaluation.datasets.locating import Locating
from app.evaluation.datasets.whereabouts import Whereabouts
from app.workers import Workers
from storage.collections import Collections
from storage.documents import Documents
from tests.storage.examples import add_document

PAGES = ("The mill has seven stones.", "The oldest of them was cut in 1714.", "The inn has nine beds.")
STONES, BEDS = Gold("mill.txt", "seven stones"), Gold("mill.txt", "nine beds")
NOWHERE, ELSEWHERE = Gold("mill.txt", "eleven cows"), Gold("farm.txt", "seven stones")
ALL = (STONES, BEDS, NOWHERE, ELSEWHERE)


@pytest.fixture
def mill(documents: Documents, collection: Collection) -> Collection:
    documents.begin(collection.id, "mill", "mill.txt", 1)
    pages = tuple(ReadPage(number, text) for number, text in enumerate(PAGES, start=1))
    documents.save_reading("mill", ReadDocument(pages, "text"))
    add_document(documents, collection.id, "mill", PAGES, "mill.txt")
    return collection


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(2, "test")
    yield made
    assert made.close(20)


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The collections that were searched, in order."""
    begun: list[str] = []
    usual = Locating.__init__

    def counted(self: Locating, documents: Documents, collection_id: str) -> None:
        begun.append(collection_id)
        usual(self, documents, collection_id)

    monkeypatch.setattr(Locating, "__init__", counted)
    return begun


def here(work: Callable[[], None]) -> Future[None]:
    """As an executor that does everything at once."""
    done: Future[None] = Future()
    work()
    done.set_result(None)
    return done


def test_places_are_told_with_their_pages(documents: Documents, mill: Collection) -> None:
    places = Whereabouts(documents, here)
    assert places.view(mill, ALL).left == 4
    places.look(mill, ALL)
    view = places.view(mill, (*ALL, STONES))
    assert (view.left, view.busy) == (0, False)
    stones, beds = view.places[STONES], view.places[BEDS]
    assert stones.span is not None
    assert beds.span is not None
    assert (stones.page, beds.page, stones.there) == (1, 3, True)
    assert stones.span.likeness == 1
    assert view.places[NOWHERE] == GoldPlace(None, there=True)
    assert view.places[ELSEWHERE] == GoldPlace(None, there=False)


def test_what_is_known_is_not_looked_for_again(
    documents: Documents, mill: Collection, searches: list[str]
) -> None:
    places = Whereabouts(documents, here)
    places.look(mill, ALL)
    places.look(mill, ALL)
    places.look(mill, ())
    assert len(searches) == 1
    places.look(mill, (*ALL, Gold("", "1714")))
    assert len(searches) == 2
    assert places.view(mill, (Gold("", "1714"),)).places[Gold("", "1714")].page == 2


def test_other_documents_are_searched_anew(
    documents: Documents, collections: Collections, mill: Collection, searches: list[str]
) -> None:
    places = Whereabouts(documents, here)
    places.look(mill, (ELSEWHERE,))
    farm = "The farm has seven stones, too."
    documents.begin(mill.id, "farm", "farm.txt", 1)
    documents.save_reading("farm", ReadDocument((ReadPage(1, farm),), "text"))
    add_document(documents, mill.id, "farm", [farm], "farm.txt")
    later = collections.get(mill.id)
    assert later.revision != mill.revision
    assert places.view(later, (ELSEWHERE,)).left == 1
    places.look(later, (ELSEWHERE,))
    found = places.view(later, (ELSEWHERE,)).places[ELSEWHERE].span
    assert found is not None
    assert found.document_name == "farm.txt"
    assert len(searches) == 2


def test_a_stop_keeps_what_was_found(
    documents: Documents, mill: Collection, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    places, begun, go_on = Whereabouts(documents, workers.submit), threading.Event(), threading.Event()
    usual = Locating.posed

    def slow(self: Locating, case: object) -> object:
        begun.set()
        assert go_on.wait(20)
        return usual(self, case)  # type: ignore[arg-type]

    monkeypatch.setattr(Locating, "posed", slow)
    places.look(mill, ALL)
    assert begun.wait(20)
    assert places.view(mill, ALL).busy
    places.look(mill, ALL)
    places.stop(mill)
    go_on.set()
    assert workers.close(20)
    view = places.view(mill, ALL)
    assert (len(view.places), view.left, view.busy) == (1, 3, False)


def test_what_goes_wrong_is_told_once_and_tried_again_only_when_that_is_asked_for(
    documents: Documents,
    mill: Collection,
    searches: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    places = Whereabouts(documents, here)

    def broken(*_: object) -> None:
        raise DatabaseTrouble("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(Locating, "posed", broken)
        # As a page does it at every turn: nobody is to look again and again, nor to log it.
        for _ in range(20):
            places.look(mill, ALL)
        view = places.view(mill, ALL)
        assert (view.left, view.busy, view.trouble) == (4, False, "The disk is full.")
    assert len(searches) == 1
    assert [one.getMessage() for one in caplog.records] == ["gold text was not looked for: The disk is full."]
    places.look(mill, ALL)
    assert places.view(mill, ALL).left == 4
    places.look(mill, ALL, again=True)
    view = places.view(mill, ALL)
    assert (view.left, view.trouble) == (0, "")


def test_only_the_last_collections_are_remembered(documents: Documents, mill: Collection) -> None:
    from dataclasses import replace

    places = Whereabouts(documents, here)
    places.look(mill, (STONES,))
    for revision in range(100, 104):
        places.look(replace(mill, revision=revision), (STONES,))
    assert places.view(replace(mill, revision=103), (STONES,)).left == 0
    assert places.view(mill, (STONES,)).left == 1
