"""What a judge said of each candidate's answers, and what is left of it once its mistakes are taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.domain import Candidate, CandidateResult, JudgeCheck, Share
from app.ui import figures, tables
from app.ui.safe import plain
from app.ui.words import help_for

COLUMNS = ("Candidate", "Judge says right", "Finds right ones", "Finds wrong ones", "Corrected")
HELPS = ("judge", "judge's right ones", "judge's wrong ones", "judge corrected")


def draw(judge: Candidate | None, results: Sequence[CandidateResult], names: Mapping[str, str]) -> None:
    """The finding, a row for each candidate, and what is missing; nothing where nobody judged.

    ``names`` are the candidates' by their hashes.
    """
    checked = [(names[one.candidate.hash], one.judge) for one in results if one.judge is not None]
    if judge is None or not checked:
        return
    with st.container(key="judge"):
        st.markdown(f"#### {plain(title(checked))}")
        st.caption(
            plain(f"{judge.model} read the answers and said of each whether it matches a right one. {SCOPE}")
        )
        tables.show(table(checked), key="judge")
        for name, words in missing(checked):
            st.caption(f"{plain(name)}: {plain(words)}")


WHERE = "the questions it judged"
SCOPE = (
    "Shares are of the questions whose answers it judged: what failed, was refused or has no answer in the "
    "documents was not put to it. Your own marks go before it, and tell how often it errs."
)


def title(checked: Sequence[tuple[str, JudgeCheck]]) -> str:
    """What came of it, in a sentence."""
    known = [(name, one) for name, one in checked if one.value is not None]
    if not known:
        return "How often the judge errs is not known yet"
    if len(known) == 1:
        name, one = known[0]
        return f"With the judge's mistakes taken out, {name} was right on {corrected_words(one)} of {WHERE}"
    values = [one.value for _, one in known if one.value is not None]
    low, high = figures.percent(min(values)), figures.percent(max(values))
    return f"With the judge's mistakes taken out, the shares right run from {low} to {high} of {WHERE}"


def table(checked: Sequence[tuple[str, JudgeCheck]]) -> tables.Table:
    """A row for each candidate."""
    rows = tuple(
        (name, _share(one.said), _share(one.sensitivity), _share(one.specificity), corrected_words(one))
        for name, one in checked
    )
    told = dict(zip(COLUMNS[1:], map(help_for, HELPS), strict=True))
    return tables.Table(COLUMNS, rows, told, blank="not known yet")


def missing(checked: Sequence[tuple[str, JudgeCheck]]) -> list[tuple[str, str]]:
    """Why a candidate has no corrected share; said once where it is the same for all."""
    found = [(name, one.words) for name, one in checked if one.words]
    if len(found) > 1 and len({words for _, words in found}) == 1:
        return [("All candidates", found[0][1])]
    return found


def corrected_words(one: JudgeCheck) -> str | None:
    """The corrected share as "67% (52-80)"; None where there is none."""
    if one.value is None or one.low is None or one.high is None:
        return None
    bounds = [figures.percent(each).removesuffix("%") for each in (one.low, one.high)]
    return f"{figures.percent(one.value)} ({'-'.join(bounds)})"


def _share(one: Share) -> str | None:
    return figures.share(one) if one.of else None
