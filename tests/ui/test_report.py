"""The report: it says what the screens say, in plain words, and nothing in it can act or fetch."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import datetime
from html import escape

import pytest
from plotly.graph_objects import Figure

from app.domain import (
    Candidate,
    Cause,
    Examined,
    Mean,
    Measured,
    Options,
    PayOff,
    PriceUse,
    ScorerUse,
    Used,
)
from app.ui import figures, report_html
from app.ui.cause_chart import named_causes
from app.ui.claim_chart import claim_lines, in_order
from app.ui.findings import Finding
from app.ui.frontier_chart import beside_words, cost_table, right_words
from app.ui.next_steps import about, family_words, remedy_words
from app.ui.report import report_html as made
from app.ui.report import report_name
from app.ui.report_data import Report, known
from app.ui.report_words import best_cost_words, best_wrong_words
from app.ui.result_how import how_lines, model_words, price_words
from app.ui.result_look import Look, ranked
from app.ui.result_measures import fact_table
from app.ui.right_chart import right_order, rules_words
from app.ui.tables import Table
from app.ui.theme import chart_colours, colours
from app.ui.verdict_figures import cards_of
from app.ui.verdict_words import SURE, Voice, below, headline
from app.ui.words import help_for
from tests.experiments import bare, examined, given, paid, trials_of
from tests.ui.reported import Parsed, parsed, report
from tests.ui.streamlit_markdown import read

FOUR = [given(), bare(), given("large"), bare("large")]
LETTERS = "r" * 6 + "w" * 12 + "aa", "w" * 20, "r" * 17 + "wwf", "rr" + "w" * 18
CAUSES = {"w": Cause.RANKED_TOO_LOW, "a": Cause.REFUSED, "f": Cause.FAILED}
WRITTEN = "/* plotly.js */"
HOSTILE = [
    "<img src=http://evil.example/x.png>",
    "</script><script>alert(1)</script>",
    "</title><style>*{background:url(//evil.example)}</style>",
    "[x](javascript:alert(1)) ![y](https://evil.example/y.png)",
    '" onload="alert(1)',
    "<!--<script>",
    "#000001",
    "<a href='javascript:alert(1)'>x</a>",
]


@pytest.fixture(autouse=True)
def _without_plotly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code that draws has 5 MB: the tests of what is around it go without."""
    monkeypatch.setattr(report_html, "plotly", lambda: WRITTEN)


def some(**more: object) -> Examined:
    made = examined(FOUR, *LETTERS, causes=CAUSES, costed=paid(1, 0.5, 3, None), unanswerable=4)
    return replace(made, **more)  # type: ignore[arg-type]


def page(one: Report) -> Parsed:
    return parsed(made(one))


def shown(markdown: str) -> str:
    return read(markdown).text.replace("\u2060", "").strip()


# ------------------------------------------------------------------------ it says what the screens say


def test_every_sentence_and_figure_of_the_screen_stands_in_it() -> None:
    found = some(rules={"contains": 77, "end": 3})
    one = report(found, pay_off=PayOff())
    text, names = page(one).text, one.look.names
    voice = Voice(names)
    wanted = [headline(one.verdict, found.experiment, voice), SURE]
    wanted += below(one.verdict, found.experiment, voice)
    cards = [card for _, card, _ in cards_of(found, one.verdict, names, one.pays_off)]
    wanted += [part for card in cards for part in (card.figure, card.words)]
    wanted += [figures.share(each.right) for each in right_order(found)]
    wanted += [figures.rate(each.each, "USD") for each in found.costs.candidates if each.each]
    wanted += [right_words(each) for each in found.costs.candidates if each.each]
    wanted += [rules_words(found.rules), *beside_words(found, names)]
    wanted += [shown(line) for line in how_lines(found, one.used)]
    mended = found.remedies[about(found, found.sure.best)[0]]
    wanted += [shown(family_words(mended)), *(shown(remedy_words(each)) for each in mended.largest)]
    wanted += [f"{each.words} ({each.meaning})" for own in named_causes(found).values() for each in own]
    wanted += [shown(line)[1:] for each in in_order(found) for line in claim_lines(each, names)[-1:]]
    wanted += [str(row[1]) for row in fact_table(found).rows]
    rows = cost_table(found, names, ranked(found)).rows
    wanted += [
        cell if isinstance(cell, str) else figures.significant(cell)
        for row in rows
        for cell in row
        if cell and not isinstance(cell, datetime)
    ]
    flat = " ".join(text.split())
    for words in wanted:
        assert " ".join(words.split()) in flat, words


