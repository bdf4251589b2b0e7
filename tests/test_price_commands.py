"""`prices`: own lists and the update from a terminal, beside a running app or not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.backends.registry import Registry
from app.cli import main
from storage.lock import DataLock
from tests.costs.published import dearer, published
from tests.migrated import migrated
from tests.scripted_server import Reply, ScriptedServer
from tests.ui.opened import FakeServer

pytestmark = pytest.mark.integration  # whole commands

HEAD = "provider,model,currency,input,output,cached,thinking,since,source\r\n"
ROW = "openai,gpt-4o,EUR,2.10,8.40,,,2026-01-31,our contract\r\n"
BAD = "openai,o3,EUR,-1,8.40,,,2026-01-31,\r\n"


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["prices", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Registry, "build", classmethod(lambda cls, _settings: cls([FakeServer()])))
    monkeypatch.setenv("ASSAY_DATA", str(migrated(tmp_path / "data")))
    (tmp_path / "own.csv").write_text(HEAD + ROW, encoding="utf-8", newline="")
    (tmp_path / "bad.csv").write_text(HEAD + ROW + BAD, encoding="utf-8", newline="")
    return tmp_path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with ScriptedServer() as made:
        monkeypatch.setenv("ASSAY_PRICES_URL", f"{made.address}/data.json")
        yield made


def test_own_prices_are_imported_listed_and_exported(folder: Path) -> None:
    imported = run("import", str(folder / "own.csv"))
    assert (imported.exit_code, imported.stdout) == (0, "New prices: 1; changed: 0; there already: 0.\n")
    listed = run("list", "openai")
    assert "openai/gpt-4o: in 2.10, out 8.40 EUR per million tokens (own, since 2026-01-31" in listed.stdout
    assert "openai/gpt-4o: in 2.5, out 10, cached 1.25 USD per million tokens (published" in listed.stdout
    rows = [json.loads(line) for line in run("list", "openai", "--json").stdout.splitlines()]
    assert {one["list"] for one in rows} == {"own", "published"}
    run("export", "--output", str(folder / "out.csv"))
    assert (folder / "out.csv").read_bytes() == b"\xef\xbb\xbf" + (HEAD + ROW).encode()
    assert json.loads(run("export", "--format", "jsonl").stdout)["source"] == "our contract"
    again = run("import", str(folder / "out.csv"))
    assert again.stdout == "New prices: 0; changed: 0; there already: 1.\n"


def test_a_bad_row_is_named_and_nothing_is_saved_unless_it_is_left_out(folder: Path) -> None:
    refused = run("import", str(folder / "bad.csv"))
    assert refused.exit_code == 1
    assert "Row 3: The price of a million tokens in is '-1'" in refused.stderr
    assert "Nothing was saved" in refused.stderr
    assert "gpt-4o" not in run("export").stdout
    kept = run("import", str(folder / "bad.csv"), "--skip-bad")
    assert (kept.exit_code, "left out: 1" in kept.stderr) == (1, True)
    assert "gpt-4o" in run("export").stdout


def test_an_update_is_used_from_then_on(server: ScriptedServer) -> None:
    server.on("/data.json", Reply(parts=(published(dearer),)))
    updated = run("update")
    assert (updated.exit_code, "The prices are up to date" in updated.stdout) == (0, True)
    listed = run("list", "openai")
    assert "openai/gpt-4o: in 5, out 20.0 USD" in listed.stdout
    assert server.address in listed.stderr
    broken = run("update")
    assert (broken.exit_code, "404" in broken.stderr) == (1, True)
    assert "Traceback" not in broken.stderr
    assert "in 5, out 20.0" in run("list", "openai").stdout


def test_beside_a_running_app_what_only_reads_works(folder: Path, server: ScriptedServer) -> None:
    run("import", str(folder / "own.csv"))
    with DataLock.acquire(folder / "data", "serve"):
        for writing in (["update"], ["import", str(folder / "own.csv")]):
            refused = run(*writing)
            assert refused.exit_code == 1
            assert "Do it in the browser instead" in refused.stderr
        assert run("list", "openai").exit_code == 0
        assert "gpt-4o" in run("export").stdout
    assert server.requests == []


def test_an_unknown_provider_is_said(folder: Path) -> None:
    refused = run("list", "nobody")
    assert refused.exit_code == 1
    assert "no price list of 'nobody'" in refused.stderr
    assert "openai" in refused.stderr
