"""(d) Home with 100,000 logged answers, and with 1,000,000 and 200 experiments, beside 1,000."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain import AnswerFilter
from benchmarks import running
from benchmarks.filled import LOGGED, fill
from benchmarks.filled_experiment import copy_experiments, fill_experiment
from benchmarks.tables import goal, median, print_table, seconds
from storage.database import Database
from storage.reports import Reports

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SIZES = ((LOGGED, 0), (100_000, 0), (1_000_000, 200))
"""Answers that were asked, and experiments besides."""
CANDIDATES, CASES = 6, 60
"""Of each experiment."""
ROUNDS = 7
GOAL_SECONDS = 1.0


def main() -> None:
    opened: dict[int, float] = {}
    for size, experiments in SIZES:
        with tempfile.TemporaryDirectory() as scratch, running.browser() as chromium:
            folder = Path(scratch)
            _fill(folder, size, experiments)
            queries(folder, size)
            if chromium is None:
                print("No Chromium here: the page itself was not measured.\n")
            else:
                opened[size] = page(chromium, folder, size)
    for size, experiments in SIZES[1:]:
        more = f" and {experiments} experiments" if experiments else ""
        if size in opened:
            goal(f"home with {size:,} answers{more} is drawn after (s)", opened[size], at_most=GOAL_SECONDS)


def _fill(folder: Path, size: int, experiments: int) -> None:
    began = time.monotonic()
    if experiments:
        fill_experiment(folder, CANDIDATES, CASES)
        copy_experiments(folder, experiments - 1)
    fill(folder, size)
    print(f"({size:,} answers and {experiments} experiments were made in {time.monotonic() - began:.0f} s)\n")


def queries(folder: Path, size: int) -> None:
    """Each query of home by itself."""
    database = Database.open(folder)
    try:
        everything = AnswerFilter()
        month = AnswerFilter(since=datetime.now(UTC) - timedelta(days=30))

        def anew() -> Reports:
            return Reports(database)

        asked: dict[str, Callable[[], object]] = {
            "by candidate": lambda: anew().by_candidate(everything),
            "by candidate, common questions only": lambda: anew().by_candidate(everything, common_only=True),
            "right": lambda: anew().right(everything),
            "right, last 30 of 180 days": lambda: anew().right(month),
            "points": lambda: anew().points(everything),
            "points, common questions only": lambda: anew().points(everything, common_only=True),
            "points, last 30 of 180 days": lambda: anew().points(month, common_only=True),
            "how they were priced": lambda: anew().priced(everything),
            "collections": lambda: anew().collections(),
            "spend by day (page of costs)": lambda: anew().spend(everything),
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

        switch = tab.get_by_role("radiogroup", name="What is shown").get_by_role("radio")

        def to_asked() -> float:
            switch.first.click()
            tab.get_by_text("How often was each right?").wait_for()
            began = time.monotonic()
            switch.last.click()
            tab.get_by_text("Everything asked, by candidate").wait_for()
            running.wait_until_drawn(tab, ".js-plotly-plot")
            return time.monotonic() - began

        spans: list[float] = []
        for _ in range(ROUNDS):
            come_back()
        rows = [
            ("from another page", seconds(median(spans)), seconds(max(spans))),
            ("reload of the browser's tab", *_taken(reload)),
        ]
        if switch.count():
            switched = [to_asked() for _ in range(ROUNDS)]
            rows.append(("from an experiment to what was asked", *_spans(switched)))
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
    return _spans(spans)


def _spans(spans: Sequence[float]) -> tuple[str, str]:
    return seconds(median(spans)), seconds(max(spans))


if __name__ == "__main__":
    main()
