"""Fetched price data: sound files are read like the bundled ones, all others refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.costs.price_data import bundled, checked, packed, unpacked
from app.costs.prices import list_price, price_source, prices_table
from app.domain import Usage
from app.errors import NotAllowed
from tests.costs.published import Change, dearer, model_in, published

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
WHERE = "https://prices.example/data.json"


def refused(content: bytes) -> str:
    with pytest.raises(NotAllowed) as told:
        checked(content, WHERE, NOW)
    return str(told.value)


def test_the_published_file_reads_as_the_bundled_data() -> None:
    data = checked(published(), WHERE, NOW)
    assert [one.id for one in data.providers] == [one.id for one in bundled().providers]
    for provider in ("openai", "google", "x-ai", "deepseek"):
        assert prices_table(provider, NOW, data) == prices_table(provider, NOW)


def test_a_new_price_is_used_and_named_with_its_date() -> None:
    data = checked(published(dearer), WHERE, NOW)
    cost = list_price("openai", "gpt-4o", Usage(1000, 100, cached=0), NOW, data)
    assert cost.amount == 7_000_000_000
    assert cost.entry["source"].startswith("genai-prices data of 2026-11-01 (")
    assert cost.entry["fetched from"] == WHERE
    source = price_source(data)
    assert (source.fetched_at, source.address) == (NOW, WHERE)
    assert source.newest_change == date(2027, 1, 1)


def test_kinds_of_prices_that_are_not_known_yet_are_left_out_without_a_warning() -> None:
    def newer(providers: list[Any]) -> None:
        model_in(providers, "openai", "gpt-4o")["prices"]["dreams_mtok"] = 3
        extractor = next(one for one in providers if one["id"] == "openai")["extractors"][0]
        extractor["mappings"].append({"path": "dreams", "dest": "dream_tokens", "required": False})

    data = checked(published(newer), WHERE, NOW)
    assert list_price("openai", "gpt-4o", Usage(1000, 0, cached=0), NOW, data).amount == 2_500_000_000


def price(value: object) -> Change:
    def change(providers: list[Any]) -> None:
        model_in(providers, "openai", "gpt-4o")["prices"]["input_mtok"] = value

    return change


def pattern(regex: str) -> Change:
    def change(providers: list[Any]) -> None:
        model_in(providers, "openai", "gpt-4o")["match"] = {"or": [{"regex": regex}]}

    return change


def unpriced_ancestor(providers: list[Any]) -> None:
    model_in(providers, "openai", "gpt-4o")["prices"] = {"cache_read_mtok": 1}


def twice(providers: list[Any]) -> None:
    providers.append(providers[0])


TIERED = {"base": 2, "tiers": [{"start": 128_000, "price": 10**8}]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no JSON"),
        (b"<html>", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[NaN]", "no JSON"),
        (b"{}", "no list of providers"),
        (b"[]", "no list of providers"),
        (b"[1]", "does not fit"),
        (b'[{"id": "openai"}]', "does not fit: 0.name: "),
        (lambda: published()[:100_000], "no JSON"),
        (lambda: published(lambda one: one.__delitem__(slice(3, None))), "It was cut, or is another list"),
        (lambda: published(price(-1)), "cannot be used (openai, gpt-4o)"),
        (lambda: published(price("a lot")), "does not fit"),
        (lambda: published(price(10**8)), "nobody charges that"),
        (lambda: published(price(TIERED)), "nobody charges that"),
        (lambda: published(unpriced_ancestor), "cannot be used (openai, gpt-4o)"),
        (lambda: published(pattern("(a+)+$")), "by a pattern that cannot be used"),
        (lambda: published(pattern("a*a*a*a*a*a*a*b")), "by a pattern that cannot be used"),
        (lambda: published(pattern("(")), "by a pattern that cannot be used"),
        (lambda: published(twice), "twice"),
    ],
)
def test_what_is_not_whole_and_sound_is_refused_in_words(
    content: bytes | Callable[[], bytes], words: str
) -> None:
    said = refused(content if isinstance(content, bytes) else content())
    assert words in said
    assert "The prices used before stay in use." in said


def test_a_kept_file_reads_back_with_its_date() -> None:
    data = unpacked(packed(published(), WHERE, NOW))
    assert (data.fetched_at, data.address) == (NOW, WHERE)
    assert data.version == checked(published(), WHERE, NOW).version


def test_a_damaged_file_is_refused() -> None:
    kept = packed(published(), WHERE, NOW)
    for broken in (kept[:-1], kept[:40], b"", b"{}\n[]", b"[]\n[]", kept.replace(b"gpt-4o", b"gpt-4q", 1)):
        with pytest.raises(NotAllowed, match="damaged"):
            unpacked(broken)


def test_after_an_upgrade_the_newer_of_two_is_not_guessed() -> None:
    line, _, content = packed(published(), WHERE, NOW).partition(b"\n")
    head = json.loads(line) | {"beside": "0.0.1"}
    with pytest.raises(NotAllowed, match=r"fetched on 2026-11-01, when Assay had genai-prices 0\.0\.1"):
        unpacked(json.dumps(head).encode() + b"\n" + content)
