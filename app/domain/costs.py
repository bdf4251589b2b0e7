"""What one's own machine costs, and from how many questions on it pays off."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal

from app.domain.base import Basis

DAYS_A_MONTH = Decimal("365.25") / 12
"""A month is a twelfth of a year: 30.4375 days."""
_PRECISE = Context(prec=50)
_HARDLY = Decimal(1).scaleb(-12)
"""Less of a machine is the rounding of a number, and needs no machine."""


@dataclass(frozen=True)
class Figure:
    """A figure with where it comes from. ``value`` is a decimal number as text, "" if unknown."""

    value: str
    basis: Basis
    source: str


UNKNOWN_FIGURE = Figure("", "unknown", "")
USUAL_DOUBT = Figure("25", "assumed", "a guess at how far off guesses are")


@dataclass(frozen=True)
class ExchangeRate:
    """What one unit of ``currency`` is worth in ``into``: an assumption with its date (METRICS, "Cost").

    ``day`` is an ISO date, "" where none was typed. It tells of these two currencies only.
    """

    currency: str = "USD"
    into: str = ""
    rate: Figure = UNKNOWN_FIGURE
    day: str = ""


@dataclass(frozen=True)
class MachineAssumptions:
    """What one's own machine costs, each figure with its basis (METRICS, "Cost").

    ``watts`` under load, ``idle_watts`` while it waits, ``kwh_price`` per kWh, ``purchase`` and ``residual``
    in money, ``life_years`` in years, ``hours_per_day`` of use, over which a purchase is spread,
    ``rent_per_hour`` instead of a purchase. ``hours_on`` a day it is switched on, or rented. ``doubt`` is by
    how many percent what is assumed may be off. All money is reported in ``currency``; ``exchanges`` are the
    rates that were typed, at most one for each pair, also those into a currency that was chosen before.
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
    idle_watts: Figure = UNKNOWN_FIGURE
    hours_on: Figure = UNKNOWN_FIGURE
    doubt: Figure = USUAL_DOUBT
    exchanges: tuple[ExchangeRate, ...] = ()

    def exchange(self, currency: str, into: str = "") -> ExchangeRate:
        """The rate of one currency into this machine's, or another; an unknown one where none was typed."""
        wanted = (currency, into or self.currency)
        known = (one for one in self.exchanges if (one.currency, one.into) == wanted)
        return next(known, ExchangeRate(*wanted))


@dataclass(frozen=True)
class Workload:
    """What one question takes of one's own machine, on average over the answers of a candidate.

    ``seconds`` of machine time, ``joules`` where its energy was measured (else unknown). ``candidate`` is a
    hash, ``name`` what it is called.
    """

    name: str
    seconds: Figure
    joules: Figure = UNKNOWN_FIGURE
    candidate: str = ""


@dataclass(frozen=True)
class Rival:
    """A model behind an API, and what one question costs there.

    ``each`` is money of ``currency``, None where it is unknown. ``measured``: its own answers were priced;
    otherwise it is a list price for the tokens of another's answers. ``words`` tell which, and of how many
    answers. ``candidate`` is its hash where it is one, ``source`` whose list price it is, and of which dates.
    ``asked``: a listed model whose own answers are in the experiment, too.
    """

    name: str
    each: Decimal | None
    currency: str
    measured: bool
    words: str
    candidate: str = ""
    source: str = ""
    asked: bool = False


@dataclass(frozen=True)
class OwnMonthly:
    """One's own machine by the month: ``fixed`` money for each machine, ``each`` question's energy.

    ``capacity`` is how many questions a day one machine can answer; after that the next one adds its step.
    """

    fixed: Decimal
    each: Decimal
    capacity: Decimal

    def machines(self, a_day: Decimal) -> int:
        """How many are needed for so many questions a day; the first is there anyhow."""
        needed = _PRECISE.divide(a_day, self.capacity).quantize(_HARDLY, context=_PRECISE)
        return max(1, int(needed.to_integral_value(ROUND_CEILING)))

    def cost(self, a_day: Decimal) -> Decimal:
        """What a month with so many questions a day costs."""
        asked = _PRECISE.multiply(_PRECISE.multiply(a_day, DAYS_A_MONTH), self.each)
        return _PRECISE.add(self.machines(a_day) * self.fixed, asked)


@dataclass(frozen=True)
class Crossing:
    """From how many questions a day on one's own machine is cheaper, by one set of assumptions.

    ``at`` is None where it never is (``never``) or where that cannot be told; ``words`` say why then.
    ``api_each`` is a question's cost with the API in the reporting currency. Where the next machine is
    needed soon, the API is cheaper again in between: ``dearer_again`` from and to so many questions a day
    with the second machine.
    """

    own: OwnMonthly | None = None
    api_each: Decimal | None = None
    at: Decimal | None = None
    never: bool = False
    words: str = ""
    dearer_again: tuple[Decimal, Decimal] | None = None

    @property
    def for_good(self) -> Decimal | None:
        """From where on no further machine makes the API cheaper again; None where each one does.

        The API is cheaper between n full machines and n + 1 times ``at``: as long as n is below
        ``at`` / (capacity - ``at``).
        """
        if self.at is None or self.own is None or self.at >= self.own.capacity:
            return None
        last = _PRECISE.divide(self.at, self.own.capacity - self.at).to_integral_value(ROUND_CEILING)
        return _PRECISE.multiply(max(last, Decimal(1)), self.at)


@dataclass(frozen=True)
class BreakEven:
    """One's own machine against one API (METRICS, "Break-even"), in ``currency``.

    ``careful`` and ``hopeful`` are the same with all that is assumed ``doubt`` percent less, or more,
    favourable; they are as ``usual`` where nothing is assumed. ``notes`` say what was left out, ``rates`` by
    which the API's price was converted.
    """

    work: Workload
    rival: Rival
    currency: str
    usual: Crossing
    careful: Crossing
    hopeful: Crossing
    doubt: Decimal = Decimal(0)
    notes: tuple[str, ...] = ()
    rates: tuple[ExchangeRate, ...] = ()


@dataclass(frozen=True)
class Loading:
    """What loading models took beside the answers of an experiment: ``seconds`` in all.

    ``amount`` is what that costs by the assumptions of now, in 10^-12 of ``currency``; it is in no answer.
    """

    seconds: float
    amount: int | None
    currency: str


@dataclass(frozen=True)
class PayOff:
    """All that tells when one's own machine pays off.

    ``works`` are the candidates that were measured on a machine of one's own, ``chosen`` the one that is
    set against each API in ``against``. ``experiment`` is what they were measured in, "" where there is
    none; ``elsewhere``: on another machine than this.
    """

    works: tuple[Workload, ...] = ()
    chosen: Workload | None = None
    against: tuple[BreakEven, ...] = ()
    loading: Loading | None = None
    experiment: str = ""
    elsewhere: bool = False
