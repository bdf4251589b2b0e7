"""HTTP to model servers: streams that a stop ends at once, three separate timeouts, one attempt.

Each request runs in a short-lived thread of its own and hands its bytes over by a queue, because a
thread that sits in a name look-up, a connect or a read can be interrupted by nothing. The one who
waits at the queue hears of a stop or of a timeout at once, and shuts the socket down, so that the
server sees the disconnect and ends its work too. Nothing is kept open between requests: a request
on a kept connection could not be shut down before its first byte came.
"""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable
from urllib.parse import urlsplit

from app.backends import failures, fields
from app.backends.base import Cancel
from app.backends.failures import Place, Refusal, Stage
from app.errors import BackendError, SettingError
from app.settings import Timeouts

if TYPE_CHECKING:
    import httpx

LONGEST_LINE = 8 * 1024 * 1024
"""Bytes; a longer line of a stream is garbage."""
LONGEST_ERROR = 64 * 1024
LONGEST_REPLY = 256 * 1024 * 1024


def host_of(address: str) -> str:
    """The host that an address leads to, as shown to people."""
    return urlsplit(address).hostname or address


def is_local(address: str) -> bool:
    """Whether what is sent to the address stays on this machine (a loopback address)."""
    host = host_of(address)
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Patience:
    """How long to wait for the next token: ``first`` seconds until the first, ``between`` after.

    Bytes that bring no token (keep-alive comments) do not extend it.
    """

    def __init__(self, first: float, between: float, stage: Stage = "first") -> None:
        self._stage, self._span, self._between = stage, first, between
        self._until = time.monotonic() + first

    def token(self) -> None:
        """A token came: wait for the next one."""
        self._stage, self._span = "between", self._between
        self._until = time.monotonic() + self._between

    def left(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self._until - time.monotonic())

    def error(self, place: Place) -> BackendError:
        """What to raise when none are left."""
        return failures.too_slow(place, self._stage, self._span)


@runtime_checkable
class _Stream(Protocol):
    def get_extra_info(self, info: str) -> object:
        """What httpcore's network streams tell; "socket" is the socket."""


