"""A browser's tab without the browser: speaks with Streamlit as its page does, and tells what is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

SECONDS = 60


@contextmanager
def tab(address: str) -> Iterator[ClientConnection]:
    """A tab that is open and has drawn nothing yet."""
    place = urlsplit(address).netloc
    spoken = [Subprotocol("streamlit")]
    with connect(
        f"ws://{place}/_stcore/stream", subprotocols=spoken, origin=Origin(address), proxy=None
    ) as opened:
        yield opened


def drawn(opened: ClientConnection) -> str:
    """Everything that one run of the script draws, as one text."""
    wanted = BackMsg()
    wanted.rerun_script.query_string = ""
    opened.send(wanted.SerializeToString())
    told: list[str] = []
    while True:
        message = ForwardMsg()
        message.ParseFromString(opened.recv(timeout=SECONDS, decode=False))
        kind = message.WhichOneof("type")
        if kind == "delta":
            told.append(str(message.delta))
        if kind == "script_finished":
            return "\n".join(told)