def test_the_four_questions_are_answered_in_plain_words() -> None:
    one = report(some())
    text = page(one).text
    assert "On your 20 questions, large with documents was right 85% of the time (64-95)." in text
    assert "The difference is decisive." in text
    assert best_cost_words(one).startswith("large with documents: 1,000 questions cost $0.003, ")
    assert "1,000 right answers $0.00353 (" in best_cost_words(one)
    assert best_wrong_words(one) == (
        "Of 3 answers of large with documents that are not right: 2 because the search did not give it the "
        "right text, 1 for another reason. Most often, 2 times: the passage is near the question, but others "
        "are nearer, and only the first few are given (called “Ranked too low” below)."
    )
    for words in (best_cost_words(one), best_wrong_words(one)):
        assert words in text
    assert "Made 29 Nov 2026, 12:00 UTC by Assay 9.8.7." in text
    for heading in ("How often was each right?", "What does a right answer cost?", "What the words mean"):
        assert heading in text


def test_one_cause_of_all_that_is_wrong_is_told_once() -> None:
    causes = {"f": Cause.RANKED_TOO_LOW}
    told = [best_wrong_words(report(examined([given()], one, causes=causes))) for one in ("rrff", "rrrf")]
    meaning = (
        "the passage is near the question, but others are nearer, and only the first few are given "
        "(called “Ranked too low” below)."
    )
    assert told == [
        f"All 2 answers of small with documents that are not right: {meaning}",
        f"The one answer of small with documents that is not right: {meaning}",
    ]
    # Where the cause of one was not looked for yet, nothing is said of all.
    assert best_wrong_words(report(examined([given()], "rrfw", causes=causes))).startswith("Of 2 answers of")


def test_where_more_questions_would_decide_it_they_are_the_first_thing_to_do() -> None:
    close = examined([given(), given("large")], "r" * 13 + "w" * 7, "r" * 9 + "w" * 10 + "r")
    text = page(report(close)).text
    first = text.index("What to do next")
    assert text[first:].split("What to do next")[1].strip().startswith("Ask more questions: about ")
    assert "Ask more questions" not in page(report(some())).text


def test_what_costs_and_causes_are_not_known_is_said() -> None:
    one = report(examined(FOUR[:2], "rrww", "wwww"))
    text = page(one).text
    assert "No answer has a known cost." in text
    assert best_wrong_words(one) == (
        "Of 2 answers of small with documents that are not right: 2 not looked into yet."
    )
    assert best_cost_words(one) == "small with documents: what its answers cost is not known."
    assert "Not looked for yet: 6 answers" in text


def test_of_a_cost_it_is_said_what_it_rests_on_and_not_that_nobody_paid() -> None:
    """A list price may well have been on somebody's bill: by an API, or where answers were recorded."""
    assuming = [one._replace(basis="assumed") for one in paid(1)(trials_of("rrrr"))]
    listed, assumed = (
        best_cost_words(report(examined([given()], "rrrr", costed=costed)))
        for costed in (paid(1), lambda _: assuming)
    )
    assert listed.endswith(". That is worked out from a price list, not from a bill.")
    assert assumed.endswith(". That is worked out from figures that are partly assumed, not from a bill.")


