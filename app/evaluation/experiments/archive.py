"""An experiment as one file: a JSON object a line, so that it can be read without Assay, too.

The first line is the experiment (``{"kind": "experiment", "format": 1, "experiment": {…}}``). Then come,
each before the lines that need it: ``case`` lines (``place`` and ``case``), ``passage`` lines (each text
that was given, once), ``trial`` lines (an answer in its slot, with its scores and its cause), ``probe``
lines (re-askings), ``ruling`` lines (what a judge said of an answer) and ``vote`` lines (people's blind
choices between two answers). The keys inside are the fields of
the types in ``app/domain``; an answer's given passages are numbers of ``passage`` lines, from 0. Dates are
ISO 8601, money 10^-12 of its currency, times seconds. docs/experiment-file.md has it in full.
"""

from __future__ import annotations

import gzip
import io
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from typing import IO, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.domain import (
    Answer,
    ArchivedExperiment,
    ArchivedProbe,
    ArchivedRuling,
    ArchivedTrial,
    Case,
    Experiment,
    ExperimentState,
    Passage,
    Reached,
    Slot,
    Vote,
    untold,
)
from app.errors import NotAllowed
from app.evaluation.experiments.pieces import MOST_CANDIDATES, MOST_REPEATS
from storage.names import NAME_LENGTH, name_key

FORMAT = 1
PACKED = b"\x1f\x8b"
"""The first bytes of a gzip file."""
NOTHING = "Nothing was imported."
MOST_LINES = 2_000_000
TOLD_EVERY = 200
LONGEST_LINE = 32 * 1024 * 1024
MOST_BYTES = 1024 * 1024 * 1024
"""What a file may hold when it is unpacked: a small packed one can be made to fill the memory."""
_T = TypeVar("_T")


def lines_of(archive: ArchivedExperiment) -> Iterator[str]:
    """The file's lines, without their ends."""
    yield _line("experiment", format=FORMAT, experiment=_dumped(Experiment, archive.experiment))
    for place, case in enumerate(archive.cases):
        yield _line("case", place=place, case=_dumped(Case, case))
    numbers: dict[Passage, int] = {}
    for trial in archive.trials:
        dumped = _dumped(ArchivedTrial, trial)
        yield from _apart(numbers, trial.answer, dumped)
        yield _line("trial", trial=dumped)
    for probe in archive.probes:
        dumped = _dumped(ArchivedProbe, probe)
        yield from _apart(numbers, probe.answer, dumped)
        yield _line("probe", probe=dumped)
    for ruling in archive.rulings:
        yield _line("ruling", ruling=_dumped(ArchivedRuling, ruling))
    for vote in archive.votes:
        yield _line("vote", vote=_dumped(Vote, vote))


