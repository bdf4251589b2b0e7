"""The log of answers: every field comes back, nothing is dropped, marks and positions hold."""

from __future__ import annotations

import math
import os
import string
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, select

from app.domain import (
    Answer,
    AnswerFilter,
    AnswerState,
    Candidate,
    Checks,
    Citation,
    Collection,
    Cost,
    GivenPassage,
    Judgement,
    Mark,
    Options,
    Passage,
    Prompt,
    PromptMessage,
    Question,
    Quote,
    Retrieval,
    Role,
    Score,
    ScoredPart,
    Segment,
    Timing,
    Usage,
)
from app.errors import DatabaseTrouble, NotFound
from storage.answer_rows import load_answers, question_key
from storage.answers import INTERRUPTED, PAGE, UNFINISHED, Answers
from storage.database import Database
from storage.documents import Documents
from storage.tables import AnswerContentRow, AnswerRow, EvidenceRow, ScoreRow
from tests.storage.examples import (
    NOON,
    add_document,
    answer,
    candidate,
    passages_of,
    prompt_of,
    question,
)

ALL = AnswerFilter()
_IDS = count()

# ----------------------------------------------------------------- everything comes back

texts = st.text(st.characters(codec="utf-8") | st.sampled_from("\0\n\r\u2028’█<$'\""), max_size=40)
names = st.text(string.ascii_letters + "-/.:", min_size=1, max_size=20)
tokens = st.none() | st.integers(0, 2**63 - 1)
seconds = st.none() | st.floats(0, allow_nan=False)
INDIA = timezone(timedelta(hours=5, minutes=30))
moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.sampled_from([UTC, INDIA]))  # noqa: DTZ001
options = st.builds(
    Options,
    instruction=texts,
    temperature=st.floats(0, 2) | st.integers(0, 2),
    seed=st.integers(-(2**40), 2**40),
    max_tokens=st.integers(1, 10**6),
    schema=st.booleans(),
)
candidates = st.builds(
    Candidate,
    backend=names,
    model=texts,
    options=options,
    retrieval=st.none() | st.builds(Retrieval, names, st.integers(1, 50)),
    digest=names,
)
passages = st.builds(
    Passage,
    id=names,
    collection_id=names,
    document_id=names,
    document_name=texts,
    page=st.integers(1, 10**6),
    start=st.integers(0, 10**9),
    end=st.integers(0, 10**9),
    text=texts,
)
given_passages = st.builds(
    GivenPassage,
    number=st.integers(0, 60),
    passage=passages,
    similarity=st.floats(-1, 1),
    fitted=st.booleans(),
    deleted=st.just(True),  # none of their documents is there
)
messages = st.builds(
    PromptMessage,
    role=st.sampled_from(list[Role](["system", "user", "assistant"])),
    segments=st.lists(st.builds(Segment, texts, st.integers(0, 60)), max_size=4).map(tuple),
)
prompts = st.builds(
    Prompt,
    messages=st.lists(messages, max_size=3).map(tuple),
    given=st.lists(given_passages, max_size=4).map(tuple),
    tokens=st.integers(0, 10**6),
    exact=st.booleans(),
    window=st.integers(0, 10**6),
)
spans = st.integers(0, 10**6)
checks = st.builds(
    Checks,
    citations=st.lists(st.builds(Citation, st.integers(-5, 99), spans, spans, st.booleans()), max_size=3).map(
        tuple
    ),
    quotes=st.lists(st.builds(Quote, texts, st.integers(0, 60)), max_size=3).map(tuple),
    found=st.none() | st.booleans(),
    schema_held=st.none() | st.booleans(),
    schema_retries=st.integers(0, 2),
    note=texts,
)
scores = st.builds(
    Score,
    scorer=texts,
    version=names,
    value=st.none() | st.floats(allow_nan=False),
    words=texts,
    parts=st.lists(st.builds(ScoredPart, spans, spans, st.floats(0, 1), texts), max_size=3).map(tuple),
)
costs = st.builds(
    Cost,
    amount=st.none() | st.integers(-(2**63) + 1, 2**63 - 1),
    currency=st.sampled_from(["USD", "EUR", ""]),
    basis=st.sampled_from(["listed", "measured", "assumed", "unknown"]),
    words=texts,
    entry=st.dictionaries(texts, texts, max_size=3),
)
marks = st.none() | st.builds(Mark, st.sampled_from(list(Judgement)), texts, moments)
questions = st.builds(
    Question,
    id=st.builds(lambda: f"question-{next(_IDS)}"),
    text=texts,
    blind=st.booleans(),
    standalone=texts,
    conversation_id=names,
    collection_id=names,
    only_documents=st.lists(names, max_size=3).map(tuple),
    asked_at=moments,
)
logged = st.builds(
    Answer,
    id=st.builds(lambda: f"answer-{next(_IDS)}"),
    question_id=st.just(""),
    position=st.just(0),
    candidate=candidates,
    state=st.sampled_from(list(AnswerState)),
    text=texts,
    thinking=texts,
    prompt=st.none() | prompts,
    checks=checks,
    usage=st.builds(Usage, tokens, tokens, tokens, tokens),
    timing=st.builds(
        Timing, seconds, seconds, seconds, seconds, seconds, seconds, st.integers(1, 64), seconds, seconds
    ),
    cost=costs,
    error=texts,
    remedy=texts,
    attempts=st.integers(0, 9),
    backend_version=texts,
    asked_at=moments,
    mark=marks,
    scores=st.lists(scores, max_size=3, unique_by=lambda one: (one.scorer, one.version))
    .map(lambda found: sorted(found, key=lambda one: (one.scorer, one.version)))
    .map(tuple),
)


