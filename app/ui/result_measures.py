"""The other figures of an experiment: when it was abstained, and how all was measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app.domain import Candidate, Examined, Experiment, PayOff, ScorerUse, Share, Used
from app.ui import figures
from app.ui.result_how import how_lines
from app.ui.result_look import Look
from app.ui.tables import Cell, Table, show, table_expander
from app.ui.words import UNKNOWN, help_for

NONE = "none"
REVISION = "revision "
"""Snapshot entries that begin so are for the machine."""


def draw_abstentions(examined: Examined, look: Look) -> None:
    """Whether each candidate knows when to say that the documents do not contain it."""
    table = abstention_table(examined, look.names)
    if examined.trials:
        table_expander(
            table, key="result-abstention", label="Does it say so when the documents do not contain it?"
        )


def abstention_table(examined: Examined, names: Mapping[str, str]) -> Table:
    """A row for each candidate, shares with their intervals."""
    rows = tuple(
        (
            names[one.hash],
            share_words(own.answered),
            own.answered.of,
            share_words(own.precision),
            own.precision.of,
            share_words(own.recall),
            own.recall.of,
            own.unscored,
        )
        for one, own in zip(examined.experiment.candidates, examined.abstentions, strict=True)
    )
    columns = (
        *("Candidate", "Right where it answered", "Answered", "Abstention precision", "Abstained on"),
        *("Abstention recall", "Without an answer", "Unscored answers"),
    )
    helping = {
        "Right where it answered": help_for("answered right"),
        "Abstention precision": help_for("abstention precision"),
        "Abstention recall": help_for("abstention recall"),
        "Unscored answers": help_for("unscored"),
    }
    return Table(columns, rows, helping)


def share_words(share: Share) -> str:
    """A share with its interval, "none" where there is no such question."""
    return figures.share(share) if share.of else NONE


def draw_how(
    examined: Examined,
    look: Look,
    read: Callable[[], Used],
    pay_off: Callable[[], PayOff],
) -> None:
    """How this was measured, in words first: made once it is opened, as counting scores takes a moment."""
    with st.expander(
        "How this was measured", icon=":material/straighten:", key="result-how", on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        used = read()
        st.markdown("\n".join(f"- {line}" for line in how_lines(examined, used, pay_off())))
        show(fact_table(examined), key="result-facts")
        st.markdown("**The candidates**")
        show(candidate_table(examined.experiment, look.names), key="result-candidates")
        st.markdown("**The scorers**")
        show(scorer_table(used.scorers, examined.experiment.judge), key="result-scorers")


def fact_table(examined: Examined) -> Table:
    """What was asked, when and where, and the snapshot of what could change the result."""
    experiment = examined.experiment
    none = sum(one.unscored for one in examined.results.candidates)
    waiting = sum(one.unjudged for one in examined.results.candidates)
    unanswerable = sum(one.unanswerable for one in examined.cases)
    recorded = sum(one.slot.candidate in experiment.imported for one in examined.trials)
    facts = {
        "Questions": f"{experiment.cases:,} of “{experiment.dataset_name}”, {unanswerable:,} of them "
        "without an answer in the documents",
        "Version of the questions": experiment.version,
        "Repeats": f"each question asked {figures.count(experiment.repeats, 'time')}",
        "Answers": f"{len(examined.trials) - recorded:,} of {experiment.size:,}",
        **({"Imported": f"{figures.count(recorded, 'answer')}, recorded elsewhere"} if recorded else {}),
        "What is right is said by": _rule(experiment.judge),
        "Not scored": f"{figures.count(none, 'answer')}, in no share",
        **({"Not judged yet": f"{figures.count(waiting, 'answer')}, in no share"} if waiting else {}),
        "Asked more than once": asked_again(examined),
        "Begun": figures.moment(experiment.made_at),
        "Ended": figures.moment(experiment.ended_at) if experiment.ended_at else "not ended",
        "Speed": "one answer at a time, so that times are fair"
        if experiment.one_at_a_time
        else "several answers at once, so that times are not compared",
        "Asked again for causes": "yes" if experiment.reask else "no",
    }
    kept = {key: value for key, value in sorted(experiment.snapshot.items()) if not key.startswith(REVISION)}
    rows = [
        (key, value)
        for key, value in (facts | {key[:1].upper() + key[1:]: kept[key] for key in kept}).items()
    ]
    return Table(("What", "Is"), tuple(rows))


def _rule(judge: Candidate | None) -> str:
    if judge is None:
        return "the words of a right answer (contains)"
    return f"the judge {judge.model} of {judge.backend}, digest {judge.digest or UNKNOWN}"


def asked_again(examined: Examined) -> str:
    """How many answers took the place of earlier ones: no measurement is silently retried."""
    again = sum(one.attempts > 1 for one in examined.trials)
    return f"{figures.count(again, 'answer')} took the place of an earlier one" if again else NONE


def candidate_table(experiment: Experiment, names: Mapping[str, str]) -> Table:
    """Each candidate with its weights and settings."""
    rows = tuple(
        (names[one.hash], one.backend, one.model, one.digest or UNKNOWN, *_asked_with(one))
        for one in experiment.candidates
    )
    columns = (
        *("Candidate", "Backend", "Model", "Digest", "Temperature", "Seed", "Token cap", "Strict JSON"),
        *("Passages", "Instruction"),
    )
    helping = {"Digest": "digest", "Temperature": "temperature", "Seed": "seed", "Token cap": "token cap"}
    helping |= {"Strict JSON": "schema", "Passages": "passages given", "Instruction": "instruction"}
    # Texts and numbers in one column are drawn as texts.
    plain_rows = tuple(tuple(str(cell) for cell in row) for row in rows)
    return Table(columns, plain_rows, {key: help_for(name) for key, name in helping.items()})


def _asked_with(one: Candidate) -> tuple[Cell, ...]:
    """Options, passages and instruction; of an imported candidate nothing is known but what was told."""
    if one.provenance is not None:
        given = {True: "given, not recorded", False: "none", None: UNKNOWN}[one.provenance.documents]
        note = one.provenance.note
        return (*[UNKNOWN] * 4, f"{given}: {note}" if note else given, UNKNOWN)
    return (
        one.options.temperature,
        one.options.seed,
        one.options.max_tokens,
        "yes" if one.options.schema else "no",
        one.retrieval.k if one.retrieval else "none",
        one.options.instruction or "as usual",
    )


def scorer_table(scorers: Sequence[ScorerUse], judge: Candidate | None = None) -> Table:
    """Each scorer with its version, and how many answers it left; ``judge`` is the experiment's."""
    rows = tuple((scorer_name(one.scorer, judge), one.version, one.answers, one.unscored) for one in scorers)
    return Table(("Scorer", "Version", "Answers", "Unscored"), rows, {"Unscored": help_for("unscored")})


def scorer_name(name: str, judge: Candidate | None) -> str:
    """What a scorer is called: a judge's scores are called by its hash, which tells nobody who it was."""
    kind, _, who = name.partition(":")
    if not who:
        return name
    return f"{kind} ({judge.model})" if judge and who == judge.hash else f"{kind} (another, {who[:4]})"
