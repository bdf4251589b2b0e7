"""Starting: what is wrong is said in words on the terminal before anything listens."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from storage.database import DATABASE_FILE
from storage.lock import HOLDER_FILE
from tests.integration.app_process import ROOT, app, environment, free_port, serving

pytestmark = pytest.mark.integration


def serve_refused(data: Path, **more: str) -> str:
    port = free_port()
    result = app(data, "serve", **{"ASSAY_PORT": str(port), **more})
    assert result.code == 1
    assert "Traceback" not in result.err
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", port)) != 0
    return result.err


def test_it_serves_the_screens_and_ends_cleanly(tmp_path: Path) -> None:
    with serving(tmp_path) as address:
        assert httpx.get(address, trust_env=False).status_code == 200
        assert (tmp_path / DATABASE_FILE).exists()
        assert (tmp_path / HOLDER_FILE).exists()
    assert not (tmp_path / HOLDER_FILE).exists()
    with serving(tmp_path) as address:
        assert httpx.get(address, trust_env=False).status_code == 200


def test_a_wrong_setting(tmp_path: Path) -> None:
    assert "ASSAY_UPLOAD_MB" in serve_refused(tmp_path, ASSAY_UPLOAD_MB="lots")


def test_an_address_that_others_can_reach(tmp_path: Path) -> None:
    assert "no logins" in serve_refused(tmp_path, ASSAY_ADDRESS="0.0.0.0")


def test_a_database_of_a_newer_version(tmp_path: Path) -> None:
    assert app(tmp_path, "check").code == 0
    with serving(tmp_path):
        pass
    with sqlite3.connect(tmp_path / DATABASE_FILE) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer" in serve_refused(tmp_path)


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = app(tmp_path, "serve", ASSAY_PORT=str(taken.getsockname()[1]))
    assert result.code == 1
    assert "ASSAY_PORT" in result.err


def test_a_second_owner_and_a_killed_one(tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve"],
        cwd=ROOT,
        env=environment(tmp_path, ASSAY_PORT=str(port)),
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        assert f"process {process.pid}" in serve_refused(tmp_path)
        same = app(tmp_path, "serve", ASSAY_PORT=str(port))
        assert f"serving http://127.0.0.1:{port}" in same.err, "and not: choose another port"
        assert (same.code, "ASSAY_PORT" in same.err) == (1, False)
        process.send_signal(signal.SIGKILL)
    # The lock goes with its holder: no file has to be removed by hand.
    with serving(tmp_path):
        pass
