"""(d) Home with 100,000 logged answers, beside 1,000."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain import AnswerFilter
from benchmarks import running
from benchmarks.filled import LOGGED, fill
from benchmarks.tables import goal, median, print_table, seconds
from storage.database import Database
from storage.reports import Reports

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SIZES = (LOGGED, 100_000)
ROUNDS = 7
GOAL_SECONDS = 1.0


def main() -> None:
    opened = GOAL_SECONDS
    with tempfile.TemporaryDirectory() as scratch, running.browser() as chromium:
        for size in SIZES:
            folder = Path(scratch) / str(size)
            fill(folder, size)
            queries(folder, size)
            if chromium is None:
                print("No Chromium here: the page itself was not measured.\n")
            else:
                opened = page(chromium, folder, size)
    if chromium is not None:
        goal(f"home with {SIZES[-1]:,} answers is drawn after (s)", opened, at_most=GOAL_SECONDS)


def queries(folder: Path, size: int) -> None:
    """Each query of home by itself."""
    database = Database.open(folder)
    try:
        reports, everything = Reports(database), AnswerFilter()
        asked: dict[str, Callable[[], object]] = {
            "by candidate": lambda: reports.by_candidate(everything),
            "common questions": lambda: reports.common_questions(everything),
            "by candidate, common questions only": lambda: reports.by_candidate(everything, common_only=True),
            "right": lambda: reports.right(everything),
            "points": lambda: reports.points(everything, limit=2000),
            "spend by day": lambda: reports.spend(everything),
        }
        rows = [(name, *_taken(query)) for name, query in asked.items()]
    finally:
        database.close()
    print_table(f"Queries over {size:,} answers", ("query", "median", "most"), rows)


def page(chromium: Browser, folder: Path, size: int) -> float:
    """The page in a browser; returns the median of opening it from another page, in seconds."""
    with running.assay(folder) as (address, _pid):
        tab = chromium.new_page()
        tab.goto(address)
        running.wait_until_drawn(tab, ".js-plotly-plot")

        def reload() -> None:
            tab.reload(wait_until="commit")
            running.wait_until_drawn(tab, ".js-plotly-plot")

        def come_back() -> None:
            links = tab.locator('[data-testid="stSidebarNavLink"]')
            links.nth(1).click()
            tab.wait_for_function("() => !document.querySelector('.js-plotly-plot')")
            running.wait_until_drawn(tab)
            began = time.monotonic()
            links.nth(0).click()
            running.wait_until_drawn(tab, ".js-plotly-plot")
            spans.append(time.monotonic() - began)

        spans: list[float] = []
        for _ in range(ROUNDS):
            come_back()
        rows = [
            ("from another page", seconds(median(spans)), seconds(max(spans))),
            ("reload of the browser's tab", *_taken(reload)),
        ]
        tab.close()
    print_table(f"Home with {size:,} answers: until the charts stand", ("how", "median", "most"), rows)
    return median(spans)


def _taken(action: Callable[[], object]) -> tuple[str, str]:
    action()
    spans: list[float] = []
    for _ in range(ROUNDS):
        began = time.monotonic()
        action()
        spans.append(time.monotonic() - began)
    return seconds(median(spans)), seconds(max(spans))


if __name__ == "__main__":
    main()
