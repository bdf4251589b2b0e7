"""One set of answers on every screen: what they cost together is the same everywhere, exactly (METRICS).

Their prices are in three currencies and are told in one. The rates are such that no product of them comes out
even, so that whatever is rounded before it is added up would show.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.commands import export_answers
from app.domain import (
    MONEY_SCALE,
    Answer,
    AnswerFilter,
    Candidate,
    ExchangeRate,
    Figure,
    MachineAssumptions,
    OwnPrice,
    Retrieval,
    money_words,
)
from app.evaluation.experiments import archive
from app.experiment_commands import Ended
from app.report_commands import report_of
from app.services import Services
from app.ui import figures, prices, verdict_tables
from app.ui.shown import Shown
from app.ui.tables import csv_bytes
from tests.ui.experiments import TEXTS, linking, ran
from tests.ui.opened import FakeServer, filled, opened, page
from tests.ui.reported import parsed
from tests.ui.streamlit_markdown import bare
from tests.ui.test_verdict_page import ask

pytestmark = pytest.mark.integration
RATES = {"USD": "0.857142857143", "GBP": "1.153846153846", "EUR": "1"}
MACHINE = MachineAssumptions(
    currency="EUR",
    rent_per_hour=Figure("0.7777777777", "assumed", ""),
    hours_on=Figure("24", "assumed", ""),
    exchanges=tuple(
        ExchangeRate(one, "EUR", Figure(RATES[one], "assumed", ""), "2026-11-02") for one in ("USD", "GBP")
    ),
)
NOTE = "one USD is taken as 0.857142857143 EUR (assumed, of 2 Nov 2026)"
MINE, DOLLARS, POUNDS = Candidate("fake", "tiny"), Candidate("one", "tiny"), Candidate("two", "tiny")


def own(backend: str, currency: str) -> OwnPrice:
    """Prices of which no answer costs a round amount."""
    each = Decimal("1.234567"), Decimal("7.654321")
    return OwnPrice(backend, "tiny", currency, *each, None, None, date(2026, 1, 1), "a contract")


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    linking(monkeypatch)
    servers = FakeServer(), FakeServer("one"), FakeServer("two")
    with opened(tmp_path, monkeypatch, *servers) as (made, _):
        made.price_lists.change([], [own("one", "USD"), own("two", "GBP")])
        made.assumptions.set_machine(MACHINE)
        yield made


def told(answers: Sequence[Answer]) -> Decimal:
    """The sum in EUR of what was logged, one answer after the other."""
    sums = [
        Fraction(one.cost.amount) * Fraction(RATES[one.cost.currency])
        for one in answers
        if one.cost.amount is not None
    ]
    assert len(sums) == len(answers)
    assert {one.cost.currency for one in answers} == {"EUR", "USD", "GBP"}
    return exactly(sum(sums, Fraction(0)) / MONEY_SCALE)


def exactly(amount: Fraction) -> Decimal:
    return figures.PRECISE.divide(Decimal(amount.numerator), Decimal(amount.denominator))


def summed(table: str, column: str) -> Decimal:
    """What a person gets who adds up a column of a downloaded table."""
    head, *rows = [line.split(",") for line in table.lstrip("\ufeff").splitlines()]
    place = len(head) - head.index(column)
    return sum((Decimal(row[-place]) for row in rows), Decimal(0))


def columns(test: AppTest, *names: str) -> list[Decimal]:
    """The sum of a column of money in the one table of the page that has all of these columns."""
    (table,) = [one.value for one in test.dataframe if set(names) <= set(one.value)]
    return [sum(map(Decimal, table[names[0]].dropna()), Decimal(0))]


def test_what_was_asked_costs_the_same_on_ask_home_and_costs(services: Services) -> None:
    first = ask(services, "One?", MINE, DOLLARS, POUNDS)
    second = ask(services, "Two?", MINE, DOLLARS, POUNDS)
    answers = [one for question in (first, second) for one in services.answers.answers(question)]
    whole = told(answers)

    lanes = page("ask", question=first).run()
    assert not lanes.exception
    for answer in services.answers.answers(first):
        assert answer.cost.amount is not None
        euros = Fraction(answer.cost.amount) * Fraction(RATES[answer.cost.currency])
        assert f"{figures.per_thousand(euros, 'EUR')} ({answer.cost.basis})" in bare(lanes).replace(
            "\xa0", " "
        )
    assert NOTE in bare(lanes)

    summaries = services.reports.by_candidate(AnswerFilter())
    names = {one.candidate_hash: one.label for one in summaries}
    table = verdict_tables.cost_table(Shown(tuple(summaries), names, 2), summaries)
    assert summed(csv_bytes(table).decode("utf-8"), "In all") == whole
    home = page("verdict").run()
    assert not home.exception
    assert columns(home, "In all", "Answers with a cost") == [whole]
    assert NOTE in bare(home)
    assert "different currencies" not in bare(home)

    costs = page("costs").run()
    assert not costs.exception
    days = services.reports.spend(AnswerFilter())
    assert exactly(Fraction(sum(one.amount for one in days)) / MONEY_SCALE) == whole
    assert summed(csv_bytes(prices.spend_table(days, names)).decode("utf-8"), "Spend") == whole
    assert columns(costs, "Spend") == columns(costs, "In all", "Answers with a cost") == [whole]
    assert f"{money_words(whole, 'EUR')} for 6 answers asked here so far" in bare(costs)
    assert NOTE in bare(costs)

    output = io.StringIO()
    export_answers(services.database, "jsonl", output)
    rows = [json.loads(line)["cost"] for line in output.getvalue().splitlines()]
    assert [(one["amount"], one["currency"]) for one in rows] == [
        (one.cost.amount, one.cost.currency) for one in answers
    ], "what is logged stays as it was paid"


def test_an_experiment_costs_the_same_on_its_page_in_its_report_and_on_the_terminal(
    services: Services,
) -> None:
    given = Retrieval(filled(services, "Mill", **TEXTS).id, 2)
    candidates = [MINE, DOLLARS, POUNDS, Candidate("one", "tiny", retrieval=given)]
    made = ran(services, candidates)
    trials = services.experiments.trials(made)
    kept = [services.answers.answer(one.answer_id) for one in trials]
    answers = [one for one in kept if one is not None]
    whole = told(answers)
    words = f"All answers that count cost {money_words(whole, 'EUR')}"

    examined = services.examining.of(made)
    assert {name: figures.exact(amount) for name, amount in examined.costs.totals.items()} == {"EUR": whole}
    for test in (page("experiment", experiment=made).run(), page("verdict").run()):
        assert not test.exception
        assert columns(test, "All its answers", "Basis") == [whole]
        assert words in bare(test)
        assert NOTE in bare(test)
        assert "In another currency" not in bare(test), "all are in one chart"

    # Asking again for causes is in no answer that counts, and in what was spent.
    spent = whole + figures.exact(examined.costs.apart.amounts["EUR"])
    days = services.reports.spend(AnswerFilter())
    assert exactly(Fraction(sum(one.amount for one in days)) / MONEY_SCALE) == spent > whole
    costs = page("costs", price="own one/tiny").run()
    assert not costs.exception
    assert columns(costs, "Spend") == [spent]
    (table,) = [one.value for one in costs.dataframe if "Tokens of" in one.value]
    assert sum(map(Decimal, table[table["Asked"] == "yes"]["In all"]), Decimal(0)) == whole
    assert set(table["Currency"]) == {"EUR"}

    report = parsed(report_of(services.database, made)).text
    assert words in report
    assert NOTE in report
    for one in examined.costs.candidates:
        assert figures.significant(figures.exact(one.totals["EUR"]), 12) in report

    ended = Ended(services, services.experiments.get(made), examined.results, ())
    rows = [json.loads(json.dumps(one)) for one in ended.rows(as_json=True)]
    totals = [row["cost"]["total"]["EUR"] for row in rows if "cost" in row]
    assert sum(map(Decimal, totals), Decimal(0)) == whole
    assert NOTE in " ".join(map(str, ended.rows(as_json=False)))

    read = archive.archive_of(archive.opened(io.BytesIO(services.pack_experiment(made))))
    assert told([one.answer for one in read.trials]) == whole, "the file has what was logged"


def test_without_a_rate_they_are_told_apart_and_the_screens_say_so(services: Services) -> None:
    services.assumptions.set_machine(MachineAssumptions(currency="EUR", rent_per_hour=MACHINE.rent_per_hour))
    made = ran(services, [MINE, DOLLARS])
    test = page("experiment", experiment=made).run()
    assert "Type the exchange rate under Costs to compare them." in bare(test)
    assert "Converted" not in bare(test)
    costs = bare(page("costs").run())
    assert "Type an exchange rate below, and all of it is told in one currency." in costs
