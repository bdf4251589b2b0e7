"""The lanes of one question: polling fragments while they run, and what came of them afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import streamlit as st

from app.domain import (
    ASSUMED_DATE,
    Answer,
    AnswerState,
    AskView,
    Cost,
    Exchange,
    Judgement,
    LaneView,
    Mark,
    Phase,
    Usage,
)
from app.ui import dataset_add, figures, grounded, theme
from app.ui.candidates import differences, short_name
from app.ui.dataset_add import AddTo
from app.ui.frame import ANSWER, guard, is_dark, trouble
from app.ui.passages import Group
from app.ui.safe import answer_markdown, plain
from app.ui.words import JUDGEMENTS, UNKNOWN, help_for
from app.ui.work import do

POLL_SECONDS = 0.3
NARROWEST_LANE = 300
"""Pixels; below that the lanes stack."""
MOST_BESIDE = 3
LONG_MESSAGE = 600
"""Characters; a longer message of a prompt scrolls inside itself."""
NBSP = "\u00a0"
OPENED = "the answer you opened"
AS_PAID = Exchange()
_BROKEN_OFF = {AnswerState.STOPPED, AnswerState.FAILED}
_SENTENCE_END = re.compile(r"[.!?](?=[\s\"'”»)\]]|$)|[。！？]")
HELPS = {
    "Quotes": "quote check",
    "\\[": "citations",
    "It cites": "citations",
    "schema": "schema held",
    "says it": "found",
    "passages left out": "left out",
    "attempts": "attempts",
    "imported": "imported",
}
"""How a badge or a line of the checks begins, and which sentence explains it."""


class Marking(Protocol):
    """How a person says whether an answer is right; both are called with its id."""

    @property
    def mark(self) -> Callable[[str, Mark], object]:
        """Set the mark."""

    @property
    def unmark(self) -> Callable[[str], object]:
        """Take it back."""


@dataclass(frozen=True)
class Actions:
    """What a person can do with a lane; each is called with the answer's id."""

    stop: Callable[[str], None]
    again: Callable[[str], object]
    mark: Callable[[str, Mark], object]
    unmark: Callable[[str], object]
    add_to: AddTo


def lane_names(lanes: Sequence[LaneView]) -> dict[str, str]:
    """A short name for each lane by its answer's id; lanes that read alike are numbered."""
    plain = [_name(one) for one in lanes]
    names: dict[str, str] = {}
    for place, (lane, name) in enumerate(zip(lanes, plain, strict=True)):
        alike = plain[:place].count(name)
        names[lane.answer_id] = name if plain.count(name) == 1 else f"{name} ({alike + 1})"
    return names


def _name(lane: LaneView) -> str:
    candidate = lane.candidate
    given = "with documents" if candidate.with_documents else "without documents"
    k = candidate.retrieval.k if candidate.retrieval else None
    return ", ".join([f"{short_name(candidate.model)} {given}", *differences(candidate.options, k)])


def draw_lanes(
    view: AskView,
    look: Callable[[], AskView | None],
    groups: Sequence[Group],
    actions: Actions,
    known: Sequence[str | tuple[str, ...]],
    *,
    exchange: Exchange = AS_PAID,
) -> None:
    """The lanes side by side, stacked where there is no room. ``look`` gives the view as it is then.

    A running lane is a fragment of its own, so nothing but its own text is drawn while it writes; when
    it ends the page is drawn once. ``known`` are the candidates (hashes) in the order of their colours.
    The one answer that the address names is marked. Costs are told as ``exchange`` says.
    """
    names = lane_names(view.lanes)
    asked = [one.candidate.hash for one in view.lanes]
    styles = theme.apart(theme.colours([*known, *asked], dark=is_dark()), asked)
    place = {answer.id: group for group in groups for answer in group.answers}
    beside, meant = min(len(view.lanes), MOST_BESIDE), st.query_params.get(ANSWER, "")
    grid = st.grid(beside, min_column_width=NARROWEST_LANE, border=True, key="lanes")
    for lane in view.lanes:
        head = f"{styles[lane.candidate.hash].marker} **{plain(names[lane.answer_id])}**"
        with grid.cell():
            if lane.answer_id == meant and len(view.lanes) > 1:
                st.badge(OPENED, icon=":material/arrow_downward:")
            if lane.answer is None:
                st.fragment(_running, run_every=POLL_SECONDS)(lane.answer_id, head, look, actions)
            else:
                group = place.get(lane.answer_id)
                _ended(lane, lane.answer, head, group.anchor if group else None, actions, exchange=exchange)
    draw_rates([one.answer for one in view.lanes if one.answer], exchange)
    dataset_add.draw(view.question, view.lanes, actions.add_to)


