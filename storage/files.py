"""The uploaded files: each under the SHA-256 of its bytes, never under a name that came from outside.

Bytes are deleted only for a document that somebody deleted or replaced. That is noted beside them first,
so that the next start completes what a kill interrupts, and touches nothing else: bytes that no document
has may belong to a database that somebody took away for a while.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import IO

from app.errors import NotFound
from storage import troubles

FOLDER = "uploads"
DOCUMENT_ID = re.compile(r"[0-9a-f]{64}")
_HALF = ".part"
_LEAVING = ".leaving"


class Files:
    """The uploaded bytes below ``folder/uploads``; ``folder`` is the data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def put(self, content: bytes) -> str:
        """Keep the bytes; returns the document id (their SHA-256). Raises DatabaseTrouble in words.

        They appear whole or not at all; a damaged file under that id is replaced.
        """
        document_id = hashlib.sha256(content).hexdigest()
        target = self._place(document_id)
        try:
            if not _holds(target, content):
                write_whole(target, content)
        except OSError as error:
            raise troubles.in_words(error) from error
        return document_id

    def path(self, document_id: str) -> Path:
        """Where the bytes lie. Raises NotFound where there are none."""
        if not DOCUMENT_ID.fullmatch(document_id) or not (place := self._place(document_id)).is_file():
            raise NotFound("The uploaded file is no longer there.", "Upload it again.")
        return place

    def delete(self, document_id: str) -> None:
        """Remove the bytes; nothing happens where there are none. Raises DatabaseTrouble in words."""
        if DOCUMENT_ID.fullmatch(document_id):
            place = self._place(document_id)
            try:
                place.unlink(missing_ok=True)
                place.with_suffix(_LEAVING).unlink(missing_ok=True)
            except OSError as error:
                raise troubles.in_words(error) from error

    def leave(self, document_id: str) -> None:
        """Note that the bytes will be deleted unless they are needed after all. Raises DatabaseTrouble."""
        try:
            self.path(document_id).with_suffix(_LEAVING).touch(mode=0o600)
        except NotFound:
            return
        except OSError as error:
            raise troubles.in_words(error) from error

    def stay(self, document_id: str) -> None:
        """They are needed: forget the note. Raises DatabaseTrouble in words."""
        try:
            self._place(document_id).with_suffix(_LEAVING).unlink(missing_ok=True)
        except OSError as error:
            raise troubles.in_words(error) from error

    def leaving(self) -> set[str]:
        """The document ids that are noted so."""
        return {one.stem for one in self.folder.glob(f"??/*{_LEAVING}") if DOCUMENT_ID.fullmatch(one.stem)}

    def ids(self) -> set[str]:
        """Every document id that has bytes."""
        return {one.name for one in self.folder.glob("??/*") if DOCUMENT_ID.fullmatch(one.name)}

    def tidy(self) -> int:
        """Remove what a kill left half written; for the owner of the folder. Returns how many.

        Raises DatabaseTrouble in words.
        """
        halves = list(self.folder.glob(f"??/*{_HALF}"))
        try:
            for one in halves:
                one.unlink(missing_ok=True)
        except OSError as error:
            raise troubles.in_words(error) from error
        return len(halves)

    def _place(self, document_id: str) -> Path:
        return self.folder / document_id[:2] / document_id


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except FileNotFoundError:
        return False


def only_for_the_owner(file: IO[bytes]) -> None:
    """Set an open file's rights. Windows, where folders pass theirs on, has no such call before 3.13."""
    if hasattr(os, "fchmod"):
        os.fchmod(file.fileno(), 0o600)


def write_whole(target: Path, content: bytes) -> None:
    """Write a file so that it appears whole or not at all, also after a power cut. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = target.with_name(f".{secrets.token_hex(8)}{_HALF}")
    try:
        with half.open("wb") as file:
            only_for_the_owner(file)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
