"""The charts of context drift and of the claim: what their marks open, and which comparisons they tell of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit

from app.domain import Candidate, Cause, DriftPlan, Examined, Options, Used, drifted
from app.evaluation.experiments.drift_results import drift_of
from app.services import Services
from app.ui import drift_chart
from app.ui.claim_chart import corrected_words
from app.ui.naming import candidate_names
from app.ui.result_how import how_lines
from tests.experiments import bare, examined, given, kept
from tests.ui.opened import opened
from tests.ui.test_experiment_page import asked, drawn

PLACED = drifted(given(), DriftPlan((1, 4)))
FRONT_ONLY = "r" * 12, "r" * 12, "w" * 12, "w" * 12


def names(candidates: tuple[Candidate, ...]) -> dict[str, str]:
    return candidate_names({one.hash: one for one in candidates}, {"c": "Mill"})


def test_each_mark_stands_at_its_place_and_has_its_candidate() -> None:
    drift = examined(PLACED, *FRONT_ONLY).drift
    assert drift is not None
    found = drift_chart.finding("small", drift.points, drift.comparisons)
    figure = drift_chart.drift_figure(found, drift.points)
    marks = [
        (round(x), y, key[0])
        for line in figure.data
        for x, y, key in zip(line.x, line.y, line.customdata, strict=True)
    ]
    hashes = [one.hash for one in PLACED]
    assert marks == [(-1, 1, hashes[0]), (0, 1, hashes[1]), (1, 0, hashes[2]), (2, 0, hashes[3])]
    assert all(line.error_y.array for line in figure.data), "each with its interval"
    assert list(figure.layout.xaxis.ticktext) == ["alone", "front", "middle", "end"]


def test_without_the_passage_alone_there_is_no_place_for_it() -> None:
    placed = drifted(given(), DriftPlan((4,)))
    drift = examined(placed, "rw", "rw", "rr").drift
    assert drift is not None
    found = drift_chart.finding("small", drift.points, drift.comparisons)
    assert list(drift_chart.drift_figure(found, drift.points).layout.xaxis.ticktext) == [
        "front",
        "middle",
        "end",
    ]


def test_the_words_tell_which_comparisons_are_corrected_together() -> None:
    one = examined(PLACED, *FRONT_ONLY)
    assert one.drift is not None
    assert "corrected for these 4 comparisons of places and of lengths together" in (
        drift_chart.corrected_words(one.drift)
    )
    assert "Comparisons of places of the right passage have a correction of their own" in " ".join(
        how_lines(one, Used())
    )
    claimed = examined([given(), bare()], "rrww", "wwww", unanswerable=2)
    assert "corrected for these 2 comparisons together" in corrected_words(claimed.claims)
    assert "Comparisons of wrong and invented answers have a correction of their own" in " ".join(
        how_lines(claimed, Used())
    )


def test_what_is_not_counted_is_told() -> None:
    one = examined(PLACED, *FRONT_ONLY)
    drift = drift_of(one.experiment, one.trials, {one.trials[-1].slot, one.trials[-2].slot})
    assert drift is not None
    assert drift_chart.left_out_words(drift.points).startswith(
        "Not counted at any place: 2 questions with 4 passages."
    )
    table = drift_chart.drift_table(drift.points)
    assert [row[table.columns.index("Not counted")] for row in table.rows] == [0, 2, 2, 2]
    assert drift_chart.left_out_words(drift.points[:1]) == ""


def test_the_same_model_with_other_settings_is_told_apart() -> None:
    short = drifted(replace(given(), options=Options(max_tokens=50)), DriftPlan((4,)))
    both = (*PLACED, *short)
    drift = examined(both, *FRONT_ONLY, *FRONT_ONLY[1:]).drift
    assert drift is not None
    bases = dict.fromkeys(one.base for one in drift.points)
    told = [
        drift_chart.model_of([one for one in drift.points if one.base == base], names(both)) for base in bases
    ]
    assert told == ["small", "small, up to 50 tokens"]


# ------------------------------------------------------------------------ on the page


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch) as (made, _):
        yield made


@pytest.fixture
def choosing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """What chooses the mark of a candidate in the chart with that key, as a click does."""

    def choose(chart: str, candidate: str) -> None:
        def plotly_chart(_figure: object, *, key: str, **_more: object) -> SimpleNamespace:
            points = [{"customdata": [candidate, ""]}] if key == chart else []
            return SimpleNamespace(selection=SimpleNamespace(points=points))

        monkeypatch.setattr(streamlit, "plotly_chart", plotly_chart)

    return choose


@pytest.mark.integration
def test_a_mark_of_the_drift_opens_its_questions(
    services: Services, choosing: Callable[[str, str], None]
) -> None:
    one = kept(services.experiments, services.datasets, PLACED, "rr", "rr", "rw", "ww")
    choosing(f"drift-{examined_base(PLACED[0])}-0", PLACED[2].hash)
    test = drawn(one.id)
    assert asked(test, "candidate") == [PLACED[2].hash]


@pytest.mark.integration
def test_a_mark_of_the_claim_opens_the_wrong_answers(
    services: Services, choosing: Callable[[str, str], None]
) -> None:
    one = kept(
        services.experiments,
        services.datasets,
        (given(), bare()),
        "rwww",
        "wwww",
        unanswerable=2,
        causes={"w": Cause.INVENTED},
    )
    choosing("result-invented-0", given().hash)
    test = drawn(one.id)
    assert asked(test, "candidate") == [given().hash]
    assert asked(test, "outcome") == ["wrong"]
    assert asked(test, "cause") == [Cause.INVENTED.value]


def examined_base(candidate: Candidate) -> str:
    """How the chart of that candidate is called."""
    found: Examined = examined([candidate], "r")
    assert found.drift is not None
    return found.drift.points[0].base
