"""Recorded answers on the page of an experiment, and an experiment of them alone, over real rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.domain import Experiment
from app.services import Services
from tests.experiments import bare, given, kept
from tests.ui.opened import ROOT, SECONDS, opened, shown

pytestmark = pytest.mark.integration
FILE = "recorded-file-0"
ROWS = (
    "question,answer,model,date,prompt_tokens,completion_tokens",
    "QUESTION 0?,It is answer 0,gpt-4o,2025-06-01,100,10",
    "Question 1?,never,gpt-4o,,100,10",
    "Question 2?,answer 2,gpt-4o,2025-06-01,,",
    "Which question?,answer,gpt-4o,,,",
    "Question 0?,again,gpt-4o,,,",
)


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch) as (made, _):
        yield made


def experiment(services: Services) -> Experiment:
    return kept(services.experiments, services.datasets, (given(), bare()), "rrww", "wwww")


def visit(page: str, **address: str) -> AppTest:
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=SECONDS)
    test.query_params.update(address)
    test.switch_page(f"pages/{page}.py").run()
    assert not test.exception
    return test


def bare_words(test: AppTest) -> str:
    return shown(test).replace("\\", "").replace("\u2060", "")


def dropped(test: AppTest, *rows: str, key: str = FILE, name: str = "said.csv") -> AppTest:
    test.file_uploader(key=key).set_value([(name, "\n".join(rows).encode(), "")]).run()
    assert not test.exception
    return test


def waited(test: AppTest, words: str) -> AppTest:
    late = time.monotonic() + SECONDS
    while words not in bare_words(test):
        assert time.monotonic() < late, bare_words(test)
        test.run()
    assert not test.exception
    return test


def test_what_a_file_would_bring_is_seen_before_anything_is_saved(services: Services) -> None:
    one = experiment(services)
    test = dropped(visit("experiment", experiment=one.id), *ROWS)
    words = bare_words(test)
    assert "3 answers can be added, 2 rows cannot" in words
    assert "Row 5: The experiment does not ask this question." in words
    assert "Row 6: Row 2 has the same model's answer to the same question." in words
    assert "1 answer missing: these stay empty, and count neither way." in words
    assert "the index is never blamed" in words
    table = next(one.value for one in test.dataframe if "Not answered" in one.value)
    assert list(table.iloc[0]) == [
        "gpt-4o (imported)",
        "3 of 4",
        1,
        "list of openai",
        "1: today's is assumed",
        "1: cost unknown",
    ]
    assert services.experiments.get(one.id) == one


def test_added_they_are_in_the_sentence_the_grid_and_the_list_and_can_be_deleted(services: Services) -> None:
    one = experiment(services)
    test = dropped(visit("experiment", experiment=one.id), *ROWS)
    test.button(key="recorded-save").click().run()
    waited(test, "gpt-4o (imported): 3 answers added, 1 of 4 not answered. 2 rows left out.")
    again = visit("experiment", experiment=one.id)
    assert "gpt-4o (imported)" in bare_words(again)
    grid = next(one.value for one in again.dataframe if "Question" in one.value and "No." in one.value)
    column = next(name for name in grid.columns if "gpt-4o" in name)
    assert list(grid[column]) == ["✓ right", "✗ wrong: passages not recorded", "✓ right", "no answer yet"]
    imported = services.experiments.get(one.id).candidates[2]
    again.button(key=f"recorded-delete-{imported.hash}").click().run()
    assert "people's votes on them" in bare_words(again)
    confirmed(again, "gpt-5")
    assert len(services.experiments.get(one.id).candidates) == 3
    confirmed(again, "gpt-4o")
    assert services.experiments.get(one.id).candidates == one.candidates
    assert "gpt-4o" not in bare_words(visit("experiment", experiment=one.id))


def confirmed(test: AppTest, name: str) -> None:
    """Type a name into the dialog and press its button."""
    next(one for one in test.text_input if one.label.startswith("Type the model")).set_value(name)
    next(one for one in test.button if one.label == "Delete for good").click().run()
    assert not test.exception


def test_the_box_is_empty_once_the_file_is_added(services: Services) -> None:
    one = experiment(services)
    test = dropped(visit("experiment", experiment=one.id), *ROWS)
    test.button(key="recorded-save").click().run()
    waited(test, "3 answers added")
    assert not any(one.key == "recorded-save" for one in test.button)


def test_columns_of_other_names_are_chosen_and_the_model_is_typed(services: Services) -> None:
    one = experiment(services)
    test = dropped(visit("experiment", experiment=one.id), "Frage,Antwort", "Question 0?,answer 0")
    assert "No answers can be added, 1 row cannot" in bare_words(test)
    picks = {box.label: box for box in test.selectbox}
    picks["Question"].set_value("Frage")
    picks["Answer"].set_value("Antwort").run()
    assert "It does not say which model answered." in bare_words(test)
    test.text_input(key="recorded-model").set_value("claude-3-5-haiku-latest").run()
    assert "1 answer can be added, no rows cannot" in bare_words(test)


def test_hostile_names_read_as_typed(services: Services) -> None:
    one = experiment(services)
    name = ":red[x] ![y](https://evil.example/y.png) $5 $6"
    rows = f'question,answer,model\nQuestion 0?,answer 0,"{name}"'
    test = dropped(visit("experiment", experiment=one.id), *rows.split("\n"))
    test.button(key="recorded-save").click().run()
    waited(test, "1 answer added")
    assert ":red[x]" not in shown(test).replace("\\:red\\[x\\]", "")
    assert "![y]" not in shown(test).replace("\\!\\[y\\]", "")


def test_a_question_shows_the_imported_answer_without_speeds(services: Services) -> None:
    one = experiment(services)
    test = dropped(visit("experiment", experiment=one.id), *ROWS)
    test.button(key="recorded-save").click().run()
    waited(test, "3 answers added")
    words = bare_words(visit("case", experiment=one.id, case="1")).replace("\u00a0", " ")
    assert "Why: Passages not recorded" in words
    assert "date not told· 100 tokens in, 10 out" in words.replace(" ·", "·")
    line = next(one for one in words.splitlines() if "date not told" in one)
    assert "tokens/s" not in line
    assert "unknown" not in line
    assert "index and model are not told apart" in words


def test_an_experiment_of_recorded_answers_alone(services: Services) -> None:
    one = experiment(services)
    test = dropped(visit("experiments"), *ROWS, key="recorded-new-file-0")
    assert "3 answers can be added" in bare_words(test)
    test.button(key="recorded-new-save").click().run()
    late = time.monotonic() + SECONDS
    while services.experiments.count() < 2:
        assert time.monotonic() < late
        test.run()
    made = next(other for other in services.experiments.list() if other.id != one.id)
    words = bare_words(visit("experiment", experiment=made.id))
    assert "gpt-4o (imported)" in words
    assert "Resume" not in [button.label for button in test.button]
