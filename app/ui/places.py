"""Where something stands in a document, in words."""

from __future__ import annotations

WITH_PAGES = (".pdf",)
"""The formats whose pages are known; every other is read as one piece."""


def has_pages(name: str) -> bool:
    """Whether a document of that name has pages that can be told."""
    return name.lower().endswith(WITH_PAGES)


def place_of(name: str, page: int) -> str:
    """The document, and the page where it has such: "a.pdf, page 3", "b.csv"."""
    return f"{name}, page {page}" if has_pages(name) else name


def without_name(words: str, name: str) -> str:
    """What is said of a document, where its name stands beside: "It is damaged" for the whole sentence."""
    rest = words.removeprefix(f"“{name}”")
    if rest == words:
        return words
    rest = rest.removeprefix(":").strip()
    for state in ("could not be read: ", "was not read: "):
        rest = rest.removeprefix(state)
    return rest[:1].upper() + rest[1:]
