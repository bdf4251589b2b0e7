"""A person's own price lists."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.domain import OwnPrice
from app.errors import NotAllowed
from storage.database import Database
from storage.tables import OwnPriceRow


class PriceLists:
    """Own prices. Every method raises DatabaseTrouble where the database fails.

    What was read is kept until this changes it: every answer asks for it, and nobody else writes it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[OwnPrice, ...] | None = None
        self._changes = 0
        self._lock = threading.Lock()

    def list(self) -> tuple[OwnPrice, ...]:
        """All of them, by provider, model and date."""
        with self._lock:
            known, before = self._known, self._changes
        if known is None:
            with self._database.read() as session:
                known = _all(session)
            self._keep(known, before)
        return known

    def change(self, remove: Sequence[OwnPrice], put: Sequence[OwnPrice]) -> tuple[OwnPrice, ...]:
        """Take some away and put others in their place, all or nothing; returns what there is then.

        Raises NotAllowed where somebody changed one of ``remove`` meanwhile, or put another price in the
        place of one of ``put``.
        """
        self._forget()
        with self._database.write() as session:
            there = {one.id: one for one in _all(session)}
            for one in remove:
                if there.pop(one.id, None) != one:
                    raise _changed(one)
            for one in put:
                if there.setdefault(one.id, one) != one:
                    raise NotAllowed(
                        f"There is another price of {one.model} ({one.provider}) since {one.since} already. "
                        "Nothing was saved.",
                        "Change that one, or give this one another date.",
                    )
            session.execute(delete(OwnPriceRow).where(OwnPriceRow.id.in_([one.id for one in remove])))
            session.flush()
            kept = set(session.scalars(select(OwnPriceRow.id)))
            now = datetime.now(UTC)
            session.add_all(_row(one, now) for one in put if one.id not in kept)
            session.flush()
            after = _all(session)
        # A read that began before this was committed must not be kept.
        self._keep(after, self._forget())
        return after

    def _forget(self) -> int:
        with self._lock:
            self._known = None
            self._changes += 1
            return self._changes

    def _keep(self, known: tuple[OwnPrice, ...], before: int) -> None:
        """Remember what was read when there had been so many changes, unless there was one since."""
        with self._lock:
            if self._changes == before:
                self._known = known


def _changed(one: OwnPrice) -> NotAllowed:
    return NotAllowed(
        f"The price of {one.model} ({one.provider}) since {one.since} was changed elsewhere meanwhile. "
        "Nothing was saved.",
        "Look at the list as it is now, then change it again.",
    )


def _all(session: Session) -> tuple[OwnPrice, ...]:
    rows = [_price(one) for one in session.scalars(select(OwnPriceRow))]
    return tuple(sorted(rows, key=lambda one: (one.provider.casefold(), one.model.casefold(), one.since)))


def _price(row: OwnPriceRow) -> OwnPrice:
    return OwnPrice(
        row.provider,
        row.model,
        row.currency,
        Decimal(row.input_price),
        Decimal(row.output_price),
        _decimal(row.cached_price),
        _decimal(row.thinking_price),
        date.fromisoformat(row.since),
        row.source,
    )


def _row(one: OwnPrice, now: datetime) -> OwnPriceRow:
    return OwnPriceRow(
        id=one.id,
        provider=one.provider,
        model=one.model,
        currency=one.currency,
        input_price=format(one.input, "f"),
        output_price=format(one.output, "f"),
        cached_price=_text(one.cached),
        thinking_price=_text(one.thinking),
        since=one.since.isoformat(),
        source=one.source,
        set_at=now,
    )


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
