"""Who can reach the screens: this machine only, whichever way they are started."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from storage.database import DATABASE_FILE
from tests.integration.app_process import ROOT, app, environment, free_port, serving
from tests.integration.tab import drawn, tab

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux tells who listens where"),
]
REFUSED = "no logins"
LISTENS, LOOPBACK_6 = "0A", "00000000000000000000000001000000"


@contextmanager
def streamlit(
    data: Path, *options: str, settings: dict[str, str] | None = None, root: Path = ROOT, cwd: Path = ROOT
) -> Iterator[str]:
    """Plain `streamlit run`, until it says its address; gives the one on this machine."""
    port = free_port()
    run = ["streamlit", "run", str(root / "streamlit_app.py"), "--server.headless=true"]
    process = subprocess.Popen(
        [sys.executable, "-m", *run, f"--server.port={port}", *options],
        cwd=cwd,
        env=environment(data, PYTHONPATH=str(root), **(settings or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert any("URL:" in line for line in process.stdout)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=60)


def reached_from_elsewhere(address: str) -> bool:
    """Whether its port is open on any address but loopback, as the system tells."""
    port = f":{int(address.rpartition(':')[2]):04X}"
    places = [
        line.split()[1].removesuffix(port)
        for table in ("tcp", "tcp6")
        for line in Path("/proc/net", table).read_text().splitlines()[1:]
        if line.split()[1].endswith(port) and line.split()[3] == LISTENS
    ]
    assert places
    return any(not place.endswith("7F") and place != LOOPBACK_6 for place in places)


def refused(address: str) -> bool:
    """Whether a tab shows why Assay cannot start, at every run, and nothing else."""
    with tab(address) as opened:
        told = [drawn(opened) for _ in range(2)]
    assert [REFUSED in one for one in told] == ["Nothing was asked yet" not in one for one in told]
    assert len({REFUSED in one for one in told}) == 1
    return REFUSED in told[0]


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        ([], {"STREAMLIT_SERVER_ADDRESS": "0.0.0.0"}),
        (["--server.address", "0.0.0.0"], {}),
        (["--server.address="], {}),
    ],
)
def test_an_address_that_others_can_reach(
    tmp_path: Path, options: list[str], settings: dict[str, str]
) -> None:
    with streamlit(tmp_path, *options, settings=settings) as address:
        assert reached_from_elsewhere(address)
        assert refused(address)
    assert not (tmp_path / DATABASE_FILE).exists()


def test_without_the_settings_of_streamlit(tmp_path: Path) -> None:
    """A copy that lost its .streamlit folder: Streamlit then listens on every address."""
    for name in ("app", "pages", "storage"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("data", "__pycache__"))
    shutil.copy(ROOT / "streamlit_app.py", tmp_path)
    with streamlit(tmp_path / "data", root=tmp_path, cwd=tmp_path) as address:
        assert reached_from_elsewhere(address)
        assert refused(address)


@pytest.mark.parametrize("options", [[], ["--server.address=localhost"], ["--server.address=127.0.0.1"]])
def test_this_machine_only(tmp_path: Path, options: list[str]) -> None:
    with streamlit(tmp_path, *options) as address:
        assert not reached_from_elsewhere(address)
        assert not refused(address)


def test_started_from_another_folder_with_settings_of_its_own(tmp_path: Path) -> None:
    """Those beside the script win."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text('[server]\naddress = "::"\n')
    with streamlit(tmp_path / "data", cwd=tmp_path) as address:
        assert refused(address) is reached_from_elsewhere(address)


def test_serve_listens_where_its_own_setting_says(tmp_path: Path) -> None:
    with serving(tmp_path, STREAMLIT_SERVER_ADDRESS="0.0.0.0") as address:
        assert not reached_from_elsewhere(address)
        assert not refused(address)
    assert REFUSED in app(tmp_path, "serve", ASSAY_ADDRESS="0.0.0.0").err


def test_a_page_of_another_site_is_not_answered(tmp_path: Path) -> None:
    """Also where its name was made to point to this machine (DNS rebinding)."""
    with serving(tmp_path) as address:
        port = address.rpartition(":")[2]
        assert opening(address, f"127.0.0.1:{port}", address) == 101
        assert opening(address, f"127.0.0.1:{port}", "http://evil.example") == 403
        assert opening(address, f"evil.example:{port}", f"http://evil.example:{port}") == 403


def opening(address: str, host: str, origin: str) -> int:
    """The status of opening a tab's connection, as a browser asks for it."""
    asked = {
        "Host": host,
        "Origin": origin,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
    }
    with httpx.stream("GET", f"{address}/_stcore/stream", headers=asked, trust_env=False) as reply:
        return reply.status_code
