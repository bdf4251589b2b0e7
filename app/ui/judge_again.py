"""Another judge for an experiment that has its answers: who, and what that takes at most before it begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import Candidate, Estimate
from app.ui import figures
from app.ui.candidates import Offer, offered
from app.ui.experiment_form import CONTAINS
from app.ui.safe import plain
from app.ui.spans import about, money_words
from app.ui.words import help_for
from app.ui.work import try_it

KEY = "judge-again"
SAID = (
    "The recorded answers are told right or wrong anew, without asking for them again. Your own marks go "
    "before it."
)
WIDTH = 420
NO_JUDGE = "No judge is asked: a right answer has to stand in the answer."
SAME = "So it is told now."


@dataclass(frozen=True)
class AgainActions:
    """``offers`` are the models that can judge, and ``judge_of`` makes a judge of one, by backend and name.

    ``estimate`` and ``start`` take such a judge, or None for nobody. ``may``: it may be begun now.
    """

    offers: Callable[[], Sequence[Offer]]
    judge_of: Callable[[str, str], Candidate]
    estimate: Callable[[Candidate | None], Estimate]
    start: Callable[[Candidate | None], object]
    may: bool


def draw(judge: Candidate | None, actions: AgainActions) -> None:
    """The choice, made once it is opened; ``judge`` is who tells now. Nothing where it may not be begun."""
    if actions.may:
        with st.expander("Judge anew", icon=":material/gavel:", key=KEY, on_change="rerun") as opened:
            if opened.open:
                _form(judge, actions)


def _form(judge: Candidate | None, actions: AgainActions) -> None:
    names = {one.name: one for one in actions.offers()}
    now = f"{judge.backend}/{judge.model}" if judge else CONTAINS
    st.caption(SAID)
    ways = [CONTAINS, *names]
    picked = st.selectbox(
        "An answer is right if",
        ways,
        index=ways.index(now) if now in ways else 0,
        format_func=lambda one: f"{offered(one, names)} says so" if one else "the right answer stands in it",
        key=f"{KEY}-by",
        help=help_for("judge"),
        width=WIDTH,
    )
    offer = names.get(picked or CONTAINS)
    chosen = actions.judge_of(offer.backend, offer.model) if offer else None
    taken = actions.estimate(chosen)
    changes = (picked or CONTAINS) != now or bool(taken.judgements)
    words = judging_words(taken) if chosen else NO_JUDGE
    st.caption(plain(" ".join([words, causes_words(taken)] if changes else [SAME]), 500))
    begun = st.button("Begin", key=f"{KEY}-start", icon=":material/gavel:", disabled=not changes)
    if begun and try_it(lambda: actions.start(chosen)):
        st.rerun()


def judging_words(taken: Estimate) -> str:
    """How many questions are put to a judge at most, and what that takes as far as anything tells."""
    if not taken.judgements:
        return "Nothing is left that it could be asked."
    asked = f"Up to {figures.count(taken.judgements, 'question')} {_are(taken.judgements)} put to it"
    if taken.seconds is None:
        return f"{asked}. Nothing it judged in this way is recorded, so time and cost are not known."
    money = money_words(taken.amounts) if taken.amounts else "at a cost that is not known"
    tokens = f"{figures.significant(taken.tokens, 2)} tokens"
    return f"{asked}: {about(taken.seconds)}, {tokens}, {money}. {taken.basis}"


def causes_words(taken: Estimate) -> str:
    """What looking for the causes of what is not right then may take beside that; "" where it asks nobody."""
    if not taken.reasks:
        return ""
    more = taken.more
    parts = [figures.count(taken.reasks, "answer")]
    parts += [about(more.seconds).removeprefix("about ")] if more.seconds else []
    parts += [money_words(more.amounts)] if more.amounts else []
    return f"Looking for causes takes at most {', '.join(parts)} more."


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
