"""Another judge is chosen on the page of an experiment, and what it takes is told before it begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain import Estimate, Measures, Taking
from app.evaluation.scorers.judge import judge_of
from app.services import Services
from app.ui import judge_again
from app.ui.judge_again import causes_words, judging_words
from tests.ui.experiments import TEXTS, Links, both, linking, ran
from tests.ui.opened import FakeServer, filled, opened, page, shown

pytestmark = pytest.mark.integration  # whole pages over real services


def taking(judgements: int, **more: object) -> Estimate:
    usual: dict[str, object] = {"seconds": None, "tokens": 0, "amounts": {}, "unknown": (), "unpriced": ()}
    basis = "From 40 recorded answers of the same models."
    return Estimate(answers=0, basis=basis, judgements=judgements, **(usual | more))  # type: ignore[arg-type]


def test_what_it_takes_in_words() -> None:
    known = taking(240, seconds=540.0, tokens=120_000, amounts={"USD": 12 * 10**10})
    assert judging_words(known) == (
        "Up to 240 questions are put to it: about 9 min, 120,000 tokens, $0.12. "
        "From 40 recorded answers of the same models."
    )
    assert "120,000 tokens, at a cost that is not known" in judging_words(
        taking(240, seconds=540.0, tokens=120_000)
    )
    assert judging_words(taking(1)) == (
        "Up to 1 question is put to it. Nothing it judged in this way is recorded, so time and cost are not "
        "known."
    )
    assert judging_words(taking(0)) == "Nothing is left that it could be asked."
    assert causes_words(known) == ""
    more = Taking(60.0, 100, {"USD": 10**10})
    assert causes_words(taking(1, reasks=12, more=more)) == (
        "Looking for causes takes at most 12 answers, 1 min, $0.01 more."
    )


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> Links:
    return linking(monkeypatch)


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: Links) -> Iterator[Services]:
    with opened(tmp_path, monkeypatch, FakeServer(models=("tiny", "solomon"))) as (made, _):
        yield made


def test_another_judge_is_chosen_on_the_page(services: Services) -> None:
    name = ran(services, both(filled(services, "Mill", **TEXTS))[:1])
    asked = services.experimenting.estimate_judging(name, None)
    assert asked.judgements == 0
    test = page("experiment", experiment=name)
    test.session_state[judge_again.KEY] = True
    test.run()
    assert not test.exception
    choice = test.selectbox(key="judge-again-by")
    assert choice.value == "", "a right answer has to stand in the answer"
    assert test.button(key="judge-again-start").disabled
    assert "So it is told now" in shown(test)
    choice.select("fake/solomon").run()
    most = services.experimenting.estimate_judging(name, judge_of("fake", "solomon")).judgements
    assert most >= 3, "one of the four questions has no answer in the documents"
    assert f"Up to {most} questions are put to it" in shown(test)
    test.button(key="judge-again-start").click().run()
    assert services.experimenting._runs[name].done.wait(60)
    judge = services.experiments.get(name).judge
    assert judge is not None
    assert judge.model == "solomon"


def test_before_pairs_are_judged_their_number_is_told(services: Services) -> None:
    name = ran(services, both(filled(services, "Mill", **TEXTS)))
    test = page("experiment", experiment=name)
    test.session_state["pair-judge-new"] = True
    test.run()
    assert not test.exception
    pairs = len(services.polling.pairs(name).pairs)
    told = f"Up to {2 * pairs} questions are put to it" if pairs else "Nothing is left"
    assert told in shown(test)
    assert test.button(key="pair-judge-start").disabled == (pairs == 0)


def test_all_measures_are_summed_up_when_they_are_opened(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = ran(services, both(filled(services, "Mill", **TEXTS)))
    asked: list[str] = []
    whole = services.examining.measures

    def summed(one: str) -> Measures:
        asked.append(one)
        return whole(one)

    monkeypatch.setattr(services.examining, "measures", summed)
    test = page("experiment", experiment=name).run()
    assert not test.exception
    assert asked == []
    test.session_state["result-all-measures"] = True
    test.run()
    assert not test.exception
    assert asked == [name]
    assert "**Is it the right answer?**" in shown(test)