@settings(max_examples=1000 if os.environ.get("SOAK") else 30)  # each is two answers of every field
@examples(question=questions, begun=logged, ended=logged)
def test_every_field_comes_back(answers: Answers, question: Question, begun: Answer, ended: Answer) -> None:
    """Of an answer logged whole at once, and of one that was logged pending first."""
    begun = replace(begun, question_id=question.id)
    ended = replace(ended, question_id=question.id, position=1)
    pending = replace(begun, id=ended.id, position=1, mark=None)
    answers.begin(question, [begun, pending])
    for _ in range(2):
        answers.finish(ended)
        assert answers.answers(question.id) == [begun, ended]
    assert answers.question(question.id) == question
    assert answers.history(1) == [question]
    kept = answers.answer(ended.id)
    assert kept == ended
    assert kept.candidate.hash == ended.candidate.hash


def test_the_strategies_reach_every_field() -> None:
    """A field that is added later and not stored would go unnoticed."""
    assert {one.name for one in fields(Answer)} == {
        *("id", "question_id", "position", "candidate", "state", "text", "thinking", "prompt", "checks"),
        *("usage", "timing", "cost", "error", "remedy", "attempts", "backend_version", "asked_at", "mark"),
        "scores",
    }
    assert len(fields(Timing)) == 9
    assert len(fields(Usage)) == 4
    assert len(fields(Prompt)) == 5
    assert len(fields(Checks)) == 6
    assert len(fields(Options)) == 5
    assert len(fields(Question)) == 8
    assert len(fields(Score)) == 5
    assert len(fields(ScoredPart)) == 4


def test_text_that_utf8_cannot_hold_is_no_reason_to_lose_an_answer(answers: Answers) -> None:
    asked = question("half an emoji \ud83d")
    one = answer(asked, text="\ud83d[1]\udc00")
    answers.begin(asked, [one])
    kept = answers.answer(one.id)
    assert kept is not None
    assert kept.text == "\ufffd[1]\ufffd", "as long as before, so that spans still fit"


def test_figures_that_no_column_holds(answers: Answers) -> None:
    asked = question()
    huge = replace(answer(asked), cost=Cost(10**30, "USD", "assumed", "absurd", {"watts": "1e30"}))
    odd = replace(answer(asked, 1), timing=Timing(wall=math.nan, first_token=math.inf))
    answers.begin(asked, [huge, odd])
    first, second = answers.answers(asked.id)
    assert (first.cost.amount, first.cost.basis) == (None, "unknown")
    assert "too large" in first.cost.words
    assert str(10**30) in first.cost.words
    assert (second.timing.wall, second.timing.first_token) == (None, math.inf)


# ----------------------------------------------------------------- the order of things


