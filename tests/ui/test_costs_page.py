"""The Costs page over real rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import NumberInput, Selectbox, TextInput

from app.costs.energy import Energy
from app.costs.machines import default_assumptions
from app.domain import (
    UNKNOWN_FIGURE,
    AnswerFilter,
    Candidate,
    CandidateSummary,
    ExchangeRate,
    Figure,
    MachineAssumptions,
    OwnPrice,
    PricedModel,
    SpendDay,
)
from app.report_commands import report_of
from app.services import Services
from app.ui import prices, prices_lists
from app.ui.machine_form import joined
from app.ui.words import help_for
from tests.ui.experiments import TEXTS, both, ran
from tests.ui.opened import FakeServer, filled, opened, page
from tests.ui.streamlit_markdown import bare
from tests.ui.test_verdict_page import ask, chart

pytestmark = pytest.mark.integration


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch, FakeServer()) as (made, _):
        yield made


def test_an_empty_start_has_prices_and_a_machine(services: Services) -> None:
    test = page("costs").run()
    assert not test.exception
    assert "Nothing was asked on this machine yet" in bare(test)
    assert test.metric[0].value == "$0.138"
    assert "assumed" in bare(test)
    assert test.query_params["provider"] == "openai"


def test_a_changed_figure_is_kept_and_redrawn_at_once(services: Services) -> None:
    test = page("costs").run()
    rent = next(one for one in test.number_input if one.label.startswith("Rent"))
    rent.set_value(1.0).run()
    assert not test.exception
    assert test.metric[0].value == "$1.39"
    assert "was $0.138" in test.metric[0].delta
    kept = services.assumptions.machine()
    assert kept is not None
    assert (kept.rent_per_hour.value, kept.rent_per_hour.basis) == ("1", "assumed")


def test_it_says_that_a_rent_usually_includes_the_power(services: Services) -> None:
    told = "A list rent usually includes the power"
    test = page("costs").run()
    assert told in bare(test)
    services.assumptions.set_machine(MachineAssumptions())
    assert told not in bare(page("costs").run())


def test_a_purchase_beside_a_rent_says_that_it_does_not_count(services: Services) -> None:
    test = page("costs").run()
    assert not test.warning
    next(one for one in test.number_input if one.label.startswith("Purchase")).set_value(1500.0).run()
    assert [one.value for one in test.warning] == [help_for("rent or purchase")]
    next(one for one in test.number_input if one.label.startswith("Rent")).set_value(None).run()
    assert not test.warning
    kept = services.assumptions.machine()
    assert kept is not None
    assert (kept.rent_per_hour, kept.purchase.value) == (UNKNOWN_FIGURE, "1500")


def test_two_tabs_do_not_wipe_out_what_the_other_kept(services: Services) -> None:
    one, other = page("costs").run(), page("costs").run()
    figure(one, "Electricity").set_value(0.5).run()
    figure(other, "Power under load").set_value(77.0).run()
    assert not other.exception
    kept = services.assumptions.machine()
    assert kept is not None
    assert (kept.kwh_price.value, kept.watts.value) == ("0.5", "77")
    assert "were changed in another tab" in bare(other)
    assert figure(other, "Electricity").value == 0.5
    # The first one has not seen the watts yet: drawn again, it shows them and keeps nothing of its own.
    one.run()
    assert figure(one, "Power under load").value == 77
    assert services.assumptions.machine() == kept
    figure(one, "Electricity").set_value(None).run()
    assert services.assumptions.machine() == replace(kept, kwh_price=UNKNOWN_FIGURE)
    assert "another tab" not in bare(one)


def test_figures_of_another_currency_take_the_place_of_what_was_typed_meanwhile() -> None:
    seen = MachineAssumptions(kwh_price=Figure("0.3", "assumed", ""))
    typed = replace(seen, kwh_price=Figure("0.4", "assumed", ""))
    euros = replace(seen, currency="EUR", kwh_price=Figure("0.25", "assumed", ""))
    assert joined(euros, seen, typed) == euros
    rates = [ExchangeRate(one, "USD", Figure("2", "assumed", "")) for one in ("EUR", "GBP", "CHF")]
    now, before = replace(seen, exchanges=(rates[0], rates[2])), replace(seen, exchanges=(rates[2],))
    mine = replace(seen, exchanges=(rates[1],))
    assert set(joined(now, before, mine).exchanges) == {rates[0], rates[1]}


def figure(test: AppTest, label: str) -> NumberInput:
    return next(one for one in test.number_input if one.label.startswith(label))


def test_a_machine_without_figures_costs_unknown_and_not_zero(services: Services) -> None:
    services.assumptions.set_machine(MachineAssumptions())
    test = page("costs").run()
    assert test.metric[0].value == "unknown"
    assert "neither the energy nor the rent or purchase" in bare(test)


def test_figures_that_do_not_fit_are_refused_in_words(services: Services) -> None:
    test = page("costs").run()
    next(one for one in test.number_input if one.label.startswith("Use")).set_value(30.0).run()
    assert not test.exception
    assert "at most 24" in bare(test)
    assert services.assumptions.machine() is None


def test_a_machine_with_known_figures_fills_the_form(services: Services) -> None:
    test = page("costs").run()
    picker = next(one for one in test.selectbox if one.label.startswith("Start from"))
    assert any(option.startswith("RTX 4090 (450 W") for option in picker.options)
    place = next(place for place, option in enumerate(picker.options) if option.startswith("RTX A6000"))
    picker.set_value(place).run()
    test.button(key="machine-apply").click().run()
    assert not test.exception
    kept = services.assumptions.machine()
    assert kept is not None
    assert (kept.name, kept.watts.value, kept.rent_per_hour.value) == ("RTX A6000", "300", "1.09")
    power = next(one for one in test.number_input if one.label.startswith("Power"))
    assert power.value == 300


def test_own_figures_are_replaced_only_after_a_question_and_the_start_comes_back(
    services: Services,
) -> None:
    test = page("costs").run()
    next(one for one in test.number_input if one.label.startswith("Rent")).set_value(1.0).run()
    next(one for one in test.selectbox if one.label.startswith("Start from")).set_value(0).run()
    test.button(key="machine-apply").click().run()
    assert "This replaces" in bare(test)
    assert "Rent, USD per hour: 1" in bare(test)
    mine = services.assumptions.machine()
    assert mine is not None
    assert mine.rent_per_hour.value == "1", "not yet"
    test.button(key="machine-keep").click().run()
    assert "This replaces" not in bare(test)
    test.button(key="machine-start").click().run()
    test.button(key="machine-replace").click().run()
    assert not test.exception
    assert services.assumptions.machine() == default_assumptions()


BOUGHT = MachineAssumptions(
    name="the box",
    watts=Figure("300", "measured", "a meter"),
    idle_watts=Figure("50", "measured", "a meter"),
    kwh_price=Figure("0.30", "measured", "the bill"),
    purchase=Figure("2400", "assumed", ""),
    life_years=Figure("3", "measured", "the last one"),
    hours_on=Figure("24", "measured", "its log"),
)


def number(test: AppTest, label: str) -> NumberInput:
    return next(one for one in test.number_input if one.label.startswith(label))


@pytest.fixture
def asked(services: Services) -> Services:
    """An experiment with the fake model, with and without documents."""
    collection = filled(services, "Mill", **TEXTS)
    ran(services, both(collection))
    return services


def test_without_an_experiment_it_says_what_is_missing(services: Services) -> None:
    test = page("costs").run()
    assert "run an experiment with a model on your own machine" in bare(test)
    assert not test.get("plotly_chart")


def test_a_changed_electricity_price_moves_the_crossing_at_once(asked: Services) -> None:
    asked.assumptions.set_machine(BOUGHT)
    test = page("costs").run()
    assert not test.exception
    before = chart(test, 0)
    assert re.search(r"From [\d,]+ questions a day \([\d,]+ to [\d,]+\)", before)
    number(test, "Electricity").set_value(3.0).run()
    assert not test.exception
    assert crossing(chart(test, 0)) > crossing(before)
    number(test, "Electricity").set_value(0.30).run()
    assert crossing(chart(test, 0)) == crossing(before)


def crossing(title: str) -> int:
    found = re.search(r"From ([\d,]+) questions", title)
    assert found is not None, title
    return int(found.group(1).replace(",", ""))


def test_what_is_assumed_makes_the_range_and_the_person_says_by_how_much(asked: Services) -> None:
    asked.assumptions.set_machine(BOUGHT)
    test = page("costs").run()
    assert "all that is marked assumed is 25% better" in bare(test)
    number(test, "What is assumed").set_value(0.0).run()
    assert "marked assumed is" not in bare(test)
    assert re.search(r"From [\d,]+ questions a day your own machine", chart(test, 0))
    kept = asked.assumptions.machine()
    assert kept is not None
    assert kept.doubt.value == "0"


def test_another_currency_needs_a_rate_that_is_typed_with_its_day(asked: Services) -> None:
    asked.assumptions.set_machine(BOUGHT)
    test = page("costs").run()
    assert not [one for one in test.number_input if one.label.startswith("One USD")]
    next(one for one in test.selectbox if one.label == "Currency").set_value("EUR").run()
    assert "the exchange rate from USD to EUR" in bare(test)
    number(test, "One USD in EUR").set_value(0.9).run()
    kept = asked.assumptions.machine()
    assert kept is not None
    assert kept.exchange("USD").day == datetime.now(UTC).date().isoformat(), "until another day is chosen"
    next(one for one in test.date_input if one.label == "The rate is of").set_value(date(2026, 11, 2)).run()
    assert not test.exception
    kept = asked.assumptions.machine()
    assert kept is not None
    exchange = kept.exchange("USD")
    assert (exchange.into, exchange.rate.value, exchange.day) == ("EUR", "0.9", "2026-11-02")
    next(one for one in test.date_input if one.label == "The rate is of").set_value(None).run()
    assert "The rate from USD to EUR has no day" in bare(test)
    kept = asked.assumptions.machine()
    assert kept is not None
    assert kept.exchange("USD") == exchange
    next(one for one in test.date_input if one.label == "The rate is of").set_value(date(2026, 11, 2)).run()
    number(test, "Electricity").set_value(0.27).run()
    assert crossing(chart(test, 0))
    currency(test, "CHF")
    number(test, "Electricity").set_value(0.27).run()
    assert "not known: the exchange rate from USD to CHF" in bare(test), "one into EUR tells nothing of it"


def currency(test: AppTest, name: str) -> None:
    next(one for one in test.selectbox if one.label == "Currency").set_value(name).run()
    assert not test.exception


def test_another_currency_empties_what_has_a_source_and_says_so(services: Services) -> None:
    """2.95 USD an hour are not 2.95 JPY."""
    test = page("costs").run()
    picker = next(one for one in test.selectbox if one.label.startswith("Start from"))
    place = next(place for place, option in enumerate(picker.options) if option.startswith("H100"))
    picker.set_value(place).run()
    test.button(key="machine-apply").click().run()
    number(test, "Electricity").set_value(0.30).run()
    currency(test, "JPY")
    kept = services.assumptions.machine()
    assert kept is not None
    assert (kept.currency, kept.rent_per_hour) == ("JPY", UNKNOWN_FIGURE)
    assert (kept.watts.basis, kept.kwh_price.value) == ("listed", "0.3"), "watts are no money"
    told = bare(test)
    assert "Emptied, since they are in USD and no rate from USD to JPY was typed: rent 2.95 USD." in told
    assert "Left as typed, so check that they are in JPY: electricity 0.3." in told
    assert number(test, "Rent, JPY").value is None
    number(test, "Rent, JPY").set_value(450.0).run()
    assert "Emptied" not in bare(test)


def test_another_currency_converts_by_the_typed_rate(services: Services) -> None:
    test = page("costs").run()
    currency(test, "EUR")
    number(test, "One USD in EUR").set_value(0.8).run()
    picker = next(one for one in test.selectbox if one.label.startswith("Start from"))
    place = next(place for place, option in enumerate(picker.options) if option.startswith("RTX A6000"))
    picker.set_value(place).run()
    test.button(key="machine-apply").click().run()
    test.button(key="machine-replace").click().run()
    kept = services.assumptions.machine()
    assert kept is not None
    assert (kept.rent_per_hour.value, kept.rent_per_hour.basis) == ("0.872", "assumed")
    assert kept.rent_per_hour.source.startswith("1.09 USD, where one USD is taken as 0.8 EUR (assumed")
    currency(test, "USD")
    assert "Converted into USD and marked assumed: rent 0.872 EUR." in bare(test)
    back = services.assumptions.machine()
    assert back is not None
    assert (back.currency, back.rent_per_hour.value, back.rent_per_hour.basis) == ("USD", "1.09", "assumed")
    test.button(key="machine-start").click().run()
    test.button(key="machine-replace").click().run()
    started = services.assumptions.machine()
    assert started == replace(default_assumptions(), exchanges=back.exchanges), "rates are of no machine"
    assert not [one for one in test.button if one.key == "machine-start"]
    currency(test, "EUR")
    moved = services.assumptions.machine()
    assert moved is not None
    assert moved.rent_per_hour.value == "0.07936"


def test_another_number_has_neither_the_basis_nor_the_source_of_the_one_before(services: Services) -> None:
    services.assumptions.set_machine(BOUGHT)
    test = page("costs").run()
    number(test, "Power under load").set_value(550.0).run()
    kept = services.assumptions.machine()
    assert kept is not None
    assert kept.watts == Figure("550", "assumed", "")
    origin(test, "watts")[0].set_value("listed").run()
    kept = services.assumptions.machine()
    assert kept is not None
    assert kept.watts == Figure("550", "assumed", ""), "no figure is listed without a source"
    assert "Without a source it counts as assumed, not as listed." in bare(test)
    origin(test, "watts")[1].set_value("the maker's sheet").run()
    kept = services.assumptions.machine()
    assert kept is not None
    assert kept.watts == Figure("550", "listed", "the maker's sheet")
    number(test, "Power under load").set_value(300.0).run()
    kept = services.assumptions.machine()
    assert kept is not None
    assert kept.watts == Figure("300", "assumed", "")


def origin(test: AppTest, field: str) -> tuple[Selectbox[str], TextInput]:
    basis = next(one for one in test.selectbox if str(one.key).startswith(f"machine-{field}-basis-"))
    source = next(one for one in test.text_input if str(one.key).startswith(f"machine-{field}-source-"))
    return basis, source


def test_at_the_first_start_a_typed_rent_is_no_longer_the_list_price(services: Services) -> None:
    test = page("costs").run()
    number(test, "Rent").set_value(1.0).run()
    kept = services.assumptions.machine()
    assert kept is not None
    assert kept.rent_per_hour == Figure("1", "assumed", "")
    assert "as if this machine were rented" not in bare(test)


def test_ones_own_price_list_is_set_against_the_machine(asked: Services) -> None:
    asked.assumptions.set_machine(BOUGHT)
    own = OwnPrice("Acme", "tuned", "EUR", Decimal(2), Decimal(8), None, None, date(2026, 1, 1), "contract")
    asked.price_lists.change([], [own])
    test = page("costs").run()
    models = next(one for one in test.multiselect if one.label == "Against the prices of")
    assert models.options[0] == "tuned (Acme, your own price)"
    models.set_value(["own Acme/tuned"]).run()
    assert not test.exception
    assert test.query_params["against"] == "own Acme/tuned"
    assert "not known: the exchange rate from EUR to USD" in bare(test)
    number(test, "One EUR in USD").set_value(1.1).run()
    assert "than tuned" in chart(test, 0)
    assert "your own list's price of today" in bare(test)


def test_one_picker_is_for_both_and_the_charts_follow_at_once(asked: Services) -> None:
    asked.assumptions.set_machine(BOUGHT)
    first = asked.experiments.list()[0]
    collection = asked.collections.by_name("Mill")
    assert collection is not None
    ran(asked, both(collection), name="Second")
    second = asked.experiments.list()[0]
    test = page("costs", experiment=second.id).run()
    picker = next(one for one in test.selectbox if one.label == "Experiment")
    assert (picker.value, test.query_params["experiment"]) == (second.id, second.id)
    assert "those of the experiment “Second”" in bare(test)
    picker.set_value(first.id).run()
    assert f"those of the experiment “{first.name}”" in bare(test)
    assert test.query_params["experiment"] == first.id
    assert len([one for one in test.selectbox if one.label == "Experiment"]) == 1


def test_an_experiment_that_is_not_here_is_not_silently_another_one(asked: Services) -> None:
    one = asked.experiments.list()[0]
    collection = asked.collections.by_name("Mill")
    assert collection is not None
    ran(asked, both(collection), name="Second")
    test = page("costs", experiment="nope").run()
    assert not test.exception
    gone = "The experiment that the address names cannot be shown"
    assert gone in bare(test)
    assert "This is “Second” in its place." in bare(test)
    number(test, "Electricity").set_value(0.27).run()
    assert gone in bare(test), "until one is chosen"
    next(each for each in test.selectbox if each.label == "Experiment").set_value(one.id).run()
    assert gone not in bare(test)
    assert test.query_params["experiment"] == one.id
    assert gone not in bare(page("costs").run())


def test_the_tokens_of_what_if_begin_with_those_of_the_model_that_is_compared(asked: Services) -> None:
    given, without = asked.experiments.list()[0].candidates
    for own, place in ((given, 0), (without, 1)):
        test = page("costs", price="openai/gpt-4o", own=own.hash).run()
        assert not test.exception
        assert test.selectbox(key="what-if-candidate").value == place


def test_several_list_prices_and_ones_own_model_stand_in_the_address(asked: Services) -> None:
    given, without = asked.experiments.list()[0].candidates
    assert given.with_documents
    test = page("costs", against="anthropic/claude-haiku-4-5", own=without.hash).run()
    assert not test.exception
    models = next(one for one in test.multiselect if one.label == "Against the prices of")
    assert models.value == ["anthropic/claude-haiku-4-5"]
    own = next(one for one in test.selectbox if one.label == "Your model")
    assert own.value == without.hash
    assert "without documents" in chart(test, 0)
    more = "claude-sonnet-4-5"
    assert f"{more} (anthropic)" in models.options
    models.set_value(["anthropic/claude-haiku-4-5", f"anthropic/{more}"]).run()
    assert test.query_params["against"] == ["anthropic/claude-haiku-4-5", f"anthropic/{more}"]
    assert f"{more}," in bare(test)


def test_what_is_picked_to_set_it_against_is_kept_for_home_and_the_report(asked: Services) -> None:
    asked.assumptions.set_machine(BOUGHT)
    page("costs", against="anthropic/claude-haiku-4-5").run()
    assert asked.assumptions.against() is None, "an address that was shared is nobody's choice"
    test = page("costs").run()
    assert test.multiselect(key="against-models").value == ["openai/gpt-5-mini"]
    test.multiselect(key="against-models").set_value(["anthropic/claude-haiku-4-5"]).run()
    assert asked.assumptions.against() == (PricedModel("anthropic", "claude-haiku-4-5"),)
    again = page("costs").run()
    assert again.multiselect(key="against-models").value == ["anthropic/claude-haiku-4-5"]
    examined = asked.examining.of(asked.experiments.list()[0].id)
    names = {one.hash: one.label for one in examined.experiment.candidates}
    assert [one.rival.name for one in asked.pay_off(examined, names).against] == ["claude-haiku-4-5"]
    report = report_of(asked.database, examined.experiment.id)
    assert "claude-haiku-4-5" in report
    assert "gpt-5-mini" not in report
    again.multiselect(key="against-models").set_value([]).run()
    assert asked.assumptions.against() == ()
    assert page("costs").run().multiselect(key="against-models").value == [], "none is a choice, too"
    assert asked.pay_off(examined, names).against == ()


def test_loading_and_idle_energy_are_told_apart(asked: Services) -> None:
    asked.assumptions.set_machine(BOUGHT)
    told = bare(page("costs").run())
    assert "Waiting for questions draws $10.96 of energy a month" in told
    assert "in the cost of no answer" in told


def test_it_says_whether_energy_is_measured_here(services: Services) -> None:
    services.energy = Energy(words="Measured on this machine: its processors by RAPL.")
    assert "its processors by RAPL" in bare(page("costs").run())


def test_a_machine_that_draws_more_while_it_waits_is_refused_in_words(services: Services) -> None:
    services.assumptions.set_machine(BOUGHT)
    test = page("costs").run()
    number(test, "Power while it waits").set_value(301.0).run()
    assert "is above the power under load" in bare(test)
    assert services.assumptions.machine() == BOUGHT


def test_a_negative_figure_is_refused_in_words(services: Services) -> None:
    test = page("costs").run()
    next(one for one in test.number_input if one.label.startswith("Rent")).set_value(-1.0).run()
    assert "must be 0 or more" in bare(test)
    assert services.assumptions.machine() is None


def test_a_change_announced_for_later_is_called_so() -> None:
    change = date(2027, 1, 1)
    assert prices_lists.newest(change, date(2026, 11, 24)) == "with a change announced for 1 Jan 2027"
    assert prices_lists.newest(change, date(2027, 1, 1)) == "as of 1 Jan 2027"


def test_it_says_that_questions_differ_only_where_they_do(services: Services) -> None:
    both = Candidate("fake", "tiny"), Candidate("fake", "missing")
    ask(services, "Both?", *both)
    assert "Not all answered the same" not in told(page("costs").run())
    ask(services, "One?", both[0])
    assert "Not all answered the same: 1 question not answered by all" in told(page("costs").run())


def told(test: AppTest) -> str:
    return chart(test, 1)


def test_what_was_spent_is_charted(services: Services) -> None:
    ask(services, "One?", Candidate("fake", "tiny"))
    ask(services, "Two?", Candidate("fake", "tiny"), Candidate("fake", "missing"))
    test = page("costs").run()
    assert not test.exception
    assert len(test.get("plotly_chart")) == 2
    assert re.search(r"for 3 answers asked here so far", bare(test))


def test_what_was_spent_on_rewording_a_follow_up_is_in_it(services: Services) -> None:
    tiny = Candidate("fake", "tiny")
    first = ask(services, "One?", tiny)
    services.comparing.standalone("And two?", first, tiny, "somebody")
    test = page("costs").run()
    assert not test.exception
    assert len(test.get("plotly_chart")) == 2
    assert "for 2 answers asked here so far" in bare(test)
    assert "went wrong" not in bare(test)
    labels = {one.label for one in services.reports.spend(AnswerFilter())}
    assert labels == {"tiny without documents", "tiny, rewording follow-ups"}


def test_a_provider_of_the_address_is_shown(services: Services) -> None:
    test = page("costs", provider="anthropic").run()
    picker = next(one for one in test.selectbox if one.label == "Provider")
    assert picker.value == "anthropic"


def test_days_without_answers_are_gaps() -> None:
    days = prices.all_days([date(2026, 1, 1), date(2026, 1, 4)])
    assert len(days) == 4
    assert len(prices.all_days([date(2020, 1, 1), date(2026, 1, 1)])) == prices.LONGEST + 1


def test_what_the_spend_charts_find() -> None:
    day = SpendDay(date(2026, 1, 1), "a", "A", 3, 10**12, "USD", 2, 1)
    other = SpendDay(date(2026, 1, 1), "b", "B", 3, 3 * 10**12, "USD", 3, 0)
    names = {"a": "A", "b": "B"}
    assert prices.spend_finding([day], names, "USD").title == "$1.00 went to A"
    both = prices.spend_finding([day, other], names, "USD")
    assert both.title == "75% of $4.00 went to B"
    assert "1 answer of unknown cost" in both.subtitle
    assert (
        "no candidate took more than half" in prices.spend_finding([day, day, day, other], names, "USD").title
    )


def test_the_totals_never_add_two_currencies() -> None:
    one = CandidateSummary("a", "A", True, 3, 3, 0, 0, 0, 10**12, "USD", 2, 1)
    other = CandidateSummary("b", "B", True, 3, 3, 0, 0, 0, 10**12, "EUR", 3, 0)
    day = date(2026, 1, 1)
    days = [SpendDay(day, "a", "A", 3, 10**12, "USD", 2, 1), SpendDay(day, "b", "B", 3, 10**12, "EUR", 3, 0)]
    assert prices.totals(days) == (
        "€1.00 and $1.00 for 6 answers asked here so far. The cost of 1 answer is unknown and not in it."
    )
    assert prices.answer_finding([one, other], [one, other], {"a": "A", "b": "B"}).title.startswith(
        "Costs in different"
    )
