"""Tells a model's thinking from its answer where both come in one text, in pieces of any size."""

from __future__ import annotations

from enum import Enum, auto

from app.domain import TextDelta

OPENING = ("<think>", "<thinking>")
CLOSING = {"<think>": "</think>", "<thinking>": "</thinking>"}


class _State(Enum):
    BEFORE = auto()
    THINKING = auto()
    ANSWER = auto()


class ThinkSplitter:
    """Splits text at think tags; the result does not depend on where the pieces are cut.

    Only tags at the very start count (white space before them aside), one block after another: a
    tag further on is part of the answer, as when the answer is about HTML. White space around the
    blocks is dropped; an answer without a block stays as it is, to the letter. A block that is
    never closed is thinking to its end.
    """

    def __init__(self) -> None:
        self._state = _State.BEFORE
        self._held = ""
        self._closing = ""
        self._begun = False
        self._thought = False

    def feed(self, text: str) -> list[TextDelta]:
        """The deltas that are certain after this piece; what may be part of a tag is held back."""
        if self._state is _State.ANSWER:
            return [TextDelta(text)] if text else []
        self._held += text
        found: list[TextDelta] = []
        while self._step(found):
            pass
        return found

    def finish(self) -> list[TextDelta]:
        """What was still held back, at the end of the stream."""
        held, self._held = self._held, ""
        if self._state is _State.THINKING:
            return _delta(held.strip() if not self._begun else held.rstrip(), thinking=True)
        return _delta(held.lstrip() if self._thought else held)

    def _step(self, found: list[TextDelta]) -> bool:
        if self._state is _State.BEFORE:
            return self._before(found)
        return self._thinking(found) if self._state is _State.THINKING else False

    def _before(self, found: list[TextDelta]) -> bool:
        start = self._held.lstrip()
        for tag in OPENING:
            if start.startswith(tag):
                self._state, self._closing, self._begun = _State.THINKING, CLOSING[tag], False
                self._held, self._thought = start[len(tag) :], True
                return True
        if not start or any(tag.startswith(start) for tag in OPENING):
            return False
        found.extend(_delta(start if self._thought else self._held))
        self._state, self._held = _State.ANSWER, ""
        return False

    def _thinking(self, found: list[TextDelta]) -> bool:
        thought, closed, rest = self._held.partition(self._closing)
        if closed:
            found.extend(_delta(self._trimmed(thought).rstrip(), thinking=True))
            self._state, self._held = _State.BEFORE, rest
            return True
        # White space at the end may be the one before the closing tag, and the tag may be cut.
        certain = len(thought) - _overlap(thought, self._closing)
        certain = len(thought[:certain].rstrip())
        delta = self._trimmed(thought[:certain])
        if delta:
            found.extend(_delta(delta, thinking=True))
            self._begun, self._held = True, thought[certain:]
        return False

    def _trimmed(self, thought: str) -> str:
        return thought if self._begun else thought.lstrip()


def _delta(text: str, *, thinking: bool = False) -> list[TextDelta]:
    return [TextDelta(text, thinking=thinking)] if text else []


def _overlap(text: str, tag: str) -> int:
    """The length of the longest end of the text that is a beginning of the tag."""
    return next((n for n in range(min(len(tag), len(text)), 0, -1) if text.endswith(tag[:n])), 0)


class SurrogateJoiner:
    """Joins a character that a server cut into two halves of UTF-16; a lone half becomes U+FFFD."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """The text that can be stored and shown after this piece."""
        text = self._held + text
        self._held = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        return _whole(text)

    def finish(self) -> str:
        """What was still held back."""
        held, self._held = self._held, ""
        return _whole(held)


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
