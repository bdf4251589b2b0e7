"""Lanes as pills: which models are asked, with or without the documents, with which options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from uuid import uuid4

import streamlit as st

from app.domain import BackendKind, Candidate, Model, Options, Retrieval
from app.ui import figures
from app.ui.experts import parameters_words
from app.ui.safe import plain
from app.ui.words import help_for

MAX_LANES = 6
DEFAULTS = Options()
DEFAULT_K = Retrieval("").k
TWINS = "Two lanes are set alike: change the model or a setting of one of them."
LANES = "ask-lanes"
"""Where the lanes that are being chosen stand in the session."""


@dataclass(frozen=True)
class Offer:
    """A model that a lane can choose, and where its server is."""

    backend: str
    model: str
    kind: BackendKind
    host: str
    local: bool
    note: str = ""
    digest: str = ""
    parameters: str = ""
    """In words: how many it has, and what they cost where it is a mixture of experts; "" if nobody tells."""

    @property
    def name(self) -> str:
        """``backend/model``, as on the command line."""
        return f"{self.backend}/{self.model}"


@dataclass(frozen=True)
class LaneChoice:
    """A lane as it is being chosen. ``key`` names its widgets and never changes."""

    backend: str
    model: str
    documents: bool = True
    options: Options = field(default_factory=Options)
    k: int = DEFAULT_K
    key: str = field(default_factory=lambda: uuid4().hex[:8])

    @property
    def name(self) -> str:
        """``backend/model``."""
        return f"{self.backend}/{self.model}"

    def candidate(self, collection_id: str, digest: str = "") -> Candidate:
        """What is asked of this lane; ``digest`` is the model's, where it is known."""
        retrieval = Retrieval(collection_id, self.k) if self.documents else None
        return Candidate(self.backend, self.model, self.options, retrieval, digest)


class Server(Protocol):
    """What is to be known of a backend to offer its models."""

    name: str
    kind: BackendKind
    host: str
    local: bool


def offers_of(servers: Iterable[Server], models: Mapping[str, Sequence[Model]]) -> list[Offer]:
    """The models that can answer now, those that only embed left out. ``models`` are those of each server
    that is ready, by its name.
    """
    return [
        Offer(
            server.name,
            one.name,
            server.kind,
            server.host,
            server.local,
            one.note,
            one.digest,
            parameters_words(one),
        )
        for server in servers
        for one in models.get(server.name, ())
        if not one.embeds
    ]


def first_choices(offers: Sequence[Offer]) -> list[LaneChoice]:
    """The first two lanes: the embedded model (else the first there is), with and without documents."""
    ordered = sorted(offers, key=lambda one: one.kind is not BackendKind.EMBEDDED)
    if not ordered:
        return []
    first = ordered[0]
    return [LaneChoice(first.backend, first.model, documents=given) for given in (True, False)]


def choices_of(candidates: Iterable[Candidate]) -> list[LaneChoice]:
    """The lanes of a logged question, to be asked anew; a lane that was asked again counts once.

    Without imported ones, which nobody can ask.
    """
    seen: dict[str, LaneChoice] = {}
    for one in (candidate for candidate in candidates if not candidate.imported):
        k = one.retrieval.k if one.retrieval else DEFAULT_K
        choice = LaneChoice(one.backend, one.model, one.with_documents, one.options, k)
        seen.setdefault(replace(one, digest="").hash, choice)
    return list(seen.values())[:MAX_LANES]


def differences(options: Options, k: int | None) -> list[str]:
    """What is not as usual, in words: tells two lanes of one model apart."""
    return [one for one in settings_words(options, k) if one]


def settings_words(options: Options, k: int | None) -> list[str]:
    """Each setting in words, "" where it is as usual: always as many, in one order."""
    said = [
        (k is not None and k != DEFAULT_K, figures.count(k, "passage")),
        (options.temperature != DEFAULTS.temperature, f"temperature {options.temperature:g}"),
        (options.seed != DEFAULTS.seed, f"seed {options.seed}"),
        (options.max_tokens != DEFAULTS.max_tokens, f"up to {options.max_tokens} tokens"),
        (options.schema, "strict JSON"),
        (bool(options.instruction.strip()), "own instruction"),
    ]
    return [text if applies else "" for applies, text in said]


