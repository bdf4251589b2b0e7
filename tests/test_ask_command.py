"""`ask` of a model on another machine: nothing leaves without a word of the person."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.backends.registry import Registry
from app.cli import main
from app.errors import DatabaseTrouble
from storage.answers import Answers
from storage.collections import Collections
from storage.database import Database
from tests.migrated import migrated
from tests.ui.opened import FakeServer

pytestmark = pytest.mark.integration  # the whole command, with the child process that looks at the index

HOST = "models.example"


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def ask(*options: str, model: str = "far/tiny") -> Result:
    return run("ask", "How many stones?", "--collection", "Mill", "--model", model, *options)


@pytest.fixture
def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    made = FakeServer("far", local=False, host=HOST)
    servers = [FakeServer(), made]
    monkeypatch.setattr(Registry, "build", classmethod(lambda cls, _settings: cls(servers)))
    monkeypatch.setenv("ASSAY_DATA", str(migrated(tmp_path / "data")))
    (tmp_path / "a.txt").write_text("The mill has seven stones.")
    assert (
        run("ingest", str(tmp_path / "a.txt"), "--collection", "Mill", "--embedder", "fake/words").exit_code
        == 0
    )
    return made


def agreed(folder: Path, *, local_only: bool | None = None) -> tuple[str, ...]:
    database = Database.open(folder / "data", upgrade=False)
    found = Collections(database).by_name("Mill")
    assert found is not None
    if local_only is not None:
        Collections(database).set_local_only(found.id, local_only)
    database.close()
    return found.agreed_hosts


def test_passages_stay_until_the_person_agrees(far: FakeServer, tmp_path: Path) -> None:
    refused = ask()
    assert refused.exit_code == 1
    assert HOST in refused.output
    assert "--agree" in refused.output
    assert far.requests == []
    assert agreed(tmp_path) == ()
    assert ask("--agree").exit_code == 0
    assert len(far.requests) == 1
    assert agreed(tmp_path) == (HOST,)
    assert ask().exit_code == 0


def test_an_answer_that_is_not_saved_is_no_success(far: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise DatabaseTrouble("The disk is full.", "Make room.")

    for name in ("begin", "prompted", "finish"):
        monkeypatch.setattr(Answers, name, full)
    told = ask("--no-documents")
    assert "(complete)" in told.output, "it is shown all the same"
    assert "not saved" in told.output
    assert told.exit_code == 1


def test_without_documents_there_is_nothing_to_agree_to(far: FakeServer, tmp_path: Path) -> None:
    assert ask("--no-documents", "--agree").exit_code == 0
    assert agreed(tmp_path) == ()


def test_a_collection_for_local_models_is_no_matter_of_agreeing(far: FakeServer, tmp_path: Path) -> None:
    """Were the rule lifted later, the refused `--agree` must not have opened it."""
    agreed(tmp_path, local_only=True)
    refused = ask("--agree")
    assert refused.exit_code == 1
    assert "local models only" in refused.output
    assert far.requests == []
    assert agreed(tmp_path) == ()


def test_an_unknown_backend_is_one_lane(far: FakeServer) -> None:
    result = ask("--agree", "--model", "mars/tiny")
    assert result.exit_code == 1
    assert "There is no backend mars" in result.output
    assert len(far.requests) == 1


def test_models_are_told_what_the_person_wants_them_told(far: FakeServer) -> None:
    assert ask("--agree", "--instruction", "Answer in rhyme.").exit_code == 0
    (request,) = far.requests
    assert request.messages[0].content == "Answer in rhyme."
