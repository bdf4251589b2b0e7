"""What the sums of what was asked tell of the candidates that are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlalchemy import ColumnElement, String, literal_column
from sqlalchemy.orm import Session

from app.domain import AnswerFilter, RightTally
from storage.answers import passes
from storage.asked import EVERYWHERE, SPLIT, Pattern, Sums, kept, summed


@dataclass
class Tally:
    """The counts of one candidate; ``costs`` are (costed answers, currency, amount)."""

    answers: int = 0
    complete: int = 0
    failed: int = 0
    right: int = 0
    wrong: int = 0
    cut_short: int = 0
    stopped: int = 0
    costs: list[tuple[int, str, int]] = field(default_factory=list)


def counted(session: Session, flt: AnswerFilter) -> Counted:
    """The sums over the answers that pass a filter: those that are kept where all times are meant."""
    if flt.since is None and flt.until is None:
        statement = kept(flt.collection_id or EVERYWHERE)
    else:
        statement = summed(within(flt), everywhere=True)
    rows = (Sums(*row[1:]) for row in session.execute(statement))
    return Counted(rows, flt.candidates)


def within(flt: AnswerFilter) -> list[ColumnElement[bool]]:
    """The conditions of a filter that means some time; the answers of that time stand together in an index.

    The pluses keep SQLite from the indexes by collection and by candidate, which go through all times.
    """
    where = passes(replace(flt, collection_id="", candidates=()))
    if flt.collection_id:
        where.append(literal_column("+answers.collection_id", String) == flt.collection_id)
    if flt.candidates:
        where.append(literal_column("+answers.candidate_hash", String).in_(flt.candidates))
    return where


class Counted:
    """Sums by pattern, and the candidates that are shown: these, or all where none are named."""

    def __init__(self, rows: Iterable[Sums], candidates: Sequence[str] = ()) -> None:
        self._rows = [one for one in rows if not candidates or one.candidate_hash in candidates]
        self._patterns = {one.words: Pattern.of(one.words) for one in self._rows}
        self.shown = frozenset(candidates) or frozenset(one.candidate_hash for one in self._rows)
        self.common_keys: list[int] | None = None
        """The keys of the common questions, once they were looked for."""

    @cached_property
    def common_words(self) -> frozenset[str]:
        """The patterns of the questions that every shown candidate had its try at."""
        return frozenset(words for words, one in self._patterns.items() if one.tried >= self.shown)

    @property
    def questions(self) -> int:
        """How many questions were put to any shown candidate."""
        return sum(self._asked.values())

    @property
    def common(self) -> int:
        """How many questions every shown candidate had its try at."""
        return sum(self._asked[words] for words in self.common_words)

    def passing(self, *, common_only: bool = False) -> int:
        """How many answers there are."""
        words = self.common_words if common_only else self._patterns.keys()
        return sum(one.answers for one in self._rows if one.words in words)

    @cached_property
    def _asked(self) -> dict[str, int]:
        """Words of a pattern -> how many questions have it: as many as any one of its candidates had."""
        first = {one.words: one.candidate_hash for one in self._rows}
        found: dict[str, int] = defaultdict(int)
        for one in self._rows:
            if one.candidate_hash == first[one.words]:
                found[one.words] += one.questions
        return found

    def tallies(self, *, common_only: bool = False) -> dict[str, Tally]:
        """Candidate -> its counts and its costs by currency."""
        found: defaultdict[str, Tally] = defaultdict(Tally)
        costs: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        for one in self._rows:
            if common_only and one.words not in self.common_words:
                continue
            tally = found[one.candidate_hash]
            tally.answers += one.answers
            tally.complete += one.complete
            tally.failed += one.failed
            tally.right += one.right
            tally.wrong += one.wrong
            tally.cut_short += one.cut_short
            tally.stopped += one.stopped
            costs[one.candidate_hash, one.currency].append((one.costed, one.large * SPLIT + one.rest))
        for (candidate, currency), parts in costs.items():
            counts, amounts = zip(*parts, strict=True)
            found[candidate].costs.append((sum(counts), currency, sum(amounts)))
        return dict(found)

    def rights(self, *, together: bool = False) -> list[RightTally]:
        """How often each was right over its questions, by hash; ``together``: over those judged for all."""
        told = [one for one in self._rows if one.judged]
        judged = {one.candidate_hash for one in told}
        if together:
            told = [one for one in told if self._patterns[one.words].judged >= judged]
        own: defaultdict[str, list[Sums]] = defaultdict(list)
        for one in told:
            own[one.candidate_hash].append(one)
        return [_right(who, own[who]) for who in sorted(own)]


def _right(candidate: str, rows: Sequence[Sums]) -> RightTally:
    shares = [(one.questions, one.right_of_judged / one.judged) for one in rows]
    return RightTally(
        candidate_hash=candidate,
        questions=sum(one.questions for one in rows),
        right=sum(one.right for one in rows),
        wrong=sum(one.wrong for one in rows),
        failed=sum(one.failed_unmarked for one in rows),
        cut_short=sum(one.cut_short_unmarked for one in rows),
        share_sum=sum(many * share for many, share in shares),
        square_sum=sum(many * share * share for many, share in shares),
    )
