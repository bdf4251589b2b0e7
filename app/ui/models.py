"""Drawing of the Models page: one block per backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import AskView, Health, HealthState, LaneView, Model, PullView
from app.ui import figures
from app.ui.experts import experts_words
from app.ui.frame import guard, trouble
from app.ui.safe import answer_markdown, plain
from app.ui.tables import Table, show
from app.ui.words import HEALTH_STATES, UNKNOWN, help_for
from app.ui.work import watched

POLL_SECONDS = 0.5
TRIED = "models-tried"
"""The question that was tried last, by backend: in the session."""

ADDING = """
Assay reads its settings when it starts. Put another server into `.streamlit/secrets.toml`, then restart:
"""
ADDING_EXAMPLE = """\
[backends.office]       # the name on the screens
kind = "openai"         # vLLM, llama.cpp's server, any that speaks OpenAI's API; or "ollama"
url = "http://192.0.2.10:8000/v1"
key = ""                # only if the server asks for one; it is never shown
provider = ""           # whose price list applies, such as "openai"; "" for a machine of yours
context = 8192          # tokens that a prompt and its answer may have together
"""
ADDING_MORE = """
The same can be set in the environment, as `ASSAY_BACKENDS__OFFICE__URL` and so on. Ollama at its usual
address is found by itself; one elsewhere is named by `OLLAMA_HOST`.
"""


@dataclass(frozen=True)
class PullActions:
    """What can be done with the pulls of one backend; ``start`` and ``delete`` take a model's name."""

    start: Callable[[str], object]
    views: Callable[[], Sequence[PullView]]
    cancel: Callable[[str], None]
    dismiss: Callable[[str], None]
    delete: Callable[[str], None]


@dataclass(frozen=True)
class TryActions:
    """Asking one model one thing: ``ask`` (model, prompt) gives a question's id, ``look`` its view."""

    ask: Callable[[str, str], str]
    look: Callable[[str], AskView | None]
    stop: Callable[[str], None]


def head(health: Health, where: str, retry: Callable[[str], None]) -> None:
    """A backend's name, state, address and what to do. ``where`` says where its passages go."""
    ready = health.state is HealthState.READY
    version = f", version {health.version}" if health.version else ""
    parts = dict.fromkeys([HEALTH_STATES[health.state], f"{health.address}{version}", where])
    told = plain(" · ".join(parts))
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.markdown(f"#### {plain(health.backend)}", width="stretch")
        st.button(
            "Refresh" if ready else "Retry",
            key=f"retry-{health.backend}",
            icon=":material/refresh:",
            type="secondary" if ready else "primary",
            # Before the run, so that the sidebar and the other pages know it too.
            on_click=retry,
            args=(health.backend,),
        )
    st.caption(told)
    if health.state is HealthState.ABSENT:
        st.info(_both(health.words, health.remedy), icon=":material/info:")
    elif not ready:
        trouble(health.words, "The answers and documents saved before are kept.", health.remedy)


def models_table(backend: str, models: Sequence[Model]) -> None:
    """The models of one backend."""
    if not models:
        st.markdown("It has no models yet.")
        return
    columns = ("Model", "Size", "Quantisation", "Parameters", "Active", "Context", "In memory", "Note")
    helps = {
        "Size": help_for("size"),
        "Quantisation": help_for("quantisation"),
        "Parameters": help_for("parameters"),
        "Active": help_for("active parameters"),
        "Context": help_for("context"),
        "In memory": help_for("loaded"),
    }
    show(Table(columns, tuple(_cells(one) for one in models), helps), key=f"models-{backend}")
    for one in models:
        if words := experts_words(one):
            st.caption(plain(f"{one.name}, a mixture of experts: {words}.", 400), help=help_for("experts"))


def pulling(backend: str, actions: PullActions) -> None:
    """Fetch a model: its name, and how far each pull is."""
    with st.form(f"pull-{backend}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        model = st.text_input(
            "Fetch a model",
            placeholder="its name, such as qwen2.5:0.5b",
            max_chars=200,
            key=f"pull-name-{backend}",
        )
        pressed = st.form_submit_button("Fetch", icon=":material/download:")
    if pressed:
        with guard():
            actions.start(model)
    if views := actions.views():
        busy = any(one.busy for one in views)
        watched(_pulls, actions, busy, every=POLL_SECONDS if busy else None)


def deleting(backend: str, models: Sequence[Model], needed: Mapping[str, str], actions: PullActions) -> None:
    """Delete a model, after its name was typed. ``needed`` says why one must stay, by its name."""
    with st.popover("Delete a model", icon=":material/delete:"):
        name = st.selectbox(
            "Model",
            [one.name for one in models],
            index=None,
            key=f"delete-{backend}",
            placeholder="Choose one",
        )
        if name in needed:
            st.warning(answer_markdown(needed[str(name)]))
            return
        st.markdown("Its file is deleted from the server. Answers that it gave stay.")
        typed = st.text_input("Type its name to confirm", key=f"delete-typed-{backend}", disabled=not name)
        if st.button("Delete it", key=f"delete-go-{backend}", disabled=not name or typed.strip() != name):
            with guard("The model is still there."):
                actions.delete(str(name))
                st.toast(f"Deleted {plain(str(name))}.")
                st.rerun()


