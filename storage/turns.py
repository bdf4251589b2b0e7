"""The writers of one process, one at a time, in the order in which they came.

A plain lock goes to whoever asks at the right moment: one who writes much, in small parts, would get it
again and again.
"""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """One for each Database. Whoever has the turn gives it on by ``release``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for one's turn; False where it did not come within so many seconds."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        try:
            come = mine.wait(timeout)
        except BaseException:
            if not self._leave(mine):
                self.release()
            raise
        return come or not self._leave(mine)

    def release(self) -> None:
        """Give the turn to the next in line."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False

    def _leave(self, mine: threading.Event) -> bool:
        """Stand in line no more; False where one's turn has come in this very moment."""
        with self._lock:
            if mine.is_set():
                return False
            self._waiting.remove(mine)
            return True
