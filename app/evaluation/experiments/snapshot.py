"""What could change the result of an experiment and stands nowhere else, as it was at the start."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence

import psutil

from app import __version__
from app.answering.prompting import STRUCTURED, WITH_DOCUMENTS, WITHOUT_DOCUMENTS
from app.backends.base import Backend
from app.domain import HERE, MACHINE_OF, Collection

GIGABYTE = 1e9
MACHINE = "machine"
"""The name of what this machine is. Resumed on another one, that is told beside it."""


def snapshot_of(
    collections: Sequence[Collection], documents: Mapping[str, int], backends: Sequence[Backend]
) -> dict[str, str]:
    """Plain texts, without keys and without addresses. ``documents`` counts them by collection id."""
    taken = {
        "Assay": __version__,
        MACHINE: machine(),
        "prompt with documents": WITH_DOCUMENTS,
        "prompt without documents": WITHOUT_DOCUMENTS,
        "prompt for strict JSON": STRUCTURED.strip(),
    }
    for one in collections:
        made = f"{one.embedder.name} ({one.embedder.digest}, {one.embedder.dimensions} numbers)"
        taken[f"collection {one.name}"] = (
            f"id {one.id}, revision {one.revision}, {documents.get(one.id, 0)} documents, "
            f"split as {one.splitting.key}, embedder {made}"
        )
    for backend in backends:
        health = backend.health()
        taken[f"backend {backend.name}"] = (
            f"{backend.kind.value} {health.version or '(version not told)'}, {backend.context} tokens of "
            f"context, {backend.concurrency} at once"
        )
    return taken | machines_of(backends)


def machines_of(backends: Sequence[Backend]) -> dict[str, str]:
    """Which of one's own machines each backend runs on; behind an API it is nobody's business.

    They are numbered, since an experiment's file tells no addresses.
    """
    own = [one for one in backends if not one.provider]
    hosts = list(dict.fromkeys(one.host for one in own if not one.local))
    names = {
        host: f"another machine{f' ({at})' if len(hosts) > 1 else ''}" for at, host in enumerate(hosts, 1)
    }
    return {f"{MACHINE_OF}{one.name}": HERE if one.local else names[one.host] for one in own}


def machine() -> str:
    """This machine in a line."""
    memory = psutil.virtual_memory().total / GIGABYTE
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GB memory, {system}, Python {platform.python_version()}"