def test_where_nothing_is_wrong_or_was_asked_yet_it_is_whole_too() -> None:
    right = report(examined([given()], "rrrr"))
    assert "No answer was found wrong." in page(right).text
    assert best_wrong_words(right) == "No answer of small with documents was wrong."
    nothing = report(examined([given()], "...."))
    assert "Nothing was answered yet." in page(nothing).text
    assert best_cost_words(nothing) == best_wrong_words(nothing) == ""


def test_prices_and_weights_are_named_with_their_dates_and_digests() -> None:
    text = page(report(some())).text
    assert "Prices: 40 answers: list price; model: large; in force since: 2026-01-02." in text
    assert price_words(PriceUse({}, 1)) == "1 answer: unknown."
    two = replace(given(), digest="0123456789abcdef")
    assert model_words(examined([two, bare()], "r", "r").experiment) == (
        "small on fake, digest 0123456789ab; small on fake, digest unknown"
    )


def test_each_measure_of_its_tables_is_explained_below_them_once() -> None:
    found = examined([given(), bare()], "rw", "ww")
    half = Measured(Mean(0.5, 2, 0.25, 0.75), 2, 0)
    measured = tuple({"MRR@k": half, "hit@k": half, "contains": half} for _ in range(2))
    text = page(report(found, measures=measured)).text
    for name in ("MRR@k", "hit@k", "measure answers", "passages given"):
        assert help_for(name) in text
    assert text.count(help_for("MRR@k")) == 1
    one_table = page(report(found, measures=tuple({"MRR@k": half, "hit@k": half} for _ in range(2)))).text
    assert one_table.count(help_for("measure answers")) == 1


@pytest.mark.parametrize(
    ("model", "told"),
    [("qwen2.5-coder:1.5b", True), ("SmolLM2-135M-Instruct", True), ("gpt-4.1", False), ("small", False)],
)
def test_what_the_figure_in_a_model_s_name_is_is_told_where_there_is_one(model: str, told: bool) -> None:
    text = page(report(examined([given(model)], "rw"))).text
    assert (help_for("model names") in text) is told


def test_columns_of_which_nothing_is_known_are_left_out() -> None:
    one = known(Table(("a", "b", "c"), (("x", None, 0), ("y", None, None)), {"b": "B", "c": "C"}))
    assert one == Table(("a", "c"), (("x", 0), ("y", None)), {"c": "C"})


def test_many_candidates_have_the_whole_paper_for_each_chart() -> None:
    many = of_many(11)
    few = report(some())
    assert [one["paper"] for one in page(many).charts[:2]] == [{"width": 700}, {"width": 700}]
    assert [one["paper"]["width"] for one in page(few).charts] == [475, 475, 500]  # type: ignore[index]
    assert page(few).charts[1]["paper"]["showlegend"] is False  # type: ignore[index]


def of_many(candidates: int) -> Report:
    who = [given(f"m{number}") for number in range(candidates)]
    return report(examined(who, *["rw"] * candidates, costed=paid(*range(1, candidates + 1))))


@pytest.mark.parametrize(
    ("candidates", "letters"),
    [(6, ""), (7, "dense"), (8, "dense"), (9, "dense denser"), (10, "dense denser")],
)
def test_of_seven_to_ten_candidates_rows_are_lower_and_letters_smaller_on_paper(
    candidates: int, letters: str
) -> None:
    found = page(of_many(candidates))
    charts = {str(one["key"]): one for one in found.charts}
    assert ("main", "class", letters) in found.attributes
    for key in ("result-right", "result-causes"):
        printed, shown = charts[key]["paper"], charts[key]["layout"]
        lower = shown["height"] - printed.get("height", shown["height"])  # type: ignore[attr-defined, index]
        assert (lower > 8 * candidates) is bool(letters)


def test_names_are_written_smaller_than_on_the_screens_since_their_letters_are_wider() -> None:
    chart = page(report(some())).charts[0]["layout"]["annotations"]  # type: ignore[index]
    named = [one for one in chart if "with documents" in one["text"] and "font-size:11px" in one["text"]]
    assert len(named) == 2
    assert {one["font"]["size"] for one in named} == {12}


