"""A key in the settings is found nowhere else: not in the data folder, exports, backups, errors, pages.

The model server here is as bad as they come: it repeats the key that it was given in its errors.
"""

from __future__ import annotations

import io
import json
import logging
import threading
import traceback
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.commands import (
    AskOptions,
    ask_all,
    check_all,
    export_answers,
    ingest_paths,
    pull_model,
)
from app.domain import AnswerState, AskView
from app.errors import AppError
from app.services import Services, install, open_services
from app.settings import Settings, load
from storage.backup import backup
from tests.scripted_server import CUT, Recorded, Reply, ScriptedServer, json_reply, sse

pytestmark = pytest.mark.integration

CANARY = "sk-canary-4e1b77d09a6c5f32"
FULL = 30.0
ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(path.name for path in (ROOT / "pages").glob("*.py"))


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        listed = [{"id": one, "object": "model"} for one in ("good", "refuses", "breaks", "embeds")]
        running.always("/v1/models", json_reply({"data": listed}))
        running.always("/v1/embeddings", _embeddings)
        running.always("/v1/chat/completions", _chat)
        yield running


def _embeddings(request: Recorded) -> Reply:
    texts = request.json()["input"]
    assert isinstance(texts, list)
    rows = [{"index": at, "embedding": [1.0, len(text) / 1000, 0.5]} for at, text in enumerate(texts)]
    return json_reply({"data": rows, "model": "embeds"})


