"""The grounded share under an answer: the figure, its help, and which sentences are not supported."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from app.domain import HOLDS, Answer, Score
from app.ui import figures
from app.ui.safe import plain
from app.ui.words import help_for

SCORER = "grounded share"
MOST_LINES = 20
"""So many are drawn; what is supported comes last, and is left out first."""
LONGEST = 600
"""Characters of a sentence or a reason."""
LIMITS = (
    "Judged by words, numbers, names and denials, without a language model: the same in other words may be "
    "missed, and a wrong relation between the right words is not seen. What states nothing is left out."
)


def of(answer: Answer) -> Score | None:
    """The grounded share by its newest version; None for an answer that is not scored at all."""
    found = [one for one in answer.scores if one.scorer == SCORER]
    return found[-1] if found else None


def figure(answer: Answer) -> list[str]:
    """The figure as it stands among the others ("grounded 83%"); nothing where there is no score."""
    score = of(answer)
    return [f"grounded {figures.percent(score.value)}"] if score else []


def figure_help(answer: Answer) -> list[str]:
    """What the figure means, and why it is unknown where it is; safe as Markdown."""
    score = of(answer)
    if score is None:
        return []
    why = f" Unknown here: {plain(score.words, LONGEST)}" if score.value is None else ""
    return [f"Grounded: {help_for(SCORER)}{why}"]


def title(score: Score) -> str:
    """For how many sentences support was found, in words: not found is not the same as not there."""
    held, of_all = sum(one.holds for one in score.parts), len(score.parts)
    if of_all == 1:
        return (
            "Its sentence was found in the passages" if held else "Its sentence was not found in the passages"
        )
    return (
        f"{held or 'None'} of its {of_all} sentences {'was' if held == 1 else 'were'} found in the passages"
    )


def lines(answer: Answer, score: Score) -> list[str]:
    """A line of Markdown for each different sentence, the unsupported first."""
    ordered = sorted(score.parts, key=lambda one: one.holds)
    # Small models repeat themselves: what is equal is said once.
    times = Counter((answer.text[one.start : one.end], one.value, one.words) for one in ordered)
    told = [_line(*one, count) for one, count in list(times.items())[:MOST_LINES]]
    left = sum(list(times.values())[MOST_LINES:])
    return [*told, f"And {figures.count(left, 'sentence')} more."] if left else told


def _line(sentence: str, value: float, why: str, times: int) -> str:
    verdict = "Found" if value >= HOLDS else "**Not found**"
    often = f", {times} times" if times > 1 else ""
    return f"{verdict} ({figures.percent(value)}{often}): “{plain(sentence, LONGEST)}” {plain(why, LONGEST)}"


def draw(answer: Answer) -> None:
    """An expander with the sentences; nothing where none was scored."""
    score = of(answer)
    if score is None or not score.parts:
        return
    with st.expander(title(score), key=f"grounded-{answer.id}", type="compact"):
        for line in lines(answer, score):
            st.markdown(line)
        st.caption(LIMITS)