def _head(words: str, label: str, icon: str, key: str, press: Callable[[], object]) -> None:
    """The lane's name with one button beside it, of the same height while it runs and afterwards."""
    with st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="small"):
        st.markdown(words, width="stretch")
        st.button(label, key=key, icon=icon, type="tertiary", on_click=do, args=(press,))


# ------------------------------------------------------------------------ while it runs


def _running(answer_id: str, head: str, look: Callable[[], AskView | None], actions: Actions) -> None:
    with guard():
        view = look()
        lane = next((one for one in view.lanes if one.answer_id == answer_id), None) if view else None
        if lane is None or lane.answer is not None:
            st.rerun()
        _head(head, "Stop", ":material/stop_circle:", f"stop-{answer_id}", lambda: actions.stop(answer_id))
        if lane.text:
            st.markdown(answer_markdown(lane.text))
        elif lane.thinking:
            st.caption(plain("Thinking: …" + lane.thinking[-200:]))
        st.caption(f":material/more_horiz: {plain(phase_words(lane))}")


def phase_words(lane: LaneView) -> str:
    """What a running lane waits for: "loading the model (12 s)", "answering at 31 tokens/s"."""
    tries = f", attempt {lane.attempts}" if lane.attempts > 1 else ""
    if lane.phase is Phase.ANSWERING:
        speed = lane.tokens_per_second
        return (f"answering at {figures.speed(speed)}" if speed else "answering") + tries
    seconds = int(lane.phase_seconds)
    return lane.phase.value + (f" ({seconds} s)" if seconds else "") + tries


# ------------------------------------------------------------------------ when it has ended


def draw_rates(answers: Iterable[Answer], exchange: Exchange) -> None:
    """Below the answers the rates by which their costs are told, where any was paid in another currency."""
    paid = [one.cost.currency for one in answers if one.cost.amount is not None]
    if note := figures.exchanged(exchange.used(paid)):
        st.caption(plain(note, 400))


def _ended(
    lane: LaneView,
    answer: Answer,
    head: str,
    anchor: Callable[[int], str] | None,
    actions: Actions,
    *,
    exchange: Exchange,
) -> None:
    again = f"again-{answer.id}"
    _head(head, "Ask again", ":material/replay:", again, lambda: actions.again(answer.id))
    draw_answer(lane, answer, anchor, actions, exchange=exchange)
    dataset_add.button(answer)


def draw_answer(
    lane: LaneView,
    answer: Answer,
    anchor: Callable[[int], str] | None,
    actions: Marking,
    *,
    exchange: Exchange = AS_PAID,
) -> None:
    """An answer that has ended: its text, where it stood while it was written; what is known of it below.

    ``anchor`` tells where the passage [n] stands on the page.
    """
    if answer.text:
        st.markdown(answer_markdown(answer.text, answer.checks.citations, anchor))
    if answer.state is AnswerState.FAILED:
        kept = "What it wrote until then is kept." if answer.text else ""
        trouble(answer.error, kept, answer.remedy)
    _badges(lane, answer)
    for line in check_words(answer):
        st.caption(line, help=_help(line))
    figures_told = figures_line(answer, exchange)
    if figures_told:
        st.caption(figures_told, help=_figures_help(answer))
    if can_be_judged(answer):
        _judging(answer, actions)
    _details(answer)