def short_name(model: str) -> str:
    """A model's name without the folders in front of it."""
    return model.rsplit("/", 1)[-1]


def leaving(choices: Sequence[LaneChoice], offers: Sequence[Offer]) -> list[str]:
    """The hosts, other than this machine, that these lanes would send passages to."""
    away = {one.name: one.host for one in offers if not one.local}
    hosts = (away.get(choice.name) for choice in choices if choice.documents)
    return list(dict.fromkeys(host for host in hosts if host))


def lane_pills(offers: Sequence[Offer]) -> list[LaneChoice]:
    """Draw a pill for each lane and "+ lane"; returns the lanes as chosen now."""
    lanes: list[LaneChoice] = st.session_state[LANES]
    with st.container(horizontal=True, key="lane-pills", vertical_alignment="center"):
        chosen = [_pill(one, offers, alone=len(lanes) == 1) for one in lanes]
        st.session_state[LANES] = chosen
        full = len(chosen) >= MAX_LANES
        st.button(
            "\\+ lane",
            key="lane-add",
            type="tertiary",
            disabled=full or not offers,
            on_click=_add,
            args=(offers, len(lanes)),
            help=f"At most {MAX_LANES} lanes." if full else f"Compare one more. {help_for('lane')}",
        )
    if have_twins(chosen):
        st.caption(TWINS)
    return chosen


def _pill(choice: LaneChoice, offers: Sequence[Offer], *, alone: bool) -> LaneChoice:
    now = _current(choice)
    icon = ":material/description:" if now.documents else ":material/block:"
    with st.popover(_label(now), icon=icon, key=f"lane-{choice.key}"):
        now = _settings(now, offers)
        st.button(
            "Remove this lane",
            key=f"lane-remove-{choice.key}",
            icon=":material/close:",
            disabled=alone,
            on_click=_remove,
            args=(choice.key,),
        )
    return now


def _label(choice: LaneChoice) -> str:
    given = "with documents" if choice.documents else "without documents"
    parts = [
        short_name(choice.model),
        given,
        *differences(choice.options, choice.k if choice.documents else None),
    ]
    return plain(" · ".join(parts))


def _settings(choice: LaneChoice, offers: Sequence[Offer]) -> LaneChoice:
    """The widgets of one lane; what is chosen now is their default, so that it outlives a visit elsewhere.

    A closed popover's widgets are not in the browser yet, so putting values into the session would be lost.
    """
    names = {one.name: one for one in offers}
    known = list(names) if choice.name in names else [choice.name, *names]
    picked = st.selectbox(
        "Model",
        known,
        index=known.index(choice.name),
        key=_widget(choice, "model"),
        format_func=lambda name: offered(name, names),
        help=_about(names.get(choice.name)),
    )
    with st.container(horizontal=True, gap="medium"):
        documents = st.toggle(
            "Give it the documents",
            value=choice.documents,
            key=_widget(choice, "documents"),
            help=help_for("with documents"),
        )
        schema = st.toggle(
            "Strict JSON",
            value=choice.options.schema,
            key=_widget(choice, "schema"),
            help=help_for("schema"),
        )
    backend, _, model = picked.partition("/")
    k, options = _numbers(choice, documents=documents)
    options = replace(options, instruction=_instruction(choice), schema=schema)
    return replace(choice, backend=backend, model=model, documents=documents, k=k, options=options)


def _numbers(choice: LaneChoice, *, documents: bool) -> tuple[int, Options]:
    """How many passages are given (where they are), and the numbers among the options."""
    old, k = choice.options, choice.k
    # In two rows: columns would stack on a phone, and make the menu taller than its screen.
    first, second = (st.container(horizontal=True, gap="small") for _ in range(2))
    cap = first.number_input(
        "Token cap",
        1,
        32_000,
        value=old.max_tokens,
        step=50,
        key=_widget(choice, "cap"),
        help=help_for("token cap"),
    )
    if documents:
        k = first.number_input(
            "Passages", 1, 20, value=k, key=_widget(choice, "k"), help=help_for("passages given")
        )
    temperature = second.number_input(
        "Temperature",
        0.0,
        2.0,
        value=old.temperature,
        step=0.1,
        key=_widget(choice, "temperature"),
        help=help_for("temperature"),
    )
    seed = second.number_input(
        "Seed", 0, 2**31 - 1, value=old.seed, key=_widget(choice, "seed"), help=help_for("seed")
    )
    return k, replace(old, temperature=temperature, seed=seed, max_tokens=cap)


