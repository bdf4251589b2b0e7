from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from app.domain import Candidate, Collection, DocumentState, Options, Retrieval, Upload
from app.services import Services
from tests.documents.samples import pdf
from tests.fakes import Gate
from tests.ui.opened import FakeServer, filled, opened, page, shown

pytestmark = pytest.mark.integration

ROPES = "The rope of the lower station is red. It was spliced in spring."


@pytest.fixture
def fake() -> FakeServer:
    return FakeServer()


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: FakeServer) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch, fake) as (made, _):
        yield made


@pytest.fixture
def ropes(services: Services) -> Collection:
    return filled(services, "Ropes", rope=ROPES)


def document_of(services: Services, collection: Collection) -> str:
    return services.documents.entries(collection.id)[0].document_id


def until(test: AppTest, services: Services, words: str) -> str:
    """Run the page until it shows the words: the work is done by a thread of the process."""
    late = time.monotonic() + 40
    while words not in shown(test) and time.monotonic() < late:
        services.executor.submit(lambda: None).result(20)
        test.run()
    assert words in shown(test)
    return shown(test)


def drop(test: AppTest, *files: tuple[str, bytes]) -> AppTest:
    test.file_uploader(key="documents-upload-0").set_value([(name, content, "") for name, content in files])
    return test.run()


def test_without_a_collection_there_is_a_drop_zone_and_a_button(services: Services) -> None:
    test = page("documents").run()
    assert not test.exception
    assert test.file_uploader
    assert [one.label for one in test.button] == ["New collection"]


def test_files_are_added_and_the_results_stay(services: Services, ropes: Collection) -> None:
    test = drop(
        page("documents").run(),
        ("soup.txt", b"The soup of the hut costs nine euros."),
        ("weird.xyz", b"\x00\x01\x02"),
    )
    assert not test.exception
    text = until(test, services, "2 files:")
    assert "1 added, 1 not read" in text
    assert "weird" in text
    assert not test.file_uploader(key="documents-upload-1").value
    states = {one.name: one.state.value for one in services.documents.entries(ropes.id)}
    assert states == {"rope.txt": "searchable", "soup.txt": "searchable", "weird.xyz": "unreadable"}


def test_two_files_of_one_name_are_asked_about(services: Services, ropes: Collection) -> None:
    test = drop(
        page("documents").run(), ("soup.txt", b"The soup is hot."), ("soup.txt", b"The soup is cold.")
    )
    assert "Two files have the same name" in shown(test)
    assert not services.ingesting.recent(ropes.id)
    test.radio[0].set_value(1)
    next(one for one in test.button if one.label == "Go on").click().run()
    until(test, services, "1 file:")
    soup = next(one for one in services.documents.entries(ropes.id) if one.name == "soup.txt")
    reading = services.documents.reading(soup.document_id)
    assert reading is not None
    assert "cold" in reading.text


