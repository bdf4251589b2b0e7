"""The page on which people vote blind, blind Ask, and the votes on an experiment's page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.domain import (
    Answer,
    AnswerState,
    AnswerText,
    Candidate,
    Choice,
    Collection,
    Experiment,
    ExperimentState,
    LaneView,
    Question,
    Retrieval,
    TextDelta,
)
from app.errors import NotAllowed
from app.services import Services
from app.ui.votes_page import Sight
from tests import experiments
from tests.experiments import bare, given, kept
from tests.fakes import completed
from tests.storage.examples import answer
from tests.ui.experiments import Links, linking, named
from tests.ui.opened import FakeServer, filled, opened, page, shown

pytestmark = pytest.mark.integration
TEXTS = ("The mill has seven stones [1], and I know of no others.", "I'm not sure: $94 :red[x] <b>")


@pytest.fixture
def fake() -> FakeServer:
    return FakeServer(models=("tiny", "large"))


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: FakeServer) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch, fake) as (made, _):
        yield made


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> Links:
    return linking(monkeypatch)


def experiment(
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    state: ExperimentState = ExperimentState.FINISHED,
    *,
    names: tuple[str, str] = ("alpha", "beta"),
) -> Experiment:
    """Two candidates whose answers differ, three questions."""

    def differing(asked: Question, who: Candidate, state: AnswerState) -> Answer:
        return answer(asked, who=who, state=state, text=TEXTS[who.with_documents])

    with monkeypatch.context() as patch:
        patch.setattr(experiments, "answer", differing)
        candidates = [given(names[0]), bare(names[1])]
        name = "Mill" if names[0] == "alpha" else "Inn"
        return kept(services.experiments, services.datasets, candidates, "rwr", "wrw", name=name, state=state)


def voting(experiment_id: str, **address: str) -> AppTest:
    test = page("vote", experiment=experiment_id, **address).run()
    assert not test.exception
    return test


def blind(test: AppTest) -> None:
    words = shown(test) + " ".join(one.label for one in test.button)
    for name in ("alpha", "beta", "fake", "with documents", "without documents"):
        assert name not in words


def test_the_name_is_asked_for_once_and_stands_in_the_address(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = experiment(services, monkeypatch)
    linking(monkeypatch)
    test = voting(one.id)
    assert not [button for button in test.button if button.label == Choice.LEFT.value]
    blind(test)
    test.text_input[0].set_value(" Ada ")
    next(button for button in test.button if button.label == "Begin").click().run()
    assert named(test, "voter") == "Ada"
    assert "Voting as **Ada**" in shown(test)
    blind(test)


def test_votes_are_kept_undone_and_resumed(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    one = experiment(services, monkeypatch)
    linking(monkeypatch)
    test = voting(one.id, voter="Ada")
    assert test.button(key="vote-undo").disabled
    for choice in (Choice.LEFT, Choice.TIE):
        press(test, choice)
        blind(test)
    assert [vote.vote.voter for vote in services.votes.of_experiment(one.id)] == ["Ada", "Ada"]
    assert "2 of 3" in progress(voting(one.id, voter=" aDA"))
    assert "0 of 3" in progress(voting(one.id, voter="Bob"))
    test.button(key="vote-undo").click().run()
    (left,) = services.votes.of_experiment(one.id)
    assert left.vote.preferred
    press(test, Choice.BAD)
    press(test, Choice.RIGHT)
    assert "You voted on every pair" in "".join(str(box.value) for box in test.success)
    assert [vote.vote.both_bad for vote in services.votes.of_experiment(one.id)].count(True) == 1


def press(test: AppTest, choice: Choice) -> None:
    next(one for one in test.button if one.label == choice.value).click().run()


def progress(test: AppTest) -> str:
    return str([block.proto for block in test.get("progress")])


def test_who_answered_is_told_after_the_vote_where_that_is_wanted(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = experiment(services, monkeypatch)
    linking(monkeypatch)
    test = voting(one.id, voter="Ada")
    test.button(key="vote-telling").click().run()
    blind(test)
    press(test, Choice.LEFT)
    words = shown(test)
    assert "**A** was" in words
    assert "alpha" in words
    assert "beta" in words
    test.button(key="vote-next").click().run()
    blind(test)


def test_what_was_told_of_one_experiment_is_not_told_of_the_next(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = experiment(services, monkeypatch)
    linking(monkeypatch)
    test = voting(one.id, voter="Ada")
    test.button(key="vote-telling").click().run()
    press(test, Choice.LEFT)
    other = experiment(services, monkeypatch, names=("gamma", "delta"))
    test.query_params["experiment"] = other.id
    test.run()
    assert not test.exception
    assert "was" not in shown(test).split()
    assert not {"gamma", "delta"} & set(shown(test).split())


def test_answers_read_as_typed(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    one = experiment(services, monkeypatch)
    linking(monkeypatch)
    words = shown(voting(one.id, voter="Ada"))
    assert "seven stones, and I know" in words.replace("\\", ""), "[1] tells of documents"
    assert "Marks such as [1] are left out" in words
    assert "\\$94 \\:red" in words
    assert "<b>" not in words.replace("\\<b", "")


def test_where_nothing_can_be_voted_on_that_is_said(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    linking(monkeypatch)
    alike = kept(services.experiments, services.datasets, [given(), bare()], "rr", "ww", name="Alike")
    assert "No question has two different answers yet" in shown(voting(alike.id, voter="Ada"))
    single = kept(services.experiments, services.datasets, [given()], "rr", name="Single")
    assert "one candidate only" in shown(voting(single.id, voter="Ada"))
    assert "That experiment is not here" in shown(voting("nothing"))


# ------------------------------------------------------------------------ on the experiment's page


def test_the_experiment_s_page_has_only_the_way_to_vote_until_there_are_votes(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = experiment(services, monkeypatch)
    links = linking(monkeypatch)
    test = page("experiment", experiment=one.id).run()
    assert not test.exception
    assert "Nobody has voted yet" in shown(test)
    assert not [box for box in test.expander if box.label == "Table: rating by votes"]
    assert ("pages/vote.py", "Vote blind") in [each[:2] for each in links.drawn]
    for case in range(3):
        shown_pair = f"Mill-A0-{case}", f"Mill-A1-{case}"
        services.polling.vote("Ada", shown_pair, Choice.LEFT if case else Choice.RIGHT)
    test = page("experiment", experiment=one.id).run()
    assert not test.exception
    words = shown(test).replace("\\", "")
    assert "Where just one of two answers was right" in words
    assert "Table: rating by votes" in [box.label for box in test.expander]
    test.toggle(key="votes-styled").set_value(True).run()
    assert "Too few answers differ in length" in shown(test), "three votes tell nothing of that"


def test_while_it_has_not_finished_nobody_is_asked_to_vote(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = experiment(services, monkeypatch, state=ExperimentState.STOPPED)
    links = linking(monkeypatch)
    page("experiment", experiment=one.id).run()
    assert "pages/vote.py" not in [each[0] for each in links.drawn]


@pytest.mark.parametrize("state", [one for one in ExperimentState if one is not ExperimentState.FINISHED])
def test_nor_does_the_address_lead_to_a_vote(
    services: Services, monkeypatch: pytest.MonkeyPatch, state: ExperimentState
) -> None:
    one = experiment(services, monkeypatch, state=state)
    linking(monkeypatch)
    test = voting(one.id, voter="Ada")
    assert "has not finished" in shown(test)
    assert not [button for button in test.button if button.label == Choice.LEFT.value]
    with pytest.raises(NotAllowed, match="has not finished"):
        services.polling.vote("Ada", ("Mill-A0-0", "Mill-A1-0"), Choice.LEFT)
    assert services.votes.count(one.id) == 0


def test_a_page_left_open_keeps_no_vote_once_it_is_run_again(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = experiment(services, monkeypatch)
    linking(monkeypatch)
    test = voting(one.id, voter="Ada")
    services.experiments.set_state(one.id, ExperimentState.RUNNING)
    press(test, Choice.LEFT)
    assert services.votes.count(one.id) == 0
    assert "so the vote was not kept" in "".join(str(each.value) for each in test.toast)
    assert "has not finished" in shown(test)


def _two_pairs() -> None:
    """As in a browser while the page is drawn anew: the button of the pair before is still there."""
    import streamlit as st

    from app.domain import Choice
    from app.ui import votes_page
    from tests.ui.test_vote_page import KEPT_VOTES, sight_of

    def vote(ids: tuple[str, str], _choice: Choice) -> bool:
        KEPT_VOTES.append(ids)
        return False

    actions = votes_page.VotingActions(vote, NotImplemented)
    old, new = sight_of("old"), sight_of("new")
    assert new.sides is not None
    st.button("Old", key="old", on_click=votes_page._voted, args=(old, old.sides, Choice.LEFT, actions))
    votes_page._buttons(new, new.sides, actions)


KEPT_VOTES: list[tuple[str, str]] = []


def sight_of(name: str) -> Sight:
    sides = AnswerText(0, 0, 0, f"{name}-1", "one"), AnswerText(1, 0, 0, f"{name}-2", "two")
    return Sight("E", 0, 2, 0, sides, "Which?")


def test_a_key_that_two_pairs_hear_is_one_vote_on_the_pair_that_is_shown() -> None:
    KEPT_VOTES.clear()
    test = AppTest.from_function(_two_pairs, default_timeout=30).run()
    old, new = "old", "vote-left-new-1-new-2"
    test.button(key=old).click()
    test.button(key=new).click()
    test.run()
    assert not test.exception
    assert KEPT_VOTES == [("new-1", "new-2")]
    test.button(key=old).click().run()
    assert len(KEPT_VOTES) == 1
    test.button(key=new).click().run()
    assert len(KEPT_VOTES) == 2


# ------------------------------------------------------------------------ blind on Ask


def lanes_of(collection: Collection) -> list[Candidate]:
    return [
        Candidate("fake", "tiny", retrieval=Retrieval(collection.id)),
        Candidate("fake", "large"),
    ]


def asked(services: Services, collection: Collection, *, blind: bool = True) -> str:
    question = services.comparing.ask("Which?", lanes_of(collection), collection.id, "me", blind=blind)
    for lane in services.comparing._lanes():
        assert lane.done.wait(20)
    return question


def test_who_types_a_name_and_clicks_at_once_has_voted(services: Services, fake: FakeServer) -> None:
    """The button was drawn before the name was known, and the click comes with the name."""
    question = asked(services, filled(services, "Ropes", rope="The rope is red."))
    test = page("ask", question=question).run()
    test.text_input(key="ask-voter").set_value("Ada")
    test.button(key="ask-vote-1").click().run()
    assert not test.exception
    (vote,) = services.polling.on([one.answer_id for one in _lanes(services, question)])
    assert vote.voter == "Ada"
    assert "Ada preferred A" in shown(test)


def test_asked_blind_nobody_is_named_until_the_vote(services: Services, fake: FakeServer) -> None:
    collection = filled(services, "Ropes", rope="The rope is red.")
    question = asked(services, collection)
    test = page("ask", question=question).run()
    assert not test.exception
    words = shown(test)
    for told in ("tiny", "large", "tokens", "with documents", "no documents"):
        assert told not in words, told
    labels = [one.label for one in test.button]
    assert {"A is better", "B is better", "Equally good", "Both bad"} <= set(labels)
    assert "Ask again" not in labels
    assert not [one for one in test.expander if one.label == "What was sent"]
    test.button(key="ask-vote-1").click().run()
    assert services.polling.on([one.answer_id for one in _lanes(services, question)]) == []
    test.text_input(key="ask-voter").set_value("Ada").run()
    assert "You vote as **Ada**" in shown(test)
    assert "tiny" not in shown(test)
    test.button(key="ask-vote-1").click().run()
    (vote,) = services.polling.on([one.answer_id for one in _lanes(services, question)])
    assert (vote.voter, vote.origin) == ("Ada", "ask")
    words = shown(test)
    assert "Ada preferred A" in words
    assert "tiny with documents" in words
    assert "Ask again" in [one.label for one in test.button]
    assert named(test, "voter") == "Ada"
    test.button(key="ask-unvote").click().run()
    assert services.polling.on([one.answer_id for one in _lanes(services, question)]) == []
    assert "Ask again" in [one.label for one in test.button], "who has seen the names is not blind any more"
    assert named(test, "seen") == question, "nor after a reload"
    assert "tiny with documents" in shown(page("ask", question=question, seen=question).run())


def test_each_person_votes_blind_whatever_others_voted_or_looked_at(services: Services) -> None:
    collection = filled(services, "Ropes", rope="The rope is red.")
    question = asked(services, collection)
    ada, bob, cleo = (page("ask", question=question, voter=one).run() for one in ("Ada", "Bob", "Cleo"))
    ada.button(key="ask-vote-1").click().run()
    assert "tiny with documents" in shown(ada)
    cleo.button(key="ask-vote-reveal").click().run()
    assert "tiny with documents" in shown(cleo)
    bob.run()
    assert not {"tiny", "large", "Ada"} & set(shown(bob).replace("*", " ").split())
    bob.button(key="ask-vote-2").click().run()
    votes = services.polling.on([one.answer_id for one in _lanes(services, question)])
    assert [one.voter for one in votes] == ["Ada", "Bob"]
    assert "Ada preferred A. Bob preferred B." in shown(bob).replace("\\", "")
    again = page("ask", question=question).run()
    assert "tiny" not in shown(again)
    again.text_input(key="ask-voter").set_value(" bob ").run()
    assert "tiny with documents" in shown(again), "who has voted need not do so again"


def test_somebody_else_can_take_a_seat_before_the_vote(services: Services) -> None:
    question = asked(services, filled(services, "Ropes", rope="The rope is red."))
    test = page("ask", question=question, voter="Ada").run()
    test.button(key="ask-voter-other").click().run()
    test.text_input(key="ask-voter").set_value("Bob").run()
    test.button(key="ask-vote-1").click().run()
    (vote,) = services.polling.on([one.answer_id for one in _lanes(services, question)])
    assert vote.voter == "Bob"


def test_asked_blind_nothing_is_shown_before_the_last_has_ended(services: Services, fake: FakeServer) -> None:
    """Who begins first, or writes faster, would tell which lane got no passages."""
    collection = filled(services, "Ropes", rope="The rope is red.")
    gate = fake.hold("Half of ", then="it.")
    question = services.comparing.ask("Which?", lanes_of(collection), collection.id, "me", blind=True)
    first, second = services.comparing._lanes()
    assert gate.reached.wait(20)
    test = page("ask", question=question, voter="Ada").run()
    assert not test.exception
    words = shown(test)
    assert "Half of" not in words
    assert words.count("working") == 2
    assert "All answers are shown at once" in words
    assert not [one for one in test.button if str(one.key).startswith("ask-vote")]
    gate.open()
    for lane in (first, second):
        assert lane.done.wait(20)
    words = shown(test.run()).replace("\\", "")
    assert "Half of it." in words
    assert "working" not in words
    assert [one for one in test.button if one.key == "ask-vote-1"]


def test_marks_that_tell_of_documents_are_hidden_until_the_vote(services: Services, fake: FakeServer) -> None:
    fake.default = (TextDelta("Red [1], says passage 2."), completed())
    question = asked(services, filled(services, "Ropes", rope="The rope is red."))
    test = page("ask", question=question, voter="Ada").run()
    words = shown(test).replace("\\", "")
    assert "Red, says passage." in words
    assert "[1], says" not in words
    assert "Marks such as [1] are left out until you vote" in words


def test_nobody_takes_back_what_another_person_voted(services: Services) -> None:
    collection = filled(services, "Ropes", rope="The rope is red.")
    question = asked(services, collection)
    ids = [one.answer_id for one in _lanes(services, question)]
    for name in ("Ada", "Bob"):
        services.polling.vote_best(name, ids, ids[0], bad=False)
    test = page("ask", question=question, voter="bob").run()
    test.button(key="ask-unvote").click().run()
    assert [one.voter for one in services.polling.on(ids)] == ["Ada"]
    assert "Ada preferred" in shown(test)
    assert not [one for one in test.button if one.key == "ask-unvote"]


def test_asked_blind_the_lanes_begin_in_no_order_that_anybody_chose(services: Services) -> None:
    collection = filled(services, "Ropes", rope="The rope is red.")
    first = {_lanes(services, asked(services, collection))[0].candidate.model for _ in range(16)}
    assert first == {"tiny", "large"}
    clear = _lanes(services, asked(services, collection, blind=False))
    assert [one.candidate.model for one in clear] == [one.model for one in lanes_of(collection)]


def _lanes(services: Services, question: str) -> tuple[LaneView, ...]:
    view = services.comparing.view(question)
    assert view is not None
    return view.lanes


def test_who_answered_can_be_shown_without_a_vote(services: Services) -> None:
    collection = filled(services, "Ropes", rope="The rope is red.")
    test = page("ask", question=asked(services, collection)).run()
    test.button(key="ask-vote-reveal").click().run()
    assert "tiny with documents" in shown(test)


def test_not_asked_blind_everything_is_shown_at_once(services: Services) -> None:
    collection = filled(services, "Ropes", rope="The rope is red.")
    test = page("ask", question=asked(services, collection, blind=False)).run()
    assert "tiny with documents" in shown(test)
    assert "A is better" not in [one.label for one in test.button]
