"""Every way in which a connection fails, by a real one on loopback."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import NoReturn

import pytest
import trustme
from pydantic import SecretStr

from app.backends.base import Cancel
from app.backends.failures import Place
from app.backends.transport import LONGEST_LINE, Call, Patience, Transport, host_of, is_local
from app.errors import (
    BackendBusy,
    BackendDown,
    BackendError,
    BackendRefused,
    BackendTimeout,
    SettingError,
    StreamBroken,
)
from app.settings import Timeouts
from tests.scripted_server import (
    CUT,
    HANG,
    Hang,
    Reply,
    ScriptedServer,
    Wait,
    deaf_address,
    free_address,
    json_reply,
)

SHORT = Timeouts(connect=0.3, first_token=0.3, between_tokens=0.3)
LONG = Timeouts(connect=20, first_token=20, between_tokens=20)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


def transport(address: str, timeouts: Timeouts = LONG, key: str = "") -> Transport:
    return Transport(Place("Ollama", address, "Start it.", key=SecretStr(key)), timeouts)


def lines(made: Transport, cancel: Cancel | None = None, patience: Patience | None = None) -> list[bytes]:
    patience = patience or Patience(20, 20)
    found = made.lines(Call("POST", "/x", {"a": 1}), cancel or Cancel(), patience)
    return [line for _, line in found]


def test_lines_are_split_at_newlines_only(server: ScriptedServer) -> None:
    text = "a\u2028b\u0085c\x0bd\r"
    server.on("/x", Reply(parts=(text.encode() + b"\nrest",)))
    assert lines(transport(server.address)) == [text.encode(), b"rest"]


def test_a_character_cut_over_chunks_stays_whole(server: ScriptedServer) -> None:
    raw = "é €😀\n".encode()
    server.on("/x", Reply(parts=tuple(raw[at : at + 1] for at in range(len(raw)))))
    assert lines(transport(server.address)) == ["é €😀".encode()]


def test_nobody_there() -> None:
    address = free_address()
    with pytest.raises(BackendDown, match=r"Ollama does not answer at http.*Start it\."):
        lines(transport(address))


def test_a_connect_that_hangs_ends_in_time() -> None:
    with deaf_address() as address:
        began = time.monotonic()
        with pytest.raises(BackendTimeout, match=r"did not accept a connection at .* within 0\.3 s"):
            lines(transport(address, SHORT))
        assert time.monotonic() - began < 1.0


def test_a_look_up_of_the_name_that_hangs_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()

    def look_up(*_: object, **__: object) -> NoReturn:
        done.wait(20)
        raise socket.gaierror("nothing found")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    began = time.monotonic()
    with pytest.raises(BackendTimeout, match="did not accept a connection"):
        lines(transport("http://models.example.com:8000", SHORT))
    assert time.monotonic() - began < 1.0
    done.set()


def test_a_stop_during_connect_takes_effect_at_once() -> None:
    with deaf_address() as address:
        made = transport(address, Timeouts(connect=30, first_token=30, between_tokens=30))
        cancel = Cancel()
        threading.Timer(0.1, cancel.cancel).start()
        began = time.monotonic()
        assert lines(made, cancel) == []
        assert time.monotonic() - began < 1.0


@pytest.mark.parametrize(
    "reply",
    [Reply(before=(HANG,)), Reply(parts=(HANG,)), Reply(parts=(b"half a li", HANG))],
    ids=["before the headers", "after the headers", "in a line"],
)
def test_a_stop_closes_the_connection_wherever_it_hangs(server: ScriptedServer, reply: Reply) -> None:
    server.on("/x", reply)
    cancel = Cancel()
    done: list[list[bytes]] = []
    made = transport(server.address, Timeouts(connect=30, first_token=30, between_tokens=30))
    reader = threading.Thread(target=lambda: done.append(lines(made, cancel, Patience(30, 30))))
    reader.start()
    assert server.arrived.wait(5)
    began = time.monotonic()
    cancel.cancel()
    reader.join(1.0)
    assert done == [[]]
    assert server.gone.wait(1.0)
    assert time.monotonic() - began < 1.0


class Trusting(Transport):
    """Trusts one authority more than those that everybody trusts."""

    authority: trustme.CA

    def certificates(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secured(authority: trustme.CA) -> Iterator[ScriptedServer]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    with ScriptedServer(tls) as running:
        yield running


@pytest.mark.parametrize("before", [(), (HANG,)], ids=["in a line", "before the headers"])
def test_a_stop_closes_a_secured_connection_too(
    secured: ScriptedServer, authority: trustme.CA, before: tuple[Hang, ...]
) -> None:
    secured.on("/x", Reply(before=before, parts=(b"half a li", HANG)))
    made = Trusting(Place("API", secured.address, "Look."), LONG)
    made.authority = authority
    cancel, done = Cancel(), list[list[bytes]]()
    reader = threading.Thread(target=lambda: done.append(lines(made, cancel, Patience(30, 30))))
    reader.start()
    assert secured.arrived.wait(10)
    cancel.cancel()
    reader.join(1.0)
    assert done == [[]]
    assert secured.gone.wait(1.0)


def test_a_certificate_that_nobody_vouches_for_is_refused(secured: ScriptedServer) -> None:
    with pytest.raises(BackendRefused, match="certificate"):
        lines(transport(secured.address))
    assert secured.requests == []


def test_closing_the_transport_ends_what_is_under_way(server: ScriptedServer) -> None:
    server.on("/x", Reply(parts=(b"one\n", HANG)))
    made = transport(server.address)
    stream = made.lines(Call("POST", "/x"), Cancel(), Patience(30, 30))
    next(stream)
    threading.Timer(0.1, made.close).start()
    with pytest.raises(StreamBroken):
        next(stream)
    assert server.gone.wait(1.0)
    with pytest.raises(BackendDown):
        lines(made)


def test_no_first_token_in_time(server: ScriptedServer) -> None:
    server.on("/x", Reply(before=(HANG,)))
    with pytest.raises(BackendTimeout, match=r"no first token within 0\.2 s"):
        lines(transport(server.address), patience=Patience(0.2, 30))
    assert server.gone.wait(1.0)


def test_keep_alive_bytes_do_not_extend_the_patience(server: ScriptedServer) -> None:
    pauses = [threading.Event() for _ in range(40)]
    parts = tuple(part for pause in pauses for part in (b": ping\n", Wait(pause)))
    server.on("/x", Reply(parts=parts))
    stop = threading.Event()

    def drip() -> None:
        for pause in pauses:
            stop.wait(0.05)
            pause.set()

    threading.Thread(target=drip).start()
    began = time.monotonic()
    with pytest.raises(BackendTimeout):
        lines(transport(server.address), patience=Patience(0.4, 30))
    assert time.monotonic() - began < 1.5
    stop.set()


def test_patience_starts_anew_with_each_token() -> None:
    patience = Patience(0.0, 50.0)
    assert patience.left() == 0.0
    patience.token()
    assert 49 < patience.left() <= 50
    assert "no further token for 50 s" in patience.error(Place("Ollama", "", "")).message


@pytest.mark.parametrize("part", [CUT, b""], ids=["reset", "closed"])
def test_a_connection_lost_before_the_headers_may_be_tried_again(server: ScriptedServer, part: bytes) -> None:
    server.on("/x", Reply(before=(part,), raw=True))
    with pytest.raises(BackendDown, match="without an answer") as caught:
        lines(transport(server.address))
    assert caught.value.retryable


def test_a_connection_lost_in_the_middle_is_a_broken_stream(server: ScriptedServer) -> None:
    server.on("/x", Reply(parts=(b"one\n", CUT)))
    stream = transport(server.address).lines(Call("POST", "/x"), Cancel(), Patience(5, 5))
    assert next(stream)[1] == b"one"
    with pytest.raises(StreamBroken):
        list(stream)


def test_bytes_that_are_no_http(server: ScriptedServer) -> None:
    server.on("/x", Reply(before=(b"\x00\x01 SSH-2.0 nonsense\r\n\r\n",), raw=True))
    with pytest.raises(BackendDown):
        lines(transport(server.address))


def test_a_line_without_end_is_given_up(server: ScriptedServer) -> None:
    piece = b"x" * (1024 * 1024)
    server.on("/x", Reply(parts=(piece,) * (LONGEST_LINE // len(piece) + 2)))
    with pytest.raises(StreamBroken, match="cannot be understood"):
        lines(transport(server.address))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(server: ScriptedServer, status: int) -> None:
    server.on("/x", Reply(status, headers={"location": server.address + "/secret"}))
    server.always("/secret", json_reply({"a": 1}))
    with pytest.raises(BackendRefused, match="does not follow"):
        lines(transport(server.address, key="sk-1"))
    assert server.sent_to("/secret") == []


def test_retry_after_is_read(server: ScriptedServer) -> None:
    server.on("/x", json_reply({"error": "server busy"}, 503, {"retry-after": "7"}))
    with pytest.raises(BackendBusy) as caught:
        lines(transport(server.address))
    assert caught.value.wait == 7.0


def test_an_error_page_that_never_ends_is_not_read_for_ever(server: ScriptedServer) -> None:
    server.on("/x", Reply(500, (b'{"error": "bad', HANG)))
    began = time.monotonic()
    with pytest.raises(BackendError):
        lines(transport(server.address, Timeouts(connect=1, first_token=20, between_tokens=20)))
    assert time.monotonic() - began < 5.0


def test_ask_gives_one_object(server: ScriptedServer) -> None:
    server.on("/x", json_reply({"a": [1]}))
    assert transport(server.address).ask(Call("GET", "/x"), 5) == {"a": [1]}


@pytest.mark.parametrize("body", [b"", b"[1]", b"<html>", b'{"a":', b"\xff\xfe", b"[" * 100_000])
def test_ask_refuses_what_is_no_object(server: ScriptedServer, body: bytes) -> None:
    server.on("/x", Reply(parts=(body,)))
    with pytest.raises(StreamBroken, match="cannot be understood"):
        transport(server.address).ask(Call("GET", "/x"), 5)


def test_ask_takes_an_error_in_a_good_reply_for_one(server: ScriptedServer) -> None:
    server.on("/x", json_reply({"error": "disk on fire"}))
    with pytest.raises(StreamBroken, match="disk on fire"):
        transport(server.address).ask(Call("GET", "/x"), 5)


def test_ask_has_one_limit_for_the_whole(server: ScriptedServer) -> None:
    server.on("/x", Reply(parts=(b'{"a": ', HANG)))
    with pytest.raises(BackendTimeout, match=r"did not reply within 0\.2 s"):
        transport(server.address).ask(Call("GET", "/x"), 0.2)


def test_the_key_goes_into_the_header_and_nowhere_else(server: ScriptedServer) -> None:
    server.always("/x", json_reply({"error": "wrong key sk-canary-1"}, 400))
    made = transport(server.address, key="sk-canary-1")
    with pytest.raises(BackendRefused) as caught:
        lines(made)
    assert server.requests[0].headers["authorization"] == "Bearer sk-canary-1"
    assert "sk-canary-1" not in f"{caught.value} {caught.value!r} {made.place!r} {vars(caught.value)}"
    assert "(hidden)" in str(caught.value)


@pytest.mark.parametrize("key", ["sk-1\n", "sk 1", "sk-é", "\x00"])
def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(SettingError) as caught:
        transport("http://127.0.0.1:1", key=key)
    assert key not in str(caught.value)


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", free_address())
    monkeypatch.setenv("ALL_PROXY", free_address())
    server.on("/x", json_reply({}))
    assert transport(server.address).ask(Call("GET", "/x"), 5) == {}


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("http://127.0.0.1:11434", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("http://127.9.9.9", True),
        ("https://api.example.com/v1", False),
        ("http://192.168.1.5:8000", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
    ],
)
def test_what_is_local(address: str, local: bool) -> None:
    assert is_local(address) is local
    assert host_of(address)


def test_no_thread_stays_behind(server: ScriptedServer) -> None:
    server.always("/x", json_reply({}))
    made = transport(server.address)
    for _ in range(5):
        made.ask(Call("GET", "/x"), 5)
    for thread in [one for one in threading.enumerate() if one.name == "model-request"]:
        thread.join(2)
        assert not thread.is_alive()
