"""The home page, through the real entry and over real rows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.costs.machines import machine_cost
from app.domain import (
    AnswerFilter,
    AnswerState,
    Candidate,
    Collection,
    Cost,
    Figure,
    Judgement,
    MachineAssumptions,
    Mark,
    Options,
    Retrieval,
    Timing,
    Usage,
)
from app.services import Services
from app.ui import tables
from app.ui.findings import ASK_IN_TURN, DIFFERENT, NOT_ALONE
from app.ui.safe import unbroken
from app.ui.tables import Table
from app.ui.verdict import _judged, now_or_then
from tests.experiments import given, kept
from tests.ui.opened import EMBEDDER, ROOT, SECONDS, FakeServer, filled, opened
from tests.ui.streamlit_markdown import bare

pytestmark = pytest.mark.integration

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


def ended(services: Services, question_id: str, state: AnswerState) -> None:
    """Make the answers to a question end like this."""
    for answer in services.answers.answers(question_id):
        services.answers.finish(replace(answer, state=state))


def chart(test: AppTest, place: int) -> str:
    """A chart as the browser gets it, in one line: titles are broken into lines of their own."""
    told = json.dumps(json.loads(test.get("plotly_chart")[place].proto.spec), ensure_ascii=False)
    return told.replace("<br>", " ").replace("</b> <b>", " ")


def pair(collection: Collection) -> tuple[Candidate, Candidate]:
    return Candidate("fake", "tiny", retrieval=Retrieval(collection.id)), Candidate("fake", "tiny")


def test_a_first_start_offers_the_sample(services: Services) -> None:
    test = home()
    assert not test.exception
    assert [one.label for one in test.button] == ["Open the sample workspace"]
    assert "Nothing was asked yet" in bare(test)
    assert "Assay measures small and large models on your own documents" in bare(test)


def test_with_documents_but_no_question_it_leads_to_ask(services: Services, ropes: Collection) -> None:
    test = home()
    assert not test.exception
    assert "Ask a question" in bare(test)
    assert not test.button


def test_home_shows_an_experiment_or_what_was_asked_by_hand(services: Services) -> None:
    one = kept(services.experiments, services.datasets, [given()], "rrw", name="Ropes")
    assert "verdict-view" not in {control.key for control in home().segmented_control}, "nothing was asked"
    ask(services, "Which colour?", Candidate("fake", "tiny"))
    test = home()
    switch = test.segmented_control(key="verdict-view")
    assert [one.content for one in switch.proto.options] == [
        ":gray[The experiment]",
        ":gray[Asked so far (1)]",
    ]
    assert switch.value == ""
    assert test.title[0].value == "Verdict"
    assert not test.get("multiselect"), "the charts of what was asked are not drawn below it"
    switch.set_value("asked").run()
    assert not test.exception
    assert test.query_params["view"] == "asked"
    assert test.title[0].value == "What was asked so far"
    assert "was right 67% of the time" not in bare(test)
    assert home(view="asked", present="yes").title == [], "presented is the experiment"
    test.segmented_control(key="verdict-view").set_value("").run()
    assert "view" not in test.query_params
    assert test.selectbox(key="verdict-experiment").value == one.id


def test_the_sentence_the_figures_and_four_charts(services: Services, ropes: Collection) -> None:
    for place in range(12):
        ask(services, f"Question {place}?", *pair(ropes), collection=ropes.id, marks="rw")
    test = home()
    assert not test.exception
    told = bare(test)
    assert "On the 12 questions judged for both of them, tiny with documents was judged right 100%" in told
    assert "the difference is clear" in told
    assert test.metric[0].value == "100% (76-100)"
    assert len(test.get("plotly_chart")) == 4
    assert test.query_params["of"] == ropes.id
    assert test.query_params["collection"] == ropes.id


def test_what_failed_or_was_cut_short_is_not_right(services: Services, ropes: Collection) -> None:
    given, _ = pair(ropes)
    ask(services, "Right?", given, collection=ropes.id, marks="r")
    for place in range(4):
        ended(services, ask(services, f"Failed {place}?", given, collection=ropes.id), AnswerState.FAILED)
    ended(services, ask(services, "Cut?", given, collection=ropes.id), AnswerState.CUT_SHORT)
    marked = ask(services, "Cut but right?", given, collection=ropes.id, marks="r")
    ended(services, marked, AnswerState.CUT_SHORT)
    ended(services, ask(services, "Stopped?", given, collection=ropes.id), AnswerState.STOPPED)
    test = home()
    assert test.metric[0].value == "29% (8-64)", "2 of 7"
    assert "on 7 questions" in bare(test)
    assert "4 failed and 1 cut short count as not right" in chart(test, 0)
    assert "stopped is left out" in test.metric[0].help


@pytest.mark.parametrize(
    ("state", "mark", "words"),
    [
        (AnswerState.FAILED, "", "counts as not right"),
        (AnswerState.CUT_SHORT, "", "counts as not right"),
        (AnswerState.CUT_SHORT, "r", "right"),
        (AnswerState.STOPPED, "", "not judged"),
        (AnswerState.COMPLETE, "c", "can't tell"),
    ],
)
def test_the_list_of_answers_says_how_each_counts(
    services: Services, ropes: Collection, state: AnswerState, mark: str, words: str
) -> None:
    question_id = ask(services, "Q?", pair(ropes)[0], collection=ropes.id, marks=mark)
    ended(services, question_id, state)
    (answer,) = services.answers.answers(question_id)
    assert _judged(answer) == words


def test_a_question_asked_again_tells_no_more(services: Services, ropes: Collection) -> None:
    given, _ = pair(ropes)
    for _ in range(10):
        ask(services, "How red?", given, collection=ropes.id, marks="r")
    test = home()
    assert test.metric[0].value == "100% (21-100)"
    assert "on 1 question." in bare(test)


def test_only_questions_judged_for_all_are_compared(services: Services, ropes: Collection) -> None:
    """Each asked everything, but one was judged on six questions and the other on six others."""
    given, without = pair(ropes)
    for place in range(6):
        ask(services, f"One {place}?", given, without, collection=ropes.id, marks="r")
        ask(services, f"Two {place}?", without, given, collection=ropes.id, marks="w")
    test = home()
    assert DIFFERENT in chart(test, 0)
    told = bare(test)
    assert "No question was judged for all of them" in told
    assert "the difference is clear" not in told
    assert test.metric[0].value == "no comparison"


def test_the_compared_share_leaves_out_what_was_judged_for_one_alone(
    services: Services, ropes: Collection
) -> None:
    for place in range(3):
        ask(services, f"Both {place}?", *pair(ropes), collection=ropes.id, marks="rw")
    for place in range(9):
        ask(services, f"One {place}?", *pair(ropes), collection=ropes.id, marks="w")
    test = home()
    assert "On the 3 questions judged for both of them, tiny with documents was judged right 100%" in bare(
        test
    )
    assert "on the 3 questions judged for both of them: 6 answers marked" in chart(test, 0)


def test_a_card_claims_no_more_than_its_chart(services: Services, ropes: Collection) -> None:
    ask(services, "One?", *pair(ropes), collection=ropes.id, marks="rr")
    ask(services, "Two?", *pair(ropes), collection=ropes.id, marks="rw")
    test = home()
    assert "Too close to tell" in chart(test, 0)
    assert test.metric[0].value == "too close to tell"
    assert "In front so far: tiny with documents, 100% (34-100)" in bare(test)


def timed(services: Services, question_id: str, *, shared: int, lanes: int = 2) -> None:
    """Make the first lanes' answers to a question take 3 s, beside others on the machine."""
    timing = Timing(first_token=0.5, generation=2.0, wall=3.0, shared=shared)
    for answer in services.answers.answers(question_id)[:lanes]:
        services.answers.finish(replace(answer, state=AnswerState.COMPLETE, timing=timing))


