"""Summaries against the same figures counted by hand, and that the charts read indexes only."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import event

from app.domain import (
    Answer,
    AnswerFilter,
    AnswerState,
    Candidate,
    Cost,
    Judgement,
    Question,
    RightTally,
    Timing,
    Usage,
)
from storage.answer_rows import EXPERIMENT, write_answer
from storage.answers import Answers
from storage.database import Database
from storage.reports import Reports
from storage.tables import QuestionRow
from tests.migrated import migrated
from tests.storage.examples import NOON, answer, candidate, question

ALL = AnswerFilter()
WHO = [candidate("a"), candidate("b"), candidate("b", "c0"), candidate("c", "c1")]
Pairs = list[tuple[Question, Answer]]


def log(answers: Answers, text: str, *made: Answer, collection_id: str = "c0", day: int = 0) -> Question:
    """One question with those answers."""
    asked = replace(question(text, collection_id), asked_at=NOON + timedelta(days=day))
    answers.begin(
        asked,
        [replace(one, id=f"{asked.id}-{place}", question_id=asked.id, position=place, asked_at=asked.asked_at)
         for place, one in enumerate(made)],
    )  # fmt: skip
    return asked


def by(who: Candidate, **rest: Any) -> Answer:
    return answer(question(), who=who, **rest)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Pairs]]:
    """60 questions with up to four answers of every kind; the tests only read them."""
    database = Database.open(migrated(tmp_path_factory.mktemp("reports")))
    chance, answers = random.Random(7), Answers(database)
    made: Pairs = []
    for number in range(60):
        asked = replace(
            question(f"question {number % 25}", f"c{number % 3}"), asked_at=NOON + timedelta(hours=7 * number)
        )
        chosen = [who for who in WHO if chance.random() < 0.8]
        replies = [_random_answer(chance, asked, place, who) for place, who in enumerate(chosen)]
        answers.begin(asked, replies)
        made += [(asked, one) for one in replies]
    yield database, made
    database.close()


@pytest.fixture
def pairs(filled: tuple[Database, Pairs]) -> Pairs:
    return filled[1]


@pytest.fixture
def over(filled: tuple[Database, Pairs]) -> Reports:
    """Reports over ``pairs``."""
    return Reports(filled[0])


Value = TypeVar("Value")


def _random_answer(chance: random.Random, asked: Question, place: int, who: Candidate) -> Answer:
    def maybe(value: Value) -> Value | None:
        return value if chance.random() < 0.8 else None

    return answer(
        asked,
        place,
        who=who,
        state=chance.choice([*AnswerState, *[AnswerState.COMPLETE] * 6]),
        usage=Usage(completion=maybe(chance.randrange(1, 200))),
        timing=Timing(
            first_token=maybe(chance.random()),
            wall=maybe(1 + chance.random()),
            generation=maybe(chance.random()),
            shared=chance.choice([1, 1, 1, 2]),
        ),
        cost=Cost(maybe(chance.randrange(10**15)), chance.choice(["USD", "USD", "EUR"]), "listed", ""),
        judgement=chance.choice([None, *Judgement]),
    )


# ----------------------------------------------------------------- by hand


@dataclass
class Shown:
    """The answers of one candidate, counted without SQL."""

    who: Candidate
    answers: list[Answer]

    def of(self, state: AnswerState) -> int:
        return sum(one.state is state for one in self.answers)

    def judged(self, *judgements: Judgement) -> int:
        return sum(one.mark is not None and one.mark.judgement in judgements for one in self.answers)

    def costs(self, currency: str) -> list[int]:
        costs = [one.cost for one in self.answers if one.cost.currency == currency]
        return [one.amount for one in costs if one.amount is not None]


def passing(pairs: Pairs, flt: AnswerFilter) -> Pairs:
    return [
        (asked, one)
        for asked, one in pairs
        if flt.collection_id in {"", asked.collection_id}
        and (not flt.candidates or one.candidate.hash in flt.candidates)
        and (flt.since is None or one.asked_at >= flt.since)
        and (flt.until is None or one.asked_at < flt.until)
    ]


def common(pairs: Pairs, flt: AnswerFilter) -> set[str]:
    ended = {AnswerState.COMPLETE, AnswerState.CUT_SHORT, AnswerState.FAILED}
    shown = set(flt.candidates) or {one.candidate.hash for _, one in pairs}
    tried: dict[str, set[str]] = {}
    for asked, one in pairs:
        if one.state in ended:
            tried.setdefault(asked.standalone, set()).add(one.candidate.hash)
    return {text for text, whom in tried.items() if whom >= shown}


FILTERS = [
    ALL,
    AnswerFilter(collection_id="c1"),
    AnswerFilter(candidates=(WHO[0].hash, WHO[2].hash)),
    AnswerFilter(since=NOON + timedelta(days=3), until=NOON + timedelta(days=12)),
    AnswerFilter(collection_id="c0", candidates=(WHO[1].hash,), since=NOON + timedelta(days=1)),
    AnswerFilter(collection_id="nowhere"),
    AnswerFilter(candidates=("nobody", WHO[0].hash)),
]


@pytest.mark.parametrize("common_only", [False, True])
@pytest.mark.parametrize("flt", FILTERS)
def test_by_candidate_is_what_one_counts_by_hand(
    over: Reports, pairs: Pairs, flt: AnswerFilter, common_only: bool
) -> None:
    shown = passing(pairs, flt)
    if common_only:
        texts = common(shown, flt)
        shown = [(asked, one) for asked, one in shown if asked.standalone in texts]
    found = {one.candidate_hash: one for one in over.by_candidate(flt, common_only=common_only)}
    assert set(found) == {one.candidate.hash for _, one in shown}
    assert list(found.values()) == sorted(found.values(), key=lambda one: (one.label, one.candidate_hash))
    for who in WHO:
        if who.hash not in found:
            continue
        mine = Shown(who, [one for _, one in shown if one.candidate == who])
        row = found[who.hash]
        assert (row.label, row.with_documents) == (who.label, who.with_documents)
        assert row.answers == len(mine.answers)
        assert row.complete == mine.of(AnswerState.COMPLETE)
        assert row.failed == mine.of(AnswerState.FAILED)
        assert (row.cut_short, row.stopped) == (mine.of(AnswerState.CUT_SHORT), mine.of(AnswerState.STOPPED))
        assert row.right == mine.judged(Judgement.RIGHT)
        assert row.marked == mine.judged(Judgement.RIGHT, Judgement.WRONG)
        costs = mine.costs(row.currency)
        assert (row.cost_total, row.costed) == (sum(costs), len(costs))
        assert row.uncosted == len(mine.answers) - len(costs)
        assert len(costs) == max(len(mine.costs("USD")), len(mine.costs("EUR")))


def told_right(one: Answer) -> bool | None:
    """Whether the answer counts as right; None where it counts for nothing."""
    if one.mark is not None:
        return {Judgement.RIGHT: True, Judgement.WRONG: False}.get(one.mark.judgement)
    return False if one.state in {AnswerState.FAILED, AnswerState.CUT_SHORT} else None


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("flt", FILTERS)
def test_right_is_what_one_counts_by_hand(
    over: Reports, pairs: Pairs, flt: AnswerFilter, together: bool
) -> None:
    told: dict[str, dict[str, list[Answer]]] = {}
    for asked, one in passing(pairs, flt):
        if told_right(one) is not None:
            told.setdefault(one.candidate.hash, {}).setdefault(asked.standalone, []).append(one)
    shared = set.intersection(*(set(one) for one in told.values())) if told else set()
    found = {one.candidate_hash: one for one in over.right(flt)[together]}
    expected = {
        who: [told[who][text] for text in told[who] if text in shared or not together] for who in told
    }
    assert set(found) == {who for who, questions in expected.items() if questions}
    for who, row in found.items():
        shares = [sum(map(bool, map(told_right, same))) / len(same) for same in expected[who]]
        answers = [one for same in expected[who] for one in same]
        marks = [one.mark.judgement if one.mark else None for one in answers]
        assert row.questions == len(shares) == (len(shared) if together else len(told[who]))
        assert (row.right, row.wrong) == (marks.count(Judgement.RIGHT), marks.count(Judgement.WRONG))
        unmarked = [one.state for one in answers if one.mark is None]
        assert row.failed == unmarked.count(AnswerState.FAILED)
        assert row.cut_short == unmarked.count(AnswerState.CUT_SHORT)
        assert row.share_sum == pytest.approx(sum(shares))
        assert row.square_sum == pytest.approx(sum(one * one for one in shares))
        assert row.answers == len(answers)


@pytest.mark.parametrize("flt", FILTERS)
def test_common_questions(over: Reports, pairs: Pairs, flt: AnswerFilter) -> None:
    assert over.common_questions(flt) == len(common(passing(pairs, flt), flt))


@pytest.mark.parametrize("flt", FILTERS)
def test_points(over: Reports, pairs: Pairs, flt: AnswerFilter) -> None:
    ended = [(q, a) for q, a in passing(pairs, flt) if a.state is not AnswerState.PENDING][::-1]
    points = over.points(flt)
    assert [one.answer_id for one in points] == [one.id for _, one in ended]
    for point, (asked, one) in zip(points, ended, strict=True):
        assert (point.question_id, point.question) == (asked.id, asked.text)
        assert (point.candidate_hash, point.label) == (one.candidate.hash, one.candidate.label)
        assert (point.state, point.asked_at) == (one.state, one.asked_at)
        assert (point.first_token, point.wall, point.shared) == (
            one.timing.first_token, one.timing.wall, one.timing.shared,
        )  # fmt: skip
        assert point.tokens_per_second == one.tokens_per_second
        assert (point.cost, point.currency) == (one.cost.amount, one.cost.currency)
        assert point.judgement == (one.mark.judgement if one.mark else None)
    assert over.points(flt, 3) == points[:3]
    texts = common(passing(pairs, flt), flt)
    assert over.points(flt, common_only=True) == [one for one in points if one.question in texts]


@pytest.mark.parametrize("flt", FILTERS)
def test_spend(over: Reports, pairs: Pairs, flt: AnswerFilter) -> None:
    by_hand: dict[tuple[date, str, str], list[int | None]] = {}
    for _, one in passing(pairs, flt):
        if one.state is not AnswerState.PENDING:
            key = (one.asked_at.date(), one.candidate.hash, one.cost.currency)
            by_hand.setdefault(key, []).append(one.cost.amount)
    days = over.spend(flt)
    assert {(row.day, row.candidate_hash, row.currency) for row in days} == set(by_hand)
    assert [row.day for row in days] == sorted(row.day for row in days)
    for row in days:
        amounts = by_hand[(row.day, row.candidate_hash, row.currency)]
        known = [amount for amount in amounts if amount is not None]
        assert (row.answers, row.costed, row.amount) == (len(amounts), len(known), sum(known))
        assert row.uncosted == len(amounts) - len(known)
        assert row.label in {who.label for who in WHO if who.hash == row.candidate_hash}


# ----------------------------------------------------------------- corners


def test_nothing_logged(reports: Reports) -> None:
    assert reports.by_candidate(ALL) == []
    assert reports.common_questions(ALL) == 0
    assert reports.points(ALL) == []
    assert reports.spend(ALL) == []


def test_no_known_figure_is_none_and_not_zero(reports: Reports, answers: Answers) -> None:
    nothing = by(WHO[0], usage=Usage(), timing=Timing(), cost=Cost(None, "", "unknown", "no price"))
    log(answers, "q", nothing)
    (row,) = reports.by_candidate(ALL)
    assert (row.costed, row.uncosted, row.cost_total, row.currency) == (0, 1, 0, "")


def test_an_unknown_cost_does_not_hide_the_known_ones(reports: Reports, answers: Answers) -> None:
    unknown = by(WHO[0], cost=Cost(None, "", "unknown", ""))
    log(answers, "q", by(WHO[0], cost=Cost(7, "EUR", "listed", "")), unknown, unknown, unknown)
    (row,) = reports.by_candidate(ALL)
    assert (row.cost_total, row.currency, row.costed, row.uncosted) == (7, "EUR", 1, 3)


def test_sums_larger_than_a_column(reports: Reports, answers: Answers) -> None:
    """SQLite's own sum() of integers raises an error where it overflows."""
    largest = Cost(2**63 - 1, "USD", "assumed", "")
    log(answers, "q", *[by(WHO[0], cost=largest)] * 5)
    log(answers, "q", *[by(WHO[1], cost=replace(largest, amount=-(2**63) + 1))] * 2)
    first, second = reports.by_candidate(ALL)
    assert first.cost_total == 5 * (2**63 - 1)
    assert second.cost_total == -2 * (2**63 - 1)
    assert {one.amount for one in reports.spend(ALL)} == {first.cost_total, second.cost_total}


