"""The titles of the charts: what they claim, and what they do not."""

from __future__ import annotations

from dataclasses import replace

from app.domain import CandidateSummary, Share
from app.evaluation.statistics import wilson
from app.ui.findings import (
    DIFFERENT,
    NOBODY_JUDGED,
    Shown,
    Spread,
    cost_finding,
    headline,
    share_finding,
    speed_finding,
    time_finding,
    unique_names,
)

COST = 10**9


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
        first_token=None,
        wall=None,
        tokens_per_second=None,
        cost_total=cost * 20,
        currency="USD",
        costed=20,
        uncosted=0,
    )


def shown(*summaries: CandidateSummary, common: int = 20) -> Shown:
    return Shown(summaries, {one.candidate_hash: one.label for one in summaries}, common)


def shares(*summaries: CandidateSummary) -> dict[str, Share]:
    return {one.candidate_hash: wilson(one.right, one.marked) for one in summaries}


def share_title(*summaries: CandidateSummary, common: int = 20) -> str:
    return share_finding(shown(*summaries, common=common), shares(*summaries)).title


def test_nobody_judged() -> None:
    one = summary("a")
    assert share_title(one) == NOBODY_JUDGED
    assert headline(shown(one), shares(one)).endswith("none has been judged right or wrong yet.")


def test_a_clear_winner_a_clear_loser_and_nothing_clear() -> None:
    best, middle, worst = summary("a", 60, 60), summary("b", 30, 60), summary("c", 5, 60)
    assert share_title(middle, best) == "a with documents was right most often"
    assert share_title(summary("d", 32, 60), middle, worst) == "c with documents was right least often"
    assert share_title(middle, summary("e", 33, 60)).startswith("Not decisive")


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
    assert share_title(given, replace(bare, right=45)).startswith("Not decisive")


def test_different_questions_are_no_comparison() -> None:
    pair = summary("a", 60, 60), summary("b", 1, 60)
    picture = shown(*pair, common=0)
    spreads = {"a": Spread(1, 20, 0.9, 1.1), "b": Spread(5, 20, 4, 6)}
    assert share_finding(picture, shares(*pair)).title == DIFFERENT
    assert time_finding(picture, spreads).title == DIFFERENT
    assert speed_finding(picture, spreads).title == DIFFERENT
    assert cost_finding(picture).title == DIFFERENT
    assert "decisive" not in headline(picture, shares(*pair))


def test_the_subtitle_says_on_how_many() -> None:
    pair = summary("a", 60, 60), summary("b", 1, 60)
    finding = share_finding(shown(*pair, common=12), shares(*pair))
    assert "120 judged answers, on the 12 questions that all of them answered" in finding.subtitle


def test_quicker_only_where_the_intervals_are_apart() -> None:
    pair = shown(summary("a"), summary("b"))
    apart = {"a": Spread(1, 20, 0.9, 1.1), "b": Spread(5, 20, 4, 6)}
    assert time_finding(pair, apart).title == "a with documents begins to answer first, after 1 s"
    assert speed_finding(pair, apart).title == "b with documents writes fastest, at 5 tokens/s"
    few = {"a": Spread(1, 3), "b": Spread(5, 3)}
    assert time_finding(pair, few).title == "Not decisive: none clearly begins to answer first"
    assert time_finding(pair, {}).title == "No answer ran alone on its machine yet"
    assert time_finding(shown(summary("a")), apart).title == "a with documents begins to answer after 1 s"


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


def test_names_are_unique_and_short() -> None:
    labels = {
        "aaaa1": "x/y/Qwen with documents",
        "bbbb2": "Llama with documents",
        "cccc3": "Qwen with documents",
    }
    names = unique_names(labels)
    assert names["bbbb2"] == "Llama with documents"
    assert len(set(names.values())) == 3
    assert names["aaaa1"] == "Qwen with documents (settings aaaa)"