def test_times_side_by_side_are_shown_and_it_says_how_to_measure_fair_ones(
    services: Services, ropes: Collection
) -> None:
    timed(services, ask(services, "One?", *pair(ropes), collection=ropes.id), shared=2)
    test = home()
    for place in (1, 2):
        assert NOT_ALONE in chart(test, place)
        assert "2 answers that shared their machine" in chart(test, place)
    assert "<b>0.5 s / 3 s</b>" in chart(test, 1)
    assert "(shared)" not in chart(test, 1)
    assert test.metric[1].value == "not known yet"
    assert f"{ASK_IN_TURN}." in bare(test)
    assert [one.proto.label for one in test.get("page_link")] == [ASK_IN_TURN]


def test_times_that_are_not_compared_are_told_apart(services: Services, ropes: Collection) -> None:
    question_id = ask(services, "One?", *pair(ropes), collection=ropes.id)
    timed(services, question_id, shared=2)
    timed(services, question_id, shared=1, lanes=1)
    test = home()
    assert "0.5 s / 3 s (shared)" in chart(test, 1)
    assert "shared its machine: shown, not compared" in chart(test, 1)
    assert test.metric[1].value == "only one known"
    assert not test.get("page_link")


def test_an_answer_whose_prompt_was_remembered_is_no_first_token(
    services: Services, ropes: Collection
) -> None:
    """Asked again with another temperature, the model need not read its prompt, and seems quicker."""
    given, _ = pair(ropes)
    warm = replace(given, options=Options(temperature=0.7))
    for who, cached, first in ((given, 74, 5.0), (warm, 302, 0.4)):
        (answer,) = services.answers.answers(ask(services, "One?", who, collection=ropes.id))
        timing = Timing(first_token=first, generation=1.0, wall=first + 1)
        usage = Usage(prompt=318, completion=20, cached=cached)
        ready = replace(answer, state=AnswerState.COMPLETE, timing=timing, usage=usage)
        services.answers.finish(ready)
    test = home()
    assert test.metric[1].value == "only one known"
    assert "1 answer left out, whose prompt was still in the server's memory" in chart(test, 1)
    assert "2 answers that ran alone" in chart(test, 2), "the speed of writing is compared"


