"""Before an experiment on context drift begins: which questions and which lengths it can have.

A prompt that leaves passages out is no longer as long as it is called, and the right passage may be among
them. Such answers are never counted (``drift_results``); here nobody has to pay for them first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress

from app.domain import (
    Candidate,
    Case,
    Collection,
    DriftCheck,
    FoundPassage,
    PosedCase,
    Retrieval,
    base_of,
    is_placed,
)
from app.errors import AppError, NotAllowed
from app.evaluation.experiments.running import Rooms

KEPT = 4
"""So many states of collections are remembered: a form asks at every turn."""
SAMPLE = 24
"""So many questions tell whether a length fits."""
FEWER = "Choose fewer passages or a lower token cap, or give the model a larger window."
NOT_PLACEABLE = (
    "None of these questions has its gold text within one passage of the documents, so the right passage "
    "cannot be put anywhere."
)
Asked = tuple[str, tuple[FoundPassage, ...]]
"""A question with the passages that it would be given."""


@dataclass
class _Ground:
    """A dataset's questions in one state of a collection; ``usable`` are those with a right passage.

    ``sample`` are some of these with up to ``longest`` passages, ``fitting`` how many of them fit.
    """

    collection: Collection
    posed: Sequence[PosedCase]
    usable: Sequence[bool]
    longest: int = 0
    sample: Sequence[Asked] = ()
    fitting: dict[tuple[Candidate, int, int], int] = field(default_factory=dict)


class Checking:
    """Tells what can be asked; remembers what it found. For any thread."""

    def __init__(self, rooms: Rooms, refuse: Callable[[Candidate], None]) -> None:
        """``refuse`` raises NotAllowed where a candidate's passages may not leave this machine."""
        self._rooms = rooms
        self._refuse = refuse
        self._grounds: OrderedDict[tuple[str, str, int], _Ground] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, version: str, cases: Sequence[Case], candidates: Sequence[Candidate]) -> DriftCheck:
        """What is left of them where right passages are put in a place; all of them where none is.

        Raises NotAllowed where nothing is left, and AppError where it cannot be searched.
        """
        placed = [one for one in candidates if is_placed(one)]
        if not placed:
            return DriftCheck(tuple(candidates), tuple(cases), len(cases))
        names = dict.fromkeys(one.retrieval.collection_id for one in placed if one.retrieval)
        grounds = {name: self._ground(version, cases, name) for name in names}
        usable = [all(each) for each in zip(*(one.usable for one in grounds.values()), strict=True)]
        if not any(usable):
            raise NotAllowed(NOT_PLACEABLE, "Add the gold texts to the dataset.")
        out, words = self._left_out(grounds, placed)
        left = tuple(one for one in candidates if one not in out)
        if not any(is_placed(one) for one in left):
            raise NotAllowed(" ".join(words), FEWER)
        return DriftCheck(left, tuple(compress(cases, usable)), len(cases), words)

    def _left_out(
        self, grounds: dict[str, _Ground], placed: Iterable[Candidate]
    ) -> tuple[set[Candidate], tuple[str, ...]]:
        """The candidates of lengths that do not fit, at all places alike, and why in words."""
        bases: dict[Candidate, dict[int, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
        for one in placed:
            assert one.retrieval is not None  # noqa: S101 - tells the type checker
            bases[base_of(one)][one.retrieval.k].append(one)
        out: set[Candidate] = set()
        words: list[str] = []
        for base, lengths in bases.items():
            assert base.retrieval is not None  # noqa: S101 - as above
            reasons = self._reasons(grounds[base.retrieval.collection_id], base, lengths)
            words += _told(reasons)
            if reasons and not any(k > 1 for k in lengths if k not in reasons):
                words.append(f"So nothing is left to compare for {base.model}.")
                reasons = dict.fromkeys(lengths, "")
            out |= {one for k in reasons for one in lengths[k]}
        return out, tuple(dict.fromkeys(words))

    def _reasons(self, ground: _Ground, base: Candidate, lengths: Iterable[int]) -> dict[int, str]:
        """Why prompts of these lengths are left out: those that fit for fewer than half of the sample."""
        try:
            # What is counted may be sent to a server, which may have to be agreed to first.
            self._refuse(base)
            window = self._rooms.answering.window(base)
        except AppError:
            return {}
        found = {}
        for k in sorted(lengths):
            sample = self._sample(ground, k)
            whole = [one for one in sample if len(one[1]) == k]
            if 2 * len(whole) < len(sample):
                found[k] = f": “{ground.collection.name}” has too few other passages without the answer."
            elif 2 * (fitting := self._fitting(ground, base, k, window, whole)) < len(sample):
                found[k] = (
                    f" for {base.model}: with an answer of up to {base.options.max_tokens:,} tokens they do "
                    f"not fit its window of {window:,} tokens{_how_many(fitting, len(sample))}."
                )
        return found

    def _fitting(self, ground: _Ground, base: Candidate, k: int, window: int, whole: Sequence[Asked]) -> int:
        key = base, k, window
        if key not in ground.fitting:
            ground.fitting[key] = sum(self._rooms.answering.fit(base, whole))
        return ground.fitting[key]

    def _sample(self, ground: _Ground, k: int) -> list[Asked]:
        """Some questions from all over the dataset, each with its right passage and k - 1 others."""
        if k > ground.longest:
            usable = list(compress(ground.posed, ground.usable))
            step = max(1, len(usable) / SAMPLE)
            chosen = [usable[int(number * step)] for number in range(min(SAMPLE, len(usable)))]
            retrieval = Retrieval(ground.collection.id, k, 1)
            ground.sample = [
                (one.case.question, self._rooms.placing.passages(retrieval, one)) for one in chosen
            ]
            ground.longest = k
        return [(question, passages[:k]) for question, passages in ground.sample]

    def _ground(self, version: str, cases: Sequence[Case], collection_id: str) -> _Ground:
        collection = self._rooms.collection(collection_id)
        key = version, collection.id, collection.revision
        with self._lock:
            if key in self._grounds:
                self._grounds.move_to_end(key)
                return self._grounds[key]
        posed = list(self._rooms.pose(collection.id, cases))
        made = _Ground(collection, posed, self._rooms.placing.usable(collection.id, posed))
        with self._lock:
            self._grounds[key] = made
            while len(self._grounds) > KEPT:
                self._grounds.popitem(last=False)
        return made


def _how_many(fitting: int, looked_at: int) -> str:
    return f" for {looked_at - fitting} of {looked_at} questions looked at" if fitting else ""


def _told(reasons: dict[int, str]) -> list[str]:
    """A sentence for each reason, with all lengths that it holds for."""
    lengths: dict[str, list[str]] = defaultdict(list)
    for k, why in reasons.items():
        lengths[why].append(str(k))
    return [f"Prompts of {_listed(own)} passages are left out{why}" for why, own in lengths.items()]


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
