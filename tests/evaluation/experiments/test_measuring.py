"""The short probe: it asks only who has no record, is no part of any comparison, and can be ended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain import MeasureView, Options
from app.errors import BackendDown, NotAllowed
from tests.evaluation.experiments.conftest import Laboratory
from tests.waiting import until

pytestmark = pytest.mark.integration  # over a real database and index


def measured(laboratory: Laboratory) -> MeasureView:
    """The probe once it has ended."""
    measuring = laboratory.experimenting.measuring
    until(lambda: (view := measuring.view()) is not None and not view.busy)
    view = measuring.view()
    assert view is not None
    return view


def test_two_questions_from_all_over_are_put_to_who_has_no_record_and_to_nobody_else(
    laboratory: Laboratory,
) -> None:
    fake = laboratory.world.backends["fake"]
    given, bare = laboratory.world.candidate(), laboratory.world.candidate(documents=False)
    laboratory.ended(laboratory.experimenting.start(laboratory.wanted(given)))
    before, experiments = len(fake.requests), laboratory.experiments.list()
    warm = replace(bare, options=Options(temperature=0.5))
    wanted = laboratory.wanted(given, bare, warm)
    assert laboratory.experimenting.estimate(wanted).unknown == (bare.label, warm.label)
    laboratory.experimenting.measure(wanted)
    assert measured(laboratory) == MeasureView(done=2, of=2)
    asked = [one.messages[-1].content for one in fake.requests[before:]]
    assert asked == ["Question: Question 1?", "Question: Question 4?"], "one of two that differ in options"
    assert laboratory.experimenting.estimate(wanted).unknown == ()
    assert laboratory.experiments.list() == experiments
    recorded = laboratory.experiments.recorded(bare)
    assert (recorded.answers, recorded.seconds is not None) == (2, True)


def test_who_fails_is_named_and_not_asked_on_and_the_others_are_measured(laboratory: Laboratory) -> None:
    fake = laboratory.world.backends["fake"]
    for _ in range(3):  # it is tried again twice
        fake.fail(BackendDown("Nobody answers.", "Start it."))
    laboratory.experimenting.measure(laboratory.wanted())
    view = measured(laboratory)
    assert view.failures == ("tiny with documents: Nobody answers. Start it.",)
    assert (view.done, view.of, len(fake.requests)) == (2, 4, 3 + 2)
    assert laboratory.experimenting.estimate(laboratory.wanted()).unknown == ("tiny with documents",)


def test_cancelled_it_keeps_what_it_has_and_measures_no_more(laboratory: Laboratory) -> None:
    fake = laboratory.world.backends["fake"]
    fake.say("so it is")
    fake.hold("half")
    laboratory.experimenting.measure(laboratory.wanted())
    until(lambda: len(fake.requests) == 2)
    with pytest.raises(NotAllowed, match="A probe is running already"):
        laboratory.experimenting.measure(laboratory.wanted())
    laboratory.experimenting.measuring.stop()
    view = measured(laboratory)
    assert (view.done, view.failures, view.stopping) == (1, (), True)
    assert len(fake.requests) == 2
    assert laboratory.experiments.recorded(laboratory.world.candidate()).answers == 1
