from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.domain import (
    AskView,
    Candidate,
    Case,
    Collection,
    Gold,
    Judgement,
    Mark,
    Model,
    Options,
    Phase,
    PhaseChange,
    Retrieval,
    Upload,
)
from app.errors import BackendDown
from app.services import Services
from app.ui.lanes import OPENED
from tests.fakes import Gate
from tests.ui.opened import ROOT, SECONDS, FakeServer, filled, opened, page, shown

pytestmark = pytest.mark.integration

ROPES = "The rope of the lower station is red. It was spliced in spring. The upper one is blue."


@pytest.fixture
def fake() -> FakeServer:
    return FakeServer(models=("tiny", "large"))


@pytest.fixture
def away() -> FakeServer:
    return FakeServer("api", local=False, host="api.example.org", models=("big",))


@pytest.fixture
def services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: FakeServer, away: FakeServer
) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch, fake, away) as (made, _):
        yield made


@pytest.fixture
def ropes(services: Services) -> Collection:
    return filled(services, "Ropes", rope=ROPES)


def candidates(collection: Collection, *backends: str) -> list[Candidate]:
    """A lane with documents for each backend; "-" in front leaves the documents away."""
    return [
        Candidate(
            one.strip("-"),
            "big" if "api" in one else "tiny",
            Options(),
            None if one.startswith("-") else Retrieval(collection.id),
        )
        for one in backends
    ]


def asked(services: Services, collection: Collection, *backends: str, text: str = "Which colour?") -> str:
    """A question whose lanes have ended."""
    question_id = services.comparing.ask(text, candidates(collection, *backends), collection.id, "me")
    wait(services, question_id)
    return question_id


def wait(services: Services, question_id: str) -> AskView:
    for lane in services.comparing._lanes():
        lane.done.wait(20)
    view = services.comparing.view(question_id)
    assert view is not None
    assert not view.busy
    return view


def settled(services: Services, collection: Collection) -> None:
    """Wait until the uploads have ended."""
    late = time.monotonic() + 20
    while any(one.busy for one in services.ingesting.recent(collection.id)):
        assert time.monotonic() < late
        time.sleep(0.02)


def address(test: AppTest, name: str = "question") -> str:
    """The question, or another thing, that the page's address names."""
    value = test.query_params[name]
    return value if isinstance(value, str) else value[0]


def follow_up(test: AppTest, question_id: str, text: str) -> None:
    """Type a follow-up and wait for the question made of it."""
    test.chat_input(key=f"follow-up-{question_id}").set_value(text).run()
    late = time.monotonic() + 40
    while not any(one.key == "follow-up-edited" for one in test.text_area) and time.monotonic() < late:
        test.run()


def badges(test: AppTest) -> str:
    """The badges of the page, as their Markdown."""
    return "\n".join(str(one.value) for one in test.markdown if "-badge[" in str(one.value))


def labels(test: AppTest) -> list[str]:
    return [one.label for one in test.button]


# ------------------------------------------------------------------------ before a question


def test_without_documents_the_page_says_so_and_offers_the_sample(services: Services) -> None:
    test = page("ask").run()
    assert not test.exception
    assert "Nothing to ask about yet" in shown(test)
    assert "Open the sample workspace" in labels(test)
    assert not test.chat_input


def test_an_empty_collection_says_what_is_missing(services: Services) -> None:
    services.new_collection("Em*pty", "fake/words")
    test = page("ask").run()
    assert "has no searchable document yet" in shown(test)
    assert r"Em\*pty" in shown(test)
    assert not test.chat_input


def test_the_first_documents_are_watched_where_the_question_will_stand(
    services: Services, fake: FakeServer
) -> None:
    collection = services.new_collection("Ropes", "fake/words")
    fake.words.gate = Gate()
    services.ingesting.start(collection.id, [Upload("rope.txt", ROPES.encode())])
    assert fake.words.gate.reached.wait(20)
    test = page("ask").run()
    fake.words.gate.open()
    assert not test.exception
    assert "is being made searchable" in shown(test)
    assert "has no searchable document yet" not in shown(test)
    first = "".join(str(one.value) for one in test.columns[0].markdown)
    assert "is being made searchable" in first
    assert "making it searchable" in first


