"""A judge is chosen in the form of a new experiment, and the experiment is judged by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain import Case
from tests.ui.opened import FakeServer, filled, opened, page, shown

pytestmark = pytest.mark.integration  # whole pages over real services


def test_a_judge_is_chosen_and_the_estimate_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path, monkeypatch, FakeServer(models=("tiny", "solomon"))) as (services, _):
        filled(services, "Mill", mill="The mill has seven stones.")
        services.datasets.create("Mill", (Case("How many?", ("seven",)), Case("Who?", unanswerable=True)))
        test = page("experiments", new="yes").run()
        assert not test.exception
        assert "judgement" not in shown(test)
        judge = test.selectbox(key="experiment-judge")
        assert judge.options[0] == "the right answer stands in it"
        judge.select("fake/solomon").run()
        assert not test.exception
        assert "and up to 4 judgements" in shown(test), "one of two questions can be judged, of 4 candidates"
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("streamlit.switch_page", lambda *_args, **_more: None)
            test.button(key="experiment-start").click().run()
        (experiment,) = services.experiments.list()
        assert experiment.judge is not None
        assert (experiment.judge.model, experiment.judge.retrieval) == ("solomon", None)
        assert services.experimenting._runs[experiment.id].done.wait(60)
