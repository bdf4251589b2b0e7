"""How an experiment was measured, in words for a person who reads no table."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import DECISIVE, Candidate, Examined, Experiment, PriceUse
from app.ui import figures
from app.ui.safe import plain
from app.ui.words import UNKNOWN

SHORT_DIGEST = 12
OWN_MACHINE = "own machine"
"""The kind of a price that is no price of tokens."""
NOT_RIGHT = (
    "Where the documents do not hold the answer, right is to say so. An answer that failed, is empty or was "
    "cut short is not right. Your own mark, where you made one, goes before all this."
)
BRACKETS = (
    "**In brackets**, as in 65% (54-75), stands the 95% interval of a share (Wilson's): with other questions "
    "of the same kind, 95 of 100 such intervals hold the true share. More questions make it narrower."
)
COSTS = (
    "**What a right answer costs:** all that was paid for answers over the number right, among answers whose "
    "cost and outcome are both known, each at the price that it was logged with. Intervals draw the "
    "questions anew 4,000 times, all repeats of a question together; where too often none was right they "
    "have no upper end. Loading models, re-asking for causes and judging are not in it."
)
PAIRED = (
    f"two candidates are compared question by question, where both were scored. A difference is {DECISIVE} "
    "if chance alone would make one as large in 5 of 100 tests at most"
)


def how_lines(examined: Examined, prices: Sequence[PriceUse] = ()) -> list[str]:
    """What was asked, what right means, how sure it is, what is left out, and where it ran, as Markdown.

    And of which weights the answers are, and at which ``prices`` they were logged.
    """
    experiment, pairs = examined.experiment, len(examined.results.comparisons)
    unscored = sum(one.unscored for one in examined.results.candidates)
    waiting = sum(one.unjudged for one in examined.results.candidates)
    first = experiment.snapshot.get("machine", UNKNOWN)
    later = (
        f"{key}: {told}" for key, told in experiment.snapshot.items() if key.startswith("machine since ")
    )
    machine = "; ".join([first, *sorted(later)])
    return [
        f"**Asked:** {_asked(examined)}",
        f"**Right** is an answer that {_is_right(experiment.judge)}. {NOT_RIGHT}",
        BRACKETS,
        *([f"**{DECISIVE.capitalize()}:** {_decisive(pairs)}{_apart(examined)}"] if pairs else []),
        f"**Not scored:** {_not_scored(unscored, waiting)}",
        *([COSTS] if any(one.priced for one in examined.costs.candidates) else []),
        f"**Machine:** {plain(machine, 600)}.",
        f"**Models:** {plain(model_words(experiment), 2000)}.",
        *(f"**Prices:** {plain(price_words(use), 600)}" for use in prices),
    ]


def model_words(experiment: Experiment) -> str:
    """The weights that were asked, each once, with the beginning of their digests."""
    models = dict.fromkeys((one.model, one.backend, one.digest) for one in experiment.candidates)
    return "; ".join(
        f"{model} on {backend}, digest {digest[:SHORT_DIGEST] or UNKNOWN}"
        for model, backend, digest in models
    )


def price_words(one: PriceUse) -> str:
    """The prices that so many answers were given, with their dates where they have any."""
    facts = dict(one.facts)
    kind, machine = facts.pop("kind", UNKNOWN), facts.pop("machine", "")
    if kind == OWN_MACHINE:
        kind = f"by their time on a machine of one’s own{f' ({machine})' if machine else ''}"
    more = "; ".join(f"{name}: {value}" for name, value in facts.items())
    return f"{figures.count(one.answers, 'answer')}: {kind}{'; ' if more else ''}{more}."


def _asked(examined: Examined) -> str:
    one = examined.experiment
    unanswerable = sum(case.unanswerable for case in examined.cases)
    none = f", {unanswerable:,} of them without an answer in the documents" if unanswerable else ""
    times = "once" if one.repeats == 1 else f"{one.repeats} times"
    asked = f"{figures.count(one.cases, 'question')} of “{plain(one.dataset_name)}”{none}"
    whom = figures.count(len(one.candidates), "candidate")
    return f"{asked}; each put {times} to {whom}, on {figures.day(one.made_at)}."


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
    return f" Comparisons of {' and of '.join(told)} are corrected by themselves." if told else ""


def _not_scored(unscored: int, waiting: int) -> str:
    kinds = ((unscored, "that no rule could judge"), (waiting, "that the judge was not asked about yet"))
    told = [f"{figures.count(many, 'answer')} {why}" for many, why in kinds if many]
    return f"{' and '.join(told)}; they are in no share." if told else "nothing; every answer counts."
