"""The page of an experiment with answers, and home that begins with it, over real rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.domain import (
    MONEY_SCALE,
    Candidate,
    Cause,
    Experiment,
    ExperimentState,
    Limit,
    PriceUse,
    Used,
    VerdictSettings,
)
from app.evaluation.scorers.judge import judge_of
from app.services import Services
from tests.experiments import bare, given, kept, moved
from tests.ui.opened import ROOT, SECONDS, opened, shown

pytestmark = pytest.mark.integration
HOSTILE = "x $5 :red[y] <b>"
CAUSES = {"w": Cause.RANKED_TOO_LOW, "a": Cause.REFUSED, "f": Cause.FAILED}


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch) as (made, _):
        yield made


def experiment(services: Services, **more: object) -> Experiment:
    candidates = (given(), bare(), given(HOSTILE))
    letters = "rrrrrrrrwwwa", "wwwwwwwwwwww", "rrrrwwwwuuff"
    return kept(services.experiments, services.datasets, candidates, *letters, **{"causes": CAUSES, **more})  # type: ignore[arg-type]


def drawn(experiment_id: str, **address: str) -> AppTest:
    """The page of an experiment, through the real entry."""
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=SECONDS)
    for key, value in {"experiment": experiment_id, **address}.items():
        test.query_params[key] = value
    test.switch_page("pages/experiment.py").run()
    assert not test.exception
    return test


def asked(test: AppTest, name: str) -> list[str]:
    """What the address says; AppTest gives it in either way."""
    found = test.query_params[name]
    return [found] if isinstance(found, str) else list(found)


def test_a_name_that_came_with_a_file_reads_as_typed(services: Services) -> None:
    one = experiment(services, name="![x](https://evil.example/x.png) :red[y]")
    title = drawn(one.id).title[0].value
    assert title.startswith("\\!\\[x\\]")
    assert ":red[" not in title.replace("\\:", "")


def test_the_sentence_stands_first_and_everything_below_it(services: Services) -> None:
    one = experiment(services)
    test = drawn(one.id)
    words = shown(test).replace("\u2060", "")
    first = test.markdown[1].value.replace("\u2060", "")
    assert first.startswith(
        "### On your 12 questions, it is too close to call: *small with documents* was right 67% of the time"
    )
    assert "The same as *small with documents*, but without documents, was right 0% of the time" in words
    assert "What to do next" in words
    assert "Ranked too low: 7 answers, and 12 without documents" in words
    remedy = (
        "(3 answers): Give more passages (a larger k), or use a reranker, a model that sorts what was "
        "found; Assay has none. Were all of it mended: right on 92% at most."
    )
    assert remedy in words.replace("\\", "")
    assert "Of 3 wrong answers with documents, none were right without them" in words.replace("\\", "")
    for label in ("Table: share right", "Table: every pair compared", "Table: causes by candidate"):
        assert label in [one.label for one in test.expander]
    assert asked(test, "experiment") == [one.id]


def test_filters_stand_in_the_address_and_the_address_filters(services: Services) -> None:
    one = experiment(services)
    test = drawn(one.id, cause=Cause.REFUSED.value, candidate=given().hash)
    assert "1 of 12 questions" in shown(test)
    assert asked(test, "cause") == [Cause.REFUSED.value]
    test.multiselect(key="result-filter-outcome").select("wrong").run()
    assert "0 of 12 questions" in shown(test)
    assert "No question fits these filters" in shown(test)
    assert asked(test, "outcome") == ["wrong"]
    wrong = drawn(one.id, cause="no such cause", outcome="<b>", candidate="?")
    assert "12 of 12 questions" in shown(wrong)


def test_a_remedy_shows_its_answers(services: Services) -> None:
    one = experiment(services)
    test = drawn(one.id)
    test.button(key="next-show-REFUSED").click().run()
    assert asked(test, "cause") == [Cause.REFUSED.value]
    assert "1 of 12 questions" in shown(test)


@pytest.mark.parametrize(
    ("button", "candidate", "cause", "questions"),
    [
        (f"behind-{given().hash}", given(), "", 12),
        ("next-family-index", given(), "any of the index", 3),
        ("next-family-model", given(), "any of the model", 1),
    ],
)
def test_the_shares_of_the_sentence_and_of_what_is_next_open_their_answers(
    services: Services, button: str, candidate: Candidate, cause: str, questions: int
) -> None:
    one = experiment(services)
    test = drawn(one.id)
    if button.startswith("behind-"):
        assert test.button(key=button).proto.wrap, "on a phone the name is not cut off"
    test.button(key=button).click().run()
    assert not test.exception
    assert asked(test, "candidate") == [candidate.hash]
    assert (asked(test, "cause") if cause else []) == ([cause] if cause else [])
    assert f"{questions} of 12 questions" in shown(test)


def test_while_it_has_not_finished_it_says_so_far(services: Services) -> None:
    one = experiment(services, state=ExperimentState.STOPPED)
    words = shown(drawn(one.id))
    assert "### So far, on your 12 questions" in words
    assert "You stopped this experiment" in words


def test_one_that_was_run_elsewhere_is_neither_asked_nor_judged(services: Services) -> None:
    judge = judge_of("court", "solomon")
    one = kept(services.experiments, services.datasets, [given()], "rwfj", judge=judge)
    test = drawn(one.id)
    assert "**1 answer waits for the judge.**" in shown(test).replace("\\", "")
    assert "Resume: 1 left to judge" in [button.label for button in test.button]
    assert "Ask the 1 failed answer again" in [button.label for button in test.button]
    test = drawn(moved(services.archives, one.id))
    words = shown(test).replace("\\", "")
    assert "This experiment was read from a file, with 1 answer not judged yet" in words
    assert "finish it where it was run" in words
    assert "why 2 answers are not right cannot be looked for here" in words
    labels = [button.label for button in test.button]
    assert not [label for label in labels if label.startswith(("Resume", "Ask the", "Judge or", "Look for"))]
    assert "Score anew" in labels


def test_at_the_limit_with_only_judging_left_the_limit_can_be_raised(services: Services) -> None:
    judge = judge_of("court", "solomon")
    one = kept(
        services.experiments,
        services.datasets,
        [given()],
        "rrjj",
        judge=judge,
        state=ExperimentState.AT_LIMIT,
        limit=Limit(5 * MONEY_SCALE, "USD"),
    )
    test = drawn(one.id)
    words = shown(test).replace("\\", "")
    assert "Raise the limit here below, then resume: nothing is judged twice." in words
    assert test.number_input(key="run-limit").value == 10
    assert "Resume: 2 left to judge" in [button.label for button in test.button]


def test_how_it_was_measured_is_made_when_it_is_opened(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = experiment(services)

    def refused(name: str) -> None:
        raise AssertionError(f"the scores of {name} were counted for nothing")

    monkeypatch.setattr(services.experiments, "used", refused)
    assert "Something went wrong" not in shown(drawn(one.id))


def test_one_without_answers_shows_only_its_run(services: Services) -> None:
    one = kept(services.experiments, services.datasets, [given()], "..", state=ExperimentState.INTERRUPTED)
    words = shown(drawn(one.id))
    assert "Nothing was answered yet" in words
    assert "Every question and answer" not in words


def test_one_that_is_gone_is_told_in_words(services: Services) -> None:
    words = shown(drawn("gone")).replace("\\", "")
    assert "That experiment is not here" in words
    assert "Choose another one under Experiments." in words


# ------------------------------------------------------------------------ home


def home(**address: str) -> AppTest:
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=SECONDS)
    for key, value in address.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception
    return test


def test_home_begins_with_the_newest_that_finished(services: Services) -> None:
    older = experiment(services, name="Older")
    experiment(services, name="Newest", state=ExperimentState.INTERRUPTED)
    test = home()
    assert test.title[0].value == "Verdict"
    assert test.selectbox(key="verdict-experiment").value == older.id
    assert asked(test, "experiment") == [older.id]
    assert "was right 67% of the time" in shown(test).replace("\u2060", "")
    assert "What was asked so far" not in shown(test)


def test_home_says_what_is_enough_and_what_the_person_sets_changes_the_words(services: Services) -> None:
    one = experiment(services)
    test = home(experiment=one.id)
    assert not test.exception
    words = shown(test).replace("\u2060", "").replace("\\", "")
    assert "cannot be told yet: 80% right is wanted" in words
    for name in ("Most often right", "Cheapest right answer, for 1,000", "Your own machine pays off"):
        assert name in [one.value for one in test.markdown]
    assert not test.metric, "it would cut off a figure that is wider than its column"
    cards = [one.value for one in test.subheader]
    assert cards[0] == "not decisive", "8 of 12 against 4 of 10 decide nothing"
    assert cards[2] == "not known yet"
    assert "No answer here was made on a machine of your own." in words
    for question in (
        "How often was each right?",
        "What does a right answer cost?",
        "When does your own machine pay off?",
    ):
        assert f"#### {question}" in words
    test.slider(key="verdict-enough").set_value(20).run()
    assert not test.exception
    words = shown(test).replace("\\", "")
    assert "is accurate enough: 20% right is wanted" in words
    assert services.assumptions.verdict().enough == 0.2
    assert "20% right is wanted" in shown(drawn(one.id)).replace("\\", ""), "on its own page, too"
    # Another person sets it: this tab follows, and does not set it back.
    services.assumptions.set_verdict(VerdictSettings(0.9, 0.1))
    test.run()
    assert "90% right is wanted" in shown(test).replace("\\", "")
    assert services.assumptions.verdict() == VerdictSettings(0.9, 0.1)
    # Set elsewhere after this tab was drawn, it stays when the other slider is moved here.
    services.assumptions.set_verdict(VerdictSettings(0.7, 0.1))
    test.slider(key="verdict-margin").set_value(3).run()
    assert services.assumptions.verdict() == VerdictSettings(0.7, 0.03)
    assert test.slider(key="verdict-enough").value == 70


@pytest.mark.parametrize("page", ["home", "experiment"])
def test_how_it_was_measured_names_the_weights_and_the_prices_with_their_dates(
    services: Services, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    one = experiment(services)
    use = PriceUse({"kind": "list price", "model": "small", "in force since": "2026-01-02"}, 36)
    monkeypatch.setattr(
        services.experiments, "used", lambda name: Used(prices=(use,)) if name == one.id else Used()
    )
    test = home(experiment=one.id) if page == "home" else drawn(one.id)
    test.session_state["result-how"] = True
    words = shown(test.run()).replace("\u2060", "").replace("\\", "")
    assert not test.exception
    assert "**Models:** small on fake, digest unknown" in words
    assert "**Prices:** 36 answers: list price; model: small; in force since: 2026-01-02." in words


def test_home_shows_the_chosen_one(services: Services) -> None:
    older = experiment(services, name="Older")
    newer = kept(services.experiments, services.datasets, [given()], "wwww", name="Newer")
    assert "was never right" in shown(home())
    assert "67%" in shown(home(experiment=older.id))
    test = home(experiment=older.id)
    test.selectbox(key="verdict-experiment").set_value(newer.id).run()
    assert "was never right" in shown(test)
    assert asked(test, "experiment") == [newer.id]


@pytest.mark.parametrize("present", ["", "yes"])
def test_home_says_that_the_one_of_the_address_is_not_here(services: Services, present: str) -> None:
    one = experiment(services)
    gone = "The experiment that the address names cannot be shown"
    more = {"present": present} if present else {}
    test = home(experiment="nope", **more)
    assert gone in shown(test)
    assert f"This is “{one.name}” in its place." in shown(test)
    assert gone not in shown(home(experiment=one.id, **more))
    assert gone not in shown(home(**more))


def test_home_without_an_answered_experiment_is_as_before(services: Services) -> None:
    kept(services.experiments, services.datasets, [given()], "..")
    assert home().title[0].value == "Verdict"


def test_a_run_that_ends_while_its_answers_are_read_is_shown_as_it_ended(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = experiment(services, state=ExperimentState.RUNNING)
    states, name = services.experiments, one.id
    goes_on = [True]
    read = services.examining.of

    def read_before_its_end(experiment_id: str) -> object:
        examined = read(experiment_id)
        if goes_on:
            goes_on.clear()
            states.set_state(name, ExperimentState.FINISHED)
        return examined

    monkeypatch.setattr(services.experimenting, "running", lambda: [name] if goes_on else [])
    monkeypatch.setattr(services.examining, "of", read_before_its_end)
    test = drawn(name)
    assert not goes_on
    assert not [each for each in test.button if each.label.startswith("Resume")]
    assert not test.error


def test_that_nothing_was_invented_is_not_said_before_there_was_a_chance_to(services: Services) -> None:
    pair = [given(), bare()]
    stopped = kept(
        services.experiments,
        services.datasets,
        pair,
        *("rw..", "ww.."),
        unanswerable=2,
        state=ExperimentState.STOPPED,
    )
    words = shown(drawn(stopped.id))
    assert "Whether they invent cannot be told yet" in words
    assert "nothing could be invented" not in words
    none = kept(services.experiments, services.datasets, pair, "rw", "ww", name="Other")
    assert "nothing could be invented" in shown(drawn(none.id))
