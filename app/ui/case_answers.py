"""The answers to one question of an experiment, candidate by candidate, with what they were given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app.domain import AnswerState, CaseSeen, Exchange, LaneView, Phase, Span, Trial, TrialSeen, words_of
from app.ui import case_words, lanes, passages, scores, tables
from app.ui.case_words import outcome_words, standing_words
from app.ui.frame import ANSWER
from app.ui.next_steps import remedy_link
from app.ui.safe import answer_markdown, plain
from app.ui.theme import LaneStyle, option
from app.ui.words import help_for

ALL_OPEN = 4
"""Up to so many candidates all are open."""
OPEN = 3
"""So many are open at first where there are more."""
MOST_PILLS = 10
"""So many repeats are offered side by side; more of them in a list."""


# ------------------------------------------------------------------------ which are open


def choose(seen: CaseSeen, names: Mapping[str, str]) -> list[Trial | int]:
    """The candidates that are open, in their order: each with the trial that is shown, or its place alone."""
    places = in_front(seen, st.query_params.get(ANSWER, ""))
    if len(places) > ALL_OPEN:
        places = _chosen(seen, names, places)
    return [_shown(seen, place) for place in places]


def in_front(seen: CaseSeen, named: str) -> list[int]:
    """The candidates' places: that of the answer named first, then failed, wrong, unscored and right ones."""
    mine = {one.slot.candidate for one in seen.trials if one.answer_id == named}
    places = range(len(seen.experiment.candidates))
    return sorted(places, key=lambda place: (place not in mine, _rank(seen.of(place)), place))


def _rank(trials: Sequence[Trial]) -> int:
    ranks = [
        0 if one.state is AnswerState.FAILED else {False: 1, None: 2, True: 3}[one.right] for one in trials
    ]
    return min(ranks, default=4)


def _chosen(seen: CaseSeen, names: Mapping[str, str], places: Sequence[int]) -> list[int]:
    candidates = seen.experiment.candidates
    key = f"case-open-{seen.experiment.id}-{seen.place}"
    if key not in st.session_state:
        st.session_state[key] = list(places[:OPEN])
    chosen = st.multiselect(
        "Answers of",
        list(places),
        format_func=lambda place: f"{names[candidates[place].hash]}: {standing_words(seen.of(place))}",
        key=key,
        placeholder="Choose whose answers are open",
    )
    tables.table_expander(
        case_words.overview(seen, names), key="case", label=f"All {len(candidates)} candidates at a glance"
    )
    return chosen


def _repeat_key(seen: CaseSeen, place: int) -> str:
    return f"case-repeat-{seen.experiment.id}-{seen.place}-{place}"


def _shown(seen: CaseSeen, place: int) -> Trial | int:
    """The trial that is shown: the one chosen or named by the address, else the first that is not right."""
    trials = seen.of(place)
    wanted = (st.session_state.get(_repeat_key(seen, place)), st.query_params.get(ANSWER, ""))
    named = (one for name in wanted for one in trials if one.answer_id == name)
    bad = (one for one in trials if one.right is not True)
    return next(named, None) or next(bad, None) or (trials[0] if trials else place)


# ------------------------------------------------------------------------ what is open


def draw(
    seen: CaseSeen,
    chosen: Sequence[Trial | int],
    opened: Mapping[str, TrialSeen],
    look: tuple[Mapping[str, str], Mapping[str, LaneStyle]],
    marking: lanes.Marking,
    *,
    exchange: Exchange,
) -> None:
    """The chosen answers side by side, and below what they were given.

    ``look`` are the names and styles of candidates by their hashes. Costs are told as ``exchange`` says.
    """
    names, styles = look
    groups = passages.groups_of(one.answer for one in opened.values())
    anchors = {answer.id: group.anchor for group in groups for answer in group.answers}
    beside = max(1, min(len(chosen), lanes.MOST_BESIDE))
    grid = st.grid(beside, min_column_width=lanes.NARROWEST_LANE, border=True, key="case-answers")
    for one in chosen:
        place = one if isinstance(one, int) else one.slot.candidate
        name = seen.experiment.candidates[place].hash
        with grid.cell():
            st.markdown(f"{styles[name].marker} **{plain(names[name])}**")
            trial = None if isinstance(one, int) else opened.get(one.answer_id)
            if trial is None:
                st.caption(
                    case_words.NOT_ASKED.capitalize() if isinstance(one, int) else "This answer is gone."
                )
                continue
            _repeats(seen, trial.trial)
            _answer(seen, trial, anchors.get(trial.answer.id), marking, exchange)
    lanes.draw_rates((one.answer for one in opened.values()), exchange)
    _draw_given(seen, opened, groups, names)


