"""Fetches one file from an address, when a person asked for it: bounded in size and time, no redirects."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.backends.base import Cancel
from app.backends.failures import Place
from app.backends.transport import Call, Patience, Transport
from app.errors import BackendDown, BackendError, BackendRefused, BackendTimeout, NotAllowed, StreamBroken
from app.settings import Timeouts

MOST_BYTES = 16 * 1024 * 1024
CONNECT_SECONDS = 8.0
SECONDS = 45.0
"""For the whole file: a server that sends drop by drop gains nothing by it."""
TITLE = "The server of the price data"
STAYS = "The prices used before stay in use."


class Fetcher:
    """Fetches the file at ``address`` (http or https) each time that it is told to, and never on its own."""

    def __init__(self, address: str, seconds: float = SECONDS, most: int = MOST_BYTES) -> None:
        parts = urlsplit(address)
        self.address = address
        self._path = parts.path or "/"
        self._seconds, self._most = seconds, most
        self._place = Place(TITLE, f"{parts.scheme}://{parts.netloc}", "")
        timeouts = Timeouts(connect=min(CONNECT_SECONDS, seconds))
        self._transport = Transport(self._place, timeouts)
        self._cancel = Cancel()

    def fetch(self) -> bytes:
        """The file's bytes. Raises BackendError, in words, for whatever goes wrong."""
        try:
            return self._fetched()
        except BackendTimeout as error:
            raise BackendTimeout(error.message, f"Try again later. {STAYS}") from None
        except BackendDown as error:
            raise BackendDown(
                error.message, f"Look at the network, or set ASSAY_PRICES_URL. {STAYS}"
            ) from None
        except StreamBroken:
            raise StreamBroken(
                f"{TITLE} broke off before the file was whole.", f"Try again. {STAYS}"
            ) from None
        except BackendError as error:
            raise BackendRefused(
                error.message, f"Look at the address: ASSAY_PRICES_URL is {self.address}. {STAYS}"
            ) from None

    def stop(self) -> None:
        """Break off what is being fetched, if anything is."""
        self._cancel.cancel()

    def close(self) -> None:
        """Break off what is being fetched; nothing more is."""
        self._transport.close()

    def _fetched(self) -> bytes:
        patience = Patience(self._seconds, self._seconds, "reply")
        body = bytearray()
        self._cancel = cancel = Cancel()
        for _, part in self._transport.chunks(Call("GET", self._path), cancel, patience):
            body += part
            if len(body) > self._most:
                raise BackendRefused(
                    f"{TITLE} sends more than {self._most // 1_000_000} megabytes, which is no price data."
                )
        if cancel.cancelled:
            raise NotAllowed("The update was stopped.", STAYS)
        return bytes(body)
