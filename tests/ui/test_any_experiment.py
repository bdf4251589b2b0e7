"""Whatever came of an experiment, each of its pages is drawn: that none fails inside, conftest.py sees to."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.domain import IMPORTED_BACKEND, Candidate, Cause, Experiment, ExperimentState, Options, Provenance
from app.services import Services
from tests.experiments import bare, given, kept, moved
from tests.ui.opened import ROOT, SECONDS, opened

pytestmark = pytest.mark.integration

CANDIDATES = (
    given(),
    bare(),
    given("large"),
    bare("large"),
    given("x $5 :red[y] <b>"),
    given(k=8),
    *(given("drift", k=4, gold_at=at) for at in (1, 2, 4)),
    given("drift", k=1, gold_at=1),
    Candidate("fake", "warm", Options(temperature=0.7, schema=True)),
    Candidate(IMPORTED_BACKEND, "gpt-5-mini", provenance=Provenance("openai", documents=True)),
    Candidate(IMPORTED_BACKEND, "nobody knows", provenance=Provenance()),
)
KINDS = ("rw", "rrrrw", "rwwww", "rwafuje.", "uj.", "rrru", "wwwu", "f", "r", ".", "rwk")
"""Of which letters an experiment's answers are (tests/experiments.py)."""
ENDED = ExperimentState.FINISHED, ExperimentState.STOPPED, ExperimentState.INTERRUPTED


def any_experiment(services: Services, chance: random.Random, name: str) -> Experiment:
    """Some candidates, questions and answers; one in three was made on another machine."""
    candidates = chance.sample(CANDIDATES, chance.randint(1, 6))
    cases, repeats, kind = chance.choice((1, 2, 4, 7, 12, 30)), chance.choice((1, 1, 2)), chance.choice(KINDS)
    letters = ["".join(chance.choices(kind, k=cases * repeats)) for _ in candidates]
    made = kept(
        services.experiments,
        services.datasets,
        candidates,
        *letters,
        name=name,
        repeats=repeats,
        unanswerable=chance.randint(0, cases),
        state=chance.choice(ENDED),
        causes={"w": chance.choice(list(Cause)), "a": Cause.REFUSED, "f": Cause.FAILED},
    )
    if made.state is ExperimentState.FINISHED and chance.random() < 1 / 3:
        return services.experiments.get(moved(services.archives, made.id))
    return made


def drawn(page: str, **address: str) -> AppTest:
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=SECONDS)
    for key, value in address.items():
        test.query_params[key] = value
    (test.switch_page(f"pages/{page}.py") if page else test).run()
    assert not test.exception, (page, address)
    return test


def test_each_page_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, soak: bool) -> None:
    for seed in range(100 if soak else 3):
        chance = random.Random(seed)
        with opened(tmp_path / str(seed), monkeypatch) as (services, _):
            pair = [any_experiment(services, chance, name) for name in ("One", "Other")]
            for one in pair:
                test = drawn("experiment", experiment=one.id)
                for button in test.button:
                    if str(button.key).startswith(("behind-", "next-")):
                        assert not button.click().run().exception
                        break
                drawn("", experiment=one.id)
                drawn("", experiment=one.id, present="yes")
                drawn("case", experiment=one.id, case="0")
                drawn("vote", experiment=one.id, voter="Ada")
                drawn("costs", experiment=one.id)
            drawn("versus", experiment=pair[0].id, other=pair[1].id)
            drawn("experiments")