def test_the_card_and_the_chart_say_how_the_costs_were_made(services: Services, ropes: Collection) -> None:
    given, _ = pair(ropes)
    for place, (shared, rent) in enumerate([(2, "1"), (1, "2")]):
        (answer,) = services.answers.answers(ask(services, f"{place}?", given, collection=ropes.id))
        timing = Timing(first_token=0.5, wall=3.0, machine=3.0, shared=shared)
        cost = machine_cost(MachineAssumptions(rent_per_hour=Figure(rent, "assumed", "")), timing)
        services.answers.finish(replace(answer, state=AnswerState.COMPLETE, timing=timing, cost=cost))
    told = chart(test := home(), 3)
    assert "Mean cost (assumed)" in told
    assert "1 of 2 shared the machine with others" in told
    assert "priced with 2 different machine descriptions" in told
    assert "its costs are assumed; 1 of 2 shared the machine" in bare(test)
    assert "priced with 2 different machine descriptions" in bare(test)
    (bar,) = [
        one for one in json.loads(test.get("plotly_chart")[3].proto.spec)["data"] if one["type"] == "bar"
    ]
    assert bar["error_x"]["array"][0] > 0, "the mean cost of two questions is no certainty"


def test_what_a_mark_opens_the_row_of_its_table_opens_too(
    services: Services, ropes: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, without = pair(ropes)
    for place in range(2):
        ask(services, f"Question {place}?", given, without, collection=ropes.id, marks="rw")
    rows: dict[str, list[tuple[str, object]]] = {}
    opening = tables.opening_rows

    def noted(
        table: Table, keys: Sequence[str], opened: Callable[[str], None], *, key: str, alt: str
    ) -> None:
        rows[key] = [(one, row[0]) for one, row in zip(keys, table.rows, strict=True)]
        opening(table, keys, opened, key=key, alt=alt)

    monkeypatch.setattr(tables, "opening_rows", noted)
    test = home()
    assert not test.exception
    assert {*rows} >= {"right", "times", "speed", "cost"}
    assert all({*one} == {*rows["right"]} for one in rows.values()), "each row opens its own candidate's"
    assert len({key for key, _ in rows["right"]}) == 2
    chosen = [one for one in test.dataframe if one.proto.selection_mode]
    assert len(chosen) == 5, "the four charts' tables, and everything asked"


def test_names_read_as_typed(services: Services, ropes: Collection) -> None:
    ask(services, "Q?", *pair(ropes), collection=ropes.id)
    test = home()
    assert "Ropes $5 and $6" in test.selectbox(key="verdict-of").options


def test_different_questions_are_no_comparison(services: Services, ropes: Collection) -> None:
    given, without = pair(ropes)
    ask(services, "One?", given, collection=ropes.id, marks="r")
    ask(services, "Two?", without, marks="w")
    test = home(of="all")
    assert not test.exception
    assert "not a comparison" in bare(test)
    assert DIFFERENT in str(test.get("plotly_chart")[0].proto)


def test_home_begins_with_the_collection_in_use_and_names_the_others(
    services: Services, ropes: Collection
) -> None:
    bakery = filled(services, "Bakery", bread="The bread is white.")
    ask(services, "Which rope?", *pair(ropes), collection=ropes.id, marks="rw")
    ask(services, "Which bread?", *pair(bakery), collection=bakery.id, marks="rw")
    test = home(collection=ropes.id)
    assert test.selectbox(key="verdict-of").value == ropes.id
    assert "not a comparison" not in bare(test)
    assert "tiny with documents was judged right" in bare(test)
    test.selectbox(key="collection").set_value(bakery.id).run()
    assert test.selectbox(key="verdict-of").value == bakery.id, "it follows the sidebar"
    test.selectbox(key="verdict-of").set_value("all").run()
    assert "Choose one collection" in bare(test)
    assert "tiny with documents, collection Bakery" in chart(test, 0)


def test_a_collection_not_asked_about_shows_the_newest_question(
    services: Services, ropes: Collection
) -> None:
    empty = services.new_collection("Empty", EMBEDDER)
    ask(services, "Which rope?", *pair(ropes), collection=ropes.id)
    assert home(collection=empty.id).selectbox(key="verdict-of").value == ropes.id


def test_answers_about_a_deleted_collection_are_left_out_and_it_says_so(
    services: Services, ropes: Collection
) -> None:
    bakery = filled(services, "Bakery", bread="The bread is white.")
    ask(services, "Which rope?", *pair(ropes), collection=ropes.id)
    ask(services, "Which bread?", *pair(bakery), collection=bakery.id)
    services.collections.delete(bakery.id, from_past_answers=False)
    test = home()
    assert "2 answers about a deleted collection: left out" in bare(test)
    assert "Bakery (deleted)" in test.selectbox(key="verdict-of").options
    test.selectbox(key="verdict-of").set_value(bakery.id).run()
    assert not test.exception
    assert "left out" not in bare(test)


def test_collections_whose_names_were_erased_are_numbered(services: Services, ropes: Collection) -> None:
    gone = [filled(services, name, bread="The bread is white.") for name in ("One", "Two")]
    for one in [ropes, *gone]:
        ask(services, "Which?", *pair(one), collection=one.id)
    for one in gone:
        services.collections.delete(one.id, from_past_answers=True)
    assert {"Deleted collection", "Deleted collection 2"} <= set(home().selectbox(key="verdict-of").options)


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


def test_after_back_the_address_names_no_question(services: Services, ropes: Collection) -> None:
    ask(services, "One?", *pair(ropes), collection=ropes.id)
    test = home(question="q", answer="a")
    assert not {"question", "answer"} & set(test.query_params)


def test_the_list_of_answers_has_their_texts_and_costs_for_1000(
    services: Services, ropes: Collection
) -> None:
    (answer,) = services.answers.answers(ask(services, "Red?", pair(ropes)[0], collection=ropes.id))
    services.answers.finish(replace(answer, cost=Cost(99_000_000, "USD", "assumed", "")))
    test = AppTest.from_function(_dialog, default_timeout=SECONDS)
    test.session_state["pairs"] = services.answers.of_candidate(answer.candidate.hash, AnswerFilter(), 9)
    told = bare(test.run())
    assert answer.text[:20] in told
    assert "$0.099 per 1,000 questions" in told
    assert "The charts compare only the 3 questions" in told


def _dialog() -> None:
    import streamlit as st

    from app.ui.verdict import answers_dialog

    answers_dialog("tiny", lambda: st.session_state["pairs"], common=3)


def test_an_interval_in_the_headline_is_not_broken() -> None:
    assert unbroken(r"50\% \(22\-78\) of a\-b") == "50\\% \\(22\\-\u206078\\) of a\\-b"


def test_a_period_ends_now() -> None:
    assert now_or_then("all") is None
    assert now_or_then("nonsense") is None
    assert now_or_then("7d", now=NOW) == NOW - timedelta(days=7)
