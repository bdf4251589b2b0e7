"""All prices together: own before published, fetched before bundled; a failed update changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.backends.fetching import Fetcher
from app.costs.machines import default_assumptions
from app.costs.price_book import PriceBook
from app.costs.price_lists import KIND
from app.costs.pricing import Pricing
from app.domain import Cost, OwnPrice, PricedModel, Timing, Usage
from app.errors import AppError
from storage.price_file import PRICE_FILE, PriceFile
from tests.costs.published import dearer, published
from tests.scripted_server import HANG, Reply, ScriptedServer

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
USAGE = Usage(1000, 100, cached=0)
OWN = OwnPrice(
    "openai", "gpt-4o", "EUR", Decimal(2), Decimal(8), None, None, date(2026, 6, 1), "our contract"
)
PATH = "/data.json"
LISTED, DEARER = 3_500_000_000, 7_000_000_000


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as made:
        yield made


def book(folder: Path, server: ScriptedServer, seconds: float = 20.0) -> PriceBook:
    return PriceBook(kept=PriceFile(folder), fetcher=Fetcher(server.address + PATH, seconds))


def cost(
    made: PriceBook, provider: str = "openai", model: str = "gpt-4o", backend: str = "", at: datetime = NOW
) -> Cost:
    return Pricing(default_assumptions, made).cost(
        provider, model, USAGE, Timing(machine=36.0), at, backend=backend
    )


# ------------------------------------------------------------------------ own before published


def test_an_own_price_goes_before_the_list_from_its_day_on() -> None:
    made = PriceBook(lambda: [OWN])
    mine = cost(made)
    assert (mine.amount, mine.currency, mine.entry["kind"]) == (2_800_000_000, "EUR", KIND)
    before = cost(made, at=datetime(2026, 5, 31, 23, tzinfo=UTC))
    assert (before.amount, before.currency) == (LISTED, "USD")
    assert cost(made, model="gpt-4o-mini").currency == "USD", "another model has the list's price"


def test_names_that_the_list_knows_as_one_model_share_the_own_price() -> None:
    claude = replace(OWN, provider="anthropic", model="claude-3.5-sonnet")
    assert cost(PriceBook(lambda: [claude]), "anthropic", "claude-3-5-sonnet-20241022").currency == "EUR"


@pytest.mark.parametrize(
    ("row", "setting"), [("OpenAI", "openai"), ("Gemini", "google"), ("google", "gemini"), ("x-ai", "xAI")]
)
def test_a_provider_is_known_by_its_usual_names(row: str, setting: str) -> None:
    made = PriceBook(lambda: [replace(OWN, provider=row, model="m-1")])
    assert cost(made, setting, "m-1").currency == "EUR"
    assert made.billed_in("mine", setting, "m-1") == "EUR", "a spending limit is set in what will be paid"


def test_a_backend_without_a_provider_has_an_own_price_too() -> None:
    team = replace(OWN, provider="Team", model="qwen3:32b")
    made = PriceBook(lambda: [team])
    assert cost(made, "", "qwen3:32b", "team").currency == "EUR"
    assert cost(made, "", "qwen3:8b", "team").entry["kind"] == "own machine"
    assert cost(made, "", "qwen3:32b", "other").entry["kind"] == "own machine"


def test_thinking_counts_as_the_provider_counts_it() -> None:
    grok = replace(OWN, provider="x-ai", model="grok-4")
    made = PriceBook(lambda: [grok, OWN])
    costs = [made.cost(one.provider, one.model, Usage(0, 100, 50, 0), NOW) for one in (grok, OWN)]
    assert [one.amount for one in costs if one] == [1_200_000_000, 800_000_000]


def test_bills_come_in_the_currency_of_a_model_s_own_price_else_of_the_list_or_not_at_all() -> None:
    made = PriceBook(lambda: [OWN, replace(OWN, provider="team", model="a", currency="CHF")])
    asked = (
        *(("mine", "OpenAI", "gpt-4o"), ("mine", "OpenAI", "gpt-4o-mini"), ("mine", "OpenAI", "unheard-of")),
        *(("team", "", "a"), ("team", "", "b"), ("x", "", "gpt-4o")),
    )
    assert [made.billed_in(*one) for one in asked] == ["EUR", "USD", "USD", "CHF", "", ""]


def test_a_model_can_be_priced_as_its_own_row_and_as_the_list() -> None:
    made = PriceBook(lambda: [OWN])
    assert made.models()[0] == PricedModel("openai", "gpt-4o", own=True)
    rates = [made.rate(PricedModel("openai", "gpt-4o", own=one), NOW) for one in (True, False)]
    assert [(one.amount(USAGE), one.currency) for one in rates] == [(2_800_000_000, "EUR"), (LISTED, "USD")]
    listed, own = rates[1].source, rates[0].source
    assert own == "yours as of 2026-11-01, in force since 2026-06-01; source: our contract"
    assert listed == f"OpenAI’s as of 2026-11-01; source: genai-prices {made.source().version}", "not dated"
    early = made.rate(PricedModel("openai", "gpt-4o", own=True), datetime(2026, 1, 1, tzinfo=UTC))
    assert (early.amount(USAGE), early.words) == (
        None,
        "No price: your own one for gpt-4o does not hold on 2026-01-01.",
    )


# ------------------------------------------------------------------------ the update


def test_an_update_is_used_at_once_and_after_the_next_start(tmp_path: Path, server: ScriptedServer) -> None:
    made = book(tmp_path, server)
    before = cost(made)
    server.on(PATH, Reply(parts=(published(dearer),)))
    source = made.update()
    assert source.address == server.address + PATH
    assert source.fetched_at is not None
    assert before.amount == LISTED
    for after in (made, book(tmp_path, server)):
        priced = cost(after)
        assert priced.amount == DEARER
        assert priced.entry["fetched from"] == server.address + PATH
        assert after.source().trouble == ""
    assert len(server.requests) == 1, "nothing is fetched by itself"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(parts=(b"<html>moved</html>",)),
        Reply(parts=(b'[{"id": "openai", "mod',)),
        Reply(404),
        Reply(500),
        Reply(302, headers={"location": "http://127.0.0.1:1/"}),
        Reply(parts=(b"x" * 9_000_000, b"x" * 9_000_000)),
        Reply(parts=(b"[", HANG)),
    ],
    ids=["no json", "cut", "404", "500", "redirect", "too large", "hanging"],
)
def test_an_update_that_fails_changes_nothing(tmp_path: Path, server: ScriptedServer, reply: Reply) -> None:
    server.on(PATH, reply)
    made = book(tmp_path, server, seconds=5.0 if HANG not in reply.parts else 0.3)
    with pytest.raises(AppError) as told:
        made.update()
    assert "The prices used before stay in use." in str(told.value)
    assert cost(made).amount == LISTED
    assert list(tmp_path.iterdir()) == []


def test_an_update_that_fails_leaves_the_one_before(tmp_path: Path, server: ScriptedServer) -> None:
    server.on(PATH, Reply(parts=(published(dearer),)), Reply(parts=(b"[]",)))
    made = book(tmp_path, server)
    made.update()
    kept = (tmp_path / PRICE_FILE).read_bytes()
    with pytest.raises(AppError):
        made.update()
    assert cost(made).amount == DEARER
    assert (tmp_path / PRICE_FILE).read_bytes() == kept
    assert [one.name for one in tmp_path.iterdir()] == [PRICE_FILE], "no half of a file is left"


def test_a_broken_file_is_said_in_words_and_the_bundled_prices_are_used(
    tmp_path: Path, server: ScriptedServer
) -> None:
    server.always(PATH, Reply(parts=(published(dearer),)))
    book(tmp_path, server).update()
    path = tmp_path / PRICE_FILE
    path.write_bytes(path.read_bytes()[:-100])
    made = book(tmp_path, server)
    assert cost(made).amount == LISTED
    trouble = made.source().trouble
    assert "cannot be used: it is damaged" in trouble
    assert "came along with Assay (genai-prices" in trouble
    assert made.source().fetched_at is None
    assert made.update().trouble == ""
    assert cost(made).amount == DEARER


def test_what_cannot_be_written_is_not_used(tmp_path: Path, server: ScriptedServer) -> None:
    server.always(PATH, Reply(parts=(published(dearer),)))
    (tmp_path / PRICE_FILE).mkdir()
    made = book(tmp_path, server)
    assert cost(made).amount == LISTED
    assert made.source().trouble
    with pytest.raises(AppError):
        made.update()
    assert cost(made).amount == LISTED


def test_without_an_address_there_is_no_update() -> None:
    with pytest.raises(AppError, match="no address"):
        PriceBook().update()


def test_what_one_s_machine_is_set_against_has_the_own_price_too() -> None:
    made = PriceBook(lambda: [OWN])
    days = (NOW, datetime(2026, 1, 1, tzinfo=UTC))
    usual = [made.usual("openai", "gpt-4o", at) for at in days]
    assert [one.own for one in usual] == [True, False]
    rates = [made.rate(one, at) for one, at in zip(usual, days, strict=True)]
    assert [(one.amount(USAGE), one.currency) for one in rates] == [(2_800_000_000, "EUR"), (LISTED, "USD")]
    assert PricedModel("openai", "gpt-4o") in made.models()


def newer(providers: list[Any]) -> None:
    """A model that came out after this version of Assay."""
    models = next(one["models"] for one in providers if one["id"] == "openai")
    known = next(one for one in models if one["id"] == "gpt-5-mini")
    models.append({**known, "id": "gpt-6", "name": "GPT 6", "match": {"equals": "gpt-6"}})


def test_a_model_of_updated_prices_is_found_by_its_name(tmp_path: Path, server: ScriptedServer) -> None:
    made = book(tmp_path, server)
    server.on(PATH, Reply(parts=(published(newer),)))
    assert [made.maker(name) for name in ("gpt-6", "GPT 6")] == ["", ""]
    made.update()
    assert [made.maker(name) for name in ("gpt-6", "GPT 6")] == ["openai", "openai"]
