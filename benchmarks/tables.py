"""Printing results: tables, goals, intervals, and what machine they were taken on."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil

LIBRARIES = ("streamlit", "chromadb", "llama-index-core", "xllamacpp", "onnxruntime", "sqlalchemy")
RESAMPLES = 2000


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print as a Markdown table; numbers are right-aligned."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in [list(columns), *cells]) for place in range(len(columns))]
    right = [place > 0 and all(_numeric(row[place]) for row in cells) for place in range(len(columns))]
    print(f"**{title}**\n")
    print(_line(columns, widths, right))
    print(
        "|"
        + "|".join("-" * (width + 1) + (":" if r else "-") for width, r in zip(widths, right, strict=True))
        + "|"
    )
    for row in cells:
        print(_line(row, widths, right))
    print(flush=True)


def goal(what: str, value: float, *, at_most: float | None = None, at_least: float | None = None) -> bool:
    """Print whether a goal is met; returns it."""
    if at_most is not None:
        met, words = value <= at_most, f"at most {at_most:g}"
    else:
        met, words = value >= (at_least or 0.0), f"at least {at_least:g}"
    print(f"Goal {'met' if met else 'MISSED'}: {what} {value:.3g}, wanted {words}.\n", flush=True)
    return met


def median(values: Sequence[float]) -> float:
    """The median."""
    return float(np.median(values))


def ratio_of_medians(first: Sequence[float], second: Sequence[float]) -> tuple[float, float, float]:
    """median(first) / median(second) with its 95% bootstrap interval over pairs: (ratio, low, high)."""
    pairs = np.array([first, second], dtype=float)
    chance = np.random.default_rng(1)
    drawn = pairs[:, chance.integers(0, pairs.shape[1], (RESAMPLES, pairs.shape[1]))]
    medians = np.median(drawn, axis=2)
    low, high = np.percentile(medians[0] / medians[1], [2.5, 97.5])
    return median(first) / median(second), float(low), float(high)


def seconds(value: float) -> str:
    """A span in the unit that reads well."""
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def machine() -> list[tuple[str, str]]:
    """Facts of the machine that a reader needs in order to compare."""
    memory = psutil.virtual_memory().total / 2**30
    load = " ".join(f"{one:.2f}" for one in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return [
        ("processor", _processor()),
        ("cores", str(os.cpu_count())),
        ("memory", f"{memory:.0f} GiB"),
        ("system", f"{platform.system()} {platform.release()}"),
        ("load (1, 5, 15 min)", load),
        ("Python", platform.python_version()),
        ("SQLite", sqlite3.sqlite_version),
        *((name, version(name)) for name in LIBRARIES),
    ]


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _numeric(cell: str) -> bool:
    return (bool(cell) and (cell[0].isdigit() or cell[0] in "-+.")) or cell in {"", "unknown"}


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    aligned = (
        cell.rjust(width) if r else cell.ljust(width)
        for cell, width, r in zip(cells, widths, right, strict=True)
    )
    return "| " + " | ".join(aligned) + " |"