def test_a_stopped_try_makes_no_comparison_a_failed_one_does(reports: Reports, answers: Answers) -> None:
    log(answers, "failed", by(WHO[0]), by(WHO[1], state=AnswerState.FAILED))
    log(answers, "stopped", by(WHO[0]), by(WHO[1], state=AnswerState.STOPPED))
    log(answers, "pending", by(WHO[0]), by(WHO[1], state=AnswerState.PENDING))
    assert reports.common_questions(ALL) == 1
    assert [one.answers for one in reports.by_candidate(ALL, common_only=True)] == [1, 1]


def test_what_failed_or_was_cut_short_is_not_right_and_what_was_stopped_is_left_out(
    reports: Reports, answers: Answers
) -> None:
    log(answers, "right", by(WHO[0], judgement=Judgement.RIGHT))
    for number in range(5):
        log(answers, f"failed {number}", by(WHO[0], state=AnswerState.FAILED, text=""))
    log(answers, "cut", by(WHO[0], state=AnswerState.CUT_SHORT))
    log(answers, "cut but right", by(WHO[0], state=AnswerState.CUT_SHORT, judgement=Judgement.RIGHT))
    log(answers, "cut, cannot tell", by(WHO[0], state=AnswerState.CUT_SHORT, judgement=Judgement.CANNOT_TELL))
    log(answers, "stopped", by(WHO[0], state=AnswerState.STOPPED))
    log(answers, "not marked", by(WHO[0]))
    log(answers, "running", by(WHO[0], state=AnswerState.PENDING))
    assert reports.right(ALL)[0] == [RightTally(WHO[0].hash, 8, 2, 0, 5, 1, 2.0, 2.0)]


