"""The titles of the charts: what they claim, and what they do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from app.domain import CandidateSummary, RightTally
from app.evaluation.shares import share_right
from app.ui import leading
from app.ui.cards import card
from app.ui.findings import (
    ASK_IN_TURN,
    DIFFERENT,
    NOBODY_JUDGED,
    NOT_ALONE,
    NOT_TIMED,
    cost_finding,
    headline,
    share_finding,
    speed_finding,
    time_finding,
)
from app.ui.shown import Rights, Shown, Spread, Times

COST = 10**9
NO_TIMES = Times()


def summary(
    name: str, right: int = 0, marked: int = 0, *, given: bool = True, cost: int = COST
) -> CandidateSummary:
    return CandidateSummary(
        candidate_hash=name,
        label=f"{name} {'with' if given else 'without'} documents",
        with_documents=given,
        answers=20,
        complete=20,
        failed=0,
        marked=marked,
        right=right,
        cost_total=cost * 20,
        currency="USD",
        costed=20,
        uncosted=0,
    )


def shown(*summaries: CandidateSummary, common: int = 20) -> Shown:
    return Shown(summaries, {one.candidate_hash: one.label for one in summaries}, common)


def rights(*summaries: CandidateSummary, common: int | None = None) -> Rights:
    """Every question judged once, and for everyone, unless ``common`` says otherwise."""
    tallies = {
        one.candidate_hash: RightTally(
            one.candidate_hash, one.marked, one.right, one.marked - one.right, 0, 0, one.right, one.right
        )
        for one in summaries
        if one.marked
    }
    shares = {key: share_right(one) for key, one in tallies.items()}
    return Rights(tallies, shares, min(one.marked for one in summaries) if common is None else common)


def share_title(*summaries: CandidateSummary, common: int | None = None) -> str:
    return share_finding(shown(*summaries), rights(*summaries, common=common)).title


def first_tokens(spreads: Mapping[str, Spread]) -> Times:
    return Times(firsts=spreads, walls=spreads, speeds=spreads)


def test_nobody_judged() -> None:
    one = summary("a")
    assert share_title(one) == NOBODY_JUDGED
    assert headline(shown(one), Rights()).endswith("none has been judged right or wrong yet.")


def test_a_clear_winner_a_clear_loser_and_nothing_clear() -> None:
    best, middle, worst = summary("a", 60, 60), summary("b", 30, 60), summary("c", 5, 60)
    assert share_title(middle, best) == "a with documents was right most often"
    assert share_title(summary("d", 32, 60), middle, worst) == "c with documents was right least often"
    assert share_title(middle, summary("e", 33, 60)).startswith("Too close to tell")


def test_what_documents_did() -> None:
    given, bare = (
        summary("m", 50, 60),
        replace(summary("m2", 5, 60, given=False), label="m without documents"),
    )
    assert share_title(given, bare) == "Adding documents helped"
    worse = replace(given, right=1), replace(bare, right=50)
    assert share_title(*worse) == "Adding documents hurt"
    other = summary("n", 55, 60), replace(summary("n2", 2, 60, given=False), label="n without documents")
    assert share_title(given, bare, *other) == "Adding documents helped every model"
    assert share_title(given, replace(bare, right=45)).startswith("Too close to tell")


def test_different_questions_are_no_comparison() -> None:
    pair = summary("a", 60, 60), summary("b", 1, 60)
    picture, unlike = shown(*pair, common=0), rights(*pair, common=0)
    times = first_tokens({"a": Spread(1, 20, 0.9, 1.1), "b": Spread(5, 20, 4, 6)})
    assert share_finding(picture, unlike).title == DIFFERENT
    assert time_finding(picture, times, NO_TIMES).title == DIFFERENT
    assert speed_finding(picture, times, NO_TIMES).title == DIFFERENT
    assert cost_finding(picture).title == DIFFERENT
    assert "decisive" not in headline(picture, unlike)
    assert headline(picture, unlike).endswith("on 60 questions.")


def test_the_headline_and_the_subtitle_say_on_how_many() -> None:
    pair = summary("a", 12, 12), summary("b", 1, 12)
    one, other = rights(*pair).tallies.values()
    failed = {"a": one, "b": replace(other, wrong=7, failed=3, cut_short=1)}
    told = replace(rights(*pair), tallies=failed)
    assert headline(shown(*pair), told).startswith("On the 12 questions judged for both of them, a with")
    assert share_finding(shown(*pair), told).subtitle == (
        "Share judged right with its 95% interval, on the 12 questions judged for both of them: "
        "20 answers marked right or wrong; 3 failed and 1 cut short count as not right"
    )
    three = (*pair, summary("c", 2, 12))
    assert "On the 12 questions judged for all of them, " in headline(shown(*three), rights(*three))


def test_judged_on_different_questions_is_no_comparison_though_all_answered_the_same() -> None:
    pair = summary("a", 9, 9), summary("b", 0, 9)
    unlike = rights(*pair, common=0)
    assert share_title(*pair, common=0) == DIFFERENT
    assert headline(shown(*pair), unlike) == (
        "a with documents was judged right 100% (70-100) of the time, on 9 questions."
    )


def test_quicker_only_where_the_intervals_are_apart() -> None:
    pair = shown(summary("a"), summary("b"))
    apart = first_tokens({"a": Spread(1, 20, 0.9, 1.1), "b": Spread(5, 20, 4, 6)})
    assert time_finding(pair, apart, NO_TIMES).title == "a with documents begins to answer first, after 1 s"
    assert speed_finding(pair, apart, NO_TIMES).title == "b with documents writes fastest, at 5 tokens/s"
    few = first_tokens({"a": Spread(1, 3), "b": Spread(5, 3)})
    assert time_finding(pair, few, NO_TIMES).title == "Too close to tell: none clearly begins to answer first"
    alone = shown(summary("a"))
    assert time_finding(alone, apart, NO_TIMES).title == "a with documents begins to answer after 1 s"


def test_times_of_answers_that_shared_their_machine_are_told_apart_and_not_compared() -> None:
    pair = shown(summary("a"), summary("b"))
    crowded = first_tokens({"a": Spread(1, 20, 0.9, 1.1), "b": Spread(5, 20, 4, 6)})
    found = time_finding(pair, NO_TIMES, crowded)
    assert found.title == NOT_ALONE
    assert "40 answers that shared their machine" in found.subtitle
    assert found.subtitle.endswith(ASK_IN_TURN)
    assert speed_finding(pair, NO_TIMES, NO_TIMES).title == NOT_TIMED
    mixed = time_finding(pair, first_tokens({"a": Spread(1, 20, 0.9, 1.1)}), crowded)
    assert mixed.title == "a with documents begins to answer after 1 s"
    assert "20 answers that ran alone on their machine" in mixed.subtitle
    assert "shared their machine: shown, not compared" in mixed.subtitle


def test_costs() -> None:
    cheap, dear = summary("a", cost=COST), summary("b", cost=3 * COST)
    assert (
        cost_finding(shown(cheap, dear)).title
        == "a with documents cost least so far: $1.00 per 1,000 questions"
    )
    assert cost_finding(shown(cheap, replace(cheap, candidate_hash="c"))).title.startswith(
        "All cost about the same"
    )
    assert cost_finding(shown(dear)).title == "b with documents costs $3.00 per 1,000 questions"
    unknown = replace(cheap, costed=0, cost_total=0, uncosted=20)
    assert cost_finding(shown(unknown)).title == "What the answers cost is unknown"
    assert "the cost of 20 answers is unknown" in cost_finding(shown(cheap, unknown)).subtitle
    assert "different currencies" in cost_finding(shown(cheap, replace(dear, currency="EUR"))).title


# ----------------------------------------------------------------- the cards


def test_a_card_names_a_winner_only_where_its_chart_does() -> None:
    clear, near, far = summary("a", 60, 60), summary("b", 31, 60), summary("c", 30, 60)
    decided = leading.most_right(shown(near, clear), rights(near, clear))
    assert card(shown(near, clear), decided, "") == ("100% (94-100)", "a with documents")
    doubted = leading.most_right(shown(near, far), rights(near, far))
    assert card(shown(near, far), doubted, "") == (
        "too close to tell",
        "In front so far: b with documents, 52% (39-64)",
    )
    assert share_title(near, far).startswith("Too close to tell")


def test_the_card_of_times_follows_the_same_rule() -> None:
    pair = shown(summary("a"), summary("b"))
    overlapping = {"a": Spread(1, 20, 0.9, 4.5), "b": Spread(5, 20, 4, 6)}
    large, small = card(pair, leading.quickest(pair, overlapping), "")
    assert (large, small) == ("too close to tell", "In front so far: a with documents, after 1 s")
    only = card(pair, leading.quickest(pair, {"a": Spread(1, 20, 0.9, 1.1)}), "")
    assert only == ("only one known", "a with documents: after 1 s")


def test_the_card_of_costs_follows_the_same_rule() -> None:
    cheap, dear = summary("a", cost=COST), summary("b", cost=3 * COST)
    alike = shown(cheap, replace(cheap, candidate_hash="c", label="c"))
    assert card(shown(cheap, dear), leading.cheapest(shown(cheap, dear)), "")[0] == "$1.00"
    assert card(alike, leading.cheapest(alike), "")[0] == "about the same"
    mixed = shown(cheap, replace(dear, currency="EUR"))
    assert card(mixed, leading.cheapest(mixed), "")[0] == "no comparison"


@pytest.mark.parametrize("common", [0, 20])
def test_a_card_says_where_nothing_can_be_compared(common: int) -> None:
    pair = summary("a", 60, 60), summary("b", 1, 60)
    picture = shown(*pair, common=common)
    large, small = card(picture, leading.most_right(picture, rights(*pair, common=0)), "")
    assert large == "no comparison"
    assert small.startswith("In front so far: a with documents, different questions; 100%")
    assert card(picture, leading.Lead(), "Ask.") == ("not known yet", "Ask.")
