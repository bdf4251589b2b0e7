"""What a table's edits make of its rows: nothing typed is lost, and a row keeps its number."""

from __future__ import annotations

from dataclasses import replace

from app.domain import Case, Gold, TypedCase
from app.evaluation.datasets import editing
from app.ui.dataset_draft import EMPTY, Draft, Edits, Paper, columns_of, edited, fresh, numbered

PAPER = Paper(editing.cells_of, editing.typed)
ONE = Case("Who?", ("Ada", "Ada L."), (Gold("a.txt", "It was Ada."),), tags=("plain",))
TWO = Case("Why?", unanswerable=True)
ROWS = numbered([ONE, TWO])


def edits(
    changed: dict[int, dict[str, object]] | None = None,
    added: list[dict[str, object]] | None = None,
    deleted: list[int] | None = None,
) -> Edits:
    return {"edited_rows": changed or {}, "added_rows": added or [], "deleted_rows": deleted or []}


def test_the_table_begins_with_the_cells_of_the_rows() -> None:
    columns = columns_of(ROWS, PAPER)
    assert list(columns) == [
        "number", "question", "answers", "unanswerable", "gold_document", "gold_text", "tags",
    ]  # fmt: skip
    assert [values[0] for values in columns.values()] == [
        1, "Who?", "Ada | Ada L.", False, "a.txt", "It was Ada.", "plain",
    ]  # fmt: skip
    assert columns["unanswerable"] == [False, True]


def test_no_edit_changes_nothing() -> None:
    assert edited(ROWS, edits(), 3, PAPER) == ROWS


def test_an_edited_cell_changes_only_that() -> None:
    rows = edited(ROWS, edits({0: {"answers": "Grace|Grace H."}, 1: {"unanswerable": False}}), 3, PAPER)
    assert rows[0].case == replace(ONE, answers=("Grace", "Grace H."))
    assert rows[1].case == Case("Why?")


def test_an_emptied_cell_is_empty() -> None:
    rows = edited(ROWS, edits({0: {"gold_text": None, "gold_document": None, "tags": None}}), 3, PAPER)
    assert rows[0].case == Case("Who?", ("Ada", "Ada L."))


def test_the_rows_left_keep_their_numbers_and_new_ones_get_the_next() -> None:
    told = edits({1: {"question": "Why not?"}}, [{"question": "New?", "answers": "yes"}, {}], [0])
    assert edited(ROWS, told, 3, PAPER) == (
        TypedCase(2, replace(TWO, question="Why not?")),
        TypedCase(3, Case("New?", ("yes",))),
        TypedCase(4, Case("")),
    )


def test_columns_that_no_row_has_are_passed_over() -> None:
    assert edited(ROWS, edits({0: {"number": 7, "other": "x"}}), 3, PAPER) == ROWS


def test_what_is_changed_is_counted_by_rows() -> None:
    draft = fresh("d", "v", [ONE, TWO])
    assert draft.changed == 0
    assert draft.with_rows([TypedCase(1, replace(ONE, tags=()))]).changed == 2
    assert draft.with_rows([*draft.rows, TypedCase(3, Case(""))]).changed == 0
    assert draft.with_rows([*draft.rows, TypedCase(3, Case("New?"))]).changed == 1


def test_another_turn_is_another_table_and_one_without_rows_begins_with_empty_ones() -> None:
    draft = fresh("", "", ())
    assert (draft.rows, draft.saved, draft.written, draft.changed) == (EMPTY, (), (), 0)
    emptied = fresh("d", "v", [ONE]).with_rows([])
    assert (emptied.rows, emptied.cases, emptied.changed) == (EMPTY, [], 1)
    assert emptied.key != fresh("d", "v", [ONE]).key


def test_the_gold_of_all_rows() -> None:
    rows = numbered([ONE, Case("", gold=(Gold("", ""), Gold("", "x")))])
    assert Draft("d", "v", rows, rows, rows).gold == [Gold("a.txt", "It was Ada."), Gold("", "x")]