def test_a_question_asked_again_is_one_question(reports: Reports, answers: Answers) -> None:
    for number in range(10):
        log(answers, "How many?", by(WHO[0], judgement=Judgement.RIGHT if number % 2 else Judgement.WRONG))
    assert reports.right(ALL)[0] == [RightTally(WHO[0].hash, 1, 5, 5, 0, 0, 0.5, 0.25)]


def test_the_compared_share_is_of_questions_judged_for_everyone(reports: Reports, answers: Answers) -> None:
    right, wrong = Judgement.RIGHT, Judgement.WRONG
    log(answers, "both", by(WHO[0], judgement=right), by(WHO[1], judgement=wrong), by(WHO[2]))
    log(answers, "only one", by(WHO[0], judgement=wrong), by(WHO[1]))
    log(answers, "judged and failed", by(WHO[0], judgement=right), by(WHO[1], state=AnswerState.FAILED))
    told = {one.candidate_hash: one for one in reports.right(ALL)[1]}
    assert {who: (one.questions, one.share_sum) for who, one in told.items()} == {
        WHO[0].hash: (2, 2.0),
        WHO[1].hash: (2, 0.0),
    }, "the one that nobody judged does not narrow it"


def test_equal_words_are_one_question(reports: Reports, answers: Answers) -> None:
    log(answers, "How many days?", by(WHO[0]))
    log(answers, " How many  days? ", by(WHO[1]), collection_id="c1")
    assert reports.common_questions(ALL) == 1
    assert reports.common_questions(AnswerFilter(collection_id="c1")) == 1


