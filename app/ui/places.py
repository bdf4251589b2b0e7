"""Words about a document whose name stands beside them."""

from __future__ import annotations


def without_name(words: str, name: str) -> str:
    """What is said of a document, where its name stands beside: "It is damaged" for the whole sentence."""
    rest = words.removeprefix(f"“{name}”")
    if rest == words:
        return words
    rest = rest.removeprefix(":").strip()
    for state in ("could not be read: ", "was not read: "):
        rest = rest.removeprefix(state)
    return rest[:1].upper() + rest[1:]
