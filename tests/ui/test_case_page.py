"""The page of one question of an experiment, over real services with a fake model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.domain import Candidate, Collection, Judgement, Options, Retrieval
from app.errors import BackendError
from app.evaluation.experiments.archive import archive_of, lines_of
from app.services import Services
from tests.ui.experiments import QUESTIONS, TEXTS, both, dataset, linking, named, ran
from tests.ui.opened import FakeServer, filled, opened, page, shown

pytestmark = pytest.mark.integration  # whole pages


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: FakeServer) -> Iterator[Services]:
    linking(monkeypatch)
    with opened(tmp_path, monkeypatch, server) as (made, _):
        yield made


@pytest.fixture
def collection(services: Services) -> Collection:
    return filled(services, "Mill", **TEXTS)


def case(experiment: str, number: int, **more: str) -> AppTest:
    test = page("case", experiment=experiment, case=str(number), **more).run()
    assert not test.exception
    return test


def answers(services: Services, experiment: str) -> dict[tuple[int, int], str]:
    """The ids of the answers by candidate and case."""
    return {
        (one.slot.candidate, one.slot.case): one.answer_id for one in services.experiments.trials(experiment)
    }


def test_the_question_with_its_right_answer_and_the_text_that_says_so(
    services: Services, collection: Collection, server: FakeServer
) -> None:
    experiment = ran(services, both(collection))
    test = case(experiment, 0)
    told = shown(test)
    assert test.title[0].value == "Question 1 of 4"
    assert "#### How many stones has the mill\\?" in told
    assert "**Right:** “seven”" in told
    assert "It stands in **mill\\.txt** (collection “Mill”)." in told
    assert "Some words before\\. :yellow-background[The mill has seven stones\\.] Some words after\\." in told


def test_the_document_opens_at_the_passage_that_holds_the_gold_text(
    services: Services, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = linking(monkeypatch)
    case(ran(services, both(collection)), 0)
    (address,) = [query for _, label, query in links.drawn if label == "Open the document"]
    there = shown(page("documents", **address).run())
    assert "Found: Passage 1 of 1" in there
    assert "The mill has seven stones" in there


def test_each_answer_says_whether_it_is_right_by_which_rule_and_why_not(
    services: Services, collection: Collection, server: FakeServer
) -> None:
    server.say("It has seven stones [1].")
    experiment = ran(services, both(collection))
    told = shown(case(experiment, 0))
    assert "**Right**, decided by whether it has the words of a right answer" in told
    assert "**Wrong**, decided by whether it has the words of a right answer" in told
    assert "**Why: No documents given** (neither index nor model)." in told
    # Its question comes from a dataset: the button of Ask has no dialog here.
    assert "Add to a dataset" not in {one.label for one in case(experiment, 0).button}
    assert "The same 2 passages went to each" in told or "2 passages went to the lane with documents" in told
    assert "Marked in the passages: the text that the answer stands in." in told
    assert told.count(":yellow-background[The mill has seven stones\\.]") == 2


def test_a_mark_made_here_changes_what_is_right(
    services: Services, collection: Collection, server: FakeServer
) -> None:
    experiment = ran(services, both(collection))
    mine = answers(services, experiment)[0, 0]
    test = case(experiment, 0)
    test.segmented_control(key=f"mark-{mine}").set_value(Judgement.RIGHT.value).run()
    told = shown(test)
    assert "**Right**, decided by your own mark. You marked it as right\\." in told
    assert "Without your mark it is not right." in told
    trial = next(one for one in services.experiments.trials(experiment) if one.answer_id == mine)
    assert (trial.right, trial.judgement) == (True, Judgement.RIGHT)


def test_hostile_words_read_as_typed_and_a_missing_document_is_said(
    services: Services, collection: Collection
) -> None:
    experiment = ran(services, both(collection))
    told = shown(case(experiment, 3))
    assert "\\$94 and \\:red\\[x\\]" in told
    assert "“\\<b\\>nothing\\<\\/b\\>”" in told
    assert "**gone\\.txt** is not in the collection “Mill”, or not any more." in told
    assert "Nothing costs that\\." in told


def test_a_question_without_an_answer_in_the_documents(services: Services, collection: Collection) -> None:
    experiment = ran(services, both(collection))
    told = shown(case(experiment, 2))
    assert "**Right:** to say that the documents do not contain it." in told
    assert "**Why: Invented** (the model)." in told


def test_a_document_deleted_since_is_said_plainly(services: Services, collection: Collection) -> None:
    experiment = ran(services, both(collection))
    entry = services.documents.named(collection.id, "mill.txt")
    assert entry
    services.ingesting.delete(collection.id, entry.document_id)
    told = shown(case(experiment, 0))
    assert "**mill\\.txt** is not in the collection “Mill”, or not any more." in told
    assert "The documents of “Mill” were changed since the experiment began" in told


def test_an_experiment_made_elsewhere_whose_documents_are_not_here(
    services: Services, collection: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = ran(services, both(collection))
    packed = "\n".join(lines_of(services.archives.read(experiment))).encode()
    services.close()
    with opened(tmp_path / "elsewhere", monkeypatch, FakeServer()) as (other, _):
        other.archives.write(archive_of(BytesIO(packed)))
        told = shown(case(experiment, 0))
    assert "The experiment was made elsewhere, and the documents that were searched are not here." in told
    assert ":yellow-background[The mill has seven stones\\.]" in told  # in the passages that were given


def test_a_failure_tells_its_words(services: Services, collection: Collection, server: FakeServer) -> None:
    server.fail(BackendError("The server is on fire.", "Put it out."))
    server.concurrency = 1
    experiment = ran(services, both(collection)[:1])
    told = shown(case(experiment, 0))
    assert "The server is on fire" in told
    assert "**Failed**, decided by how it ended" in told
    assert "**Why: Failed**" in told


def test_repeats_stand_together_and_the_one_that_the_address_names_is_shown(
    services: Services, collection: Collection, server: FakeServer
) -> None:
    server.concurrency = 1
    for text in ("It has seven.", "None.", "None.", "None.", "It has eight stones.", "None."):
        server.say(text)
    hot = Options(temperature=0.5)
    experiment = ran(services, [Candidate("fake", "tiny", hot, Retrieval(collection.id, 2))], repeats=2)
    trials = services.experiments.trials(experiment, 0)
    right, wrong = ([one for one in trials if one.right is value] for value in (True, False))
    assert (len(right), len(wrong)) == (1, 1)
    assert "It has seven" not in shown(case(experiment, 0))
    test = case(experiment, 0, answer=right[0].answer_id)
    assert "It has seven" in shown(test)
    repeats = test.pills(key=f"case-repeat-{experiment}-0-0")
    assert "right in 1 of 2" in repeats.label
    repeats.set_value(wrong[0].answer_id).run()
    assert "It has seven" not in shown(test)
    assert named(test, "answer") == wrong[0].answer_id


def test_the_way_to_the_questions_beside(services: Services, collection: Collection) -> None:
    experiment = ran(services, both(collection))
    test = case(experiment, 2, answer="any")
    test.button(key="case-next").click().run()
    assert test.title[0].value == "Question 4 of 4"
    assert test.button(key="case-next").disabled
    assert "answer" not in test.query_params
    test.button(key="case-previous").click().run()
    assert named(test, "case") == "2"


@pytest.mark.parametrize("place", ["4", "-1", "x", "9" * 30, "²"])
def test_a_place_that_there_is_not(services: Services, collection: Collection, place: str) -> None:
    experiment = ran(services, both(collection))
    told = shown(page("case", experiment=experiment, case=place).run())
    assert "This experiment has no such question" in told


def test_of_many_candidates_those_that_went_wrong_are_open(
    services: Services, collection: Collection, server: FakeServer
) -> None:
    one = both(collection)[0]
    several = [replace(one, options=Options(max_tokens=100 + n)) for n in range(20)]
    server.concurrency = 1
    for _ in range(19):
        server.say("It has seven stones.")
    server.say("It has eight stones.")
    asked = dataset(services, "One", QUESTIONS[:1])
    experiment = ran(services, several, asked=asked)
    wrong = [one.slot.candidate for one in services.experiments.trials(experiment) if not one.right]
    assert len(wrong) == 1
    test = case(experiment, 0)
    chosen = test.multiselect(key=f"case-open-{experiment}-0")
    assert len(chosen.value) == 3
    assert chosen.value[0] == wrong[0]
    assert len(chosen.options) == 20
    chosen.set_value([5]).run()
    assert "It has eight" not in shown(test)
    assert shown(test).count("**Right**, decided by") == 1