def test_a_day_begins_at_midnight_utc(reports: Reports, answers: Answers) -> None:
    for moment in (datetime(2026, 3, 1, 23, 59, 59, 999999, UTC), datetime(2026, 3, 2, tzinfo=UTC)):
        asked = replace(question(), asked_at=moment)
        answers.begin(asked, [answer(asked)])
    assert [(one.day, one.answers) for one in reports.spend(ALL)] == [
        (date(2026, 3, 1), 1),
        (date(2026, 3, 2), 1),
    ]


def test_answers_of_an_experiment_are_not_counted_here(
    database: Database, reports: Reports, answers: Answers
) -> None:
    asked = log(answers, "q", by(WHO[0]))
    with database.write() as session:
        (row,) = session.query(QuestionRow).all()
        write_answer(session, row, answer(asked, 1, who=WHO[1]), 1, EXPERIMENT)
    assert [one.label for one in reports.by_candidate(ALL)] == [WHO[0].label]
    assert len(reports.points(ALL)) == reports.common_questions(ALL) == 1
    # But it was paid for.
    assert len(reports.spend(ALL)) == 2


# ----------------------------------------------------------------- speed


@contextmanager
def plans(database: Database) -> Iterator[list[str]]:
    """The plan of every query over answers, as SQLite tells it."""
    found: list[str] = []
    engine = database._engine

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "answers" in statement and not statement.startswith("EXPLAIN"):
            rows = cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            found.extend(row[3] for row in rows if "answers" in row[3])

    event.listen(engine, "before_cursor_execute", explain)
    yield found
    event.remove(engine, "before_cursor_execute", explain)


