"""What a file of recorded answers brings: which row belongs where, and why each other one does not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.costs.price_book import PriceBook
from app.domain import (
    IMPORTED_BACKEND,
    Candidate,
    Case,
    Experiment,
    ExperimentState,
    Provenance,
    RecordedColumns,
    RecordedDefaults,
    RecordedPreview,
    Slot,
    Upload,
    Usage,
)
from app.errors import NotAllowed
from app.evaluation.datasets import table
from app.evaluation.recorded.matching import normalised
from app.evaluation.recorded.previewing import EMPTY, Ground, preview, usual
from app.evaluation.recorded.template import COLUMNS, template
from tests.experiments import bare
from tests.experiments import given as with_documents

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
CASES = (
    Case("How many stones has the mill?", ("seven",)),
    Case("Who is the miller?", unanswerable=True),
    Case("Wann öffnet das Café?", ("um neun",)),
)
TOLD = RecordedDefaults("gpt-4o")


def ground(
    cases: Sequence[Case] = CASES,
    *,
    repeats: int = 1,
    candidates: Sequence[Candidate] = (with_documents(), bare()),
    taken: Sequence[Slot] = (),
) -> Ground:
    size = repeats, len(cases), NOW, False, None
    made = Experiment("E", "First", "D", "Mill", "v", tuple(candidates), *size, ExperimentState.FINISHED)
    return Ground(made, cases, frozenset(taken), NOW, PriceBook().maker)


def lines(*rows: object) -> Upload:
    return Upload("said.jsonl", "\n".join(json.dumps(one) for one in rows).encode())


def csv(*rows: str, name: str = "said.csv") -> Upload:
    return Upload(name, "\n".join(rows).encode())


def look(upload: Upload, on: Ground | None = None, told: RecordedDefaults = TOLD) -> RecordedPreview:
    return preview(upload, on or ground(), told)


def reasons(found: RecordedPreview) -> dict[int, str]:
    return {one.number: one.reason for one in found.bad}


def test_a_whole_row_is_taken_as_it_says() -> None:
    row = {
        "question": "How many stones has the mill?",
        "answer": "Seven.",
        "model": "claude-3-5-sonnet",
        "provider": "Anthropic",
        "documents": "with four passages of our wiki",
        "date": "2026-03-31T10:00:00+02:00",
        "prompt_tokens": 120,
        "completion_tokens": "8",
        "cached": 100,
        "thinking": 3.0,
    }
    (group,) = look(lines(row)).groups
    (answer,) = group.answers
    where = Provenance("anthropic", True, "with four passages of our wiki")
    assert group.candidate == Candidate(IMPORTED_BACKEND, "claude-3-5-sonnet", provenance=where)
    assert (answer.case, answer.repeat, answer.text, answer.number) == (0, 0, "Seven.", 1)
    assert answer.usage == Usage(120, 8, 3, 100)
    assert answer.asked_at == datetime(2026, 3, 31, 8, tzinfo=UTC)
    assert (group.of, group.missing, group.undated, group.uncounted) == (3, 2, 0, 0)


def test_each_model_of_a_file_is_a_candidate_and_its_maker_is_found_by_its_name() -> None:
    found = look(
        lines(
            {"question": CASES[0].question, "answer": "7", "model": "gpt-4o-mini"},
            {"question": CASES[0].question, "answer": "8", "model": "claude-3-5-haiku-latest"},
            {"question": CASES[0].question, "answer": "9", "model": "our-own"},
        )
    )
    assert [one.priced for one in found.groups] == ["openai", "anthropic", ""]
    assert not found.bad


@pytest.mark.parametrize(
    "written",
    [
        "HOW MANY STONES HAS THE MILL?",
        "  How many   stones\nhas the\u00a0mill? ",
        "Ｈow many stones has the mill?",
    ],
)
def test_case_white_space_and_ways_of_writing_make_no_other_question(written: str) -> None:
    assert look(lines({"question": written, "answer": "7"})).answers == 1


def test_composed_and_decomposed_letters_are_the_same_question() -> None:
    assert look(lines({"question": "wann o\u0308ffnet das cafe\u0301?", "answer": "9"})).answers == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"answer": "7"}, "There is no question."),
        ({"question": "Why?", "answer": "7"}, "The experiment does not ask this question."),
        ({"question": CASES[0].question}, "There is no answer."),
        ({"question": CASES[0].question, "answer": None}, "There is no answer."),
        ({"question": CASES[0].question, "answer": ["7"]}, "A text was expected as the answer"),
        ({"question": CASES[0].question, "answer": True}, "A text was expected as the answer"),
        ({"question": CASES[0].question, "answer": "x" * 100_001}, "100,001 characters"),
        ({"question": CASES[0].question, "answer": "7", "prompt_tokens": -1}, "“-1”"),
        ({"question": CASES[0].question, "answer": "7", "prompt_tokens": 1.5}, "“1.5”"),
        ({"question": CASES[0].question, "answer": "7", "prompt_tokens": True}, "“True”"),
        ({"question": CASES[0].question, "answer": "7", "prompt_tokens": "1,204"}, "“1,204”"),
        ({"question": CASES[0].question, "answer": "7", "prompt_tokens": 10**10}, "more than can be"),
        ({"question": CASES[0].question, "answer": "7", "prompt_tokens": "9" * 5000}, "A whole number"),
        (
            {"question": CASES[0].question, "answer": "7", "prompt_tokens": 5, "cached": 9},
            "9 cached tokens of 5",
        ),
        ({"question": CASES[0].question, "answer": "7", "date": "31.03.2026"}, "“31.03.2026”"),
        ({"question": CASES[0].question, "answer": "7", "date": "2027-01-01"}, "lies in the future"),
        ({"question": CASES[0].question, "answer": "7", "repeat": 2}, "there is no repeat 2"),
        ({"question": CASES[0].question, "answer": "7", "repeat": "x"}, "as the repeat"),
        ({"question": CASES[0].question, "answer": "7", "id": CASES[1].id}, "that of question 2"),
        ({"question": "Other words?", "answer": "7", "id": CASES[1].id}, "which reads otherwise"),
        ({"question": CASES[0].question, "answer": "7", "model": "m" * 201}, "201 characters"),
    ],
)
def test_a_bad_row_is_named_by_its_number_and_the_reason(row: dict[str, object], reason: str) -> None:
    good = {"question": CASES[2].question, "answer": "nine"}
    found = look(lines(good, row))
    assert reason in reasons(found)[2]
    assert found.answers == 1


def test_a_row_needs_a_model() -> None:
    found = look(lines({"question": CASES[0].question, "answer": "7"}), told=RecordedDefaults())
    assert reasons(found) == {1: "It does not say which model answered."}


def test_the_same_answer_twice_is_one_too_many() -> None:
    row = {"question": CASES[0].question, "answer": "7"}
    found = look(lines(row, row))
    assert reasons(found) == {2: "Row 1 has the same model's answer to the same question."}


@pytest.mark.parametrize("first", [0, 1])
def test_repeats_count_from_0_or_from_1(first: int) -> None:
    rows = [{"question": CASES[0].question, "answer": "7", "repeat": first + n} for n in (0, 1)]
    (group,) = look(lines(*rows), ground(repeats=2)).groups
    assert [one.repeat for one in group.answers] == [0, 1]
    assert group.missing == 4


def test_of_equal_questions_the_id_tells_which() -> None:
    twice = (Case("Who?", ("Ada",)), Case("who? ", ("Bob",)))
    row = {"question": "Who?", "answer": "Bob"}
    found = look(lines(row, {**row, "id": twice[1].id}), ground(twice))
    assert "Questions 1, 2 of the experiment read so" in reasons(found)[1]
    assert found.groups[0].answers[0].case == 1


def test_an_answer_that_is_there_already_is_not_replaced() -> None:
    known = look(lines({"question": CASES[0].question, "answer": "7"})).groups[0].candidate
    on = ground(candidates=[bare(), known], taken=[Slot(1, 0, 0)])
    rows = [{"question": one.question, "answer": "7"} for one in CASES]
    found = look(lines(*rows), on)
    assert reasons(found) == {
        1: "The experiment has this model's imported answer already: delete that to replace it."
    }
    (group,) = found.groups
    assert (group.place, len(group.answers), group.missing) == (1, 2, 0)


def test_there_is_room_for_so_many_candidates() -> None:
    full = [bare(f"m{n}") for n in range(19)]
    rows = [{"question": CASES[0].question, "answer": "7", "model": f"gpt-{n}"} for n in range(3)]
    found = look(lines(*rows), ground(candidates=full))
    assert len(found.groups) == 1
    assert reasons(found)[2] == "An experiment has at most 20 candidates."


def test_an_empty_answer_counts_and_is_doubted() -> None:
    found = look(csv("question;answer", f"{CASES[0].question};", f"{CASES[1].question};no idea"))
    assert found.answers == 2
    assert [(one.number, one.reason) for one in found.doubtful] == [(2, EMPTY)]


@pytest.mark.parametrize(
    ("words", "documents", "note"),
    [
        ("", None, ""),
        ("yes", True, ""),
        ("FALSE", False, ""),
        ("with documents", True, ""),
        ("no documents", False, ""),
        ("without anything", False, "without anything"),
        ("RAG over our wiki", None, "RAG over our wiki"),
        ("unknown", None, ""),
    ],
)
def test_what_is_said_of_documents(words: str, documents: bool | None, note: str) -> None:
    (group,) = look(lines({"question": CASES[0].question, "answer": "7", "documents": words})).groups
    assert group.candidate.provenance == Provenance("openai", documents, note)


def test_columns_are_known_by_usual_names_and_can_be_chosen() -> None:
    known = usual(["Prompt", "Output", "LLM", "Created at", "input_tokens", "Reasoning tokens"])
    assert (known.question, known.answer, known.model, known.date) == (
        "Prompt",
        "Output",
        "LLM",
        "Created at",
    )
    assert known.prompt_tokens == "input_tokens"
    upload = csv("Frage,Antwort", f"{CASES[0].question},7")
    assert "No column is known as the question" in look(upload).bad[0].reason
    chosen = RecordedColumns(question="Frage", answer="Antwort")
    assert preview(upload, ground(), TOLD, chosen).answers == 1


# ------------------------------------------------------------------------ hostile files


def test_a_byte_order_mark_and_semicolons() -> None:
    text = f"question;answer;model\r\n{CASES[0].question};Sieben, sagt man;gpt-4o\r\n"
    (group,) = look(Upload("said.csv", text.encode("utf-8-sig"))).groups
    assert group.answers[0].text == "Sieben, sagt man"


def test_utf_16_and_old_windows_files_are_read() -> None:
    text = f"question,answer\n{CASES[2].question},Über neun\n"
    for encoding in ("utf-16", "cp1252"):
        (group,) = look(Upload("said.csv", text.encode(encoding))).groups
        assert (group.answers[0].case, group.answers[0].text) == (2, "Über neun")


def test_bytes_of_two_encodings_in_one_file_lose_no_row() -> None:
    first = f"question,answer\n{CASES[0].question},sieben für alle\n".encode()
    second = f"{CASES[1].question},für niemanden\n".encode("latin-1")
    found = look(Upload("said.csv", first + second))
    assert found.answers == 2


def test_a_quote_that_is_not_closed_costs_its_own_row_only() -> None:
    unclosed, last = f'{CASES[0].question},"seven', f'{CASES[2].question},"nine"'
    rows = ["question,answer", unclosed, f"{CASES[1].question},nobody", last]
    found = look(csv(*rows))
    assert found.answers + len(found.bad) == 3
    assert 2 in reasons(found) or any(one.number == 2 for one in found.doubtful)


def test_nul_and_half_characters_do_not_get_in() -> None:
    found = look(lines({"question": CASES[0].question, "answer": "se\0ven \ud800"}))
    assert found.groups[0].answers[0].text == "se\ufffdven ?"


def test_cells_like_formulas_are_texts() -> None:
    for cell in ("=1+1", "+7", "@x", "-3"):
        (group,) = look(csv("question,answer", f"{CASES[0].question},{cell}")).groups
        assert group.answers[0].text == cell


def test_what_is_no_json_and_nothing_at_all() -> None:
    found = look(Upload("said.jsonl", b'{"question": "a"\n[1]\n{"a": NaN}\n'))
    assert sorted({one.number for one in found.bad}) == [1, 2, 3]
    with pytest.raises(NotAllowed, match="has no rows"):
        look(Upload("said.csv", b""))


def test_too_many_rows_and_bytes_are_refused() -> None:
    with pytest.raises(NotAllowed, match="20,001 rows"):
        look(csv("question,answer", *["a,b"] * 20_001))
    with pytest.raises(NotAllowed, match="megabytes"):
        look(Upload("said.csv", b" " * 52_000_000))


TEXTS = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(max_examples=50, deadline=None)
@given(st.lists(TEXTS.filter(normalised), min_size=1, max_size=5, unique_by=normalised), TEXTS)
def test_the_table_of_questions_filled_in_brings_every_answer(questions: list[str], said: str) -> None:
    cases = [Case(one.strip(), ("x",)) for one in questions]
    _, rows = table.rows_of(template(cases).decode("utf-8-sig"), "questions.csv")
    filled = [{**row, "answer": said, "model": "gpt-4o"} for _, row in rows if not isinstance(row, str)]
    made = table.bytes_of(COLUMNS, [[str(one[name]) for name in COLUMNS] for one in filled])
    found = preview(Upload("questions.csv", made), ground(cases), RecordedDefaults())
    assert not found.bad
    assert [one.text for one in found.groups[0].answers] == [said.strip()] * len(cases)
