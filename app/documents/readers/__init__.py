"""The formats that Assay reads: one module a format, and the registry of them.

A new format is one module with ``read(source, caps) -> ReadDocument`` and one line in ``FORMATS``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Format:
    """A format: the module that reads it, what it is called, its suffixes, and how its bytes look.

    ``content`` is what ``sniffing.seems`` must say of a file of this format. ``library`` is loaded before
    the process is confined: afterwards no machine code can be.
    """

    module: str
    words: str
    suffixes: tuple[str, ...]
    content: str
    library: str = ""


FORMATS = (
    Format("text", "a text file", (".txt", ".text", ".log"), "text"),
    Format("markdown", "a Markdown file", (".md", ".markdown"), "text"),
    Format("web", "a web page", (".html", ".htm"), "text"),
    Format("pdf", "a PDF", (".pdf",), "pdf", "pypdfium2"),
    Format("word", "a Word document (.docx)", (".docx",), "docx"),
    Format("table", "a table (.csv, .tsv)", (".csv", ".tsv"), "text"),
)

SUFFIXES = tuple(suffix for one in FORMATS for suffix in one.suffixes)
"""Every suffix that Assay reads, for the upload's filter and for words."""


def suffix_of(name: str) -> str:
    """The suffix of a name in lower case, with its dot; "" if it has none."""
    return PurePosixPath(name.lower()).suffix


def format_of(name: str) -> Format | None:
    """The format that a name's suffix stands for, or None."""
    suffix = suffix_of(name)
    return next((one for one in FORMATS if suffix in one.suffixes), None)