def _chat(request: Recorded) -> Reply:
    """An answer, a refusal that repeats the key, or a stream that does so in the middle and breaks off."""
    key = request.headers["authorization"]
    assert CANARY in key
    model = request.json()["model"]
    if model == "refuses":
        return json_reply({"error": {"message": f"Incorrect API key provided: {key}."}}, 401)
    pieces = [{"choices": [{"delta": {"content": text}}]} for text in ("The rope ", "is red [1].")]
    if model == "breaks":
        said = json.dumps({"error": {"message": f"the key {key} has no credit left"}})
        return Reply(200, (*sse(*pieces, done=False).parts, f"data: {said}\n\n".encode(), CUT))
    usage = {"prompt_tokens": 9, "completion_tokens": 4}
    return sse(*pieces, {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": usage})


@pytest.fixture
def settings(server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(
        f'data = "{(tmp_path / "data").as_posix()}"\nembedded = false\nollama_url = "{server.address}"\n'
        f'[backends.api]\nkind = "openai"\nurl = "{server.address}/v1"\nkey = "{CANARY}"\n'
        'provider = "openai"\nembedders = ["embeds"]\n'
    )
    monkeypatch.setenv("ASSAY_BACKENDS__SECOND__KIND", "ollama")
    monkeypatch.setenv("ASSAY_BACKENDS__SECOND__URL", server.address)
    monkeypatch.setenv("ASSAY_BACKENDS__SECOND__KEY", CANARY)
    return load(secrets)


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    with open_services(settings, "a test") as opened:
        yield opened


def places(folder: Path) -> list[str]:
    """The files below the folder that hold the key, looking into archives too."""
    found = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        content = path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                content += b"".join(archive.read(name) for name in archive.namelist())
        if CANARY.encode() in content:
            found.append(path.name)
    return found


def asked(services: Services, folder: Path) -> AskView:
    """A document in, one question of three models."""
    (folder / "rope.txt").write_text("The rope of the lower station is red and was spliced in spring.")
    (line,) = ingest_paths(services, [folder], "Ropes", "api/embeds", delete_missing=False)
    assert line.well, line
    options = AskOptions(no_documents=False, k=4, temperature=0.0, seed=1, max_tokens=50, schema=False)
    models = ["api/good", "api/refuses", "api/breaks"]
    collection = services.collections.by_name("Ropes")
    assert collection is not None
    return ask_all(services, "Which colour has the rope?", "Ropes", models, options)


def test_the_key_is_used_and_found_nowhere(
    services: Services,
    settings: Settings,
    server: ScriptedServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    view = asked(services, documents)
    states = [lane.answer.state for lane in view.lanes if lane.answer]
    assert states == [AnswerState.COMPLETE, AnswerState.FAILED, AnswerState.FAILED]
    assert len([one for one in server.requests if CANARY in str(one.headers)]) > 3

    exported = io.StringIO()
    for kind in ("jsonl", "csv"):
        export_answers(services.database, kind, exported, aside=True)
    backup(services.database, services.files, tmp_path / "data" / "backup.zip")
    words = [
        exported.getvalue(),
        repr(view),
        repr(services.health()),
        repr(services),
        repr(settings),
        repr([services.backends.get("api").models(), services.backends.embedders()]),
        repr(list(check_all(settings))),
        repr(services.documents.entries(view.question.collection_id)),
        repr(vars(services.backends.get("api"))),
    ]
    assert "The rope is red" in exported.getvalue()
    for text in words:
        assert CANARY not in text
    said = capfd.readouterr()
    assert CANARY not in said.out + said.err
    assert places(tmp_path / "data") == []
    log = tmp_path / "data" / "logs" / "assay.log"
    assert not log.exists() or CANARY not in log.read_text()


def test_no_error_on_the_way_shows_the_key(
    services: Services, settings: Settings, server: ScriptedServer
) -> None:
    refusals = [
        json_reply({"error": f"Bearer {CANARY} is wrong"}, 401),
        json_reply({"error": {"message": f"key {CANARY}"}}, 500),
        Reply(403, (f"<html>{CANARY}</html>".encode(),), {"content-type": "text/html"}),
        Reply(302, (), {"location": f"http://127.0.0.1:1/?key={CANARY}"}),
        Reply(200, (f"not json {CANARY}".encode(),)),
    ]
    api = services.backends.get("api")
    for reply in refusals:
        server.always("/v1/models", reply)
        server.always("/v1/embeddings", reply)
        server.always("/api/tags", reply)
        server.always("/api/pull", reply)
        assert CANARY not in repr(api.health())
        for action in (
            api.models,
            lambda: services.backends.embedder("api/embeds").embed(["a text"]),
            services.backends.get("second").models,
            lambda: list(pull_model(settings, "second", "some-model")),
        ):
            try:
                action()
            except AppError as error:
                assert CANARY not in "".join(traceback.format_exception(error))


def test_what_breaks_inside_is_logged_without_the_key(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    # Not one of Assay's own errors: a fault nobody foresaw, which quotes what it had in hand.
    monkeypatch.setattr(
        services.backends.get("api"), "stream", lambda *_: (_ for _ in ()).throw(RuntimeError(CANARY))
    )
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    view = asked(services, documents)
    assert all(lane.answer and lane.answer.state is AnswerState.FAILED for lane in view.lanes)
    assert CANARY not in repr(view)
    logging.getLogger("app.answering").error("a fault with %s", CANARY)
    log = (tmp_path / "data" / "logs" / "assay.log").read_text()
    assert "[key]" in log
    assert places(tmp_path / "data") == []


def everything_in(block: Any) -> str:
    """What the browser is sent for a block and all within it, as text."""
    own = str(getattr(block, "proto", ""))
    return own + "".join(everything_in(one) for one in getattr(block, "children", {}).values())


def test_no_page_shows_the_key(services: Services, tmp_path: Path) -> None:
    from streamlit.testing.v1 import AppTest

    documents = tmp_path / "documents"
    documents.mkdir()
    view = asked(services, documents)
    install(services)
    try:
        for page in PAGES:
            test = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=FULL)
            test.query_params["question"] = view.question.id
            test.query_params["collection"] = view.question.collection_id
            test.switch_page(f"pages/{page}")
            test.run()
            # Without the backslashes by which signs are kept from being Markdown.
            drawn = (everything_in(test.main) + everything_in(test.sidebar)).replace("\\", "")
            assert not test.exception, page
            assert "Something went wrong inside Assay" not in drawn, page
            assert len(drawn) > 500, page
            assert CANARY not in drawn, page
            if page == "ask.py":
                assert "The rope" in drawn
                assert "has no credit left" in drawn
    finally:
        install(None)


def test_a_key_that_lies_around_is_found(tmp_path: Path) -> None:
    """The search of these tests itself: it must find what is there."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "plain.log").write_text(f"x{CANARY}y")
    with zipfile.ZipFile(tmp_path / "packed.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.json", json.dumps({"key": CANARY}))
    assert places(tmp_path) == ["plain.log", "packed.zip"]