@pytest.mark.parametrize("flt", [ALL, AnswerFilter(collection_id="c1"), FILTERS[2]])
def test_over_all_times_no_answer_is_read_but_the_newest(
    filled: tuple[Database, Pairs], over: Reports, flt: AnswerFilter
) -> None:
    """However many answers there are: the benchmark has a million."""
    with plans(filled[0]) as found:
        over.by_candidate(flt)
        over.by_candidate(flt, common_only=True)
        over.common_questions(flt)
        over.questions(flt)
        over.right(flt)
    assert found == []


@pytest.mark.parametrize("flt", [AnswerFilter(since=NOON), AnswerFilter(collection_id="c1", since=NOON)])
@pytest.mark.parametrize("common_only", [False, True])
def test_within_some_time_only_the_index_of_that_time_is_read(
    filled: tuple[Database, Pairs], flt: AnswerFilter, common_only: bool
) -> None:
    with plans(filled[0]) as found:
        over = Reports(filled[0])
        over.by_candidate(flt, common_only=common_only)
        over.right(flt)
        over.spend(flt)
    assert found == ["SEARCH answers USING COVERING INDEX ix_answers_report (asked_at>?)"] * 2


@pytest.mark.parametrize(
    ("flt", "index"),
    [(ALL, "ix_answers_asked"), (AnswerFilter(collection_id="c1"), "ix_answers_asked_in (collection_id=?)")],
)
def test_the_newest_points_are_not_found_by_sorting_all(
    filled: tuple[Database, Pairs], over: Reports, flt: AnswerFilter, index: str
) -> None:
    with plans(filled[0]) as found:
        over.points(flt, 10)
    assert "SEARCH answers USING INTEGER PRIMARY KEY (rowid=?)" in found
    assert any(one.endswith(f"answers USING INDEX {index}") for one in found), found


def test_collections_by_their_newest_answer_and_candidates_by_their_first(
    filled: tuple[Database, Pairs], over: Reports
) -> None:
    pairs = [one for one in filled[1] if one[1].question_id == one[0].id]
    found = over.collections()
    assert sum(found.values()) == sum(one.answers for one in over.by_candidate(ALL))
    assert set(found) <= {question.collection_id for question, _ in pairs}
    assert [one[0] for one in over.order()] == list(over.candidates())
    assert all(one.hash == key for key, one in over.candidates().items())
