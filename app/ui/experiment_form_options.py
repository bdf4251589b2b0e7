"""The options of a new experiment's candidates: several values of one make more candidates."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from app.ui.candidates import DEFAULT_K, DEFAULTS
from app.ui.experiment_form_grid import CAPS, FORMS, KS, TEMPERATURES, Variations
from app.ui.safe import plain
from app.ui.words import help_for

OURS, OWN = "Assay's own", "Your own"
KEPT: Literal["session"] = "session"
"""What is chosen outlives a visit to another page."""
NOT_ALL = False
"""Streamlit offers all matches of what is typed first: "1" and Enter would take eleven values at once."""


def options() -> Variations:
    """The options behind one button, with what is not as usual beside it."""
    with st.container(horizontal=True, vertical_alignment="center", key="experiment-how"):
        with st.popover("Options", icon=":material/tune:", key="experiment-options"):
            chosen = _variations()
        if chosen.told:
            st.caption(plain("; ".join(chosen.told)), width="content")
    return chosen


def _variations() -> Variations:
    st.caption("Several values of one option make more candidates, to be compared with each other.")
    ks = st.multiselect(
        "Passages",
        KS,
        default=[DEFAULT_K],
        key="experiment-k",
        help=help_for("passages given"),
        select_all=NOT_ALL,
        persist_state=KEPT,
    )
    caps = st.multiselect(
        "Token cap",
        CAPS,
        default=[DEFAULTS.max_tokens],
        key="experiment-cap",
        help=help_for("token cap"),
        select_all=NOT_ALL,
        persist_state=KEPT,
    )
    temperatures = st.multiselect(
        "Temperature",
        TEMPERATURES,
        default=[DEFAULTS.temperature],
        format_func=lambda one: f"{one:g}",
        key="experiment-temperature",
        help=help_for("temperature"),
        select_all=NOT_ALL,
        persist_state=KEPT,
    )
    schemas = st.pills(
        "Form of the answer",
        list(FORMS),
        default=[DEFAULTS.schema],
        selection_mode="multi",
        format_func=FORMS.__getitem__,
        key="experiment-schema",
        help=help_for("schema"),
        persist_state=KEPT,
    )
    seed = st.number_input(
        "Seed",
        0,
        2**31 - 1,
        value=DEFAULTS.seed,
        key="experiment-seed",
        help=help_for("first seed"),
        persist_state=KEPT,
    )
    return Variations(
        ks=tuple(sorted(ks)) or (DEFAULT_K,),
        schemas=tuple(sorted(schemas)) or (DEFAULTS.schema,),
        temperatures=tuple(sorted(temperatures)) or (DEFAULTS.temperature,),
        caps=tuple(sorted(caps)) or (DEFAULTS.max_tokens,),
        instructions=_instructions(),
        seed=seed,
    )


def _instructions() -> tuple[str, ...]:
    """Assay's own instruction ("" stands for it), the person's, or both."""
    picked = st.pills(
        "Instruction",
        [OURS, OWN],
        default=[OURS],
        selection_mode="multi",
        key="experiment-instruction",
        help=help_for("instruction"),
        persist_state=KEPT,
    )
    typed = ""
    if OWN in picked:
        typed = st.text_area(
            "Your own instruction",
            key="experiment-instruction-own",
            height=68,
            max_chars=8000,
            persist_state=KEPT,
        )
    own = [typed.strip()] if typed.strip() else []
    return tuple([""] * (OURS in picked) + own) or ("",)
