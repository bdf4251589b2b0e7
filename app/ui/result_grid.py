"""The grid of an experiment: a row a question, a column a candidate; any cell opens the answer.

A cell that is chosen is offered below, and a button opens it. Choosing alone must not: the grid chooses its
first cell when the focus comes to it, and another one at every arrow key.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.elements.arrow import DataframeState
from streamlit.elements.lib.column_types import ColumnConfig

from app.domain import Examined, Outcome, Trial, outcome_of, stable_hash
from app.ui import figures, result_filters
from app.ui.case_words import NOT_ASKED, came_out, cause_title
from app.ui.escaping import clean
from app.ui.experiments import address
from app.ui.frame import ANSWER, CASE, EXPERIMENT
from app.ui.result_look import Look
from app.ui.safe import plain, without_middle
from app.ui.tables import LETTER, PADDING, WIDEST, Table, choosing_table
from app.ui.tables import Cell as Written
from app.ui.words import help_for

KEY = "result-grid"
SIGNS: Mapping[Outcome, str] = {
    Outcome.RIGHT: "✓",
    Outcome.WRONG: "✗",
    Outcome.REFUSED: "⊘",
    Outcome.FAILED: "!",
    Outcome.UNSCORED: "?",
    Outcome.UNJUDGED: "…",
}
NUMBER, QUESTION = "No.", "Question"
ROW, HEAD, TALLEST = 35, 38, 560
QUESTION_WIDTH, CELL_WIDTH = 280, 190
ICON = 20
"""Pixels of a heading's help mark."""
FEW = 5
"""Beside more candidates the questions stay in sight, and are narrower so that a phone has room for them."""
FIXED_WIDTH = 170
Cells = Mapping[tuple[int, int], Sequence[Trial]]
"""The answers by case and candidate (their places), in the order of the repeats."""
Cell = tuple[int, int | None]
"""The place of a case, and that of a candidate where it is one's cell."""


def draw_grid(examined: Examined, look: Look) -> None:
    """The filters, the grid, and another way to a question for those who use no mouse."""
    st.markdown("#### Every question and answer")
    if st.session_state.pop(result_filters.FOUND, False):
        st.toast("Below, the grid shows the answers that you chose.", icon=":material/filter_alt:")
    chosen = result_filters.choose(examined, look.names)
    rows = result_filters.rows_of(examined, chosen)
    shown, of = len(rows), figures.count(len(examined.cases), "question")
    st.caption(f"{shown:,} of {of}, with or without documents. Choose a cell, then open its answer below.")
    if not rows:
        st.info("No question fits these filters.", icon=":material/filter_alt:")
        return
    _grid(examined, look, rows, chosen.candidates or tuple(range(len(examined.experiment.candidates))))


def _grid(examined: Examined, look: Look, rows: Sequence[int], places: Sequence[int]) -> None:
    """The grid, and below it the cell that is chosen and the ways to another."""
    cells = cells_of(examined.trials)
    names = {columns_of(look, examined, [place])[0]: place for place in places}

    def below(state: DataframeState) -> None:
        chosen = ((rows[row], names.get(column)) for row, column in state.selection.cells if row < len(rows))
        _offer(examined, look, cells, next(chosen, None))
        _other_way(examined, rows)

    choosing_table(
        grid_of(examined, look, rows, places, cells),
        key=KEY,
        # Of other rows nothing is chosen.
        widget=f"{KEY}-{stable_hash('grid', [*rows], [*places])[:8]}",
        mode="single-cell",
        config=_config(names),
        height=min(TALLEST, HEAD + ROW * len(rows)),
        between=below,
        alt="How each candidate's answer to each question came out",
    )


