"""What an import brings, what it refuses, and that an export comes back as it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given

from app.domain import Case, Columns, Gold, PosedCase, Upload
from app.errors import NotAllowed
from app.evaluation.datasets import jsonl, table
from app.evaluation.datasets.importing import MOST_CASES, preview, usual
from app.evaluation.scorers.exact_match import ExactMatch
from tests.evaluation.datasets.examples import datasets
from tests.storage.examples import answer as example_answer
from tests.storage.examples import question


def lines(*rows: object) -> Upload:
    return Upload("set.jsonl", "\n".join(json.dumps(one) for one in rows).encode())


def csv(*rows: str, name: str = "set.csv") -> Upload:
    return Upload(name, "\n".join(rows).encode())


def test_every_key_of_json_lines_has_one_type_whatever_the_questions_name() -> None:
    golds = ((), (Gold("a.txt", ""),), (Gold("a.txt", "x"), Gold("", "y")))
    cases = [Case(f"Q{number}?", ("a",), gold) for number, gold in enumerate(golds)]
    rows = [json.loads(one) for one in jsonl.written(cases).decode().splitlines()]
    assert [one["gold_document"] for one in rows] == [[], ["a.txt"], ["a.txt", ""]]
    for key in rows[0]:
        assert len({type(one[key]) for one in rows}) == 1, key
    assert preview(Upload("set.jsonl", jsonl.written(cases))).cases == tuple(cases)


@pytest.mark.parametrize(
    ("written", "name"), [(jsonl.written, "set.jsonl"), (table.written, "set.csv")], ids=["jsonl", "csv"]
)
@given(datasets)
def test_an_export_reads_back_to_the_same(
    written: Callable[[Sequence[Case]], bytes], name: str, cases: tuple[Case, ...]
) -> None:
    found = preview(Upload(name, written(cases)))
    assert found.cases == cases
    assert found.bad == ()


@given(datasets)
def test_no_cell_of_an_export_begins_like_a_formula(cases: tuple[Case, ...]) -> None:
    import csv as reader
    import io

    rows = reader.reader(io.StringIO(table.written(cases).decode("utf-8-sig"), newline=""))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_one_case_of_each_kind() -> None:
    found = preview(
        lines(
            {
                "question": " Who? ",
                "answers": ["Ada", "Ada ", ""],
                "gold_document": "a.txt",
                "gold_text": "It was Ada.",
            },
            {"question": "When?", "answers": 1987, "unanswerable": False, "tags": "plain"},
            {"question": "Why?", "unanswerable": True},
            {"question": "Both?", "answers": ["x"], "gold_document": "a.txt", "gold_text": ["one", "two"]},
            {"question": "Where?", "answers": ["y"], "gold_document": "a.txt"},
        )
    )
    assert found.bad == ()
    assert found.cases == (
        Case("Who?", ("Ada",), (Gold("a.txt", "It was Ada."),)),
        Case("When?", ("1987",), tags=("plain",)),
        Case("Why?", unanswerable=True),
        Case("Both?", ("x",), (Gold("a.txt", "one"), Gold("a.txt", "two"))),
        Case("Where?", ("y",), (Gold("a.txt", ""),)),
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"answers": ["x"]}, "There is no question."),
        ({"question": "  ", "answers": ["x"]}, "There is no question."),
        ({"question": "Q?"}, "There is no right answer"),
        ({"question": "Q?", "answers": ["", " "]}, "There is no right answer"),
        ({"question": "Q?", "answers": ["x"], "unanswerable": True}, "only one can be"),
        ({"question": "Q?", "answers": ["x"], "unanswerable": "perhaps"}, "not by “perhaps”"),
        ({"question": "Q?", "answers": [["x"]]}, "A text was expected as an answer"),
        ({"question": {"a": 1}, "answers": ["x"]}, "A text was expected as the question"),
        ({"question": True, "answers": ["x"]}, "A text was expected as the question"),
        ({"question": "Q" * 20_001, "answers": ["x"]}, "20,001 characters"),
        ({"question": "Q?", "answers": ["x" * 100_001]}, "100,001 characters"),
        (
            {"question": "Q?", "answers": ["x"], "gold_document": ["a", "b"], "gold_text": ["1", "2", "3"]},
            "3 gold texts and 2 gold documents",
        ),
        (["Q?"], "no object with keys"),
        ("Q?", "no object with keys"),
        ({"question": "Good?", "answers": ["x"]}, "the same as row 1"),
    ],
)
def test_a_bad_row_is_named_by_number_and_reason(row: object, reason: str) -> None:
    found = preview(
        lines({"question": "Good?", "answers": ["x"]}, row, {"question": "Fine?", "answers": ["y"]})
    )
    assert [one.question for one in found.cases] == ["Good?", "Fine?"]
    assert [one.number for one in found.bad] == [2]
    assert reason in found.bad[0].reason


@pytest.mark.parametrize("line", ["{", "[" * 100_000, '{"question": NaN}', "\x00"])
def test_a_line_that_is_no_json(line: str) -> None:
    good = json.dumps({"question": "Q?", "answers": ["x"]})
    found = preview(Upload("set.jsonl", f"{good}\n\n{line}\n".encode()))
    assert [one.question for one in found.cases] == ["Q?"]
    assert [(one.number, one.reason) for one in found.bad] == [(3, "This line is no JSON.")]


def test_a_table_from_another_tool() -> None:
    """SQuAD's and promptfoo's names, semicolons, and a column that says the opposite."""
    found = preview(
        csv(
            "Query;Expected;doc;answerable;owner",
            "Who?;Ada | Ada L.;a.txt;yes;me",
            "Why?;;;no;me",
            "",
            "Eh?;;;yes;me",
        )
    )
    assert found.chosen == Columns("Query", "Expected", "doc", "", "answerable", "")
    assert found.unused == ("owner",)
    assert found.cases == (
        Case("Who?", ("Ada", "Ada L."), (Gold("a.txt", ""),)),
        Case("Why?", unanswerable=True),
    )
    assert [(one.number, one.reason) for one in found.bad] == [
        (5, "There is no right answer, and it is not marked as not in the documents.")
    ]


def test_columns_that_a_person_chose() -> None:
    upload = csv("a,b", "Who?,Ada")
    assert preview(upload).cases == ()
    assert preview(upload, Columns(question="a", answers="b")).cases == (Case("Who?", ("Ada",)),)


def test_a_quote_that_is_not_closed_takes_no_row_in_unnamed() -> None:
    before, after = [f"q{n},a{n}" for n in range(5)], [f"r{n},b{n}" for n in range(30)]
    found = preview(
        csv("question,answers", *before, '"open quote,a', *after, 'He said "x",z', 'last"tail,ok')
    )
    assert [one.number for one in found.bad] == [7]
    assert "not closed" in found.bad[0].reason
    assert len(found.cases) == 5 + 30 + 2

    closed = preview(
        csv("question,answers", "q1,a1", '"open quote,a', "r1,b1", "r2,b2", 'last one",ok', "s1,c")
    )
    assert [one.number for one in closed.doubtful] == [3]
    assert "3 further rows" in closed.doubtful[0].reason

    at_the_end = preview(csv("question,answers", "q1,a1", '"open,a', "r1,b1"))
    assert ([one.number for one in at_the_end.bad], len(at_the_end.cases)) == ([3], 2)


def test_a_text_of_several_lines_is_no_doubt() -> None:
    text = "The mill, which is old, has stones.\nThere are seven, they say.\nNobody counts them."
    found = preview(csv("question,answers,gold_text", f'How many?,seven,"{text}"', f'"{text}",x,y'))
    assert (found.bad, found.doubtful) == ((), ())
    assert found.cases[0].gold[0].text == text


def test_a_cell_that_is_too_long_names_its_row() -> None:
    found = preview(csv("question,answers", "q1,a1", f'"{"x" * 1_100_000}",y', "q2,a2"))
    assert [one.question for one in found.cases] == ["q1", "q2"]
    assert [one.number for one in found.bad] == [3]
    assert "1,100,000 characters" in found.bad[0].reason


@pytest.mark.parametrize("header", ["Frage,Antwort", "question,Antwort"])
def test_an_unknown_header_says_which_columns_are_known(header: str) -> None:
    found = preview(csv(header, "Who?,Ada", "When?,1987"))
    assert [one.number for one in found.bad] == [1]
    assert "question, answers, gold_document" in found.bad[0].reason
    assert "“Antwort”" in found.bad[0].reason


def test_the_same_question_with_other_answers_is_told() -> None:
    found = preview(csv("question,answers", "same?,1", "Same? ,2", "other?,1"))
    assert len(found.cases) == 3
    assert [(one.number, "row 2" in one.reason) for one in found.doubtful] == [(3, True)]


GOLD = {"gold_document": "a.txt", "gold_text": "It was Ada."}
ADA = {"question": "Who?", "answers": ["Ada"]}


def test_the_same_with_gold_text_added_is_one_question() -> None:
    """Whichever stands first, the one with the gold text is kept, and the other is named."""
    for rows, lacking, kept in (([ADA, ADA | GOLD], 1, 2), ([ADA | GOLD, ADA], 2, 1)):
        found = preview(lines(*rows))
        assert found.cases == (Case("Who?", ("Ada",), (Gold("a.txt", "It was Ada."),)),)
        told = f"It is the same as row {kept}, which has the gold text."
        assert [(one.number, one.reason) for one in found.bad] == [(lacking, told)]
        assert found.doubtful == ()


def test_what_differs_in_a_question_that_stands_there_twice_is_told() -> None:
    elsewhere = ADA | {"gold_document": "b.txt", "gold_text": "Ada did it."}
    found = preview(
        lines(ADA | GOLD, elsewhere, ADA | {"answers": ["Bob"]}, ADA | GOLD | {"question": "who?"})
    )
    assert len(found.cases) == 4
    assert [(one.number, one.reason) for one in found.doubtful] == [
        (2, "It asks what row 1 asks, with another gold text or document. Both are kept."),
        (3, "It asks what row 1 asks, with other right answers. Both are kept."),
        (4, "It asks what row 1 asks, with other capitals or spaces. Both are kept."),
    ]


@pytest.mark.parametrize("column", ["lang", "Language"])
@pytest.mark.parametrize("told", ["de", "de-CH", "pt_BR"])
def test_a_column_tells_the_language_and_an_export_gives_it_back(column: str, told: str) -> None:
    rows = [f"question,answers,tags,{column}", f"Wer?,die Ada,easy,{told}", "Who?,the Ada,,"]
    found = preview(csv(*rows))
    assert found.chosen.language == column
    assert (found.bad, found.doubtful, found.unused) == ((), (), ())
    assert [one.tags for one in found.cases] == [("easy", f"lang:{told}"), ()]
    assert [one.language for one in found.cases] == [told, ""]
    for written, name in ((jsonl.written, "a.jsonl"), (table.written, "a.csv")):
        assert preview(Upload(name, written(found.cases))).cases == found.cases


def test_answers_are_compared_by_the_rules_of_the_language_that_a_file_tells() -> None:
    plain, told = preview(
        lines(ADA | {"answers": ["die Ada"]}, {"question": "Wer?", "answers": ["die Ada"], "lang": "de"})
    ).cases
    said = replace(example_answer(question()), text="Ada")
    assert [ExactMatch().score(PosedCase(one), said).value for one in (plain, told)] == [0.0, 1.0]


def test_a_language_that_is_no_code_is_left_out_and_told() -> None:
    found = preview(
        lines(ADA | {"language": "German"}, {"question": "Why?", "unanswerable": True, "language": ["en"]})
    )
    assert found.bad == ()
    assert [one.language for one in found.cases] == ["", ""]
    assert [(one.number, "code of two letters" in one.reason) for one in found.doubtful] == [
        (1, True),
        (2, True),
    ]
    assert "“German”" in found.doubtful[0].reason


@pytest.mark.parametrize("tag", ["lang:de", "Lang:de", "lang: de"])
def test_a_tag_typed_by_hand_tells_the_language(tag: str) -> None:
    assert Case("Wer?", ("die Ada",), tags=("easy", tag)).language == "de"


def test_a_tag_tells_the_language_before_a_column_does() -> None:
    (found,) = preview(lines(ADA | {"tags": ["lang:fr"], "lang": "de"})).cases
    assert (found.tags, found.language) == (("lang:fr",), "fr")


def test_a_row_that_is_longer_than_its_header_is_bad() -> None:
    found = preview(csv("question,answers", "Who?,Ada", "Where, then?,here,there", "When?,now,"))
    assert [one.question for one in found.cases] == ["Who?", "When?"]
    assert found.bad[0].number == 3
    assert "4 cells, and there are 2 columns" in found.bad[0].reason


@pytest.mark.parametrize(
    "upload",
    [
        Upload("empty.csv", b""),
        Upload("empty.jsonl", b"\n\n"),
        csv("question,answers"),
        csv("question,answers", *["Q?,x"] * (MOST_CASES + 1)),
        csv('question,"answers', "Q?,x"),
        Upload("large.csv", b"x" * 52_000_000),
    ],
    ids=["empty", "empty lines", "header alone", "too many", "a broken header", "too large"],
)
def test_what_is_no_dataset_is_refused_in_words(upload: Upload) -> None:
    with pytest.raises(NotAllowed) as refused:
        preview(upload)
    assert upload.name in refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_tables_of_spreadsheet_programs(encoding: str) -> None:
    rows = [
        "question,answers",
        *(f"Wer hat den Schlüssel für die Tür über der Brücke {n}?,Müller" for n in range(9)),
    ]
    found = preview(Upload("set.csv", "\r\n".join(rows).encode(encoding)))
    assert {one.answers for one in found.cases} == {("Müller",)}


def test_equal_names_of_columns_and_none() -> None:
    assert preview(csv("question,question,,answers", "Q?,other,third,x")).columns == (
        "question",
        "question (2)",
        "column 3",
        "answers",
    )
    assert usual(["Question ", "ANSWER", "answers"]).answers == "answers"


def test_the_file_of_real_questions(shared_data: object) -> None:
    from pathlib import Path

    path = Path(str(shared_data)) / "dev_cut" / "questions.jsonl"
    found = preview(Upload(path.name, path.read_bytes()))
    chosen = Columns("question", "answers", "doc", "gold_passage", "answerable", "tier", "lang")
    assert found.chosen == chosen
    assert (found.bad, found.doubtful) == ((), ())
    assert {one.language for one in found.cases} == {"ar", "de", "en", "es", "hi", "ru", "th", "zh"}
    assert preview(Upload("set.csv", table.written(found.cases))).cases == found.cases
    assert sum(one.unanswerable for one in found.cases) == 41
    assert len(found.cases) == 195
