"""Where the gold text of datasets stands: looked for in the background, and remembered."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from collections.abc import Collection as Several
from concurrent.futures import Future

from app.domain import Case, Collection, Gold, GoldPlace, GoldView, ReadDocument
from app.errors import AppError
from app.evaluation.datasets.locating import Locating, none_there
from storage.documents import Documents

log = logging.getLogger(__name__)

MOST_KEPT = 4
"""So many states of collections are remembered: those that were looked at last."""

BROKEN = "Something went wrong inside Assay; its log says more."
Key = tuple[str, int]
"""A collection's id and its revision: another revision may have the text elsewhere."""


class Whereabouts:
    """Finds gold text, one collection at a time on a thread that is lent; for any thread.

    What was found is kept by the gold text and the collection's revision, so that a changed row costs
    only its own search.
    """

    def __init__(self, documents: Documents, submit: Callable[[Callable[[], None]], Future[None]]) -> None:
        self._documents = documents
        self._submit = submit
        self._found: OrderedDict[Key, dict[Gold, GoldPlace]] = OrderedDict()
        self._looking: dict[Key, threading.Event] = {}
        self._troubled: dict[Key, str] = {}
        self._lock = threading.Lock()

    def lacks(self, collection: Collection, cases: Several[Case]) -> bool:
        """Whether the cases name documents, of which the collection has none. Raises DatabaseTrouble."""
        return none_there(list(cases), self._documents.entries(collection.id))

    def look(self, collection: Collection, golds: Several[Gold], *, again: bool = False) -> None:
        """Begin to look for those whose place is not known; nothing happens while this is done already.

        Where it went wrong it is tried once more only if that is asked for (``again``): whoever looks at a
        page calls this at every turn.
        """
        key = _key(collection)
        with self._lock:
            known = self._known(key)
            wanted = [one for one in dict.fromkeys(golds) if one not in known]
            if not wanted or key in self._looking or (key in self._troubled and not again):
                return
            self._troubled.pop(key, None)
            stop = self._looking[key] = threading.Event()
        self._submit(lambda: self._search(key, wanted, stop))

    def view(self, collection: Collection, golds: Several[Gold]) -> GoldView:
        """What is known by now. ``left`` counts the texts that nobody has looked for yet."""
        key, wanted = _key(collection), dict.fromkeys(golds)
        with self._lock:
            known = self._known(key)
            places = {one: known[one] for one in wanted if one in known}
            left, trouble = len(wanted) - len(places), self._troubled.get(key, "")
            return GoldView(places, left, key in self._looking, trouble)

    def stop(self, collection: Collection) -> None:
        """End the search; what it has found is kept."""
        with self._lock:
            if found := self._looking.get(_key(collection)):
                found.set()

    def close(self) -> None:
        """End every search, without waiting."""
        with self._lock:
            for one in self._looking.values():
                one.set()

    def _known(self, key: Key) -> dict[Gold, GoldPlace]:
        known = self._found.setdefault(key, {})
        self._found.move_to_end(key)
        while len(self._found) > MOST_KEPT:
            self._found.popitem(last=False)
        return known

    def _search(self, key: Key, wanted: Sequence[Gold], stop: threading.Event) -> None:
        """Look for each; what goes wrong is told once, here and in the operator's log."""
        trouble = BROKEN
        try:
            looking = _Looking(self._documents, key[0])
            for one in wanted:
                if stop.is_set():
                    break
                place = looking.place(one)
                with self._lock:
                    self._known(key)[one] = place
            trouble = ""
        except AppError as error:
            trouble = str(error)
            log.error("gold text was not looked for: %s", error)  # noqa: TRY400 - told in words
        finally:
            with self._lock:
                del self._looking[key]
                if trouble:
                    self._troubled[key] = trouble


class _Looking:
    """One pass over a collection; a document is read once."""

    def __init__(self, documents: Documents, collection_id: str) -> None:
        self._documents = documents
        self._locating = Locating(documents, collection_id)
        self._readings: dict[str, ReadDocument | None] = {}

    def place(self, gold: Gold) -> GoldPlace:
        posed = self._locating.posed(Case("", gold=(gold,)))
        (span,), (there,) = posed.spans, posed.there
        if span is None:
            return GoldPlace(None, there)
        if span.document_id not in self._readings:
            self._readings[span.document_id] = self._documents.reading(span.document_id)
        reading = self._readings[span.document_id]
        return GoldPlace(span, there, reading.page_at(span.start) if reading else 1)


def _key(collection: Collection) -> Key:
    return collection.id, collection.revision
