"""The names under which people and servers know a model, and what they may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genai_prices import types

PROVIDER_NAMES = {
    "gemini": "google",
    "vertex": "google",
    "vertex ai": "google",
    "vertexai": "google",
    "google vertex": "google",
    "bedrock": "aws",
    "amazon bedrock": "aws",
    "xai": "x-ai",
    "grok": "x-ai",
    "claude": "anthropic",
    "together_ai": "together",
    "together-ai": "together",
    "mistral ai": "mistral",
    "mistralai": "mistral",
    "azure openai": "azure",
    "azure-openai": "azure",
}
"""What providers are called otherwise. genai-prices itself takes any name with "openai" in it for OpenAI,
so that a proxy, or Azure, would be priced as what it is not."""
_DATED = re.compile(r"[-@:]20\d\d-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])$")
_LATEST = re.compile(r"[-:@]latest$")
_SIGNS = re.compile(r"[^a-z0-9]+")
SUGGESTED = 0.72
"""How alike a name must be to be proposed (0 to 1, as difflib counts)."""


@dataclass(frozen=True)
class Spelling:
    """A way to write a model's name, in lower case. ``loose``: a date or "latest" was left out."""

    name: str
    loose: bool = False


def spellings(model: str, provider: str = "") -> list[Spelling]:
    """The ways to look a model up, the most exact first: "OpenAI/GPT-4o-2024-08-06" is "gpt-4o" at last."""
    typed = " ".join(model.casefold().split())
    exact = list(dict.fromkeys(_without_prefix(_hyphened(typed), provider)))
    loose = [cut for one in exact for cut in _undated(one)]
    told = dict.fromkeys([typed, *exact])
    return [Spelling(one) for one in told] + [
        Spelling(one, loose=True) for one in dict.fromkeys(loose) if one not in told
    ]


def provider_of(name: str, providers: Sequence[types.Provider]) -> types.Provider | None:
    """The provider of that id, name or other known name; case does not matter."""
    wanted = " ".join(name.casefold().split())
    wanted = PROVIDER_NAMES.get(wanted, wanted)
    return next((one for one in providers if wanted in {one.id, one.name.casefold()}), None)


def model_of(
    provider: types.Provider, model: str, providers: Sequence[types.Provider]
) -> tuple[types.ModelInfo, str] | None:
    """The model with the name under which it was found; "" where that is how it was written."""
    # Some lists have ids that none of their own rules for names knows.
    by_id = next((one for one in provider.models if one.id.casefold() == model.strip().casefold()), None)
    if by_id is not None:
        return by_id, ""
    for one in spellings(model, provider.id):
        found = provider.find_model(one.name, all_providers=list(providers)) or _named(provider, one.name)
        if found is not None:
            return found, one.name if one.loose else ""
    return None


def meant_model(model: str, known: Iterable[str]) -> str:
    """The known model that is most alike, also where only what follows a "/" is; "" for none."""
    by_name: dict[str, str] = {}
    for one in known:
        for name in (one.casefold(), one.casefold().rpartition("/")[2]):
            by_name.setdefault(_SIGNS.sub("", name), one)
    wanted = [_SIGNS.sub("", one.name) for one in spellings(model)]
    for one in wanted:
        if one in by_name:
            return by_name[one]
    near = get_close_matches(wanted[0], list(by_name), n=1, cutoff=SUGGESTED)
    return by_name[near[0]] if near else ""


def meant_provider(name: str, providers: Sequence[types.Provider]) -> str:
    """The id of the provider that is most alike, else of one that the name holds; "" for none."""
    wanted = name.strip().casefold()
    names = {spelled: one.id for one in providers for spelled in (one.id, one.name.casefold())}
    near = get_close_matches(wanted, list(names), n=1)
    held = (one.id for one in providers if len(one.id) > 3 and one.id in wanted)
    return names[near[0]] if near else next(held, "")


def _hyphened(typed: str) -> str:
    return typed.replace(" ", "-")


def _without_prefix(name: str, provider: str) -> Iterator[str]:
    """The name, then without what stands before it: "openai/", "models/", "openai:"."""
    yield name
    if provider and name.startswith(f"{provider}:"):
        yield name.removeprefix(f"{provider}:")
    while "/" in name:
        name = name.partition("/")[2]
        if name:
            yield name


def _undated(name: str) -> Iterator[str]:
    for pattern in (_DATED, _LATEST):
        cut = pattern.sub("", name)
        if cut not in {name, ""}:
            yield cut


def _named(provider: types.Provider, name: str) -> types.ModelInfo | None:
    """The model whose title is so written ("Claude Sonnet 4.5"), where one alone is."""
    found = [one for one in provider.models if one.name and _hyphened(one.name.casefold()) == name]
    return found[0] if len(found) == 1 else None
