"""Work that lasts: how far it is, how long it takes yet, and its Stop."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest
from streamlit.testing.v1 import AppTest

from app.domain import Reached
from app.errors import NotAllowed
from app.ui.work import Pace
from tests.ui.opened import shown


def test_it_says_how_far_it_is_and_how_long_the_rest_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("app.ui.work.time.monotonic", lambda: now[0])
    pace = Pace("Nothing was added.")
    assert pace.words() == ""
    pace.reached(200, 0)
    assert pace.words() == "", "of how many nobody knows"
    now[0] += 1
    pace.reached(1, 600)
    assert pace.words() == "1 of 600", "too early to tell"
    now[0] += 9
    pace.reached(120, 600)
    assert pace.words() == "120 of 600, about 40 s left"
    pace.reached(600, 600)
    assert pace.words() == "600 of 600"


def test_stopped_it_ends_where_it_next_tells_how_far_it_is() -> None:
    pace = Pace("Nothing was added.")
    pace.reached(1, 3)
    pace.stop()
    assert pace.stopping
    with pytest.raises(NotAllowed) as stopped:
        pace.reached(2, 3)
    assert str(stopped.value) == "Stopped after 2 of 3, as you asked. Nothing was added."
    pace.reached(3, 3)  # What is done cannot be stopped any more.


def _page() -> None:
    import streamlit as st

    from app.ui.work import begin_long, draw_result
    from tests.ui.test_work import WORKING, start

    if not WORKING:
        begin_long("work", "Scoring", start, kept="Nothing was added.")
    st.markdown("page")
    draw_result("work")


WORKING: list[threading.Thread] = []
GO_ON = threading.Event()


def start(reached: Reached) -> Future[str]:
    """Work of 600 steps, which takes the second when it is let."""
    future: Future[str] = Future()
    begun = threading.Event()

    def run() -> None:
        try:
            reached(120, 600)
            begun.set()
            assert GO_ON.wait(20)
            reached(121, 600)
            future.set_result("All is scored.")
        except NotAllowed as error:
            future.set_exception(error)

    WORKING.append(threading.Thread(target=run))
    WORKING[0].start()
    assert begun.wait(20)
    return future


@pytest.mark.parametrize("stopped", [True, False])
def test_on_the_page_it_has_its_stop(stopped: bool) -> None:
    WORKING.clear()
    GO_ON.clear()
    test = AppTest.from_function(_page, default_timeout=30).run()
    assert not test.exception
    assert "Scoring: 120 of 600" in shown(test)
    if stopped:
        test.button(key="work-stop").click().run()
        assert test.button(key="work-stop").label == "Stopping"
        assert test.button(key="work-stop").disabled
    GO_ON.set()
    WORKING[0].join(20)
    test.run()
    assert not test.exception
    words = shown(test).replace("\\", "")
    assert ("Stopped after 121 of 600, as you asked" in words) is stopped
    assert ("Nothing was added" in words) is stopped
    assert ("All is scored." in words) is not stopped


KEPT: list[str] = []
"""What the work of the page below has written."""


def _page_of_what_is_kept() -> None:
    import streamlit as st

    from app.ui.work import begin, draw_result
    from tests.ui.test_work import KEPT, finish_meanwhile, work_to_finish

    if st.button("Add", key="add"):
        begin("work", "Adding", work_to_finish())
    st.markdown(f"There are {len(KEPT)} answers")
    finish_meanwhile()
    draw_result("work")


UNDER_WAY: list[Future[str]] = []


def work_to_finish() -> Future[str]:
    UNDER_WAY.append(Future())
    return UNDER_WAY[-1]


def finish_meanwhile() -> None:
    """The work ends after the page has read what there is, and before it looks whether the work goes on."""
    while UNDER_WAY:
        KEPT.append("answer")
        UNDER_WAY.pop().set_result("1 answer added")


def test_what_ends_while_the_page_is_drawn_is_seen_above_it_too() -> None:
    KEPT.clear()
    test = AppTest.from_function(_page_of_what_is_kept, default_timeout=30).run()
    assert "There are 0 answers" in shown(test)
    test.button(key="add").click().run()
    assert not test.exception
    words = shown(test)
    assert "1 answer added" in words
    assert "There are 1 answers" in words
    assert "There are 0 answers" not in words