def _offer(examined: Examined, look: Look, cells: Cells, chosen: Cell | None) -> None:
    """What is chosen, in words, and the button that opens it."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"{KEY}-chosen"):
        if chosen is None:
            st.caption("No cell is chosen yet.")
            return
        case, place = chosen
        own = cells.get((case, place), ()) if place is not None else ()
        st.markdown(chosen_words(examined, look, cells, chosen), width="content")
        what = "answer" if own else "question"
        if st.button(f"Open the {what}", key=f"{KEY}-open-chosen", type="primary"):
            open_case(examined, case, _first_to_see(own))


def chosen_words(examined: Examined, look: Look, cells: Cells, chosen: Cell) -> str:
    """The question of a cell and how its answers came out, as Markdown."""
    case, place = chosen
    question = f"**{case + 1}.** {plain(examined.cases[case].question, 160)}"
    if place is None:
        return question
    name = plain(look.names[examined.experiment.candidates[place].hash])
    return f"{question}  \n{name}: **{plain(cell_words(cells.get((case, place), ())))}**"


def _first_to_see(own: Sequence[Trial]) -> str:
    """Of several repeats the first that is not right, else the first; "" where nothing was answered."""
    worst = next((one for one in own if one.right is False), next(iter(own), None))
    return worst.answer_id if worst else ""


def open_case(examined: Examined, case: int, answer: str) -> None:
    """Go to the page of a question, at the answer where there is one."""
    meant = {ANSWER: answer} if answer else {}
    st.switch_page(
        "pages/case.py",
        query_params=address(EXPERIMENT, examined.experiment.id, **{CASE: str(case)}, **meant),
    )


def _other_way(examined: Examined, rows: Sequence[int]) -> None:
    """A box to type a question into."""
    case = st.selectbox(
        "Open a question",
        rows,
        index=None,
        format_func=lambda one: f"{one + 1}. {examined.cases[one].question[:100]}",
        placeholder="Type a part of it",
        key=f"{KEY}-open",
    )
    if case is not None:
        open_case(examined, case, "")


def _config(names: Mapping[str, int]) -> dict[str, ColumnConfig]:
    config, many = st.column_config, len(names) > FEW
    return {
        NUMBER: config.NumberColumn(width=50, pinned=True),
        QUESTION: config.TextColumn(width=FIXED_WIDTH if many else QUESTION_WIDTH, pinned=many),
        **{
            name: config.TextColumn(heading, width=_width(heading), help=_telling(name))
            for name, heading in ((one, _heading(one)) for one in names)
        },
    }


def _heading(name: str) -> str:
    """The name where it fits above its column, else shortened; its help has the whole name."""
    most = (WIDEST - PADDING - ICON) // LETTER
    if len(name) <= most:
        return name
    short = name.replace(" without documents", " without").replace(" with documents", " with")
    return without_middle(short, most, most - most // 3 - 1)


def _width(heading: str) -> int:
    """Pixels in which the heading can be read: what tells two of them apart stands at their ends."""
    return max(CELL_WIDTH, min(WIDEST, LETTER * len(heading) + PADDING + ICON))


def _telling(name: str) -> str:
    return f"{plain(name)}. {help_for('outcome')}"


def cells_of(trials: Sequence[Trial]) -> Cells:
    """The answers of each cell."""
    found: defaultdict[tuple[int, int], list[Trial]] = defaultdict(list)
    for one in trials:
        found[one.slot.case, one.slot.candidate].append(one)
    return found


def columns_of(look: Look, examined: Examined, places: Sequence[int]) -> list[str]:
    """The headings of these candidates."""
    hashes = [examined.experiment.candidates[place].hash for place in places]
    return [f"{look.styles[one].sign} {clean(look.names[one])}" for one in hashes]


def grid_of(
    examined: Examined, look: Look, rows: Sequence[int], places: Sequence[int], cells: Cells
) -> Table:
    """The grid, all as plain text."""
    made: tuple[tuple[Written, ...], ...] = tuple(
        (
            row + 1,
            " ".join(examined.cases[row].question.split()),
            *(cell_words(cells.get((row, place), ())) for place in places),
        )
        for row in rows
    )
    return Table((NUMBER, QUESTION, *columns_of(look, examined, places)), made)


def cell_words(own: Sequence[Trial]) -> str:
    """How the answers in a cell came out: "✗ wrong: distracted", or of several "2 of 3 right: …"."""
    if not own:
        return NOT_ASKED
    if len(own) > 1:
        return _repeats(own)
    came, cause = came_out(own[0]), _causes(own)
    # That an answer failed because it failed tells nothing.
    outcome = outcome_of(own[0])
    told = f": {cause}" if cause and cause != outcome.value else ""
    return f"{SIGNS[outcome]} {came}{told}"


def _repeats(own: Sequence[Trial]) -> str:
    counts = Counter(outcome_of(one) for one in own)
    right, scored = counts[Outcome.RIGHT], sum(count for kind, count in counts.items() if kind.told)
    untold = [kind for kind in Outcome if counts[kind] and not kind.told]
    left = ", ".join(f"{counts[kind]} {kind.value}" for kind in untold)
    if not scored:
        return f"{SIGNS[untold[-1]]} {left}"
    sign = SIGNS[Outcome.RIGHT if right == scored else Outcome.WRONG]
    left = f", {left}" if left else ""
    cause = _causes(own)
    return f"{sign} {right} of {scored} right{left}{f': {cause}' if cause else ''}"


def _causes(own: Sequence[Trial]) -> str:
    """The causes of those that are not right, the most frequent first."""
    if len(own) == 1:
        return cause_title(own[0].cause).lower() if own[0].right is False else ""
    counts = Counter(one.cause for one in own if one.right is False and one.cause)
    # A cause that only a newer Assay knows, from whose file it came, has no name here.
    titles = (cause_title(cause).lower() for cause, _ in counts.most_common())
    return ", ".join(one for one in titles if one)
