"""The words for each rule of the verdict: the same on the screen, on the terminal and in a report.

They are plain text, or Markdown where the names and figures are given as such (``Voice``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from app.domain import (
    DECIDEDLY,
    DECISIVE,
    CandidateResult,
    Comparison,
    Experiment,
    ExperimentState,
    Share,
    Statement,
    Verdict,
    VerdictKind,
    twins,
)
from app.ui import figures
from app.ui.safe import plain, whole_ends
from app.ui.words import help_for, lowered

ALONE = "Only one candidate was asked, so there is nothing to compare it with."
POOR = "Even the best was right less than half of the time."
SURE = (
    f"In brackets: {lowered(help_for('interval')).rstrip('.')}. "
    f"{DECISIVE.capitalize()}: {lowered(help_for(DECISIVE))}"
)
MOST_NAMED = 3
MANY = 10_000
"""More questions than these are as good as any number."""
TOO_MUCH_WHY = "From a fifth on, what is missing can weigh more than what was measured"


def _same(text: str) -> str:
    return text


@dataclass(frozen=True)
class Voice:
    """How it is said: what candidates are called, by hash, and how names and figures are written."""

    names: Mapping[str, str]
    name: Callable[[str], str] = _same
    text: Callable[[str], str] = _same

    def of(self, one: CandidateResult) -> str:
        """A candidate's name."""
        return self.name(self.names[one.candidate.hash])

    def several(self, who: Sequence[CandidateResult], joined: str = "and") -> str:
        """Their names in a row; of many only how many they are."""
        if len(who) > MOST_NAMED:
            return f"{len(who)} candidates"
        *first, last = (self.of(one) for one in who)
        return f"{', '.join(first)} {joined} {last}" if first else last

    def share(self, one: Share) -> str:
        """Like "71% of the time (61-80)"."""
        percent, _, interval = figures.share(one).partition(" ")
        return f"{percent} of the time {self.text(interval)}"


def on_screen(names: Mapping[str, str]) -> Voice:
    """As Markdown, the names in italics."""
    return Voice(names, lambda name: f"*{plain(whole_ends(name))}*", lambda text: plain(text, 600))


def headline(verdict: Verdict, experiment: Experiment, voice: Voice) -> str:
    """The sentence in large."""
    words = [_WORDS[verdict.head.kind](verdict.head, experiment, voice)]
    words += [
        _hurt(one, voice, about=verdict.head) if one.kind is VerdictKind.HURT else POOR
        for one in verdict.large
    ]
    return " ".join(words)


def below(verdict: Verdict, experiment: Experiment, voice: Voice) -> list[str]:
    """What is said below in small, a sentence or two each."""
    told = [ALONE] if len(experiment.candidates) == 1 and verdict.head.who else []
    return told + [_WORDS[one.kind](one, experiment, voice) for one in verdict.below]


# ------------------------------------------------------------------------ which one?


def _nothing_asked(*_: object) -> str:
    return "Nothing was answered yet."


def _nothing_judged(one: Statement, *_: object) -> str:
    told = "was judged yet, so nothing tells how often any of the candidates was right."
    return f"Of {figures.count(one.number, 'answer')} none {told}"


def _nothing_scored(one: Statement, *_: object) -> str:
    told = "could be scored yet, so nothing tells how often any of them was right."
    return f"Of {figures.count(one.number, 'answer')} none {told}"


def _unscored(one: Statement, experiment: Experiment, voice: Voice) -> str:
    _, *others = one.who
    whose = f"the answers of {voice.of(others[0])}" if others else "its answers"
    return (
        f"{_alone(one, experiment, voice)[:-1]}, but too much is not judged to say who was right more often: "
        f"{voice.text(figures.percent(one.share))} of {whose}. {TOO_MUCH_WHY}."
    )


def _never(one: Statement, experiment: Experiment, voice: Voice) -> str:
    widest = min((who.right for who in one.who), key=lambda share: share.of)
    share = voice.text(figures.share(widest))
    if len(one.who) == 1:
        nobody = f"{voice.of(one.who[0])} was never right"
    elif len(one.who) == 2:
        nobody = f"neither {voice.several(one.who, 'nor')} was right even once"
    else:
        nobody = f"none of the {len(one.who)} candidates was right even once"
    return f"{_on(one.who[0], experiment)} {nobody}: {share}."