def trying(backend: str, models: Sequence[Model], actions: TryActions) -> None:
    """Ask one model one thing, without documents."""
    names = [one.name for one in models if not one.embeds]
    if not names:
        return
    with st.expander("Try one prompt", icon=":material/play_arrow:"):
        with st.form(f"try-{backend}", border=False):
            model = st.selectbox("Model", names, key=f"try-model-{backend}")
            prompt = st.text_area("Prompt", key=f"try-prompt-{backend}", height=90, max_chars=4000)
            pressed = st.form_submit_button("Try it", icon=":material/play_arrow:")
        tried: dict[str, str] = st.session_state.setdefault(TRIED, {})
        if pressed:
            with guard():
                tried[backend] = actions.ask(str(model), prompt)
        if backend in tried:
            view = actions.look(tried[backend])
            running = view is not None and view.busy
            st.fragment(_answer, run_every=POLL_SECONDS if running else None)(
                tried[backend], actions, was_busy=running
            )


def adding() -> None:
    """How to connect another server."""
    with st.expander("Connect another model server", icon=":material/add:"):
        st.markdown(ADDING)
        st.code(ADDING_EXAMPLE, language=None)
        st.markdown(ADDING_MORE)


def pull_words(one: PullView) -> str:
    """How far a pull is: "310 MB of 815 MB, 12 MB/s, 41 s left"."""
    parts = [one.status]
    if one.total:
        parts = [f"{figures.size(one.done)} of {figures.size(one.total)}"]
    if one.speed:
        parts.append(f"{figures.size(one.speed)}/s")
        if one.total > one.done:
            parts.append(f"{figures.seconds((one.total - one.done) / one.speed)} left")
    return ", ".join(part for part in parts if part)


def _pulls(actions: PullActions, was_busy: bool) -> None:
    views = actions.views()
    if was_busy and not any(one.busy for one in views):
        st.rerun()
    for one in views:
        with st.container(border=True, key=f"pull-{one.id}"):
            _pull(one, actions)


def _pull(one: PullView, actions: PullActions) -> None:
    name = plain(one.model)
    if one.busy:
        st.progress(
            min(one.done / one.total, 1.0) if one.total else 0.0, text=f"**{name}** {plain(pull_words(one))}"
        )
        st.button("Cancel", key=f"pull-cancel-{one.id}", on_click=actions.cancel, args=(one.id,))
        return
    if one.error:
        trouble(f"{one.model} was not fetched. {one.error}", todo=one.remedy)
    elif one.cancelled:
        st.markdown(f"**{name}**: cancelled. Fetching it again goes on where it stopped.")
    else:
        st.markdown(f"**{name}** was fetched and can be asked now.")
    st.button("Hide", key=f"pull-hide-{one.id}", type="tertiary", on_click=actions.dismiss, args=(one.id,))


def _answer(question_id: str, actions: TryActions, *, was_busy: bool) -> None:
    with guard():
        view = actions.look(question_id)
        if view is None or not view.lanes:
            return
        if was_busy and not view.busy:
            st.rerun()
        lane = view.lanes[0]
        if lane.text:
            st.markdown(answer_markdown(lane.text))
        st.caption(plain(_told(lane)))
        if lane.answer is None:
            st.button("Stop", key=f"try-stop-{lane.answer_id}", on_click=actions.stop, args=(lane.answer_id,))
        elif lane.answer.error:
            trouble(lane.answer.error, "What it had written is kept.", lane.answer.remedy)


def _told(lane: LaneView) -> str:
    if lane.answer is None:
        speed = f", {figures.speed(lane.tokens_per_second)}" if lane.tokens_per_second else ""
        return f"{lane.phase.value} ({figures.seconds(lane.phase_seconds)}){speed}"
    timing, usage = lane.answer.timing, lane.answer.usage
    return " · ".join(
        [
            f"first token after {figures.seconds(timing.first_token)}",
            f"total {figures.seconds(timing.wall)}",
            f"{figures.count(usage.completion, 'token')} out",
            figures.cost(lane.answer.cost),
        ]
    )


def _cells(one: Model) -> tuple[str | None, ...]:
    loaded = {True: "yes", False: "no", None: UNKNOWN}[one.loaded]
    note = ", ".join(part for part in ("makes texts searchable" if one.embeds else "", one.note) if part)
    return (
        one.name,
        figures.size(one.size),
        one.quantisation or UNKNOWN,
        figures.parameters(one.parameters),
        figures.parameters(one.active_parameters),
        UNKNOWN if one.context is None else f"{one.context:,} tokens",
        loaded,
        note,
    )


def _both(words: str, remedy: str) -> str:
    return " ".join(answer_markdown(part) for part in (words, remedy) if part)
