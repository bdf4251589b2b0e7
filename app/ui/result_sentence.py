"""The sentence of an experiment, in Markdown: how often the best was right, beside what, and what decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.domain import CandidateResult, Comparison, Examined, Experiment, ExperimentState, Headline, twins
from app.ui import figures
from app.ui.safe import plain, unbroken

NOTHING_SCORED = "could be scored yet, so nothing tells how often any of them was right."
NOTHING_JUDGED = "was judged yet, so nothing tells how often any of the candidates was right."
ALONE = "Only one candidate was asked, so there is nothing to compare it with."
POOR = "Even the best was right less than half of the time."
MOST_NAMED = 3
Names = Mapping[str, str]
"""What each candidate is called, by its hash."""


def sentence_of(examined: Examined, names: Names) -> str:
    """The sentence in large: the best, what it is set beside, and whether the difference is decisive."""
    headline, experiment = examined.headline, examined.experiment
    if not headline.leaders:
        answers = figures.count(len(examined.trials), "answer")
        if any(one.unjudged for one in examined.results.candidates):
            return f"Of {answers} none {NOTHING_JUDGED}"
        return f"Of {answers} none {NOTHING_SCORED}" if examined.trials else "Nothing was answered yet."
    parts = [_first(headline, experiment, names)]
    if headline.other is not None:
        parts.append(_beside(headline.leaders[0], headline.other, names))
        parts += _decided(headline.comparison, headline.leaders[0])
    if headline.poor and headline.leaders[0].right.hits:
        parts.append(POOR)
    return unbroken(" ".join(parts))


def below_of(examined: Examined, names: Names) -> str:
    """What is said below in small: the next of all, where the sentence is about documents; "" for nothing."""
    headline = examined.headline
    if len(examined.results.candidates) == 1 and headline.leaders:
        return ALONE
    if headline.rival is None:
        return ""
    share = plain(figures.share(headline.rival.right))
    decided = _decided(headline.rival_comparison, headline.leaders[0])
    return unbroken(" ".join([f"Next came {_name(headline.rival, names)}: {share}.", *decided]))


def _first(headline: Headline, experiment: Experiment, names: Names) -> str:
    leaders = headline.leaders
    on, share = _on(leaders, experiment), plain(figures.share(leaders[0].right))
    if not leaders[0].right.hits:
        return f"{on} {_nobody(leaders, names)}: {share}."
    percent, _, interval = figures.share(leaders[0].right).partition(" ")
    told = f"{percent} of the time {plain(interval)}"
    if len(leaders) == 1:
        return f"{on} {_name(leaders[0], names)} was right {told}."
    return f"{on} {_named(leaders, names)} were right equally often: {told}."


def _on(leaders: Sequence[CandidateResult], experiment: Experiment) -> str:
    """The questions that the best was scored on."""
    scored, asked = leaders[0].right.of, figures.count(experiment.cases, "question")
    told = f"your {asked}" if scored == experiment.cases else f"{scored:,} of your {asked}"
    begun = experiment.state is not ExperimentState.FINISHED
    return f"So far, on {told}," if begun else f"On {told},"


def _nobody(leaders: Sequence[CandidateResult], names: Names) -> str:
    if len(leaders) == 1:
        return f"{_name(leaders[0], names)} was never right"
    if len(leaders) > 2:
        return f"none of the {len(leaders)} candidates was right even once"
    return f"neither {_named(leaders, names, 'nor')} was right even once"


def _named(leaders: Sequence[CandidateResult], names: Names, joined: str = "and") -> str:
    if len(leaders) > MOST_NAMED:
        return f"{len(leaders)} candidates"
    *first, last = (_name(one, names) for one in leaders)
    return f"{', '.join(first)} {joined} {last}"


def _beside(leader: CandidateResult, other: CandidateResult, names: Names) -> str:
    percent, _, interval = figures.share(other.right).partition(" ")
    told = f"{percent} of the time {plain(interval)}"
    if twins((leader.candidate, other.candidate)):
        given = "With" if other.candidate.with_documents else "Without"
        return f"{given} documents it was right {told}."
    return f"Next came {_name(other, names)}, right {told}."


def _decided(comparison: Comparison | None, leader: CandidateResult) -> list[str]:
    if comparison is None:
        return []
    fewer = comparison.questions < leader.right.of
    both = (
        f" Compared on the {figures.count(comparison.questions, 'question')} scored for both."
        if fewer
        else ""
    )
    # Each share is on all that its candidate was scored on: on what both were, another may be ahead.
    against = " There it was right less often." if fewer and (comparison.difference or 0.0) < 0 else ""
    return [plain(comparison.words) + both + against]


def _name(one: CandidateResult, names: Names) -> str:
    return f"*{plain(names[one.candidate.hash], 120)}*"
