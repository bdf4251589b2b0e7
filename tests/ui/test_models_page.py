"""The Models page over a fake server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.domain import HealthState, Model, PullView
from app.errors import BackendDown
from app.services import Services
from app.ui.models import pull_words
from tests.ui.opened import FakeServer, filled, opened, page
from tests.ui.streamlit_markdown import bare

pytestmark = pytest.mark.integration


class Broken(FakeServer):
    """Says that it is ready, and fails when it is asked for its models."""

    def models(self) -> list:  # type: ignore[type-arg]
        raise BackendDown("Nobody answers at $9 and $10.", "Start it.")


@pytest.fixture
def fake() -> FakeServer:
    return FakeServer(models=("tiny", "words"))


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: FakeServer) -> Iterator[Services]:
    broken = Broken("broken")
    down = FakeServer("down")
    down.state = HealthState.DOWN
    with opened(tmp_path, monkeypatch, fake, broken, down) as (made, _):
        yield made


def until(test: AppTest, words: str) -> None:
    for _ in range(200):
        if words in bare(test):
            return
        time.sleep(0.02)
        test.run()
    raise AssertionError(bare(test))


def test_one_block_a_backend_and_no_fault_takes_the_page_down(services: Services) -> None:
    test = page("models").run()
    assert not test.exception
    told = bare(test)
    assert "Nobody answers at $9 and $10" in told
    assert "Start it" in told
    assert "down: down" in told
    assert [one.label for one in test.button if one.key == "retry-down"] == ["Retry"]
    assert len(test.dataframe) == 1


def test_a_server_that_is_back_shows_at_retry(services: Services, fake: FakeServer) -> None:
    fake.state = HealthState.DOWN
    test = page("models").run()
    assert not test.dataframe
    fake.state = HealthState.READY
    test.button(key="retry-fake").click().run()
    assert len(test.dataframe) == 1


def test_a_model_is_fetched(services: Services) -> None:
    test = page("models").run()
    test.text_input(key="pull-name-fake").set_value("new:1b")
    next(one for one in test.button if one.label == "Fetch").click().run()
    assert not test.exception
    until(test, "was fetched and can be asked now")
    assert "new:1b" in [str(cell) for cell in test.run().dataframe[0].value["Model"]]
    next(one for one in test.button if one.label == "Hide").click().run()
    assert "was fetched" not in bare(test)


def test_an_empty_name_is_refused_in_words(services: Services) -> None:
    test = page("models").run()
    next(one for one in test.button if one.label == "Fetch").click().run()
    assert "No model was named" in bare(test)


def test_a_model_is_deleted_only_after_its_name_was_typed(services: Services, fake: FakeServer) -> None:
    test = page("models").run()
    test.selectbox(key="delete-fake").set_value("tiny").run()
    assert test.button(key="delete-go-fake").disabled
    test.text_input(key="delete-typed-fake").set_value("tiny").run()
    test.button(key="delete-go-fake").click().run()
    assert not test.exception
    assert [one.name for one in fake.models()] == ["words"]


def test_a_model_that_a_collection_is_searched_with_stays(services: Services) -> None:
    filled(services, "Ropes", rope="The rope is red.")
    test = page("models").run()
    test.selectbox(key="delete-fake").set_value("words").run()
    assert "is searched with this model" in bare(test)
    assert not [one for one in test.button if one.key == "delete-go-fake"]


def test_one_prompt_is_tried_and_logged(services: Services, fake: FakeServer) -> None:
    fake.say("It is <b>42</b> ![p](http://e.x)")
    test = page("models").run()
    test.text_area(key="try-prompt-fake").set_value("What is it?")
    next(one for one in test.button if one.label == "Try it").click().run()
    until(test, "tokens out")
    assert "<b>42</b> [picture: p]" in bare(test)
    assert [one.text for one in services.answers.history()] == ["What is it?"]


def test_how_far_a_pull_is() -> None:
    view = PullView("1", "b", "m", "pulling", 310_000_000, 815_000_000, 12_400_000.0)
    assert pull_words(view) == "310 MB of 815 MB, 12.4 MB/s, 41 s left"
    assert pull_words(PullView("1", "b", "m", "starting")) == "starting"


def test_a_mixture_of_experts_says_what_its_parameters_cost(services: Services, fake: FakeServer) -> None:
    fake.models = lambda: [  # type: ignore[method-assign]
        Model("fake", "mix", size=18_600_000_000, parameters=30_500_000_000, active_parameters=3_300_000_000),
        Model("fake", "plain", parameters=8_000_000_000, active_parameters=8_000_000_000),
    ]
    told = bare(page("models").run())
    assert (
        "mix, a mixture of experts: all 30.5 billion parameters must fit in memory (18.6 GB); 3.3 billion"
        in told
    )
    assert "plain, a mixture" not in told