def _alone(one: Statement, experiment: Experiment, voice: Voice) -> str:
    best = one.who[0]
    return f"{_on(best, experiment)} {voice.of(best)} was right {voice.share(best.right)}."


def _equal(one: Statement, experiment: Experiment, voice: Voice) -> str:
    best, *others = one.who
    told = f"{voice.several(one.who)} were right equally often: {voice.share(best.right)}"
    if len({who.right.of for who in one.who}) > 1:  # The same share of fewer questions has another interval.
        apart = (
            f"{voice.of(other)} {_share_beside(other, best, voice)}" for other in others[: MOST_NAMED - 1]
        )
        told = ", ".join([told, *apart])
    are = "is" if one.number == 1 else "are"
    more = f", and {figures.count(one.number, 'other')} {are} not {DECIDEDLY} behind" if one.number else ""
    return f"{_on(best, experiment)} {told}. So none of them is ahead{more}."


def _share_beside(other: CandidateResult, best: CandidateResult, voice: Voice) -> str:
    """The other's share, and on how many questions where these are not those of the best."""
    on = f" on its {figures.count(other.right.of, 'question')}" if other.right.of != best.right.of else ""
    return f"{voice.share(other.right)}{on}"


def _reversed(one: Statement, experiment: Experiment, voice: Voice) -> str:
    _, other = one.who
    asked = figures.count(one.comparison.questions if one.comparison else 0, "question")
    return (
        f"{_alone(one, experiment, voice)[:-1]}, and {voice.of(other)} "
        f"{_share_beside(other, one.who[0], voice)}. "
        f"But on the {asked} scored for both, {voice.of(other)} was right more often. "
        f"{_decided(one.comparison, voice)}"
    )


def _clear(one: Statement, experiment: Experiment, voice: Voice) -> str:
    best, other = one.who
    beside = _beside(best, other, voice)
    return f"{_alone(one, experiment, voice)} {beside} {_compared(best, other, one.comparison, voice)}"


def _tie(one: Statement, experiment: Experiment, voice: Voice) -> str:
    margin = voice.text(points(one.share))
    # Of several, each was tested against the best only: two of the others may lie farther apart.
    alike = "They are as good as each other"
    if len(one.who) > 2:
        alike = f"Each of the others is as good as {voice.of(one.who[0])}"
    return f"{_close(one, experiment, voice)} {alike}, within {margin}."


def _too_few(one: Statement, experiment: Experiment, voice: Voice) -> str:
    told = f"{_close(one, experiment, voice)} {_compared(one.who[0], one.who[1], one.comparison, voice)}"
    return f"{told} {needed}" if (needed := _needed(one.comparison)) else told


def _close(one: Statement, experiment: Experiment, voice: Voice) -> str:
    """The best and who is not behind it, none of them as the winner."""
    best, other, *rest = one.who
    are = "is" if len(rest) == 1 else "are"
    others = voice.of(rest[0]) if len(rest) == 1 else figures.count(len(rest), "other")
    more = f" {others} {are} not {DECIDEDLY} behind either." if rest else ""
    what = "there is no winner" if one.kind is VerdictKind.TIE else "it is too close to call"
    return (
        f"{_on(best, experiment)} {what}: {voice.of(best)} was right {voice.share(best.right)}, "
        f"{voice.of(other)} {_share_beside(other, best, voice)}.{more}"
    )


def _needed(comparison: Comparison | None) -> str:
    more = comparison.more if comparison else None
    if more is None:
        return ""
    if more > MANY:
        return f"More than {MANY:,} further questions would be needed to decide it."
    return (
        f"About {figures.count(more, 'more question', 'more questions')} like these would probably decide it."
    )


def more_words(verdict: Verdict) -> str:
    """That more questions would decide it, as the first thing to do next, as Markdown; "" where not so."""
    comparison = verdict.head.comparison
    if verdict.head.kind is not VerdictKind.TOO_FEW or comparison is None:
        return ""
    if comparison.more is None or comparison.more > MANY:
        return ""
    return f"**Ask more questions:** {lowered(_needed(comparison))}"


