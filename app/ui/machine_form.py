"""The form for one's own machine: each figure with its basis and its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import streamlit as st

from app.domain import UNKNOWN_FIGURE, Basis, Cost, ExchangeRate, Figure, MachineAssumptions
from app.ui import figures
from app.ui.safe import plain
from app.ui.words import help_for

BASES: tuple[Basis, ...] = ("measured", "listed", "assumed")
RENTED, BOUGHT = "Rented", "Bought"
GROUPS = (
    (
        "Energy",
        (
            ("watts", "Power under load, W", "watts"),
            ("idle_watts", "Power while it waits, W", "idle watts"),
            ("kwh_price", "Electricity, {currency} per kWh", "kwh price"),
        ),
    ),
    (RENTED, (("rent_per_hour", "Rent, {currency} per hour", "rent"),)),
    (
        BOUGHT,
        (
            ("purchase", "Purchase price, {currency}", "purchase"),
            ("residual", "Resale value, {currency}", "residual"),
            ("life_years", "Life, years", "life"),
            ("hours_per_day", "Use, hours per day", "hours per day"),
        ),
    ),
)
MONTHLY = (("hours_on", "Switched on or rented, hours per day", "hours on"),)
CURRENCIES = ("USD", "EUR", "GBP", "CHF", "JPY", "INR", "CNY", "AUD", "CAD", "SEK", "NOK", "DKK", "PLN")
START = -1
"""The place of the figures of the start, beside those of the list."""
PRESET_FIELDS = ("watts", "rent_per_hour")
IN_MONEY = ("kwh_price", "rent_per_hour", "purchase", "residual")
NOTICE = "machine-notice"
"""What became of the figures when the currency was changed, until one of them is typed."""
ELSEWHERE = "These figures were changed in another tab or window: they are shown as they are now."
BESIDE = 3
"""So many exchange rates in a row."""
WAITING = "machine-waiting"
"""What is to take the place of the figures, until the person has agreed."""
TURN = "machine-turn"
"""Counts what fills the form from outside, so that its fields are drawn anew."""


def preset_picker(
    presets: Sequence[tuple[str, Figure, Figure]], own: MachineAssumptions | None = None
) -> int | None:
    """A machine to start from: its place when applied, ``START`` for the figures of the start.

    ``presets`` are name, watts, rent per hour in USD. ``own`` are figures that this would replace, None
    where they are those of the start: then nothing is asked before.
    """
    told = [_preset_words(*one) for one in presets]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.selectbox(
            "Start from a machine with known figures",
            range(len(told)),
            index=None,
            format_func=lambda one: told[one],
            placeholder="Choose a machine",
            key=f"machine-preset-{_turn()}",
        )
        pressed = st.button("Use its figures", disabled=place is None, key="machine-apply")
        back = own is not None and st.button("Back to the starting figures", key="machine-start")
    if own is None:
        return place if pressed else None
    if pressed or back:
        st.session_state[WAITING] = place if pressed else START
    waiting = st.session_state.get(WAITING)
    return waiting if waiting is not None and _confirmed(own, all_of_them=waiting == START) else None


def _confirmed(own: MachineAssumptions, *, all_of_them: bool) -> bool:
    """Ask before figures are replaced, naming them."""
    with st.container(border=True):
        st.markdown(f"**This replaces** {plain(replaced(own, all_of_them=all_of_them), 900)}.")
        with st.container(horizontal=True, gap="small"):
            agreed = st.button("Replace them", key="machine-replace", type="primary")
            st.button("Keep them", key="machine-keep", type="tertiary", on_click=_keep)
    if agreed:
        _keep()
    return agreed


def replaced(own: MachineAssumptions, *, all_of_them: bool) -> str:
    """The figures that a machine from the list, or the start (``all_of_them``), takes the place of."""
    taken = [
        f"{label.format(currency=own.currency)}: {getattr(own, field).value}"
        for _, fields in (*GROUPS, ("", MONTHLY))
        for field, label, _ in fields
        if getattr(own, field).value and (all_of_them or field in PRESET_FIELDS)
    ]
    return "; ".join([f"the name “{own.name}”", *taken])


def _keep() -> None:
    st.session_state.pop(WAITING, None)


def _preset_words(name: str, watts: Figure, rent: Figure) -> str:
    power = f"{watts.value} W" if watts.value else ""
    hour = f"{rent.value} USD per hour" if rent.value else ""
    return f"{name} ({', '.join(part for part in (power, hour) if part)})"


def filled_anew() -> None:
    """Draw the fields anew from the assumptions at the next run."""
    st.session_state[TURN] = _turn() + 1


def machine_form(known: MachineAssumptions, needed: Sequence[str]) -> tuple[MachineAssumptions, str]:
    """Draw the fields, filled with what is known; returns what stands in them now.

    Beside it the currency that was chosen: where it is another, the figures are still in that of ``known``.
    ``needed`` are the currencies in which anything is paid.
    """
    naming, paying, _ = st.columns(3)
    name = naming.text_input("Name of the machine", known.name, max_chars=80, key=f"machine-name-{_turn()}")
    currencies = list(dict.fromkeys([known.currency, *CURRENCIES]))
    currency = paying.selectbox(
        "Currency", currencies, key=f"machine-currency-{_turn()}", help=help_for("currency")
    )
    place = st.container()
    changed: dict[str, Any] = {}
    for column, (group, fields) in zip(st.columns(3), GROUPS, strict=True):
        with column:
            st.markdown(f"**{group}**")
            for field, label, helping in fields:
                told = label.format(currency=known.currency)
                changed[field] = _figure(field, told, helping, getattr(known, field))
            if group == RENTED and changed["rent_per_hour"].value:
                st.caption(help_for("power in rent"))
            if group == BOUGHT and changed["purchase"].value and changed["rent_per_hour"].value:
                st.warning(help_for("rent or purchase"), icon=":material/info:")
    st.markdown("**Over a month**")
    hours, doubts, _ = st.columns(3)
    with hours:
        for field, label, helping in MONTHLY:
            changed[field] = _figure(field, label, helping, getattr(known, field))
    with doubts:
        doubt = _doubt(known.doubt)
    changed |= {"doubt": doubt, "exchanges": _exchanges(known, needed)}
    typed = replace(known, name=name.strip() or "this machine", **changed)
    if typed != known:
        st.session_state.pop(NOTICE, None)
    elif notice := st.session_state.get(NOTICE):
        place.info(plain(notice, 900), icon=":material/currency_exchange:")
    return typed, currency


def changed_elsewhere() -> None:
    """Say at the next run that figures came from another tab, and draw them anew."""
    st.session_state[NOTICE] = ELSEWHERE
    filled_anew()


def joined(
    known: MachineAssumptions, seen: MachineAssumptions, typed: MachineAssumptions
) -> MachineAssumptions:
    """What is ``known`` now, with what was ``typed`` since the fields were filled with what was ``seen``.

    Where the currency is another by now what was typed is lost: it was money of the one before.
    """
    if known.currency != seen.currency:
        return known
    names = (one.name for one in fields_of(MachineAssumptions) if one.name != "exchanges")
    changed = {one: getattr(typed, one) for one in names if getattr(typed, one) != getattr(seen, one)}
    before, now = ({(one.currency, one.into): one for one in which.exchanges} for which in (seen, typed))
    rates = {(one.currency, one.into): one for one in known.exchanges}
    for pair in before.keys() | now.keys():
        if now.get(pair) != before.get(pair):
            rates.pop(pair, None)
            rates |= {pair: now[pair]} if pair in now else {}
    return replace(known, **changed, exchanges=tuple(rates.values()))


def moved(before: MachineAssumptions, after: MachineAssumptions) -> None:
    """Say at the next run what another currency did to the figures, and draw them anew."""
    kinds: dict[str, list[str]] = {"converted": [], "emptied": [], "kept": []}
    for _, fields in GROUPS:
        for field, label, _ in fields:
            one, other = getattr(before, field), getattr(after, field)
            if field in IN_MONEY and one.value:
                kind = "emptied" if not other.value else "kept" if one == other else "converted"
                unit = "" if kind == "kept" else f" {before.currency}"
                kinds[kind].append(f"{label.partition(',')[0].lower()} {one.value}{unit}")
    old, new = before.currency, after.currency
    told = {
        "converted": f"Converted into {new} and marked assumed",
        "emptied": f"Emptied, since they are in {old} and no rate from {old} to {new} was typed",
        "kept": f"Left as typed, so check that they are in {new}",
    }
    said = [f"{told[kind]}: {', '.join(labels)}." for kind, labels in kinds.items() if labels]
    st.session_state[NOTICE] = " ".join(said)
    filled_anew()


def _doubt(known: Figure) -> Figure:
    """By how many percent what is assumed may be off; emptied, nothing is in doubt."""
    label, key = "What is assumed may be off by, %", f"machine-doubt-{_turn()}"
    number = _emptied_or_number(label, key, known.value, "careful and hopeful", "0")
    if number is None:
        return UNKNOWN_FIGURE
    text = _text(number, known)
    return Figure(text, "assumed", known.source if text == known.value else "")


def _exchanges(known: MachineAssumptions, needed: Sequence[str]) -> tuple[ExchangeRate, ...]:
    """The rates by which all money is told in the machine's currency, each with its date.

    Rates into a currency that was chosen before stay as they are.
    """
    wanted = [known.exchange(one) for one in needed if one != known.currency]
    kept = {(one.currency, one.into): one for one in known.exchanges}
    if wanted:
        st.markdown("**Exchange rates**", help=help_for("exchange rate"))
    for first in range(0, len(wanted), BESIDE):
        for column, one in zip(st.columns(BESIDE), wanted[first : first + BESIDE], strict=False):
            with column:
                typed = _exchange(one)
            if typed.rate.value:
                kept[one.currency, one.into] = typed
            else:
                kept.pop((one.currency, one.into), None)
    return tuple(kept.values())


def _exchange(known: ExchangeRate) -> ExchangeRate:
    pair = f"{known.currency}-{known.into}"
    rate = _figure(f"rate-{pair}", f"One {known.currency} in {known.into}", "exchange rate", known.rate)
    key = f"machine-rate-day-{pair}-{_turn()}"
    if key not in st.session_state:
        st.session_state[key] = _day(known.day)
    if rate.value and not known.rate.value and st.session_state[key] is None:
        # Whoever types a rate sees it dated, and can say otherwise.
        st.session_state[key] = datetime.now(UTC).date()
    day = st.date_input("The rate is of", None, key=key, help=help_for("rate's date"))
    return replace(known, rate=rate, day=day.isoformat() if isinstance(day, date) else "")


def _day(told: str) -> date | None:
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None


def effect(cost: Cost, seconds: float, before: Cost | None) -> None:
    """What an answer of ``seconds`` costs with these figures, and what it cost before the last change."""
    with st.container(border=True):
        delta = None
        if before is not None and before.amount != cost.amount and before.currency == cost.currency:
            delta = f"was {figures.per_thousand(before.amount, before.currency)}"
        st.metric(
            f"1,000 answers of {figures.seconds(seconds)} each",
            figures.money(None if cost.amount is None else cost.amount * 1000, cost.currency),
            delta,
            delta_color="off",
            delta_arrow="off",
            help=help_for("cost per 1,000"),
        )
        st.caption(plain(cost.words, 900))


def _figure(field: str, label: str, helping: str, known: Figure) -> Figure:
    """A figure with its basis and source, which are those of the number that was known.

    Another number begins as assumed, without a source: whoever types it says where it comes from. What has no
    source is assumed, whatever it is marked.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        number = _emptied_or_number(label, f"machine-{field}-{_turn()}", known.value, helping, "unknown")
        text = "" if number is None else _text(number, known)
        basis, source = _origin(field, known if text == known.value else Figure(text, "assumed", ""))
    if not text:
        return UNKNOWN_FIGURE
    if source:
        st.caption(plain(source))
    return Figure(text, basis, source)


