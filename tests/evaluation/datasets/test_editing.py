"""What a person types is never lost on its way into a case, and a row that is none is named."""

from __future__ import annotations

import pytest
from hypothesis import given

from app.domain import Case, Gold, TypedCase
from app.evaluation.datasets.editing import cells_of, sorted_out, typed
from tests.evaluation.datasets.examples import cases as any_case


@given(any_case)
def test_cells_give_the_case_back(case: Case) -> None:
    assert typed(cells_of(case)) == case


@pytest.mark.parametrize(
    ("cells", "case"),
    [
        ({}, Case("")),
        ({"question": " Who? ", "answers": "Ada | Ada L.| |Ada"}, Case("Who?", ("Ada", "Ada L."))),
        ({"question": "Q", "answers": "a", "unanswerable": "yes"}, Case("Q", ("a",), unanswerable=True)),
        ({"gold_text": "It | was"}, Case("", gold=(Gold("", "It | was"),))),
        (
            {"gold_document": "a.txt", "gold_text": '["one", "two"]'},
            Case("", gold=(Gold("a.txt", "one"), Gold("a.txt", "two"))),
        ),
        (
            {"gold_document": '["a", "b"]', "gold_text": '["1", "2", "3"]'},
            Case("", gold=(Gold("a", "1"), Gold("b", "2"), Gold("", "3"))),
        ),
        ({"tags": "a, b; c"}, Case("", tags=("a", "b", "c"))),
        ({"tags": "a, lang:de"}, Case("", tags=("a",)).with_language("de")),
        ({"answers": '["broken'}, Case("", ('["broken',))),
    ],
)
def test_what_is_typed_is_kept_whatever_it_is(cells: dict[str, str], case: Case) -> None:
    assert typed(cells) == case


def test_rows_are_sorted_into_cases_and_those_that_cannot_be_saved() -> None:
    rows = [
        Case("Who?", ("Ada",)),
        Case(""),
        Case("Why?"),
        Case("", ("x",)),
        Case("Both?", ("x",), unanswerable=True),
        Case("Who?", ("Ada",)),
        Case("Where?", unanswerable=True),
    ]
    cases, bad = sorted_out([TypedCase(number * 10, one) for number, one in enumerate(rows, start=1)])
    assert cases == (rows[0], rows[6])
    assert [(one.number, one.reason) for one in bad] == [
        (30, "There is no right answer, and it is not marked as not in the documents."),
        (40, "There is no question."),
        (50, "It has a right answer and is marked as not in the documents: only one can be."),
        (60, "It is the same as row 10."),
    ]