# ------------------------------------------------------------------------ what is said besides


def _hurt(one: Statement, voice: Voice, *, about: Statement) -> str:
    bare, given = one.who
    if about.kind is VerdictKind.CLEAR and about.who == (bare, given):
        return "So the documents hurt it."
    return (
        f"The documents hurt {voice.of(given)}: right {voice.share(given.right)}, and "
        f"{voice.share(bare.right)} without them. {_decided(one.comparison, voice)}"
    )


def _twin(one: Statement, _: Experiment, voice: Voice) -> str:
    best, other = one.who
    given = "with" if other.candidate.with_documents else "without"
    told = f"The same as {voice.of(best)}, but {given} documents, was right {voice.share(other.right)}."
    return f"{told} {_compared(best, other, one.comparison, voice)}"


def _next(one: Statement, _: Experiment, voice: Voice) -> str:
    best, other = one.who
    share = voice.text(figures.share(other.right))
    return f"Next came {voice.of(other)}: {share}. {_compared(best, other, one.comparison, voice)}"


def _enough(one: Statement, _: Experiment, voice: Voice) -> str:
    verb = "is" if len(one.who) == 1 else "are"
    return f"{voice.several(one.who)} {verb} accurate enough: {_wanted(one, voice)}."


def _not_enough(one: Statement, _: Experiment, voice: Voice) -> str:
    who = f"{voice.of(one.who[0])} is not" if one.number == 1 else "None is"
    return f"{who} accurate enough: {_wanted(one, voice)}{_sure(one, voice)}."


def _enough_untold(one: Statement, _: Experiment, voice: Voice) -> str:
    return (
        f"Whether {voice.of(one.who[0])} is accurate enough cannot be told yet: "
        f"{_wanted(one, voice)}{_sure(one, voice)}."
    )


def _wanted(one: Statement, voice: Voice) -> str:
    return voice.text(f"{figures.percent(one.share)} right is wanted")


def _sure(one: Statement, voice: Voice) -> str:
    """How far what is asked lies from what is known, corrected where several were looked at."""
    if one.bounds is None:
        return ""
    low, high = figures.percent(one.bounds.low), figures.percent(one.bounds.high)
    # Wider than the interval that stands beside the share, which is of one candidate by itself.
    corrected = f" for all {one.number} candidates at once" if one.number > 1 else ""
    which = "its share" if one.kind is VerdictKind.ENOUGH_UNTOLD or one.number == 1 else "the best"
    return voice.text(f", and {which} lies between {low} and {high} (95%{corrected})")


def _cheaper(one: Statement, _: Experiment, voice: Voice) -> str:
    (cheap, best), (cost, own) = one.who, one.costs
    each, dear = (figures.money(part.each.times(1000), part.currency) for part in (cost, own) if part.each)
    among = f", corrected for {one.number} compared" if one.number > 1 else ""
    # Rounded up: what is said is never better than what was tested.
    worst = points(ceil(1000 * one.behind) / 1000)
    at_worst = f"at worst {worst} behind (95%{among})" if one.behind else "not behind at all"
    return (
        f"{voice.of(cheap)} costs less, {voice.text(each)} instead of {voice.text(dear)} for 1,000 "
        f"questions, and is as good as {voice.of(best)} within {voice.text(points(one.share))}: "
        f"{voice.text(at_worst)}."
    )


def _recorded(one: Statement, _: Experiment, voice: Voice) -> str:
    everyone = len(one.who) == one.number
    whose = "All answers" if everyone else f"The answers of {voice.several(one.who)}"
    than = "each other" if everyone else "the others"
    told = f"{whose} were recorded elsewhere: how fast they were is no comparison with {than}"
    if not one.costs:
        return f"{told}."
    some = "" if len(one.costs) == len(one.who) else ", where it is known,"
    return f"{told}, but what they cost{some} is: it comes from list prices, not from machine time."


