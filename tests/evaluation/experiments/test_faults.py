"""Every cause is made on purpose, many times and many at once, and must be found (issue: "Attribution").

The faults and the labels come from ``benchmarks.faults.plan`` and ``damage``, which know nothing of Assay.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import cast

import numpy as np
import pytest

from app.domain import Cause
from app.evaluation import attribution
from app.evaluation.attribution import Asked, Search
from app.evaluation.experiments.causing import Causes
from app.services import Services
from benchmarks.faults import plan as planning
from benchmarks.faults.laboratory import NOT_SPLIT, RIGHT, ROOT, UNSPLIT, Confusion, Found, Laboratory, Ran

# Whole workspaces, made once: by one process, where several run tests.
pytestmark = [pytest.mark.integration, pytest.mark.soak, pytest.mark.xdist_group("faults")]

LONG = bool(os.environ.get("SOAK"))
SEEDS = (1, 2, 3, 4, 5) if LONG else (1,)
EACH, SOUND = 20, 84
FEWEST = 20
GOAL = 0.95
PART = 5
"""Two of the candidates are asked every fifth case only: they meet the same faults."""
REPEATS, REPEATED = 3, 5 if LONG else 10
"""Asked so often is every so manieth case only: what is new there is how trials of one case differ."""


@dataclass(frozen=True)
class Done:
    """What came of one workspace: all re-asked, and the part before it was."""

    laboratory: Laboratory
    ran: tuple[Ran, Ran]
    found: list[Found]
    before: list[Found]


def done(folder: Path, seed: int) -> Done:
    laboratory = Laboratory(folder, seed, EACH, SOUND)
    laboratory.prepare()
    with laboratory.opened() as services:
        ran = laboratory.run(services, ("steady", "narrow"))
        part = laboratory.run(services, ("strict", "closed"), PART, reask=False)
        before = laboratory.found(part, reask=False)
        services.experimenting.trace(part.id, reask=True)
        laboratory.wait(services, part)
    return Done(laboratory, (ran, part), laboratory.found(ran) + laboratory.found(part), before)


@pytest.fixture(scope="module")
def all_done(tmp_path_factory: pytest.TempPathFactory) -> list[Done]:
    return [done(tmp_path_factory.mktemp(f"seed-{seed}"), seed) for seed in SEEDS]


def show(confusion: Confusion) -> None:
    for row in confusion.rows():
        sys.stdout.write(f"{row}\n")
    for miss in confusion.misses:
        sys.stdout.write(f"{miss}\n")


def test_every_cause_is_found(all_done: list[Done], trials: Callable[[str, int], None]) -> None:
    confusion = Confusion([found for one in all_done for found in one.found])
    show(confusion)
    times = confusion.times()
    # Nothing that was asked here has the cause of what was recorded elsewhere.
    assert set(times) == {RIGHT, *Cause} - {Cause.MODEL_UNSPLIT, Cause.NOT_RECORDED}
    for cause in times:
        trials(f"faults: {cause}: {confusion.share_of(cause):.1%} found", times[cause])
        assert times[cause] >= FEWEST
        assert confusion.share_of(cause) >= GOAL
    assert confusion.share >= GOAL


def test_where_nothing_is_asked_again_the_last_three_are_one(all_done: list[Done]) -> None:
    confusion = Confusion([found for one in all_done for found in one.before])
    show(confusion)
    assert confusion.share >= GOAL
    assert NOT_SPLIT in confusion.times()
    assert not set(UNSPLIT) & {one.found for one in confusion.found}


def test_with_repeats_the_first_of_three_is_not_repeatable(all_done: list[Done]) -> None:
    laboratory = all_done[0].laboratory
    with laboratory.opened() as services:  # to the model of a new process nothing was put yet
        ran = laboratory.run(services, ("steady",), REPEATED, REPEATS)
    confusion = Confusion(laboratory.found(ran))
    show(confusion)
    assert confusion.share >= GOAL
    once = {one["number"] for one in ran.cases if one["causes"]["steady"] == "not repeatable"}
    assert Counter(one.case for one in confusion.found if one.found == "not repeatable") == Counter(once)


def test_the_plan_puts_gold_where_it_says() -> None:
    world = planning.plan(7, planning.mixture(3, 6))
    vectors, written = planning.vectors_of(world)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    for case in world.cases:
        if case.fault not in {*planning.GONE, "invented", "cannot be told"}:
            texts = [(case.text, case.exact)] + (
                [(case.second.text, case.second.exact)] if case.second else []
            )
            assert {text for _, text in case.gold} == {text for text, _ in texts}
            for text, place in texts:
                (gold,) = (row for row, one in enumerate(written) if text in one.text)
                cosines = vectors[:, case.number]
                assert int(np.sum(cosines > cosines[gold])) + 1 == place
            holding = [one for one in written if case.answer in one.text]
            assert len(holding) == 1 + case.decoy


def test_what_makes_the_faults_knows_nothing_of_assay() -> None:
    """Nor does anything that it imports."""
    look = (
        "import sys, benchmarks.faults.plan, benchmarks.faults.damage\n"
        "print([one for one in sys.modules if one.split('.')[0] in {'app', 'storage', 'pages', 'tests'}])"
    )
    told = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


# --------------------------------------------------------------------------- with a row broken

MUTANTS: Mapping[str, tuple[str, str]] = {
    "failed": ("if answer.state in {AnswerState.FAILED, AnswerState.STOPPED} or", "if"),
    "invented": (
        "    if not asked.abstained:\n        return Found(Cause.INVENTED",
        "    if False:\n        return Found(Cause.INVENTED",
    ),
    "no documents given": ("if answer.candidate.retrieval is None:", "if False:"),
    "cannot be told": ("if not case.gold or not all(one.text.strip() for one in case.gold):", "if False:"),
    "not in the collection": ("if absent is not None:", "if False:"),
    "not in the collection, of the text named first alone": (
        "if absent is not None:",
        "if absent is not None and absent is lost[0][0]:",
    ),
    "not read": ("    if lost:\n        name", "    if False:\n        name"),
    "given elsewhere": ("if elsewhere is not None:", "if False:"),
    "given elsewhere, after the index": (
        "return _without_search(asked, missing) or _of_the_index(asked, search, lost)",
        "return _of_the_index(asked, search, lost) if lost else _without_search(asked, missing)",
    ),
    "not indexed": ("if absent and covered(", "if False and covered("),
    "missed by the index": ("if first <= k:", "if False:"),
    "missed by the index, at the last place": ("if first <= k:", "if first < k:"),
    "missed by the index, of all texts alone": ("if first <= k:", "if last <= k:"),
    "missed by the embedder": ("TOP = 50\n", "TOP = 90\n"),
    "missed by the embedder, one place earlier": ("TOP = 50\n", "TOP = 49\n"),
    "ranked too low": ("if first <= k:", "if first <= k + 1:"),
    "did not fit": (
        "if all(covered(one, [given.passage for given in chosen]) >= WHOLE for one in missing):",
        "if False:",
    ),
    "refused": ("    if asked.abstained:\n", "    if False:\n"),
    "cut short": ("    if asked.answer.state is AnswerState.CUT_SHORT:\n", "    if False:\n"),
    "not repeatable": ("if _most(again):", "if False:"),
    "distracted": ("Cause.DISTRACTED if _most(alone) else", "Cause.DISTRACTED if False else"),
    "model wrong": ("else Cause.MODEL_WRONG", "else Cause.DISTRACTED"),
}


@dataclass(frozen=True)
class Known:
    """All that Assay knows of answers that are not right, beside what they must come out as."""

    pairs: list[tuple[Found, Asked]]
    search: Search


@pytest.fixture(scope="module")
def known(all_done: list[Done]) -> Iterator[Known]:
    """Of the first workspace, opened again."""
    first = all_done[0]
    with first.laboratory.opened() as services:
        pairs: list[tuple[Found, Asked]] = []
        for ran in first.ran:
            causes = causes_of(services, ran.id)
            trials = services.experiments.trials(ran.id)
            found = zip(first.laboratory.found(ran), trials, strict=True)
            wrong = [(one, trial) for one, trial in found if trial.right is False]
            asked = causes._asked([trial for _, trial in wrong])
            pairs += [(one, remembering(asked[trial.answer_id])) for one, trial in wrong]
        search = causes._searched(services.collections.list()[0].id)
        looks = {name: cache(getattr(search, name)) for name in ("exact", "rank", "overlapping", "indexed")}
        yield Known(pairs, cast("Search", SimpleNamespace(**looks)))


def remembering(asked: Asked) -> Asked:
    """What costs time is done once for all of the broken ones."""
    return replace(asked, holds=cache(asked.holds))


def causes_of(services: Services, experiment: str) -> Causes:
    rooms = services.experimenting._rooms
    experiments = rooms.experiments
    run = experiments.get(experiment)
    cases = services.datasets.cases(run.version)
    posed = list(rooms.pose(services.collections.list()[0].id, cases))
    return Causes(
        experiments,
        run,
        experiments.trials(experiment),
        pose=lambda _retrieval, case: posed[case],
        search=lambda one: rooms.search(rooms.collection(one)),
        unusable=lambda _one: "",
    )


def test_the_attribution_itself_passes_as_the_broken_ones_are_looked_at(
    known: Known,
) -> None:
    assert fails(attribution, known) == []


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_row_is_noticed(
    name: str,
    known: Known,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert fails(mutant(*MUTANTS[name], monkeypatch), known) != []


def mutant(old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The attribution with a line of it changed."""
    assert attribution.__file__
    source = Path(attribution.__file__).read_text("utf-8")
    assert source.count(old) == 1, "there is no such line (any more)"
    made = ModuleType("mutant")
    monkeypatch.setitem(sys.modules, "mutant", made)
    exec(compile(source.replace(old, new), "mutant", "exec"), made.__dict__)  # noqa: S102 - our own source
    return made


def fails(module: ModuleType, known: Known) -> list[str]:
    """The causes of which it finds too few."""
    made = [(one.wanted, told(module, asked, known.search)) for one, asked in known.pairs]
    wanted, right = Counter(one for one, _ in made), Counter(one for one, found in made if one == found)
    return sorted(one for one in wanted if right[one] < GOAL * wanted[one])


def told(module: ModuleType, asked: Asked, search: Search) -> str:
    try:
        found = module.cause_of(asked, search)
    except (LookupError, AssertionError, ValueError) as error:
        return type(error).__name__
    return str(found.cause or found.needs)
