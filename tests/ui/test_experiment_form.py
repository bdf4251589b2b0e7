"""What the form of a new experiment says of limit, repeats, estimate and probe, and what it starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.domain import (
    MONEY_SCALE,
    Candidate,
    Case,
    Dataset,
    Estimate,
    Experiment,
    Gold,
    Limit,
    MeasureView,
    Options,
    OwnPrice,
    Taking,
    Upload,
)
from app.errors import BackendDown
from app.services import Services
from app.ui.estimates import figures_of, listed, repeats_words
from app.ui.experiment_form import NO_BILL, Plan
from app.ui.experiment_form_estimate import PROBE, probe_words
from app.ui.experiment_form_grid import Variations
from tests.storage.examples import NOON
from tests.ui.experiments import linking
from tests.ui.opened import FakeServer, filled, opened, page, shown
from tests.waiting import until

CASES = (Case("How many?", ("seven",)), Case("Who?", ("Ada",)), Case("When?", ("1714",)))
CENT = MONEY_SCALE // 100
COLD, WARM = Candidate("fake", "tiny"), Candidate("fake", "tiny", Options(temperature=0.5))


@pytest.fixture
def servers() -> tuple[FakeServer, ...]:
    """One's own machine, and an API with a price list."""
    api = FakeServer("api", models=("gpt-4o-mini",), provider="openai", local=False, host="api.example.org")
    return FakeServer(), api


@pytest.fixture
def services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, servers: tuple[FakeServer, ...]
) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch, *servers) as (made, _):
        filled(made, "Mill", mill="The mill has seven stones.")
        made.datasets.create("Mill", CASES)
        yield made


def form(*models: str) -> AppTest:
    """The form with these models, or those that it has at first."""
    test = page("experiments", new="yes").run()
    if models:
        test.multiselect(key="experiment-models").set_value(list(models)).run()
    assert not test.exception
    return test


def without_documents(test: AppTest) -> AppTest:
    """Only the candidates that are given nothing: then no passage leaves this machine."""
    for box in test.checkbox:
        if str(box.key).startswith("cell-") and box.label == "with documents":
            box.uncheck()
    test.run()
    assert not test.exception
    return test


def started(test: AppTest, services: Services) -> Experiment:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("streamlit.switch_page", lambda *_args, **_more: None)
        test.button(key="experiment-start").click().run()
    assert not test.exception, test.exception
    experiment = services.experiments.list()[0]
    assert services.experimenting._runs[experiment.id].done.wait(60)
    return services.experiments.get(experiment.id)


def words(test: AppTest) -> str:
    """What the page says, without the signs that keep it from being read as Markdown."""
    return shown(test).replace("\\", "")


def figure(test: AppTest, name: str) -> str:
    return next(str(one.value) for one in test.metric if one.label == name)


# ------------------------------------------------------------------------ what is chosen


