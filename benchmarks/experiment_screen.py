"""(k) The screen of an experiment with 20,000 answers, beside a small one, and home that begins with it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.evaluation.experiments.examining import Examining
from benchmarks import running
from benchmarks.filled_experiment import fill_experiment
from benchmarks.tables import goal, median, print_table, seconds
from storage.database import Database
from storage.datasets import Datasets
from storage.experiments import Experiments

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = ((5, 20), (20, 1000))
"""Candidates and questions."""
ROUNDS = 5
GOAL_SECONDS = 1.0
CHARTS, GRID = ".js-plotly-plot", ".st-key-result-grid-open"
"""What has to stand: the charts, and the box below the grid."""


def main() -> None:
    drawn = computed = 0.0
    with tempfile.TemporaryDirectory() as scratch, running.browser() as chromium:
        for candidates, cases in SIZES:
            folder, answers = Path(scratch) / str(cases), candidates * cases
            experiment = fill_experiment(folder, candidates, cases)
            computed = computing(folder, experiment, answers)
            if chromium is None:
                print("No Chromium here: the page itself was not measured.\n")
            else:
                drawn = page(chromium, folder, experiment, answers)
    goal(
        "what 20,000 answers come to is computed, where nothing is known yet, after (s)",
        computed,
        at_most=GOAL_SECONDS,
    )
    if chromium is not None:
        goal("the experiment with 20,000 answers is drawn after (s)", drawn, at_most=GOAL_SECONDS)


def computing(folder: Path, experiment: str, answers: int) -> float:
    """Everything that the screen tells, computed anew each time; returns the median in seconds."""
    database = Database.open(folder)
    try:
        experiments, datasets = Experiments(database), Datasets(database)

        def anew() -> None:
            Examining(experiments, datasets, lambda: 0).of(experiment)

        spans = _taken(anew)
        kept = Examining(experiments, datasets, lambda: 0)
        again = _taken(lambda: kept.of(experiment))
        trials = _taken(lambda: experiments.trials(experiment))
    finally:
        database.close()
    rows = [
        ("all of it, after a change", seconds(median(spans)), seconds(max(spans))),
        ("of this reading the answers", seconds(median(trials)), seconds(max(trials))),
        ("all of it, nothing has changed", seconds(median(again)), seconds(max(again))),
    ]
    print_table(f"What {answers:,} answers come to", ("what", "median", "most"), rows)
    return median(spans)


def page(chromium: Browser, folder: Path, experiment: str, answers: int) -> float:
    """The page in a browser; returns the median of opening it from another page, in seconds."""
    with running.assay(folder) as (address, _pid):
        tab = chromium.new_page()
        tab.goto(f"{address}/?experiment={experiment}")
        running.wait_until_drawn(tab, CHARTS)
        whole = [_opened(tab) for _ in range(ROUNDS)]
        filtered = [_filtered(tab) for _ in range(ROUNDS)]
        home = [_home(tab) for _ in range(ROUNDS)]
        tab.close()
    rows = [
        (name, seconds(median(spans)), seconds(max(spans)))
        for name, spans in (
            ("the experiment, from home", whole),
            ("a filter of its grid", filtered),
            ("home, from another page", home),
        )
    ]
    print_table(f"{answers:,} answers: until all of the page stands", ("what", "median", "most"), rows)
    return median(whole)


def _opened(tab: Page) -> float:
    """From home to the whole experiment."""
    _go_home(tab)
    began = time.monotonic()
    tab.get_by_role("link", name="The whole experiment").click()
    running.wait_until_drawn(tab, CHARTS, GRID)
    return time.monotonic() - began


def _filtered(tab: Page) -> float:
    """Another text to look for."""
    box = tab.get_by_label("Words in the question or its answers")
    wanted = "rope 1" if box.input_value() != "rope 1" else "rope 2"
    began = time.monotonic()
    box.fill(wanted)
    box.press("Enter")
    tab.wait_for_function(f"() => location.search.includes('text={wanted.replace(' ', '+')}')")
    running.wait_until_drawn(tab, GRID)
    return time.monotonic() - began


def _home(tab: Page) -> float:
    links = tab.locator('[data-testid="stSidebarNavLink"]')
    links.nth(3).click()
    tab.wait_for_function("() => !document.querySelector('.js-plotly-plot')")
    running.wait_until_drawn(tab)
    began = time.monotonic()
    links.nth(0).click()
    running.wait_until_drawn(tab, CHARTS)
    return time.monotonic() - began


def _go_home(tab: Page) -> None:
    tab.locator('[data-testid="stSidebarNavLink"]').nth(0).click()
    tab.get_by_role("link", name="The whole experiment").wait_for()
    running.wait_until_drawn(tab, CHARTS)


def _taken(action: Callable[[], object]) -> list[float]:
    spans: list[float] = []
    for _ in range(ROUNDS):
        began = time.monotonic()
        action()
        spans.append(time.monotonic() - began)
    return spans


if __name__ == "__main__":
    main()
