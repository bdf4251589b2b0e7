"""A person's own price lists in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain import OwnPrice
from app.errors import NotAllowed
from storage.database import Database
from storage.price_lists import PriceLists
from tests.storage.conftest import Opener

GPT = OwnPrice(
    *("openai", "gpt-4o", "EUR", Decimal("2.10"), Decimal("8.400000000001"), Decimal(0), None),
    date(2026, 1, 31),
    "our contract",
)
LATER = replace(GPT, since=date(2026, 6, 1), source="")


@pytest.fixture
def lists(database: Database) -> PriceLists:
    return PriceLists(database)


def test_what_was_saved_comes_back_exactly_also_after_a_restart(lists: PriceLists, opener: Opener) -> None:
    assert lists.list() == ()
    assert lists.change([], [LATER, GPT]) == (GPT, LATER)
    assert lists.list() == PriceLists(opener()).list() == (GPT, LATER)
    assert str(lists.list()[0].input) == "2.10"


def test_one_is_changed_and_another_deleted(lists: PriceLists) -> None:
    lists.change([], [GPT, LATER])
    dearer = replace(GPT, output=Decimal(9))
    assert lists.change([GPT], [dearer]) == (dearer, LATER)
    assert lists.change([LATER], []) == (dearer,)


def test_what_somebody_changed_meanwhile_is_not_written_over(lists: PriceLists, opener: Opener) -> None:
    lists.change([], [GPT, LATER])
    other = PriceLists(opener())
    assert other.list() == (GPT, LATER)
    dearer = replace(GPT, output=Decimal(9))
    lists.change([GPT], [dearer])
    with pytest.raises(NotAllowed, match="was changed elsewhere meanwhile"):
        other.change([LATER, GPT], [replace(GPT, output=Decimal(7))])
    assert other.list() == (dearer, LATER), "all or nothing"
    with pytest.raises(NotAllowed, match="was changed elsewhere"):
        other.change([replace(LATER, model="gone")], [])


def test_a_second_price_for_the_same_day_is_refused_and_the_same_one_is_no_fault(lists: PriceLists) -> None:
    lists.change([], [GPT])
    with pytest.raises(NotAllowed, match="another price of GPT-4o"):
        lists.change([], [LATER, replace(GPT, model="GPT-4o", input=Decimal(3))])
    assert lists.list() == (GPT,)
    assert lists.change([], [GPT, LATER]) == (GPT, LATER)
