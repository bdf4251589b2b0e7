"""The table of all measures: what its cells say, and which columns it has."""

from __future__ import annotations

from app.domain import Mean, Measured
from app.evaluation.measures import QUOTING
from app.ui.measures import GROUPS, SEARCH, left_out, long_table, mean_words, measure_tables
from app.ui.words import help_for
from tests.experiments import bare, experiment_of, given

WITH, WITHOUT = given(), bare()
NAMES = {WITH.hash: "small with documents", WITHOUT.hash: "small without documents"}
NONE = Measured(Mean(None, 0, None, None), 100, 100)
HALF = Measured(Mean(0.5, 94, 0.25, 0.75), 100, 6)
EXPERIMENT = experiment_of([WITH, WITHOUT], 100)
FOUND = (
    {"token F1": HALF, "quote check": HALF, QUOTING: HALF, "hit@k": HALF, "schema validity": NONE},
    {"token F1": HALF, "hit@k": NONE},
)


def test_a_cell_says_a_mean_as_a_share_or_as_a_number() -> None:
    assert mean_words("token F1", HALF) == "0.50 (0.25-0.75)"
    assert mean_words("quote check", HALF) == "50% (25-75)"
    assert mean_words("judge:abc", HALF) == "50% (25-75)"
    assert mean_words("token F1", NONE) == "nothing scored"
    assert mean_words("token F1", Measured(Mean(0.5, 1, None, None), 1, 0)) == "0.50"


def test_every_mean_has_its_unscored_share_beside_it_and_its_sentence() -> None:
    tables = measure_tables(EXPERIMENT, FOUND, NAMES)
    for table in tables.values():
        measures = [one for one in table.columns if one not in {"Candidate", "k"}]
        assert measures[1::2] == [f"{one}: answers" for one in measures[::2]]
        assert table.help is not None
        assert set(table.help) >= set(measures)
    first = tables["Is it the right answer?"]
    assert first.rows[0] == ("small with documents", "0.50 (0.25-0.75)", "94, 6% unscored")
    assert (first.help or {})["Token F1"] == help_for("token F1")


def test_the_quote_check_stands_beside_the_share_that_quotes_anything() -> None:
    table = measure_tables(EXPERIMENT, FOUND, NAMES)["Does it keep to what it was given?"]
    assert table.columns[1::2] == ("Quote check", "Quotes anything")
    assert table.rows[1] == ("small without documents", None, None, None, None)
    assert table.blank == "not measured"


def test_the_search_is_told_of_those_that_searched() -> None:
    table = measure_tables(EXPERIMENT, FOUND, NAMES)[SEARCH]
    assert table.columns == ("Candidate", "k", "hit@k", "hit@k: answers")
    assert [row[0] for row in table.rows] == ["small with documents"]


def test_what_no_answer_has_is_named_and_in_no_table() -> None:
    assert "Schema validity" in left_out(EXPERIMENT, FOUND)
    assert left_out(EXPERIMENT, ({"token F1": HALF}, {})) == ""
    assert measure_tables(EXPERIMENT, ({}, {}), NAMES) == {}


def test_the_file_has_plain_numbers_of_every_measure() -> None:
    table = long_table(EXPERIMENT, FOUND, NAMES)
    assert table.columns == (
        "Candidate",
        "Measure",
        "Mean",
        "Low",
        "High",
        "Questions",
        "Answers",
        "Unscored",
    )
    assert table.rows[0] == ("small with documents", "token F1", 0.5, 0.25, 0.75, 94, 100, 6)
    assert ("small with documents", "schema validity", None, None, None, 0, 100, 100) in table.rows
    assert len(table.rows) == sum(len(one) for one in FOUND)


def test_each_measure_has_its_help_sentence() -> None:
    assert all(help_for(one) for group in GROUPS.values() for one in group)
