"""The experiments that ran: a table of what came of them, from which one opens and two are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from app.domain import Experiment, ExperimentState, ExperimentSummary, RightTally, Share
from app.ui import figures
from app.ui.dialogs import close_dialog, confirmed, is_open, open_dialog
from app.ui.experiments import address, link
from app.ui.frame import EXPERIMENT, OTHER
from app.ui.naming import candidate_names, experiment_names
from app.ui.safe import plain
from app.ui.tables import Table, choosing_table
from app.ui.words import help_for
from app.ui.work import try_it

ALL = "all"
"""In the address: that the oldest experiments are listed, too."""
NEWEST = 50
"""So many experiments are listed at first."""
NAME_WIDTH, RIGHT_WIDTH, STATE_WIDTH = 195, 305, 120
DELETE = "experiment-delete"


@dataclass(frozen=True)
class Line:
    """An experiment of the list, with who was right most often, where that is known."""

    summary: ExperimentSummary
    best: str = ""
    share: Share | None = None

    @property
    def experiment(self) -> Experiment:
        """The experiment itself."""
        return self.summary.experiment


def lines_of(
    summaries: Sequence[ExperimentSummary],
    collections: Mapping[str, str],
    share: Callable[[RightTally], Share],
) -> list[Line]:
    """The lines of the list. ``share`` tells the share right of a candidate that has scored answers."""
    return [
        _line(one, collections, [(tally.candidate_hash, share(tally)) for tally in one.tallies])
        for one in summaries
    ]


def _line(
    summary: ExperimentSummary, collections: Mapping[str, str], shares: Sequence[tuple[str, Share]]
) -> Line:
    if not shares:
        return Line(summary)
    names = candidate_names({one.hash: one for one in summary.experiment.candidates}, collections)
    best, share = max(shares, key=lambda one: one[1].value)
    alike = [names[who] for who, one in shares if one.value == share.value]
    told = names[best] if len(alike) == 1 else f"{len(alike)} candidates alike"
    return Line(summary, told, share)


def draw_interrupted(lines: Sequence[Line]) -> None:
    """Those that a closing of Assay broke off: each can go on."""
    for one in lines:
        if one.experiment.state in {ExperimentState.INTERRUPTED, ExperimentState.RUNNING} and (
            not one.summary.elsewhere
        ):
            with st.container(border=True, key=f"interrupted-{one.experiment.id}"):
                st.markdown(f":material/warning: {plain(interrupted_words(one.summary))}")
                link(one.experiment)


def interrupted_words(one: ExperimentSummary) -> str:
    """That it did not come to its end, and what to do."""
    return (
        f"Interrupted after {one.done:,} of {figures.count(one.experiment.size, 'answer')}, which are kept. "
        "Open it to ask the rest."
    )


def draw_ended(lines: Sequence[Line], delete: Callable[[str], object], more: int) -> None:
    """The table of experiments. One opens, two are compared; ``more`` older ones are not in it yet."""
    if not lines:
        return
    st.markdown("#### Experiments so far")
    by_id = {one.experiment.id: one for one in lines}
    names = experiment_names([one.experiment for one in lines])
    with st.container(key="experiments-choose"):
        picked = st.multiselect(
            "Open one, or choose two to compare",
            list(by_id),
            format_func=lambda one: names[one],
            key="experiments-picked",
            max_selections=2,
            select_all=False,
            placeholder="Type a part of the name, or tick rows",
        )
        buttons = st.container(horizontal=True, vertical_alignment="center", key="experiments-buttons")
    state = choosing_table(
        table_of(lines),
        key="experiments",
        mode="multi-row",
        config=_columns(),
        alt="The experiments with their dates, questions, candidates, and who was right most often",
    )
    ticked = [lines[row].experiment.id for row in state.selection.rows if row < len(lines)]
    chosen = [by_id[one] for one in dict.fromkeys([*picked, *ticked])]
    with buttons:
        _buttons(chosen)
    if more and st.button(f"Show {figures.count(more, 'older one')}", key="experiments-all", type="tertiary"):
        st.query_params[ALL] = "yes"
        st.rerun()
    if len(chosen) == 1 and is_open(DELETE):
        delete_dialog(chosen[0].experiment, delete)


def table_of(lines: Sequence[Line]) -> Table:
    """A row for each experiment; cells hold raw text, which a table draws as typed."""
    rows = tuple(
        (
            one.experiment.name,
            best_words(one),
            state_words(one.summary),
            one.experiment.made_at,
            f"{one.experiment.dataset_name} ({one.experiment.cases:,})",
            len(one.experiment.candidates),
        )
        for one in lines
    )
    return Table(("Name", "Most often right", "State", "Date", "Questions", "Candidates"), rows, blank="")


def best_words(line: Line) -> str:
    """Who was right most often: "tiny with documents: 71% (61-80)"."""
    if line.share is None:
        return "nothing scored yet"
    return f"{line.best}: {figures.share(line.share)}"


def state_words(one: ExperimentSummary) -> str:
    """How it stands; how far it came where it did not come to its end."""
    words = {
        ExperimentState.RUNNING: "interrupted",
        ExperimentState.AT_LIMIT: "at its spending limit",
    }.get(one.experiment.state, one.experiment.state.value)
    if one.done >= one.experiment.size:
        return words
    return f"{words}, {one.done:,} of {one.experiment.size:,}"


def _columns() -> dict[str, ColumnConfig]:
    config = st.column_config
    return {
        "Name": config.TextColumn(width=NAME_WIDTH),
        "Most often right": config.TextColumn(width=RIGHT_WIDTH, help=help_for("most often right")),
        "State": config.TextColumn(width=STATE_WIDTH),
        "Date": config.DatetimeColumn(format="D MMM YYYY, HH:mm", width=145),
        "Questions": config.TextColumn(width=180, help=help_for("dataset")),
        "Candidates": config.NumberColumn(width=90, help=help_for("candidate")),
    }


def _buttons(chosen: Sequence[Line]) -> None:
    """What can be done with the one or two that are chosen."""
    if len(chosen) == 1:
        name = chosen[0].experiment.id
        if st.button("Open", key="experiment-open", type="primary"):
            st.switch_page("pages/experiment.py", query_params=address(EXPERIMENT, name))
        st.button("Delete", key=DELETE, icon=":material/delete:", on_click=open_dialog, args=(DELETE,))
    elif len(chosen) == 2:
        one, other = sorted(chosen, key=lambda line: line.experiment.made_at)
        if st.button("Compare these two", key="experiments-compare", type="primary"):
            both = address(EXPERIMENT, one.experiment.id, **{OTHER: other.experiment.id})
            st.switch_page("pages/versus.py", query_params=both)
    elif chosen:
        st.caption("Choose one to open, or two to compare.")


@st.dialog("Delete the experiment", on_dismiss=close_dialog)
def delete_dialog(experiment: Experiment, delete: Callable[[str], object]) -> None:
    """Ask for the typed name."""
    st.markdown(
        f"**{plain(experiment.name)}** with its results, and with people's votes on its answers, will be "
        "deleted. This cannot be undone. Its answers "
        "stay in the log, since they were paid for: what was spent, and the speeds known of each model, stay "
        "as they are."
    )
    sure, _ = confirmed("experiment-delete-form", "experiment", experiment.name)
    if sure and try_it(lambda: delete(experiment.id)):
        close_dialog()
        st.rerun()
