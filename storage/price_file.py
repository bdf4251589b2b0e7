"""The fetched price data: one file in the data folder, replaced as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

from storage import troubles
from storage.files import write_whole

PRICE_FILE = "prices.data"
LARGEST = 64 * 1024 * 1024


class PriceFile:
    """The file ``prices.data`` of the data folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / PRICE_FILE

    def read(self) -> bytes | None:
        """Its bytes, None where there is none. Raises DatabaseTrouble in words."""
        try:
            if not self.path.exists():
                return None
            # What is larger was not written here; its beginning tells as much.
            with self.path.open("rb") as file:
                return file.read(LARGEST)
        except OSError as error:
            raise troubles.in_words(error) from error

    def write(self, content: bytes) -> None:
        """Put the bytes in its place. Raises DatabaseTrouble; the file before then stays."""
        try:
            write_whole(self.path, content)
        except OSError as error:
            raise troubles.in_words(error) from error
