"""What the commands `recorded …` do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from app.commands import uploaded
from app.domain import Candidate, RecordedDefaults, RecordedGroup, RecordedPreview
from app.errors import NotFound
from app.evaluation.recorded.recording import Recording, missing_words
from app.evaluation.recorded.template import template
from app.services import Services
from storage.database import Database
from storage.datasets import Datasets
from storage.experiments import Experiments


def added(
    recording: Recording,
    experiment_id: str,
    file: Path,
    defaults: RecordedDefaults,
    report: Callable[[str], None],
    *,
    dry: bool,
) -> RecordedPreview:
    """Add the file's answers, or (``dry``) only look what it would bring; bad rows are told.

    Raises NotFound and NotAllowed.
    """
    act = recording.preview if dry else recording.add
    return _told(act(experiment_id, uploaded(file), defaults), report)


def made(
    services: Services,
    dataset: str,
    file: Path,
    defaults: RecordedDefaults,
    report: Callable[[str], None],
    *,
    name: str,
) -> tuple[str, RecordedPreview]:
    """A new experiment of the file's answers alone; its id. Raises NotFound and NotAllowed."""
    found = services.datasets.by_name(dataset)
    if found is None:
        names = ", ".join(f"“{one.name}”" for one in services.datasets.list()) or "none yet"
        raise NotFound(f"There is no dataset called “{dataset}”.", f"Datasets: {names}.")
    experiment, put = services.recording.make(found.id, uploaded(file), defaults, name=name)
    return experiment, _told(put, report)


def _told(found: RecordedPreview, report: Callable[[str], None]) -> RecordedPreview:
    for one in found.bad:
        report(f"row {one.number}, left out: {one.reason}")
    for one in found.doubtful:
        report(f"row {one.number}, taken: {one.reason}")
    return found


def taken_out(recording: Recording, experiments: Experiments, experiment_id: str, name: str) -> int:
    """Delete an imported candidate, by its model, label or hash. Raises NotFound and NotAllowed."""
    there = [one for one in experiments.get(experiment_id).candidates if one.imported]
    found = [one for one in there if name in {one.model, one.label, one.hash}]
    if len(found) != 1:
        names = ", ".join(f"{one.label} [{one.hash}]" for one in there) or "none"
        what = "No imported candidate is" if not found else f"{len(found)} imported candidates are"
        raise NotFound(f"{what} called “{name}” in this experiment.", f"There are: {names}.")
    return recording.take_out(experiment_id, found[0])


def questions(database: Database, experiment_id: str) -> bytes:
    """The questions of an experiment as a table to fill in. Raises NotFound."""
    return template(Datasets(database).cases(Experiments(database).get(experiment_id).version))


def preview_rows(found: RecordedPreview) -> Iterator[dict[str, object]]:
    """One object a candidate, then one of the rows that were left out or are doubtful."""
    yield from (_group_row(one) for one in found.groups)
    yield {
        "left_out": [asdict(one) for one in found.bad],
        "doubtful": [asdict(one) for one in found.doubtful],
    }


def _group_row(one: RecordedGroup) -> dict[str, object]:
    return {
        **_candidate_row(one.candidate),
        "answers": len(one.answers),
        "of": one.of,
        "missing": one.missing,
        "without_date": one.undated,
        "without_tokens": one.uncounted,
    }


def _candidate_row(one: Candidate) -> dict[str, object]:
    told = asdict(one.provenance) if one.provenance else {}
    return {"candidate": one.hash, "model": one.model, **told}


def preview_words(found: RecordedPreview, *, dry: bool) -> Iterator[str]:
    """The same as a person reads it on a terminal."""
    verb = "could be added" if dry else "added"
    for one in found.groups:
        priced = f"priced by the list of {one.priced}" if one.priced else "of unknown cost"
        dates = f", {one.undated} without a date (today is assumed)" if one.undated else ""
        tokens = f", {one.uncounted} without tokens (cost unknown)" if one.uncounted else ""
        yield f"{one.candidate.label}: {len(one.answers)} of {one.of} answers {verb}, {priced}{dates}{tokens}"
    if words := missing_words(found.groups):
        yield words
    if found.bad:
        yield f"{len(found.bad)} {'row' if len(found.bad) == 1 else 'rows'} left out."
