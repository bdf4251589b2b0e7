"""Scores as lines of words."""

from __future__ import annotations

import pytest

from app.domain import Score
from app.evaluation.scorers.judge import NAME
from app.evaluation.scorers.registry import case_scorers, scorers
from app.ui import scores
from app.ui.words import help_for


def score(name: str, value: float | None, words: str = "Why.", version: str = "1") -> Score:
    return Score(name, version, value, words)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("contains", 1.0, "yes"),
        ("contains", 0.0, "no"),
        ("contains", None, "not scored"),
        ("token F1", 2 / 3, "0.67"),
        ("MRR@k", 1.0, "1"),
        ("share copied", 0.5, "50%"),
        ("length", 0.5, "50%"),
        ("judge:ab12", 1.0, "yes"),
        ("judge:ab12", None, "not scored"),
    ],
)
def test_values_as_they_are_read(name: str, value: float | None, shown: str) -> None:
    assert scores.value(score(name, value)) == shown


def test_lines_stand_in_one_order_with_the_newest_version() -> None:
    given = [
        score("zeal", 0.5),
        score("token F1", 0.5),
        score("contains", 0.0, "Old.", version="9"),
        score("contains", 1.0, "It has *it*.", version="10"),
    ]
    assert scores.lines(given) == [
        "**Contains: yes.** It has \\*it\\*\\.",
        "**Token F1: 0.5.** Why\\.",
        "**Zeal: 50%.** Why\\.",
    ]


def test_every_judge_stands_behind_contains() -> None:
    given = [score("judge:b", 0.0, "Two."), score("token F1", 0.5), score("judge:a", 1.0, "One.")]
    told = scores.lines([*given, score("contains", 1.0)])
    assert told[1:3] == ["**Judge: yes.** One\\.", "**Judge: no.** Two\\."]
    assert scores.helps(given) == [help_for("judge"), help_for("token F1")]


def test_every_measure_has_its_place_and_its_sentence() -> None:
    names = {one.name for one in scorers()} | {one.name for one in case_scorers()} | {NAME}
    assert names == set(scores.ORDER)
    assert sorted([*scores.YES_OR_NO, *scores.RATIOS, *scores.SHARES]) == sorted(scores.ORDER)
    given = [score(name, 1.0) for name in (*scores.ORDER, "zeal")]
    assert scores.helps(given) == [help_for(name) for name in scores.ORDER]
