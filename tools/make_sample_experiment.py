# ruff: noqa: INP001
"""Run the sample's experiment on a real Ollama and ship what came of it.

Ollama must be running (``OLLAMA_HOST`` says where) and have the models below; nothing of the result is edited
by hand. The file has the models' digests, the machine and every answer in it::

    .venv/bin/python tools/make_sample_experiment.py FOLDER

FOLDER is a data folder for this run alone. Stopped in the middle, the same command goes on where it was.

After a measure changed, the shipped answers are scored anew, and nobody is asked, by::

    .venv/bin/python tools/make_sample_experiment.py FOLDER --rescore
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLAN = Path(__file__).with_name("sample_experiment.toml")
TARGET = ROOT / "app" / "sample" / "experiment.jsonl.gz"


def app(*arguments: str) -> str:
    """What a command of Assay prints; its progress goes to the terminal."""
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 - our own


def newest() -> str:
    """The id of the newest experiment, "" for none but the shipped one."""
    rows = [json.loads(line) for line in app("experiments", "--json").splitlines()]
    return next((row["experiment"] for row in rows if row["name"] == "Sample: three small models"), "")


def main(folder: Path, *, rescore: bool) -> None:
    """Load the sample, run or resume, or score what is shipped anew, and write the file."""
    os.environ["ASSAY_DATA"] = str(folder)
    if not rescore:
        TARGET.unlink(missing_ok=True)
    app("sample")
    known = newest()
    if rescore:
        sys.stdout.write(app("rescore", known))
    else:
        sys.stdout.write(app("run", "--resume", known) if known else app("run", str(PLAN)))
    app("export", "experiment", newest(), "--output", str(TARGET))


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[2:] not in ([], ["--rescore"]):
        sys.exit("Name a data folder for this run, and --rescore where nobody is to be asked.")
    main(Path(sys.argv[1]).resolve(), rescore="--rescore" in sys.argv)