def test_an_answer_to_another_question_is_refused(answers: Answers) -> None:
    first, second = question(), question()
    with pytest.raises(ValueError, match="another"):
        answers.begin(first, [answer(second)])
    assert answers.question(first.id) is None


def test_ask_again_takes_the_next_position(answers: Answers) -> None:
    asked = question()
    answers.begin(asked, [answer(asked, 0), answer(asked, 1)])
    again = answer(asked, 0, state=AnswerState.PENDING)
    answers.add(asked.id, again)
    answers.finish(replace(again, state=AnswerState.COMPLETE, text="again"))
    kept = answers.answers(asked.id)
    assert [one.position for one in kept] == [0, 1, 2]
    assert (kept[2].text, kept[2].state) == ("again", AnswerState.COMPLETE)
    with pytest.raises(NotFound):
        answers.add("nowhere", answer(asked))


def test_many_ask_again_at_once(answers: Answers) -> None:
    asked = question()
    answers.begin(asked, [])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: answers.add(asked.id, answer(asked)), range(16)))
    assert [one.position for one in answers.answers(asked.id)] == list(range(16))


def test_an_answer_whose_beginning_was_not_saved(answers: Answers) -> None:
    asked = question()
    one = answer(asked, 1)
    with pytest.raises(DatabaseTrouble, match="question"):
        answers.finish(one)
    answers.finish(one, asked)
    answers.finish(answer(asked, 0))
    assert answers.question(asked.id) == asked
    assert len(answers.answers(asked.id)) == 2


def test_another_digest_is_another_candidate(answers: Answers) -> None:
    asked = question()
    one = answer(asked, state=AnswerState.PENDING)
    answers.begin(asked, [one])
    known = replace(one, candidate=replace(one.candidate, digest="sha256:1"), state=AnswerState.COMPLETE)
    answers.finish(known)
    assert answers.of_candidate(known.candidate.hash, ALL, 10) == [(asked, known)]
    assert answers.of_candidate(one.candidate.hash, ALL, 10) == []


def test_history_goes_by_the_order_of_asking(answers: Answers) -> None:
    """Whatever the clock did meanwhile."""
    asked = [replace(question(), asked_at=NOON - timedelta(days=day)) for day in range(5)]
    for one in asked:
        answers.begin(one, [])
    newest = asked[::-1]
    assert answers.history() == newest
    assert answers.history(2) == newest[:2]
    assert answers.history(2, before=newest[1].id) == newest[2:4]
    assert answers.history(9, before=newest[-1].id) == []
    assert answers.history(9, before="nowhere") == []


def test_a_conversation(answers: Answers) -> None:
    asked = [replace(question(), conversation_id=name) for name in ("a", "b", "a", "")]
    for one in asked:
        answers.begin(one, [])
    assert answers.conversation("a") == [asked[0], asked[2]]
    assert answers.conversation("") == []


def test_what_is_not_there(answers: Answers) -> None:
    assert answers.question("x") is None
    assert answers.answer("x") is None
    assert answers.answers("x") == []
    with pytest.raises(NotFound):
        answers.mark("x", Mark(Judgement.RIGHT, "", NOON))
    with pytest.raises(NotFound):
        answers.unmark("x")


# ----------------------------------------------------------------- marks


def test_marks(answers: Answers) -> None:
    asked = question()
    one = answer(asked)
    answers.begin(asked, [one])
    first = Mark(Judgement.WRONG, "30 days", NOON)
    second = Mark(Judgement.CANNOT_TELL, "", NOON + timedelta(seconds=1))
    for mark in (first, second):
        answers.mark(one.id, mark)
        assert answers.answer(one.id) == replace(one, mark=mark)
    answers.finish(one)
    assert answers.answer(one.id) == replace(one, mark=second), "logging again does not take the mark away"
    answers.unmark(one.id)
    assert answers.answer(one.id) == one


# ----------------------------------------------------------------- scores


def test_an_answer_logged_again_has_the_scores_of_the_last_time(answers: Answers) -> None:
    asked = question()
    one = replace(answer(asked), scores=(Score("a", "1", 0.5, "half"), Score("b", "1", None, "empty")))
    answers.begin(asked, [one])
    later = replace(one, scores=(Score("a", "2", 0.25, "a quarter", (ScoredPart(0, 7, 0.25, "why"),)),))
    answers.finish(later)
    assert answers.answer(one.id) == later
    answers.finish(replace(one, scores=()))
    assert answers.answer(one.id) == replace(one, scores=())