def _elsewhere(_: Statement, experiment: Experiment, __: Voice) -> str:
    what = "All else" if experiment.imported else "All of it"
    return f"{what} was asked on another machine: its times, and what machine time cost, are of that one."


def _machines(one: Statement, _: Experiment, voice: Voice) -> str:
    return (
        f"The answers of {voice.several(one.who)} were made on another machine: how fast they were, and what "
        "machine time cost, is no comparison with the others."
    )


def _fewer(one: Statement, _: Experiment, voice: Voice) -> str:
    counts = sorted({who.right.of for who in one.who})
    asked = f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,}"
    were, their = ("was", "its") if len(one.who) == 1 else ("were", "their")
    return (
        f"{voice.several(one.who)} {were} scored on only {asked} of {one.number:,} questions: {their} share "
        "and costs are of these, which may be the easier or the harder ones."
    )


def _unfinished(one: Statement, experiment: Experiment, _: Voice) -> str:
    running = experiment.state is ExperimentState.RUNNING
    how = "It is still running" if running else f"It was {experiment.state.value}"
    return f"{how}: {one.number:,} of {experiment.size:,} answers are there, and more can change this."


# ------------------------------------------------------------------------ parts of sentences


def points(share: float) -> str:
    """A share as percentage points: "5 points", "0.5 points"."""
    size = figures.significant(100 * share, 2)
    return "1 point" if size == "1" else f"{size} points"


def _on(best: CandidateResult, experiment: Experiment) -> str:
    """The questions that the best was scored on."""
    scored, asked = best.right.of, figures.count(experiment.cases, "question")
    told = f"your {asked}" if scored == experiment.cases else f"{scored:,} of your {asked}"
    return f"So far, on {told}," if experiment.state is not ExperimentState.FINISHED else f"On {told},"


def _beside(best: CandidateResult, other: CandidateResult, voice: Voice) -> str:
    if twins((best.candidate, other.candidate)):
        given = "With" if other.candidate.with_documents else "Without"
        return f"{given} documents it was right {_share_beside(other, best, voice)}."
    return f"Next came {voice.of(other)}, right {_share_beside(other, best, voice)}."


def _decided(comparison: Comparison | None, voice: Voice) -> str:
    return voice.text(comparison.words) if comparison else ""


def _compared(
    best: CandidateResult, other: CandidateResult, comparison: Comparison | None, voice: Voice
) -> str:
    """What the test says, and on which questions where these are fewer than either was scored on."""
    if comparison is None:
        return ""
    words = _decided(comparison, voice)
    if comparison.questions >= max(best.right.of, other.right.of):
        return words
    words += f" Compared on the {figures.count(comparison.questions, 'question')} scored for both."
    # Each share is on all that its candidate was scored on: on what both were, another may be ahead.
    return f"{words} There it was right less often." if (comparison.difference or 0.0) < 0 else words


_WORDS: Mapping[VerdictKind, Callable[[Statement, Experiment, Voice], str]] = {
    VerdictKind.NOTHING_ASKED: _nothing_asked,
    VerdictKind.NOTHING_JUDGED: _nothing_judged,
    VerdictKind.NOTHING_SCORED: _nothing_scored,
    VerdictKind.UNSCORED: _unscored,
    VerdictKind.NEVER: _never,
    VerdictKind.ALONE: _alone,
    VerdictKind.EQUAL: _equal,
    VerdictKind.REVERSED: _reversed,
    VerdictKind.CLEAR: _clear,
    VerdictKind.TIE: _tie,
    VerdictKind.TOO_FEW: _too_few,
    VerdictKind.TWIN: _twin,
    VerdictKind.NEXT: _next,
    VerdictKind.ENOUGH: _enough,
    VerdictKind.NOT_ENOUGH: _not_enough,
    VerdictKind.ENOUGH_UNTOLD: _enough_untold,
    VerdictKind.CHEAPER: _cheaper,
    VerdictKind.RECORDED: _recorded,
    VerdictKind.ELSEWHERE: _elsewhere,
    VerdictKind.MACHINES: _machines,
    VerdictKind.FEWER: _fewer,
    VerdictKind.UNFINISHED: _unfinished,
}