def _emptied_or_number(label: str, key: str, known: str, helping: str, empty: str) -> float | None:
    """A field that begins with what is ``known`` and can be emptied.

    A field that is given its first value as such cannot be: Streamlit puts that back.
    """
    if key not in st.session_state:
        st.session_state[key] = _number(known)
    return st.number_input(
        label, value=None, step=None, format="%.6g", key=key, help=help_for(helping), placeholder=empty
    )


def _origin(field: str, figure: Figure) -> tuple[Basis, str]:
    """Where a figure comes from, behind a button that shows its basis.

    The fields are of this very number: for another one they begin anew.
    """
    place = BASES.index(figure.basis) if figure.basis in BASES else BASES.index("assumed")
    key, source_key = (f"machine-{field}-{what}-{figure.value}-{_turn()}" for what in ("basis", "source"))
    now = st.session_state.get(key, BASES[place])
    why = st.session_state.get(source_key, figure.source).strip()
    told = bool(figure.value)
    with st.popover((now if why else "assumed") if told else "unknown", disabled=not told):
        basis = st.selectbox("Basis", BASES, index=place, key=key, help=help_for("basis"))
        source = st.text_input(
            "Source",
            figure.source,
            max_chars=300,
            key=source_key,
            placeholder="where the figure comes from",
        ).strip()
        if not source and basis != "assumed":
            st.caption(f"Without a source it counts as assumed, not as {basis}.")
    return basis if source else "assumed", source


def _number(value: str) -> float | None:
    try:
        return float(Decimal(value))
    except (InvalidOperation, ValueError):
        return None


def _text(number: float, known: Figure) -> str:
    """The number as decimal text; the exact text stays where the number was not changed."""
    if _number(known.value) == number:
        return known.value
    return format(Decimal(str(number)).normalize(), "f")


def _turn() -> int:
    return int(st.session_state.get(TURN, 0))
