"""What the chart of break-even says, and what it shows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.costs.breakeven import break_even
from app.domain import UNKNOWN_FIGURE, BreakEven, Figure, MachineAssumptions, Rival, Workload
from app.ui.breakeven_chart import breakeven_figure, finding, how_to_read, month_table, sentence, span_of
from app.ui.charts import label

MACHINE = MachineAssumptions(
    rent_per_hour=Figure("1", "assumed", ""),
    hours_on=Figure("24", "assumed", ""),
    doubt=Figure("25", "assumed", ""),
)
WORK = Workload("small with documents", Figure("6", "measured", "mean of 60 answers"))
RIVAL = Rival("large", Decimal("0.01"), "USD", measured=False, words="today's list price, for 60 answers")


def found(each: str = "0.01", machine: MachineAssumptions = MACHINE, name: str = "large") -> BreakEven:
    return break_even(machine, WORK, replace(RIVAL, each=Decimal(each), name=name))


SURE = replace(MACHINE, rent_per_hour=Figure("1", "measured", ""))


@pytest.mark.parametrize(
    ("one", "title"),
    [
        (found(), "From 2,400 questions a day (1,800 to 3,000) your own machine is cheaper than large"),
        (found(machine=SURE), "From 2,400 questions a day your own machine is cheaper than large"),
        (
            found("0.0018"),
            (
                "From 13,000 questions a day (10,000 to never), until it is full at 14,000, your own machine "
                "is cheaper than large"
            ),
        ),
        (
            found("0.0013"),
            (
                "Never: large stays cheaper. Only if all that is assumed is 25% better, from 14,000 "
                "questions a day"
            ),
        ),
        (found("30"), "From fewer than 1 question a day your own machine is cheaper than large"),
        (
            found(machine=replace(MACHINE, rent_per_hour=UNKNOWN_FIGURE)),
            "When your own machine pays off cannot be told",
        ),
    ],
)
def test_the_title_is_the_finding(one: BreakEven, title: str) -> None:
    assert finding([one]).title == title


def test_the_title_names_where_other_apis_are_crossed() -> None:
    """A person who reads the title alone may not take the first for all of them."""
    first, never = found(), found("0.0001", name="cheap")
    dear, dearer = found("0.1", name="dear"), found("0.2", name="dearer")
    assert finding([first, dear, never]).title == (
        "From 2,400 questions a day (1,800 to 3,000) your own machine is cheaper than large; "
        "than dear from 240 a day"
    )
    assert finding([never, dear, dearer]).title == (
        "Never: cheap stays cheaper. Your own machine is cheaper than dear from 240 a day, "
        "than dearer from 120 a day"
    )
    assert finding([never, dear, dearer, first]).title.endswith(
        "than dearer from 120 a day, and than 1 other"
    )
    unpriced = break_even(MACHINE, WORK, replace(RIVAL, each=None))
    assert finding([unpriced, dear]).title == (
        "When your own machine pays off against large cannot be told. "
        "Your own machine is cheaper than dear from 240 a day"
    )
    assert finding([never, never]).title == finding([never]).title


def test_where_it_pays_off_and_where_it_is_full_are_told_apart() -> None:
    title = finding([found("0.00167", machine=SURE)]).title
    assert title.startswith("From 14,370 questions a day, until it is full at 14,400, your own machine")


def test_a_free_machine_pays_from_the_first_question() -> None:
    free = found(machine=replace(SURE, rent_per_hour=Figure("0", "measured", "")))

    assert finding([free]).title == ("From the first question on your own machine is cheaper than large")


def test_what_is_measured_and_on_how_much_stands_below() -> None:
    assert finding([found()]).subtitle == (
        "Cost of a month by questions a day. small with documents: 6 s of your machine a question; large: "
        "today's list price, for 60 answers"
    )
    missing = found(machine=replace(MACHINE, rent_per_hour=UNKNOWN_FIGURE))
    assert finding([missing]).subtitle == (
        "not known: what the machine costs: its rent or its purchase price"
    )


def test_each_api_has_its_sentence() -> None:
    assert sentence(found()) == (
        "large, $10.00 per 1,000 questions (today's list price, for 60 answers): your own machine is cheaper "
        "from 2,400 questions a day (1,800 to 3,000)."
    )
    assert sentence(found("0.0018")).endswith(
        "From 14,000 a day on a second machine is needed, and up to 27,000 the API is cheaper again; so it "
        "is with each further machine, for the last time up to 170,000 a day."
    )
    assert sentence(found("0.0026")).endswith("and up to 18,000 the API is cheaper again.")
    assert "never, since even if your machine answers without a pause" in sentence(found("0.0001"))
    unpriced = break_even(MACHINE, WORK, replace(RIVAL, each=None))
    assert sentence(unpriced).startswith("large, unknown (")
    assert "cannot be told; not known: what a question costs with large" in sentence(unpriced)


def test_the_range_is_explained_only_where_there_is_one() -> None:
    assert "all that is marked assumed is 25% better, or worse" in how_to_read(found())
    assert "assumed" not in how_to_read(found(machine=SURE))
    assert "One machine answers up to 14,000 questions a day" in how_to_read(found())
    assert "Mind that no energy is counted" in how_to_read(found())


def test_every_crossing_and_the_end_of_a_machine_are_in_the_chart() -> None:
    against = [found(), found("0.1", name="dear"), found("0.0001", name="cheap")]
    span = span_of(against)

    assert span.low < 240
    assert span.high > 14_400
    figure = breakeven_figure(finding(against), against, {})
    crossings = [one.x[0] for one in figure.data if one.mode == "markers+text"]
    assert crossings == [240.0, 2400.0], "never has no mark"
    written = [one.textposition for one in figure.data if one.mode == "markers+text"]
    assert written == ["top left", "bottom right"], "two that lie close do not write over each other"
    names = [one.name for one in figure.data if one.showlegend is not False]
    assert names == ["its range, by what is assumed", "Your own machine", "large (list price)",
                     "dear (list price)", "cheap (list price)"]  # fmt: skip


def test_the_line_of_ones_own_steps_straight_up() -> None:
    figure = breakeven_figure(finding([found()]), [found()], {})
    own = next(one for one in figure.data if one.name == "Your own machine")
    costs = dict(zip(own.x, own.y, strict=True))

    assert costs[14_400.0] == pytest.approx(730.5)
    after = min(at for at in costs if at > 14_400.0)
    assert after == pytest.approx(14_400, rel=1e-8)
    assert costs[after] == pytest.approx(1461)


def test_names_from_outside_stay_text_in_the_chart() -> None:
    nasty = "<b>x</b>%{y}"
    one = found(name=nasty)
    figure = breakeven_figure(finding([one]), [one], {})

    assert any(label(nasty) in str(trace.name) for trace in figure.data)
    assert nasty not in figure.to_json()


def test_the_table_has_the_same_figures() -> None:
    table = month_table([found(), found(name="large")])

    assert table.columns == ("Questions a day", "Machines", "Your own machine, $", "Hopeful", "Careful",
                             "large, $ (1)", "large, $ (2)")  # fmt: skip
    row = next(one for one in table.rows if one[0] == 2000.0)
    assert row[1:] == (1, 730.5, 547.875, 913.125, 608.75, 608.75)
    assert len({len(one) for one in table.rows}) == 1


def test_a_machine_that_costs_nothing_can_be_drawn() -> None:
    free = found(machine=replace(SURE, rent_per_hour=Figure("0", "measured", "")))

    assert breakeven_figure(finding([free]), [free], {}).data
    assert month_table([free]).rows
