"""An experiment that runs, or that ended before all was asked: how far it is, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import streamlit as st

from app.domain import (
    MONEY_SCALE,
    Again,
    AnswerState,
    CandidateProgress,
    ExperimentState,
    Latest,
    Limit,
    RunPhase,
    RunView,
)
from app.ui import figures
from app.ui.case_words import UNJUDGED
from app.ui.experiment_form import limit_of
from app.ui.frame import guard, trouble
from app.ui.safe import plain
from app.ui.spans import about, money_so_far
from app.ui.theme import LaneStyle
from app.ui.words import ANSWER_STATES
from app.ui.work import do, try_it, watched

POLL_SECONDS = 0.5
NARROWEST = 320
"""Pixels of a candidate's progress; below that they stack."""
GOES_ON = "It goes on without this tab."
FINISH_THERE = (
    "To have it whole, finish it where it was run, delete it here and read the new file; or start a new one "
    "with its questions."
)
LIMIT_WIDTH = 200
DOING = {
    RunPhase.ASKING: ("Asking", "Preparing"),
    RunPhase.JUDGING: ("Judging", "Preparing"),
    RunPhase.LOOKING: ("Looking for causes, asking", "Looking for causes"),
}
"""What a run does in each phase while it asks models, and while it asks none."""
MOST_WORDS = 1200


@dataclass(frozen=True)
class RunActions:
    """What can be done with one experiment, and how its candidates are called and marked, by their hashes.

    ``look`` gives it as it is then. ``resume`` goes on, and asks again what it is told to; with a limit,
    that takes the place of the one before.
    """

    look: Callable[[], RunView]
    stop: Callable[[], object]
    resume: Callable[[Again, Limit | None], object]
    names: Mapping[str, str]
    styles: Mapping[str, LaneStyle]


def draw_run(view: RunView, actions: RunActions) -> None:
    """The run as it goes on, drawn anew by itself; once it has ended the page is drawn again.

    Of one that has ended: why, what was kept, and how it goes on. ``view`` is as it is now.
    """
    if view.busy:
        watched(_watch, actions, every=POLL_SECONDS)
        return
    if is_open(view):
        (_elsewhere if view.elsewhere else partial(_ended, actions=actions))(view)
    elif view.experiment.words:
        st.caption(plain(view.experiment.words, MOST_WORDS))
    if not view.elsewhere:
        draw_again(view, actions)


def is_open(view: RunView) -> bool:
    """Whether anything has to be said of how it ended: it did not come to its end, or waits for the judge."""
    return view.experiment.state is not ExperimentState.FINISHED or unjudged(view) > 0


def draw_again(view: RunView, actions: RunActions) -> None:
    """The buttons that ask again what failed, and what could not be scored; nothing where there is none."""
    left = unasked(view)
    rest = f" and the {left:,} not asked yet" if left else ""
    offers = (
        (Again.FAILED, sum(one.failed for one in view.progress), "failed answer"),
        (Again.UNSCORED, sum(one.unscored for one in view.progress), "unscored answer"),
    )
    # What a judge could not tell is for the judge, and nobody answers it anew.
    verb = "Judge or ask" if view.experiment.judge else "Ask"
    with st.container(horizontal=True, key="run-again"):
        for again, many, what in offers:
            if many and st.button(
                f"{verb if again is Again.UNSCORED else 'Ask'} the {figures.count(many, what)} again{rest}",
                key=f"run-again-{again.value}",
                icon=":material/replay:",
            ):
                _resume(actions, again, None)


def progress_words(view: RunView) -> str:
    """How far a run is, in a line: "34 of 240 answers, 2 failed, about 5 min left".

    Once all is answered: how many are judged, or of how many the cause was found.
    """
    done, failed = answered(view), sum(one.failed for one in view.progress)
    parts = [f"{done:,} of {figures.count(whole(view), 'answer')}"]
    parts += [f"{failed:,} failed"] if failed else []
    if view.phase is RunPhase.JUDGING:
        parts.append(f"{view.judged.done:,} of {view.judged.of:,} judged")
    if view.phase is RunPhase.LOOKING:
        parts.append(f"{view.causes.found:,} of {figures.count(view.causes.of, 'cause')} found")
    if view.stopping:
        parts.append("stopping…")
    elif view.busy:
        left = view.seconds_left
        parts.append("time left not known yet" if left is None else f"{about(left)} left")
    return ", ".join(parts)


