"""Whose prices apply to a model of which only the name is known."""

from __future__ import annotations

import pytest

from app.costs.makers import maker_of
from app.costs.price_data import bundled


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("gpt-4o", "openai"),
        (" GPT-4.1-mini ", "openai"),
        ("GPT-4o mini", "openai"),
        ("GPT-5 mini", "openai"),
        ("gpt-4o-2024-08-06", "openai"),
        ("claude-3-5-haiku-latest", "anthropic"),
        ("Claude Sonnet 4.5", "anthropic"),
        ("gemini-2.5-pro", "google"),
        ("Gemini 2.5 Pro", "google"),
        ("openai/gpt-4o", "openai"),
        ("OpenAI/GPT-4o", "openai"),
        ("qwen2.5:0.5b", ""),
        ("our own model", ""),
        ("", ""),
    ],
)
def test_by_its_usual_name(model: str, provider: str) -> None:
    assert maker_of(model, bundled().providers) == provider
