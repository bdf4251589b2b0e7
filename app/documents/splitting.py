"""Cutting documents into passages with LlamaIndex's sentence splitter, and finding their exact spans.

LlamaIndex returns texts; a passage here is a span of the document's text, so that ``text[start:end]``
is the passage. The rules kept: no passage crosses a page, passes the embedder's token limit or the
character limit, and every character that is not white space is inside at least one passage.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.backends.base import Embedder
from app.domain import PAGE_BREAK, Collection, Passage, ReadDocument, Splitting, passage_id
from app.errors import UnreadableDocument

if TYPE_CHECKING:
    from llama_index.core.node_parser import SentenceSplitter

MOST_UNKNOWN = 0.2
_SPECIAL_TOKENS = 2
# The end of a sentence with the white space after it (none in Chinese and Japanese), or the end of a
# line; neither where it goes on in lower case: that was an abbreviation, or a line that was wrapped.
_ABBREVIATED = r"(?<!\b[A-Z])(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bSt)(?<!\bNo)(?<!\bvs)(?<!\bMrs)(?<!\bProf)"
_BOUNDARY = re.compile(
    _ABBREVIATED + r"""[.!?…]["'”’»)\]]*\s+(?![a-zß-öø-ÿ])"""
    r"""|[。！？｡]["'”’」』）]*\s*"""
    r"""|\n+(?![^\S\n]*[a-zß-öø-ÿ])"""
)
_LINE = re.compile(r"[^\n]*\n+|[^\n]+")
# What a run without any boundary is cut into: small enough to fill passages, large enough to be quick.
_RUN = 160
_HARD = 15
_SAMPLES = 60
_NO_WORD = re.compile(r"[!-~]{101,}")
"""Longer than any word: WordPiece knows none of more than 100 characters."""
_FEWEST = 8


@dataclass(frozen=True)
class Span:
    """Where a passage stands: ``document.text[start:end]``, on ``page`` (from 1)."""

    page: int
    start: int
    end: int


def token_limit(embedder: Embedder, splitting: Splitting) -> int:
    """Tokens that a passage may have, the embedder's special ones not counted."""
    return max(_FEWEST, min(splitting.tokens, embedder.max_tokens - _SPECIAL_TOKENS))


def split(
    document: ReadDocument,
    embedder: Embedder,
    splitting: Splitting,
    on_page: Callable[[], None] | None = None,
) -> list[Span]:
    """The spans of the document's passages, in their order.

    ``on_page`` is called before each page and now and then within one; what it raises ends the work.
    """
    cutter = _Cutter(embedder, splitting, rows=document.reader == "table", look=on_page or _nothing)
    spans, offset = [], 0
    for page in document.pages:
        spans += [Span(page.number, offset + start, offset + end) for start, end in cutter.cut(page.text)]
        offset += len(page.text) + len(PAGE_BREAK)
    return spans


def passages_of(
    collection: Collection,
    named: tuple[str, str],
    reading: ReadDocument,
    embedder: Embedder,
    look: Callable[[], None],
) -> list[Passage]:
    """The passages of a document, ``named`` by its id and name, in a collection.

    ``look`` is called now and then; what it raises ends the work. Raises UnreadableDocument for no
    text, and for a language that the embedder cannot read.
    """
    document_id, name = named
    text = reading.text
    spans = split(reading, embedder, collection.splitting, look)
    if not spans:
        raise UnreadableDocument(f"“{name}”: nothing could be read: there is no text in it.")
    refuse_unknown(name, text, spans, embedder)
    return [
        Passage(
            id=passage_id(collection.id, document_id, span.start, span.end),
            collection_id=collection.id,
            document_id=document_id,
            document_name=name,
            page=span.page,
            start=span.start,
            end=span.end,
            text=text[span.start : span.end],
        )
        for span in spans
    ]


