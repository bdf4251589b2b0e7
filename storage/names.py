"""Names that people give: how they are compared, and which can be given."""

from __future__ import annotations

import unicodedata

from app.errors import NotAllowed

NAME_LENGTH = 80


def name_key(name: str) -> str:
    """Equal for names that a person takes for the same: case and outer spaces do not matter."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


def usable_name(name: str, what: str) -> str:
    """The name without outer spaces. Raises NotAllowed for one that ``what`` ("collection") cannot have."""
    wanted = name.strip()
    if not wanted:
        raise NotAllowed(f"A {what} needs a name.")
    if len(wanted) > NAME_LENGTH:
        raise NotAllowed(f"A {what}'s name can have {NAME_LENGTH} characters; this one has {len(wanted)}.")
    if any(unicodedata.category(one) in {"Cc", "Cs"} for one in wanted):
        raise NotAllowed(f"A {what}'s name cannot have line breaks or control characters.")
    return wanted