def _repeats(seen: CaseSeen, shown: Trial) -> None:
    """All repeats of the candidate with how each came out, of which one is shown."""
    trials = seen.of(shown.slot.candidate)
    if len(trials) < 2:
        return
    key, by_id = _repeat_key(seen, shown.slot.candidate), {one.answer_id: one for one in trials}
    if st.session_state.get(key) not in by_id:
        st.session_state[key] = shown.answer_id
    label, telling = f"Repeats: {standing_words(trials)}", help_for("repeats")

    def called(one: str) -> str:
        told = f"{by_id[one].slot.repeat + 1}: {outcome_words(by_id[one])}"
        return told if len(trials) > MOST_PILLS else option(told)

    changed, args = _repeat_chosen, (key,)
    if len(trials) > MOST_PILLS:
        st.selectbox(label, [*by_id], format_func=called, key=key, help=telling, on_change=changed, args=args)
    else:
        st.pills(label, [*by_id], format_func=called, key=key, help=telling, on_change=changed, args=args)


def _repeat_chosen(key: str) -> None:
    if chosen := st.session_state[key]:
        st.query_params[ANSWER] = chosen


def _answer(
    seen: CaseSeen,
    trial: TrialSeen,
    anchor: Callable[[int], str] | None,
    marking: lanes.Marking,
    exchange: Exchange,
) -> None:
    st.markdown(case_words.verdict_line(trial))
    for line in (case_words.rule_alone(trial.trial), case_words.attempts_line(trial.trial)):
        if line:
            st.caption(line)
    _cause(seen, trial)
    answer = trial.answer
    lane = LaneView(
        answer_id=answer.id,
        position=answer.position,
        candidate=answer.candidate,
        phase=Phase.ANSWERING,
        phase_seconds=0.0,
        text=answer.text,
        thinking=answer.thinking,
        tokens_per_second=answer.tokens_per_second,
        attempts=answer.attempts,
        answer=answer,
    )
    lanes.draw_answer(lane, answer, anchor, marking, exchange=exchange)
    _scores(trial)


def _cause(seen: CaseSeen, trial: TrialSeen) -> None:
    """Why it is not right, with what shows it, what mends it, and what was asked again to find it."""
    lines = case_words.cause_lines(trial.trial)
    if not lines:
        return
    with st.container(border=True, gap="xsmall", key=f"cause-{trial.answer.id}"):
        for line in [*lines, case_words.covered_line(trial)]:
            if line:
                st.markdown(line)
        _remedy(seen, trial)
        if trial.probes:
            title = case_words.probes_title(trial.probes)
            with st.expander(title, key=f"probes-{trial.answer.id}", type="compact"):
                for one in trial.probes:
                    st.markdown(case_words.probe_line(one))
                    st.markdown(answer_markdown(one.answer.text or one.answer.error or "No answer came."))


def _remedy(seen: CaseSeen, trial: TrialSeen) -> None:
    cause = case_words.cause_of(trial.trial)
    if cause is None:
        return
    retrieval = trial.answer.candidate.retrieval
    st.markdown(f"What to do: {words_of(cause).remedy}")
    remedy_link(cause, seen.experiment, retrieval.collection_id if retrieval else "")


def _scores(trial: TrialSeen) -> None:
    if not trial.answer.scores:
        return
    with st.expander("Scores", key=f"scores-{trial.answer.id}", type="compact"):
        for one, line in zip(
            scores.newest(trial.answer.scores), scores.lines(trial.answer.scores), strict=True
        ):
            name = scores.measure(one)
            st.markdown(line, help=help_for(name) if name in scores.ORDER else None)


def _draw_given(
    seen: CaseSeen,
    opened: Mapping[str, TrialSeen],
    groups: Sequence[passages.Group],
    names: Mapping[str, str],
) -> None:
    """What they were given, with the gold text marked where it stands in that."""
    if not groups:
        return
    marks: dict[str, Sequence[Span]] = {}
    for one in opened.values():
        marks |= one.marks
    if any(marks.values()):
        st.caption("Marked in the passages: the text that the answer stands in.", help=help_for("gold text"))
    elif seen.case.gold:
        st.caption(
            "None of the passages holds the text that the answer stands in.", help=help_for("gold text")
        )
    candidates = seen.experiment.candidates
    called = {key: names[candidates[one.trial.slot.candidate].hash] for key, one in opened.items()}
    passages.draw_groups(groups, called, marks if seen.case.gold else None)
