"""The charts as Plotly gets them."""

from __future__ import annotations

import json

from app.ui.charts import (
    Axis,
    Mark,
    Row,
    Speck,
    Stack,
    _room,
    days_chart,
    label,
    rows_chart,
    shortened,
    title_lines,
)
from app.ui.findings import Finding
from app.ui.theme import lane_style
from tests.experiments import given

STYLE = lane_style(0, dark=False)
FINDING = Finding(
    "<b>Model</b> & co. was right most often of all the models that were asked", "Share, 20 answers"
)
ROWS = [
    Row(
        "a",
        "m <i>x</i> with documents",
        "71% (61-80)",
        STYLE,
        (Mark(0.71, "<a href='x'>71%</a>", 0.61, 0.8),),
    ),
    Row("b", "n without documents", "not judged yet", STYLE),
]


def test_texts_from_outside_are_no_tags() -> None:
    specks = (Speck(1.0, "q1", "<b>%{x}</b>"),)
    figure = rows_chart(FINDING, [Row("a", "<b>", "1", STYLE, (), specks), *ROWS], Axis("x"))
    told = json.dumps(figure.to_dict(), default=list)
    assert "<i>" not in told
    assert "<a " not in told
    assert "&lt;i&gt;" in told
    assert "%{x}" not in told


def test_axes_begin_at_zero_and_shares_end_at_one() -> None:
    figure = rows_chart(FINDING, ROWS, Axis("Share", top=1.0, percent=True)).to_dict()
    assert list(figure["layout"]["xaxis"]["range"]) == [0, 1.0]
    bars = rows_chart(FINDING, ROWS, Axis("Cost"), shape="bar").to_dict()
    assert bars["layout"]["xaxis"]["rangemode"] == "tozero"
    assert bars["data"][0]["type"] == "bar"


def test_an_interval_is_drawn_from_its_ends() -> None:
    dot = rows_chart(FINDING, ROWS, Axis("x")).to_dict()["data"][0]
    assert round(dot["x"][0] + dot["error_x"]["array"][0], 6) == 0.8
    assert round(dot["x"][0] - dot["error_x"]["arrayminus"][0], 6) == 0.61
    assert tuple(dot["customdata"][0]) == ("a", "")


def test_a_chart_without_rows_is_drawn() -> None:
    assert rows_chart(FINDING, [], Axis("x")).layout.height > 100


def test_the_title_has_room() -> None:
    low = rows_chart(FINDING, ROWS, Axis("x"))
    high = rows_chart(FINDING, ROWS, Axis("x"), room=8)
    assert title_lines(FINDING) == 4
    assert high.layout.margin.t > low.layout.margin.t


def test_names_are_cut_before_what_tells_them_apart() -> None:
    long = "Qwen2.5-0.5B-Instruct-GGUF-from-somewhere:Q4_K_M"
    assert shortened(f"{long} with documents").endswith("K_M with documents")
    assert shortened(f"{long} without documents").endswith("without documents")
    assert _room(shortened(f"{long} with documents")) <= 400, "40 letters of usual width"
    assert len(shortened("x" * 99)) == 40
    collection = f"{long} with documents, collection Everything that we ever wrote"
    assert _room(shortened(collection)) <= 400
    assert shortened(collection).startswith("Qwen2.5-0.…4_K_M with Everything")
    assert shortened("tiny with documents, collection A long one of many") == "tiny with A long one of many"
    assert shortened("short with documents") == "short with documents"
    passages = shortened("SmolLM2-135M-Instruct with documents, 1 passage")
    assert passages.endswith("uct with documents, 1 passage")
    assert _room(passages) <= 400


def test_wide_letters_take_the_room_that_they_need() -> None:
    assert len(shortened("W" * 80)) < 32
    assert len(shortened("漢" * 80)) < 22
    plain, wide = (title_lines(Finding(letter * 30, "")) for letter in "aW")
    assert wide > plain


def test_a_long_figure_takes_its_room_from_the_name() -> None:
    name = "SmolLM2-135M-Instruct without documents"

    def told(figure: str) -> str:
        row = Row("a", name, figure, STYLE)
        return str(rows_chart(FINDING, [row], Axis("x")).to_dict()["layout"]["annotations"])

    assert name in told("0.27 s / 7.5 s")
    assert name not in told("0.27 s / 7.5 s (shared)")
    assert "without documents" in told("0.27 s / 7.5 s (shared)")


def test_single_answers_are_faint_only_behind_a_mark() -> None:
    specks = (Speck(1.0, "q1", "x"),)
    rows = [Row("a", "m", "1", STYLE, (Mark(1.0, "x"),), specks), Row("b", "n", "1", STYLE, (), specks)]
    drawn = rows_chart(FINDING, rows, Axis("x")).to_dict()["data"]
    behind, alone = (one["marker"]["opacity"] for one in drawn if "opacity" in one["marker"])
    assert 0.5 < behind < alone, "both can be seen on a dark page"


def test_days_are_stacked_by_candidate() -> None:
    stacks = [Stack("<b>", STYLE, [0.1, 0.0], ["a", "b"])]
    figure = days_chart(FINDING, ["2026-01-01", "2026-01-02"], stacks, "$").to_dict()
    assert figure["layout"]["barmode"] == "stack"
    assert figure["data"][0]["name"] == "&lt;b&gt;"


def test_labels_are_one_line() -> None:
    assert label("a\n b <c> & %{d}\x00") == "a b &lt;c&gt; &amp; %\u2060{d}\ufffd"


def test_the_place_of_the_right_passage_stays_where_a_name_is_cut() -> None:
    who = given("SmolLM2-135M-Instruct", k=32, gold_at=16)
    assert shortened(who.label).endswith("with the right passage at 16 of 32")
    assert _room(shortened(who.label)) <= 400


def test_beside_a_long_figure_the_place_stays_too() -> None:
    def told(at: int) -> str:
        row = Row("a", given("qwen2.5-coder:0.5b", k=4, gold_at=at).label, "67% (21-94), 25% unscored", STYLE)
        return str(rows_chart(FINDING, [row], Axis("x")).to_dict()["layout"]["annotations"])

    assert "with passage at 1 of 4" in told(1)
    assert "with passage at 2 of 4" in told(2)
