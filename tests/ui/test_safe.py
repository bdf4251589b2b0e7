"""The display filter: what untrusted text can and cannot do on a screen."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Citation
from app.ui.escaping import clean
from app.ui.safe import answer_markdown, excerpt, plain, whole_ends
from tests.ui.streamlit_markdown import folded, read

HOSTILE = [
    "$94 and $83, $$x^2$$ and \\(y\\)",
    ":red[x] :blue-background[y] :material/home: :material_home: :smile: :+1: :100: :streamlit:",
    "~x~ ~~y~~ <b>hi</b> <!-- c --> <script>alert(1)</script><img src=x onerror=alert(1)>",
    "<details><summary>x</summary>y</details>\n<svg onload=alert(1)>\n\n<iframe src='https://evil.example'>",
    "![p](https://evil.example/x.png) ![r][1] ![s] ![d](data:image/png;base64,AAAA)\n\n[1]: https://evil.example/i",
    '[a](https://evil.example "t") [r][1] [x](javascript:alert(1)) <https://evil.example>',
    "[[a]](b) [![p](q)](r) ![[n](m)](o) [a [b](c) d](e)",
    "https://evil.example/x?a=b www.evil.example (http://a.b/c) john.doe@evil.example xmpp:a@b.c",
    "a -> b <- c <-> d -- e >= f <= g ~= h\n-> i",
    "[^1] and\n\n[^1]: footnote",
    ":::note\nhi\n:::\n\n::leaf[x]{a=b}\n\n:small[big]{a=b} :help[x]",
    "```mermaid\ngraph TD; A-->B\n```\n~~~html\n<b>\n~~~",
    "```\nnever closed $x$ <b> ![p](q)",
    "Setext\n===\n\nOther\n---\n\n# Head **b**\n\n###### six",
    "| a | b |\n|---|--:|\n| $1 | `x` |\n| ![p](q) | <b> |",
    "!\u200b[p](q) $\u200b9 <\u200bb> \u202e gpj.exe",
    "&lt;b&gt; &#58;red[x] &dollar;9&dollar; &amp;",
    "\\![p](q) \\$9\\$ \\:red[x] \\<b> \\`x` \\\\![p](q)",
    "- [ ] task\n- [x] done\n  1. one\n     > quote `code` **x**\n\n        indented",
    "**a.**b *c*d __e__f ***g*** **h*i*j** `` ` `` ` `` `",
    "line\\\nbreak  \nother\r\nthird\rfourth\x00\x1b[31m\ud800",
    "a\n> b\nc\n***\n* * *\n___\n+ d",
    "`:material/x:` and `![p](q)` and `$x$`",
]
MARKS = """
![ ](http://e.x) [ ] ( ) <b> </b> < > $ $$ :red[ :smile: :: : ` ``` ~~~ ~ * ** _ \\ | --- #
http:// www.a.b a@b.c -> -- &lt; &#36; word é 漢 :material/x:
"""
SPACES = ["\n", "\n\n", "- ", "1. ", "> ", "\n|-|-|\n", " ", "    ", "\t", "\u200b"]
PIECES = st.sampled_from(MARKS.split() + SPACES)
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join)


def harmless(markdown: str) -> None:
    seen = read(markdown)
    assert seen.found == ()
    assert seen.links == ()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_answers_are_only_text_at_every_prefix(text: str) -> None:
    for end in range(len(text) + 1):
        harmless(answer_markdown(text[:end]))


@given(TEXTS, st.integers(0, 200))
def test_any_answer_is_only_text_at_any_prefix(text: str, end: int) -> None:
    harmless(answer_markdown(text))
    harmless(answer_markdown(text[:end]))


@given(TEXTS)
def test_a_name_reads_as_typed(text: str) -> None:
    shown = plain(text, limit=10_000)
    harmless(shown)
    assert "\n" not in shown
    assert folded(read(shown).text) == folded(visible(text))


@given(TEXTS, st.integers(0, 60), st.integers(0, 60))
def test_a_passage_reads_as_typed_with_any_mark(text: str, start: int, end: int) -> None:
    for shown in (excerpt(text), excerpt(text, (start, end))):
        harmless(shown)
        assert solid(read(shown).text) == solid(clean(text))


def solid(text: str) -> str:
    """Without white space and brackets, which the reader of these tests leaves around a mark."""
    return re.sub(r"[\s\u2060\[\]]", "", text)


def visible(text: str) -> str:
    """What of a text can be drawn at all."""
    return re.sub("[\u202a-\u202e\u2066-\u2069]", "", clean(text))


@given(st.text())
def test_no_text_at_all_is_refused(text: str) -> None:
    for shown in (answer_markdown(text), excerpt(text), plain(text)):
        shown.encode("utf-8")
        harmless(shown)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("$94 and $83", "$94 and $83"),
        (":red[x] and :smile: at 12:30:45", ":red[x] and :smile: at 12:30:45"),
        ("<b>bold</b> & ~x~ &lt;", "<b>bold</b> & ~x~ &lt;"),
        ("![a cat](http://e.x/c.png)", "[picture: a cat]"),
        ("see [the page](http://e.x/p)", "see the page (http://e.x/p)"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("<https://e.x>", "<https://e.x>"),
        ("![ref][1]\n\n[1]: http://e.x", "![ref][1] [1]: http://e.x"),
        ("# Title *it*", "Title it"),
        ("a [^1]\n\n[^1]: note", "a [^1] [^1]: note"),
    ],
)
def test_what_is_shown(typed: str, shown: str) -> None:
    assert folded(read(answer_markdown(typed)).text) == shown


def test_allowed_markdown_is_kept() -> None:
    text = (
        "# Head\n\nOne *two* **three** `four`\n\n- a\n  - b\n\n1. c\n2. d\n\n> e\n\n"
        "```python\nf = 1\n```\n\n| g | h |\n|---|--:|\n| 1 | 2 |"
    )
    assert answer_markdown(text) == (
        "**Head**\n\nOne *two* **three** `four`\n\n- a\n  - b\n\n1. c\n2. d\n\n> e\n\n"
        "```\nf \\= 1\n```\n\n| g | h |\n| --- | ---: |\n| 1 | 2 |"
    ).replace("\\=", "=")


def test_code_keeps_its_characters_and_holds_its_fence() -> None:
    text = "````\n```\n![p](q) $x$ <b>\n```\n````"
    shown = answer_markdown(text)
    assert shown == text
    harmless(shown)


def test_citations_become_links_and_wrong_ones_are_told() -> None:
    text = "**It is 42.**[1] Or not [9]. `[1]` [1, 2]"
    citations = [
        Citation(1, 13, 16, valid=True),
        Citation(9, 24, 27, valid=False),
        Citation(1, text.index("[1, ") + 1, text.index("[1, ") + 2, valid=True),
    ]
    shown = answer_markdown(text, citations, lambda number: f"passage {number}")
    seen = read(shown)
    assert seen.links == ("#passage-1", "#passage-1")
    assert folded(seen.text) == "It is 42.[1] Or not [9]? (no such passage). [1] [1, 2]"
    assert shown.startswith("**It is 42\\.**[")


def test_citations_without_an_anchor_are_text() -> None:
    assert read(answer_markdown("x [1]", [Citation(1, 2, 5, valid=True)])).links == ()


@given(TEXTS, st.lists(st.tuples(st.integers(-3, 60), st.integers(-3, 60)), max_size=4))
def test_any_spans_of_citations_are_survived(text: str, spans: list[tuple[int, int]]) -> None:
    citations = [Citation(1, start, end, valid=bool(start % 2)) for start, end in spans]
    seen = read(answer_markdown(text, citations, lambda _: "p"))
    assert seen.found == ()
    assert set(seen.links) <= {"#p"}


def test_a_highlight_keeps_to_its_words() -> None:
    shown = excerpt("One (x).\nTwo ] here. Three", (9, 20))
    assert shown == "One \\(x\\)\\.\\\n:yellow-background[Two \\] here\\.] Three"


def test_a_passage_keeps_its_lines_and_indentation() -> None:
    assert excerpt("a\n  b\n\n \n\tc  d") == "a\\\n~ b\n\n~~~~c~ d".replace("~", "\u00a0")


def test_a_name_is_cut_and_turned_the_right_way() -> None:
    assert plain("x" * 400).endswith("…")
    assert len(plain("x" * 400)) == 300
    assert "\u202e" not in plain("photo\u202egpj.exe")


def test_a_long_name_of_a_candidate_keeps_its_beginning_and_its_end() -> None:
    name = whole_ends("in-house-9000 " + "very long name " * 20 + "(imported)")
    assert len(name) <= 120
    assert name.startswith("in-house-9000 very long")
    assert name.endswith("name (imported)")
    assert whole_ends("small with documents") == "small with documents"


def test_deep_nesting_loses_no_word() -> None:
    assert "deepest" in answer_markdown("> " * 200 + "deepest")
    assert "deepest" in answer_markdown(
        "".join("  " * depth + "- x\n" for depth in range(60)) + "  " * 60 + "- deepest"
    )


@pytest.mark.parametrize(
    "piece", ["x", "[", "![", "*a", "`` ` ", "> ", "[a](", "_a_ ", "<", ":a:", "a@", "http://", "\n "]
)
def test_long_lines_take_time_in_proportion(piece: str, soak: bool) -> None:
    shorter, longer = (50_000, 1_000_000) if soak else (20_000, 160_000)
    short, long = _filtering(piece, shorter), _filtering(piece, longer)
    # Twice over the proportion is left for a busy machine; what grows with the square is far beyond.
    assert long < 2 * longer / shorter * max(short, 0.02), (short, long)


def _filtering(piece: str, length: int) -> float:
    """Processor seconds of everything that is done with an untrusted text."""
    text = piece * (length // len(piece))
    begun = time.process_time()
    answer_markdown(text)
    excerpt(text, (10, len(text) - 10))
    plain(text)
    return time.process_time() - begun


def test_several_marks_are_highlighted_and_what_overlaps_is_one() -> None:
    shown = excerpt("one two three four", (14, 18), (0, 3), (2, 7), None, (9, 9))
    assert shown == ":yellow-background[one two] three :yellow-background[four]"


def test_marks_beside_a_colon_stay_marks() -> None:
    assert excerpt("a:b:c", (2, 3), (4, 5)).count(":yellow-background[") == 2
    assert "::" not in excerpt("a:b:c", (2, 3), (4, 5))
