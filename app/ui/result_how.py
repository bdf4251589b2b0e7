"""How an experiment was measured, in words for a person who reads no table."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import DECISIVE, HERE, Candidate, Examined, Experiment, PayOff, PriceUse, Used
from app.ui import figures
from app.ui.safe import plain
from app.ui.words import UNKNOWN

SHORT_DIGEST = 12
OWN_MACHINE = "own machine"
"""The kind of a price that is no price of tokens."""
NOT_RIGHT = (
    "Where the documents do not hold the answer, right is to say so. Failed, empty or cut short is not "
    "right. Where you marked an answer yourself, your mark counts."
)
BRACKETS = (
    "**In brackets** behind a share stands its 95% interval (Wilson's): with other questions of the same "
    "kind, 95 of 100 such intervals hold the true share. More questions make it narrower."
)
ENOUGH = " Whether one is accurate enough is told by wider intervals, which hold for all candidates together."
COSTS = (
    "**What a right answer costs:** all that answers cost over the number right, among answers whose "
    "cost and outcome are both known, each at the price that it was logged with. Intervals draw the "
    "questions anew 4,000 times{repeats}; where too often none was right they have no upper end. Loading "
    "models, re-asking for causes and judging are not in it."
)
PAIRED = (
    f"two candidates are compared question by question, where both were scored. A difference is {DECISIVE} "
    "if chance alone would make one as large in 5 of 100 tests at most"
)


def how_lines(examined: Examined, used: Used, pay_off: PayOff | None = None) -> list[str]:
    """What was asked, what right means, how sure it is, what is left out, and where it ran, as Markdown.

    And of which weights the answers are, at which prices they were logged, and from which lists the
    prices are that ``pay_off`` sets them against.
    """
    away = _asked_away(examined)
    experiment, pairs = examined.experiment, len(examined.results.comparisons)
    unscored = sum(one.unscored for one in examined.results.candidates)
    waiting = sum(one.unjudged for one in examined.results.candidates)
    first = experiment.snapshot.get("machine", UNKNOWN)
    later = (
        f"{key}: {told}" for key, told in experiment.snapshot.items() if key.startswith("machine since ")
    )
    machine = "; ".join([first, *sorted(later)]) + (" (not this one)" if away else "")
    repeats = ", each with all its repeats" if experiment.repeats > 1 else ""
    return [
        f"**Asked:** {_asked(examined, used)}",
        f"**Right** is an answer that {_is_right(experiment.judge)}. {NOT_RIGHT}",
        f"{BRACKETS}{ENOUGH if len(experiment.candidates) > 1 else ''}",
        *([f"**{DECISIVE.capitalize()}:** {_decisive(pairs)}{_apart(examined)}"] if pairs else []),
        f"**Not scored:** {_not_scored(unscored, waiting)}",
        f"**Machine:** {plain(machine, 600)}.",
        *([COSTS.format(repeats=repeats)] if any(one.priced for one in examined.costs.candidates) else []),
        f"**Models:** {plain(model_words(experiment), 2000)}.",
        *(f"**Prices:** {plain(price_words(use, away=away), 600)}" for use in used.prices),
        *(f"**List price beside it:** {plain(told, 600)}" for told in _listed(pay_off)),
    ]


def model_words(experiment: Experiment) -> str:
    """The weights that were asked, each once, with the beginning of their digests."""
    return "; ".join(dict.fromkeys(map(_weights, experiment.candidates)))


def _weights(one: Candidate) -> str:
    if one.imported:
        return f"{one.model}, recorded elsewhere: its weights are not known"
    return f"{one.model} on {one.backend}, digest {one.digest[:SHORT_DIGEST] or UNKNOWN}"


def price_words(one: PriceUse, *, away: bool = False) -> str:
    """The prices that so many answers were given, with their dates where they have any.

    ``away``: they were asked on another machine, which was "this" one only there.
    """
    if not one.known:
        return f"{figures.count(one.answers, 'answer')}: what they cost is not known."
    facts = dict(one.facts)
    kind, machine = facts.pop("kind", UNKNOWN), facts.pop("machine", "")
    if kind == OWN_MACHINE:
        where = "not this one" if away and machine == HERE else machine
        kind = f"by their time on a machine of one’s own{f' ({where})' if where else ''}"
    more = "; ".join(f"{name}: {value}" for name, value in facts.items())
    return f"{figures.count(one.answers, 'answer')}: {kind}{'; ' if more else ''}{more}."


def _listed(pay_off: PayOff | None) -> list[str]:
    """Whose list prices stand beside what was measured, from where and of which day."""
    rivals = [one.rival for one in pay_off.against] if pay_off else []
    return list(dict.fromkeys(f"{one.name}: {one.source}." for one in rivals if one.source))


def _asked_away(examined: Examined) -> bool:
    """Whether all that was not recorded was asked on another machine."""
    asked = [one.hash for one in examined.experiment.candidates if not one.imported]
    return bool(asked) and examined.elsewhere.issuperset(asked)


def _asked(examined: Examined, used: Used) -> str:
    """What was put to whom and when; recorded answers were put to nobody, and have dates of their own."""
    one = examined.experiment
    unanswerable = sum(case.unanswerable for case in examined.cases)
    none = f", {unanswerable:,} of them without an answer in the documents" if unanswerable else ""
    questions = f"{figures.count(one.cases, 'question')} of “{plain(one.dataset_name)}”{none}"
    asked = [who for who in one.candidates if not who.imported]
    told = [who for who in one.candidates if who.imported]
    parts = [questions]
    if asked:
        times = "once" if one.repeats == 1 else f"{one.repeats} times"
        when = _dates(used, asked) or figures.day(one.made_at)
        parts.append(f"each put {times} to {figures.count(len(asked), 'candidate')}, on {when}")
    if told:
        parts.append(_recorded(examined, told, used))
    return f"{'; '.join(parts)}."


def _recorded(examined: Examined, told: Sequence[Candidate], used: Used) -> str:
    mine = [one for one in examined.trials if one.slot.candidate in examined.experiment.imported]
    answers = figures.count(len(mine), "answer")
    of = figures.count(len(told), "candidate")
    dated = f", dated {dates}" if (dates := _dates(used, told)) else ""
    were = "was" if len(mine) == 1 else "were"
    return f"{answers} of {of} {were} not asked here but recorded elsewhere{dated}"


def _dates(used: Used, who: Sequence[Candidate]) -> str:
    """The day of their answers, or the first and the last; "" where there is none."""
    known = [used.dates[one.hash] for one in who if one.hash in used.dates]
    if not known:
        return ""
    days = [figures.day(min(first for first, _ in known)), figures.day(max(last for _, last in known))]
    return " to ".join(dict.fromkeys(days))


def _is_right(judge: Candidate | None) -> str:
    if judge is None:
        return "holds one of the right answers, word for word and number for number"
    return f"matches one of the right answers, as the model {plain(judge.model)} judges it"


def _decisive(pairs: int) -> str:
    if pairs == 1:
        return f"{PAIRED} (sign-flip test)."
    return f"{PAIRED}, corrected for all {pairs:,} pairs compared (sign-flip test, Holm's correction)."


def _apart(examined: Examined) -> str:
    """What is corrected by itself, since it was asked beforehand and compares other quantities."""
    kinds = ((examined.drift, "places of the right passage"), (examined.claims, "wrong and invented answers"))
    told = [what for there, what in kinds if there]
    return f" Comparisons of {' and of '.join(told)} have a correction of their own." if told else ""


def _not_scored(unscored: int, waiting: int) -> str:
    kinds = ((unscored, "that no rule could judge"), (waiting, "that the judge was not asked about yet"))
    told = [f"{figures.count(many, 'answer')} {why}" for many, why in kinds if many]
    return f"{' and '.join(told)}; they are in no share." if told else "nothing; every answer counts."
