"""The home page, through the real entry and over real rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.domain import Candidate, Collection, Judgement, Mark, Retrieval
from app.services import Services
from app.ui.findings import DIFFERENT
from app.ui.verdict import now_or_then
from tests.ui.opened import ROOT, SECONDS, FakeServer, filled, opened
from tests.ui.streamlit_markdown import bare

NOW = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch, FakeServer(models=("tiny", "large"))) as (made, _):
        yield made


@pytest.fixture
def ropes(services: Services) -> Collection:
    return filled(services, "Ropes $5 and $6", rope="The rope is red.")


def home(**address: str) -> AppTest:
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=SECONDS)
    for key, value in address.items():
        test.query_params[key] = value
    return test.run()


def ask(services: Services, text: str, *candidates: Candidate, collection: str = "", marks: str = "") -> str:
    """Ask and wait; ``marks`` has a letter for each lane: r(ight), w(rong), c(an't tell)."""
    question_id = services.comparing.ask(text, candidates, collection, "me")
    kinds = {"r": Judgement.RIGHT, "w": Judgement.WRONG, "c": Judgement.CANNOT_TELL}
    for _ in range(500):
        view = services.comparing.view(question_id)
        if view is not None and not view.busy:
            break
        time.sleep(0.02)
    for letter, answer in zip(marks, services.answers.answers(question_id), strict=False):
        services.answers.mark(answer.id, Mark(kinds[letter], "", NOW))
    return question_id


def pair(collection: Collection) -> tuple[Candidate, Candidate]:
    return Candidate("fake", "tiny", retrieval=Retrieval(collection.id)), Candidate("fake", "tiny")


def test_a_first_start_offers_the_sample(services: Services) -> None:
    test = home()
    assert not test.exception
    assert [one.label for one in test.button] == ["Open the sample workspace"]
    assert "Nothing was asked yet" in bare(test)


def test_with_documents_but_no_question_it_leads_to_ask(services: Services, ropes: Collection) -> None:
    test = home()
    assert not test.exception
    assert "Ask a question" in bare(test)
    assert not test.button


def test_the_sentence_the_figures_and_four_charts(services: Services, ropes: Collection) -> None:
    for place in range(12):
        ask(services, f"Question {place}?", *pair(ropes), collection=ropes.id, marks="rw")
    test = home()
    assert not test.exception
    told = bare(test)
    assert "On the 12 questions that all answered, tiny with documents was judged right 100% (76-100)" in told
    assert "the difference is clear" in told
    assert test.metric[0].value == "100% (76-100)"
    assert len(test.get("plotly_chart")) == 4
    assert test.query_params["of"] == "all"
    assert test.query_params["collection"] == ropes.id


def test_names_read_as_typed(services: Services, ropes: Collection) -> None:
    ask(services, "Q?", *pair(ropes), collection=ropes.id)
    test = home()
    assert "Ropes $5 and $6" in test.selectbox(key="verdict-of").options


def test_different_questions_are_no_comparison(services: Services, ropes: Collection) -> None:
    given, without = pair(ropes)
    ask(services, "One?", given, collection=ropes.id, marks="r")
    ask(services, "Two?", without, marks="w")
    test = home()
    assert not test.exception
    assert "not a comparison" in bare(test)
    assert DIFFERENT in str(test.get("plotly_chart")[0].proto)


def test_a_filter_stands_in_the_address_and_is_read_from_it(services: Services, ropes: Collection) -> None:
    ask(services, "One?", *pair(ropes), collection=ropes.id, marks="rw")
    first = services.reports.order()[0][0]
    test = home(candidate=first, since="7d", of=ropes.id)
    assert not test.exception
    assert test.selectbox(key="verdict-of").value == ropes.id
    assert test.selectbox(key="verdict-since").value == "7d"
    assert test.multiselect(key="verdict-candidates").value == [first]
    test.selectbox(key="verdict-since").set_value("1d").run()
    assert test.query_params["since"] == "1d"


@pytest.mark.parametrize(
    "address", [{"of": "gone", "since": "never", "candidate": "x"}, {"collection": "gone"}]
)
def test_an_address_of_something_gone_is_survived(
    services: Services, ropes: Collection, address: dict[str, str]
) -> None:
    ask(services, "One?", *pair(ropes), collection=ropes.id)
    assert not home(**address).exception


def test_failed_answers_are_counted_and_costs_unknown_told(services: Services, ropes: Collection) -> None:
    ask(services, "One?", Candidate("fake", "missing"), Candidate("gone", "x"))
    test = home()
    assert not test.exception
    assert "not known yet" in [one.value for one in test.metric]


def test_a_period_ends_now() -> None:
    assert now_or_then("all") is None
    assert now_or_then("nonsense") is None
    assert now_or_then("7d", now=NOW) == NOW - timedelta(days=7)
