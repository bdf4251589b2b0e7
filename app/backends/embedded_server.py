"""The child process of the embedded model: ``python -m app.backends.embedded_server``.

Reads one line of JSON from its standard input (see ``ServerOptions``; the key comes this way, as
anybody on the machine can read a command line), loads the model, writes a line with ``READY`` and
its address, and ends when its standard input does: that is when its parent ends, however it ends.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
from dataclasses import asdict, dataclass
from typing import Any

READY = "ASSAY-EMBEDDED-SERVER-READY "
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class ServerOptions:
    """``context`` is the window of one answer in tokens; ``slots`` answers are made at once."""

    model: str
    alias: str
    key: str
    parent: int
    context: int
    slots: int
    threads: int

    def line(self) -> bytes:
        """As written to the child."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @staticmethod
    def read(line: bytes) -> ServerOptions:
        """As read by the child."""
        return ServerOptions(**json.loads(line))


def main() -> None:
    """Serve until standard input ends."""
    line = sys.stdin.buffer.readline()
    if not line:
        return
    options = ServerOptions.read(line)
    die_with_parent(options.parent)
    # Ctrl-C in a terminal goes to the whole group; the parent tells us when it is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        server = _serve(options)
    except (ImportError, OSError, RuntimeError) as error:
        loads = isinstance(error, RuntimeError)
        _say("the weights could not be loaded" if loads else f"xllamacpp cannot be used ({error})")
        # Not a plain exit: that would wait for the thread which waits for the end of input.
        os._exit(1)
    _say(f"{READY}{server.listening_address}")
    threading.Event().wait()


def _say(line: str) -> None:
    # One write, so that no line of the server's own log gets in between.
    os.write(1, f"\n{line}\n".encode())


def die_with_parent(parent: int) -> None:
    """On Linux: be killed when the parent's thread that started us ends, even by SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the line above
            os._exit(0)


def _end_with_input() -> None:
    # The end of input, not a byte: nothing else is ever written. An exit that waits for no thread.
    while sys.stdin.buffer.read(1):
        pass
    os._exit(0)


def _serve(options: ServerOptions) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = options.model
    params.model_alias = {options.alias}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [options.key]
    params.cors_origins = "http://127.0.0.1"
    params.ui = False
    params.endpoint_slots = False
    # What was asked before must not change an answer: a prompt that is remembered in part is worked out in
    # other steps, whose rounding decides between words. With SmolLM2 2 of 9 answers came out otherwise when
    # they were asked for again.
    params.cache_prompt = False
    params.cache_ram_mib = 0
    params.n_parallel = options.slots
    params.n_ctx = options.context * options.slots
    params.n_gpu_layers = 0
    params.cpuparams.n_threads = options.threads
    params.offline = True
    # The window stays as it was set, or the start fails.
    params.fit_params = False
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
