from __future__ import annotations

from dataclasses import dataclass, replace

from streamlit.testing.v1 import AppTest

from app.domain import BackendKind, Candidate, Model, Options, Retrieval
from app.ui.candidates import (
    LANES,
    LaneChoice,
    Offer,
    added,
    choices_of,
    differences,
    first_choices,
    have_twins,
    leaving,
    offered,
    offers_of,
)


@dataclass
class Server:
    name: str
    kind: BackendKind = BackendKind.OLLAMA
    host: str = "127.0.0.1"
    local: bool = True


def offer(name: str, kind: BackendKind = BackendKind.OLLAMA, *, local: bool = True) -> Offer:
    backend, _, model = name.partition("/")
    return Offer(backend, model, kind, "127.0.0.1" if local else "api.example.org", local)


def test_only_models_that_can_answer_now_are_offered() -> None:
    ready = {
        "one": [Model("one", "chat", digest="d"), Model("one", "embed", embeds=True)],
        "gone": [],
    }
    servers = [Server("one"), Server("down"), Server("gone")]
    assert [(each.name, each.digest) for each in offers_of(servers, ready)] == [("one/chat", "d")]


def test_the_first_lanes_are_the_embedded_model_with_and_without_documents() -> None:
    offers = [offer("ollama/big"), offer("embedded/small", BackendKind.EMBEDDED)]
    assert [(one.name, one.documents) for one in first_choices(offers)] == [
        ("embedded/small", True),
        ("embedded/small", False),
    ]
    assert first_choices([]) == []


def test_only_lanes_with_documents_send_passages_away() -> None:
    offers = [offer("a/x"), offer("b/y", local=False)]
    lanes = [LaneChoice("a", "x"), LaneChoice("b", "y", documents=False)]
    assert leaving(lanes, offers) == []
    assert leaving([*lanes, LaneChoice("b", "y"), LaneChoice("b", "y")], offers) == ["api.example.org"]


def test_a_logged_question_gives_its_lanes_back_once_each() -> None:
    first = Candidate("a", "x", Options(temperature=0.5), Retrieval("c", 7), digest="1")
    again = replace(first, digest="2")
    lanes = choices_of([first, Candidate("a", "x"), again])
    assert [(one.name, one.documents, one.k, one.options.temperature) for one in lanes] == [
        ("a/x", True, 7, 0.5),
        ("a/x", False, 4, 0.0),
    ]
    assert lanes[0].candidate("c", "1") == first


def test_what_is_not_as_usual_is_said() -> None:
    assert differences(Options(), 4) == []
    unusual = Options("Be brief.", 0.7, 3, 99, schema=True)
    assert differences(unusual, 8) == [
        "8 passages",
        "temperature 0.7",
        "seed 3",
        "up to 99 tokens",
        "strict JSON",
        "own instruction",
    ]


def test_a_model_with_slashes_in_its_name_stays_whole() -> None:
    lane = LaneChoice("ollama", "hf.co/maker/model:Q4")
    assert lane.name.partition("/")[::2] == ("ollama", "hf.co/maker/model:Q4")


def test_one_passage_is_not_several() -> None:
    assert differences(Options(), 1) == ["1 passage"]


def test_one_more_lane_differs_from_those_there_are() -> None:
    one, two = offer("a/x"), offer("a/y")
    lanes = first_choices([one])
    assert (added(lanes, [one, two]).name, added(lanes, [one, two]).documents) == ("a/y", True)
    assert added(lanes[:1], [one]).documents is False
    assert added(lanes[1:], [one]).documents is True
    full = [*lanes, *first_choices([two])]
    assert not have_twins(full)
    assert have_twins([*full, added(full, [one, two])])
    without_y = [*lanes, LaneChoice("a", "y")]
    assert (added(without_y, [one, two]).name, added(without_y, [one, two]).documents) == ("a/y", False)


def test_a_model_is_offered_in_few_words() -> None:
    small = Offer("embedded", "maker/Small-1B", BackendKind.EMBEDDED, "", local=True, note="demo quality")
    assert offered("embedded/maker/Small-1B", {small.name: small}) == "Small-1B · embedded"
    twin = replace(small, model="other/Small-1B")
    both = {small.name: small, twin.name: twin}
    assert [offered(one, both) for one in both] == ["maker/Small-1B · embedded", "other/Small-1B · embedded"]
    assert offered("gone/x", {}) == "gone/x (not there now)"


def test_a_press_that_is_told_of_twice_adds_one_lane() -> None:
    def body() -> None:
        import streamlit as st

        from app.domain import BackendKind
        from app.ui.candidates import LANES, LaneChoice, Offer, _add

        offers = [Offer("one", "tiny", BackendKind.OLLAMA, "127.0.0.1", True)]
        st.session_state.setdefault(LANES, [LaneChoice("one", "tiny")])
        _add(offers, 1)
        _add(offers, 1)

    test = AppTest.from_function(body).run()
    assert not test.exception
    assert len(test.session_state[LANES]) == 2
