"""Own price lists as files: hostile ones are refused by row and reason, and what is exported comes back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import OwnPrice, Upload
from app.errors import NotAllowed
from app.evaluation.price_import import preview, written_csv, written_jsonl
from tests.costs.test_price_lists import OWN

HEAD = "provider,model,currency,input,output,cached,thinking,since,source"
ROW = "openai,gpt-4o,EUR,2.10,8.40,,,2026-01-31,our contract"
GPT = OwnPrice(
    *("openai", "gpt-4o", "EUR", Decimal("2.10"), Decimal("8.40"), None, None),
    date(2026, 1, 31),
    "our contract",
)


def csv(*rows: str, name: str = "prices.csv", head: str = HEAD) -> Upload:
    return Upload(name, "\n".join([head, *rows]).encode())


def test_a_usual_file() -> None:
    found = preview(csv(ROW), [])
    assert (found.new, found.bad, found.unused) == ((GPT,), (), ())
    assert preview(csv(ROW), [GPT]).known == 1


def test_columns_are_known_by_their_usual_names_and_the_others_named() -> None:
    upload = csv(
        "x;1;openai;gpt-4o;EUR;2,10;8,40;2026-01-31",
        head="id;No;Vendor;Model name;Currency;Price in;Out;Valid from",
    )
    found = preview(upload, [])
    assert [(one.input, one.output) for one in found.new] == [(Decimal("2.10"), Decimal("8.40"))]
    assert found.unused == ("id", "No")


def test_bad_rows_are_named_as_they_stand_in_the_file() -> None:
    found = preview(
        csv(
            ROW,
            "openai,gpt-4o,EUR,-1,8.40,,,2026-02-28,",
            "openai,gpt-4o,EUR,2.10,8.40,,,2026-02-30,",
            'openai,"gpt-4o,EUR,2.10,8.40,,,2026-03-31,',
            ROW,
            "a,b,c,d,e,f,g,h,i,j,k",
            "=HYPERLINK(1),m,EUR,1,1,,,2026-01-01,'=cmd",
        ),
        [],
    )
    assert [one.number for one in found.bad] == [3, 4, 5, 6, 7]
    reasons = " / ".join(one.reason for one in found.bad)
    for words in ("at least 0", "“2026-02-30”", "quote in this row", "the same as row 2", "11 cells"):
        assert words in reasons
    assert found.new[1].provider == "=HYPERLINK(1)", "a text is a text"
    assert found.new[1].source == "=cmd"
    assert b"'=HYPERLINK(1)" in written_csv(found.new)


def test_json_lines() -> None:
    lines = (
        '{"provider": "openai", "model": "gpt-4o", "currency": "eur", "input": 2.1, "output": 8.4,'
        ' "since": "2026-01-31"}\n\nno json\n[1]\n{"provider": "openai", "model": "o3", "currency": "EUR",'
        ' "input": 1e-9, "output": NaN, "since": "2026-01-31"}\n'
    )
    found = preview(Upload("prices.jsonl", lines.encode()), [])
    assert [(one.model, one.currency, one.basis) for one in found.new] == [("gpt-4o", "EUR", "assumed")]
    assert [one.number for one in found.bad] == [3, 4, 5]


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (Upload("a.csv", b""), "has no rows"),
        (Upload("a.jsonl", b"\n\n"), "has no rows"),
        (csv("x,1", head="name,price"), "No column is known as provider, currency, input"),
        (Upload("a.csv", b"x" * 5_000_001), "more than 5 megabytes"),
        (csv(*[ROW] * 5001), "5,001 rows; 5,000 are allowed"),
        (Upload("a.csv", b'"provider,model\nopenai,x'), "could not be read as a table"),
    ],
)
def test_what_is_no_price_list_is_refused(upload: Upload, words: str) -> None:
    with pytest.raises(NotAllowed) as told:
        preview(upload, [])
    assert words in str(told.value)


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"PK\x03\x04" + bytes(range(256)), b"\xff" * 2000])
def test_bytes_that_are_no_text_are_refused_in_words(content: bytes) -> None:
    with pytest.raises(NotAllowed):
        preview(Upload("prices.csv", content), [])


@given(st.lists(OWN, unique_by=lambda one: one.id, max_size=5))
def test_what_was_exported_is_imported_to_the_same(prices: list[OwnPrice]) -> None:
    for name, write in (("a.csv", written_csv), ("a.jsonl", written_jsonl)):
        if prices:
            found = preview(Upload(name, write(prices)), [])
            assert (list(found.new), found.bad) == (prices, ())