def test_its_file_is_called_after_the_experiment() -> None:
    assert report_name("Mill / <b>: 2") == "assay-report-Mill-b-2.html"
    assert report_name("…") == "assay-report-experiment.html"


# ------------------------------------------------------------------------ nothing in it acts or fetches


def hostile(words: str) -> Report:
    """The words in the place of everything that comes from outside."""
    who = [Candidate("fake" + words, words, Options(instruction=words)), given(words), bare("other")]
    one = examined(who, "rrwa", "rrww", "rwww", causes=CAUSES, costed=paid(1, 2, 3))
    told = {"machine": words, words: words}
    experiment = replace(one.experiment, name=words, dataset_name=words, snapshot=told)
    names = {each.hash: f"{words} {place}" for place, each in enumerate(who)}
    return report(
        replace(one, experiment=experiment, rules={words: 3}),
        look=Look(names, colours(names)),
        used=Used((ScorerUse(words, words, 1, 0),), (PriceUse({words: words}, 1),)),
    )


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_names_read_as_typed_and_make_no_element(words: str) -> None:
    bad, good = page(hostile(words)), page(hostile("harmless"))
    assert bad.elements == good.elements
    assert [one[:2] for one in bad.attributes] == [one[:2] for one in good.attributes]
    assert bad.attribute("src") == bad.attribute("href") == []
    assert bad.text.count(words) >= 20, "as typed"
    assert [kind for kind, _ in bad.scripts] == ["application/json", "", ""]
    told = str(bad.charts)
    assert "<img" not in told
    assert "<script" not in told
    assert "<a " not in told
    if words.startswith("#"):
        assert f"{words} 0" in told, "a name that looks like a colour of the theme stays a name"


def test_only_its_own_scripts_may_run_and_nothing_may_be_fetched() -> None:
    found = page(report(some()))
    (policy,) = [value for _, name, value in found.attributes if name == "content" and "default-src" in value]
    rules = dict(one.split(" ", 1) for one in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert "connect-src" not in rules, "which default-src forbids"
    assert rules["img-src"] == "data: blob:"
    digests = [
        base64.b64encode(hashlib.sha256(words.encode()).digest()).decode()
        for kind, words in found.scripts
        if not kind
    ]
    assert rules["script-src"] == " ".join(f"'sha256-{one}'" for one in digests)


def test_nothing_outside_is_named() -> None:
    html = made(report(some()))
    assert "http:" not in html
    assert "https:" not in html
    assert "@import" not in html
    assert "url(" not in html
    assert html.count(WRITTEN) == 1


def test_the_colours_of_the_theme_are_put_in() -> None:
    html = made(report(some()))
    for placeholder, colour in chart_colours().items():
        assert placeholder not in html
        assert colour.startswith("#")


def test_plotly_stands_in_a_script_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    source = report_html.plotly()
    assert not any(words in source.lower() for words in ("</script", "<script", "<!--", "\r"))


def test_a_chart_s_data_cannot_end_its_element_whatever_stands_in_it() -> None:
    raw = "</script><script>alert(1)</script><!--"
    figure = Figure(data=[{"type": "scatter", "text": [raw]}], layout={"margin": {"t": 0}})
    written = report_html.data([report_html.Chart("key", figure, Finding(raw, raw))])
    inside = written.removeprefix('<script type="application/json" id="charts">').removesuffix("</script>")
    assert "<" not in inside
    assert json.loads(inside)[0]["data"][0]["text"] == [raw]


def test_of_markdown_only_bold_and_italics_are_known() -> None:
    assert report_html.marked("**a** *b*") == "<strong>a</strong> <em>b</em>"
    for words in ("[x](javascript:alert(1))", "![x](//evil.example)", "<b>", "# x", "`x`"):
        assert report_html.marked(words) == escape(words)
