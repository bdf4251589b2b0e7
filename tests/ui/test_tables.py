"""Tables and their CSV."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.tables import Cell, Table, column_data, column_width, csv_bytes, protected


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert protected(f"{start}1+1") == f"'{start}1+1"


def test_numbers_and_other_texts_stay() -> None:
    cells: list[Cell] = [-1, -1.5, None, "a-b", ""]
    assert [protected(one) for one in cells] == cells


@given(st.lists(st.tuples(st.text(), st.none() | st.integers(), st.text()), max_size=5))
def test_every_row_comes_back(rows: list[tuple[str, int | None, str]]) -> None:
    told = csv_bytes(Table(("=a", "b", "c"), tuple(rows))).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(told, newline="")))
    assert read[0] == ["'=a", "b", "c"]
    assert len(read) == len(rows) + 1
    assert not [cell for row in read for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))]


def test_by_columns() -> None:
    assert column_data(Table(("a", "b"), ((1, "x"), (2, "y")))) == {"a": [1, 2], "b": ["x", "y"]}


def test_a_column_is_as_wide_as_its_text_needs() -> None:
    assert column_width("To", [0.5, 1.0]) < column_width("Questions", [1]) < 100
    assert column_width("To", [None]) > column_width("To", [1]), "unknown can be read"
    assert column_width("Candidate", ["x" * 200]) == 316
