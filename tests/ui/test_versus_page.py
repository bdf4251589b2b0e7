"""Two experiments side by side, and experiments as files, over real services with a fake model."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from app.backends.registry import Registry
from app.cli import main
from app.domain import Case, Collection, Options
from app.evaluation.experiments.archive import packed
from app.services import Services
from app.ui import experiment_files, versus
from tests.ui.experiments import TEXTS, Links, both, dataset, linking, named, ran
from tests.ui.opened import FakeServer, filled, opened, page, shown

pytestmark = pytest.mark.integration  # whole pages


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> Links:
    return linking(monkeypatch)


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: FakeServer, links: Links
) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch, server) as (made, _):
        yield made


@pytest.fixture
def collection(services: Services) -> Collection:
    return filled(services, "Mill", **TEXTS)


@pytest.fixture
def pair(services: Services, collection: Collection, server: FakeServer) -> tuple[str, str]:
    """In the first the mill's question is right with the documents, in the second the inn's."""
    server.say("It has seven stones.")
    first = ran(services, both(collection)[:1], name="Before")
    for text in ("It has many stones.", "None.", "It has nine beds."):
        server.say(text)  # the second is asked of the model without documents
    warm = replace(both(collection)[0], options=Options(instruction="Be short."))
    return first, ran(services, [warm, both(collection)[1]], name="After")


def opened_page(first: str, second: str, **more: str) -> AppTest:
    test = page("versus", experiment=first, other=second, **more).run()
    assert not test.exception
    return test


def test_two_of_one_name_are_told_apart(
    services: Services, collection: Collection, server: FakeServer
) -> None:
    both_ran = [ran(services, both(collection)[:1], name="Mill") for _ in range(2)]
    told = shown(opened_page(*both_ran))
    assert "Right in “Mill \\(first\\)”" in told
    assert "in “Mill \\(second\\)”" in told


def test_what_got_better_and_worse_and_what_differs(
    services: Services, pair: tuple[str, str], links: Links
) -> None:
    test = opened_page(*pair)
    told = shown(test)
    assert "tiny with documents: 1 question got better, 1 worse" in told
    assert "The difference is not decisive" in told
    assert "4 questions in both datasets, 2 came out the same" in told
    assert "Paired by: same model." in told
    changed = [(label, query["case"]) for path, label, query in links.drawn if path == "pages/case.py"]
    both_open = "Open in the first", "Open in the second"
    assert changed == [(label, place) for place in ("0", "1") for label in both_open]
    tables = [one.value for one in test.dataframe]
    assert any("Be short." in str(one.to_dict()) for one in tables)
    assert any("only in the second" in str(one.to_dict()) for one in tables)


def test_a_person_chooses_the_pair_and_the_address_keeps_it(
    services: Services, collection: Collection, pair: tuple[str, str]
) -> None:
    test = opened_page(*pair)
    bare = both(collection)[1]
    hashes = [one.hash for one in services.experiments.get(pair[1]).candidates]
    test.selectbox(key="versus-second").set_value(hashes[1]).run()
    assert "tiny with documents → tiny without documents" in shown(test)
    assert "Paired by: chosen by you." in shown(test)
    assert named(test, versus.PAIR).endswith(f".{hashes[1]}")
    assert not bare.with_documents


def test_experiments_without_a_common_question_say_so(
    services: Services, collection: Collection, pair: tuple[str, str]
) -> None:
    other = dataset(services, "Other", [Case("Something else?", ("yes",))])
    third = ran(services, both(collection)[:1], name="Third", asked=other)
    told = shown(opened_page(pair[0], third))
    assert "no question in common" in told
    assert "got better" not in told


@pytest.mark.parametrize("other", ["", "nobody"])
def test_an_experiment_that_is_not_there(services: Services, pair: tuple[str, str], other: str) -> None:
    told = shown(page("versus", experiment=pair[0], other=other).run())
    assert "That experiment is not here" in told
    assert "Choose another one under Experiments" in told


# --------------------------------------------------------------------------- the same on the command line


def run(*arguments: str) -> list[str]:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_compare_works_beside_a_running_app(services: Services, pair: tuple[str, str]) -> None:
    words = run("compare", *pair)
    assert words[0].startswith(f"Before ({pair[0]}) -> After ({pair[1]})")
    assert "4 questions in common." in words
    assert "  1 got better, 1 worse, 2 the same, 0 not scored in both" in words
    assert "  worse: How many stones has the mill?" in words
    assert "  instruction: none -> Be short." in words
    *pairs, whole = [json.loads(one) for one in run("compare", *pair, "--json")]
    assert [one["questions"] for one in pairs] == [4]
    assert [one["question"] for one in pairs[0]["better"]] == ["How many beds has the inn?"]
    assert pairs[0]["decisive"] is False
    assert (whole["common_questions"], len(whole["only_in_second"])) == (4, 1)


def test_compare_with_one_that_is_not_there(services: Services, pair: tuple[str, str]) -> None:
    result = CliRunner().invoke(main, ["compare", pair[0], "nobody"])
    assert result.exit_code == 1
    assert "or there never was one of that id" in result.stderr


def test_rescore_asks_no_model(
    services: Services, pair: tuple[str, str], server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = len(server.requests)
    before = services.experiments.trials(pair[0])
    services.close()
    monkeypatch.setattr(Registry, "build", classmethod(lambda cls, _settings: cls([server])))
    (row,) = [json.loads(one) for one in run("rescore", pair[0], "--json")]
    assert (row["done"], row["of"], row["now_right"], row["now_wrong"], row["look_again"]) == (4, 4, 0, 0, 0)
    assert len(server.requests) == asked
    assert [one.right for one in before] == [True, False, False, False]


# --------------------------------------------------------------------------- as files


def test_an_experiment_comes_in_from_a_file(
    services: Services, pair: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = packed(services.archives.read(pair[0]))
    services.close()
    with opened(tmp_path / "elsewhere", monkeypatch, FakeServer()) as (other, _):
        test = page("experiments").run()
        test.file_uploader(key="import-file").set_value(("before.jsonl.gz", file, "application/gzip")).run()
        test.button(key="import-read").click().run()
        test.session_state[experiment_files.IMPORT].future.result(timeout=30)
        assert "“Before” is among the experiments now, with 4 questions" in shown(test.run())
        assert [one.name for one in other.experiments.list()] == ["Before"]


def test_a_file_that_is_none_is_refused_in_words(services: Services, pair: tuple[str, str]) -> None:
    test = page("experiments").run()
    broken = gzip.compress(b'{"kind": "experiment", "format": 99}')
    test.file_uploader(key="import-file").set_value(("x.gz", broken, "application/gzip")).run()
    test.button(key="import-read").click().run()
    test.session_state[experiment_files.IMPORT].future.exception(timeout=30)
    told = shown(test.run())
    assert "Line 1 of the file is no part of an experiment" in told
    assert "Nothing was imported" in told
    assert not test.exception


def test_scoring_anew_from_the_page_asks_no_model(
    services: Services, pair: tuple[str, str], server: FakeServer
) -> None:
    asked = len(server.requests)
    test = page("experiment", experiment=pair[0]).run()
    test.button(key="experiment-score-anew").click().run()
    test.session_state[f"{experiment_files.RESCORE}-{pair[0]}"].future.result(timeout=30)
    told = shown(test.run())
    assert "4 answers scored anew; no model was asked. None came out otherwise." in told
    assert len(server.requests) == asked
