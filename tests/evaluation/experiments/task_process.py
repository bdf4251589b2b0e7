"""Does one task in a process of its own, as a cluster's worker would: pickled in, pickled out.

The answer comes with the names of those libraries that a task must do without and that were loaded.
"""

from __future__ import annotations

import pickle
import sys

from app.evaluation.experiments.asking import anywhere

NOT_NEEDED = {"sqlalchemy", "chromadb", "streamlit", "llama_index"}


def main() -> None:
    task = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the test that started this
    answer = anywhere(task)
    pickle.dump((answer, sorted(NOT_NEEDED & set(sys.modules))), sys.stdout.buffer)


if __name__ == "__main__":
    main()
