"""What the screens say of an experiment: the sentence, the findings, the bars, the grid and its filters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.domain import (
    IMPORTED_BACKEND,
    UNKNOWN_FIGURE,
    BreakEven,
    Candidate,
    Cause,
    Crossing,
    Examined,
    Family,
    Outcome,
    PayOff,
    PriceUse,
    Provenance,
    Rival,
    ScorerUse,
    Used,
    VerdictKind,
    VerdictSettings,
    Workload,
)
from app.evaluation.verdict import verdict_of
from app.ui import cause_chart, claim_chart, figures, next_steps, result_grid, right_chart
from app.ui.case_words import NOT_ASKED
from app.ui.cause_chart import UNTOLD
from app.ui.charts import Axis, rows_chart
from app.ui.naming import candidate_names
from app.ui.result_filters import Chosen, rows_of
from app.ui.result_how import how_lines, price_words
from app.ui.result_look import Look, join, ranked, twin_hashes
from app.ui.result_measures import (
    abstention_table,
    candidate_table,
    fact_table,
    scorer_table,
)
from app.ui.theme import colours
from app.ui.verdict_words import headline, on_screen
from tests.experiments import bare, examined, given, paid
from tests.storage.examples import NOON
from tests.ui.streamlit_markdown import read

SMALL, LARGE = [given(), bare()], [given("large"), bare("large")]
HALF, MOST, FEW = "rw" * 10, "r" * 18 + "ww", "rr" + "w" * 18


def look(one: Examined) -> Look:
    candidates = {who.hash: who for who in one.experiment.candidates}
    return Look(candidate_names(candidates, {"c": "Mill"}), colours(candidates))


def sentence_of(one: Examined) -> str:
    """The verdict in large, as Markdown."""
    return headline(verdict_of(one, VerdictSettings()), one.experiment, on_screen(look(one).names))


def shown(markdown: str) -> str:
    """What a browser shows, without the joiners that keep an interval together."""
    return read(markdown).text.replace("\u2060", "").strip()


# ------------------------------------------------------------------------ the sentence


def test_a_long_name_in_the_sentence_keeps_that_it_was_imported() -> None:
    one = examined([given(), bare()], MOST, FEW)
    who = one.experiment.candidates[0].hash
    names = {**look(one).names, who: "in-house-9000 " + "very long name " * 20 + "(imported)"}
    words = headline(verdict_of(one, VerdictSettings()), one.experiment, on_screen(names))
    assert "long name (imported) was right" in shown(words)


def test_a_cause_of_a_newer_assay_has_no_name_and_breaks_no_cell() -> None:
    (trial,) = examined([given()], "w").trials
    assert result_grid.cell_words([replace(trial, cause="of tomorrow")]) == "✗ wrong"


def test_where_the_best_is_behind_on_what_both_were_scored_on_it_is_not_called_first() -> None:
    ahead = examined(SMALL, "r" * 30 + "w" * 10 + "u" * 10, "u" * 30 + "r" * 10 + "w" * 10)
    assert ahead.results.comparisons[0].decisive
    assert "was right most often" not in right_chart._lead(
        ahead.results, ahead.results.candidates, look(ahead).names
    )


def test_hostile_names_read_as_typed() -> None:
    name = "x*y_$1$:red[z]<b>![p](www.example.org)"
    found = examined([given(name), bare(name)], MOST, FEW)
    text = sentence_of(found)
    assert name in shown(text).replace("\u2060", "")
    assert not read(text).links
    assert read(text).found == ()


@drawn(st.lists(st.text("rwauf.", min_size=5, max_size=5), min_size=4, max_size=4))
def test_the_chart_s_title_finds_no_more_than_was_tested(letters: list[str]) -> None:
    found = examined([*SMALL, *LARGE], *letters)
    title = right_chart.right_finding(found, look(found).names).title
    assert "helped" not in title  # Five questions never decide.
    assert "most often" not in title


# ------------------------------------------------------------------------ the interval plot


def test_findings_of_the_interval_plot() -> None:
    def title(one: Examined) -> str:
        return right_chart.right_finding(one, look(one).names).title

    assert title(examined([*SMALL, *LARGE], MOST, FEW, MOST, FEW)) == "Adding documents helped every model"
    assert title(examined(SMALL, FEW, MOST)) == "Adding documents hurt"
    part = examined([*SMALL, *LARGE], MOST, FEW, HALF, HALF)
    assert title(part) == "Adding documents helped in 1 of 2 cases, and decidedly hurt in none"
    assert (
        title(examined([given(), given("large")], FEW, MOST)) == "large with documents was right most often"
    )
    assert title(examined(SMALL, HALF, HALF)).startswith("Not decisive")
    assert title(examined(SMALL, "uu", "uu")) == "Nothing could be scored yet"


def test_twins_are_joined_and_what_is_unscored_stands_with_the_share() -> None:
    found = examined(SMALL, "rrru", "wwww")
    here = look(found)
    rows = [right_chart._row(found.results.candidates[place], here) for place in ranked(found)]
    assert rows[0].figure == "100% (44-100), 25% unscored"
    fewer = examined(SMALL, "rr..", "wwww")
    first = right_chart.right_figure(
        fewer, look(fewer), right_chart.right_finding(fewer, look(fewer).names)
    ).layout.annotations[0]
    assert "100% (34-100), on 2 of them" in first.text
    assert twin_hashes(found.experiment) == [(SMALL[0].hash, SMALL[1].hash)]
    figure = rows_chart(right_chart.right_finding(found, here.names), rows, Axis("Share right"))
    join(figure, rows, twin_hashes(found.experiment))
    (line,) = figure.layout.shapes
    assert line.path == "M 1.0,0 L 1.0,-1 L 0.0,-1", "down to the other's row, and along it"


def test_the_best_stands_on_top_and_its_twin_right_below() -> None:
    found = examined([*SMALL, given("alone"), *LARGE], FEW, "w" * 20, HALF, MOST, "w" * 20)
    assert ranked(found) == [3, 4, 2, 0, 1]
    assert ranked(examined(SMALL, FEW, MOST)) == [1, 0]
    figure = cause_chart.cause_figure(found, look(found), cause_chart.cause_finding(found))
    named = [one.text for one in figure.layout.annotations if " with" in one.text]
    assert "large with documents" in named[0], "the same order in every chart"


def test_what_waits_for_the_judge_is_apart_from_what_is_unscored() -> None:
    found = examined(SMALL, "rwju", "jjjj", causes={"w": Cause.DISTRACTED})
    here, (first, second) = look(found), found.results.candidates
    assert (first.unscored, first.unjudged, first.scored) == (1, 1, 2)
    assert (second.unscored, second.unjudged, second.scored) == (0, 4, 0)
    figures = [right_chart._row(one, here).figure for one in (first, second)]
    assert figures[0].endswith(", 25% unscored, 25% not judged yet")
    assert figures[1] == "nothing scored, 100% not judged yet"
    table = right_chart.right_table([first, second], here.names)
    assert [row[table.columns.index("Not judged yet")] for row in table.rows] == [1, 4]
    assert [row[table.columns.index("Unscored")] for row in table.rows] == [1, 0]
    assert ("Not judged yet", "5 answers, in no share") in fact_table(found).rows
    bar, _ = cause_chart.cause_figure(found, here, cause_chart.cause_finding(found)).data
    assert list(bar.x) == [0.5], "one of the two that are scored"
    assert claim_chart.claim_lines(found.claims[0], here.names)[-1].startswith("No answer")
    # Where nobody waits there is no word of it.
    without = examined(SMALL, "rwwu", "rrrr")
    assert "Not judged yet" not in right_chart.right_table(without.results.candidates, here.names).columns
    assert "Not judged yet" not in [row[0] for row in fact_table(without).rows]


def test_where_nothing_is_judged_yet_the_chart_says_so() -> None:
    found = examined(SMALL, "jjjj", "jjjj")
    assert right_chart.right_finding(found, look(found).names).title == "Nothing was judged yet"


def test_rules_are_told_with_how_often_each_applied() -> None:
    words = right_chart.rules_words({"contains": 40, "your own mark": 1})
    assert words == (
        "What told whether an answer is right: whether it has the words of a right answer (contains): "
        "40 answers; your own mark: 1 answer."
    )


# ------------------------------------------------------------------------ the causes


def caused() -> Examined:
    causes = {"w": Cause.RANKED_TOO_LOW, "a": Cause.REFUSED, "f": Cause.FAILED}
    return examined([given(), given("large")], "wwafrr", "rrrrww", causes=causes)


def test_the_parts_of_a_bar_add_up_to_what_is_not_right() -> None:
    found = caused()
    figure = cause_chart.cause_figure(found, look(found), cause_chart.cause_finding(found))
    parts = sorted(
        (y, base, x, key[1])
        for bar in figure.data
        if bar.type == "bar"
        for y, base, x, key in zip(bar.y, bar.base, bar.x, bar.customdata, strict=True)
    )
    first = [one for one in parts if one[0] < -1]  # below the better one
    assert [one[3] for one in first] == [Cause.RANKED_TOO_LOW, Cause.REFUSED, Cause.FAILED]
    for one, following in pairwise(first):
        assert abs(one[1] + one[2] - following[1]) < 1e-9
    assert abs(sum(one[2] for one in first) - 4 / 6) < 1e-9
    assert cause_chart.cause_finding(found).title == (
        "Of 6 answers with documents that are not right, 4 are the index's, 1 the model's, 1 neither's"
    )


def test_causes_have_colours_of_their_own_and_a_pattern_a_family() -> None:
    shades = [cause_chart.colour_of(one) for one in Cause]
    assert len(set(shades)) == len(shades)
    lanes = {one.colour for one in colours(str(n) for n in range(9)).values()}
    assert not lanes & set(shades)
    assert len(set(cause_chart._PATTERNS.values())) == len(Family)


def test_without_colours_every_part_is_told_by_its_number_which_the_legend_has() -> None:
    kinds = Cause.RANKED_TOO_LOW, Cause.INVENTED, Cause.DISTRACTED, Cause.MODEL_WRONG
    causes = dict(zip("wafe", kinds, strict=True))
    # One part in 200 is too narrow for any name, and several such stand beside each other.
    word = "r" * 40 + "wafe" + "w" * 156
    found = examined([given(), given("large")], word, "wa" + "r" * 198, causes=causes)
    figure = cause_chart.cause_figure(found, look(found), cause_chart.cause_finding(found))
    bars, (numbers,) = figure.data[:-1], figure.data[-1:]
    assert numbers.mode == "text"
    parts = {key for bar in bars for key in map(tuple, bar.customdata)}
    told = dict(zip(map(tuple, numbers.customdata), numbers.text, strict=True))
    assert told.keys() == parts, "each part has one"
    by_cause = {cause: {told[key] for key in told if key[1] == cause} for _, cause in told}
    assert all(len(own) == 1 for own in by_cause.values()), "the same in all bars"
    assert len(set.union(*by_cause.values())) == len(by_cause), "and none that is another's"
    for family in cause_chart.named_causes(found).values():
        for one in family:
            assert f"**{one.number}** " in cause_chart.legend(found)
    for row in set(numbers.y):
        places = [(x, int(n)) for x, y, n in zip(numbers.x, numbers.y, numbers.text, strict=True) if y == row]
        assert [n for _, n in places] == sorted(n for _, n in places), "in the order of the parts"
        assert all(after - before > 0.02 for (before, _), (after, _) in pairwise(places)), "none on another"


def test_the_table_and_the_legend_have_every_part() -> None:
    found = caused()
    keys, table = cause_chart.table_of(found, look(found).names)
    assert len(keys) == len(table.rows) == 4
    assert keys[0] == (given().hash, Cause.RANKED_TOO_LOW.value)
    assert sum(int(str(row[3])) for row in table.rows) == 6
    assert "Ranked too low: 4 answers" in cause_chart.legend(found)
    untold = examined([given()], "ww")
    assert cause_chart.table_of(untold, look(untold).names)[0] == [(given().hash, UNTOLD)]
    assert "Not looked for yet:** 2 answers (number 1)" in cause_chart.legend(untold)
    both = examined([given(), bare()], "www", "ww", causes={"w": Cause.INVENTED})
    assert "Invented: 3 answers, and 2 without documents" in cause_chart.legend(both), (
        "the title counts the 3"
    )


def test_nothing_wrong_and_nobody_given_documents() -> None:
    assert cause_chart.cause_finding(examined([given()], "rr")).title == "No answer was found wrong"
    untold = cause_chart.cause_finding(examined([given()], "rw")).title
    assert untold == "Why 1 answer with documents is not right was not looked for yet"
    told = cause_chart.cause_finding(examined([bare()], "rw", causes={"w": Cause.NO_DOCUMENTS})).title
    assert told == "Nobody was given documents, so neither the index nor the model is to blame"


def test_imported_answers_are_not_among_those_whose_cause_is_told() -> None:
    bought = Candidate(IMPORTED_BACKEND, "large", provenance=Provenance("openai", documents=True))
    causes = {"w": Cause.RANKED_TOO_LOW, "e": Cause.NOT_RECORDED}

    def title(*words: str) -> str:
        return cause_chart.cause_finding(examined([given(), bought], *words, causes=causes)).title

    assert title("rww", "ree") == (
        "Of 2 answers with documents that are not right, imported ones aside, 2 are the index's, 0 the "
        "model's"
    )
    assert title("rrr", "ree") == (
        "No answer with documents was wrong, imported ones aside, so neither the index nor the model is to "
        "blame"
    )
    assert title("rww", "rrr") == (
        "Of 2 answers with documents that are not right, 2 are the index's, 0 the model's"
    )


def test_one_repeat_is_not_spoken_of_as_several() -> None:
    found = examined([given(), given("large")], "rw", "rr", costed=paid(1, 1))
    (once,) = [one for one in how_lines(found, Used()) if "Intervals draw" in one]
    assert "draw the questions anew 4,000 times; where" in once
    several = replace(found, experiment=replace(found.experiment, repeats=3))
    (more,) = [one for one in how_lines(several, Used()) if "Intervals draw" in one]
    assert "draw the questions anew 4,000 times, each with all its repeats; where" in more
    brackets = [one for one in how_lines(found, Used()) if one.startswith("**In brackets**")]
    assert brackets[0].endswith("told by wider intervals, which hold for all candidates together.")
    alone = examined([given()], "rw")
    assert not [one for one in how_lines(alone, Used()) if "wider intervals" in one]


def test_each_remedy_leads_to_a_page() -> None:
    found = caused().experiment
    assert next_steps.remedy_query("dataset", found, "c") == {"dataset": "D"}
    assert next_steps.remedy_query("documents", found, "c") == {"collection": "c"}
    assert next_steps.remedy_query("documents", found, "") == {}
    assert next_steps.remedy_query("experiments", found, "c") == {"new": "yes", "dataset": "D"}
    assert next_steps.remedy_query("models", found, "c") == {}


def _draw_the_sentence() -> None:
    import streamlit as st

    from app.ui.results import draw_sentence

    examined, verdict, look = st.session_state["drawn"]
    draw_sentence(examined, verdict, look, lambda *_: None)


@pytest.mark.parametrize(
    ("kind", "letters"),
    [
        (VerdictKind.NOTHING_ASKED, ("....", "....")),
        (VerdictKind.NOTHING_JUDGED, ("jjjj", "jjjj")),
        (VerdictKind.NOTHING_SCORED, ("uuuu", "uuuu")),
        (VerdictKind.UNSCORED, ("rrrrrruu", "wwwwwwww")),
        (VerdictKind.UNSCORED, ("rrrrwwww", "rrrwuuuu")),
        (VerdictKind.NEVER, ("wwww", "wwww")),
        (VerdictKind.ALONE, ("rrww", "....")),
        (VerdictKind.REVERSED, ("r" * 60 + "w" * 21 + "." * 19, "r" * 68 + "wwwr" + "w" * 28)),
        (VerdictKind.CLEAR, ("r" * 20, "w" * 20)),
        (VerdictKind.TIE, ("rw" * 1000, "wr" + "rw" * 999)),
        (VerdictKind.EQUAL, ("rrww", "rwrw")),
        (VerdictKind.TOO_FEW, ("rrrw", "rwww")),
    ],
)
def test_each_sentence_is_drawn_with_a_way_to_the_answers_of_each_that_it_names(
    kind: VerdictKind, letters: tuple[str, ...]
) -> None:
    found = examined([given(), given("large")], *letters)
    verdict = verdict_of(found, VerdictSettings())
    test = AppTest.from_function(_draw_the_sentence)
    test.session_state["drawn"] = found, verdict, look(found)
    test.run()
    assert not test.exception
    assert verdict.head.kind is kind
    assert [one.key for one in test.button] == [f"behind-{one.candidate.hash}" for one in verdict.head.who]


def test_what_to_do_next_is_of_one_candidate_and_says_what_it_could_win_at_most() -> None:
    causes = {"w": Cause.INVENTED, "a": Cause.RANKED_TOO_LOW, "f": Cause.CANNOT_BE_TOLD}
    found = examined([*SMALL, given("large")], "rrrwwaaf", "wwwwwwww", "rrrrrrrw", causes=causes)
    assert next_steps.about(found, given("large").hash) == [2, 0], "the best first; none without documents"
    own = found.remedies[0]
    first, second, third = (shown(next_steps.remedy_words(one)) for one in own.largest)
    assert first == (
        "Invented (2 answers): Tell the model to say when the documents do not contain it, or try another "
        "model. Were all of it mended: right on 62% at most."
    )
    assert second.endswith(
        "Give more passages (a larger k), or use a reranker, a model that sorts what was "
        "found; Assay has none. Were all of it mended: right on 62% at most."
    )
    assert third.endswith("the gold text to the question. This wins nothing by itself, but tells what would.")
    assert shown(next_steps.family_words(own)) == (
        "If everything that the index missed were mended, it would be right on 62% of the questions at most. "
        "If everything that the model got wrong were mended, it would be right on 62% of the questions at "
        "most."
    )


def test_without_documents_what_is_next_is_of_those_without() -> None:
    found = examined([bare()], "rw", causes={"w": Cause.NO_DOCUMENTS})
    assert next_steps.about(found, bare().hash) == [0]
    assert next_steps.about(examined(SMALL, "rr", "rr"), "") == []


# ------------------------------------------------------------------------ the claim


def test_home_tells_the_claim_in_a_sentence_a_model() -> None:
    found = examined(SMALL, "r" * 12 + "wwwwkkww", "w" * 8 + "r" * 4 + "w" * 8, unanswerable=4)
    told = shown(claim_chart.claim_sentence(found.claims[0], look(found).names))
    assert told.startswith(
        "small was wrong on 30% (15-52) with documents and 80% (58-92) without (−50 points, −67 to −22). "
        "The difference is decisive. Where the documents have no answer it invented on 50% (15-85) with "
        "documents and 100% (51-100) without ("
    )
    assert told.endswith(
        "Of 6 wrong answers with documents, none were right without them; of 16 wrong answers without "
        "documents, 10 were right with them."
    )


def test_small_corrected_p_is_told_as_less() -> None:
    found = examined(SMALL, "r" * 60, "w" * 60)
    table = right_chart.pairs_table(found.results.comparisons, look(found).names)
    assert table.rows[0][table.columns.index("Corrected p")] == "< 0.001"


def test_findings_of_the_claim() -> None:
    def titles(one: Examined) -> list[str]:
        names = look(one).names
        return [claim_chart.claim_finding(kind, one.claims, names).title for kind in ("wrong", "invented")]

    better = examined(SMALL, "r" * 10 + "k" * 10, "w" * 20, unanswerable=10)
    assert titles(better) == ["Documents made small wrong less often", "Documents made small invent less"]
    worse = examined(SMALL, "w" * 20, "r" * 10 + "k" * 10, unanswerable=10)
    assert titles(worse) == ["Documents made small wrong more often", "Documents made small invent more"]
    same = examined(SMALL, HALF, HALF, unanswerable=10)
    assert titles(same) == [
        "Not decisive whether documents made small wrong more or less often",
        "Not decisive whether documents made small invent more or less",
    ]
    mixed = examined([*SMALL, *LARGE], "r" * 20, "w" * 20, "w" * 20, "r" * 20)
    assert titles(mixed)[0] == ("Documents made small wrong less often, and large wrong more often")


def test_which_answers_changed_sides_is_told_both_ways() -> None:
    (claim,) = examined(SMALL, "wwwrr", "rrwww").claims
    assert claim_chart.changed_words(claim) == (
        "of 3 wrong answers with documents, 2 were right without them; "
        "of 3 wrong answers without documents, 2 were right with them."
    )
    (none,) = examined(SMALL, "rr", "wr").claims
    assert claim_chart.changed_words(none) == (
        "no answer with documents was wrong; of 1 wrong answer without documents, 1 was right with them."
    )


# ------------------------------------------------------------------------ the grid


def test_what_a_cell_says() -> None:
    def words(letters: str, cause: Cause | None = None, repeats: int = 1) -> str:
        causes = dict.fromkeys("waf", cause) if cause else None
        one = examined([given()], letters, repeats=repeats, causes=causes)
        return result_grid.cell_words(result_grid.cells_of(one.trials).get((0, 0), ()))

    assert words("r") == "✓ right"
    assert words("w", Cause.DISTRACTED) == "✗ wrong: distracted"
    assert words("a", Cause.RANKED_TOO_LOW) == "⊘ refused: ranked too low"
    assert words("f", Cause.FAILED) == "! failed"
    assert words("w") == "✗ wrong"
    assert words("u") == "? unscored"
    assert words(".") == NOT_ASKED
    assert words("rwr", Cause.NOT_REPEATABLE, repeats=3) == "✗ 2 of 3 right: not repeatable"
    assert words("rru", repeats=3) == "✓ 2 of 2 right, 1 unscored"
    assert words("uuu", repeats=3) == "? 3 unscored"
    assert words("j") == "… not judged yet"
    assert words("rju", repeats=3) == "✓ 1 of 1 right, 1 unscored, 1 not judged yet"
    assert words("jjj", repeats=3) == "… 3 not judged yet"


def test_what_is_chosen_in_the_grid_is_told_before_it_is_opened() -> None:
    found = examined(SMALL, "rw", "wr", causes={"w": Cause.DISTRACTED})
    cells = result_grid.cells_of(found.trials)
    told = shown(result_grid.chosen_words(found, look(found), cells, (1, 0)))
    assert "2. Question 1?" in told
    assert told.endswith("small with documents: ✗ wrong: distracted")
    assert shown(result_grid.chosen_words(found, look(found), cells, (0, None))) == "1. Question 0?"


def test_the_grid_has_a_row_a_question_and_a_column_a_candidate() -> None:
    found = examined(SMALL, "rw", "wr")
    cells = result_grid.cells_of(found.trials)
    made = result_grid.grid_of(found, look(found), [1], [1], cells)
    assert made.columns == ("No.", "Question", "■ small without documents")
    assert made.rows == ((2, "Question 1?", "✓ right"),)


def test_headings_of_the_grid_end_with_whole_words_where_there_is_room() -> None:
    for name in ("✖ smollm2:135m with documents", "⬢ qwen2.5-coder:0.5b without documents"):
        assert result_grid._heading(name) == name


def test_headings_of_the_grid_tell_candidates_apart_to_their_ends() -> None:
    long = "A-Model-With-A-Very-Long-Name-7B-Instruct with documents, collection "
    headings = [result_grid._heading(f"{long}{end}, 8 passages") for end in ("Mill 256", "Mill 512")]
    assert [one[-20:] for one in headings] == ["Mill 256, 8 passages", "Mill 512, 8 passages"]
    assert all(7 * len(one) < result_grid._width(one) <= 320 for one in headings)


def test_of_repeats_the_one_that_went_wrong_opens() -> None:
    own = examined([given()], "rwr", repeats=3).trials
    assert result_grid._first_to_see(own) == "A0-1"
    assert result_grid._first_to_see(own[:1]) == "A0-0"
    assert result_grid._first_to_see(()) == ""


def test_filters() -> None:
    causes = {"w": Cause.DISTRACTED, "a": Cause.REFUSED}
    found = examined(SMALL, "rwau", "wrrr", causes=causes)
    assert rows_of(found, Chosen()) == [0, 1, 2, 3]
    assert rows_of(found, Chosen(outcomes=frozenset({Outcome.WRONG}))) == [0, 1]
    assert rows_of(found, Chosen(outcomes=frozenset({Outcome.WRONG}), candidates=(0,))) == [1]
    assert rows_of(found, Chosen(outcomes=frozenset({Outcome.REFUSED, Outcome.UNSCORED}))) == [2, 3]
    assert rows_of(found, Chosen(cause=Cause.DISTRACTED.value, candidates=(1,))) == [0]
    assert rows_of(found, Chosen(cause=Cause.DISTRACTED.value, outcomes=frozenset({Outcome.RIGHT}))) == []
    assert rows_of(found, Chosen(text=" ANSWER 2")) == [2]
    assert rows_of(found, Chosen(tag="table")) == []
    assert rows_of(examined([given()], "wr"), Chosen(cause=UNTOLD)) == [0]


@drawn(st.text("rwauf.", min_size=8, max_size=8), st.sets(st.sampled_from(list(Outcome))))
def test_each_outcome_is_found_by_its_filter(word: str, outcomes: set[Outcome]) -> None:
    found = examined([given()], word)
    rows = rows_of(found, Chosen(outcomes=frozenset(outcomes)))
    parts = [set(rows_of(found, Chosen(outcomes=frozenset({one})))) for one in outcomes]
    assert set(rows) == (set().union(*parts) if outcomes else set(range(8)))


# ------------------------------------------------------------------------ how it was measured


def test_how_it_was_measured() -> None:
    found = examined(SMALL, "ru", "ww")
    facts = {row[0]: row[1] for row in fact_table(found).rows}
    assert facts["Questions"] == "2 of “Mill”, 0 of them without an answer in the documents"
    assert facts["Not scored"] == "1 answer, in no share"
    assert facts["Speed"] == "several answers at once, so that times are not compared"
    assert facts["Asked more than once"] == "none"
    assert facts["What is right is said by"] == "the words of a right answer (contains)"
    judge, other = Candidate("court", "solomon"), Candidate("court", "portia")
    judged = replace(found, experiment=replace(found.experiment, judge=judge))
    facts = {row[0]: row[1] for row in fact_table(judged).rows}
    assert facts["What is right is said by"] == "the judge solomon of court, digest unknown"
    uses = [ScorerUse(name, "1", 2, 0) for name in ("contains", f"judge:{judge.hash}", f"judge:{other.hash}")]
    told = [row[0] for row in scorer_table(uses, judge).rows]
    assert told == ["contains", "judge (solomon)", f"judge (another, {other.hash[:4]})"]
    rows = candidate_table(found.experiment, look(found).names).rows
    assert [row[3] for row in rows] == ["unknown", "unknown"]
    assert [row[8] for row in rows] == ["4", "none"]


def test_how_it_was_measured_is_told_in_words_first() -> None:
    told = [shown(line) for line in how_lines(examined(SMALL, "ru", "ww", unanswerable=1), Used())]
    assert told[0].startswith(
        "Asked: 2 questions of “Mill”, 1 of them without an answer in the documents; each put once to "
        "2 candidates, on "
    )
    assert told[1].startswith("Right is an answer that holds one of the right answers, word for word")
    assert told[3].startswith("Decisive: two candidates are compared question by question")
    assert told[4] == "Not scored: 1 answer that no rule could judge; they are in no share."
    assert told[5:] == ["Machine: unknown.", "Models: small on fake, digest unknown."]
    priced = [shown(line) for line in how_lines(examined([given()], "rw", costed=paid(1)), Used())]
    assert any(line.startswith("What a right answer costs: all that answers cost") for line in priced)
    assert not any(line.startswith("What a right") for line in told)
    alone = [shown(line) for line in how_lines(examined([given()], "rw"), Used())]
    assert not any(line.startswith("Decisive") for line in alone)
    assert "Not scored: nothing; every answer counts." in alone


def test_recorded_answers_were_put_to_nobody_here_and_have_their_own_dates() -> None:
    bought = Candidate(IMPORTED_BACKEND, "large", provenance=Provenance("openai"))
    found = examined([*SMALL, bought], "rr", "ww", "r.", elsewhere=[bought.hash])
    before = NOON - timedelta(days=40)
    dates = {one.hash: (NOON, NOON + timedelta(days=1)) for one in SMALL} | {bought.hash: (before, before)}
    told = shown(how_lines(found, Used(dates=dates))[0])
    asked = f"{figures.day(NOON)} to {figures.day(NOON + timedelta(days=1))}"
    assert told == (
        f"Asked: 2 questions of “Mill”; each put once to 2 candidates, on {asked}; 1 answer of 1 candidate "
        f"was not asked here but recorded elsewhere, dated {figures.day(before)}."
    )
    alone = shown(how_lines(examined([bought], "rw", elsewhere=[bought.hash]), Used())[0])
    assert "Models: large, recorded elsewhere: its weights are not known." in [
        shown(line) for line in how_lines(examined([bought], "rw"), Used())
    ]
    assert alone == (
        "Asked: 2 questions of “Mill”; 2 answers of 1 candidate were not asked here but recorded elsewhere."
    )


def test_prices_say_what_is_not_known_and_of_which_machine_they_are() -> None:
    unknown = PriceUse({"kind": "list price", "date of the answer": "assumed"}, 36, known=False)
    assert price_words(unknown) == "36 answers: what they cost is not known."
    own = PriceUse({"kind": "own machine", "machine": "this machine", "watts": "40"}, 2)
    here, away = (
        [shown(line) for line in how_lines(examined([given()], "rw", elsewhere=names), Used(prices=(own,)))]
        for names in ([], [given().hash])
    )
    told = "Prices: 2 answers: by their time on a machine of one’s own"
    assert f"{told} (this machine); watts: 40." in here
    assert f"{told} (not this one); watts: 40." in away


def test_of_list_prices_beside_it_the_list_and_its_dates_are_told() -> None:
    work = Workload("small", UNKNOWN_FIGURE)
    sources = ("list of OpenAI as of 2026-11-29, in force since: 2026-01-02; source: prices 1", "")
    rivals = [
        Rival(name, None, "USD", measured=False, words="", source=source)
        for name, source in zip(("big-1", "gone"), sources, strict=True)
    ]
    against = tuple(BreakEven(work, one, "USD", Crossing(), Crossing(), Crossing()) for one in rivals)
    lines = how_lines(examined([given()], "rw"), Used(), PayOff(against=against))
    assert [shown(line) for line in lines if "beside it" in line] == [
        f"List price beside it: big-1: {sources[0]}."
    ]


def test_what_there_is_nothing_of_is_said_so() -> None:
    (row,) = abstention_table(examined([given()], "rw"), look(examined([given()], "rw")).names).rows
    assert row[1:] == ("50% (9-91)", 2, "none", 0, "none", 0, 0)