def test_scores_are_read_by_one_query_however_many_answers_there_are(
    database: Database, answers: Answers
) -> None:
    asked = question()
    scored = (Score("a", "1", 0.5, "half"), Score("b", "1", 0.5, "half"))
    answers.begin(asked, [replace(answer(asked, place), scores=scored) for place in range(5)])
    told: list[str] = []
    with database.read() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *found: told.append(found[2]))
        load_answers(session, session.scalars(select(AnswerRow)).all())
    assert sum("FROM scores" in one for one in told) == 1


def test_scores_go_with_their_answer(database: Database, answers: Answers) -> None:
    asked = question()
    one, other = (replace(answer(asked, place), scores=(Score("a", "1", 0.5, "half"),)) for place in range(2))
    answers.begin(asked, [one, other])
    with database.write() as session:
        for table in (AnswerContentRow, AnswerRow):
            key = AnswerRow.id if table is AnswerRow else AnswerContentRow.answer_id
            session.execute(delete(table).where(key == one.id))
        assert session.scalars(select(ScoreRow.answer_id)).all() == [other.id]


# ----------------------------------------------------------------- evidence


def test_a_passage_is_kept_once_for_all_answers(database: Database, answers: Answers) -> None:
    given = passages_of("c", "d1", ["a passage of some length", "another"])
    for _ in range(3):
        asked = question()
        answers.begin(asked, [answer(asked, 0, given=given), answer(asked, 1, given=given[:1])])
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(EvidenceRow)) == 2
        for content in session.scalars(select(AnswerContentRow)):
            stored = content.text + content.thinking + str(content.messages)
            assert "a passage of some length" not in stored
    shown = answers.answers(asked.id)[0].prompt
    assert shown is not None
    assert shown.rendered()[1].content == "[1] a passage of some length[2] another"


def test_the_same_place_read_otherwise_is_other_evidence(answers: Answers) -> None:
    """A better reader gives another text for the same document and span; the old log stays true."""
    (old,) = passages_of("c", "d1", ["read badly"])
    new = replace(old, text="read well.")
    renamed = replace(old, document_name="other.txt")
    for passage in (old, new, renamed):
        asked = question()
        answers.begin(asked, [answer(asked, given=[passage])])
        kept = answers.answers(asked.id)[0].prompt
        assert kept is not None
        assert kept.given[0].passage == passage


def test_deleted_tells_whether_the_document_is_in_its_collection(
    answers: Answers, documents: Documents, collection: Collection
) -> None:
    add_document(documents, collection.id, "d1", ["one"])
    here, gone = passages_of(collection.id, "d1", ["one"]), passages_of("other", "d1", ["one"])
    asked = question()
    answers.begin(asked, [answer(asked, given=[*here, *gone])])
    kept = answers.answers(asked.id)[0].prompt
    assert kept is not None
    assert [one.deleted for one in kept.given] == [False, True]


def test_passages_that_did_not_fit_are_logged_too(answers: Answers) -> None:
    asked = question()
    prompt = prompt_of(passages_of("c", "d1", ["one", "two"]))
    left_out = replace(prompt.given[1], number=0, fitted=False, deleted=True)
    prompt = replace(prompt, given=(replace(prompt.given[0], deleted=True), left_out, left_out))
    answers.begin(asked, [replace(answer(asked), prompt=prompt)])
    kept = answers.answers(asked.id)[0].prompt
    assert kept == prompt
    assert kept is not None
    assert kept.left_out == 2


# ----------------------------------------------------------------- filters


@pytest.fixture
def several(answers: Answers) -> list[tuple[Question, Answer]]:
    """Eight answers: two collections, two candidates, days 0 to 3."""
    pairs = []
    for day in range(4):
        asked = replace(question(collection_id=f"c{day % 2}"), asked_at=NOON + timedelta(days=day))
        made = [answer(asked, place, who=candidate(f"m{place}")) for place in range(2)]
        answers.begin(asked, made)
        pairs += [(asked, one) for one in made]
    return pairs


