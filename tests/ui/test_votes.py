"""What is said of votes: titles claim what is decided, and marked or unconnected candidates are told."""

from __future__ import annotations

from dataclasses import replace

from app.domain import Concord, JudgedVotes, PairJudge, Polled, Share, Standing, Style, WithRight
from app.evaluation.votes.bradley_terry import Ballots, standing
from app.evaluation.votes.pair_judge import judge_of
from app.ui import votes, votes_chart, votes_judge
from app.ui.result_look import Look
from app.ui.theme import colours

NAMES = {"a": "Ant", "b": "Bee", "c": "Cat"}
LOOK = Look(NAMES, colours(NAMES))


def told(*rows: tuple[int, int, float], many: int = 3) -> Standing:
    """Votes, each on a question of its own."""
    return standing(Ballots.of([*NAMES][:many], [(*one, place) for place, one in enumerate(rows)]))


def polled(one: Standing, voters: int = 2) -> Polled:
    none = Share(0, 0, 0.0, 1.0)
    return Polled(one, voters, one.votes, Concord(none), WithRight(none, 0, 0.0, 0.0))


EVEN = [(0, 1, 1.0), (0, 1, 0.0)] * 5
CLEAR = ([(0, 1, 1.0)] * 9 + [(0, 1, 0.0)]) * 6


def test_the_title_says_what_the_corrected_tests_decide() -> None:
    title = votes_chart.title
    assert title(told(many=2), NAMES) == "Nobody has voted yet"
    assert title(told(*EVEN, many=2), NAMES) == "Not decisive: people preferred none beyond chance"
    assert title(told(*CLEAR, many=2), NAMES) == "People preferred Ant to Bee"
    third = [(0, 2, 1.0), (0, 2, 1.0), (0, 2, 0.0), (1, 2, 0.5)] * 10
    assert title(told(*CLEAR, *third), NAMES) == "People preferred Ant to all others"
    fourth = standing(Ballots.of([*NAMES, "d"], [(*one, at) for at, one in enumerate([*CLEAR, *third])]))
    assert title(fourth, NAMES) == "People preferred Ant to all others with votes", (
        "nobody voted on the fourth"
    )
    some = [(1, 2, 1.0), (1, 2, 0.0), (0, 2, 0.5)]
    assert title(told(*CLEAR, *some), NAMES) == "Some were preferred to others, but nobody to all of them"


def test_without_a_chain_of_votes_nobody_is_called_better() -> None:
    one = replace(told(*CLEAR), groups=2)
    assert votes_chart.title(one, NAMES) == "Not all can be compared: no chain of votes connects them"
    assert any("2 groups" in line for line in votes_chart.notes(one, NAMES))


def test_the_subtitle_counts_votes_people_and_questions() -> None:
    one = told(*EVEN, many=2)
    found = votes_chart.finding(polled(one), one, NAMES)
    assert found.subtitle.startswith(
        "Rating by 10 blind votes of 2 people on 10 questions, with the 95% interval"
    )
    assert "looks" not in found.subtitle


def test_who_was_never_beaten_is_marked_in_words_chart_and_table() -> None:
    one = told((0, 1, 1.0), (0, 1, 1.0), (1, 2, 1.0), (1, 2, 0.0))
    notes = votes_chart.notes(one, NAMES)
    (note,) = notes
    assert note.startswith(
        "Ant was never beaten, and tied with none: how far it is from the others is not known."
    )
    rows = votes_chart.table(one, NAMES).rows
    assert [row[0] for row in rows] == ["Ant", "Bee", "Cat"]
    assert "cautious" in str(rows[0][-1])
    assert votes_chart._row(one.ratings[0], one, LOOK).figure.startswith("about 1")


def test_who_has_no_vote_is_last_and_said_to_have_none() -> None:
    one = told(*EVEN)
    assert votes_chart.ranked(one)[-1].candidate == "c"
    assert votes_chart.notes(one, NAMES) == ["Without a vote so far: Cat."]
    assert votes_chart._row(one.ratings[2], one, LOOK).figure == "no votes yet"
    assert votes_chart.table(one, NAMES).rows[-1][1] is None


def test_the_axis_holds_every_interval() -> None:
    one = told(*CLEAR, many=2)
    low, high = votes_chart._range(one)
    assert all(low < (each.low or 0) and (each.high or 9999) < high for each in one.ratings)
    assert votes_chart._range(told(many=2))[0] < 1000 < votes_chart._range(told(many=2))[1]


