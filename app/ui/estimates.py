"""What a new experiment will take, in words: on the form, and on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.domain import Candidate, Estimate, Taking
from app.ui import figures
from app.ui.spans import about, money_words
from app.ui.words import UNKNOWN

MOST_NAMED = 3


class Asked(Protocol):
    """What is to be asked: a plan of the form, or what the command line wants."""

    @property
    def candidates(self) -> Sequence[Candidate]:
        """Who is asked."""

    @property
    def repeats(self) -> int:
        """How often each question is."""

    @property
    def one_at_a_time(self) -> bool:
        """Whether one answer waits for the other."""


@dataclass(frozen=True)
class Taken:
    """One figure of an estimate, and where it comes from."""

    name: str
    value: str
    basis: str


def figures_of(asked: Asked, estimate: Estimate) -> list[Taken]:
    """Answers, time, tokens and money. What nothing is recorded of is in no figure, and is told."""
    missing = _without(estimate.unknown)
    nothing = estimate.seconds is None
    more = " or more" if estimate.unknown else ""
    time_ = UNKNOWN if estimate.seconds is None else about(estimate.seconds) + more
    tokens = UNKNOWN if nothing else f"{figures.significant(estimate.tokens, 2)}{more}"
    basis = "Nothing is recorded of these candidates yet." if nothing else f"{estimate.basis}{missing}"
    pace = "One after the other" if asked.one_at_a_time else "As many at once as each server takes"
    return [
        Taken("Answers", f"{estimate.answers:,}", _product(asked, estimate)),
        Taken("Time", time_, basis if nothing else f"{pace}. {basis}{_more(estimate, _more_time)}"),
        Taken("Tokens", tokens, basis if nothing else f"In and out. {basis}{_more(estimate, _more_tokens)}"),
        _money(estimate),
    ]


def _more(estimate: Estimate, told: Callable[[Taking], str]) -> str:
    """What looking for causes takes beside the figure, where it can ask again and that is known."""
    words = told(estimate.more) if estimate.reasks else ""
    return f" Looking for causes takes at most {words} more." if words else ""


def _more_time(more: Taking) -> str:
    return "" if more.seconds is None else about(more.seconds).removeprefix("about ")


def _more_tokens(more: Taking) -> str:
    return figures.significant(more.tokens, 2) if more.tokens else ""


def _more_money(more: Taking) -> str:
    return money_words(more.amounts) if more.amounts else ""


def _product(asked: Asked, estimate: Estimate) -> str:
    questions = figures.count(estimate.questions, "question")
    parts = [questions, figures.count(len(asked.candidates), "candidate")]
    judged = figures.count(estimate.judgements, "judgement") if estimate.judgements else ""
    product = " × ".join(parts + ([f"{asked.repeats} times"] if asked.repeats > 1 else []))
    again = f"{estimate.reasks:,} asked again to find causes" if estimate.reasks else ""
    most = " and ".join(one for one in (judged, again) if one)
    return f"{product}; and up to {most}" if most else product


def _money(estimate: Estimate) -> Taken:
    if not estimate.amounts:
        return Taken("Cost", UNKNOWN, "No recorded answer of these candidates has a known cost.")
    missing = _without(estimate.unpriced)
    value = money_words(estimate.amounts) + (" or more" if missing else "")
    basis = f"As recorded answers of the same models cost.{missing}{_own(estimate)}"
    return Taken("Cost", value, f"{basis}{_more(estimate, _more_money)}")


def _own(estimate: Estimate) -> str:
    """What of the cost no bill comes for, and no limit counts."""
    if not estimate.own:
        return ""
    whole = estimate.own == {one: amount for one, amount in estimate.amounts.items() if amount}
    part = "It" if whole else money_words(estimate.own)
    return f" {part} is your own machine's, which nobody bills by the answer."


def _without(labels: Sequence[str]) -> str:
    return f" Without {listed(labels)}, of which nothing is known." if labels else ""


def listed(labels: Sequence[str]) -> str:
    """Each name once: "tiny with documents; large with documents"; of many the first, and how many more."""
    names = list(dict.fromkeys(labels))
    left = [f"and {len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED + 1 else []
    return "; ".join([*(names[:MOST_NAMED] if left else names), *left])


def repeats_words(candidates: Sequence[Candidate], repeats: int) -> str:
    """What repeats bring, where that has to be said."""
    still = [one for one in candidates if one.options.temperature == 0]
    if repeats < 2 or not still:
        return ""
    if len(still) == len(candidates):
        return "At temperature 0 a model nearly always answers the same: repeats add next to nothing here."
    return "Repeats add next to nothing for those at temperature 0, which nearly always answer the same."
