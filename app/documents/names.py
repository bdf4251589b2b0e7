"""Names of documents: paths below the uploaded folder, safe to show and to compare."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

from app.domain import Upload

LONGEST = 300
UNNAMED = "unnamed"
_DRIVE = re.compile(r"^[A-Za-z]:(?=/|$)")
# Marks that turn the direction of text around: "cod.exe" can be made to read "exe.doc" with them.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ILL = frozenset({"Cc", "Cs", "Zl", "Zp"})


def clean_name(name: str) -> str:
    r"""A path with "/" and without "..", drive letters, a leading "/" and control characters.

    At most 300 characters: of a longer one the end is kept, with a few letters of its hash, so that two
    long names stay two. Equal names in other Unicode forms become one.
    """
    text = unicodedata.normalize("NFC", name.replace("\\", "/"))
    text = "".join(one for one in text if one not in _TURNING and unicodedata.category(one) not in _ILL)
    text = _DRIVE.sub("", text.strip())
    parts = [part.strip() for part in text.split("/")]
    kept = "/".join(part for part in parts if part not in {"", ".", ".."}) or UNNAMED
    return kept if len(kept) <= LONGEST else _shortened(kept)


def _shortened(name: str) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    path = PurePosixPath(name)
    suffix = path.suffix if len(path.suffix) <= 20 else ""
    stem = name[: len(name) - len(suffix)] if suffix else name
    room = LONGEST - len(suffix) - len(digest) - 2
    return f"…{stem[-room:].lstrip('/')}~{digest}{suffix}"


def clashes(uploads: Sequence[Upload]) -> list[tuple[str, ...]]:
    """The names, as uploaded, that stand for one document but come with different bytes, by the document."""
    contents: dict[str, set[bytes]] = defaultdict(set)
    raw: dict[str, dict[str, None]] = defaultdict(dict)
    for one in uploads:
        name = clean_name(one.name)
        contents[name].add(hashlib.sha256(one.content).digest())
        raw[name][one.name] = None
    return [tuple(raw[name]) for name, found in contents.items() if len(found) > 1]
