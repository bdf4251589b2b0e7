"""The uploaded files (signatures first; the code follows)."""

from __future__ import annotations

from pathlib import Path


class Files:
    """The uploaded bytes below ``folder/uploads``; ``folder`` is the data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Keep the bytes; returns the document id (their SHA-256)."""
        raise NotImplementedError

    def path(self, document_id: str) -> Path:
        """Where the bytes lie. Raises NotFound."""
        raise NotImplementedError

    def delete(self, document_id: str) -> None:
        """Remove the bytes; nothing happens where there are none."""
        raise NotImplementedError

    def ids(self) -> set[str]:
        """Every document id that has bytes."""
        raise NotImplementedError

    def tidy(self) -> int:
        """Remove what a killed process left half written (for the owner of the folder)."""
        raise NotImplementedError
