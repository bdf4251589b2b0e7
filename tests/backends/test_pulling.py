"""Fetching models in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from app.backends.base import Backend, Cancel
from app.backends.pulling import Pulls, _Pull
from app.domain import PullProgress, PullView
from app.errors import BackendError, ModelMissing, NotAllowed, NotFound
from tests.fakes import FakeBackend

Step = PullProgress | BackendError | threading.Event


class Fetching(FakeBackend):
    """Gives its steps one by one; an event is waited for, an error raised."""

    def __init__(self, *steps: Step) -> None:
        super().__init__()
        self.steps = steps
        self.pulled: list[str] = []
        self.deleted: list[str] = []

    def pull(self, model: str, cancel: Cancel) -> Iterator[PullProgress]:
        self.pulled.append(model)
        for step in self.steps:
            if isinstance(step, threading.Event):
                cancel.on_cancel(step.set)
                assert step.wait(30)
            elif isinstance(step, PullProgress):
                yield step
            else:
                raise step
            if cancel.cancelled:
                return

    def delete(self, model: str) -> None:
        self.deleted.append(model)


class OneBackend:
    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def get(self, name: str) -> Backend:
        if name != self.backend.name:
            raise NotFound(f"There is no backend {name}.")
        return self.backend


def made(*steps: Step, clock: Callable[[], float] | None = None) -> tuple[Pulls, Fetching]:
    backend = Fetching(*steps)
    backends = OneBackend(backend)
    return (Pulls(backends, clock) if clock else Pulls(backends)), backend


def ended(pulls: Pulls, pull_id: str) -> PullView:
    for thread in threading.enumerate():
        if thread.name == f"pull-{pull_id}":
            thread.join(30)
    view = pulls.view(pull_id)
    assert view is not None
    assert not view.busy
    return view


def test_a_pull_runs_to_its_end() -> None:
    pulls, backend = made(PullProgress("pulling", 5, 10), PullProgress("success", 10, 10))
    view = ended(pulls, pulls.start(backend.name, " m:1b "))
    assert backend.pulled == ["m:1b"]
    assert (view.model, view.done, view.total) == ("m:1b", 10, 10)
    assert (view.error, view.cancelled, view.speed) == ("", False, None)


def test_the_speed_is_that_of_the_last_seconds() -> None:
    hold = threading.Event()
    reached = threading.Event()
    times = iter([0.0, 1.0, 10.0, 11.0])
    steps = [PullProgress("a", done, 1000) for done in (0, 100, 200, 400)]

    def clock() -> float:
        now = next(times)
        if now == 11.0:
            reached.set()
        return now

    pulls, backend = made(*steps, hold, clock=clock)
    pull_id = pulls.start(backend.name, "m")
    assert reached.wait(30)
    while (view := pulls.view(pull_id)) and view.done != 400:
        threading.Event().wait(0.001)
    assert view is not None
    assert view.speed == pytest.approx((400 - 200) / 1.0)
    hold.set()
    ended(pulls, pull_id)


def seen(*steps: tuple[float, str, int]) -> list[float | None]:
    """The speed that is shown after each count of bytes, with its time and the layer that is fetched."""
    times, speeds = iter([when for when, *_ in steps]), []
    pulls, _ = made(clock=lambda: next(times))
    pull = _Pull(PullView("P", "fake", "m", ""))
    for _, layer, done in steps:
        pulls._note(pull, PullProgress(layer, done, 1000))
        speeds.append(pull.view.speed)
    return speeds


def test_what_was_fetched_before_it_was_cancelled_is_in_no_speed() -> None:
    """Ollama counts a layer from 0, and a moment later what it had of it; the sum is of all layers."""
    one = seen((0.0, "a", 0), (0.1, "a", 800), (0.2, "a", 806), (1.2, "a", 866))
    assert one == [None, None, None, pytest.approx(60.0)]
    other = seen((9.0, "a", 500), (9.1, "b", 500), (9.2, "b", 900), (9.7, "b", 905), (10.2, "b", 910))
    assert other == [None, None, None, None, pytest.approx(10.0)]


def test_a_moment_tells_no_speed() -> None:
    assert seen((0.0, "a", 0), (0.1, "a", 1), (0.9, "a", 600), (1.1, "a", 601))[2:] == [
        None,
        pytest.approx(600.0),
    ]


def test_after_a_pause_the_speed_is_that_of_the_pause_and_never_unknown() -> None:
    counts = [(0.0, 0), (1.0, 100), (3.0, 200), (10.0, 201), (10.2, 210), (11.0, 250)]
    speeds = seen(*[(when, "a", done) for when, done in counts])
    assert speeds[:2] == [None, None]
    assert speeds[2:] == [pytest.approx(one) for one in (50.0, 1 / 7, 10 / 7.2, 49.0)]


def test_a_new_layer_does_not_run_backwards() -> None:
    hold = threading.Event()
    pulls, backend = made(PullProgress("a", 900, 1000), PullProgress("b", 1, 5), hold)
    pull_id = pulls.start(backend.name, "m")
    while (view := pulls.view(pull_id)) and view.done != 1:
        threading.Event().wait(0.001)
    assert view is not None
    assert view.speed is None
    hold.set()
    ended(pulls, pull_id)


def test_an_error_is_told_and_another_try_is_allowed() -> None:
    pulls, backend = made(PullProgress("a", 1, 2), ModelMissing("There is no model m.", "Check its name."))
    first = pulls.start(backend.name, "m")
    view = ended(pulls, first)
    assert (view.error, view.remedy) == ("There is no model m.", "Check its name.")
    second = pulls.start(backend.name, "m")
    assert second != first
    ended(pulls, second)
    assert [one.id for one in pulls.recent(backend.name)] == [second, first]
    pulls.dismiss(first)
    assert pulls.view(first) is None


def test_cancel_ends_it_at_once_and_is_no_error() -> None:
    hold = threading.Event()
    pulls, backend = made(PullProgress("a", 1, 2), hold, ModelMissing("never"))
    pull_id = pulls.start(backend.name, "m")
    assert pulls.start(backend.name, "m") == pull_id, "the same model is not fetched twice at a time"
    with pytest.raises(NotAllowed):
        pulls.delete(backend.name, "m")
    pulls.dismiss(pull_id)
    assert pulls.view(pull_id) is not None, "a running one cannot be hidden"
    pulls.cancel(pull_id)
    view = ended(pulls, pull_id)
    assert view.cancelled
    assert view.error == ""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_our_own_ends_it_in_words() -> None:
    pulls, backend = made()
    backend.steps = (None,)  # type: ignore[assignment]
    view = ended(pulls, pulls.start(backend.name, "m"))
    assert view.error.startswith("Something went wrong inside Assay")


def test_what_is_refused() -> None:
    pulls, backend = made()
    with pytest.raises(NotAllowed):
        pulls.start(backend.name, "  ")
    with pytest.raises(NotFound):
        pulls.start("nowhere", "m")
    assert pulls.can(backend.name)
    pulls.delete(backend.name, "m")
    assert backend.deleted == ["m"]
    pulls.cancel("unknown")
    assert pulls.view("unknown") is None


def test_a_backend_without_models_to_manage_is_refused_in_words() -> None:
    class Fixed:
        name = "fixed"

    pulls = Pulls(OneBackend(Fixed()))  # type: ignore[arg-type]
    assert not pulls.can("fixed")
    with pytest.raises(NotAllowed, match="cannot fetch models"):
        pulls.start("fixed", "m")


def test_only_the_latest_are_kept() -> None:
    pulls, backend = made()
    ids = []
    for place in range(30):
        ids.append(pulls.start(backend.name, f"m{place}"))
        ended(pulls, ids[-1])
    assert len(pulls.recent(backend.name)) <= 21
    assert pulls.view(ids[-1]) is not None


def test_close_stops_all() -> None:
    hold = threading.Event()
    pulls, backend = made(hold)
    pull_id = pulls.start(backend.name, "m")
    pulls.close()
    assert ended(pulls, pull_id).cancelled


def test_of_a_model_that_is_deleted_no_fetching_is_told() -> None:
    pulls, backend = made(PullProgress("success", 10, 10))
    for name in ("m", "n"):
        ended(pulls, pulls.start(backend.name, name))
    pulls.delete(backend.name, "m:latest")
    assert [view.model for view in pulls.recent(backend.name)] == ["n"]


def test_a_model_that_is_fetched_anew_while_it_is_deleted_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    hold = threading.Event()
    pulls, backend = made(PullProgress("a", 5, 10), hold)
    begun = []

    def delete(model: str) -> None:
        begun.append(pulls.start(backend.name, model))

    monkeypatch.setattr(backend, "delete", delete)
    pulls.delete(backend.name, "m")
    view = pulls.view(begun[0])
    assert view is not None
    assert view.busy
    with pytest.raises(NotAllowed, match="being fetched"):
        pulls.delete(backend.name, "m:latest")
    hold.set()
    ended(pulls, begun[0])
