"""`serve`, with a question asked as a page would ask it, once the app is ready.

    python -m tests.integration.asking_process MODEL

Prints ``answering ID`` when the answer has begun to come.
"""

from __future__ import annotations

import sys
import threading

from app import services as module
from app.cli import main
from app.domain import Candidate

PATIENCE = 1200


def ask(model: str) -> None:
    pause = threading.Event()
    for _ in range(PATIENCE):
        if module._holder.services is not None:
            break
        pause.wait(0.05)
    services = module._holder.services
    assert services is not None
    backend, _, name = model.partition("/")
    question = services.comparing.ask("What is half?", [Candidate(backend, name)], "", "a tab")
    for _ in range(PATIENCE):
        view = services.comparing.view(question)
        if view is not None and view.lanes[0].text:
            break
        pause.wait(0.05)
    sys.stdout.write(f"answering {question}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    threading.Thread(target=ask, args=(sys.argv[1],), daemon=True).start()
    main(["serve"])
