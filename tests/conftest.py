"""What every test stands on: a clean environment, repeatable property tests, counted trials."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.parts import require

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
KEPT = frozenset({"ASSAY_REQUIRE"})
PARTS = ("integration", "e2e", "kill", "soak")
CLEANED = ("ASSAY_", "OLLAMA_HOST", "OPENAI_", "STREAMLIT_")

settings.register_profile(
    "assay",
    # The machines that run this are small and shared: time is no reason to fail, chance neither.
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("soak", settings.get_profile("assay"), derandomize=False, max_examples=2000)
settings.load_profile("soak" if os.environ.get("SOAK") else "assay")

TRIALS = "trials"
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - what a test writes there is its own, as in any temporary folder
ROOM = 2 << 30
"""Bytes: several times what a run leaves."""


def pytest_configure() -> None:
    """Put the tests' folders into memory where the system has such a place with room.

    A commit waits for the disk, and most of a run was that: the same 40 tests took 51 s and 9 s. A process
    that is killed loses there what it loses on a disk; only a loss of power would be another matter.
    """
    if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM:
        os.environ.setdefault("TMPDIR", str(IN_MEMORY))
        tempfile.tempdir = None  # So that it is looked up anew.


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing that is collected is garbage, and looking for it again and again took a fifth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_xdist_auto_num_workers() -> int | None:
    """One process more than there are cores, since some tests wait, where nobody says how many."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else 1 + (os.cpu_count() or 1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What has a long version is marked so, and what needs no part of its own is marked ``unit``."""
    for item in items:
        if "soak" in getattr(item, "fixturenames", ()):
            item.add_marker("soak")
        if not any(item.get_closest_marker(name) for name in PARTS):
            item.add_marker("unit")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the person who runs the tests reaches them."""
    for name in list(os.environ):
        if name.startswith(CLEANED) and name not in KEPT:
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _log_closed() -> Iterator[None]:
    """The operator's log of one test is not written by the next."""
    yield
    from app.logs import stop_log

    stop_log()


class _Failures(logging.Handler):
    """What went wrong while pages were drawn, with its stack."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(self.format(record))


@pytest.fixture(autouse=True)
def _pages_drawn(request: pytest.FixtureRequest) -> Iterator[None]:
    """A page tells of its own failure in words, so a test of other words would not see it."""
    failures, log = _Failures(), logging.getLogger("app.ui.frame")
    log.addHandler(failures)
    yield
    log.removeHandler(failures)
    if not request.node.get_closest_marker("page_fails"):
        assert not failures.told, "\n".join(failures.told)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real documents that may not be committed; the test skips where it is absent."""
    if not SHARED_DATA.is_dir():
        require("shared", "the folder ../shared/data is not there")
    return SHARED_DATA


@pytest.fixture
def soak() -> bool:
    """Whether the long version of a kill, fault or simulation test was asked for (`make soak`)."""
    return bool(os.environ.get("SOAK"))


@pytest.fixture
def trials(request: pytest.FixtureRequest) -> Callable[[str, int], None]:
    """``trials("kills while ingesting", 12)``: how often a fault was put in, printed at the end."""

    def count(what: str, number: int) -> None:
        # With the test's report, which also comes from the processes that run tests side by side.
        request.node.user_properties.append((TRIALS, f"{number:6d}  {what}"))

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the number of trials of each kill, fault and simulation test."""
    ended = [one for reports in terminalreporter.stats.values() for one in reports]
    called = [one for one in ended if isinstance(one, pytest.TestReport) and one.when == "call"]
    lines = [str(value) for one in called for name, value in one.user_properties if name == TRIALS]
    if lines:
        terminalreporter.section("trials")
        for line in lines:
            terminalreporter.write_line(line)
