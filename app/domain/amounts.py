"""Numbers and money in words, the same wherever they are told."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

PRECISE = Context(prec=60)
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "CHF": "CHF "}


def currency_sign(currency: str) -> str:
    """What stands before an amount: "$", "€", or the code and a space."""
    return _SIGNS.get(currency, f"{currency} ")


def number_words(number: Decimal, digits: int = 3) -> str:
    """A plain decimal number with at most ``digits`` significant digits and thousands apart: "1,230"."""
    if number == 0:
        return "0"
    number = number.quantize(Decimal(1).scaleb(number.adjusted() - digits + 1), ROUND_HALF_EVEN, PRECISE)
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money_words(value: Decimal, currency: str, digits: int = 3) -> str:
    """Money: "$0.42", "$1,234.50", "$0"; cents are kept from 1 on."""
    sign = ("-" if value < 0 else "") + currency_sign(currency)
    value = value.copy_abs()
    text = number_words(value, digits)
    if value >= 1 or text == "1":
        return f"{sign}{value.quantize(Decimal('0.01'), ROUND_HALF_EVEN, PRECISE):,f}"
    # "$0.5" reads as a slip of the pen.
    return f"{sign}{text}0" if len(text) == 3 and text.startswith("0.") else f"{sign}{text}"
