"""What one's own machine costs."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.base import Basis


@dataclass(frozen=True)
class Figure:
    """A figure with where it comes from. ``value`` is a decimal number as text, "" if unknown."""

    value: str
    basis: Basis
    source: str


UNKNOWN_FIGURE = Figure("", "unknown", "")


@dataclass(frozen=True)
class MachineAssumptions:
    """What one's own machine costs, each figure with its basis (METRICS, "Cost").

    ``watts`` under load, ``kwh_price`` per kWh, ``purchase`` and ``residual`` in money,
    ``life_years`` in years, ``hours_per_day`` of use, ``rent_per_hour`` instead of a purchase.
    """

    name: str = "this machine"
    currency: str = "USD"
    watts: Figure = UNKNOWN_FIGURE
    kwh_price: Figure = UNKNOWN_FIGURE
    purchase: Figure = UNKNOWN_FIGURE
    residual: Figure = UNKNOWN_FIGURE
    life_years: Figure = UNKNOWN_FIGURE
    hours_per_day: Figure = UNKNOWN_FIGURE
    rent_per_hour: Figure = UNKNOWN_FIGURE
