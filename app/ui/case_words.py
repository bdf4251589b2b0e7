"""What is said of a question of an experiment: how each answer came out, by which rule, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from app.domain import (
    AnswerState,
    CaseSeen,
    Cause,
    Family,
    GoldSeen,
    GoldState,
    Outcome,
    ProbeKind,
    ProbeSeen,
    RightRule,
    Trial,
    TrialSeen,
    outcome_of,
    words_of,
)
from app.ui import figures
from app.ui.safe import plain
from app.ui.tables import Table
from app.ui.words import ANSWER_STATES, help_for

RULES: Mapping[str, str] = MappingProxyType(
    {
        RightRule.MARK.value: "your own mark",
        RightRule.END.value: "how it ended (failed, cut short or empty)",
        RightRule.ABSTENTION.value: "whether it says that the documents do not contain it (abstention)",
        RightRule.CONTAINS.value: "whether it has the words of a right answer (contains)",
        RightRule.JUDGE.value: "the judge",
    }
)
RIGHT: Mapping[bool | None, str] = MappingProxyType({True: "right", False: "not right", None: "unscored"})
FAMILIES: Mapping[Family, str] = MappingProxyType(
    {Family.INDEX: "the index", Family.MODEL: "the model", Family.NEITHER: "neither index nor model"}
)
PROBES: Mapping[ProbeKind, str] = MappingProxyType(
    {ProbeKind.AGAIN: "the same once more", ProbeKind.GOLD: "with nothing but the right text"}
)
NOT_LOOKED = "Why it is not right was not looked for yet."
NOT_ASKED = "no answer yet"
"""Of a candidate that was not asked yet, and of an imported one whose file had no answer."""
UNJUDGED = Outcome.UNJUDGED.value
LONGEST = 1200
"""Characters of a reason."""


def outcome_words(trial: Trial) -> str:
    """How an answer came out, in the grid's words: "right", "refused", "wrong, cut short"."""
    if trial.unjudged:
        return UNJUDGED
    told = came_out(trial)
    if trial.right is not False or trial.state in {AnswerState.COMPLETE, AnswerState.FAILED}:
        return told
    return f"{told}, {ANSWER_STATES[trial.state].removesuffix(' by the token cap')}"


def came_out(trial: Trial) -> str:
    """The outcome in a word or two: of one without any text also that it is empty."""
    outcome = outcome_of(trial)
    empty = trial.empty and outcome in {Outcome.WRONG, Outcome.FAILED}
    return f"{outcome.value}, empty" if empty else outcome.value


def standing_words(trials: Sequence[Trial]) -> str:
    """How a candidate did on the question: "refused", or over repeats "right in 2 of 3"."""
    if not trials:
        return NOT_ASKED
    if len(trials) == 1:
        return outcome_words(trials[0])
    scored = [one for one in trials if one.right is not None]
    if not scored:
        return UNJUDGED if all(one.unjudged for one in trials) else RIGHT[None]
    return f"right in {sum(one.right is True for one in scored)} of {len(scored)}"


def verdict_line(seen: TrialSeen) -> str:
    """Whether it is right and what told so, as Markdown."""
    trial = seen.trial
    icon = {True: ":material/check_circle:", False: ":material/cancel:", None: ":material/help:"}[trial.right]
    rule = f", decided by {RULES.get(trial.rule, plain(trial.rule))}" if trial.rule else ""
    why = f" {plain(seen.why, LONGEST)}" if seen.why else ""
    told = UNJUDGED if trial.unjudged else came_out(trial)
    return f"{icon} **{told.capitalize()}**{rule}.{why}"


def rule_alone(trial: Trial) -> str:
    """What the rule said where a person said otherwise; "" where they agree, or nobody marked it."""
    if trial.judgement is None or trial.by_rule == trial.right:
        return ""
    return f"Without your mark it is {RIGHT[trial.by_rule]}."


def cause_lines(trial: Trial) -> list[str]:
    """Why it is not right, as lines of Markdown: the cause, what it means, and what shows it."""
    known = cause_of(trial)
    if known is None:
        return [NOT_LOOKED] if trial.right is False else []
    words = words_of(known)
    shown = [f"What shows it: {plain(trial.evidence, LONGEST)}"] if trial.evidence else []
    return [f"**Why: {words.title}** ({FAMILIES[known.family]}). {words.meaning}", *shown]


def cause_of(trial: Trial) -> Cause | None:
    """The cause that was found, where it is one that this version knows."""
    return next((one for one in Cause if one.value == trial.cause), None)


@lru_cache(maxsize=100)
def cause_title(cause: str) -> str:
    """The name of a cause as it is stored; "" for none."""
    return next((words_of(one).title for one in Cause if one.value == cause), "")


def probes_title(probes: Sequence[ProbeSeen]) -> str:
    """How the re-askings came out: "Asked again to find the cause: right in 1 of 3"."""
    told = [one for one in probes if one.probed.right is not None]
    right = sum(one.probed.right is True for one in told)
    return (
        f"Asked again to find the cause: right in {right} of {len(told)}"
        if told
        else "Asked again, without result"
    )


def probe_line(one: ProbeSeen) -> str:
    """One re-asking: how it was asked, and how it came out."""
    right = "tells nothing" if one.probed.right is None else RIGHT[one.probed.right]
    return f"**{PROBES[one.probed.kind].capitalize()}**: {right}"


def covered_line(seen: TrialSeen) -> str:
    """How much of the gold text the model was given; "" where that is not known."""
    if seen.covered is None:
        return ""
    share = "all" if seen.covered >= 1 else "none" if seen.covered <= 0 else figures.percent(seen.covered)
    return f"It was given {share} of the text that the answer stands in."


def attempts_line(trial: Trial) -> str:
    """That it was asked before, where it was."""
    if trial.attempts < 2:
        return ""
    earlier = figures.count(trial.attempts - 1, "earlier answer")
    return f"Asked {trial.attempts} times: this is the last answer, {earlier} kept in the log."


def gold_line(one: GoldSeen) -> str:
    """Where a gold text stands, or why it cannot be shown, as Markdown."""
    collection, name = plain(one.collection), plain(one.gold.document)
    if one.place is GoldState.FOUND:
        page = f", page {one.page}" if one.page else ""
        alike = "" if one.likeness >= 1 else f", {figures.percent(one.likeness)} alike"
        return f"It stands in **{plain(one.document)}**{page}{alike} (collection “{collection}”)."
    if one.place is GoldState.NOT_FOUND:
        where = f"**{name}**" if name else "any document"
        return f"It was not found in what was read of {where} in the collection “{collection}”."
    if one.place is GoldState.NO_DOCUMENT:
        return f"**{name}** is not in the collection “{collection}”, or not any more."
    if one.place is GoldState.NO_COLLECTION:
        return "The collection that was searched was deleted, so its documents cannot be shown."
    return "The experiment was made elsewhere, and the documents that were searched are not here."


def overview(seen: CaseSeen, names: Mapping[str, str]) -> Table:
    """All candidates and how each did on the question."""
    rows = []
    for place, candidate in enumerate(seen.experiment.candidates):
        trials = seen.of(place)
        causes = dict.fromkeys(words_of(one).title for one in map(cause_of, trials) if one)
        rows.append((names[candidate.hash], standing_words(trials), ", ".join(causes)))
    helps = {"Candidate": help_for("candidate"), "Why not right": help_for("cause")}
    return Table(("Candidate", "This question", "Why not right"), tuple(rows), helps, blank="")