def refuse_unknown(name: str, text: str, spans: Sequence[Span], embedder: Embedder) -> None:
    """Raise UnreadableDocument if more than a fifth of the tokens is unknown to the embedder.

    Looks at up to 60 passages, spread evenly.
    """
    step = max(1, len(spans) // _SAMPLES)
    sample = "\n".join(text[span.start : span.end] for span in spans[::step][:_SAMPLES])
    share = embedder.unknown_share(sample)
    if share > MOST_UNKNOWN and sum(map(len, _NO_WORD.findall(sample))) > len(sample) / 2:
        raise UnreadableDocument(
            f"“{name}”: its text has hardly any spaces, so that {embedder.name} finds no words in it.",
            "If it should have some, look at how the file was made.",
        )
    if share > MOST_UNKNOWN:
        raise UnreadableDocument(
            f"“{name}”: this embedder cannot read this document's language: {embedder.name} does not know "
            f"{share:.0%} of its words.",
            "Make a collection with an embedder that knows the language and upload it there.",
        )


def _nothing() -> None:
    """The default of who need not look."""


class _Cutter:
    """Cuts one page's text at a time."""

    def __init__(
        self, embedder: Embedder, splitting: Splitting, *, rows: bool, look: Callable[[], None]
    ) -> None:
        self._embedder = embedder
        self._tokens = token_limit(embedder, splitting)
        self._characters = splitting.characters
        self._rows = rows
        self._look = look
        self._overlap = min(splitting.overlap, self._tokens // 4)
        self._splitter: SentenceSplitter | None = None

    def cut(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of every passage of the text."""
        self._look()
        if not text.strip():
            return
        before, reached = -1, 0
        for piece in self._llama_index().split_text(text):
            start = _place(text, piece, reached)
            end = start + len(piece)
            # Towards the end of a text that repeats itself a piece may add nothing, or begin too early.
            if end > reached:
                before, reached = max(start, before + 1), end
                yield from self._fitting(text, before, end)

    def _llama_index(self) -> SentenceSplitter:
        if self._splitter is None:
            # Late: importing LlamaIndex takes seconds. Our own finder of sentences spares NLTK, which
            # takes more of them and may want to fetch data.
            from llama_index.core.node_parser import SentenceSplitter

            self._splitter = SentenceSplitter(
                chunk_size=self._tokens,
                chunk_overlap=self._overlap,
                tokenizer=lambda text: range(self._size(text)),
                paragraph_separator="\n\n",
                chunking_tokenizer_fn=self._sentences,
            )
        return self._splitter

    def _size(self, text: str) -> int:
        """The share of a passage that the text takes, by tokens or by characters, in tokens.

        So the splitter's one limit keeps both. Long texts need no counting.
        """
        by_characters = -(-len(text) * self._tokens // self._characters)
        if by_characters > self._tokens:
            return by_characters
        size = max(self._embedder.count(text), by_characters)
        # One character cannot be cut, however many tokens it is.
        return min(size, self._tokens) if len(text) == 1 else size

    def _sentences(self, text: str) -> list[str]:
        """The text in pieces that together are the text: lines of a table, sentences, or parts of a run."""
        self._look()
        pieces = _LINE.findall(text) if self._rows else []
        if len(pieces) < 2:
            pieces = _at(text, [found.end() for found in _BOUNDARY.finditer(text)])
        if len(pieces) > 1:
            return pieces
        return (
            list(_parts(text)) if len(text) > self._characters or not _SPACE.search(text.strip()) else pieces
        )

    def _fitting(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The span, in halves where it passes a limit all the same: tokens need not add up."""
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start == end:
            return
        fits = end - start <= self._characters and self._embedder.count(text[start:end]) <= self._tokens
        if fits or end - start == 1:
            yield start, end
            return
        middle = _middle(text, start, end)
        yield from self._fitting(text, start, middle)
        yield from self._fitting(text, middle, end)


_SPACE = re.compile(r"\s")


def _place(text: str, piece: str, reached: int) -> int:
    """Where the piece stands: at the last place that leaves no gap after what was reached.

    The splitter gives pieces in their order, each from before or at the next word, so there is such a
    place; taking the last one among equal texts never loses anything.
    """
    while reached < len(text) and text[reached].isspace():
        reached += 1
    place = text.rfind(piece, 0, reached + len(piece))
    if place < 0:
        raise AssertionError("the splitter returned a text that is not part of the page")
    return place


def _at(text: str, ends: Sequence[int]) -> list[str]:
    starts = [0, *ends]
    return [text[a:b] for a, b in zip(starts, [*ends, len(text)], strict=True) if a < b]


def _parts(text: str) -> Iterator[str]:
    """A run without sentences: cut at the white space nearest before 160 characters, else after 15.

    A combining mark stays with its letter.
    """
    start = 0
    while start < len(text):
        end = min(start + _RUN, len(text))
        if end < len(text):
            space = max(text.rfind(" ", start + 1, end), text.rfind("\n", start + 1, end))
            end = space + 1 if space > 0 else _whole(text, start + _HARD)
        yield text[start:end]
        start = end


def _whole(text: str, end: int) -> int:
    """The end, moved past marks that belong to the letter before it (at most 8)."""
    import unicodedata

    for _ in range(8):
        if end >= len(text) or not unicodedata.category(text[end]).startswith("M"):
            break
        end += 1
    return end


def _middle(text: str, start: int, end: int) -> int:
    """A place to cut near the middle, after white space if there is any near."""
    middle = (start + end) // 2
    space = text.rfind(" ", start + (middle - start) // 2, middle)
    return space + 1 if space > start else middle