def _instruction(choice: LaneChoice) -> str:
    return st.text_area(
        "Instruction",
        value=choice.options.instruction,
        key=_widget(choice, "instruction"),
        help=help_for("instruction"),
        placeholder="Assay's own: answer from the passages, cite them, say when they do not tell.",
        height=68,
        max_chars=8000,
    )


def offered(name: str, offers: Mapping[str, Offer]) -> str:
    """A model in the list of a lane: short, since the list cuts off what is too long for it."""
    offer = offers.get(name)
    if offer is None:
        return f"{name} (not there now)"
    short = short_name(offer.model)
    alike = sum((one.backend, short_name(one.model)) == (offer.backend, short) for one in offers.values())
    return f"{short if alike == 1 else offer.model} · {offer.backend}"


def _about(offer: Offer | None) -> str:
    """The full name of a model, and what is to be known of it."""
    told = [
        help_for("model"),
        *([f"{offer.name}: {offer.note}." if offer.note else f"{offer.name}."] if offer else []),
        *([f"Parameters: {offer.parameters}."] if offer and offer.parameters else []),
    ]
    return plain(" ".join(told))


def _widget(choice: LaneChoice, name: str) -> str:
    return f"lane-{choice.key}-{name}"


def _current(choice: LaneChoice) -> LaneChoice:
    """The choice with what was just changed, so that the pill's label is never one step behind."""

    def now(name: str, value: object) -> object:
        return st.session_state.get(_widget(choice, name), value)

    backend, _, model = str(now("model", choice.name)).partition("/")
    old = choice.options
    options = Options(
        instruction=str(now("instruction", old.instruction)),
        temperature=float(str(now("temperature", old.temperature))),
        seed=int(str(now("seed", old.seed))),
        max_tokens=int(str(now("cap", old.max_tokens))),
        schema=bool(now("schema", old.schema)),
    )
    documents = bool(now("documents", choice.documents))
    return replace(
        choice,
        backend=backend,
        model=model,
        documents=documents,
        options=options,
        k=int(str(now("k", choice.k))),
    )


def added(lanes: Sequence[LaneChoice], offers: Sequence[Offer]) -> LaneChoice:
    """One more lane: like the last one, but with a model that has none yet, else a model with or without
    the documents as it has no lane yet; the same again where there is nothing else.
    """
    last = lanes[-1] if lanes else LaneChoice(offers[0].backend, offers[0].model)
    models, used = {one.name for one in lanes}, {(one.name, one.documents) for one in lanes}
    names = sorted((one.name for one in offers), key=models.__contains__)
    ways = [(name, given) for given in (True, False) for name in names]
    fresh = [one for one in ways if one not in used]
    name, given = min(fresh, key=lambda one: one[0] in models, default=(last.name, last.documents))
    backend, _, model = name.partition("/")
    return replace(last, backend=backend, model=model, documents=given, key=uuid4().hex[:8])


def _add(offers: Sequence[Offer], drawn: int) -> None:
    """One more than the ``drawn`` ones: a press that Streamlit tells of twice adds one all the same."""
    lanes: list[LaneChoice] = st.session_state[LANES]
    if len(lanes) == drawn:
        st.session_state[LANES] = [*lanes, added(lanes, offers)]


def have_twins(lanes: Sequence[LaneChoice]) -> bool:
    """Whether two lanes are set alike in everything."""
    return len({one.candidate("").hash for one in lanes}) < len(lanes)


def _remove(key: str) -> None:
    st.session_state[LANES] = [one for one in st.session_state[LANES] if one.key != key]