def test_beside_the_questions_that_there_are_new_ones_can_be_made(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = linking(monkeypatch)
    collection = services.collections.list()[0].id
    assert not page("experiments", collection=collection).run().exception
    assert ("pages/dataset.py", "New questions", {"collection": collection}) in links.drawn


def test_options_are_told_as_they_are_called() -> None:
    assert Variations(schemas=(False, True), temperatures=(0.7,)).told == [
        "temperature 0.7",
        "free text and strict JSON",
    ]


def test_documents_that_the_questions_name_and_no_collection_has_are_told(services: Services) -> None:
    assert "none of the documents" not in words(form()), "no question names any"
    far = Case("How far?", ("a mile",), (Gold("folder/roads.txt", "a mile"), Gold("paths.txt", "")))
    other = services.datasets.create("Roads", [*CASES, far])
    test = page("experiments", new="yes", dataset=other.id).run()
    assert "“Mill” has none of the documents that these questions name." in words(test)
    services.ingesting.ingest(services.collections.list()[0].id, Upload("roads.txt", b"Roads."))
    assert "none of the documents" not in words(test.run())


def test_typing_a_number_takes_no_others_that_begin_with_it(services: Services) -> None:
    test = form()
    boxes = [test.multiselect(key=f"experiment-{name}") for name in ("k", "cap", "temperature", "models")]
    assert [one.proto.select_all for one in boxes] == [0] * 4


# ------------------------------------------------------------------------ the limit


@pytest.mark.integration
def test_where_nobody_bills_an_answer_there_is_nothing_to_limit(services: Services) -> None:
    test = form("fake/tiny")
    limit = test.number_input(key="experiment-limit")
    assert limit.disabled
    assert NO_BILL in words(test)
    assert started(test, services).limit is None


@pytest.mark.integration
def test_a_limit_is_set_in_the_currency_of_the_bills(services: Services) -> None:
    test = without_documents(form("fake/tiny", "api/gpt-4o-mini"))
    assert NO_BILL not in words(test)
    assert test.selectbox(key="experiment-currency").options == ["USD"]
    test.number_input(key="experiment-limit").set_value(0.29).run()
    # 0.29 is 0.28999… as a binary number.
    assert started(test, services).limit == Limit(29 * CENT, "USD")


@pytest.mark.integration
def test_an_own_price_brings_bills_in_its_currency(services: Services) -> None:
    price = OwnPrice("fake", "tiny", "EUR", Decimal(2), Decimal(8), None, None, date(2026, 1, 1))
    services.price_lists.change((), [price])
    test = form("fake/tiny")
    assert test.selectbox(key="experiment-currency").options == ["EUR"]
    assert not test.number_input(key="experiment-limit").disabled
    both = without_documents(form("fake/tiny", "api/gpt-4o-mini"))
    assert both.selectbox(key="experiment-currency").options == ["EUR", "USD"]
    both.number_input(key="experiment-limit").set_value(5.0).run()
    both.button(key="experiment-start").click().run()
    assert "No price in EUR is known for gpt-4o-mini: no limit could be kept" in words(both)
    assert services.experiments.list() == []


# ------------------------------------------------------------------------ repeats


@pytest.mark.integration
def test_at_temperature_0_the_form_says_that_repeats_add_nothing(services: Services) -> None:
    test = form("fake/tiny")
    nothing = "repeats add next to nothing here"
    assert nothing not in words(test)
    test.number_input(key="experiment-repeats").set_value(3).run()
    assert nothing in words(test)
    assert figure(test, "Answers") == f"{len(CASES) * 2 * 3}"
    test.multiselect(key="experiment-temperature").set_value([0.5]).run()
    assert nothing not in words(test)
    experiment = started(test, services)
    assert (experiment.repeats, {one.options.temperature for one in experiment.candidates}) == (3, {0.5})


@pytest.mark.parametrize(
    ("candidates", "repeats", "words"),
    [
        ([COLD], 1, ""),
        (
            [COLD],
            2,
            "At temperature 0 a model nearly always answers the same: repeats add next to nothing here.",
        ),
        ([WARM], 2, ""),
        (
            [COLD, WARM],
            2,
            "Repeats add next to nothing for those at temperature 0, which nearly always answer the same.",
        ),
    ],
)
def test_what_repeats_bring(candidates: list[Candidate], repeats: int, words: str) -> None:
    assert repeats_words(candidates, repeats) == words


# ------------------------------------------------------------------------ the estimate


def told(estimate: Estimate, **more: object) -> dict[str, tuple[str, str]]:
    """Each figure with its basis."""
    plan = Plan(Dataset("D", "Mill", "v", 60, NOON, NOON), (), (COLD, WARM), 2, False, True, None, "")
    made = figures_of(replace(plan, **more), estimate)  # type: ignore[arg-type]
    return {one.name: (one.value, one.basis) for one in made}


BASIS = "From 9 recorded answers of the same models."
KNOWN = Estimate(240, 540.0, 24_000, {"USD": 42 * CENT}, (), (), BASIS, questions=60)


def test_each_figure_has_its_basis() -> None:
    found = told(KNOWN)
    assert found["Answers"] == ("240", "60 questions × 2 candidates × 2 times")
    assert found["Time"] == ("about 9 min", f"As many at once as each server takes. {BASIS}")
    assert found["Tokens"] == ("24,000", f"In and out. {BASIS}")
    assert found["Cost"] == ("$0.42", "As recorded answers of the same models cost.")
    assert told(KNOWN, one_at_a_time=True)["Time"][1].startswith("One after the other. ")


def test_what_is_unknown_is_named_and_never_counted_as_nothing() -> None:
    label = "tiny without documents"
    part = told(replace(KNOWN, unknown=(label, label), unpriced=(label,)))
    missing = f" Without {label}, of which nothing is known."
    assert part["Time"] == ("about 9 min or more", told(KNOWN)["Time"][1] + missing)
    assert part["Tokens"][0] == "24,000 or more"
    assert part["Cost"] == ("$0.42 or more", f"As recorded answers of the same models cost.{missing}")
    nothing = told(Estimate(240, None, 0, {}, (label,), (label,), ""))
    none = "Nothing is recorded of these candidates yet."
    assert nothing["Time"] == nothing["Tokens"] == ("unknown", none)
    assert nothing["Cost"] == ("unknown", "No recorded answer of these candidates has a known cost.")


def test_of_many_names_the_first_are_told_and_none_is_cut() -> None:
    assert listed(["a", "b", "a"]) == "a; b"
    assert listed(["a", "b", "c", "d"]) == "a; b; c; d", "one more is no shorter than its name"
    assert listed(list("abcdef")) == "a; b; c; and 3 more"


def test_judgements_and_what_causes_take_stand_beside_the_figures() -> None:
    more = Taking(60.0, 3_000, {"USD": 2 * CENT})
    found = told(replace(KNOWN, judgements=200, reasks=30, more=more))
    assert found["Answers"][1].endswith("; and up to 200 judgements and 30 asked again to find causes")
    assert found["Time"][1].endswith(" Looking for causes takes at most 1 min more.")
    assert found["Tokens"][1].endswith(" Looking for causes takes at most 3,000 more.")
    assert found["Cost"][1].endswith(" Looking for causes takes at most $0.02 more.")


def test_of_the_cost_it_is_said_what_nobody_bills() -> None:
    value, basis = told(replace(KNOWN, own={"USD": 40 * CENT}))["Cost"]
    assert value == "$0.42"
    assert basis.endswith("cost. $0.40 is your own machine's, which nobody bills by the answer.")
    whole = told(replace(KNOWN, own={"USD": 42 * CENT}))["Cost"][1]
    assert whole.endswith("It is your own machine's, which nobody bills by the answer.")


@pytest.mark.integration
def test_after_a_run_the_form_knows_what_the_next_one_takes(services: Services) -> None:
    test = form("fake/tiny")
    assert [figure(test, name) for name in ("Answers", "Time", "Tokens", "Cost")] == ["6"] + ["unknown"] * 3
    started(test, services)
    test = form("fake/tiny")
    assert figure(test, "Tokens") == "110", "18 each"
    assert figure(test, "Time").startswith("about ")
    assert "From 6 recorded answers of the same models." in words(test)
    assert "It is your own machine's, which nobody bills by the answer." in words(test)
    assert [one for one in test.button if one.key == "probe-start"] == []


# ------------------------------------------------------------------------ the probe


def test_how_far_a_probe_is() -> None:
    assert probe_words(MeasureView(3, 8, "tiny")) == "Measuring: 3 of 8 answers, now tiny"
    assert probe_words(MeasureView(3, 8)) == "Measuring: 3 of 8 answers"
    assert probe_words(MeasureView(3, 8, stopping=True)) == "Stopping after 3 of 8 answers…"


def ended(services: Services) -> None:
    until(lambda: (view := services.experimenting.measuring.view()) is not None and not view.busy)


@pytest.mark.integration
def test_the_probe_is_offered_where_nothing_is_recorded_and_then_the_figures_are_there(
    services: Services,
) -> None:
    test = form("fake/tiny")
    assert "Nothing is recorded of tiny with documents; tiny without documents." in words(test)
    assert test.button(key="probe-start").label == PROBE
    test.button(key="probe-start").click().run()
    ended(services)
    test.run()
    assert not test.exception
    assert "unknown" not in [figure(test, name) for name in ("Time", "Tokens", "Cost")]
    assert "From 4 recorded answers of the same models." in words(test)
    assert [one for one in test.button if one.key == "probe-start"] == []
    assert services.experiments.list() == []


@pytest.mark.integration
def test_a_probe_is_cancelled_and_offered_again(services: Services, servers: tuple[FakeServer, ...]) -> None:
    servers[0].hold("half")
    test = form("fake/tiny")
    test.button(key="probe-start").click().run()
    until(lambda: servers[0].requests)
    test.run()
    assert not test.exception
    (bar,) = test.get("progress")
    assert bar.proto.text.replace("\\", "").startswith("Measuring: 0 of 4 answers, now tiny with documents")
    test.button(key="probe-stop").click().run()
    ended(services)
    test.run()
    assert test.button(key="probe-start").label == PROBE
    assert len(servers[0].requests) == 1


@pytest.mark.integration
def test_who_could_not_be_measured_is_named_with_what_to_do(
    services: Services, servers: tuple[FakeServer, ...]
) -> None:
    for _ in range(6):
        servers[0].fail(BackendDown("Nobody answers.", "Start it."))
    test = form("fake/tiny")
    test.button(key="probe-start").click().run()
    ended(services)
    test.run()
    for given in ("with", "without"):
        assert f"The probe could not measure tiny {given} documents: Nobody answers. Start it." in words(test)
    assert "Mend it, then measure again." in words(test)
    assert test.button(key="probe-start").label == PROBE


@pytest.mark.integration
def test_no_probe_before_passages_may_leave_this_machine(services: Services) -> None:
    test = form("api/gpt-4o-mini")
    assert test.button(key="probe-start").disabled
    assert test.button(key="experiment-start").disabled
    test = without_documents(test)
    assert not test.button(key="probe-start").disabled
    assert not test.button(key="experiment-start").disabled
