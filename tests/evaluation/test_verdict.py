"""The verdict's rules, each with its exact words, and what none of them may ever say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from app.domain import (
    IMPORTED_BACKEND,
    Candidate,
    Examined,
    ExperimentState,
    PaidAnswer,
    Provenance,
    Spend,
    Trial,
    Verdict,
    VerdictKind,
    VerdictSettings,
)
from app.evaluation.costing import LEAST, costs_of
from app.evaluation.experiments.results import results_of, right_of
from app.evaluation.verdict import TOO_MUCH, verdict_of
from app.ui.frontier_chart import beside_words
from app.ui.verdict_words import Voice, below, headline, more_words
from tests.experiments import bare, cost, examined, experiment_of, given, paid, trials_of

SMALL, LARGE = [given(), bare()], [given("large"), bare("large")]
BOTH = [given(), given("large")]
HALF, MOST, FEW, NONE = "rw" * 10, "r" * 18 + "ww", "rr" + "w" * 18, "w" * 20
USUAL = VerdictSettings()


def verdict(found: Examined, asked: VerdictSettings = USUAL) -> Verdict:
    return verdict_of(found, asked)


def voice(found: Examined) -> Voice:
    return Voice({one.hash: one.label for one in found.experiment.candidates})


def said(found: Examined, asked: VerdictSettings = USUAL) -> str:
    return headline(verdict(found, asked), found.experiment, voice(found))


def besides(found: Examined, asked: VerdictSettings = USUAL) -> list[str]:
    return below(verdict(found, asked), found.experiment, voice(found))


def told(found: Examined, kind: VerdictKind, asked: VerdictSettings = USUAL) -> str:
    """What is said below by that rule; "" where it does not apply."""
    made = verdict(found, asked)
    one = replace(made, below=tuple(part for part in made.below if part.kind is kind))
    words = below(one, found.experiment, voice(found))
    return words[-1] if one.below else ""


# ------------------------------------------------------------------------ which one?


def test_nothing_answered_judged_or_scored() -> None:
    assert said(examined(SMALL, "..", "..")) == "Nothing was answered yet."
    assert said(examined(SMALL, "jjjj", "jjjj")) == (
        "Of 8 answers none was judged yet, so nothing tells how often any of the candidates was right."
    )
    assert said(examined(SMALL, "uu", "uu")) == (
        "Of 4 answers none could be scored yet, so nothing tells how often any of them was right."
    )


def test_a_clear_winner_beside_the_same_without_documents() -> None:
    found = examined([*SMALL, *LARGE], "rw" * 5 + NONE[10:], NONE, MOST, NONE)
    assert verdict(found).head.kind is VerdictKind.CLEAR
    assert said(found) == (
        "On your 20 questions, large with documents was right 90% of the time (70-97). Without documents it "
        "was right 0% of the time (0-16). The difference is decisive."
    )
    assert besides(found)[0] == "Next came small with documents: 25% (11-47). The difference is decisive."


def test_a_clear_winner_beside_the_next() -> None:
    assert said(examined(BOTH, FEW, MOST)) == (
        "On your 20 questions, large with documents was right 90% of the time (70-97). Next came small with "
        "documents, right 10% of the time (3-30). The difference is decisive."
    )


def test_the_best_beside_itself_without_documents_or_with_them() -> None:
    """Where the sentence is about another: its documents did so much."""
    close, other = "r" * 13 + "w" * 7, "r" * 9 + "w" * 10 + "r"
    assert told(examined([*SMALL, given("large")], close, NONE, other), VerdictKind.TWIN) == (
        "The same as small with documents, but without documents, was right 0% of the time (0-16). "
        "The difference is decisive."
    )
    assert told(examined([*reversed(SMALL), bare("large")], close, NONE, other), VerdictKind.TWIN) == (
        "The same as small without documents, but with documents, was right 0% of the time (0-16). "
        "The difference is decisive."
    )
    assert told(examined(SMALL, close, NONE), VerdictKind.TWIN) == "", "the sentence says it already"


def test_documents_that_hurt() -> None:
    assert said(examined(SMALL, FEW, MOST)) == (
        "On your 20 questions, small without documents was right 90% of the time (70-97). With documents it "
        "was right 10% of the time (3-30). The difference is decisive. So the documents hurt it."
    )
    other = said(examined([*LARGE, *SMALL], "r" * 20, NONE, NONE, "r" * 10 + "w" * 10))
    assert other.endswith(
        " The documents hurt small with documents: right 0% of the time (0-16), and 50% of the time (30-70) "
        "without them. The difference is decisive."
    )


def test_a_tie_names_no_winner() -> None:
    letters = "r" * 240 + "w" * 160, "r" * 238 + "ww" + "rr" + "w" * 158
    found = examined(BOTH, letters[0], "w" + letters[1][1:])
    assert verdict(found).head.kind is VerdictKind.TIE
    assert said(found) == (
        "On your 400 questions, there is no winner: small with documents was right 60% of the time (55-65), "
        "large with documents 60% of the time (55-64). They are as good as each other, within 5 points."
    )


def test_of_a_tie_of_three_no_more_is_said_than_was_tested() -> None:
    """Each of the others was tested against the best: they may lie farther from each other."""
    right, wrong = "r" * 1170, "w" * 780
    halves = "r" * 32 + "w" * 28, "rw" * 16 + "rw" * 14, "wr" * 16 + "wr" * 14
    letters = [f"{right}{some}{wrong}" for some in halves]
    found = examined([*BOTH, given("third")], *letters)
    assert verdict(found).head.kind is VerdictKind.TIE
    assert said(found).endswith(" Each of the others is as good as small with documents, within 5 points.")
    assert "each other" not in said(found)


def test_too_few_questions_and_about_how_many_more_would_decide() -> None:
    found = examined(BOTH, "r" * 13 + "w" * 7, "r" * 9 + "w" * 10 + "r")
    assert verdict(found).head.kind is VerdictKind.TOO_FEW
    more = found.results.comparisons[0].more
    assert said(found) == (
        "On your 20 questions, it is too close to call: small with documents was right 65% of the time "
        "(43-82), large with documents 50% of the time (30-70). The difference is not decisive. "
        f"About {more} more questions like these would probably decide it."
    )
    assert more_words(verdict(found)) == (
        f"**Ask more questions:** about {more} more questions like these would probably decide it."
    )
    assert more_words(verdict(examined(BOTH, "r" * 30, "w" * 30))) == "", "it is decided"
    assert said(examined(BOTH, "rrrr", "wwww")) == (
        "On your 4 questions, it is too close to call: small with documents was right 100% of the time "
        "(51-100), large with documents 0% of the time (0-49). The difference is not decisive: fewer than 6 "
        f"questions decide nothing. About {examined(BOTH, 'rrrr', 'wwww').results.comparisons[0].more} more "
        "questions like these would probably decide it."
    )
    assert said(examined(BOTH, "r", "w")).endswith(". Too few questions to compare.")


def test_of_three_that_are_close_the_third_is_counted() -> None:
    found = examined([*BOTH, given("third")], "r" * 13 + "w" * 7, "r" * 12 + "w" * 8, "r" * 11 + "w" * 9)
    assert " third with documents is not decidedly behind either. " in said(found)
    assert "winner" not in said(found)


def test_equal_ones() -> None:
    assert said(examined(SMALL, HALF, HALF)) == (
        "On your 20 questions, small with documents and small without documents were right equally often: "
        "50% of the time (30-70). So none of them is ahead."
    )


def test_equal_ones_on_different_numbers_of_questions_have_their_own_intervals() -> None:
    """As while an experiment runs, where one is ahead of the other."""
    assert said(examined(SMALL, HALF, HALF[:10] + "." * 10)) == (
        "On your 20 questions, small with documents and small without documents were right equally often: "
        "50% of the time (30-70), small without documents 50% of the time (24-76) on its 10 questions. "
        "So none of them is ahead."
    )


def test_equal_ones_and_another_that_is_not_behind() -> None:
    told = said(examined([*BOTH, given("third")], "rrww" * 5, "rrww" * 5, "w" + "rww" * 6 + "r"))
    assert told.endswith("So none of them is ahead, and 1 other is not decidedly behind.")


def test_a_share_of_other_questions_says_so_and_who_is_ahead_on_those_of_both() -> None:
    """As where a recorded model answered the easy ones only."""
    found = examined(BOTH, "r" * 14 + "w" * 6 + "." * 10, "r" * 15 + "w" * 15)
    assert said(found).startswith(
        "On 20 of your 30 questions, it is too close to call: small with documents was right 70% of the time "
        "(48-85), large with documents 50% of the time (33-67) on its 30 questions. The difference is not "
        "decisive. Compared on the 20 questions scored for both. There it was right less often. "
    )


def test_who_was_scored_on_fewer_questions_is_said() -> None:
    found = examined(BOTH, "r" * 14 + "w" * 6 + "." * 10, "r" * 15 + "w" * 15)
    assert told(found, VerdictKind.FEWER) == (
        "small with documents was scored on only 20 of 30 questions: its share and costs are of these, which "
        "may be the easier or the harder ones."
    )
    unscored = examined(BOTH, "r" * 14 + "w" * 6 + "u" * 10, "r" * 15 + "w" * 15)
    assert not told(unscored, VerdictKind.FEWER), "that is told elsewhere"
    # 16 of 20 questions with two repeats, nine of them with one unscored: that makes no 25 questions.
    repeated = examined(BOTH, "ru" * 9 + "rr" * 7 + "." * 8, "rw" * 20, repeats=2)
    assert told(repeated, VerdictKind.FEWER).startswith("small with documents was scored on only 16 of 20")


def test_one_alone() -> None:
    found = examined([given()], HALF)
    assert said(found) == "On your 20 questions, small with documents was right 50% of the time (30-70)."
    assert besides(found)[0] == "Only one candidate was asked, so there is nothing to compare it with."


def test_all_poor_and_never_right() -> None:
    assert said(examined(SMALL, FEW, NONE)).endswith(" Even the best was right less than half of the time.")
    assert said(examined(SMALL, NONE, NONE)) == (
        "On your 20 questions, neither small with documents nor small without documents was right even once: "
        "0% (0-16)."
    )
    assert said(examined([given()], NONE)) == (
        "On your 20 questions, small with documents was never right: 0% (0-16)."
    )
    three = said(examined([*SMALL, given("large")], NONE, NONE, NONE))
    assert "none of the 3 candidates was right even once" in three


def test_poor_is_said_only_where_every_interval_lies_below_half() -> None:
    assert "less than half" not in said(examined(SMALL, "rrrrwwwwww", "w" * 10))
    few = examined(BOTH, "r" * 20 + "w" * 40, "rwww" + "." * 56)
    assert few.results.candidates[0].right.high < 0.5
    assert "less than half" not in said(few), "the other may be better"


def test_too_much_unscored() -> None:
    found = examined(BOTH, "r" * 13 + "w" * 3 + "u" * 4, HALF)
    assert verdict(found).head.kind is VerdictKind.UNSCORED
    assert said(found) == (
        "On 16 of your 20 questions, small with documents was right 81% of the time (57-93), but too much is "
        "not judged to say who was right more often: 20% of its answers. From a fifth on, what is missing "
        "can weigh more than what was measured."
    )
    other = said(examined(BOTH, "r" * 12 + "w" * 8, "r" * 8 + "w" * 4 + "j" * 8))
    assert "40% of the answers of" in other or "40% of its answers" in other
    assert verdict(examined(BOTH, "r" * 13 + "w" * 4 + "u" * 3, HALF)).head.kind is not VerdictKind.UNSCORED


def test_what_is_unscored_of_one_that_cannot_be_ahead_keeps_nobody_from_winning() -> None:
    found = examined(BOTH, MOST, NONE[:15] + "u" * 5)
    assert TOO_MUCH <= 5 / 20
    assert verdict(found).head.kind is VerdictKind.CLEAR


def test_another_is_ahead_on_the_questions_that_both_were_scored_on() -> None:
    one = "r" * 60 + "w" * 21 + "." * 19
    other = "r" * 68 + "w" * 3 + "r" + "w" * 9 + "w" * 19
    found = examined(BOTH, one, other)
    assert verdict(found).head.kind is VerdictKind.REVERSED
    words = said(found)
    assert words.startswith("On 81 of your 100 questions, small with documents was right 74% of the time")
    assert words.endswith(
        "But on the 81 questions scored for both, large with documents was right more often. The difference "
        "is decisive."
    )


def test_while_it_runs_it_says_so_far_and_that_more_can_change_it() -> None:
    found = examined(BOTH, "rrrr....", "wwww....", state=ExperimentState.RUNNING)
    assert said(found).startswith("So far, on 4 of your 8 questions, it is too close to call: ")
    assert told(found, VerdictKind.UNFINISHED) == (
        "It is still running: 8 of 16 answers are there, and more can change this."
    )
    for state in (ExperimentState.STOPPED, ExperimentState.INTERRUPTED, ExperimentState.AT_LIMIT):
        words = told(examined(BOTH, "rr..", "ww..", state=state), VerdictKind.UNFINISHED)
        assert words == f"It was {state.value}: 4 of 8 answers are there, and more can change this."
    assert told(examined(BOTH, HALF, MOST), VerdictKind.UNFINISHED) == ""


def test_the_words_follow_the_test_that_is_corrected_for_all_pairs() -> None:
    letters = "r" * 7 + "w" * 5, "w" * 6 + "r" + "w" * 5
    assert verdict(examined(BOTH, *letters)).head.kind is VerdictKind.CLEAR
    others = [given(f"other{place}") for place in range(4)]
    crowded = examined([*BOTH, *others], *letters, *(["w" * 12] * 4))
    assert verdict(crowded).head.kind is VerdictKind.TOO_FEW


# ------------------------------------------------------------------------ accurate enough


UNTOLD = "cannot be told yet"
LIES = "its share lies between 70% and 97% (95%)."


@pytest.mark.parametrize(
    ("enough", "words"),
    [
        (0.6, "small with documents is accurate enough: 60% right is wanted."),
        (0.99, f"small with documents is not accurate enough: 99% right is wanted, and {LIES}"),
        (
            0.8,
            f"Whether small with documents is accurate enough {UNTOLD}: 80% right is wanted, and {LIES}",
        ),
    ],
)
def test_accurate_enough_is_decided_by_the_interval(enough: float, words: str) -> None:
    found = examined([given()], MOST)
    asked = VerdictSettings(enough=enough)
    kinds = VerdictKind.ENOUGH, VerdictKind.NOT_ENOUGH, VerdictKind.ENOUGH_UNTOLD
    assert [said for kind in kinds if (said := told(found, kind, asked))] == [words]


def test_of_several_each_interval_is_corrected() -> None:
    alone, together = examined([given()], MOST), examined([*SMALL, *LARGE], MOST, NONE, NONE, NONE)
    asked = VerdictSettings(enough=0.68)
    assert told(alone, VerdictKind.ENOUGH, asked)
    assert told(together, VerdictKind.ENOUGH_UNTOLD, asked) == (
        "Whether small with documents is accurate enough cannot be told yet: 68% right is wanted, and its "
        "share lies between 63% and 98% (95% for all 4 candidates at once)."
    )
    several = examined([*SMALL, *LARGE], MOST, NONE, MOST, NONE)
    assert told(several, VerdictKind.ENOUGH, VerdictSettings(enough=0.5)) == (
        "small with documents and large with documents are accurate enough: 50% right is wanted."
    )
    assert told(together, VerdictKind.NOT_ENOUGH, VerdictSettings(enough=1.0)) == (
        "None is accurate enough: 100% right is wanted, and the best lies between 63% and 98% (95% "
        "for all 4 candidates at once)."
    )


@pytest.mark.parametrize(("enough", "margin"), [(0, 0.05), (1.1, 0.05), (0.8, 0), (0.8, 0.5), (0.8, -1)])
def test_settings_that_ask_nothing_or_too_much_are_refused(enough: float, margin: float) -> None:
    with pytest.raises(ValueError, match="no verdict"):
        VerdictSettings(enough, margin)


# ------------------------------------------------------------------------ cheaper and as good


def close(
    prices: tuple[float | None, ...] = (1, 10), behind: int = 2, of: int = 400, **more: object
) -> Examined:
    """The first was wrong on so many of the questions that the second was right on, and is else the same."""
    best = "r" * (of * 3 // 4) + "w" * (of - of * 3 // 4)
    return examined(BOTH, "w" * behind + best[behind:], best, costed=paid(*prices), **more)  # type: ignore[arg-type]


def test_cheaper_and_as_good_within_the_margin() -> None:
    assert told(close(), VerdictKind.CHEAPER) == (
        "small with documents costs less, $0.001 instead of $0.01 for 1,000 questions, and is as good as "
        "large with documents within 5 points: at worst 1.4 points behind (95%)."
    )


def test_not_decisive_is_not_as_good() -> None:
    """Ten questions cannot tell 5 points, however equal two look; nor is it said where it is not so."""
    assert told(close(of=LEAST - 1, behind=1), VerdictKind.CHEAPER) == ""
    widest = VerdictSettings(margin=0.45)
    assert told(close(of=LEAST - 1, behind=0), VerdictKind.CHEAPER, widest) == ""
    assert told(close(of=LEAST, behind=0), VerdictKind.CHEAPER, widest) != ""
    assert told(close(of=40, behind=1), VerdictKind.CHEAPER) == ""
    assert told(close(behind=15), VerdictKind.CHEAPER) == ""
    wide = VerdictSettings(margin=0.1)
    assert told(close(behind=15), VerdictKind.CHEAPER, wide) != ""


def test_of_equal_ones_the_cheaper_is_found_whichever_stands_first() -> None:
    for prices, name in (((1, 10), "small"), ((10, 1), "large")):
        words = told(close(prices, behind=0), VerdictKind.CHEAPER)
        assert words.startswith(f"{name} with documents costs less, $0.001 instead of $0.01")


def test_who_was_not_asked_the_dear_questions_is_not_called_cheaper() -> None:
    """On the questions that both were asked they cost the same."""
    right = "r" * 240 + "w" * 140

    def costed(trials: Sequence[Trial]) -> list[PaidAnswer]:
        return [cost(one.slot, 1000 if one.slot.case >= 380 else 1) for one in trials]

    fewer = examined(BOTH, f"{right}{'.' * 20}", f"{right}{'r' * 20}", costed=costed)
    assert told(fewer, VerdictKind.CHEAPER, VerdictSettings(margin=0.1)) == ""


def test_only_what_is_known_to_cost_less_is_called_cheaper() -> None:
    assert told(close((10, 1)), VerdictKind.CHEAPER) == ""
    assert told(close((5, 5)), VerdictKind.CHEAPER) == ""
    assert told(close((None, 5)), VerdictKind.CHEAPER) == ""
    assert told(close((1, None)), VerdictKind.CHEAPER) == ""
    assert told(close(elsewhere=[one.hash for one in BOTH]), VerdictKind.CHEAPER) != ""


def recorded(one: Candidate) -> Candidate:
    """The same as recorded answers."""
    return replace(one, backend=IMPORTED_BACKEND, provenance=Provenance("openai", documents=True))


def test_recorded_answers_are_part_of_cheaper_and_as_good() -> None:
    """They have a list price, which is no machine time: it compares."""
    own, bought = given(), recorded(given("large"))
    letters = "r" * 300 + "w" * 100
    found = examined([own, bought], letters, letters, costed=paid(1, 10), elsewhere=[bought.hash])
    here = on_machines(found, fake="this machine")
    for one in (found, here):
        assert told(one, VerdictKind.CHEAPER).startswith(f"{own.label} costs less, $0.001 instead of $0.01")
    dear = examined([own, bought], letters, letters, costed=paid(10, 1), elsewhere=[bought.hash])
    assert told(dear, VerdictKind.CHEAPER).startswith(f"{bought.label} costs less")
    unknown = examined([own, bought], letters, letters, costed=paid(1, None), elsewhere=[bought.hash])
    assert told(unknown, VerdictKind.CHEAPER) == ""


def test_of_recorded_answers_only_the_time_is_called_no_comparison() -> None:
    own, bought, other = given(), recorded(given("large")), recorded(given("huge"))
    away = [bought.hash, other.hash]
    time = "were recorded elsewhere: how fast they were is no comparison with the others"
    price = "is: it comes from list prices, not from machine time."
    one = examined([own, bought], MOST, HALF, costed=paid(1, 10), elsewhere=away[:1])
    assert told(one, VerdictKind.RECORDED) == (
        f"The answers of {bought.label} {time}, but what they cost {price}"
    )
    assert told(one, VerdictKind.MACHINES) == told(one, VerdictKind.ELSEWHERE) == ""
    some = examined([own, bought, other], MOST, HALF, HALF, costed=paid(1, 10, None), elsewhere=away)
    assert f"{time}, but what they cost, where it is known, {price}" in told(some, VerdictKind.RECORDED)
    none = examined([own, bought], MOST, HALF, costed=paid(1, None), elsewhere=away[:1])
    assert told(none, VerdictKind.RECORDED) == f"The answers of {bought.label} {time}."
    alone = examined([bought, other], MOST, HALF, costed=paid(1, 10), elsewhere=away)
    assert told(alone, VerdictKind.RECORDED).startswith(
        "All answers were recorded elsewhere: how fast they were is no comparison with each other, but"
    )
    assert told(alone, VerdictKind.ELSEWHERE) == ""
    whole = examined([own, bought], MOST, HALF, elsewhere=[own.hash, bought.hash])
    assert told(whole, VerdictKind.ELSEWHERE).startswith("All else was asked on another machine: its times")


def test_the_margin_is_tested_for_all_others_together() -> None:
    """What is as good among two need not be among twenty: each interval has to be wider."""
    best, other = "r" * 90 + "w" * 30, "w" * 2 + "r" * 88 + "w" * 30
    alone = examined(BOTH, other, best, costed=paid(1, 10))
    (one,) = alone.sure.behind
    margin = VerdictSettings(margin=-one.low + 0.001)
    assert told(alone, VerdictKind.CHEAPER, margin)
    many = [*BOTH, *(given(f"m{place}") for place in range(18))]
    crowded = examined(many, other, best, *(["w" * 120] * 18), costed=paid(1, *([10] * 19)))
    assert told(crowded, VerdictKind.CHEAPER, margin) == ""
    assert "corrected for 19 compared" in told(crowded, VerdictKind.CHEAPER, VerdictSettings(margin=0.2))


# ------------------------------------------------------------------------ other machines


def test_answers_from_another_machine() -> None:
    every = examined(BOTH, MOST, HALF, elsewhere=[one.hash for one in BOTH])
    assert told(every, VerdictKind.ELSEWHERE) == (
        "All of it was asked on another machine: its times, and what machine time cost, are of that one."
    )
    assert told(examined(BOTH, MOST, HALF), VerdictKind.ELSEWHERE) == ""


def on_machines(found: Examined, **machines: str) -> Examined:
    """The same with a record of where each backend ran."""
    told = {f"machine of {backend}": where for backend, where in machines.items()}
    return replace(found, experiment=replace(found.experiment, snapshot=told))


def test_servers_on_two_machines_of_ones_own_are_told_apart_and_none_is_called_cheaper() -> None:
    """The time of both is priced by the figures of one machine."""
    far = replace(given("far"), backend="box")
    letters = "r" * 90 + "w" * 30, "w" * 2 + "r" * 88 + "w" * 30
    wide = VerdictSettings(margin=0.2)
    found = examined([given(), far], *letters, costed=paid(1, 10))
    swapped = examined([given(), far], *reversed(letters), costed=paid(1, 10))
    two = {"fake": "this machine", "box": "another machine"}
    assert told(swapped, VerdictKind.CHEAPER, wide)
    assert told(on_machines(swapped, **two), VerdictKind.CHEAPER, wide) == ""
    assert told(
        on_machines(swapped, fake="another machine", box="another machine"), VerdictKind.CHEAPER, wide
    )
    assert told(on_machines(swapped, fake="this machine"), VerdictKind.CHEAPER, wide), "the other is an API"
    assert told(on_machines(found, **two), VerdictKind.MACHINES) == (
        "The answers of far with documents were made on another machine: how fast they were, and what "
        "machine time cost, is no comparison with the others."
    )
    assert told(on_machines(found, fake="another machine", box="another machine"), VerdictKind.MACHINES) == ""
    assert told(on_machines(found, fake="this machine"), VerdictKind.MACHINES) == ""


def test_the_cheapest_is_not_decided_between_two_machines() -> None:
    who = [given(), replace(given("far"), backend="box")]
    trials = trials_of(MOST, MOST)
    for box, decided in (("this machine", True), ("another machine", False)):
        places = {"machine of fake": "this machine", "machine of box": box}
        one = replace(experiment_of(who, 20), snapshot=places)
        results, right = results_of(one, trials), right_of(one, trials)
        costs = costs_of(one, results, right, paid(1, 10)(trials), Spend({}, 0))
        assert costs.decisive is decided
        seen = replace(examined(who, MOST, MOST), experiment=one, costs=costs)
        lines = beside_words(seen, voice(seen).names)
        assert any("come from 2 machines" in line for line in lines) is not decided


# ------------------------------------------------------------------------ what is never said

CANDIDATES: list[Candidate] = [*SMALL, *LARGE]
FOUR = st.lists(st.text("rrrrwwwaufj.", min_size=12, max_size=12), min_size=4, max_size=4)
PRICES = st.tuples(*[st.one_of(st.none(), st.integers(0, 9))] * 4)
ASKED = st.builds(VerdictSettings, st.floats(0.05, 1), st.floats(0.01, 0.4))
STATES = st.sampled_from([ExperimentState.FINISHED, ExperimentState.RUNNING, ExperimentState.STOPPED])
SEPARATE = re.compile(r"\b(nan|None|inf)\b(?! is)")


@settings(max_examples=30, deadline=None)
@drawn(FOUR, PRICES, ASKED, STATES)
def test_every_experiment_has_a_sentence_and_none_claims_what_was_not_tested(
    letters: list[str], prices: tuple[int | None, ...], asked: VerdictSettings, state: ExperimentState
) -> None:
    found = examined(CANDIDATES, *letters, state=state, costed=paid(*prices))
    made = verdict(found, asked)
    text = " ".join([said(found, asked), *besides(found, asked)])
    assert text.endswith(".")
    assert not SEPARATE.search(text)
    decided = [one for one in found.results.comparisons if one.decisive]
    if not decided:
        assert not re.search(r"(?<!not )decisive|winner:|hurt", text.replace("no winner:", ""))
    for each in (made.head, *made.large, *made.below):
        assert len({one.candidate.hash for one in each.who}) == len(each.who), "nobody is named twice"
    head, best = made.head, made.head.who[:1]
    if head.kind is VerdictKind.CLEAR:
        name = best[0].candidate.hash
        others = [one for one in found.results.candidates if one.right.of and one.candidate.hash != name]
        ahead = [one for one in decided if one.better_first.first == name]
        assert len(ahead) == len(others)
    for one in (part for part in made.below if part.kind is VerdictKind.CHEAPER):
        assert one.behind < asked.margin
    for one in made.below:
        if one.kind is VerdictKind.ENOUGH:
            assert all(who.right.low >= asked.enough for who in one.who)


@settings(max_examples=30, deadline=None)
@drawn(st.lists(st.text("rw", min_size=12, max_size=12), min_size=2, max_size=2))
def test_the_order_of_the_candidates_changes_no_winner(letters: list[str]) -> None:
    one, other = examined(BOTH, *letters), examined(BOTH[::-1], *letters[::-1])
    first, second = verdict(one).head, verdict(other).head
    assert first.kind is second.kind
    if first.kind is VerdictKind.CLEAR:
        assert first.who[0].candidate == second.who[0].candidate
