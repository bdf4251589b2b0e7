"""A run tells what it does, how far it is with that, and what it has cost, in each of its phases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.domain import (
    MONEY_SCALE,
    CandidateProgress,
    CauseProgress,
    JudgeProgress,
    Limit,
    RunPhase,
    RunView,
    Spend,
)
from app.experiment_commands import progress_words as on_terminal
from app.ui import running
from app.ui.spans import money_so_far, spend_words
from tests.experiments import bare, experiment_of

CENT = MONEY_SCALE // 100
VIEW = RunView(
    experiment_of([bare()], 240),
    (CandidateProgress(240, 2, 240),),
    Spend({}, 0),
    asking=4,
    seconds_left=540.0,
    busy=True,
    causes=CauseProgress(12, 30),
    judged=JudgeProgress(60, 240),
)


def at(phase: RunPhase, **more: object) -> RunView:
    return replace(VIEW, phase=phase, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("phase", "words", "doing", "otherwise", "share"),
    [
        (RunPhase.ASKING, "240 of 240 answers, 2 failed", "Asking 4 at once", "Preparing", 1.0),
        (
            RunPhase.JUDGING,
            "240 of 240 answers, 2 failed, 60 of 240 judged",
            "Judging 4 at once",
            "Preparing",
            0.25,
        ),
        (
            RunPhase.LOOKING,
            "240 of 240 answers, 2 failed, 12 of 30 causes found",
            "Looking for causes, asking 4 at once",
            "Looking for causes",
            0.4,
        ),
    ],
)
def test_each_phase_says_what_is_done_and_how_far_it_is(
    phase: RunPhase, words: str, doing: str, otherwise: str, share: float
) -> None:
    assert running.progress_words(at(phase)) == f"{words}, about 9 min left"
    assert on_terminal(at(phase)) == f"{words}, about 540 s left"
    assert running.doing_words(at(phase)) == doing
    assert running.doing_words(at(phase, asking=0)) == otherwise
    assert running.share_done(at(phase)) == share


def test_with_nothing_to_do_in_a_phase_it_is_done() -> None:
    nothing = {"causes": CauseProgress(), "judged": JudgeProgress(), "progress": ()}
    assert {running.share_done(at(phase, **nothing)) for phase in RunPhase} == {1.0}


def test_the_bar_goes_on_while_causes_are_looked_for() -> None:
    def script() -> None:
        from app.domain import RunPhase
        from app.ui import running
        from tests.ui.test_running import at

        running.head(at(RunPhase.LOOKING), lambda: None)

    test = AppTest.from_function(script).run()
    assert not test.exception
    (bar,) = test.get("progress")
    assert (bar.proto.value, "12 of 30 causes found" in bar.proto.text) == (40, True)


# ----------------------------------------------------------------- money


@pytest.mark.parametrize(
    ("amounts", "own", "words"),
    [
        ({}, {}, ""),
        ({"USD": 42 * CENT}, {}, "$0.42 so far"),
        ({"USD": 42 * CENT}, {"USD": 42 * CENT}, "$0.42 of your own machine so far"),
        ({"USD": 42 * CENT}, {"USD": 2 * CENT}, "$0.40 by list prices and $0.02 of your own machine so far"),
        (
            {"USD": 42 * CENT, "EUR": CENT},
            {"EUR": CENT},
            "$0.42 by list prices and €0.01 of your own machine so far",
        ),
    ],
)
def test_what_ones_own_machine_cost_is_told_apart(
    amounts: Mapping[str, int], own: Mapping[str, int], words: str
) -> None:
    assert spend_words(Spend(amounts, 0, own)) == words


def limited(spend: Spend) -> RunView:
    return replace(
        VIEW, experiment=replace(VIEW.experiment, limit=Limit(5 * MONEY_SCALE, "USD")), spend=spend
    )


def test_a_limit_is_called_one_on_bills_and_says_how_it_counts_what_is_unknown() -> None:
    assert money_so_far(limited(Spend({}, 0))) == ["limit $5.00 on bills"]
    assert money_so_far(limited(Spend({}, 3, owed=3))) == [
        "the cost of 3 answers unknown",
        "limit $5.00 on bills, where an unknown cost counts as the most it can be",
    ]
    assert running.doing_words(limited(Spend({"USD": 2 * CENT}, 0, {"USD": 2 * CENT}))) == (
        "Asking 4 at once · $0.02 of your own machine so far · limit $5.00 on bills"
    )
    assert money_so_far(VIEW) == []
