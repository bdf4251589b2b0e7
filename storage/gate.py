"""Lets the readers of one process in together, and a committing writer alone.

With a rollback journal SQLite does the same, but by sleeping and asking again: under load a reader can
miss every gap. Here everybody is woken in time. After ``patience`` they go on all the same, and
SQLite's own locks decide.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """One for each Database."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._changed = threading.Condition()
        self._readers = 0
        self._committing = False

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Wait for a commit under way, then hold up the next one."""
        with self._changed:
            self._changed.wait_for(lambda: not self._committing, self._patience)
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Let no new reader in, and wait for those inside. Writers must queue before."""
        with self._changed:
            self._committing = True
            self._changed.wait_for(lambda: self._readers == 0, self._patience)
        try:
            yield
        finally:
            with self._changed:
                self._committing = False
                self._changed.notify_all()
