"""Saying what is wrong with a setting: its name, its value unless that may be a key, what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsError

from app.errors import SettingError

LONGEST_VALUE = 200
TABLE_WANTED = frozenset({"model_type", "model_attributes_type", "dict_type"})
"""What the library calls the error of a value that is no table."""

Place = tuple[int | str, ...]
"""Where a value stands, such as ("backends", NAME, "url")."""


def in_words(error: ValidationError, settings: type[BaseModel]) -> SettingError:
    """The first thing that is wrong, without what the library says around it."""
    first = error.errors(include_url=False, include_context=False)[0]
    place, kind, message = first["loc"], first["type"], first["msg"].removeprefix("Value error, ")
    name = f"ASSAY_{'__'.join(str(part) for part in place).upper()}"
    if place[-1] == "[key]":
        return SettingError(f"The name {place[-2]!r} in `{place[0]}` is wrong; allowed is {message}.")
    if kind == "extra_forbidden":
        # Not its value: a misspelt `key` holds a key.
        known = ", ".join(sorted(_fields(settings, place[:-1])))
        return SettingError(f"{name} is not a setting of Assay.", f"Allowed are: {known}.")
    allowed = message if kind == "value_error" else _allowed(_field(settings, place), message)
    if kind == "missing":
        return SettingError(f"The setting {name} is missing; allowed is {allowed}.")
    # Where a table belongs, somebody may have put the key of the server.
    hidden = "key" in place or kind in TABLE_WANTED or isinstance(first["input"], dict | list | SecretStr)
    value = "(hidden)" if hidden else shown(first["input"])
    return SettingError(f"The setting {name} is {value}; allowed is {allowed}.")


def not_json(error: SettingsError) -> SettingError:
    """For a table or list that the environment gives as something else; without the value."""
    named = re.search(r'field "(\w+)"', str(error))
    name = f"ASSAY_{named.group(1).upper()}" if named else "A setting"
    return SettingError(
        f"{name} is not valid JSON.", "Set its parts one by one, or use .streamlit/secrets.toml."
    )


def shown(value: object) -> str:
    """A wrong value as it may be shown: without what may be a password in an address, and not endless."""
    # With the quote that a text begins with, so that the one at its end has its other.
    text = re.sub(r"""^(["']?).*@""", r"\1(hidden)@", repr(value), flags=re.DOTALL)
    text = re.sub(r"(https?:.*)[?#].*", r"\1?(hidden)", text)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _fields(model: object, place: Place) -> dict[str, FieldInfo]:
    """The fields of the table at ``place``; none where it is no table."""
    for part in place:
        field = _fields(model, ()).get(str(part))
        # `backends` holds tables by name: the name itself is not a step.
        inner = get_args(model)[1:] if field is None else [field.annotation]
        model = inner[0] if inner else None
    return model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}


def _field(model: type[BaseModel], place: Place) -> FieldInfo | None:
    """The field at ``place``, or the nearest one around it (an item of a list has none of its own)."""
    found = (_fields(model, place[:depth]).get(str(place[depth])) for depth in range(len(place) - 1, -1, -1))
    return next((one for one in found if one is not None), None)


def _allowed(field: FieldInfo | None, otherwise: str) -> str:
    """What a field takes: its description, or its kind of number with the bounds."""
    if field is None:
        return otherwise
    numbers = {int: "a whole number", float: "a number", bool: "true or false"}
    kind = field.annotation
    words = numbers.get(kind, otherwise) if isinstance(kind, type) else otherwise
    return field.description or words + "".join(_bounds(field))


def _bounds(field: FieldInfo) -> Iterator[str]:
    for mark in field.metadata:
        for name, words in (("ge", " from {}"), ("gt", " above {}"), ("le", " up to {}")):
            if (bound := getattr(mark, name, None)) is not None:
                yield words.format(bound)


__all__ = ["in_words", "not_json", "shown"]
