"""Uploads whose bytes are searchable already: nothing is read or embedded, but names may change.

A name stands for the bytes that were sent last under it. So bytes that come under a new name take it
where their old one is gone, or stands for other bytes now; and what stood under the new name goes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.documents.jobs import Task
from app.documents.rooms import Rooms
from app.domain import DocumentEntry, DocumentState, IngestOutcome, OutcomeKind
from storage.documents import IN_WORK

There = Callable[[str], bool]


@dataclass(frozen=True)
class Batch:
    """What was sent together: name -> document id.

    ``there`` tells whether a name still exists where the files come from; None where that is not known.
    """

    documents: Mapping[str, str]
    there: There | None = None

    @classmethod
    def of(cls, tasks: Sequence[Task], there: There | None = None) -> Batch:
        """The batch of these tasks; of two with one name the last counts."""
        return cls({one.name: one.document_id for one in tasks}, there)

    def frees(self, entry: DocumentEntry) -> bool:
        """Whether the document's name is gone, or stands for other bytes now."""
        sent = self.documents.get(entry.name)
        if sent is not None:
            return sent != entry.document_id
        return self.there is not None and not self.there(entry.name)


def searchable(rooms: Rooms, collection_id: str, document_id: str) -> DocumentEntry | None:
    """The entry of bytes that can be found already, else None."""
    entry = rooms.documents.entry(collection_id, document_id)
    return entry if entry is not None and entry.state is DocumentState.SEARCHABLE else None


def settled(
    rooms: Rooms, collection_id: str, tasks: Sequence[Task], batch: Batch
) -> dict[str, IngestOutcome]:
    """The ends, by name, of the tasks whose bytes are searchable; all names change in one transaction.

    To be called in the collection's turn. Raises DatabaseTrouble; nothing has changed then.
    """
    found = ((task, searchable(rooms, collection_id, task.document_id)) for task in tasks)
    known = {task.name: entry for task, entry in found if entry is not None}
    moved = {name: entry for name, entry in known.items() if name != entry.name}
    # Of two new names of one document the last would win: the first is as good.
    renamed = {entry.document_id: name for name, entry in reversed(list(moved.items())) if batch.frees(entry)}
    older = {name: _older(rooms, collection_id, name, entry, batch) for name, entry in moved.items()}
    removed = [one for versions in older.values() for one in versions]
    if renamed or removed:
        with rooms.leaving(removed):
            rooms.forget(collection_id, rooms.documents.rename(collection_id, renamed, removed))
    told = {
        name: _outcome(name, entry, renamed.get(entry.document_id), older[name])
        for name, entry in moved.items()
    }
    return {name: told.get(name) or unchanged(entry) for name, entry in known.items()}


def unchanged(entry: DocumentEntry) -> IngestOutcome:
    """The end of bytes that are searchable under the same name."""
    words = f"“{entry.name}” is already there, unchanged."
    return IngestOutcome(entry.name, entry.document_id, OutcomeKind.UNCHANGED, words, passages=entry.passages)


def _older(
    rooms: Rooms, collection_id: str, name: str, entry: DocumentEntry, batch: Batch
) -> dict[str, DocumentState]:
    """What stood under a name before these bytes did; what else was sent has an end of its own."""
    versions = rooms.documents.versions(collection_id, name, but=entry.document_id)
    sent = set(batch.documents.values())
    return {one: state for one, state in versions.items() if one not in sent and state not in IN_WORK}


def _outcome(
    name: str, entry: DocumentEntry, renamed: str | None, older: Mapping[str, DocumentState]
) -> IngestOutcome:
    replaced = DocumentState.SEARCHABLE in older.values()
    if name == renamed:
        words = f"“{entry.name}” is now called “{name}”; its content is the same."
    else:
        words = f"“{name}” has the same content as “{renamed or entry.name}”, which is already there."
    if replaced:
        words += f" The older version of “{name}” was removed."
    kind = OutcomeKind.REPLACED if replaced else OutcomeKind.UNCHANGED
    return IngestOutcome(name, entry.document_id, kind, words, passages=entry.passages)