def test_progress_is_shown_by_step_and_can_be_stopped(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    fake.words.gate = Gate()
    job = services.ingesting.start(ropes.id, [Upload("soup.txt", b"The soup of the hut costs nine.")])
    assert fake.words.gate.reached.wait(20)
    test = page("documents").run()
    assert not test.exception
    assert "making it searchable" in shown(test)
    test.button(key=f"ingest-stop-{job}").click().run()
    fake.words.gate.open()
    text = until(test, services, "1 file:")
    assert "stopped" in text
    assert "is not finished" in text


def test_many_unfinished_documents_are_retried_by_one_click(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    fake.words.gate = Gate()
    uploads = [Upload(f"soup{one}.txt", b"The soup of hut %d costs nine." % one) for one in range(5)]
    job = services.ingesting.start(ropes.id, uploads)
    assert fake.words.gate.reached.wait(20)
    services.ingesting.stop(job)
    fake.words.gate.open()
    test = page("documents").run()
    text = until(test, services, "5 documents** are not finished.")
    assert "soup4\\.txt** is not finished" in text, "behind a line"
    test.button(key="retry-button-all").click().run()
    until(test, services, "5 added")
    entries = services.documents.entries(ropes.id)
    assert {one.state for one in entries} == {DocumentState.SEARCHABLE}
    assert "retry-button-all" not in {one.key for one in test.button}


def test_an_unfinished_document_can_be_retried(
    services: Services, ropes: Collection, fake: FakeServer
) -> None:
    fake.words.gate = Gate()
    job = services.ingesting.start(ropes.id, [Upload("soup.txt", b"The soup of the hut costs nine.")])
    assert fake.words.gate.reached.wait(20)
    services.ingesting.stop(job)
    fake.words.gate.open()
    test = page("documents").run()
    until(test, services, "is not finished")
    entries = services.documents.entries(ropes.id)
    left = next(one for one in entries if one.state is DocumentState.NOT_FINISHED)
    test.button(key=f"retry-button-{left.document_id}").click().run()
    until(test, services, "1 added")
    entry = services.documents.entry(ropes.id, left.document_id)
    assert entry is not None
    assert entry.state is DocumentState.SEARCHABLE


def test_the_table_tells_names_as_typed(services: Services) -> None:
    collection = services.new_collection("C", "fake/words")
    services.ingesting.ingest(collection.id, Upload("a :red[x] ![y](z).txt", ROPES.encode()))
    test = page("documents").run()
    assert not test.exception
    table = test.dataframe[0].value
    assert list(table["Name"]) == ["a :red[x] ![y](z).txt"]
    assert list(table["State"]) == ["searchable"]
    assert list(table["Passages"]) == [1]


def test_a_document_opens_with_what_was_read_and_its_passages(services: Services, ropes: Collection) -> None:
    test = page("documents").run()
    test.selectbox(key="document-open").set_value(document_of(services, ropes)).run()
    assert not test.exception
    assert "The rope of the lower station is red" in shown(test)
    assert not test.dataframe
    test.segmented_control(key="document-view").set_value("Passages").run()
    assert "Passage 1 of 1, characters 0 to 63" in shown(test)
    test.button(key="document-back").click().run()
    assert test.dataframe


def test_a_document_is_deleted_only_after_it_was_confirmed(services: Services, ropes: Collection) -> None:
    test = page("documents", document=document_of(services, ropes)).run()
    test.button(key="document-delete").click().run()
    assert services.documents.entries(ropes.id)
    test.button(key="document-delete-confirm").click().run()
    assert not services.documents.entries(ropes.id)
    assert not test.exception


def test_a_search_shows_ranked_passages_with_their_similarity(services: Services, ropes: Collection) -> None:
    test = page("documents").run()
    test.text_input(key="search").set_value("red rope").run()
    assert r"1. rope\.txt" in [one.label for one in test.button]
    assert "similarity 0." in shown(test)
    assert "characters were searched for" not in shown(test)
    test.text_input(key="search").set_value("rope " * 390).run()
    assert "Only the first 1,2" in shown(test), "the embedder reads 254 words"


def test_a_collection_is_created_and_in_use(services: Services, ropes: Collection) -> None:
    test = page("documents").run()
    test.button(key="collection-add").click().run()
    next(one for one in test.text_input if one.label == "Name").set_value("Soups")
    next(one for one in test.button if one.label == "Create").click().run()
    assert not test.exception
    made = services.collections.by_name("Soups")
    assert made is not None
    assert made.id in test.query_params["collection"]


def test_a_taken_name_is_refused_in_words(services: Services, ropes: Collection) -> None:
    test = page("documents").run()
    test.button(key="collection-add").click().run()
    next(one for one in test.text_input if one.label == "Name").set_value("Ropes")
    next(one for one in test.button if one.label == "Create").click().run()
    assert len(services.collections.list()) == 1
    assert "Ropes" in "".join(one.value for one in test.error)


def with_dialog(name: str) -> AppTest:
    test = page("documents")
    test.session_state["dialog"] = name
    return test.run()


def test_a_collection_is_renamed(services: Services, ropes: Collection) -> None:
    test = with_dialog("collection-rename")
    next(one for one in test.text_input if one.label == "Name").set_value("Cables")
    next(one for one in test.button if one.label == "Rename").click().run()
    assert services.collections.get(ropes.id).name == "Cables"


def test_a_collection_is_deleted_only_by_its_typed_name(services: Services, ropes: Collection) -> None:
    test = with_dialog("collection-delete")
    next(one for one in test.text_input if one.label.startswith("Type")).set_value("ropes")
    next(one for one in test.button if one.label == "Delete for good").click().run()
    assert services.collections.list()
    assert "does not match" in shown(test)
    next(one for one in test.text_input if one.label.startswith("Type")).set_value("Ropes")
    next(one for one in test.button if one.label == "Delete for good").click().run()
    assert not services.collections.list()
    assert not test.exception


def test_deleting_can_erase_past_answers_too(services: Services, ropes: Collection) -> None:
    lane = Candidate("fake", "tiny", Options(), Retrieval(ropes.id))
    question_id = services.comparing.ask("Which colour?", [lane], ropes.id, "me")
    for one in services.comparing._lanes():
        one.done.wait(20)
    test = with_dialog("collection-delete")
    next(one for one in test.checkbox if one.label.startswith("Also")).check()
    next(one for one in test.text_input if one.label.startswith("Type")).set_value("Ropes")
    next(one for one in test.button if one.label == "Delete for good").click().run()
    (answer,) = services.answers.answers(question_id)
    assert answer.prompt is not None
    assert "red" not in answer.prompt.given[0].passage.text


def test_what_is_searchable_and_what_could_not_be_read_are_counted_apart(
    services: Services, ropes: Collection
) -> None:
    services.ingesting.ingest(ropes.id, Upload("weird.xyz", b"\x00\x01\x02"))
    test = page("documents").run()
    assert "2 documents: 1 searchable, 1 could not be read" in shown(test)
    assert r"search model (embedder): fake\/words" in shown(test)


def test_the_collection_in_use_is_named_and_chosen_in_one_place_only(
    services: Services, ropes: Collection
) -> None:
    filled(services, "Soups", soup="The soup is hot.")
    test = page("documents", collection=ropes.id).run()
    assert "Ropes" in [one.value for one in test.subheader]
    assert "Collection" not in [one.label for one in test.selectbox]


def choose(test: AppTest, what: str) -> AppTest:
    """Choose in the menu "Manage"."""
    return test.menu_button(key="collection-menu").click(what).run()


def held(services: Services, fake: FakeServer, collection: Collection) -> Gate:
    """A change of the embedder that is begun on the page, and waits for the gate."""
    fake.words.digest = "sha256:words-2"
    gate = fake.words.gate = Gate()
    test = choose(page("documents", collection=collection.id).run(), "collection-embed")
    next(one for one in test.button if one.label == "Make it searchable anew").click().run()
    assert not test.exception
    assert gate.reached.wait(20)
    return gate


def stops(test: AppTest) -> list[Button]:
    return [one for one in test.button if str(one.key).startswith("upkeep-stop-")]


def test_the_index_is_rebuilt_and_checked_by_the_menu(services: Services, ropes: Collection) -> None:
    test = choose(page("documents", collection=ropes.id).run(), "rebuild")
    until(test, services, "The index was rebuilt. Nothing had to be embedded again.")
    until(choose(test, "check"), services, "The index returns 100% of what an exact search would")
    assert "The index was rebuilt" not in shown(test)
    next(one for one in test.button if one.label == "Close").click().run()
    assert "The index returns" not in shown(test)


def test_a_change_of_the_embedder_is_still_watched_after_a_reload_and_can_be_stopped(
    services: Services, fake: FakeServer, ropes: Collection
) -> None:
    gate = held(services, fake, ropes)
    again = page("documents", collection=ropes.id).run()  # another session, as after F5
    (bar,) = again.get("progress")
    assert "Making every passage searchable anew by fake\\/words" in bar.proto.text
    assert [one.label for one in stops(again)] == ["Stop"]
    choose(again, "rebuild")
    assert "is being made searchable anew" in shown(again)
    assert "stop it first" in shown(again)
    assert len(services.ingesting.upkeep.recent(ropes.id)) == 1
    stops(again)[0].click().run()
    assert [(one.label, one.disabled) for one in stops(again)] == [("Stopping", True)]
    gate.open()
    until(again, services, "The change was stopped. The documents can be searched as before.")
    assert services.collections.get(ropes.id).embedder == ropes.embedder


def test_a_collection_that_is_worked_on_is_not_deleted(
    services: Services, fake: FakeServer, ropes: Collection
) -> None:
    gate = held(services, fake, ropes)
    test = choose(page("documents", collection=ropes.id).run(), "collection-delete")
    next(one for one in test.text_input if one.label.startswith("Type")).set_value("Ropes")
    next(one for one in test.button if one.label == "Delete for good").click().run()
    assert "“Ropes” is being made searchable anew" in shown(test)
    assert [one.id for one in services.collections.list()] == [ropes.id]
    gate.open()


def closes(test: AppTest) -> list[str]:
    """Buttons that put away what work on a collection came to."""
    return [str(one.key) for one in test.run().button if str(one.key).startswith("upkeep-")]


def test_a_notice_about_the_index_is_gone_where_a_document_or_another_collection_is_open(
    services: Services, ropes: Collection
) -> None:
    other = filled(services, "Soups", soup="The soup is hot.")
    test = page("documents", collection=ropes.id)
    services.ingesting.begin_check(ropes.id)
    until(test, services, "what an exact search would")
    assert len(closes(test)) == 1
    test.query_params["collection"] = test.session_state["collection"] = other.id
    assert closes(test) == []
    test.query_params["collection"] = test.session_state["collection"] = ropes.id
    assert len(closes(test)) == 1
    test.query_params["document"] = document_of(services, ropes)
    assert closes(test) == []
    test.button(key="document-back").click().run()
    assert closes(test) == []


def test_the_table_says_the_state_beside_the_name_and_no_name_twice(
    services: Services, ropes: Collection
) -> None:
    services.ingesting.ingest(ropes.id, Upload("empty.txt", b""))
    services.ingesting.ingest(ropes.id, Upload("broken.pdf", b"%PDF-1.4 nothing"))
    services.ingesting.ingest(ropes.id, Upload("two.pdf", pdf("One page of the rope.", "Another page.")))
    table = page("documents").run().dataframe[0].value
    assert list(table.columns)[:2] == ["Name", "State"]
    rows = {row["Name"]: row for _, row in table.iterrows()}
    assert rows["empty.txt"]["State"] == "could not be read"
    assert rows["empty.txt"]["Warning"].startswith("Is empty.")
    assert rows["two.pdf"]["Pages"] == 2
    assert table["Pages"].isna().sum() == 3


def test_the_results_of_uploads_are_put_away_for_good(services: Services, ropes: Collection) -> None:
    for name in ("weird.xyz", "soup.txt"):
        job = services.ingesting.start(ropes.id, [Upload(name, b"\x00\x01The soup")])
        while (view := services.ingesting.view(job)) and view.busy:
            time.sleep(0.02)
    test = page("documents").run()
    assert "1 file: 1 not read" in shown(test)
    test.button(key="ingest-dismiss").click().run()
    again = page("documents").run()
    for one in (test, again):
        assert not one.exception
        assert "1 file:" not in shown(one)
    assert not services.ingesting.recent(ropes.id)


def test_a_hit_opens_its_passage_and_the_search_is_still_there_afterwards(services: Services) -> None:
    long = "\n\n".join(
        f"Part {part}. " + f"The cabin {part} is washed on Mondays. " * 40 for part in range(4)
    )
    filled(services, "Ropes", cabins=long, rope=ROPES)
    test = page("documents").run()
    test.text_input(key="search").set_value("red rope").run()
    next(one for one in test.button if one.label == r"1. rope\.txt").click().run()
    assert not test.exception
    assert "Found: Passage 1 of 1" in shown(test)
    assert test.segmented_control(key="document-view").value == "Passages"
    address = {name: str(value) for name, value in test.query_params.items()}
    assert "Found: Passage 1 of 1" in shown(page("documents", **address).run())
    test.button(key="document-back").click().run()
    assert test.text_input(key="search").value == "red rope"
    assert set(test.query_params) == {"search"}
    assert r"1. rope\.txt" in [one.label for one in test.button]


def test_a_search_and_the_open_side_of_a_document_are_in_the_address(
    services: Services, ropes: Collection
) -> None:
    test = page("documents", search="red rope").run()
    assert r"1. rope\.txt" in [one.label for one in test.button]
    test.text_input(key="search").set_value("").run()
    assert "search" not in test.query_params
    test.text_input(key="search").set_value("cable").run()
    assert test.query_params["search"] == "cable"
    test = page("documents", document=document_of(services, ropes)).run()
    test.segmented_control(key="document-view").set_value("Passages").run()
    assert test.query_params["show"] == "passages"
    test.segmented_control(key="document-view").set_value("What was read").run()
    assert "show" not in test.query_params


def test_what_ask_would_give_to_a_model_is_marked(services: Services) -> None:
    texts = {f"rope{number}": f"The rope number {number} is red." for number in range(6)}
    filled(services, "Ropes", **texts)
    test = page("documents", search="rope").run()
    assert "Ask gives the first 4 to a model" in shown(test)
    assert shown(test).count("Ask gives this") == 4