def opened(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file, packed with gzip or not. ``file`` can be searched. Raises NotAllowed."""
    packed = file.read(len(PACKED)) == PACKED
    file.seek(0)
    if not packed:
        yield from _bounded(file)
        return
    try:
        with gzip.open(file) as unpacked:
            yield from _bounded(unpacked)
    except (OSError, EOFError, zlib.error) as error:
        raise NotAllowed(f"The file could not be unpacked: {error}.", NOTHING) from None


def _bounded(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    left = MOST_BYTES
    while line := file.readline(LONGEST_LINE + 1):
        left -= len(line)
        if len(line) > LONGEST_LINE or left < 0:
            raise NotAllowed("The file is too large to be an experiment.", NOTHING)
        yield line


def packed(archive: ArchivedExperiment) -> bytes:
    """The whole file, packed with gzip."""
    made = io.BytesIO()
    write_into(made, archive, pack=True)
    return made.getvalue()


def write_into(file: IO[bytes], archive: ArchivedExperiment, *, pack: bool) -> None:
    """Write the file, packed with gzip or not."""
    # No date and no name inside: the same experiment is the same file.
    output = gzip.GzipFile("", "wb", fileobj=file, mtime=0) if pack else nullcontext(file)
    with output as open_output:
        for line in lines_of(archive):
            open_output.write(f"{line}\n".encode())


def archive_of(lines: Iterable[bytes | str], reached: Reached = untold) -> ArchivedExperiment:
    """Read it back. Raises NotAllowed, which names the line that is no part of an experiment.

    ``reached`` is told now and then how many lines were read (of 0: nobody knows how many there are).
    """
    read = _Read()
    for number, line in enumerate(lines, start=1):
        if number % TOLD_EVERY == 0:
            reached(number, 0)
        if number > MOST_LINES:
            raise NotAllowed(f"The file has more than {MOST_LINES:,} lines.", NOTHING)
        if line.strip():
            read.take(number, line)
    return read.whole()


def _apart(numbers: dict[Passage, int], answer: Answer, dumped: dict[str, Any]) -> Iterator[str]:
    """Give each passage of the answer a number, and a line before it is first needed."""
    given = answer.prompt.given if answer.prompt else ()
    rows = dumped["answer"]["prompt"]["given"] if given else []
    for one, row in zip(given, rows, strict=True):
        if one.passage not in numbers:
            numbers[one.passage] = len(numbers)
            yield _line("passage", passage=_dumped(Passage, one.passage))
        row["passage"] = numbers[one.passage]
        del row["deleted"]  # So it is here and now; where the file is read it may be otherwise.
        if math.isnan(one.similarity):
            row["similarity"] = None


@dataclass
class _Read:
    """What was read of a file so far."""

    experiment: Experiment | None = None
    cases: dict[int, Case] = field(default_factory=dict)
    passages: list[Any] = field(default_factory=list)
    trials: list[ArchivedTrial] = field(default_factory=list)
    probes: list[ArchivedProbe] = field(default_factory=list)
    rulings: list[ArchivedRuling] = field(default_factory=list)
    votes: list[Vote] = field(default_factory=list)

    def take(self, number: int, line: bytes | str) -> None:
        try:
            self._take(json.loads(line))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise _bad(number, f"{where}: {first['msg']}") from None
        except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
            raise _bad(number, str(error)) from None

    def _take(self, row: dict[str, Any]) -> None:
        kind = row["kind"]
        if kind == "experiment":
            self._begin(row)
        elif self.experiment is None:
            raise ValueError("the first line must be the experiment")
        elif kind == "case":
            self.cases[int(row["place"])] = _adapter(Case).validate_python(row["case"])
        elif kind == "passage":
            _adapter(Passage).validate_python(row["passage"])
            self.passages.append(row["passage"])
        elif kind == "trial":
            self.trials.append(self._whole(ArchivedTrial, row["trial"]))
        elif kind == "probe":
            self.probes.append(self._whole(ArchivedProbe, row["probe"]))
        elif kind == "ruling":
            self.rulings.append(self._whole(ArchivedRuling, row["ruling"]))
        elif kind == "vote":
            self.votes.append(_adapter(Vote).validate_python(row["vote"]))

    def _begin(self, row: dict[str, Any]) -> None:
        if self.experiment is not None:
            raise ValueError("a file holds one experiment")
        if row["format"] != FORMAT:
            raise ValueError(f"format {row['format']} is not known here; a newer Assay may read it")
        self.experiment = _adapter(Experiment).validate_python(row["experiment"])

    def _whole(self, kind: type[_T], row: dict[str, Any]) -> _T:
        """With its passages put back."""
        for one in (row["answer"]["prompt"] or {"given": []})["given"]:
            one["passage"] = self.passages[int(one["passage"])]
            one["similarity"] = math.nan if one["similarity"] is None else one["similarity"]
        made: _T = _adapter(kind).validate_python(row)
        return made

    def whole(self) -> ArchivedExperiment:
        if self.experiment is None:
            raise NotAllowed("The file holds no experiment.", NOTHING)
        # The number first: a file may tell any, and counting up to it would fill the memory.
        places = range(len(self.cases))
        if self.experiment.cases != len(places) or any(one not in self.cases for one in places):
            raise NotAllowed("Questions of the experiment are missing in the file.", NOTHING)
        archive = ArchivedExperiment(
            _at_rest(self.experiment),
            tuple(self.cases[place] for place in range(self.experiment.cases)),
            tuple(self.trials),
            tuple(self.probes),
            tuple(self.rulings),
            tuple(self.votes),
        )
        _refuse_misplaced(archive)
        return archive


def _at_rest(experiment: Experiment) -> Experiment:
    """One that was written while it ran does not run here."""
    if experiment.state is not ExperimentState.RUNNING:
        return experiment
    return replace(experiment, state=ExperimentState.INTERRUPTED, words="It was exported while it ran.")


def _refuse_misplaced(archive: ArchivedExperiment) -> None:
    """Raise NotAllowed for answers that have no place, or that share one."""
    rows: list[ArchivedTrial | ArchivedProbe | ArchivedRuling]
    rows = [*archive.trials, *archive.probes, *archive.rulings]
    ids = [one.answer.id for one in rows]
    slots = [one.slot for one in archive.trials if not one.superseded]
    attempts = {(one.slot, one.attempt) for one in archive.trials}
    probes = {(one.of, one.kind, one.number) for one in archive.probes}
    rulings = {(one.of, one.scorer, one.attempt) for one in archive.rulings}
    own = {one.answer.id for one in archive.trials}
    judged = own | {one.answer.id for one in archive.probes}
    whole = (
        len(set(ids)) == len(ids)
        and len(set(slots)) == len(slots)
        and len(attempts) == len(archive.trials)
        and len(probes) == len(archive.probes)
        and len(rulings) == len(archive.rulings)
        and all(one.of in own for one in archive.probes)
        and all(one.of in judged for one in archive.rulings)
        and all(_has_place(archive.experiment, one) for one in archive.trials)
        and _are_votes(archive.votes, {one.answer.id: one.slot for one in archive.trials})
        and _is_of_size(archive.experiment)
    )
    if not whole:
        raise NotAllowed("The file's answers do not fit its questions and candidates.", NOTHING)


def _are_votes(votes: Sequence[Vote], own: Mapping[str, Slot]) -> bool:
    """Each on two candidates' answers to one question in one repeat, one a person and pair."""
    keys = {(name_key(one.voter), one.first, one.second) for one in votes}
    return len(keys) == len(votes) and all(
        0 < len(one.voter.strip()) <= NAME_LENGTH
        and one.voted_at.tzinfo is not None
        and one.first < one.second
        and {one.first, one.second} <= own.keys()
        and _are_beside(own[one.first], own[one.second])
        and one.left in {one.first, one.second}
        and one.preferred in {"", one.first, one.second}
        for one in votes
    )


def _are_beside(one: Slot, other: Slot) -> bool:
    return one.candidate != other.candidate and (one.case, one.repeat) == (other.case, other.repeat)


def _is_of_size(experiment: Experiment) -> bool:
    """As many candidates, all different, and repeats as one that is made here may have."""
    hashes = {one.hash for one in experiment.candidates}
    many = len(experiment.candidates)
    return 0 < many <= MOST_CANDIDATES and len(hashes) == many and 0 < experiment.repeats <= MOST_REPEATS


def _has_place(experiment: Experiment, trial: ArchivedTrial) -> bool:
    sizes = (len(experiment.candidates), experiment.cases, experiment.repeats)
    return all(0 <= at < size for at, size in zip(trial.slot, sizes, strict=True)) and trial.attempt > 0


def _bad(number: int, why: str) -> NotAllowed:
    return NotAllowed(f"Line {number} of the file is no part of an experiment: {why}.", NOTHING)


def _line(kind: str, **parts: object) -> str:
    return json.dumps({"kind": kind, **parts}, ensure_ascii=False, separators=(",", ":"))


def _dumped(kind: type[Any], value: object) -> dict[str, Any]:
    dumped: dict[str, Any] = _adapter(kind).dump_python(value, mode="json")
    return dumped


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return _adapters()[kind]


@cache
def _adapters() -> dict[type[Any], TypeAdapter[Any]]:
    """Made once, and not at import: they are slow to make."""
    kinds = (Experiment, Case, Passage, ArchivedTrial, ArchivedProbe, ArchivedRuling, Vote)
    return {kind: TypeAdapter(kind) for kind in kinds}
