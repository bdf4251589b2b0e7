"""Whose prices apply to a model of which only the name is known."""

from __future__ import annotations

import pytest

from app.costs.makers import provider_of


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("gpt-4o", "openai"),
        (" GPT-4.1-mini ", "openai"),
        ("claude-3-5-haiku-latest", "anthropic"),
        ("gemini-2.5-pro", "google"),
        ("openai/gpt-4o", "openai"),
        ("qwen2.5:0.5b", ""),
        ("our own model", ""),
        ("", ""),
    ],
)
def test_by_its_usual_name(model: str, provider: str) -> None:
    assert provider_of(model) == provider
