"""What a file of recorded answers would bring to an experiment, before anything is saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cache

from app.domain import (
    IMPORTED_BACKEND,
    BadRow,
    Candidate,
    Case,
    Experiment,
    RecordedAnswer,
    RecordedColumns,
    RecordedDefaults,
    RecordedGroup,
    RecordedPreview,
    Slot,
    Upload,
)
from app.errors import NotAllowed
from app.evaluation.datasets import files
from app.evaluation.experiments.pieces import MOST_CANDIDATES
from app.evaluation.recorded.matching import Matching
from app.evaluation.recorded.rows import USUAL, Told, told_of

NEEDS = "It needs one answer a row, with its question and the model that gave it."
EMPTY = "The answer is empty: it counts as not right. Take the row out where nobody asked."
COLUMNS = tuple(one.name for one in fields(RecordedColumns))


@dataclass(frozen=True)
class Ground:
    """What rows are held against: the experiment with its cases, the slots that are taken, and now.

    ``maker`` tells whose model one is by its usual name, "" where that is not known.
    """

    experiment: Experiment
    cases: Sequence[Case]
    taken: frozenset[Slot]
    now: datetime
    maker: Callable[[str], str]


def usual(columns: Sequence[str]) -> RecordedColumns:
    """Which column is what, by the names that such columns usually have."""
    return RecordedColumns(**files.guessed(columns, USUAL))


def preview(
    upload: Upload,
    ground: Ground,
    defaults: RecordedDefaults,
    chosen: RecordedColumns | None = None,
) -> RecordedPreview:
    """The answers that have a place, by candidate, and every other row with the reason.

    By the columns ``chosen``, or else by their usual names. Raises NotAllowed for what is no such file.
    """
    file = files.read(upload, NEEDS)
    chosen = chosen or usual(file.columns)
    taking = _Taking(ground)
    taking.bad += [BadRow(number, row) for number, row in file.rows if isinstance(row, str)]
    if file.columns and (lacking := _lacking(file.columns, chosen)):
        bad = (BadRow(1, lacking), *taking.bad)
        return RecordedPreview(file.columns, chosen, (), bad, file.warning)
    told = list(_told(file, chosen, defaults, ground.now, taking.bad))
    first = 0 if any(one.repeat == 0 for one in told) else 1
    for one in told:
        taking.take(one, None if one.repeat is None else one.repeat - first)
    good = {one.number for several in taking.found.values() for one in several}
    doubts = [BadRow(number, words) for number, words in (*file.doubts, *taking.doubts) if number in good]
    return RecordedPreview(
        file.columns,
        chosen,
        tuple(taking.groups()),
        _by_number(taking.bad),
        file.warning,
        _by_number(doubts),
    )


def _told(
    file: files.FileRows,
    chosen: RecordedColumns,
    defaults: RecordedDefaults,
    now: datetime,
    bad: list[BadRow],
) -> Iterator[Told]:
    """What the rows say; those that say it badly are named in ``bad``."""
    for number, row in file.rows:
        if isinstance(row, str):
            continue
        try:
            yield told_of(number, row, chosen, defaults, now)
        except NotAllowed as error:
            bad.append(BadRow(number, error.message))


def _lacking(columns: Sequence[str], chosen: RecordedColumns) -> str:
    """What no column is taken for, though each row needs it; "" for nothing."""
    if not (chosen.question or chosen.id):
        return files.lacking("question", columns, COLUMNS)
    return "" if chosen.answer else files.lacking("answer", columns, COLUMNS)


def _by_number(rows: Sequence[BadRow]) -> tuple[BadRow, ...]:
    return tuple(sorted(rows, key=lambda one: one.number))


@dataclass
class _Taking:
    """The rows taken so far, by candidate, and those that cannot be."""

    ground: Ground
    found: dict[Candidate, list[RecordedAnswer]] = field(default_factory=lambda: defaultdict(list))
    bad: list[BadRow] = field(default_factory=list)
    doubts: list[tuple[int, str]] = field(default_factory=list)
    _slots: dict[tuple[Candidate, int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._maker = cache(self.ground.maker)
        self._matching = Matching(self.ground.cases)
        self._places = {one.hash: place for place, one in enumerate(self.ground.experiment.candidates)}

    def take(self, told: Told, repeat: int | None) -> None:
        """Give the row its place, or name it with the reason."""
        try:
            self._take(told, 0 if repeat is None else repeat, numbered=repeat is not None)
        except NotAllowed as error:
            self.bad.append(BadRow(told.number, error.message))

    def _take(self, told: Told, repeat: int, *, numbered: bool) -> None:
        experiment = self.ground.experiment
        case = self._matching.place(told.question, told.case_id)
        if not 0 <= repeat < experiment.repeats:
            times = "once" if experiment.repeats == 1 else f"{experiment.repeats} times"
            raise NotAllowed(f"The experiment asks each question {times}: there is no repeat {repeat + 1}.")
        provenance = replace(told.provenance, provider=told.provenance.provider or self._maker(told.model))
        candidate = Candidate(IMPORTED_BACKEND, told.model, provenance=provenance)
        self._refuse_doubled(candidate, case, repeat, told.number, numbered=numbered)
        if not told.answer:
            self.doubts.append((told.number, EMPTY))
        answer = RecordedAnswer(
            number=told.number,
            case=case,
            repeat=repeat,
            text=told.answer,
            model=told.model,
            provenance=provenance,
            usage=told.usage,
            asked_at=told.asked_at,
        )
        self.found[candidate].append(answer)

    def _refuse_doubled(
        self, candidate: Candidate, case: int, repeat: int, number: int, *, numbered: bool
    ) -> None:
        place = self._places.get(candidate.hash)
        if place is not None and Slot(place, case, repeat) in self.ground.taken:
            raise NotAllowed(
                "The experiment has this model's imported answer already: delete that to replace it."
            )
        if candidate not in self.found and place is None and self._full():
            raise NotAllowed(f"An experiment has at most {MOST_CANDIDATES} candidates.")
        before = self._slots.setdefault((candidate, case, repeat), number)
        if before != number:
            hint = "" if numbered or self.ground.experiment.repeats == 1 else "; a column for the repeat can"
            raise NotAllowed(f"Row {before} has the same model's answer to the same question{hint}.")

    def _full(self) -> bool:
        new = sum(one.hash not in self._places for one in self.found)
        return len(self._places) + new >= MOST_CANDIDATES

    def groups(self) -> Iterator[RecordedGroup]:
        """What there is of each candidate, in the order in which they appear."""
        of = len(self.ground.cases) * self.ground.experiment.repeats
        there = _counts(self.ground.taken)
        for candidate, answers in self.found.items():
            place = self._places.get(candidate.hash)
            known = 0 if place is None else there.get(place, 0)
            yield RecordedGroup(
                candidate=candidate,
                answers=tuple(sorted(answers, key=lambda one: (one.case, one.repeat))),
                of=of,
                missing=of - known - len(answers),
                undated=sum(one.asked_at is None for one in answers),
                uncounted=sum(None in {one.usage.prompt, one.usage.completion} for one in answers),
                priced=candidate.provenance.provider if candidate.provenance else "",
                place=place,
            )


def _counts(taken: frozenset[Slot]) -> Mapping[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for one in taken:
        counts[one.candidate] += 1
    return counts