def doing_words(view: RunView) -> str:
    """What a run does just now, and what it has cost: "Asking 4 at once · $0.02 so far"."""
    doing, otherwise = DOING[view.phase]
    asking = f"{doing} one at a time" if view.asking == 1 else f"{doing} {view.asking} at once"
    return " · ".join([asking if view.asking else otherwise, *money_so_far(view)])


def share_done(view: RunView) -> float:
    """How far a run is with what it does just now, from 0 to 1: asking, judging, or looking for causes."""
    done, of = {
        RunPhase.ASKING: (answered(view), whole(view)),
        RunPhase.JUDGING: (view.judged.done, view.judged.of),
        RunPhase.LOOKING: (view.causes.found, view.causes.of),
    }[view.phase]
    return min(done / of, 1.0) if of else 1.0


def candidate_words(one: CandidateProgress) -> str:
    """How far a candidate is: "34 of 60, 2 failed"."""
    failed = f", {one.failed:,} failed" if one.failed else ""
    return f"{one.done:,} of {one.of:,}{failed}"


def latest_words(one: Latest) -> str:
    """How one of the last answers came out, in a word or two."""
    if one.state is not AnswerState.COMPLETE:
        return ANSWER_STATES[one.state]
    if one.unjudged:
        return UNJUDGED
    return {True: "right", False: "wrong", None: "unscored"}[one.right]


def answered(view: RunView) -> int:
    """How many slots have their answer."""
    return sum(one.done for one in view.progress)


def unasked(view: RunView) -> int:
    """How many have none."""
    return whole(view) - answered(view)


def whole(view: RunView) -> int:
    """How many answers there will be: all that are asked for, and the imported ones that there are."""
    return sum(one.of for one in view.progress)


def unjudged(view: RunView) -> int:
    """How many answers wait for the judge."""
    return sum(one.unjudged for one in view.progress)


# ------------------------------------------------------------------------ while it runs


def _watch(actions: RunActions) -> None:
    with guard():
        view = actions.look()
        if not view.busy:
            st.rerun()
        head(view, actions.stop)
        st.caption(f"{plain(doing_words(view))} · {GOES_ON}")
        _candidates(view, actions)
        _latest(view, actions)


def head(view: RunView, stop: Callable[[], object]) -> None:
    """All of a run in one bar, with Stop beside it."""
    name = view.experiment.id
    with st.container(horizontal=True, vertical_alignment="center", key=f"run-head-{name}"):
        st.progress(share_done(view), text=f"**{plain(progress_words(view))}**")
        st.button(
            "Stopping" if view.stopping else "Stop",
            key=f"run-stop-{name}",
            icon=":material/stop_circle:",
            disabled=view.stopping,
            on_click=do,
            args=(stop,),
        )


def _candidates(view: RunView, actions: RunActions) -> None:
    grid = st.grid(2, min_column_width=NARROWEST, key="run-candidates")
    for candidate, one in zip(view.experiment.candidates, view.progress, strict=True):
        with grid.cell():
            share = one.done / one.of if one.of else 1.0
            label = f"{_marked(candidate.hash, actions)}: {candidate_words(one)}"
            st.progress(min(share, 1.0), text=label)


def _latest(view: RunView, actions: RunActions) -> None:
    if not view.latest:
        return
    lines = [
        f"{_marked(view.experiment.candidates[one.candidate].hash, actions, short=True)} "
        f"**{latest_words(one)}** {plain(one.question, 120)}"
        for one in view.latest
    ]
    st.caption("The last answers, the newest first")
    st.markdown("  \n".join(lines))


def _marked(candidate: str, actions: RunActions, *, short: bool = False) -> str:
    style = actions.styles[candidate]
    if short and not style.label_needed:
        return style.marker
    return f"{style.marker} {plain(actions.names[candidate])}"


# ------------------------------------------------------------------------ when it has ended