def test_a_rating_below_0_has_a_minus_that_no_hyphen_stands_beside() -> None:
    assert votes_chart.rating_words(1012.4, 960, 1064) == "1012 (960-1064)"
    assert votes_chart.rating_words(826, -190.2, 975) == "826 (−190 to 975)"
    assert votes_chart.rating_words(-0.3, -200, -100) == "0 (−200 to −100)"


def test_style_control_says_what_it_took_out() -> None:
    one = replace(
        told(*EVEN, many=2),
        style=Style({"length": (35.2, 12.0, 60.0), "lists": (3.0, -9.0, 15.0)}, ("bold",)),
    )
    assert votes_chart.style_words(one) == (
        "Taken out of the ratings: length won votes (+35 points for a usual difference, 95%: +12 to +60); "
        "lists (no clear effect). Too rare to tell: bold words."
    )
    both = replace(one, style=Style({}, ("bold",), ("headings",)))
    assert votes_chart.style_words(both) == (
        "Nothing was taken out of the ratings. Too rare to tell: bold words. They go with who wrote, or with "
        "each other, so votes do not tell which it was: headings."
    )
    bare = told(*EVEN, many=2)
    assert "nothing was taken out" in votes_chart.style_words(bare)


def test_agreement_is_told_with_what_chance_would_give() -> None:
    some = Concord(Share(15, 20, 0.53, 0.89), 0.41)
    assert votes.agree_words(some) == (
        "Two people chose the same 75% (53-89) of the time, on 20 pairs; by chance it would be about 41%."
    )
    assert "not known" in votes.agree_words(Concord(Share(0, 0, 0.0, 1.0)))


def test_with_right_tells_all_three_ways() -> None:
    found = WithRight(Share(7, 10, 0.4, 0.9), 30, 0.12, 0.18)
    assert votes.right_words(found) == (
        "Where just one of two answers was right, people preferred it 70% (40-90) of the time; "
        "the wrong one 12%, neither 18% (30 votes)."
    )
    assert votes.right_words(WithRight(Share(0, 0, 0, 1), 0, 0, 0)).startswith("No vote was on a pair")


def judged(**more: object) -> PairJudge:
    rows = (
        JudgedVotes("a", 30, 0.6, 25, 0.5, 0.52, 0.4, 0.64),
        JudgedVotes("b", 30, 0.4, 5, None, words="So far there are 5."),
    )
    usual: dict[str, object] = {
        "judge": judge_of("court", "org/solomon"),
        "pairs": 31,
        "flips": Share(6, 30, 0.1, 0.37),
        "unclear": 1,
        "concord": Concord(Share(20, 25, 0.6, 0.9), 0.4),
        "by_candidate": rows,
    }
    return PairJudge(**(usual | more))  # type: ignore[arg-type]


def test_a_judge_is_told_with_its_flips_and_what_is_missing() -> None:
    one = judged()
    assert votes_judge.title(one) == "solomon judged 31 pairs, each in both orders"
    assert votes_judge.flip_words(one) == (
        "It changed its mind with the order in 20% (10-37) of the pairs; these count as ties. "
        "1 pair got no clear reply."
    )
    assert votes_judge.concord_words(one).startswith("It chose as people did in 80% (60-90) of 25 pairs")
    rows = votes_judge.table(one, LOOK).rows
    assert rows[0] == ("Ant", "60%", 30, "50%", 25, "52% (40-64)")
    assert rows[1][3] is rows[1][5] is None
    assert votes_judge.missing(one, LOOK) == ["Bee is not corrected: So far there are 5."]
    both = tuple(replace(each, corrected=None, words="Nothing yet.") for each in one.by_candidate)
    assert votes_judge.missing(judged(by_candidate=both), LOOK) == ["Not corrected: Nothing yet."]
    some = judged(by_candidate=(*both, one.by_candidate[0]))
    assert votes_judge.missing(some, LOOK) == ["Ant, Bee are not corrected: Nothing yet."]
    assert "Nobody has voted" in votes_judge.concord_words(judged(concord=Concord(Share(0, 0, 0.0, 1.0))))
    assert "No pair" in votes_judge.flip_words(judged(flips=Share(0, 0, 0.0, 1.0)))