def badges_of(lane: LaneView, answer: Answer) -> list[str]:
    """What is to be known of an answer at a glance, in words."""
    left = answer.prompt.left_out if answer.prompt else 0
    said = [
        (
            answer.state in {AnswerState.CUT_SHORT, AnswerState.STOPPED, AnswerState.FAILED},
            answer.state.value,
        ),
        (answer.checks.schema_held is True, "schema held"),
        (answer.checks.schema_held is False, "schema not held"),
        (answer.checks.found is False, "says it is not in the documents"),
        (answer.candidate.imported, "imported"),
        (answer.candidate.documents_given is False, "no documents"),
        (left > 0, f"passages left out: {left}"),
        (answer.attempts > 1, f"attempts: {answer.attempts}"),
        (not lane.saved, "not saved"),
    ]
    return [text for applies, text in said if applies]


def _badges(lane: LaneView, answer: Answer) -> None:
    badges = badges_of(lane, answer)
    if badges:
        with st.container(horizontal=True, gap="xsmall"):
            for text in badges:
                st.badge(text, color="gray", help=_help(text))
    if not lane.saved:
        st.warning(
            "This answer could not be saved: copy it if you need it, and look at the disk of the data folder."
        )


def _help(text: str) -> str | None:
    """The sentence for a badge or a line of the checks, where there is one."""
    return next((help_for(name) for start, name in HELPS.items() if text.startswith(start)), None)


def check_words(answer: Answer) -> list[str]:
    """What the checks found, a line each: quotes, and marks that point to no passage."""
    lines = []
    quotes = answer.checks.quotes
    if quotes:
        held = sum(one.number > 0 for one in quotes)
        lines.append(f"Quotes: {held} of {len(quotes)} stand word for word in the passages.")
    wrong = sorted({one.number for one in answer.checks.citations if not one.valid})
    if wrong and answer.candidate.with_documents:
        listed = ", ".join(f"\\[{number}\\]" for number in wrong)
        lines.append(f"{listed} {'points' if len(wrong) == 1 else 'point'} to no passage that was given.")
    if (
        answer.candidate.with_documents
        and answer.state is AnswerState.COMPLETE
        and not answer.checks.citations
    ):
        lines.append("It cites no passage.")
    if answer.checks.note:
        lines.append(plain(answer.checks.note))
    return lines


def figures_line(answer: Answer, exchange: Exchange = AS_PAID) -> str:
    """Grounded share, times, speed, tokens and cost in one line. What is not known is called unknown, but
    left out of an answer that broke off: there most of it cannot be known.
    """
    timing = answer.timing
    waits = [(timing.queue, "in the queue"), (timing.load, "loading the model")]
    parts = [
        *(() if answer.candidate.imported else grounded.figure(answer)),
        *(f"{figures.seconds(value)} {name}" for value, name in waits if value and value >= 0.05),
        *_measured(answer, exchange),
    ]
    # What belongs together stays on one line, and no line begins with a dot.
    return f"{NBSP}· ".join(plain(one).replace(" ", NBSP) for one in parts)


def _measured(answer: Answer, exchange: Exchange) -> list[str]:
    timing = answer.timing
    if answer.candidate.imported:
        # Nobody measured its speed here.
        dated = ASSUMED_DATE not in answer.cost.entry
        date = f"recorded {figures.day(answer.asked_at)}" if dated else "date not told"
        return [date, _tokens(answer.usage), _cost(answer.cost, exchange)]
    told = [
        f"first token {figures.seconds(timing.first_token)}",
        f"total {figures.seconds(timing.wall)}",
        figures.speed(answer.tokens_per_second),
        _tokens(answer.usage),
        _cost(answer.cost, exchange),
    ]
    if answer.state not in _BROKEN_OFF:
        return told
    known = [", ".join(part for part in one.split(", ") if UNKNOWN not in part) for one in told]
    return [one for one in known if one]


def _tokens(usage: Usage) -> str:
    """What went in and came out; where the server tells, what of it was remembered and what only thought."""
    cached = f" ({figures.count(usage.cached)} cached)" if usage.cached else ""
    thinking = f" ({figures.count(usage.thinking)} thinking)" if usage.thinking else ""
    return f"{figures.count(usage.prompt)} tokens in{cached}, {figures.count(usage.completion)} out{thinking}"


def _cost(cost: Cost, exchange: Exchange) -> str:
    if cost.amount is None:
        return f"cost {UNKNOWN}"
    return f"{figures.each(cost.amount, cost.currency, exchange)} ({cost.basis})"


