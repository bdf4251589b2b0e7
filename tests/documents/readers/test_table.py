"""CSV: rows that carry their headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.readers.table import _lines, delimiter_of
from tests.documents.conftest import Reads


def rows(text: str, name: str = "a.csv") -> list[str]:
    return list(_lines(text, name))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_row_carries_its_headers(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (["Part", "Price"], ["Wheel", "3.5"], ["Rope", "90"]))
    assert delimiter_of(text, "a.csv") == delimiter
    assert rows(text) == ["Part; Price", "Part: Wheel; Price: 3.5", "Part: Rope; Price: 90"]


@pytest.mark.parametrize("filler", range(0, 1300, 100))
def test_quotes_hold_where_the_sample_ends_within_a_cell(filler: int) -> None:
    """Wherever its first part is cut off: commas within quotes and the other signs there part nothing."""
    cells = ["a, " * (30 + 7 * n % 13) + "x" * (1000 + filler) for n in range(100)]
    text = "\n".join(["Name | other,Text", *(f'n | m,"{one}"' for one in cells)])
    assert delimiter_of(text, "a.csv") == ","


def test_quotes_line_breaks_in_cells_and_empty_rows() -> None:
    assert rows('Name,Note\n"Smith, Ann","two\nlines, ""quoted"""\n,\n\nBob,\n') == [
        "Name; Note",
        'Name: Smith, Ann; Note: two lines, "quoted"',
        "Name: Bob",
    ]


def test_ragged_rows_keep_every_cell() -> None:
    assert rows("a,b\n1,2,3,4\n5\n") == ["a; b", "a: 1; b: 2; 3; 4", "a: 5"]


def test_a_first_row_of_figures_is_no_header() -> None:
    assert rows("1.5,Ann\n2.5,Bob\n") == ["1.5; Ann", "2.5; Bob"]
    assert rows("City,2018,2019\nRome,5,6\nOslo,7,8\n")[1] == "City: Rome; 2018: 5; 2019: 6"


def test_a_title_line_and_a_header_of_two_rows() -> None:
    text = "Fares in euros,,\n,Summer,\n,Adult,Child\nWeekday,7,3\nWeekend,9,4\n"
    assert rows(text) == [
        "Fares in euros",
        "Summer Adult; Summer Child",
        "Weekday; Summer Adult: 7; Summer Child: 3",
        "Weekend; Summer Adult: 9; Summer Child: 4",
    ]


def test_an_index_column_without_a_name_is_data() -> None:
    assert rows(",name\n0,Ann\n1,Bob\n") == ["name", "0; name: Ann", "1; name: Bob"]
    assert rows(",name\na,Ann\nb,Bob\n") == ["name", "a; name: Ann", "b; name: Bob"]


def test_one_column_and_only_a_header() -> None:
    assert rows("name\nAnn, Bob and Eve\n", "a.txt")[0] == "name"
    assert rows("a;b;c\n") == ["a; b; c"]


def test_a_quotation_mark_that_is_never_closed() -> None:
    lines = rows('size,part\n5",wheel\n7,rope\n')
    assert "part: rope" in lines[-1]


def test_encodings_and_reader(reads: Reads) -> None:
    read = reads("teile.csv", "Teil;Größe\nRad;groß\n".encode("cp1252"))
    assert read.text == "Teil; Größe\nTeil: Rad; Größe: groß"
    assert read.reader == "table"
    assert "taken for cp1252" in read.warning


@given(st.lists(st.lists(st.text("ab1,;\"' \t|\n", max_size=6), min_size=1, max_size=5), max_size=12))
def test_any_table_is_read_and_words_stay(table: list[list[str]]) -> None:
    import csv
    import io

    buffer = io.StringIO()
    csv.writer(buffer).writerows(table)
    text = "\n".join(rows(buffer.getvalue()))
    for letter in "ab1":
        assert text.count(letter) >= sum(cell.count(letter) for row in table[1:] for cell in row)
