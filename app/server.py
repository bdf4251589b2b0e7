"""`serve`: settings, lock, migration, marks, and only then the web server."""

from __future__ import annotations

import ctypes
import gc
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, MutableMapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from app.errors import SettingError
from app.services import Services, install, open_services
from app.settings import Settings
from storage.lock import busy, holder

Message = MutableMapping[str, Any]
"""What ASGI tells an application, its scope too, or is told by it."""
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Message, Receive, Send], Coroutine[Any, Any, None]]

SCRIPT = Path(__file__).resolve().parent.parent / "streamlit_app.py"


def serve(settings: Settings, *, browser: bool = False) -> None:
    """Serve the screens until interrupted; with ``browser``, open them there once they are ready.

    Raises DataFolderBusy, SettingError, DatabaseTooNew and DatabaseTrouble before anything listens.
    """
    _give_back_freed_memory()
    with (
        _listen(settings) as listener,
        open_services(settings, f"serving {address_of(settings)}") as services,
    ):
        install(services)
        try:
            # Uvicorn has ended in order, and then repeats the interrupt that asked for it.
            with suppress(KeyboardInterrupt):
                _run(settings, services, listener, browser=browser)
        finally:
            install(None)


def _give_back_freed_memory() -> None:
    """Let all threads share two pools of freed memory, and return large blocks to the system at once.

    glibc gives each of many threads a pool of its own and, after one large block was freed, keeps all blocks
    that are no larger. Only glibc knows these options (M_ARENA_MAX, M_MMAP_THRESHOLD).
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(-8, 2)
            ctypes.CDLL(None).mallopt(-3, 1 << 20)


def address_of(settings: Settings) -> str:
    """What to type into a browser."""
    host = f"[{settings.address}]" if ":" in settings.address else settings.address
    return f"http://{host}:{settings.port}"


def has_browser(*, terminal: bool, environment: Mapping[str, str], platform: str) -> bool:
    """Whether a person with a screen sits at this machine: not in a pipe, a build, or over SSH."""
    if not terminal or {"CI", "SSH_CONNECTION", "SSH_TTY"} & set(environment):
        return False
    return platform in {"win32", "darwin"} or bool({"DISPLAY", "WAYLAND_DISPLAY"} & set(environment))


def _listen(settings: Settings) -> socket.socket:
    """Bind the port without accepting yet, so that a taken one is said in words."""
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.address, settings.port))
    except OSError as error:
        listener.close()
        # Where Assay itself has the port, another number would be of no use.
        if held := holder(settings.data.resolve()):
            raise busy(settings.data.resolve(), held) from None
        raise SettingError(
            f"ASSAY_PORT is {settings.port}, and that port cannot be used ({error.strerror}).",
            "Close the program that uses it, or set ASSAY_PORT to another number.",
        ) from None
    return listener


def _run(settings: Settings, services: Services, listener: socket.socket, *, browser: bool) -> None:
    import uvicorn
    from streamlit import App, config

    # Streamlit's own options follow the settings: the upload limit of the browser's side, and who listens.
    config.set_option("server.maxUploadSize", settings.upload_mb)
    config.set_option("server.address", settings.address)

    @asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        services.probe_index()
        # What is there now stays, so it need never be looked through for garbage; what comes from now on is.
        gc.freeze()
        gc.enable()
        listener.listen()  # who comes from now on waits for uvicorn, which is about to accept
        print(f"Assay is ready: {address_of(settings)}", flush=True)  # noqa: T201
        if browser:
            _open_browser(address_of(settings))
        yield

    app = deaf_to_clear_cache(App(SCRIPT, lifespan=lifespan))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
    server.run(sockets=[listener])


def deaf_to_clear_cache(app: Asgi) -> Asgi:
    """The same application, which never hears "Clear cache".

    Any browser may send it, whether its menu has it or not. It would empty what is shared by all, and of its
    own tab all that is not saved, whose widgets would then be taken for touched.
    """
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from streamlit.proto.BackMsg_pb2 import BackMsg

    def clears(message: Message) -> bool:
        try:
            return bool(BackMsg.FromString(message.get("bytes") or b"").HasField("clear_cache"))
        except DecodeError:
            # Whatever it is, Streamlit says so.
            return False

    async def hearing(scope: Message, receive: Receive, send: Send) -> None:
        async def heard() -> Message:
            while clears(message := await receive()):
                pass
            return message

        await app(scope, heard if scope["type"] == "websocket" else receive, send)

    return hearing


def _open_browser(address: str) -> None:
    if has_browser(terminal=sys.stdout.isatty(), environment=os.environ, platform=sys.platform):
        # Some browsers keep the one who opens them waiting.
        threading.Thread(target=webbrowser.open, args=(address,), name="browser", daemon=True).start()
