"""``python -m benchmarks`` runs all, ``python -m benchmarks NAME …`` some, ``--list`` names them.

Each runs in a process of its own, so that none pays for what another imported. Exit 1 if one broke;
a missed goal is said in its table and is no error.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from benchmarks.tables import machine, print_table

ALL = {
    "answer_path": "(a) Assay's way of asking beside the bare HTTP call",
    "ingest": "(b) ingest of 2,000 passages beside bare embed + add, and beside LlamaIndex",
    "start": "(c) process start to first usable screen",
    "home": "(d) home with 100,000 logged answers, and with 1,000,000 and 200 experiments",
    "memory": "(e) the server's memory after the sample and 20 questions",
    "rebuild": "(f) rebuild of 20,000 passages from SQL",
    "groundedness": "(g) grounded share on human labels beside token overlap, ROUGE-2 and a small judge",
    "statistics": "(h) intervals and tests of all pairs of 10 candidates on 10,000 questions",
    "experiment_speed": "(j) answers a minute of an experiment beside bare calls",
    "causes": "(k) causes of faults made on purpose: which are found, and as what the others",
    "index_recall": "(l) the index beside exact search at 20,000 passages: recall and time",
    "experiment_screen": "(m) the screen of an experiment with 20,000 answers",
    "abstention": "(n) abstentions told, on labelled answers in seven languages and our own in thirteen",
    "votes": "(o) Bradley-Terry with bootstrap for 20 candidates and 20,000 votes",
    "watched": "(p) how late answers are told while a browser looks on",
    "report": "(q) the report of an experiment as a file: time and size",
    "coverage": "(i) how often intervals hold the truth, beside methods not taken; false alarms",
}


def main() -> int:
    """Run what was asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ALL))
    parser.add_argument("--list", action="store_true", help="name the benchmarks and stop")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(ALL):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(ALL)}")
    if chosen.list:
        print_table("Benchmarks", ("name", "what"), list(ALL.items()))
        return 0
    print_table("The machine", ("what", "is"), machine())
    broken = [name for name in chosen.names or ALL if not run(name)]
    if broken:
        print(f"Broken: {', '.join(broken)}")
    return 1 if broken else 0


def run(name: str) -> bool:
    """Run one and say how long it took; False if it broke."""
    print(f"\n# {name}: {ALL[name]}\n", flush=True)
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False)
    print(f"({name} took {time.monotonic() - began:.0f} s)", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
