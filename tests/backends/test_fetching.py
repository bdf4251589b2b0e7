"""Fetching one file: from a real local server that does what servers do wrong."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from app.backends.fetching import Fetcher
from app.errors import AppError, BackendDown, BackendRefused, BackendTimeout, NotAllowed, StreamBroken
from tests.scripted_server import CUT, HANG, Reply, ScriptedServer

PATH = "/data.json"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as made:
        yield made


def fetch(server: ScriptedServer, *replies: Reply, seconds: float = 20.0, most: int = 1_000_000) -> bytes:
    server.on(PATH, *replies)
    fetcher = Fetcher(server.address + PATH, seconds, most)
    try:
        return fetcher.fetch()
    finally:
        fetcher.close()


def refused(kind: type[AppError], server: ScriptedServer, *replies: Reply, **limits: float) -> str:
    with pytest.raises(kind) as told:
        fetch(server, *replies, **limits)  # type: ignore[arg-type]
    assert "The prices used before stay in use." in str(told.value)
    assert "model server" not in str(told.value)
    return str(told.value)


def test_a_file_comes_as_it_is(server: ScriptedServer) -> None:
    assert fetch(server, Reply(parts=(b"[1,\r\n", b"2]\n"))) == b"[1,\r\n2]\n"
    (request,) = server.requests
    assert (request.method, request.body) == ("GET", b"")
    assert "authorization" not in request.headers
    assert "cookie" not in request.headers


def test_nothing_is_fetched_until_it_is_asked_for(server: ScriptedServer) -> None:
    Fetcher(server.address + PATH).close()
    assert server.requests == []


def test_a_missing_file(server: ScriptedServer) -> None:
    words = refused(BackendRefused, server, Reply(404, (b"not here",)))
    assert "404" in words
    assert f"ASSAY_PRICES_URL is {server.address}{PATH}" in words


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server: ScriptedServer, status: int) -> None:
    words = refused(BackendRefused, server, Reply(status, headers={"location": f"{server.address}/other"}))
    assert "Assay does not follow" in words
    assert [one.path for one in server.requests] == [PATH]


def test_a_file_that_is_too_large_is_not_read_to_its_end(server: ScriptedServer) -> None:
    words = refused(BackendRefused, server, Reply(parts=(b"x" * 600_000, b"x" * 600_000, HANG)))
    assert "more than 1 megabytes" in words


def test_a_packed_bomb_is_stopped_as_well(server: ScriptedServer) -> None:
    import gzip

    bomb = gzip.compress(b"x" * 30_000_000)
    assert len(bomb) < 100_000
    assert "more than" in refused(
        BackendRefused, server, Reply(parts=(bomb, HANG), headers={"content-encoding": "gzip"})
    )


@pytest.mark.parametrize("reply", [Reply(before=(HANG,)), Reply(parts=(b"[", HANG))])
def test_a_server_that_hangs_is_given_up(server: ScriptedServer, reply: Reply) -> None:
    assert "did not reply within 0.3 s" in refused(BackendTimeout, server, reply, seconds=0.3)


def test_a_server_that_sends_drop_by_drop_gains_no_time(server: ScriptedServer) -> None:
    drops = tuple(b" " * 10 for _ in range(20))
    assert "did not reply within" in refused(BackendTimeout, server, Reply(parts=(*drops, HANG)), seconds=0.3)


def test_a_connection_that_breaks(server: ScriptedServer) -> None:
    assert "broke off" in refused(StreamBroken, server, Reply(parts=(b"[1,", CUT)))


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(BackendDown, match=r"does not answer at http://127\.0\.0\.1") as told:
        Fetcher(f"http://127.0.0.1:{port}{PATH}").fetch()
    assert "set ASSAY_PRICES_URL" in str(told.value)


def test_it_can_be_stopped(server: ScriptedServer) -> None:
    server.on(PATH, Reply(parts=(b"[", HANG)))
    fetcher = Fetcher(server.address + PATH)
    errors: list[AppError] = []

    def run() -> None:
        try:
            fetcher.fetch()
        except NotAllowed as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert server.arrived.wait(10)
    fetcher.stop()
    thread.join(10)
    assert [one.message for one in errors] == ["The update was stopped."]
    fetcher.close()