def _figures_help(answer: Answer) -> str:
    names = ["first token", "total", "tokens per second", "tokens in", "tokens out", "queue", "load"]
    names = ["recorded date", *names[3:5]] if answer.candidate.imported else names
    usage = answer.usage
    names += ["cached tokens"] * bool(usage.cached) + ["thinking tokens"] * bool(usage.thinking)
    told = [f"{name[0].upper()}{name[1:]}: {help_for(name)}" for name in names]
    if answer.state in _BROKEN_OFF:
        told.append("What is not told here is unknown, since the answer broke off.")
    told = told if answer.candidate.imported else [*grounded.figure_help(answer), *told]
    lines = [*told, plain(answer.cost.words, 600)]
    return "\n".join(f"- {one}" for one in lines if one)


def can_be_judged(answer: Answer) -> bool:
    """Whether there is an answer to judge: of one that broke off, at least a whole sentence."""
    if answer.mark is not None or answer.state not in _BROKEN_OFF:
        return bool(answer.text)
    return bool(_SENTENCE_END.search(answer.text))


def _judging(answer: Answer, actions: Marking) -> None:
    """Right, wrong or can't tell; what the database holds is what is shown."""
    mark = answer.mark
    choice, typed = f"mark-{answer.id}", f"correct-{answer.id}"
    stored = mark.judgement.value if mark else None
    if st.session_state.get(choice) != stored:
        st.session_state[choice] = stored
    st.segmented_control(
        "Is it right?",
        [one.value for one in Judgement],
        format_func=lambda one: theme.option(JUDGEMENTS[Judgement(one)]),
        key=choice,
        help=help_for("mark"),
        on_change=_marked,
        args=(answer, actions),
    )
    if mark is None:
        return
    st.caption(":material/check: Your mark is saved.")
    if mark.judgement is Judgement.RIGHT:
        return
    if st.session_state.get(typed) != mark.correct_answer:
        st.session_state[typed] = mark.correct_answer
    st.text_input(
        "The correct answer, if you know it",
        key=typed,
        max_chars=2000,
        help=help_for("correct answer"),
        on_change=_marked,
        args=(answer, actions),
    )


def _marked(answer: Answer, actions: Marking) -> None:
    picked = st.session_state[f"mark-{answer.id}"]
    typed = st.session_state.get(f"correct-{answer.id}", answer.mark.correct_answer if answer.mark else "")
    if picked:
        do(actions.mark, answer.id, Mark(Judgement(picked), typed.strip(), datetime.now(UTC)))
    else:
        do(actions.unmark, answer.id)


def _details(answer: Answer) -> None:
    with st.container(gap="xxsmall"):
        grounded.draw(answer)
        if answer.thinking:
            with st.expander("Thinking", key=f"thinking-{answer.id}", type="compact"):
                st.text(answer.thinking)
        if answer.prompt:
            with st.expander("What was sent", key=f"sent-{answer.id}", type="compact"):
                _sent(answer)
        if answer.text:
            with st.expander("Copy the answer", key=f"copy-{answer.id}", type="compact"):
                st.code(answer.text, language=None, wrap_lines=True)


def _sent(answer: Answer) -> None:
    prompt = answer.prompt
    if prompt is None:
        return
    counted = "counted by the model's tokenizer" if prompt.exact else "at most, by a safe bound"
    st.caption(
        f"{figures.count(prompt.tokens)} tokens, {counted}; the window holds {figures.count(prompt.window)}.",
        help=help_for("window"),
    )
    options = answer.candidate.options
    st.caption(
        f"temperature {options.temperature:g}, seed {options.seed}, at most {options.max_tokens} tokens"
        + (", strict JSON" if options.schema else "")
    )
    for message in prompt.rendered():
        st.caption(message.role)
        long = len(message.content) > LONG_MESSAGE
        st.code(message.content, language=None, wrap_lines=True, height=300 if long else "content")
    told = [
        answer.candidate.backend,
        answer.backend_version,
        answer.candidate.model,
        answer.candidate.digest[:19],
    ]
    st.caption(plain(" · ".join(one for one in told if one)), help=help_for("digest"))
