"""What lies below paths on the disk: the files to send, and every name that is still there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.documents.names import clean_name
from app.domain import IngestOutcome, OutcomeKind, Upload
from app.errors import NotAllowed


@dataclass
class Listing:
    """``files`` by the names that they get; hidden files, links and special files are left out.

    ``names`` are those of everything that is there, whether it is sent or not; of what is below the
    folders ``closed`` nothing is known. ``troubles`` are the ends of what cannot be looked at.
    """

    files: dict[str, Path] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    troubles: list[IngestOutcome] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Whether a document of that name may still be there."""
        return name in self.names or any(not one or name.startswith(f"{one}/") for one in self.closed)

    def uploads(self) -> Iterator[Upload | IngestOutcome]:
        """Each file with its bytes, by name, or how it ended where it cannot be read."""
        for name, file in sorted(self.files.items()):
            try:
                yield Upload(name, file.read_bytes())
            except OSError as error:
                yield _unread(name, error)


def listing(paths: Sequence[Path]) -> Listing:
    """Everything below the paths: a file goes by its name, a folder's files by their paths below it.

    Raises NotAllowed where two files would get one name.
    """
    found = Listing()
    for path in paths:
        if path.is_dir():
            _list_folder(found, path)
        else:  # named by itself: also where it is hidden or a link
            _add(found, path.name, path)
    return found


def _list_folder(found: Listing, root: Path) -> None:
    def refused(error: OSError) -> None:
        below = Path(error.filename or root)
        name = clean_name(below.relative_to(root).as_posix()) if below != root else ""
        found.closed.add(name)
        found.troubles.append(_unread(name or str(root), error))

    for place, folders, files in os.walk(root, onerror=refused):
        for name in sorted(files):
            _list_file(found, (Path(place) / name).relative_to(root).as_posix(), Path(place) / name)
        for name in list(folders):
            below = Path(place) / name
            if name.startswith(".") or below.is_symlink():
                found.closed.add(clean_name(below.relative_to(root).as_posix()))
                folders.remove(name)


def _list_file(found: Listing, name: str, file: Path) -> None:
    found.names.add(clean_name(name))
    try:
        wanted = file.is_file() and not file.is_symlink() and not file.name.startswith(".")
    except OSError as error:
        found.troubles.append(_unread(name, error))
        return
    if wanted:
        _add(found, name, file)


def _add(found: Listing, name: str, file: Path) -> None:
    found.names.add(clean_name(name))
    if name in found.files and found.files[name].resolve() != file.resolve():
        raise NotAllowed(
            f"Two files have the name {name}: {found.files[name]} and {file}.",
            "Ingest the folder above them, so that their names differ.",
        )
    found.files[name] = file


def _unread(name: str, error: OSError) -> IngestOutcome:
    return IngestOutcome(
        clean_name(name),
        "",
        OutcomeKind.FAILED,
        f"“{name}” could not be read ({error.strerror or type(error).__name__}).",
        "Give Assay the right to read it, then ingest it again.",
    )


__all__ = ["Listing", "listing"]
