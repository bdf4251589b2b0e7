"""List prices: worked by hand from the rates, offline (sockets are closed in tests)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.costs.prices import (
    known_models,
    list_price,
    list_rate,
    price_source,
    prices_table,
    providers,
    thinking_apart,
)
from app.domain import Cost, Usage

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
USD = 10**12


def priced(cost: Cost) -> int:
    assert cost.amount is not None
    assert (cost.basis, cost.currency) == ("listed", "USD")
    return cost.amount


def test_prompt_and_completion_at_their_rates() -> None:
    """gpt-4o: 2.5 in, 10 out, 1.25 cached."""
    cost = list_price("openai", "gpt-4o", Usage(prompt=1000, completion=200, cached=0), NOW)

    assert priced(cost) == int(Decimal("0.0045") * USD)
    assert cost.entry["model"] == "gpt-4o"
    assert cost.entry["provider"] == "openai"
    assert cost.entry["USD per million prompt tokens"] == "2.5"
    assert cost.entry["USD per million cached tokens"] == "1.25"
    assert cost.entry["source"].startswith("genai-prices ")
    assert "prompt 2.5; cached 1.25; completion 10" in cost.words


def test_cached_tokens_at_their_own_rate() -> None:
    cost = list_price("openai", "gpt-4o", Usage(prompt=1000, completion=200, cached=800), NOW)

    assert priced(cost) == int(Decimal("0.0035") * USD)


def test_cached_tokens_that_were_not_told_are_said() -> None:
    cost = list_price("openai", "gpt-4o", Usage(prompt=1000, completion=200), NOW)

    assert priced(cost) == int(Decimal("0.0045") * USD)
    assert "how many tokens were cached was not told" in cost.words


def test_thinking_is_part_of_the_completion_where_it_has_no_rate_of_its_own() -> None:
    with_thinking = list_price("openai", "o3", Usage(1000, 500, thinking=400, cached=0), NOW)
    without = list_price("openai", "o3", Usage(1000, 500, cached=0), NOW)

    assert priced(with_thinking) == priced(without) == int(Decimal("0.006") * USD)


def test_thinking_at_its_own_rate() -> None:
    """sonar-deep-research on OpenRouter: 2 in, 8 out, 3 for thinking."""
    usage = Usage(prompt=1000, completion=500, thinking=400, cached=0)
    cost = list_price("openrouter", "perplexity/sonar-deep-research", usage, NOW)

    assert priced(cost) == int((Decimal(1000 * 2) + 100 * 8 + 400 * 3) * USD / 1_000_000)
    assert cost.entry["USD per million thinking tokens"] == "3"


def test_thinking_is_added_where_the_provider_counts_it_apart() -> None:
    row = next(one for one in prices_table("x-ai", NOW) if not one.tiered and one.output)
    cost = list_price("x-ai", row.model, Usage(1000, 100, thinking=300, cached=0), NOW)

    assert priced(cost) == int((1000 * row.input + 400 * (row.output or 0)) * USD / 1_000_000)


def test_the_price_of_the_day_counts() -> None:
    """o3 became cheaper on 2025-06-10: 10 and 40 before, 2 and 8 after."""
    usage = Usage(prompt=1_000_000, completion=1_000_000, cached=0)
    before = list_price("openai", "o3", usage, datetime(2025, 6, 9, 23, 59, tzinfo=UTC))
    after = list_price("openai", "o3", usage, datetime(2025, 6, 10, tzinfo=UTC))

    assert (priced(before), priced(after)) == (50 * USD, 10 * USD)
    assert before.entry["in force since"] == "not dated"
    assert after.entry["in force since"] == "2025-06-10"


def test_a_price_per_request_is_added() -> None:
    cost = list_price("perplexity", "sonar", Usage(prompt=1000, completion=1000, cached=0), NOW)

    assert priced(cost) == int(Decimal("0.014") * USD)
    assert cost.entry["USD per 1,000 requests"] == "12"


def test_a_long_prompt_pays_its_tier() -> None:
    row = next(one for one in prices_table("google", NOW) if one.tiered)
    short = list_price("google", row.model, Usage(100, 0, cached=0), NOW)
    long = list_price("google", row.model, Usage(1_000_000, 0, cached=0), NOW)

    assert Decimal(short.entry["USD per million prompt tokens"]) == row.input
    assert Decimal(long.entry["USD per million prompt tokens"]) > row.input
    assert priced(long) == int(Decimal(long.entry["USD per million prompt tokens"]) * USD)


def test_a_reseller_without_a_price_of_its_own_says_whose_price_it_is() -> None:
    own = {row.model for row in prices_table("azure", NOW)}
    model = next(one for one in known_models("openai") if one not in own and one.startswith("gpt"))
    cost = list_price("azure", model, Usage(10, 10, cached=0), NOW)

    if cost.entry["price list of"] != "azure":
        assert cost.entry["price list of"] == "openai"
        assert "has none of its own" in cost.words


def test_a_dated_model_name_finds_its_price() -> None:
    cost = list_price("OpenAI", "GPT-4o-2024-08-06", Usage(1000, 0, cached=0), NOW)

    assert priced(cost) == int(Decimal("0.0025") * USD)
    assert cost.entry["model"] == "gpt-4o"


@pytest.mark.parametrize(
    ("provider", "model", "usage", "words"),
    [
        ("openay", "gpt-4o", Usage(1, 1), "no price list of the provider 'openay' (did you mean 'openai'?)"),
        ("my-openai-proxy", "gpt-4o", Usage(1, 1), "no price list of the provider"),
        ("", "gpt-4o", Usage(1, 1), "no price list of the provider ''"),
        ("openai", "not-a-model", Usage(1, 1), "has no list price for 'not-a-model'"),
        ("openai", "", Usage(1, 1), "has no list price for ''"),
        ("openai", "gpt-4o", Usage(), "did not tell how many tokens"),
        ("openai", "gpt-4o", Usage(prompt=5), "did not tell how many tokens"),
        ("openai", "gpt-4o", Usage(completion=5), "did not tell how many tokens"),
        ("openai", "gpt-4o", Usage(5, 5, cached=6), "contradict each other"),
        ("openai", "gpt-4o", Usage(-5, 5), "contradict each other"),
        ("openai", "whisper-1", Usage(5, 5), "no price per token"),
        ("openai", "text-embedding-3-small", Usage(5, 5), "no price per token"),
    ],
)
def test_what_is_not_known_is_unknown_and_never_0(
    provider: str, model: str, usage: Usage, words: str
) -> None:
    cost = list_price(provider, model, usage, NOW)

    assert (cost.amount, cost.basis) == (None, "unknown")
    assert cost.words.startswith("Cost unknown: ")
    assert words in cost.words


def test_providers_and_their_models() -> None:
    known = {one.id: one for one in providers()}

    assert len(known) > 40
    assert known["openai"].name == "OpenAI"
    assert known["openai"].sources[0].startswith("https://")
    assert known["openai"].models == len(known_models("openai")) > 50
    assert "gpt-4o" in known_models("openai")
    assert known_models("nobody") == []


def test_the_table_shows_what_is_charged() -> None:
    row = next(one for one in prices_table("openai", NOW) if one.model == "gpt-4o")

    assert (row.input, row.output, row.cached) == (Decimal("2.5"), Decimal(10), Decimal("1.25"))
    assert row.thinking is None
    assert row.since is None


def test_the_table_is_of_its_day() -> None:
    def o3(at: datetime) -> Decimal:
        return next(one.input for one in prices_table("openai", at) if one.model == "o3")

    assert (o3(datetime(2025, 6, 1, tzinfo=UTC)), o3(NOW)) == (Decimal(10), Decimal(2))


def test_the_source_is_named_with_its_date() -> None:
    source = price_source()

    assert source.name == "genai-prices"
    assert source.version
    assert source.newest_change is not None
    assert source.newest_change.year >= 2026
    assert source.models > 2000


EVERY = [(one.id, row.model) for one in providers() for row in prices_table(one.id, NOW)]
COUNTS = st.none() | st.integers(0, 2_000_000)
USAGES = st.builds(Usage, prompt=COUNTS, completion=COUNTS, thinking=COUNTS, cached=COUNTS)


@given(st.sampled_from(EVERY), USAGES)
def test_any_usage_of_any_model_has_a_cost_of_at_least_0_or_none(
    model: tuple[str, str], usage: Usage
) -> None:
    cost = list_price(*model, usage, NOW)

    assert (cost.amount is None) == (cost.basis == "unknown")
    assert cost.amount is None or cost.amount >= 0
    if usage.prompt is None or usage.completion is None:
        assert cost.amount is None


WHOLE = st.integers(0, 10_000)


@given(st.lists(st.builds(Usage, prompt=WHOLE, completion=WHOLE, cached=st.just(0)), min_size=1, max_size=8))
def test_costs_of_parts_add_up_to_the_cost_of_the_whole(usages: list[Usage]) -> None:
    """Exactly, because these rates have no digit below 10^-6 USD per million tokens."""
    together = Usage(
        sum(one.prompt or 0 for one in usages), sum(one.completion or 0 for one in usages), cached=0
    )
    parts = [priced(list_price("openai", "gpt-4o", one, NOW)) for one in usages]

    assert sum(parts) == priced(list_price("openai", "gpt-4o", together, NOW))


# ------------------------------------------------------------------------ usual names and many answers


@given(st.sampled_from(EVERY), st.integers(0, 10**6), st.integers(0, 10**6), st.data())
@settings(max_examples=200)
def test_a_price_that_was_looked_up_once_gives_the_same_costs(
    model: tuple[str, str], prompt: int, completion: int, data: st.DataObject
) -> None:
    if list_rate(*model, NOW).words:
        assert list_price(*model, Usage(1, 1), NOW).amount is None
        return
    thinking = 0 if thinking_apart(model[0]) else data.draw(st.integers(0, completion))
    usage = Usage(prompt, completion, thinking, data.draw(st.integers(0, prompt)))
    assert list_rate(*model, NOW).amount(usage) == list_price(*model, usage, NOW).amount


@pytest.mark.parametrize(
    ("provider", "asked", "model"),
    [
        ("openai", "openai/gpt-4o", "gpt-4o"),
        ("openai", "openai:gpt-4o", "gpt-4o"),
        ("OpenAI", " GPT-4o ", "gpt-4o"),
        ("openai", "gpt 4o", "gpt-4o"),
        ("openai", "gpt-4o-20240806", "gpt-4o"),
        ("openai", "gpt-4o@2024-08-06", "gpt-4o"),
        ("openai", "gpt-4o:latest", "gpt-4o"),
        ("Mistral AI", "mistral-large-latest", "mistral-large"),
        ("gemini", "models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("bedrock", "us.anthropic.claude-3-5-sonnet-20241022-v2:0",
         "regional.anthropic.claude-3-5-sonnet-20241022-v2:0"),
        ("xai", "grok-4", "grok-4-0709"),
        ("claude", "anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"),
        ("anthropic", "Claude Sonnet 4.5", "claude-sonnet-4-5"),
    ],
)  # fmt: skip
def test_models_are_found_by_their_usual_names(provider: str, asked: str, model: str) -> None:
    cost = list_price(provider, asked, Usage(10, 10, cached=0), NOW)
    assert cost.entry.get("model") == model, cost.words


def test_a_date_that_the_list_does_not_have_is_left_out_and_said() -> None:
    cost = list_price("openai", "gpt-4o-2027-01-01", Usage(10, 10, cached=0), NOW)
    assert cost.entry["read as"] == "gpt-4o"
    assert "for gpt-4o, read as gpt-4o," in cost.words


@pytest.mark.parametrize(
    ("provider", "asked", "words"),
    [
        ("openai", "gpt4o", "did you mean 'gpt-4o'?"),
        ("openrouter", "gpt4o", "did you mean 'openai/gpt-4o'?"),
        ("openai", "deepseek-reasoner", "it stands in the list of"),
        ("opnai", "gpt-4o", "did you mean 'openai'?"),
        ("our-openai-proxy", "gpt-4o", "did you mean 'openai'?"),
    ],
)
def test_where_nothing_fits_something_is_proposed_and_nothing_priced(
    provider: str, asked: str, words: str
) -> None:
    cost = list_price(provider, asked, Usage(10, 10, cached=0), NOW)
    assert cost.amount is None
    assert words in cost.words


def test_every_model_that_a_list_names_with_both_prices_is_found_by_that_name() -> None:
    """Some ids (regional ones of AWS, say) are known to none of their list's own rules for names."""
    several = 0
    for provider in providers():
        for row in prices_table(provider.id, NOW):
            if row.output is None:
                continue
            several += 1
            assert list_rate(provider.id, row.model, NOW).words == "", (provider.id, row.model)
    assert several > 1000
