"""What a right answer costs: the chart, its finding, the three figures, and sums as the screens tell them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from app.domain import (
    NOT_DECISIVE,
    Examined,
    PaidAnswer,
    PaysOff,
    PriceMark,
    Rate,
    Trial,
    VerdictSettings,
)
from app.evaluation.verdict import verdict_of
from app.ui import figures, frontier_chart, report_charts
from app.ui.result_look import Look
from app.ui.theme import colours
from app.ui.verdict_figures import NOT_KNOWN, SET_MACHINE, cheapest, most_right, pays_off_card
from app.ui.words import help_for
from tests.experiments import bare, cost, examined, given, paid

TWO = [given(), given("large")]
HALF, MOST, FEW, NONE = "rw" * 20, "r" * 36 + "wwww", "r" * 4 + "w" * 36, "w" * 40


def look(one: Examined) -> Look:
    names = {who.hash: who.label for who in one.experiment.candidates}
    return Look(names, colours(names))


def title(one: Examined) -> str:
    return frontier_chart.frontier_finding(one, look(one).names).title


def test_the_title_says_whose_right_answers_cost_least_where_that_is_decided() -> None:
    assert title(examined(TWO, MOST, HALF, costed=paid(1, 2))) == (
        "small with documents gives the cheapest right answers: $0.00111 (0.00102-0.00126) for 1,000"
    )
    assert (
        title(examined(TWO, MOST, HALF, costed=paid(2, 1))) == "Not decisive whose right answers cost least"
    )
    assert title(examined(TWO, NONE, HALF, costed=paid(1, 2))).startswith(
        "Only large with documents gave right answers: $0.004"
    )
    assert title(examined(TWO, NONE, NONE, costed=paid(1, 2))) == ("None gave a right answer at a known cost")


def figure(one: Examined, prices: Sequence[PriceMark] = ()) -> list[dict[str, object]]:
    found = frontier_chart.frontier_finding(one, look(one).names)
    made = frontier_chart.frontier_figure(one, look(one), found, prices)
    return [trace.to_plotly_json() for trace in made.data]


def test_each_candidate_has_its_mark_with_both_intervals_and_opens_its_answers() -> None:
    found = examined(TWO, MOST, HALF, costed=paid(1, 2))
    marks = [one for one in figure(found) if one["mode"] == "markers"]
    keys = [tuple(one["customdata"][0]) for one in marks]  # type: ignore[index]
    assert keys == [(TWO[0].hash, ""), (TWO[1].hash, "")]
    assert (list(marks[0]["x"]), list(marks[0]["y"])) == ([0.001], [0.9])  # type: ignore[call-overload]
    told = str(marks[0]["text"])
    for part in ("small with documents", "right 90%", "1,000 questions cost $0.001", "answers: $0.0011"):
        assert part in told


def test_the_frontier_goes_from_the_cheapest_to_the_best() -> None:
    three = [*TWO, given("third")]
    found = examined(three, HALF, MOST, FEW, costed=paid(1, 5, 3))
    (line,) = [one for one in figure(found) if one["mode"] == "lines"]
    assert list(line["x"]) == [0.001, 0.005]  # type: ignore[call-overload]
    alone = examined(three, MOST, HALF, FEW, costed=paid(1, 5, 3))
    assert not [one for one in figure(alone) if one["mode"] == "lines"]
    told, untold = (frontier_chart.frontier_finding(one, look(one).names).subtitle for one in (found, alone))
    assert told.endswith("whoever is off the dotted line is beaten by one on it")
    assert untold.endswith("both with 95% intervals"), "there is no line to speak of"


def test_list_prices_stand_as_lines_and_say_that_nothing_was_measured() -> None:
    found = examined(TWO, MOST, HALF, costed=paid(1, 2))
    prices = [PriceMark("gpt <b>", 5 * 10**9, "USD"), PriceMark("in euros", 10**9, "EUR")]
    (mark,) = [one for one in figure(found, prices) if "list price" in str(one["name"])]
    assert list(mark["x"]) == [0.005, 0.005]  # type: ignore[call-overload]
    assert "no answer of it was measured" in str(mark["text"])
    assert "<b>" not in str(mark["text"])


def test_several_list_prices_can_be_told_apart_in_grey_and_on_paper() -> None:
    found = examined(TWO, MOST, HALF, costed=paid(1, 2))
    long = "global.anthropic.claude-opus-4-5-20251101-v1:0"
    prices = [PriceMark("gpt", 5 * 10**9, "USD"), PriceMark("euro", 1, "EUR"), PriceMark(long, 10**10, "USD")]
    drawn = frontier_chart.price_lines(found, prices)
    assert [one.name for one in drawn] == ["gpt", long]
    lines = [one for one in figure(found, prices) if "list price" in str(one["name"])]
    assert str(lines[0]["name"]).startswith("1 gpt: ")
    assert str(lines[1]["name"]).startswith("2 global")
    assert len({str(one["line"]["dash"]) for one in lines}) == 2  # type: ignore[index]
    made = frontier_chart.frontier_figure(
        found, look(found), frontier_chart.frontier_finding(found, look(found).names), prices
    )
    assert [one.text for one in made.layout.annotations if one.text in {"1", "2"}] == ["1", "2"]
    assert report_charts.price_words(drawn) == [
        f"The lines with numbers are list prices of models of which no answer was measured: 1 gpt, 2 {long}."
    ]
    assert report_charts.price_words(drawn[:1]) == [
        "The dashed line is gpt at its list price: no answer of it was measured."
    ]


def test_what_is_not_in_the_chart_is_said_below() -> None:
    who = [*TWO, bare(), given("free")]
    prices = (1, None, None, 0)

    def costed(trials: Sequence[Trial]) -> list[PaidAnswer]:
        made = [cost(one.slot, prices[one.slot.candidate]) for one in trials]
        euro = made[4]._replace(amount=3, currency="EUR", basis="listed")
        return [*made[:4], euro, *made[5:]]

    spent = {"USD": 2 * 10**6 + 5 * 10**11, "EUR": 3}
    found = examined(who, "rw", "rw", "rw", "rw", costed=costed, spent=spent)
    lines = frontier_chart.beside_words(found, look(found).names)
    rate = frontier_chart.TYPE_THE_RATE
    assert lines == [
        "Of unknown cost, so not in the chart: large with documents.",
        "small without documents: 1 answer of 2 has no known cost and is in no sum.",
        f"In another currency than USD, so not in the chart: small without documents (EUR). {rate}",
        "Free of cost, which this scale has no place for: free with documents.",
        "All answers that count cost $0.000002 and €0.000000000003; 3 answers of unknown cost left out.",
        "Attempts that did not count, asking again for causes and judging cost $0.50 besides.",
    ]
    assert [one.candidate for one, _ in frontier_chart.drawn(found)] == [TWO[0].hash]


@drawn(st.lists(st.one_of(st.none(), st.integers(0, 2**63 - 1)), min_size=8, max_size=8))
def test_the_sums_on_the_screen_are_those_of_the_answers(amounts: list[int | None]) -> None:
    def costed(trials: Sequence[Trial]) -> list[PaidAnswer]:
        given_to = zip(trials, amounts, strict=True)
        return [cost(one.slot, 0)._replace(amount=amount) for one, amount in given_to]

    found = examined(TWO, "rwrw", "rwrw", costed=costed)
    known = [one for one in amounts if one is not None]
    told = figures.money(sum(known), "USD") if known else "nothing"
    assert f"All answers that count cost {told}" in " ".join(
        frontier_chart.beside_words(found, look(found).names)
    )
    table = frontier_chart.cost_table(found, look(found).names, [0, 1])
    for place, row in enumerate(table.rows):
        own = [one for one in amounts[4 * place : 4 * place + 4] if one is not None]
        assert row[table.columns.index("Priced")] == len(own)
        assert row[table.columns.index("Unknown")] == 4 - len(own)
        total = row[table.columns.index("All its answers")]
        assert total == (Decimal(sum(own)).scaleb(-12, figures.PRECISE) if own else None)


def test_the_table_tells_costs_tokens_and_times() -> None:
    found = examined(TWO, MOST, NONE, costed=paid(1, 2))
    table = frontier_chart.cost_table(found, look(found).names, [0, 1])
    first, second = table.rows
    told = dict(zip(table.columns, first, strict=True))
    assert told["1,000 questions"] == "$0.001"
    assert (told["All its answers"], told["Currency"]) == (Decimal("0.00004"), "USD")
    assert (told["Tokens in"], told["Tokens out"], told["Thinking"]) == (100, 10, None)
    assert (told["Machine seconds"], told["Alone"], told["Basis"]) == (1.0, 40, "listed")
    assert second[table.columns.index("1,000 right answers")] == "no right answer"


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (Rate(3 * 10**12, 2), "$1,500.00"),
        (Rate(14 * 10**8, 1, 11 * 10**8, 18 * 10**8), "$1.40 (1.10-1.80)"),
        (Rate(14 * 10**8, 1, 11 * 10**8), "$1.40 (1.10 or more)"),
        (Rate(14 * 10**8, 1, 14 * 10**8, 14 * 10**8), "$1.40"),
        (Rate(5, 0), "unknown"),
        (None, "unknown"),
    ],
)
def test_a_rate_in_words(one: Rate | None, words: str) -> None:
    assert figures.rate(one, "USD") == words


@drawn(st.floats(-9, 6), st.floats(0.01, 12))
def test_the_scale_has_a_few_round_numbers(low: float, width: float) -> None:
    ticks = frontier_chart.tick_values(low, low + width)
    assert len(ticks) <= frontier_chart.MOST_TICKS
    assert all(low <= math.log10(one) <= low + width for one in ticks)
    assert ticks or width < 0.5


# ------------------------------------------------------------------------ the three figures


def cards(found: Examined) -> tuple[tuple[str, str], tuple[str, str]]:
    names = look(found).names
    right = most_right(found, verdict_of(found, VerdictSettings()), names)
    least = cheapest(found, names)
    return (right.figure, right.words), (least.figure, least.words)


def test_the_figures_where_all_is_decided() -> None:
    assert cards(examined(TWO, MOST, HALF, costed=paid(1, 2))) == (
        ("90% (77-96)", "small with documents"),
        ("$0.00111 (0.00102-0.00126)", "small with documents; decisive"),
    )


def test_the_figures_name_nobody_in_large_where_nothing_is_decided() -> None:
    close = examined(TWO, "r" * 22 + "w" * 18, "r" * 20 + "w" * 20, costed=paid(2, 1.9))
    right, least = cards(close)
    assert right == (NOT_DECISIVE, "Highest so far: small with documents, 55% (40-69)")
    assert least[0] == "too close to call"
    assert least[1].startswith("Lowest so far: small with documents, $0.00364 (")
    assert cards(examined(TWO, HALF, HALF))[0][0] == "no winner"
    assert cards(examined(TWO, "r" * 8 + "uu", "r" * 6 + "uuuu"))[0][0] == NOT_KNOWN


def test_the_cost_of_a_right_answer_says_what_it_leaves_out() -> None:
    """What an answer cost of which nobody can tell whether it is right, is in no right one's cost."""
    found = examined([given()], "r" * 30 + "w" * 9 + "u", costed=paid(1))
    _, least = cards(found)
    assert least[1] == "small with documents; 1 answer not told right or wrong is left out"
    (one,) = found.costs.candidates
    assert one.right is not None
    assert one.right.amount * 40 == one.totals["USD"] * 39
    for name in ("cost per right", "cheapest right"):
        assert "all paid for answers told right or not, over the right ones" in help_for(name)


def test_the_figures_where_nothing_is_known() -> None:
    assert cards(examined(TWO, "..", "..")) == (
        (NOT_KNOWN, "No answer is judged yet."),
        (NOT_KNOWN, f"No answer has a known cost. {SET_MACHINE}"),
    )
    assert cards(examined(TWO, NONE, NONE, costed=paid(1, 2))) == (
        ("none", "No answer was right: 0% (0-9)"),
        ("none", "No right answer has a known cost."),
    )
    alone = cards(examined([given()], MOST, costed=paid(1)))
    assert alone == (
        ("90% (77-96)", "small with documents; the only one asked"),
        ("$0.00111 (0.00102-0.00125)", "small with documents"),
    )


def test_when_it_pays_off_needs_the_machine_s_figures() -> None:
    assert pays_off_card(None).words == "Set your machine's figures under Costs."
    made = pays_off_card(PaysOff("340 questions a day", "against GPT"))
    assert (made.figure, made.words) == ("340 questions a day", "against GPT")