def test_it_opens_with_one_model_with_and_without_documents(services: Services, ropes: Collection) -> None:
    test = page("ask").run()
    assert not test.exception
    lanes = test.session_state["ask-lanes"]
    assert [(one.backend, one.model, one.documents) for one in lanes] == [
        ("fake", "large", True),
        ("fake", "large", False),
    ]


def test_a_rerun_does_not_ask_the_servers_for_their_models_again(
    services: Services, ropes: Collection, fake: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    models = fake.models

    def listed() -> list[Model]:
        asked.append(fake.name)
        return models()

    monkeypatch.setattr(fake, "models", listed)
    test = page("ask").run()
    for _ in range(3):
        test.run()
    assert asked == ["fake"]


def test_asking_opens_the_question_and_logs_its_answers(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    fake.say("It is red [1].")
    fake.say("I cannot know.")
    test = page("ask").run()
    test.chat_input(key="question").set_value("Which colour has the rope?").run()
    question_id = address(test)
    view = wait(services, question_id)
    assert {lane.answer.text for lane in view.lanes if lane.answer} == {"It is red [1].", "I cannot know."}
    test.run()
    assert not test.exception
    assert r"Which colour has the rope\?" in shown(test)
    assert "passage went to the lane with documents" in shown(test)


def test_a_question_is_not_lost_where_the_page_is_drawn_once_more_just_then(
    services: Services, ropes: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where an upload ends in the moment in which Enter is pressed: what stands above draws it anew."""
    drawn: list[None] = []

    def ended(*_: object) -> None:
        drawn.append(None)
        if len(drawn) == 2:
            st.rerun()

    monkeypatch.setattr("app.ui.upload.draw_progress", ended)
    test = page("ask").run()
    test.chat_input(key="question").set_value("Which colour has the rope?").run()
    assert len(drawn) > 2, "it was drawn once more before the question was read"
    assert wait(services, address(test)).question.text == "Which colour has the rope?"


def test_a_passage_goes_elsewhere_only_after_it_was_agreed_to(
    services: Services, ropes: Collection, fake: FakeServer, away: FakeServer
) -> None:
    test = page("ask").run()
    lane = test.session_state["ask-lanes"][0]
    test.selectbox(key=f"lane-{lane.key}-model").set_value("api/big").run()
    assert "Your passages leave this machine, to api" in shown(test)
    assert test.chat_input(key="question").disabled
    test.button(key="agree-api.example.org").click().run()
    assert services.collections.get(ropes.id).agreed_hosts == ("api.example.org",)
    assert not test.chat_input(key="question").disabled
    assert "leave this machine" not in shown(test)


def test_a_local_collection_refuses_in_words(services: Services, ropes: Collection) -> None:
    services.collections.set_local_only(ropes.id, local_only=True)
    test = page("ask").run()
    lane = test.session_state["ask-lanes"][0]
    test.selectbox(key=f"lane-{lane.key}-model").set_value("api/big").run()
    assert "for local models only" in shown(test)
    assert test.chat_input(key="question").disabled
    test.toggle(key=f"lane-{lane.key}-documents").set_value(False).run()
    assert not test.chat_input(key="question").disabled


def test_lanes_are_added_and_removed(services: Services, ropes: Collection) -> None:
    test = page("ask").run()
    for _ in range(4):
        test.button(key="lane-add").click().run()
    lanes = test.session_state["ask-lanes"]
    assert len(lanes) == 6
    assert {one.model for one in lanes} == {"tiny", "large", "big"}
    assert test.button(key="lane-add").disabled
    test.button(key=f"lane-remove-{lanes[0].key}").click().run()
    assert [one.key for one in test.session_state["ask-lanes"]] == [one.key for one in lanes[1:]]


def test_options_of_a_lane_are_sent(services: Services, ropes: Collection, fake: FakeServer) -> None:
    test = page("ask").run()
    lane = test.session_state["ask-lanes"][0]
    test.number_input(key=f"lane-{lane.key}-temperature").set_value(0.7).run()
    test.number_input(key=f"lane-{lane.key}-cap").set_value(55).run()
    test.text_area(key=f"lane-{lane.key}-instruction").set_value("Be brief.").run()
    test.chat_input(key="question").set_value("Which colour?").run()
    wait(services, address(test))
    with_documents = next(one for one in fake.requests if "Passages" in one.messages[-1].content)
    assert (with_documents.temperature, with_documents.max_tokens) == (0.7, 55)
    assert with_documents.messages[0].content == "Be brief."


def test_only_these_documents_narrows_the_search(services: Services, fake: FakeServer) -> None:
    collection = filled(services, "Two", rope=ROPES, soup="The soup of the hut is hot and costs nine.")
    test = page("ask").run()
    soup = next(
        one.document_id for one in services.documents.entries(collection.id) if one.name == "soup.txt"
    )
    test.multiselect(key=f"only-{collection.id}").set_value([soup]).run()
    test.chat_input(key="question").set_value("Which colour has the rope?").run()
    question_id = address(test)
    view = wait(services, question_id)
    assert view.question.only_documents == (soup,)
    test.run()
    assert "Only 1 document was searched" in shown(test)


def test_a_lane_with_documents_says_how_much_of_its_answer_they_support(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    for _ in range(2):
        fake.say("The rope of the lower station is red [1]. It was cut in 1999.")
    test = page("ask", question=asked(services, ropes, "fake", "-fake")).run()
    assert not test.exception
    figures = [str(one.value) for one in test.caption if "tokens\u00a0in" in str(one.value)]
    assert [one.startswith("grounded") for one in figures] == [True, False]
    assert [one.label for one in test.expander].count("1 of its 2 sentences was found in the passages") == 1
    assert "No passage has the number 1999" in shown(test)


def test_the_same_bytes_again_change_nothing_and_it_says_so(services: Services, ropes: Collection) -> None:
    test = page("ask").run()
    test.file_uploader(key="ask-upload-0").set_value([("again.txt", ROPES.encode(), "")]).run()
    settled(services, ropes)
    test.run()
    assert not test.exception
    assert "has the same content as" in shown(test)


def test_many_files_that_are_there_already_are_counted(services: Services) -> None:
    texts = {f"rope{number}": f"{ROPES} Number {number}." for number in range(5)}
    collection = filled(services, "Many", **texts)
    test = page("ask").run()
    files = [(f"{stem}.txt", text.encode(), "") for stem, text in texts.items()]
    test.file_uploader(key="ask-upload-0").set_value(files).run()
    settled(services, collection)
    test.run()
    assert "5 files: 5 already there" in shown(test)
    assert "rope1" not in shown(test)


def test_an_upload_that_was_refused_is_told_until_it_is_closed_and_in_no_other_tab(
    services: Services, ropes: Collection
) -> None:
    test = page("ask").run()
    test.file_uploader(key="ask-upload-0").set_value([("broken.pdf", b"%PDF-1.7 nothing", "")]).run()
    settled(services, ropes)
    test.run()
    assert r"broken\.pdf" in shown(test)
    assert r"broken\.pdf" not in shown(page("ask").run())
    test.button(key="ingest-close").click().run()
    assert r"broken\.pdf" not in shown(test)


def test_how_lanes_run_outlives_a_reload_and_a_visit_elsewhere(services: Services, ropes: Collection) -> None:
    test = page("ask").run()
    test.segmented_control(key="run-mode").set_value("One after the other").run()
    assert (
        page("ask", run=address(test, "run")).run().segmented_control(key="run-mode").value
        == "One after the other"
    )
    elsewhere = page("ask")
    elsewhere.session_state["run-mode-kept"] = test.session_state["run-mode-kept"]
    assert elsewhere.run().segmented_control(key="run-mode").value == "One after the other"
    test.segmented_control(key="run-mode").set_value("Side by side").run()
    assert test.segmented_control(key="run-mode").value == "Side by side"
    assert "run" not in test.query_params


# ------------------------------------------------------------------------ while lanes run


def test_a_running_lane_says_what_it_waits_for_and_can_be_stopped(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    gate = fake.hold("Half of it, ![x](https://evil.example/x.png)")
    question_id = services.comparing.ask("Which colour?", candidates(ropes, "fake"), ropes.id, "me")
    assert gate.reached.wait(20)
    test = page("ask", question=question_id).run()
    assert not test.exception
    assert "answering" in shown(test)
    assert "Half of it" in shown(test)
    assert "![" not in shown(test)
    view = services.comparing.view(question_id)
    assert view is not None
    test.button(key=f"stop-{view.lanes[0].answer_id}").click().run()
    wait(services, question_id)
    test.run()
    assert "stopped" in shown(test)
    assert "Half of it" in shown(test)


def test_stop_all_stops_every_lane(services: Services, ropes: Collection, fake: FakeServer) -> None:
    gate = Gate()
    fake.default = (PhaseChange(Phase.LOADING), gate)
    lanes = candidates(ropes, "fake", "-fake")
    question_id = services.comparing.ask("Which colour?", lanes, ropes.id, "me")
    assert gate.reached.wait(20)
    test = page("ask", question=question_id).run()
    assert "loading the model" in shown(test) or "in the queue" in shown(test)
    test.button(key="stop-all").click().run()
    view = wait(services, question_id)
    assert [lane.answer.state.value for lane in view.lanes if lane.answer] == ["stopped", "stopped"]


# ------------------------------------------------------------------------ afterwards


def test_a_failed_lane_names_cause_and_remedy_and_leaves_the_others(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    services.collections.agree(ropes.id, "api.example.org")
    fake.say("It is red [1].")
    away = services.backends.get("api")
    assert isinstance(away, FakeServer)
    for _ in range(4):
        away.fail(BackendDown("Nobody answers at the <b>address</b>.", "Start the server."))
    test = page("ask", question=asked(services, ropes, "fake", "api")).run()
    assert not test.exception
    assert "Start the server" in shown(test)
    assert "<b>" not in shown(test).replace(r"\<b\>", "")
    assert "It is red [" in shown(test)


def test_an_answer_reads_as_typed_and_its_marks_link_to_the_passages(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    fake.say("The rope of the lower station is red [1], ", "costs $94 and $83, :red[x] [9].")
    test = page("ask", question=asked(services, ropes, "fake")).run()
    text = shown(test)
    assert "(#passage-1-1)" in text
    assert "no such passage" in text
    assert r"\$94 and \$83" in text
    assert ":yellow-background[The rope of the lower station is red\\.]" in text
    anchors = [one.proto.anchor for one in test.subheader]
    assert "passage-1-1" in anchors


def test_what_was_sent_is_the_exact_prompt(services: Services, ropes: Collection, fake: FakeServer) -> None:
    test = page("ask", question=asked(services, ropes, "fake")).run()
    sent = [one.content for one in fake.requests[0].messages]
    assert [one.value for one in test.code][: len(sent)] == sent


def test_a_mark_is_stored_and_shown_as_stored(services: Services, ropes: Collection) -> None:
    question_id = asked(services, ropes, "fake")
    (answer,) = services.answers.answers(question_id)
    test = page("ask", question=question_id).run()
    test.segmented_control(key=f"mark-{answer.id}").set_value("wrong").run()
    test.text_input(key=f"correct-{answer.id}").set_value(" Red ").run()
    (marked,) = services.answers.answers(question_id)
    assert marked.mark is not None
    assert (marked.mark.judgement, marked.mark.correct_answer) == (Judgement.WRONG, "Red")
    other = page("ask", question=question_id).run()
    assert other.segmented_control(key=f"mark-{answer.id}").value == "wrong"
    other.segmented_control(key=f"mark-{answer.id}").set_value(None).run()
    (unmarked,) = services.answers.answers(question_id)
    assert unmarked.mark is None


def test_the_correct_answer_is_asked_for_only_where_the_answer_is_not_right(
    services: Services, ropes: Collection
) -> None:
    question_id = asked(services, ropes, "fake")
    (answer,) = services.answers.answers(question_id)
    test = page("ask", question=question_id).run()
    assert "Your mark is saved" not in shown(test)
    test.segmented_control(key=f"mark-{answer.id}").set_value("right").run()
    assert "Your mark is saved" in shown(test)
    assert not test.text_input
    test.segmented_control(key=f"mark-{answer.id}").set_value("can't tell").run()
    test.text_input(key=f"correct-{answer.id}").set_value("Red").run()
    test.segmented_control(key=f"mark-{answer.id}").set_value("right").run()
    (marked,) = services.answers.answers(question_id)
    assert marked.mark is not None
    assert marked.mark.correct_answer == "Red"


def test_the_answer_that_was_opened_is_marked(services: Services, ropes: Collection) -> None:
    question_id = asked(services, ropes, "fake", "-fake")
    second = services.answers.answers(question_id)[1]
    assert OPENED not in badges(page("ask", question=question_id).run())
    test = page("ask", question=question_id, answer=second.id).run()
    assert badges(test).count(OPENED) == 1
    test.chat_input(key="question").set_value("Which colour?").run()
    assert "answer" not in test.query_params
    wait(services, address(test))


def test_asking_again_adds_a_lane(services: Services, ropes: Collection) -> None:
    question_id = asked(services, ropes, "fake")
    (answer,) = services.answers.answers(question_id)
    test = page("ask", question=question_id).run()
    test.button(key=f"again-{answer.id}").click().run()
    view = wait(services, question_id)
    assert len(view.lanes) == 2
    test.run()
    assert not test.exception


def test_a_follow_up_is_shown_and_edited_before_it_is_asked(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    question_id = asked(services, ropes, "fake", text="Which colour has the lower rope?")
    fake.say("Which colour has the upper rope?")
    test = page("ask", question=question_id).run()
    follow_up(test, question_id, "And the upper one?")
    box = test.text_area(key="follow-up-edited")
    assert box.value == "Which colour has the upper rope?"
    box.set_value("Which colour has the rope of the upper station?").run()
    test.button(key="follow-up-ask").click().run()
    view = wait(services, address(test))
    assert view.question.text == "And the upper one?"
    assert view.question.standalone == "Which colour has the rope of the upper station?"
    assert view.question.conversation_id == question_id
    test.run()
    assert "Searched and sent as" in shown(test)
    assert any("Which colour has the lower rope" in one for one in labels(test))


def test_a_follow_up_can_be_asked_in_the_persons_own_words(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    question_id = asked(services, ropes, "fake", text="Which colour has the lower rope?")
    fake.say("Which colour has the upper rope?")
    test = page("ask", question=question_id).run()
    follow_up(test, question_id, "And the upper one?")
    assert "Reworded by tiny so that it stands alone" in shown(test)
    test.button(key="follow-up-own").click().run()
    view = wait(services, address(test))
    assert view.question.text == view.question.standalone == "And the upper one?"


def test_the_wording_of_a_follow_up_can_be_stopped(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    question_id = asked(services, ropes, "fake", text="Which colour has the lower rope?")
    gate = fake.hold("Which ")
    test = page("ask", question=question_id).run()
    test.chat_input(key=f"follow-up-{question_id}").set_value("And the upper one?").run()
    assert gate.reached.wait(10)
    test.run()
    test.button(key="follow-up-work-stop").click().run()
    started = test.session_state["follow-up-work"]
    assert started.future.result(10).stopped
    test.run()
    assert "Stopped: your own words stand here" in shown(test)
    assert test.text_area(key="follow-up-edited").value == "And the upper one?"


def test_an_invented_statement_is_refused_and_the_persons_own_words_stand(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    question_id = asked(services, ropes, "fake", text="When does the lease end?")
    fake.say("The lease ends when the landlord is no longer available to rent.")
    test = page("ask", question=question_id).run()
    follow_up(test, question_id, "Who is the landlord?")
    assert test.text_area(key="follow-up-edited").value == "Who is the landlord?"
    assert "tiny turned it into something that you did not ask" in shown(test)
    assert "Cancel" in labels(test)


def test_the_history_opens_an_earlier_question(services: Services, ropes: Collection) -> None:
    first = asked(services, ropes, "fake", text="What is :red[first]?")
    asked(services, ropes, "fake", text="What is second?")
    test = page("ask").run()
    test.button(key="history").click().run()
    test.button(key=f"history-{first}").click().run()
    assert address(test) == first
    assert not test.exception


# ------------------------------------------------------------------------ a question has its collection


@pytest.fixture
def soups(services: Services, ropes: Collection) -> Collection:
    """A second collection; the one that is in use unless told otherwise is that of the ropes."""
    return filled(services, "Soups", soup="The soup of the hut is hot and costs nine.")


def framed(**query: str) -> AppTest:
    """Ask within the whole app, so that its sidebar is there."""
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=SECONDS)
    test.query_params.update(query)
    test.switch_page("pages/ask.py")
    return test.run()


def test_opening_a_question_from_the_history_puts_its_collection_in_use(
    services: Services, ropes: Collection, soups: Collection
) -> None:
    soup = asked(services, soups, "fake", text="What does the soup cost?")
    test = page("ask", collection=ropes.id).run()
    test.button(key="history").click().run()
    row = test.button(key=f"history-{soup}")
    assert "Soups" in row.label
    row.click().run()
    assert address(test, "collection") == soups.id


def test_a_question_opened_by_its_address_brings_its_collection_and_its_follow_up_searches_there(
    services: Services, ropes: Collection, soups: Collection, fake: FakeServer
) -> None:
    soup = asked(services, soups, "fake", text="What does the soup cost?")
    test = framed(question=soup, collection=ropes.id)
    assert not test.exception
    assert test.sidebar.selectbox[0].value == soups.id
    fake.say("Is the soup hot?")
    follow_up(test, soup, "Is it hot?")
    test.button(key="follow-up-ask").click().run()
    view = wait(services, address(test))
    assert view.question.collection_id == soups.id
    assert {one.candidate.retrieval.collection_id for one in view.lanes if one.candidate.retrieval} == {
        soups.id
    }


def test_choosing_another_collection_closes_the_question(
    services: Services, ropes: Collection, soups: Collection
) -> None:
    test = framed(question=asked(services, soups, "fake"))
    test.sidebar.selectbox[0].set_value(ropes.id).run()
    assert "question" not in test.query_params
    assert address(test, "collection") == ropes.id
    assert not [one for one in test.chat_input if str(one.key).startswith("follow-up")]


def test_a_question_whose_collection_was_deleted_says_so_and_has_no_follow_up(
    services: Services, ropes: Collection, soups: Collection
) -> None:
    soup = asked(services, soups, "fake", text="What does the soup cost?")
    services.collections.delete(soups.id, from_past_answers=False)
    test = page("ask", question=soup).run()
    assert not test.exception
    assert "The collection of this question was deleted" in shown(test)
    assert not [one for one in test.chat_input if str(one.key).startswith("follow-up")]
    test.button(key="history").click().run()
    assert "Soups" in test.button(key=f"history-{soup}").label
    assert "deleted" in test.button(key=f"history-{soup}").label


def test_a_question_that_is_not_there_is_said(services: Services, ropes: Collection) -> None:
    test = page("ask", question="nonsense").run()
    assert "not there any more" in shown(test)
    assert not test.exception


def test_a_deleted_document_is_marked(services: Services, ropes: Collection) -> None:
    question_id = asked(services, ropes, "fake")
    (entry,) = services.documents.entries(ropes.id)
    services.ingesting.delete(ropes.id, entry.document_id)
    test = page("ask", question=question_id).run()
    assert "document deleted" in shown(test)
    assert "The rope of the lower station is red" in shown(test)


def test_lanes_with_other_passages_have_a_group_of_their_own(services: Services, fake: FakeServer) -> None:
    collection = filled(services, "Many", **{f"rope{n}": f"{ROPES} Number {n}." for n in range(5)})
    two = [Candidate("fake", "tiny", Options(), Retrieval(collection.id, k)) for k in (2, 4)]
    question_id = services.comparing.ask("Which colour?", two, collection.id, "me")
    wait(services, question_id)
    test = page("ask", question=question_id).run()
    titles = [one.value for one in test.subheader if "went to" in one.value]
    assert [one.split(" went")[0] for one in titles] == ["2 passages", "4 passages"]
    assert "2 passages" in titles[0].split("went to")[1]


# ------------------------------------------------------------------------ into a dataset


def test_a_question_goes_into_a_dataset_with_the_correction_that_was_typed(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    fake.say("The rope of the lower station is red [1].")
    question_id = asked(services, ropes, "fake", text="Which colour has the rope?")
    (answer,) = services.answers.answers(question_id)
    services.answers.mark(answer.id, Mark(Judgement.WRONG, "bright red", datetime.now(UTC)))
    test = framed(question=question_id)
    test.button(key=f"add-{answer.id}").click().run()
    assert test.text_area(key=f"add-answers-{answer.id}").value == "bright red"
    test.text_input(key="add-name").set_value("Mine").run()
    test.checkbox(key=f"add-gold-{answer.id}-0").set_value(True).run()
    test.button(key="add-confirm").click().run()
    assert not test.exception
    (made,) = services.datasets.list()
    gold = Gold("rope.txt", "The rope of the lower station is red.")
    assert services.datasets.cases(made.version) == (
        Case("Which colour has the rope?", ("bright red",), (gold,)),
    )
    (link,) = [one for one in test.get("page_link") if "Added to" in one.proto.label]
    assert link.proto.label == "Added to “Mine”, as question 1"
    assert link.proto.query_string.endswith(f"dataset={made.id}")
    test.button(key=f"add-{answer.id}").click().run()
    test.button(key="add-confirm").click().run()
    assert "has this question already, as number 1" in shown(test).replace("\\", "")
    assert services.datasets.list() == [made]


def test_gold_is_a_persons_decision_and_a_right_answer_is_needed(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    fake.say("The rope of the lower station is red [1].")
    question_id = asked(services, ropes, "fake")
    (answer,) = services.answers.answers(question_id)
    made = services.datasets.create("Mine", [Case("Why?", unanswerable=True)])
    test = framed(question=question_id)
    test.button(key=f"add-{answer.id}").click().run()
    assert test.checkbox(key=f"add-gold-{answer.id}-0").value is False
    test.button(key="add-confirm").click().run()
    assert "There is no right answer" in shown(test)
    assert services.datasets.get(made.id) == made
    test.checkbox(key=f"add-missing-{answer.id}").set_value(True).run()
    test.button(key="add-confirm").click().run()
    assert services.datasets.cases(services.datasets.get(made.id).version)[1:] == (
        Case("Which colour?", unanswerable=True),
    )
