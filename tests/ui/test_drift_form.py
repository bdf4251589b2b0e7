"""Context drift is chosen in the form of a new experiment, and what does not fit is told before it begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.domain import Case, Gold
from app.services import Services
from app.ui import experiment_form_drift as form
from tests.experiments import bare, given
from tests.ui.opened import FakeServer, filled, opened, page, shown


def test_only_those_with_documents_get_places_and_each_once() -> None:
    made = form.placed([given(k=2), given(k=4), bare()], (1, 4))
    assert [(one.retrieval.k, one.retrieval.gold_at) if one.retrieval else None for one in made] == [
        (1, 1),
        (4, 1),
        (4, 2),
        (4, 4),
        None,
    ]
    assert form.placed([given(), bare()], None) == (given(), bare())


def test_what_cannot_be_tried_is_told() -> None:
    assert form.wrong([bare()], (4,)) == form.NO_DOCUMENTS
    assert form.wrong([given()], ()) == form.wrong([given()], (1,)) == form.NO_LENGTH
    assert form.wrong([given()], (1, 4)) == form.wrong([bare()], None) == ""


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Services, AppTest]]:
    with opened(tmp_path, monkeypatch, FakeServer()) as (services, _):
        inns = {f"inn{number}": f"The inn number {number} has beds." for number in range(4)}
        filled(services, "Mill", mill="The mill has seven stones.", **inns)
        gold = (Gold("mill.txt", "seven stones"),)
        services.datasets.create("Mill", (Case("How many?", ("seven",), gold), Case("Who?", ("Ada",))))
        yield services, page("experiments", new="yes").run()


@pytest.mark.integration
def test_it_is_chosen_and_the_estimate_has_it(drawn: tuple[Services, AppTest]) -> None:
    services, test = drawn
    assert not test.exception
    assert "2 questions × 2 candidates" in shown(test)
    test.checkbox(key="experiment-drift").check().run()
    assert not test.exception
    words = shown(test)
    assert form.WHAT_IT_DOES in words
    assert "1 of 2 questions left out" in words
    assert "Prompts of 8 passages are left out: “Mill” has too few" in words.replace("\\", "")
    assert "1 question × 5 candidates" in words, "alone, three places of 4, and without documents"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("streamlit.switch_page", lambda *_args, **_more: None)
        test.button(key="experiment-start").click().run()
    (experiment,) = services.experiments.list()
    assert experiment.cases == 1
    assert [one.retrieval and one.retrieval.gold_at for one in experiment.candidates] == [1, 1, 2, 4, None]
    assert services.experimenting._runs[experiment.id].done.wait(60)


@pytest.mark.integration
def test_where_nothing_fits_nothing_can_be_started(drawn: tuple[Services, AppTest]) -> None:
    services, test = drawn
    services.datasets.create("Bare", (Case("Who?", ("Ada",)),))
    test.checkbox(key="experiment-drift").check().run()
    test.selectbox(key="experiment-dataset").select_index(
        [one.name for one in services.datasets.list()].index("Bare")
    ).run()
    assert not test.exception
    assert "None of these questions has its gold text within one passage" in shown(test)
    assert "experiment-start" not in [one.key for one in test.button]