Passes = Callable[[Question, Answer], bool]


@pytest.mark.parametrize(
    ("flt", "passes"),
    [
        (ALL, lambda _q, _a: True),
        (AnswerFilter(collection_id="c1"), lambda q, _a: q.collection_id == "c1"),
        (AnswerFilter(candidates=(candidate("m1").hash, "x")), lambda _q, a: a.candidate.model == "m1"),
        (AnswerFilter(since=NOON + timedelta(days=1)), lambda q, _a: q.asked_at >= NOON + timedelta(days=1)),
        (AnswerFilter(until=NOON + timedelta(days=1)), lambda q, _a: q.asked_at < NOON + timedelta(days=1)),
        (AnswerFilter(collection_id="x"), lambda _q, _a: False),
    ],
)
def test_filters(
    answers: Answers, several: list[tuple[Question, Answer]], flt: AnswerFilter, passes: Passes
) -> None:
    expected = [pair for pair in several if passes(*pair)]
    assert list(answers.export(flt)) == [(*pair, "ask") for pair in expected]
    of_one = [pair for pair in reversed(expected) if pair[1].candidate.model == "m1"]
    who = candidate("m1").hash
    assert answers.of_candidate(who, flt, 10) == of_one
    assert answers.of_candidate(who, flt, 1, 1) == of_one[1:2]


def test_what_an_experiment_asked_is_not_among_what_people_asked(answers: Answers) -> None:
    asked = question()
    first, other = answer(asked, 0), answer(asked, 1)
    answers.begin(asked, [first])
    answers.finish(other, asked, "experiment")
    assert first.candidate == other.candidate
    assert answers.of_candidate(first.candidate.hash, ALL, 10) == [(asked, first)]


def test_what_answers_no_question_is_exported_only_where_that_is_asked_for(answers: Answers) -> None:
    asked = question()
    origins = ["experiment", "imported", "judge", "probe", "follow-up"]
    answers.begin(asked, [answer(asked, 0)])
    for place, origin in enumerate(origins, start=1):
        answers.finish(answer(asked, place), asked, origin)
    assert [origin for *_, origin in answers.export(ALL)] == ["ask", *origins[:2]]
    assert [origin for *_, origin in answers.export(ALL, aside=True)] == ["ask", *origins]


def test_a_moment_without_a_zone_is_refused(answers: Answers) -> None:
    with pytest.raises(Exception, match="time zone"):
        answers.of_candidate("x", AnswerFilter(since=datetime(2026, 1, 1)), 1)  # noqa: DTZ001


def test_export_goes_on_past_a_page_and_holds_up_nobody(answers: Answers) -> None:
    asked = question()
    answers.begin(asked, [answer(asked, place) for place in range(PAGE + 3)])
    going = answers.export(ALL)
    first = next(going)[1]
    answers.mark(first.id, Mark(Judgement.RIGHT, "", NOON))  # would wait for an open read
    assert len(list(going)) == PAGE + 2


# ----------------------------------------------------------------- after a kill


def test_what_a_kill_left_is_marked(answers: Answers) -> None:
    asked = question()
    made = [answer(asked, place, state=state) for place, state in enumerate(AnswerState)]
    answers.begin(asked, made)
    assert answers.mark_interrupted() == 1
    assert answers.mark_interrupted() == 0
    expected = [
        replace(
            one,
            state=AnswerState.FAILED,
            error=UNFINISHED if one.prompt else INTERRUPTED,
            remedy="Ask again.",
        )
        if one.state is AnswerState.PENDING
        else one
        for one in made
    ]
    assert answers.answers(asked.id) == expected


def test_of_what_was_never_sent_a_kill_leaves_nothing(answers: Answers) -> None:
    asked = question()
    answers.begin(asked, [replace(answer(asked, state=AnswerState.PENDING), prompt=None)])
    answers.mark_interrupted()
    assert [one.error for one in answers.answers(asked.id)] == [INTERRUPTED]


# ----------------------------------------------------------------- derived columns


def test_questions_of_equal_words_have_one_key() -> None:
    assert question_key(" How  many\ndays? ") == question_key("How many days?")
    assert question_key("how many days?") != question_key("How many days?")
    assert -(2**63) <= question_key("x") < 2**63