class Breaker:
    """Shuts down the sockets of a request from any thread, also those that open later."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._broken = False
        self.connected: Callable[[], None] = lambda: None

    def trace(self, event: str, info: Mapping[str, object]) -> None:
        """The ``trace`` extension of httpx: called for every step of a request."""
        if not event.endswith(("connect_tcp.complete", "start_tls.complete")):
            return
        stream = info.get("return_value")
        sock = stream.get_extra_info("socket") if isinstance(stream, _Stream) else None
        if isinstance(sock, socket.socket):
            with self._lock:
                self._sockets.append(sock)
                broken = self._broken
            if broken:
                _shut(sock)
        self.connected()

    def break_off(self) -> None:
        """Shut everything down; a reader wakes up with an error, the server sees the end."""
        with self._lock:
            self._broken = True
            sockets = list(self._sockets)
        for sock in sockets:
            _shut(sock)


def _shut(sock: socket.socket) -> None:
    # The plain socket's method: that of an SSL socket is not meant for another thread.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


@dataclass(frozen=True)
class _Connected:
    pass


@dataclass(frozen=True)
class _Head:
    status: int
    wait: str


@dataclass(frozen=True)
class _Chunk:
    at: float
    data: bytes


@dataclass(frozen=True)
class _Failed:
    error: Exception


@dataclass(frozen=True)
class _End:
    pass


@dataclass(frozen=True)
class _Stopped:
    pass


_Item = _Connected | _Head | _Chunk | _Failed | _End | _Stopped


class _Exchange:
    """One request under way in its thread."""

    def __init__(self, client: httpx.Client, request: httpx.Request, cancel: Cancel) -> None:
        self._client, self._request = client, request
        self._items: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._breaker = Breaker()
        self._breaker.connected = lambda: self._items.put(_Connected())
        request.extensions["trace"] = self._breaker.trace
        cancel.on_cancel(self.stop)
        threading.Thread(target=self._run, name="model-request", daemon=True).start()

    def next(self, seconds: float) -> _Item | None:
        """The next thing that happened, or None after so many seconds without any."""
        try:
            return self._items.get(timeout=seconds)
        except queue.Empty:
            return None

    def stop(self) -> None:
        """Close the connection; whoever waits in ``next`` goes on at once."""
        self._items.put(_Stopped())
        self._breaker.break_off()

    def _run(self) -> None:
        import httpx

        try:
            response = self._client.send(self._request, stream=True)
            with contextlib.closing(response):
                self._items.put(_Head(response.status_code, response.headers.get("retry-after", "")))
                for data in response.iter_bytes():
                    self._items.put(_Chunk(time.monotonic(), data))
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, RuntimeError) as error:
            # RuntimeError: the client was closed meanwhile.
            self._items.put(_Failed(error))
        finally:
            # Whatever happened, nobody waits for ever.
            self._items.put(_End())


@dataclass(frozen=True)
class Call:
    """What is asked of a server.

    ``model`` is only for the words of an error; ``explain`` may name a better error for a refusal.
    """

    method: Literal["GET", "POST"]
    path: str
    payload: Mapping[str, object] | None = None
    model: str = ""
    explain: Callable[[Refusal], BackendError | None] = lambda _: None


class Transport:
    """Requests to one server. Its address ends without a slash; paths begin with one."""

    def __init__(self, place: Place, timeouts: Timeouts) -> None:
        self.place, self.timeouts = place, timeouts
        self.local = is_local(place.address)
        self._lock = threading.Lock()
        self._open: httpx.Client | None = None
        self._running: weakref.WeakSet[_Exchange] = weakref.WeakSet()
        self._closed = False
        _check_key(place)

    def lines(self, call: Call, cancel: Cancel, patience: Patience) -> Iterator[tuple[float, bytes]]:
        """The reply line by line (split at newlines only), each with its monotonic arrival time.

        Ends quietly after a cancel. Raises BackendError: also for any status but 200, for a connect
        that takes too long, and when ``patience`` runs out. Closing the iterator closes the connection.
        """
        rest = b""
        at = time.monotonic()
        for at, data in self.chunks(call, cancel, patience):
            *whole, rest = (rest + data).split(b"\n")
            for line in whole:
                yield at, line
            if len(rest) > LONGEST_LINE:
                raise failures.unreadable(self.place)
        if rest and not cancel.cancelled:
            yield at, rest

    def ask(self, call: Call, seconds: float, cancel: Cancel | None = None) -> fields.Json:
        """One whole JSON object as reply, within ``seconds``; {} after a cancel. Raises BackendError."""
        cancel = cancel or Cancel()
        body = bytearray()
        for _, data in self.chunks(call, cancel, Patience(seconds, seconds, "reply")):
            body += data
            if len(body) > LONGEST_REPLY:
                raise failures.unreadable(self.place)
        if cancel.cancelled:
            return {}
        reply = fields.parse(bytes(body))
        if reply is None:
            raise failures.unreadable(self.place)
        if reply.get("error"):
            raise failures.in_stream(self.place, failures.told_in(reply), call.model)
        return reply

    def close(self) -> None:
        """End the requests under way; later ones raise BackendError."""
        with self._lock:
            self._closed = True
            client, self._open = self._open, None
            running = list(self._running)
        for exchange in running:
            exchange.stop()
        if client is not None:
            client.close()

    def chunks(self, call: Call, cancel: Cancel, patience: Patience) -> Iterator[tuple[float, bytes]]:
        """The reply as it comes, each part with its monotonic arrival time. As ``lines`` in all else."""
        exchange = self._begin(call, cancel)
        try:
            head = self._head(exchange, cancel, patience)
            if head is None:
                return
            if head.status != 200:
                self._raise_status(exchange, cancel, head, call)
                return
            yield from self._body(exchange, cancel, patience)
        finally:
            exchange.stop()

    def _begin(self, call: Call, cancel: Cancel) -> _Exchange:
        content = None if call.payload is None else json.dumps(call.payload).encode()
        headers = {"accept-encoding": "identity", "user-agent": "assay"}
        if content is not None:
            headers["content-type"] = "application/json"
        if key := self.place.key.get_secret_value():
            headers["authorization"] = f"Bearer {key}"
        with self._lock:
            if self._closed:
                raise failures.hung_up(self.place)
            if self._open is None:
                self._open = self._new_client()
            url = self.place.address + call.path
            request = self._open.build_request(call.method, url, content=content, headers=headers)
            exchange = _Exchange(self._open, request, cancel)
            self._running.add(exchange)
        return exchange

    def _head(self, exchange: _Exchange, cancel: Cancel, patience: Patience) -> _Head | None:
        """The status; None if the stop was asked before it came."""
        connect = self.timeouts.connect
        item = exchange.next(connect)
        if item is None:
            raise failures.too_slow(self.place, "connect", connect)
        while isinstance(item, _Connected):
            item = exchange.next(patience.left())
        if isinstance(item, _Head):
            return item
        self._no_data(item, cancel, patience, begun=False)
        return None

    def _body(self, exchange: _Exchange, cancel: Cancel, patience: Patience) -> Iterator[tuple[float, bytes]]:
        while not cancel.cancelled:
            item = exchange.next(patience.left())
            if isinstance(item, _Chunk):
                yield item.at, item.data
            elif isinstance(item, _End):
                return
            else:
                self._no_data(item, cancel, patience, begun=True)
                return

    def _no_data(self, item: _Item | None, cancel: Cancel, patience: Patience, *, begun: bool) -> None:
        """Raise what ``item`` means when it is no data; return after a stop."""
        if cancel.cancelled:
            return
        if item is None:
            raise patience.error(self.place)
        if isinstance(item, _Failed):
            raise self._failed(item.error, begun=begun) from None
        raise failures.broken(self.place) if begun else failures.hung_up(self.place)

    def _failed(self, error: Exception, *, begun: bool) -> BackendError:
        import httpx

        if begun:
            return failures.broken(self.place)
        if isinstance(error, httpx.ConnectTimeout):
            return failures.too_slow(self.place, "connect", self.timeouts.connect)
        if isinstance(error, httpx.ConnectError):
            untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error)
            return failures.untrusted(self.place) if untrusted else failures.down(self.place)
        return failures.hung_up(self.place)

    def _raise_status(self, exchange: _Exchange, cancel: Cancel, head: _Head, call: Call) -> None:
        refusal = Refusal(head.status, self._error_body(exchange, cancel), head.wait)
        if not cancel.cancelled:
            raise call.explain(refusal) or failures.by_status(self.place, refusal, call.model)

    def _error_body(self, exchange: _Exchange, cancel: Cancel) -> bytes:
        body = b""
        until = time.monotonic() + self.timeouts.connect
        while len(body) < LONGEST_ERROR and not cancel.cancelled:
            item = exchange.next(max(0.0, until - time.monotonic()))
            if not isinstance(item, _Chunk):
                break
            body += item.data
        return body[:LONGEST_ERROR]

    def _new_client(self) -> httpx.Client:
        import httpx

        return httpx.Client(
            verify=self.certificates(),
            trust_env=not self.local,
            follow_redirects=False,
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=httpx.Timeout(None, connect=self.timeouts.connect, write=self.timeouts.first_token),
        )

    def certificates(self) -> ssl.SSLContext | bool:
        """How https is verified; for plain http an empty context, as loading the real one is slow."""
        if self.place.address.startswith("https://"):
            return True
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _check_key(place: Place) -> None:
    """Refuse a key that no HTTP header can carry: a library's own error would show it."""
    if any(not "!" <= char <= "~" for char in place.key.get_secret_value()):
        raise SettingError(
            f"The key of {place.title} holds a space, a line break or a letter that no key has.",
            "Copy it again.",
        )
