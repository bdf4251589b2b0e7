"""The page of one dataset within the whole app, over real rows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.domain import Case, Collection, Dataset, Gold
from app.errors import NotFound
from app.services import Services
from tests.ui.opened import ROOT, SECONDS, filled, opened, shown

pytestmark = pytest.mark.integration

MILL = "The mill has seven stones. The oldest of them was cut in 1714 by Jonas Herrel."
STONES = Case("How many stones?", ("seven", "7"), (Gold("mill.txt", "The mill has seven stones."),))
COWS = Case("How many cows?", ("eleven",), (Gold("mill.txt", "The farm next to it has eleven cows."),))
DOGS = Case("How many :red[dogs] for $94 and $83?", unanswerable=True, tags=("plain",))


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch) as (made, _):
        yield made


@pytest.fixture
def mill(services: Services) -> Collection:
    return filled(services, "Mill", mill=MILL)


@pytest.fixture
def dataset(services: Services, mill: Collection) -> Dataset:
    return services.datasets.create("Mine", [STONES, COWS, DOGS])


def visit(**query: str) -> AppTest:
    """The page in the whole app, once no gold text is looked for any more."""
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=SECONDS)
    test.query_params.update(query)
    test.switch_page("pages/dataset.py")
    return settled(test.run())


def settled(test: AppTest) -> AppTest:
    late = time.monotonic() + SECONDS
    while any(one.key == "gold-stop" for one in test.button):
        assert time.monotonic() < late
        test.run()
    assert not test.exception
    return test


def bare(test: AppTest) -> str:
    """What is shown, without the signs that keep it from being read as Markdown."""
    return shown(test).replace("\\", "")


def address(test: AppTest, name: str) -> str:
    value = test.query_params[name]
    return value if isinstance(value, str) else value[0]


def keys(test: AppTest) -> set[str]:
    return {one.key for one in test.button if one.key}


def typed(test: AppTest, dataset: str, number: int, **texts: str) -> AppTest:
    """Type into the form of a question."""
    for name, text in texts.items():
        areas = test.text_input if name == "tags" else test.text_area
        areas(key=f"question-{dataset}-{number}-{name}").set_value(text).run()
    return test


def upload(test: AppTest, name: str, *lines: str) -> AppTest:
    turn = test.session_state["import-turn"]
    test.file_uploader(key=f"import-file-{turn}").set_value([(name, "\n".join(lines).encode(), "")]).run()
    return test


# ------------------------------------------------------------------------ one that is there


def test_the_table_and_how_much_gold_text_was_found(services: Services, dataset: Dataset) -> None:
    test = visit(dataset=dataset.id)
    assert test.title[0].value == "Mine"
    (table,) = test.data_editor
    assert table.editing_mode == "dynamic"
    assert list(table.value["number"]) == [1, 2, 3]
    assert list(table.value["question"]) == [STONES.question, COWS.question, DOGS.question]
    assert list(table.value["answers"]) == ["seven | 7", "eleven", ""]
    assert list(table.value["unanswerable"]) == [False, False, True]
    text = bare(test)
    assert "3 questions, 1 of them not in the documents" in text
    assert "Experiments keep the version that they ran on" in text
    assert (
        "Of 2 questions that name a gold text, it stands word for word in “Mill” for 1, nowhere for 1."
        in text
    )
    assert test.button(key="dataset-save").disabled
    assert not test.error


def test_a_question_opens_with_its_gold_text_marked_in_the_document(
    services: Services, dataset: Dataset
) -> None:
    test = visit(dataset=dataset.id, show="each")
    test.selectbox(key="gold-open").set_value(1).run()
    assert address(test, "row") == "1"
    text = shown(settled(test))
    assert ":yellow-background[The mill has seven stones\\.]" in text
    assert "characters 0 to 26, word for word" in text.replace("\\", "")
    assert test.selectbox(key=f"gold-{dataset.id}-1-0-document").options == ["Any document", "mill.txt"]
    test.button(key="question-next").click().run()
    assert "Nowhere in “mill.txt”" in settled(test).warning[0].value.replace("\\", "")


def test_what_was_typed_reads_as_typed(services: Services, dataset: Dataset) -> None:
    services.datasets.rename(dataset.id, ":red[x] $1 $2 <b>")
    test = visit(dataset=dataset.id, show="each")
    raw = [str(one.value) for one in (*test.markdown, *test.caption)]
    assert not [one for one in raw if "$1 $2" in one or ":red[x]" in one]
    assert DOGS.question in list(test.dataframe[0].value["Question"])


def test_a_change_is_kept_until_it_is_saved(services: Services, dataset: Dataset) -> None:
    test = visit(dataset=dataset.id, show="each", row="2")
    typed(test, dataset.id, 2, text="How many oxen?", answers="nine\n\n 9 \nnine", tags="a, b")
    assert "1 row changed, not saved. Save before you reload or close this page" in bare(test)
    assert services.datasets.get(dataset.id) == dataset
    test.switch_page("pages/models.py").run()
    test.query_params.update(dataset=dataset.id, show="table")
    test.switch_page("pages/dataset.py").run()
    assert list(test.data_editor[0].value["question"])[1] == "How many oxen?"
    test.button(key="dataset-save").click().run()
    cases = services.datasets.cases(services.datasets.get(dataset.id).version)
    assert cases[1] == Case("How many oxen?", ("nine", "9"), COWS.gold, tags=("a", "b"))
    assert "Saved: 3 questions" in bare(test)


def test_gold_text_is_added_mended_and_removed(services: Services, dataset: Dataset) -> None:
    test = visit(dataset=dataset.id, show="each", row="2")
    place = f"gold-{dataset.id}-2"
    test.button(key="gold-add").click().run()
    test.selectbox(key=f"{place}-1-document").set_value("mill.txt").run()
    test.text_area(key=f"{place}-1-text").set_value("cut in 1714 by Jonas Herrell").run()
    assert "% alike" in shown(settled(test))
    test.button(key="gold-out-0").click().run()
    test.button(key="dataset-save").click().run()
    cases = services.datasets.cases(services.datasets.get(dataset.id).version)
    assert cases[1].gold == (Gold("mill.txt", "cut in 1714 by Jonas Herrell"),)


def test_bad_rows_are_named_and_nothing_is_lost(services: Services, dataset: Dataset) -> None:
    test = visit(dataset=dataset.id, show="each", row="2")
    typed(test, dataset.id, 2, answers="")
    test.button(key="question-close").click().run()
    test.button(key="question-add").click().run()
    typed(test, dataset.id, 4, text="New?")
    test.button(key="dataset-save").click().run()
    (told,) = [one.value.replace("\\", "") for one in test.error]
    assert "Nothing was saved. 2 rows cannot be saved." in told
    assert "Row 2: There is no right answer" in told
    assert "Row 4: There is no right answer" in told
    assert services.datasets.get(dataset.id) == dataset
    typed(test, dataset.id, 4, answers="yes")
    assert "1 row cannot be saved" in test.error[0].value
    test.button(key="dataset-undo").click().run()
    assert not test.error
    assert "Everything is saved" in bare(test)


def test_an_empty_row_is_no_row(services: Services, dataset: Dataset) -> None:
    test = visit(dataset=dataset.id, show="each")
    test.button(key="question-add").click().run()
    assert test.button(key="dataset-save").disabled
    test.button(key="question-close").click().run()
    test.selectbox(key="gold-open").set_value(3).run()
    test.button(key="question-out").click().run()
    test.button(key="dataset-save").click().run()
    assert services.datasets.cases(services.datasets.get(dataset.id).version) == (STONES, COWS)


# ------------------------------------------------------------------------ saved elsewhere


def test_without_changes_the_newest_version_is_shown(services: Services, dataset: Dataset) -> None:
    test = visit(dataset=dataset.id)
    services.datasets.save(dataset.id, [DOGS], dataset.version)
    test.run()
    assert list(settled(test).data_editor[0].value["question"]) == [DOGS.question]


@pytest.mark.parametrize("mine_here", [True, False])
def test_of_two_who_change_it_neither_loses_anything(
    services: Services, dataset: Dataset, mine_here: bool
) -> None:
    test = visit(dataset=dataset.id, show="each", row="1")
    typed(test, dataset.id, 1, answers="8")
    services.datasets.save(dataset.id, [STONES], dataset.version)
    test.run()
    text = bare(test)
    assert "“Mine” was saved elsewhere on" in text
    assert (
        "That version has 1 question, 1 of them new or changed against yours; yours has 3 questions" in text
    )
    assert "dataset-save" not in keys(test)
    test.button(key="dataset-over" if mine_here else "dataset-apart").click().run()
    assert not test.exception
    saved = {one.name: services.datasets.cases(one.version) for one in services.datasets.list()}
    mine = (Case(STONES.question, ("8",), STONES.gold), COWS, DOGS)
    if mine_here:
        assert saved == {"Mine": mine, "Mine (other version)": (STONES,)}
    else:
        assert saved == {"Mine": (STONES,), "Mine (my version)": mine}
    assert "dataset-save" in keys(test)


def test_one_that_was_deleted_elsewhere_can_be_saved_as_a_new_one(
    services: Services, dataset: Dataset
) -> None:
    test = visit(dataset=dataset.id, show="each", row="1")
    typed(test, dataset.id, 1, answers="8")
    services.datasets.delete(dataset.id)
    test.run()
    assert "was deleted elsewhere" in bare(test)
    test.text_input(key="dataset-name").set_value("Again").run()
    test.button(key="dataset-save").click().run()
    (made,) = services.datasets.list()
    assert (made.name, made.size, address(test, "dataset")) == ("Again", 3, made.id)


def test_one_that_is_not_there_is_said_in_words(services: Services) -> None:
    test = visit(dataset="nobody")
    assert test.title[0].value == "Dataset"
    assert "There is no such dataset" in bare(test)
    assert "Experiments that ran on a deleted one keep their questions and results." in bare(test)
    assert not test.data_editor
    test.button(key="dataset-gone-new").click().run()
    assert test.title[0].value == "New dataset"
    assert "dataset" not in test.query_params


# ------------------------------------------------------------------------ as a whole


def test_renaming_and_deleting(services: Services, dataset: Dataset) -> None:
    test = visit(dataset=dataset.id)
    test.session_state["dialog"] = "dataset-rename"
    test.run()
    test.text_input[0].set_value(" Yours ")
    next(one for one in test.button if one.label == "Rename").click().run()
    assert services.datasets.get(dataset.id).name == "Yours"
    assert test.title[0].value == "Yours"
    test.session_state["dialog"] = "dataset-delete"
    test.run()
    box = next(one for one in test.text_input if "confirm" in one.label)
    box.set_value("Mine")
    next(one for one in test.button if one.label == "Delete for good").click().run()
    assert "does not match" in bare(test)
    next(one for one in test.text_input if "confirm" in one.label).set_value("Yours")
    next(one for one in test.button if one.label == "Delete for good").click().run()
    with pytest.raises(NotFound):
        services.datasets.get(dataset.id)
    assert not test.exception


def test_a_new_one_is_written_by_hand(services: Services, mill: Collection) -> None:
    test = visit()
    assert test.title[0].value == "New dataset"
    assert list(test.data_editor[0].value["question"]) == [""] * 5
    assert test.button(key="dataset-save").disabled
    test.segmented_control(key="dataset-side").set_value("One by one").run()
    test.button(key="question-add").click().run()
    assert address(test, "row") == "1"
    typed(test, "", 1, text="How many stones?", answers="seven")
    test.button(key="question-close").click().run()
    test.button(key="question-add").click().run()
    assert address(test, "row") == "2"
    test.button(key="question-close").click().run()
    test.button(key="dataset-save").click().run()
    assert "A dataset needs a name." in bare(test)
    test.text_input(key="dataset-name").set_value("First").run()
    test.button(key="dataset-save").click().run()
    (made,) = services.datasets.list()
    assert (made.name, services.datasets.cases(made.version)) == (
        "First",
        (Case("How many stones?", ("seven",)),),
    )
    assert address(test, "dataset") == made.id


# ------------------------------------------------------------------------ from a file


def test_a_file_is_mapped_and_its_bad_rows_are_named_before_anything_is_saved(
    services: Services, mill: Collection
) -> None:
    test = upload(
        visit(show="import"),
        "list.csv",
        "Query,Reply,doc,owner",
        "How many stones?,seven,mill.txt,me",
        "Why?,,mill.txt,me",
        "'=1+1?,'-5,,you",
    )
    text = bare(test)
    assert "No questions can be saved, 1 row cannot" in text
    assert "No column is known as the right answers" in text
    assert "Not used: “Reply”, “owner”" in text
    answers = next(one for one in test.selectbox if one.label == "Right answers")
    assert answers.value == "(none)"
    answers.set_value("Reply").run()
    text = bare(test)
    assert "2 questions can be saved, 1 row cannot" in text
    assert "Row 3: There is no right answer" in text
    assert "Not used: “owner”" in text
    assert services.datasets.list() == []
    test.text_input(key="import-name-list.csv").set_value("Mine").run()
    test.button(key="import-create").click().run()
    (made,) = services.datasets.list()
    assert services.datasets.cases(made.version) == (
        Case("How many stones?", ("seven",), (Gold("mill.txt", ""),)),
        Case("=1+1?", ("-5",)),
    )
    assert (made.name, address(test, "dataset")) == ("Mine", made.id)
    assert len(test.data_editor) == 1


def test_a_file_adds_to_the_dataset_that_is_open(services: Services, dataset: Dataset) -> None:
    rows = [{"question": COWS.question, "answers": ["eleven"], "gold_document": "mill.txt",
             "gold_text": COWS.gold[0].text}, {"question": "New?", "unanswerable": True}]  # fmt: skip
    test = upload(visit(dataset=dataset.id, show="import"), "more.jsonl", *map(json.dumps, rows))
    assert "1 of 2 questions are in “Mine” already" in bare(test)
    test.button(key="import-add").click().run()
    cases = services.datasets.cases(services.datasets.get(dataset.id).version)
    assert cases == (STONES, COWS, DOGS, Case("New?", unanswerable=True))
    assert "Saved: 4 questions" in bare(test)


def test_a_file_with_gold_text_added_doubles_no_question(services: Services, dataset: Dataset) -> None:
    """Whoever adds gold text in a spreadsheet brings the same questions, and now knows more of them."""
    gold = {"gold_document": "mill.txt", "gold_text": "Two dogs guard it."}
    rows = [{"question": DOGS.question, "unanswerable": True, "lang": "en"} | gold,
            {"question": COWS.question, "answers": list(COWS.answers)}]  # fmt: skip
    test = upload(visit(dataset=dataset.id, show="import"), "more.jsonl", *map(json.dumps, rows))
    assert "2 of 2 questions are in “Mine” already" in bare(test)
    assert "gold text or language goes to 1 of them" in bare(test)
    test.button(key="import-add").click().run()
    cases = services.datasets.cases(services.datasets.get(dataset.id).version)
    told = replace(DOGS, gold=(Gold("mill.txt", "Two dogs guard it."),), tags=(*DOGS.tags, "lang:en"))
    assert cases == (STONES, COWS, told)
    again = upload(visit(dataset=dataset.id, show="import"), "more.jsonl", *map(json.dumps, rows))
    assert not [one for one in again.button if one.key == "import-add"]


def test_what_is_no_such_file_is_refused_in_words(services: Services) -> None:
    test = upload(visit(show="import"), "empty.csv", "")
    assert "has no rows" in bare(test)
    assert "Nothing was saved" in bare(test)


# ------------------------------------------------------------------------ many


def test_a_thousand_questions(services: Services, mill: Collection) -> None:
    cases = [Case(f"How many of number {number}?", (str(number),), STONES.gold) for number in range(1000)]
    made = services.datasets.create("Many", cases)
    test = visit(dataset=made.id, show="each", row="1000")
    typed(test, made.id, 1000, answers="none")
    test.button(key="dataset-save").click().run()
    assert services.datasets.cases(services.datasets.get(made.id).version)[999].answers == ("none",)
    assert "Saved: 1,000 questions" in bare(test)
