"""`serve`: settings, lock, migration, marks, and only then the web server."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.errors import SettingError
from app.services import Services, install, open_services
from app.settings import Settings

SCRIPT = Path(__file__).resolve().parent.parent / "streamlit_app.py"


def serve(settings: Settings) -> None:
    """Serve the screens until interrupted.

    Raises SettingError, DataFolderBusy, DatabaseTooNew and DatabaseTrouble before anything listens.
    """
    listener = _listen(settings)
    with open_services(settings, f"serving http://{settings.address}:{settings.port}") as services:
        install(services)
        try:
            _run(settings, services, listener)
        finally:
            install(None)


def _listen(settings: Settings) -> socket.socket:
    """Bind the port without accepting yet, so that a taken one is said in words."""
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.address, settings.port))
    except OSError as error:
        listener.close()
        raise SettingError(
            f"ASSAY_PORT is {settings.port}, and that port cannot be used ({error.strerror}).",
            "Close the program that uses it, or set ASSAY_PORT to another number.",
        ) from None
    return listener


def _run(settings: Settings, services: Services, listener: socket.socket) -> None:
    import uvicorn
    from streamlit import App, config

    # The upload limit of the browser's side follows the one setting.
    config.set_option("server.maxUploadSize", settings.upload_mb)

    @asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        services.probe_index()
        print(f"Assay is ready: http://{settings.address}:{settings.port}", flush=True)  # noqa: T201
        yield

    app = App(SCRIPT, lifespan=lifespan)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
    server.run(sockets=[listener])
