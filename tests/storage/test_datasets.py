"""Datasets come back as they were saved, are versioned by content, and never lose what somebody saved."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from sqlalchemy import func, select

from app.domain import Case, Gold, version_of
from app.errors import NotAllowed, NotFound
from storage.database import Database
from storage.datasets import Datasets
from storage.tables import CaseRow, DatasetVersionRow, VersionCaseRow
from tests.evaluation.datasets.examples import datasets as any_cases

ONE = Case("Who?", ("Ada",), (Gold("a.txt", "It was Ada."), Gold("", "Ada it was")), tags=("plain",))
TWO = Case("Why?", unanswerable=True)


@pytest.fixture
def datasets(database: Database) -> Datasets:
    return Datasets(database)


def count(database: Database) -> tuple[int, int, int]:
    with database.read() as session:
        tables = (DatasetVersionRow, VersionCaseRow, CaseRow)
        one, two, three = (session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    return one, two, three


@given(any_cases)
def test_cases_come_back_as_they_were(datasets: Datasets, cases: tuple[Case, ...]) -> None:
    made = datasets.create("Mine", cases)
    assert datasets.cases(made.version) == cases
    assert (made.version, made.size) == (version_of(cases), len(cases))
    datasets.delete(made.id)


def test_a_change_is_a_new_version_and_the_old_one_goes(datasets: Datasets, database: Database) -> None:
    made = datasets.create("Mine", [ONE, TWO])
    saved = datasets.save(made.id, [replace(ONE, tags=("table",)), TWO], read=made.version)
    assert saved.version != made.version
    assert datasets.get(made.id) == saved
    assert datasets.cases(saved.version)[0].tags == ("table",)
    with pytest.raises(NotFound):
        datasets.cases(made.version)
    assert count(database) == (1, 2, 2)
    datasets.save(made.id, [TWO], read=saved.version)
    assert count(database) == (1, 1, 1)


def test_saving_the_same_again_changes_nothing(datasets: Datasets) -> None:
    made = datasets.create("Mine", [ONE])
    assert datasets.save(made.id, [ONE], read=made.version) == made
    assert datasets.save(made.id, [ONE], read="whatever was read") == made


def test_of_two_who_save_the_second_is_told(datasets: Datasets) -> None:
    made = datasets.create("Mine", [ONE])
    first = datasets.save(made.id, [ONE, TWO], read=made.version)
    with pytest.raises(NotAllowed, match="changed elsewhere since you opened it, and nothing was saved"):
        datasets.save(made.id, [TWO], read=made.version)
    assert datasets.get(made.id) == first


def test_two_datasets_of_one_content_do_not_hang_together(datasets: Datasets, database: Database) -> None:
    one, other = datasets.create("One", [ONE]), datasets.create("Other", [ONE])
    assert one.version == other.version
    datasets.delete(one.id)
    assert datasets.cases(other.version) == (ONE,)
    datasets.delete(other.id)
    assert count(database) == (0, 0, 0)


def test_names(datasets: Datasets) -> None:
    made = datasets.create(" Mine ", [ONE])
    other = datasets.create("Other", [ONE])
    assert made.name == "Mine"
    assert datasets.by_name("mINE") == made
    assert datasets.by_name("nobody's") is None
    assert [one.name for one in datasets.list()] == ["Mine", "Other"]
    for name, words in (
        ("MINE", "called “Mine” already"),
        (" ", "needs a name"),
        ("x" * 81, "80 characters"),
    ):
        with pytest.raises(NotAllowed, match=words):
            datasets.create(name, [ONE])
        with pytest.raises(NotAllowed, match=words):
            datasets.rename(other.id, name)
    assert datasets.rename(made.id, "MINE").name == "MINE"


@pytest.mark.parametrize(
    ("cases", "words"), [([], "at least one question"), ([ONE, replace(ONE, tags=())], "twice")]
)
def test_what_is_no_dataset(datasets: Datasets, cases: list[Case], words: str) -> None:
    with pytest.raises(NotAllowed, match=words):
        datasets.create("Mine", cases)
    assert datasets.list() == []


def test_one_that_is_gone(datasets: Datasets) -> None:
    made = datasets.create("Mine", [ONE])
    datasets.delete(made.id)
    for act in (
        datasets.get,
        datasets.delete,
        lambda one: datasets.save(one, [ONE], read=""),
        lambda one: datasets.save_over(one, [ONE], over=""),
        lambda one: datasets.save_apart(one, [ONE]),
        lambda one: datasets.add(one, ONE),
    ):
        with pytest.raises(NotFound):
            act(made.id)


def test_saving_over_another_version_keeps_that_under_another_name(
    datasets: Datasets, database: Database
) -> None:
    made = datasets.create("Mine", [ONE])
    theirs = datasets.save(made.id, [ONE, TWO], read=made.version)
    mine, other = datasets.save_over(made.id, [TWO], over=theirs.version)
    assert (mine.id, mine.name, datasets.cases(mine.version)) == (made.id, "Mine", (TWO,))
    assert (other.name, datasets.cases(other.version)) == ("Mine (other version)", (ONE, TWO))
    again, second = datasets.save_over(made.id, [ONE], over=mine.version)
    assert (second.name, datasets.cases(second.version)) == ("Mine (other version) 2", (TWO,))
    with pytest.raises(NotAllowed, match="changed once more, and nothing was saved"):
        datasets.save_over(made.id, [TWO], over=mine.version)
    assert datasets.get(made.id) == again
    assert len(datasets.list()) == 3


def test_saving_apart_leaves_the_other_version(datasets: Datasets) -> None:
    made = datasets.create("x" * 80, [ONE])
    mine = datasets.save_apart(made.id, [TWO])
    assert mine.name == f"{'x' * 60} (my version)"
    assert datasets.cases(mine.version) == (TWO,)
    assert datasets.get(made.id) == made
    assert datasets.save_apart(made.id, [TWO]).name == f"{'x' * 60} (my version) 2"


def test_one_more_case_at_the_end(datasets: Datasets, database: Database) -> None:
    made = datasets.create("Mine", [ONE])
    grown = datasets.add(made.id, TWO)
    assert (grown.size, datasets.cases(grown.version)) == (2, (ONE, TWO))
    assert count(database) == (1, 2, 2)


@pytest.mark.parametrize("question", ["Who?", " WHO? "])
@pytest.mark.parametrize("answers", [("Ada",), ("Grace",)])
def test_a_question_that_is_there_is_not_added_again(
    datasets: Datasets, question: str, answers: tuple[str, ...]
) -> None:
    made = datasets.create("Mine", [TWO, ONE])
    with pytest.raises(NotAllowed, match=r"as number 2 \(right answer: “Ada”\)"):
        datasets.add(made.id, Case(question, answers))
    with pytest.raises(NotAllowed, match=r"as number 1 \(not in the documents\)"):
        datasets.add(made.id, Case("why?", ("Because",)))
    assert datasets.get(made.id) == made
