"""HTML: what a browser would show, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.readers.web import _lines
from app.errors import UnreadableDocument
from tests.documents.conftest import Reads


def lines(markup: str) -> list[str]:
    return [line.rstrip() for line in _lines(markup) if line]


def test_title_blocks_lists_and_links() -> None:
    assert lines(
        "<html><head><title> Rope\nways </title></head><body><h2>Fares &amp; times</h2><p>A <b>b</b>old"
        "<a href='https://example.invalid/?secret'>link</a>,<br>next line</p>"
        "<ul><li>one<ul><li>deeper</ul><li>two</ul><ol><li>first<li>second</ol></body>"
    ) == [
        "# Rope ways",
        "## Fares & times",
        "A boldlink,\nnext line",
        "- one",
        "  - deeper",
        "- two",
        "1. first",
        "2. second",
    ]


def test_a_title_that_the_page_repeats_stands_once() -> None:
    assert lines("<title>Fares</title><h1>Fares</h1><p>Two euros.") == ["# Fares", "Two euros."]


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>secret()</script>",
        "<style>secret {}</style>",
        "<template><p>secret</p></template>",
        "<noscript>secret</noscript>",
        "<nav><ul><li>secret</ul></nav>",
        "<div hidden>secret<div>secret</div>secret</div>",
        "<p style='color:red; DISPLAY : none'>secret</p>",
        "<span style='visibility:hidden'>secret</span>",
        "<!-- secret -->",
        "<svg><title>secret</title><text>secret</text></svg>",
        "<img alt='secret' src='https://example.invalid/x.png'>",
        "<iframe src='https://example.invalid'>secret</iframe>",
        "<input hidden value='secret'>",
    ],
)
def test_what_a_browser_does_not_show_is_dropped_and_nothing_after_it(hidden: str) -> None:
    assert lines(f"<p>before</p>{hidden}<p>after</p>") == ["before", "after"]


def test_a_table_is_a_line_a_row() -> None:
    assert lines(
        "<table><caption>Fares</caption><thead><tr><th>Kind<th>Price</thead>"
        "<tr><td><p>Adult</p></td><td>7<br>euros</td></tr><tr><td>Child<td></table>after"
    ) == ["Fares", "Kind | Price", "Adult | 7 euros", "Child |", "after"]


def test_a_table_that_only_makes_the_layout_keeps_its_lines() -> None:
    page = (
        "<table><tr><td><h1>News</h1><p>First.</p><table><tr><td>a<td>b</table></td>"
        "<td><p>Side.</p></td></tr></table>"
    )
    assert lines(page) == ["# News", "First.", "a | b", "Side."]


def test_preformatted_text_keeps_its_lines() -> None:
    assert lines("<pre>a\n  b</pre><p>c\n  d</p>") == ["a\n  b", "c d"]


def test_deep_nesting_loses_nothing_and_does_not_hang() -> None:
    depth = 100_000
    assert lines("<div>" * depth + "deep" + "</div>" * depth + "<p>after") == ["deep", "after"]
    assert "deep" in lines("<table><tr><td>" * 300 + "deep")


def test_entities_are_no_bomb_and_nothing_is_fetched() -> None:
    page = (
        '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
        "<p>&b; &x; &copy;</p>"
    )
    text = "\n".join(lines(page))
    assert "root:" not in text
    assert "haha" not in text
    assert "©" in text


def test_charset_of_the_page(reads: Reads) -> None:
    russian = "<meta charset=windows-1251><p>Однажды"
    assert reads("a.html", russian.encode("cp1251")).text == "Однажды"
    wrong = "<meta charset=utf-8><p>" + "في قرية من القرى كان هناك رجل حكيم. " * 4
    read = reads("a.htm", wrong.encode("cp1256"))
    assert "رجل حكيم" in read.text
    assert read.warning


def test_a_page_that_a_script_fills(reads: Reads) -> None:
    with pytest.raises(UnreadableDocument, match=r"“a.html”: nothing could be read: .*script"):
        reads("a.html", "<html><body><div id=root></div><script>draw('words')</script></body></html>")


TAGS = [
    "p",
    "div",
    "table",
    "tr",
    "td",
    "ul",
    "li",
    "b",
    "h1",
    "pre",
    "br",
    "title",
    "/p",
    "/table",
    "/td",
    "/ul",
]


@given(st.lists(st.tuples(st.sampled_from(TAGS), st.text("abc <&>\n", max_size=8)), max_size=25))
def test_no_markup_breaks_it_and_words_stay(parts: list[tuple[str, str]]) -> None:
    markup = "".join(f"<{tag}>word{place} {text.replace('<', '')}" for place, (tag, text) in enumerate(parts))
    text = " ".join(_lines(markup))
    for place in range(len(parts)):
        assert f"word{place}" in text