def _ended(view: RunView, actions: RunActions) -> None:
    """Why it does not run, what was kept, and the button with which it goes on."""
    parts = (why(view), kept_words(view), todo(view))
    state = view.experiment.state
    if state is ExperimentState.FINISHED or (state is ExperimentState.STOPPED and not view.experiment.words):
        _info(parts, ":material/gavel:" if state is ExperimentState.FINISHED else ":material/stop_circle:")
    else:
        trouble(*parts)
    limit = _new_limit(view) if state is ExperimentState.AT_LIMIT else None
    if left_words(view) and st.button(
        f"Resume: {left_words(view)}",
        key="run-resume",
        type="primary",
        icon=":material/play_arrow:",
    ):
        _resume(actions, Again.NOTHING, limit)


def _info(parts: Sequence[str], icon: str) -> None:
    what, *rest = (plain(one) for one in parts if one)
    st.info(f"**{what}** {' '.join(rest)}", icon=icon)


def _elsewhere(view: RunView) -> None:
    """Of one that was made on another machine: what is missing in it, and that it cannot be had here."""
    _info((elsewhere_words(view), kept_words(view), FINISH_THERE), ":material/info:")


def elsewhere_words(view: RunView) -> str:
    """What is missing in an experiment that was read from a file, and why it stays so."""
    parts = [f"{figures.count(unasked(view), 'answer')} missing"] if unasked(view) else []
    parts += [f"{figures.count(unjudged(view), 'answer')} not judged yet"] if unjudged(view) else []
    left = f", with {' and '.join(parts)}" if parts else " before it had finished"
    return (
        f"This experiment was read from a file{left}. It is neither asked nor judged here, since that would "
        "not compare with the rest."
    )


def left_words(view: RunView) -> str:
    """What there is to do: "12 answers left", "34 left to judge", "3 causes left"; "" for nothing."""
    if unasked(view):
        return f"{figures.count(unasked(view), 'answer')} left"
    if unjudged(view):
        return f"{unjudged(view):,} left to judge"
    return f"{figures.count(untraced(view), 'cause')} left" if untraced(view) else ""


def untraced(view: RunView) -> int:
    """Of how many answers that are not right the cause was not found yet."""
    return view.causes.of - view.causes.found


def why(view: RunView) -> str:
    """Why an experiment does not run any more, in a sentence."""
    experiment, waiting = view.experiment, unjudged(view)
    verb = "waits" if waiting == 1 else "wait"
    usual = {
        ExperimentState.STOPPED: "You stopped this experiment.",
        ExperimentState.AT_LIMIT: "The experiment stopped at its spending limit.",
        ExperimentState.FINISHED: f"{figures.count(waiting, 'answer')} {verb} for the judge.",
    }
    told = experiment.words if experiment.state is not ExperimentState.FINISHED else ""
    return told or usual.get(experiment.state, "The experiment was interrupted.")


def kept_words(view: RunView) -> str:
    """What there is of it all the same."""
    done = answered(view)
    if not done:
        return "Nothing was answered yet."
    return f"{done:,} of {figures.count(whole(view), 'answer')} are kept and count."


def todo(view: RunView) -> str:
    """What to do next; "" where the words of the experiment say it themselves."""
    experiment = view.experiment
    if not left_words(view):
        return ""
    if experiment.state is ExperimentState.AT_LIMIT:
        return f"Raise the limit here below, then resume: {_rest(view)[1]}."
    told = experiment.words and experiment.state is ExperimentState.STOPPED and unasked(view)
    if told:
        return ""
    aim, promise = _rest(view)
    return f"Resume to {aim}: {promise}."


def _rest(view: RunView) -> tuple[str, str]:
    """What a run that goes on does, and what it does not do again."""
    if unasked(view):
        return "ask the rest", "nothing that was answered is asked again"
    if unjudged(view):
        return "have the rest judged", "nothing is judged twice"
    return "look for the causes that are missing", "no answer is asked for anew"


def _new_limit(view: RunView) -> Limit | None:
    """A higher limit, as typed."""
    limit = view.experiment.limit
    if limit is None:
        return None
    now = float(Decimal(limit.amount) / MONEY_SCALE)
    st.caption(plain(" · ".join(money_so_far(view))))
    amount = st.number_input(
        f"New limit in {plain(limit.currency)}", now, 1e6, value=now * 2, key="run-limit", width=LIMIT_WIDTH
    )
    return limit_of(amount, limit.currency)


def _resume(actions: RunActions, again: Again, limit: Limit | None) -> None:
    with st.spinner("Starting…"):
        done = try_it(lambda: actions.resume(again, limit))
    if done:
        st.rerun()
