"""A small HTTP server on loopback that does as scripted, for every way in which a model server fails.

::

    with ScriptedServer() as server:
        server.on("/api/chat", ndjson({"message": {"content": "Hi"}}, {"done": True}))
        server.on("/api/chat", Reply(parts=(b'{"message":', HANG)))    # the next request hangs in the middle
        server.always("/api/ps", json_reply({"models": []}))

Replies given with ``on`` are used up one by one; then those given with ``always`` are used; then 404.
``requests`` are the requests so far; ``gone`` is set when a client left while the server was hanging.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


class Hang:
    """Send nothing more until the client goes away or the server is closed."""


class Cut:
    """Break the connection off with a reset."""


@dataclass(frozen=True)
class Wait:
    """Go on only when the event is set."""

    event: threading.Event


HANG, CUT = Hang(), Cut()
Part = bytes | Hang | Cut | Wait


@dataclass(frozen=True)
class Reply:
    """Each ``bytes`` part is sent as one chunk; ``before`` happens before the status line is sent."""

    status: int = 200
    parts: tuple[Part, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    before: tuple[Part, ...] = ()
    raw: bool = False


@dataclass(frozen=True)
class Recorded:
    """A request as it came in. ``headers`` have lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        """The body as a JSON object."""
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


def json_reply(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(
        status, (json.dumps(value).encode(),), {"content-type": "application/json", **(headers or {})}
    )


def ndjson(*values: object) -> Reply:
    """A stream as Ollama sends it: one chunk an object."""
    return Reply(200, tuple(json.dumps(one).encode() + b"\n" for one in values))


def sse(*values: object, done: bool = True) -> Reply:
    """A stream as OpenAI sends it: one chunk an event."""
    events = [b"data: " + json.dumps(one).encode() + b"\n\n" for one in values]
    return Reply(200, (*events, *([b"data: [DONE]\n\n"] if done else [])))


class ScriptedServer:
    """See the module. Every request has a connection and a thread of its own; with ``tls`` it is https."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.requests: list[Recorded] = []
        self.gone = threading.Event()
        self.arrived = threading.Event()
        self._next: dict[str, deque[Reply]] = defaultdict(deque)
        self._always: dict[str, Reply | Callable[[Recorded], Reply]] = {}
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.address = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._closed = False

    def __enter__(self) -> Self:
        thread = threading.Thread(target=self._accept, daemon=True)
        thread.start()
        self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(5)

    def on(self, path: str, *replies: Reply) -> None:
        """Queue replies for requests of that path."""
        with self._lock:
            self._next[path].extend(replies)

    def always(self, path: str, reply: Reply | Callable[[Recorded], Reply]) -> None:
        """What to reply when nothing is queued (any more) for that path."""
        with self._lock:
            self._always[path] = reply

    def sent_to(self, path: str) -> list[Recorded]:
        """The requests of that path so far."""
        with self._lock:
            return [one for one in self.requests if one.path == path]

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self, connection: socket.socket) -> None:
        try:
            with self._secured(connection) as secured:
                request = _read(secured)
                if request is not None:
                    self._play(secured, self._reply(request))
        except OSError:  # the client went away while something was sent
            self._note_gone()
        finally:
            with self._lock:
                self._open.discard(connection)

    def _secured(self, connection: socket.socket) -> socket.socket:
        if self._tls is None:
            return connection
        try:
            return self._tls.wrap_socket(connection, server_side=True)
        except OSError:
            connection.close()
            raise

    def _reply(self, request: Recorded) -> Reply:
        with self._lock:
            self.requests.append(request)
            self.arrived.set()
            queued = self._next[request.path]
            found = queued.popleft() if queued else self._always.get(request.path)
        if found is None:
            return json_reply({"error": f"no reply scripted for {request.path}"}, 404)
        return found if isinstance(found, Reply) else found(request)

    def _play(self, connection: socket.socket, reply: Reply) -> None:
        for part in reply.before:
            if isinstance(part, bytes):
                connection.sendall(part)
            elif not self._wait(connection, part):
                return
        if reply.raw:
            return
        names = {"transfer-encoding": "chunked", "connection": "close", **reply.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in names.items())
        connection.sendall(f"HTTP/1.1 {reply.status} Scripted\r\n{lines}\r\n".encode())
        for part in reply.parts:
            if not isinstance(part, bytes):
                if not self._wait(connection, part):
                    return
            elif part:
                connection.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        connection.sendall(b"0\r\n\r\n")

    def _wait(self, connection: socket.socket, part: Hang | Cut | Wait) -> bool:
        """Whether to go on."""
        if isinstance(part, Wait):
            return part.event.wait(30)
        if isinstance(part, Cut):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        with contextlib.suppress(OSError):
            connection.recv(1)
        self._note_gone()
        return False

    def _note_gone(self) -> None:
        if not self._closed:
            self.gone.set()


def _read(connection: socket.socket) -> Recorded | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    method, path, _ = first.split(" ", 2)
    return Recorded(method, path, headers, body)


@contextlib.contextmanager
def deaf_address() -> Iterator[str]:
    """An address where a connect neither succeeds nor fails: its queue of connections is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def free_address() -> str:
    """An address of loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
