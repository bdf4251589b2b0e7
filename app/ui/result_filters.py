"""Which questions the grid of an experiment shows: what is chosen stands in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import Cause, Examined, Family, Outcome, Trial, outcome_of, words_of
from app.ui.cause_chart import UNTOLD, UNTOLD_TITLE
from app.ui.words import help_for

ANY = ""
OUTCOME, CAUSE, TAG, TEXT, CANDIDATE = "outcome", "cause", "tag", "text", "candidate"
"""Their names in the address; the widgets' keys begin with KEY."""
KEY = "result-filter-"
WANTED = "result-filter-wanted"
"""In the session: what a chart asked for, until the filters are drawn; charts below them come too late."""
FAMILIES: Mapping[str, tuple[Family, str]] = {
    "any of the index": (Family.INDEX, "Any cause in the index"),
    "any of the model": (Family.MODEL, "Any cause in the model"),
}
"""What stands for all causes of a family, in the place of one."""
FOUND = "result-filter-found"
"""In the session: that a part of a chart was chosen, until it was said."""


@dataclass(frozen=True)
class Chosen:
    """What is shown: empty means all. ``candidates`` are places in the experiment."""

    outcomes: frozenset[Outcome] = frozenset()
    cause: str = ANY
    tag: str = ANY
    text: str = ""
    candidates: tuple[int, ...] = ()


def rows_of(examined: Examined, chosen: Chosen) -> list[int]:
    """The places of the cases that are shown: some answer of a shown candidate fits all that is chosen."""
    fitting = {one.slot.case for one in examined.trials if fits(one, chosen)}
    every = not chosen.outcomes and not chosen.cause
    wanted = chosen.text.casefold().strip()
    return [
        place
        for place, case in enumerate(examined.cases)
        if (every or place in fitting)
        and (not chosen.tag or chosen.tag in case.tags)
        and (not wanted or any(wanted in one.casefold() for one in (case.question, *case.answers)))
    ]


def fits(trial: Trial, chosen: Chosen) -> bool:
    """Whether an answer is by a shown candidate, came out so, and has the cause."""
    if chosen.candidates and trial.slot.candidate not in chosen.candidates:
        return False
    if chosen.outcomes and outcome_of(trial) not in chosen.outcomes:
        return False
    if chosen.cause in FAMILIES:
        return family_of(trial) is FAMILIES[chosen.cause][0]
    return not chosen.cause or cause_key(trial) == chosen.cause


def cause_key(trial: Trial) -> str:
    """The cause of an answer that is not right, UNTOLD where none was looked for; "" for the others."""
    return (trial.cause or UNTOLD) if trial.right is False else ANY


def family_of(trial: Trial) -> Family | None:
    """The family of the cause of an answer that is not right; None for the others."""
    return next((one.family for one in Cause if one == trial.cause), None) if trial.right is False else None


def family_key(family: Family | None) -> str:
    """What stands for all of a family's causes, "" for one that cannot be chosen."""
    return next((key for key, (own, _) in FAMILIES.items() if own is family), ANY)


def choose(examined: Examined, names: Mapping[str, str]) -> Chosen:
    """Draw the filters, and give what is chosen."""
    for name, value in st.session_state.pop(WANTED, {}).items():
        st.session_state[KEY + name] = value
    hashes = [one.hash for one in examined.experiment.candidates]
    first, second, third, fourth = st.columns([2, 2, 1, 2])
    kinds = [one for one in Outcome if one is not Outcome.UNJUDGED or examined.experiment.judge]
    with first:
        outcomes = _several("Came out as", OUTCOME, {one.value: one.value for one in kinds}, "Any way")
    with second:
        cause = _one("Because of", CAUSE, _causes(examined), help_for("cause"))
    with third:
        tags = dict.fromkeys(tag for case in examined.cases for tag in case.tags)
        known = {ANY: "Any"} | {one: one for one in tags}
        tag = _one("Tag", TAG, known, None)
    with fourth:
        text = _typed()
    picked = _several("Candidates", CANDIDATE, {one: names[one] for one in hashes}, "All candidates")
    return Chosen(
        frozenset(Outcome(one) for one in outcomes),
        cause,
        tag,
        text,
        tuple(place for place, one in enumerate(hashes) if one in picked),
    )


def show(candidate: str, cause: str, outcome: Outcome | None = None) -> None:
    """Show the answers of a candidate ("" for all) with that cause ("" for any), and draw the page anew.

    With ``outcome`` only those that came out so.
    """
    wanted = {
        OUTCOME: [outcome.value] if outcome else [],
        CAUSE: cause,
        TAG: ANY,
        TEXT: "",
        CANDIDATE: [candidate] if candidate else [],
    }
    st.session_state[WANTED] = wanted
    st.session_state[FOUND] = True
    st.rerun()


def _causes(examined: Examined) -> dict[str, str]:
    found = {cause_key(one) for one in examined.trials}
    families = {
        family_of(one)
        for one in {each.cause: each for each in examined.trials if each.right is False}.values()
    }
    told = {ANY: "Any cause"} | {key: words for key, (own, words) in FAMILIES.items() if own in families}
    told.update({one.value: words_of(one).title for one in Cause if one.value in found})
    if UNTOLD in found:
        told[UNTOLD] = UNTOLD_TITLE
    return told


def _one(name: str, parameter: str, known: Mapping[str, str], helping: str | None) -> str:
    key = KEY + parameter
    if st.session_state.get(key) not in known:
        asked = st.query_params.get(parameter, ANY)
        st.session_state[key] = asked if asked in known else ANY
    chosen = st.selectbox(
        name, list(known), format_func=lambda one: known.get(one, ""), key=key, help=helping
    )
    _keep(parameter, [chosen] if chosen else [])
    return str(chosen)


def _several(name: str, parameter: str, known: Mapping[str, str], nothing: str) -> list[str]:
    key = KEY + parameter
    if key not in st.session_state:
        st.session_state[key] = [one for one in st.query_params.get_all(parameter) if one in known]
    st.session_state[key] = [one for one in st.session_state[key] if one in known]
    chosen = st.multiselect(
        name, list(known), format_func=lambda one: known.get(one, ""), key=key, placeholder=nothing
    )
    _keep(parameter, list(chosen))
    return list(chosen)


def _typed() -> str:
    key = KEY + TEXT
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get(TEXT, "")
    text = st.text_input("Words in the question or its answers", key=key)
    _keep(TEXT, [text] if text else [])
    return text


def _keep(parameter: str, chosen: Sequence[str]) -> None:
    if chosen:
        st.query_params[parameter] = list(chosen)
    else:
        st.query_params.pop(parameter, None)
