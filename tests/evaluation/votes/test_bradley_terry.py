"""Bradley-Terry: equal to references, bounded where the likelihood is not, honest where nothing connects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from sklearn.linear_model import LogisticRegression

from app.domain import Bounded, Rating, Style
from app.evaluation.votes import bradley_terry
from app.evaluation.votes.bradley_terry import MIDDLE, SCALE, Ballots, Floats, standing, strengths
from app.evaluation.votes.looks import TRAITS, differences, looks
from benchmarks.votes import voted

Row = tuple[int, int, float, int]
ONE_WAY = [(0, 1, 1.0, place) for place in range(5)]


def ballots(rows: Sequence[Row], many: int) -> Ballots:
    return Ballots.of([f"c{place}" for place in range(many)], rows)


def by_minorising(votes: Ballots) -> Floats:
    """D. R. Hunter (2004), "MM algorithms for generalized Bradley-Terry models": another way to the same."""
    many = len(votes.candidates)
    won, met = np.zeros(many), np.zeros((many, many))
    np.add.at(won, votes.first, votes.points)
    np.add.at(won, votes.second, 1 - votes.points)
    np.add.at(met, (votes.first, votes.second), 1)
    met = met + met.T
    skill = np.ones(many)
    for _ in range(20_000):
        skill = won / (met / (skill[:, np.newaxis] + skill)).sum(axis=1)
        skill /= np.exp(np.log(skill).mean())
    found: Floats = np.log(skill)
    return found


def by_scikit(votes: Ballots) -> Floats:
    """Logistic regression without a penalty; half a win each is a vote either way that counts half."""
    table = np.zeros((len(votes.first), len(votes.candidates)))
    rows = np.arange(len(table))
    table[rows, votes.first], table[rows, votes.second] = 1, -1
    table = np.hstack([table[:, 1:] - 0, votes.traits])  # the first candidate's strength is 0
    both = np.vstack([table, table])
    told = np.repeat([1, 0], len(table))
    weights = np.concatenate([votes.points, 1 - votes.points])
    fitted = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-12, max_iter=10_000, solver="newton-cg")
    fitted.fit(both[weights > 0], told[weights > 0], sample_weight=weights[weights > 0])
    found: Floats = fitted.coef_[0]
    return found


def by_climbing(votes: Ballots) -> Floats:
    """Where Firth's penalised likelihood is greatest, looked for without any formula of its slope."""

    def penalised(rest: Floats) -> float:
        found = np.concatenate([[0.0], rest])
        ahead = found[votes.first] - found[votes.second]
        told = votes.points * log_expit(ahead) + (1 - votes.points) * log_expit(-ahead)
        table = np.zeros((len(ahead), len(found)))
        rows = np.arange(len(ahead))
        table[rows, votes.first], table[rows, votes.second] = 1, -1
        spread = expit(ahead) * expit(-ahead)
        information = (table[:, 1:] * spread[:, np.newaxis]).T @ table[:, 1:]
        return float(-told.sum() - np.linalg.slogdet(information)[1] / 2)

    start = np.zeros(len(votes.candidates) - 1)
    close = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000, "adaptive": True}
    rest = minimize(penalised, start, method="Nelder-Mead", options=close).x
    whole = np.concatenate([[0.0], rest])
    found: Floats = whole - whole.mean()
    return found


CASES = {
    "two": voted(2, 30, 30, seed=1),
    "three": voted(3, 60, 20, seed=2),
    "six": voted(6, 300, 60, seed=3),
    "twenty": voted(20, 2000, 200, seed=4),
}


@pytest.mark.parametrize("name", CASES)
def test_it_equals_the_reference_implementations(name: str) -> None:
    votes = CASES[name]
    found = strengths(votes)
    other = np.concatenate([[0.0], by_scikit(votes)])
    assert np.abs(found - (other - other.mean())).max() < 1e-6
    assert np.abs(found - by_minorising(votes)).max() < 1e-6
    told = standing(votes)
    assert [one.rating for one in told.ratings] == pytest.approx(list(MIDDLE + SCALE * found), abs=1e-6)
    assert all(one.bounded is None for one in told.ratings)


def test_with_style_it_equals_the_reference_too() -> None:
    votes = styled(seed=5)
    found = standing(votes, TRAITS)
    spread = np.sqrt((votes.traits**2).mean(axis=0))
    other = by_scikit(replace(votes, traits=votes.traits / spread))
    many = len(votes.candidates)
    skill = np.concatenate([[0.0], other[: many - 1]])
    expected = MIDDLE + SCALE * (skill - skill.mean())
    assert [one.rating for one in found.ratings] == pytest.approx(list(expected), abs=1e-5)
    assert found.style is not None
    weights = [one[0] for one in found.style.weights.values()]
    assert weights == pytest.approx(list(SCALE * other[many - 1 :]), abs=1e-5)
    assert [*found.style.weights] == list(TRAITS)


def styled(seed: int, *, length: float = 0.8) -> Ballots:
    """Three equal candidates, of which the last writes longest, and voters who like it long."""
    chance = np.random.default_rng(seed)
    rows: list[Row] = []
    traits = chance.normal(0, 0.3, (400, len(TRAITS)))
    for place in range(400):
        first, second = chance.choice(3, 2, replace=False)
        traits[place, 0] += 0.25 * (float(first == 2) - float(second == 2))
        ahead = length * traits[place, 0] / 0.3
        rows.append((int(first), int(second), float(chance.random() < 1 / (1 + np.exp(-ahead))), place // 4))
    return replace(ballots(rows, 3), traits=traits)


def test_style_control_takes_out_what_the_looks_won() -> None:
    votes = styled(seed=6)
    plain, controlled = standing(votes), standing(votes, TRAITS)
    ahead = [one.ratings[2].rating for one in (plain, controlled)]
    assert ahead[0] is not None
    assert ahead[1] is not None
    assert ahead[0] - MIDDLE > 40
    assert abs(ahead[1] - MIDDLE) < 40
    assert controlled.style is not None
    assert controlled.style.weights["length"][1] > 0, "its interval excludes 0"


def test_the_looks_of_answers_are_told_in_shares() -> None:
    assert looks("# A\n\n- **b** c\n- d\n1. e") == (9, 1, 3, 1)
    found = differences([("one two three", "one")])
    assert found.tolist() == [[2 / 5, 0, 0, 0]]
    assert differences([("one", "one two three")]).tolist() == [[-2 / 5, 0, 0, 0]]
    assert differences([]).shape == (0, 4)


def test_a_trait_that_hardly_any_vote_tells_of_is_left_out() -> None:
    votes = styled(seed=7)
    traits = votes.traits.copy()
    traits[9:, 1] = 0
    found = standing(replace(votes, traits=traits), TRAITS)
    assert found.style is not None
    assert found.style.rare == ("headings",)
    assert [*found.style.weights] == ["length", "lists", "bold"]


def test_style_that_tells_every_vote_stays_bounded() -> None:
    """The longer one always won: without a penalty its weight would run away."""
    votes = replace(ballots([(0, 1, float(place % 2), place) for place in range(20)], 2))
    votes = replace(votes, traits=np.where(votes.points > 0.5, 1.0, -1.0)[:, np.newaxis])
    found = standing(votes, ("length",))
    assert found.style is not None
    low, high = found.style.weights["length"][1:]
    assert 0 < low < high < 5000
    assert {one.bounded for one in found.ratings} == {Bounded.LOOKS}, "and that is said"


def test_where_looks_tell_every_vote_the_interval_goes_both_ways() -> None:
    """Resamples without the penalty ran off to one side, so that the estimate was an end of its interval."""
    votes = looked_at(2, 20, 1, seed=1, true=np.array([-0.7, 0.7]))
    for one in standing(votes, TRAITS).ratings:
        assert one.bounded is Bounded.LOOKS
        assert one.rating is not None
        assert one.low is not None
        assert one.high is not None
        assert one.low + 50 < one.rating < one.high - 50


@pytest.mark.parametrize("points", [0.5, 1.0])
def test_a_look_that_goes_with_who_wrote_is_not_told_apart(points: float) -> None:
    """One model always writes a heading, and another never: nobody can say which of the two was voted for."""
    rows = [(0, 1, 1.0 if place < 45 else 0.0, place) for place in range(60)]
    bare = ballots(rows, 2)
    drawn = np.random.default_rng(1).normal(size=60)
    traits = np.stack([drawn, np.full(60, points), drawn * 2], axis=1)
    found = standing(replace(bare, traits=traits[:, 1:2]), ("headings",))
    assert found.style == Style({}, (), ("headings",))
    assert found.ratings == standing(bare).ratings
    both = standing(replace(bare, traits=traits), ("length", "headings", "bold")).style
    assert both is not None
    assert both.entwined == ("length", "headings", "bold"), "the first and the last go with each other"
    one = standing(replace(bare, traits=traits[:, :2]), ("length", "headings")).style
    assert one is not None
    assert (set(one.weights), one.entwined) == ({"length"}, ("headings",))


def test_looks_that_tell_every_vote_are_climbed_to_and_not_given_up() -> None:
    """Whole steps went too far here and never came back; what was told then was that nothing mattered."""
    chance = np.random.default_rng(23)
    chance.normal(0, 1, 2)
    sizes = [chance.integers(20, 300, (12, 2)), *(chance.poisson(one, (12, 2)) for one in (0.5, 2, 1.5))]
    texts = np.stack(sizes, axis=2) * (1 + np.arange(2)[np.newaxis, :, np.newaxis] * 0.5)
    rows: list[Row] = []
    traits = []
    for place in range(12):
        first, second = (int(one) for one in chance.choice(2, 2, replace=False))
        one, other = texts[place, first], texts[place, second]
        traits.append((one - other) / (one + other + 1))
        chance.random()
        rows.append((first, second, float(traits[-1][0] > 0), place))
    own = replace(ballots(rows, 2), traits=bradley_terry._spread(np.array(traits)))
    found = bradley_terry._regressed(own, firth=True)
    table, fixed = bradley_terry._design(own), bradley_terry._fixed(own)
    top = bradley_terry._height(own, table, fixed, found, firth=True)
    assert top == pytest.approx(-2.05, abs=0.01)
    for step in np.vstack([np.eye(len(found)), -np.eye(len(found))]) * 1e-3:
        assert bradley_terry._height(own, table, fixed, found + step, firth=True) <= top


ONE_QUESTION = [(0, 1, 1.0, 0), (0, 1, 1.0, 0), (0, 1, 0.0, 0)]
ALIKE = [(0, 1, points, place) for place in range(5) for points in (1.0, 1.0, 0.0)]


@pytest.mark.parametrize(
    "rows", [[(0, 1, 0.5, 0)], [(0, 1, 0.5, place) for place in range(200)], ONE_QUESTION, ALIKE]
)
def test_votes_that_all_say_the_same_leave_a_doubt(rows: list[Row]) -> None:
    """Every resample of them is alike, and the intervals were of no width at all."""
    for one in standing(ballots(rows, 2)).ratings:
        assert one.rating is not None
        assert one.low is not None
        assert one.high is not None
        assert one.low < one.rating - 10
        assert one.high > one.rating + 10


def test_who_only_wins_is_bounded_and_marked() -> None:
    found = standing(ballots(ONE_WAY, 2))
    won, lost = found.ratings
    assert (won.bounded, lost.bounded) == (Bounded.WON, Bounded.LOST)
    assert won.rating is not None
    assert won.low is not None
    assert won.high is not None
    # Firth's estimate of 5 of 5 is that of 5.5 of 6.
    assert won.rating - MIDDLE == pytest.approx(SCALE * np.log(5.5 / 0.5) / 2, abs=1e-6)
    assert won.high - won.low > 100, "five votes are no certainty"
    assert not found.apart[0].decisive
    assert standing(ballots(ONE_WAY * 6, 2)).ratings[0].bounded is Bounded.WON
    with pytest.raises(ValueError, match="not finite"):
        strengths(ballots(ONE_WAY, 2))


def test_a_single_vote_puts_its_winner_ahead() -> None:
    """By as much as 1.5 votes of 2: with one vote a pair the penalty weighs as much as what was voted."""
    for points in (1.0, 0.0):
        first, second = standing(ballots([(0, 1, points, 0)], 2)).ratings
        assert first.rating is not None
        assert second.rating is not None
        ahead = (first.rating - second.rating) * (1 if points else -1)
        assert ahead == pytest.approx(SCALE * np.log(3), abs=1e-6)
    chain = standing(ballots([(0, 1, 1.0, 0), (1, 2, 1.0, 1), (2, 3, 1.0, 2)], 4)).ratings
    assert [one.rating for one in chain] == sorted((one.rating or 0 for one in chain), reverse=True)


few_votes = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 1), st.sampled_from([0.0, 0.5, 1.0, 1.0]), st.integers(0, 3)
    ).map(lambda one: (one[0], (one[0] + one[1] + 1) % 3, one[2], one[3])),
    min_size=1,
    max_size=6,
)


@given(rows=few_votes)
def test_where_the_likelihood_is_not_bounded_the_penalised_one_is_greatest(rows: list[Row]) -> None:
    votes = ballots(rows, 3)
    for group in np.unique(groups := bradley_terry._connected(votes, strong=False)):
        members = np.flatnonzero(groups == group)
        if len(members) < 2:
            continue
        own = votes.among(members)
        counts = bradley_terry._Counts.of(own)
        start = np.zeros((1, len(members)))
        found = bradley_terry._solved(counts, *counts.whole(), start, firth=True)[0]
        assert found == pytest.approx(by_climbing(own), abs=1e-4)
        assert bradley_terry._regressed(own, firth=True) == pytest.approx(found, abs=1e-6)
        drawn = counts.resampled()
        settled = bradley_terry._solved(counts, *drawn, start.repeat(len(drawn[0]), axis=0), firth=True)
        step = bradley_terry._step(counts, *drawn, settled, firth=True)
        assert np.abs(step).max() < 1e-3, "also where a pair's vote counts for a small part of one"


def test_thirty_wins_of_thirty_are_decisive() -> None:
    found = standing(ballots([(0, 1, 1.0, place) for place in range(30)], 2))
    assert found.apart[0].decisive


def test_two_camps_of_which_one_always_wins_are_marked_as_such() -> None:
    even = [(0, 1, 0.5, 0), (2, 3, 0.5, 1)]
    found = standing(ballots([*even, (0, 2, 1.0, 2), (1, 3, 1.0, 3), (0, 3, 1.0, 4)], 4))
    assert {one.bounded for one in found.ratings} == {Bounded.ONE_WAY}
    assert found.groups == 1


def test_only_the_one_who_never_lost_is_marked_beside_others_who_did() -> None:
    rows = [(0, 1, 1.0, 0), (0, 2, 1.0, 1), (1, 2, 1.0, 2), (1, 2, 0.0, 3)]
    assert [one.bounded for one in standing(ballots(rows, 3)).ratings] == [Bounded.WON, None, None]


def test_what_no_chain_of_votes_connects_has_no_common_scale() -> None:
    rows = [(0, 1, 1.0, 0), (0, 1, 0.0, 1), (2, 3, 0.5, 2)]
    found = standing(ballots(rows, 5))
    assert found.groups == 2
    assert [one.group for one in found.ratings][:4] == [0, 0, 1, 1]
    assert [one.rating for one in found.ratings[:4]] == pytest.approx([MIDDLE] * 4)
    assert found.ratings[4].rating is None
    assert {(one.first, one.second) for one in found.apart} == {("c0", "c1"), ("c2", "c3")}


def test_no_votes_say_nothing() -> None:
    found = standing(ballots([], 3))
    assert found.votes == found.groups == 0
    assert [one.rating for one in found.ratings] == [None] * 3
    with pytest.raises(ValueError, match="between two"):
        ballots([(1, 1, 0.5, 0)], 2)


def test_the_order_in_which_a_pair_is_told_changes_nothing() -> None:
    votes = CASES["six"]
    turned = replace(votes, first=votes.second, second=votes.first, points=1 - votes.points)
    assert [one.rating for one in standing(turned).ratings] == pytest.approx(
        [one.rating for one in standing(votes).ratings], abs=1e-8
    )


def test_votes_on_one_question_only_give_no_false_certainty() -> None:
    found = standing(ballots([(0, 1, float(place > 2), 7) for place in range(40)], 2))
    assert not found.apart[0].decisive


some_votes = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3), st.sampled_from([0.0, 0.5, 1.0]), st.integers(0, 6)).map(
        lambda one: (one[0], (one[0] + one[1] + 1) % 5, one[2], one[3])
    ),
    max_size=30,
)


@given(rows=some_votes, looked_at=st.booleans())
def test_whatever_the_votes_every_figure_is_finite_and_within_its_interval(
    rows: list[Row], looked_at: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bradley_terry, "RESAMPLES", 40)
    votes = ballots(rows, 5)
    names = TRAITS if looked_at else ()
    if looked_at:
        drawn = np.random.default_rng(len(rows)).integers(-1, 2, (len(rows), len(TRAITS)))
        votes = replace(votes, traits=drawn / 2)
    found = standing(votes, names)
    assert sum(one.votes for one in found.ratings) == 2 * len(rows)
    for one in found.ratings:
        assert one.won + one.lost + one.even == one.votes
        if not one.votes:
            assert one.rating is None
            continue
        assert one.rating is not None
        assert one.low is not None
        assert one.high is not None
        assert -9000 < one.low <= one.rating <= one.high < 11_000
    for group in {one.group for one in found.ratings if one.rating is not None}:
        own = [one.rating for one in found.ratings if one.group == group]
        assert np.mean([one for one in own if one is not None]) == pytest.approx(MIDDLE)
    assert all(0 <= one.adjusted <= 1 for one in found.apart)


@pytest.mark.parametrize("apart", [0.0, 0.7])
def test_intervals_hold_the_truth(
    apart: float, soak: bool, trials: Callable[[str, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sample here, the whole with `make soak`: 95% intervals and, of equals, false alarms."""
    if not soak:
        monkeypatch.setattr(bradley_terry, "RESAMPLES", 400)
    worlds = [(2, 20, 1), (4, 20, 3), (4, 60, 1), (4, 60, 3), (8, 60, 5), (4, 200, 1)]
    each = 300 if soak else 12
    held, alarms, pages = [], 0, 0
    for place, (many, questions, votes) in enumerate(worlds):
        true = np.linspace(-apart, apart, many)
        for trial in range(each):
            drawn = voted(many, questions * votes, questions, seed=1000 * place + trial, true=true)
            found = standing(drawn)
            if found.groups != 1 or any(one.rating is None for one in found.ratings):
                continue
            pages += 1
            alarms += any(one.decisive for one in found.apart)
            for one, strength in zip(found.ratings, true, strict=True):
                assert one.low is not None
                assert one.high is not None
                held.append(one.low <= MIDDLE + SCALE * strength <= one.high)
    trials(f"ratings {apart} apart: {100 * np.mean(held):.1f}% held", len(held))
    assert 0.93 - (0 if soak else 0.03) <= np.mean(held) <= 0.97 + (0 if soak else 0.02)
    if apart == 0:
        trials(f"pages of equals with a false alarm: {100 * alarms / pages:.1f}%", pages)
        assert alarms / pages <= 0.05 + (0 if soak else 0.04)


LIKED = np.array([1.0, 0.3, 0.3, 0.0])
"""What the looks are worth to the voters of ``looked_at``, by TRAITS."""


def looked_at(many: int, questions: int, votes: int, *, seed: int, true: Floats) -> Ballots:
    """Votes on answers with looks, each candidate writing longer than the one before; a fifth are ties."""
    chance = np.random.default_rng(seed)
    total, asked = questions * votes, np.arange(questions * votes) % questions
    first = chance.integers(0, many, total)
    second = (first + chance.integers(1, many, total)) % many
    usual = np.linspace([20, 1, 0, 2], [80, 1, 2, 2], many)
    each = chance.poisson(usual[:, np.newaxis] * chance.gamma(2, 0.5, (many, questions, len(TRAITS))))
    a, b = each[first, asked], each[second, asked]
    traits = (a - b) / (a + b + 1)
    preferred = 1 / (1 + np.exp(true[second] - true[first] - traits @ LIKED))
    won, again = chance.random((2, total)) < preferred
    points = np.where(chance.random(total) < 0.2, (won + again * 1.0) / 2, won)
    rows = zip(first.tolist(), second.tolist(), points.tolist(), asked.tolist(), strict=True)
    return replace(ballots(list(rows), many), traits=traits)


@pytest.mark.parametrize("apart", [0.0, 0.7])
def test_with_style_control_intervals_hold_the_truth(
    apart: float, soak: bool, trials: Callable[[str, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of ratings and of the weights of looks, though their resamples take one step only."""
    if not soak:
        monkeypatch.setattr(bradley_terry, "RESAMPLES", 400)
    worlds = [(2, 20, 1), (3, 20, 3), (4, 60, 1), (4, 60, 3), (8, 60, 5), (4, 200, 1)]
    held: dict[bool, list[bool]] = {True: [], False: []}
    weighed, alarms, pages = [], 0, 0
    for place, (many, questions, votes) in enumerate(worlds):
        true = np.linspace(-apart, apart, many)
        for trial in range(200 if soak else 10):
            drawn = looked_at(many, questions, votes, seed=1000 * place + trial, true=true)
            found = standing(drawn, TRAITS)
            if found.groups != 1 or found.style is None:
                continue
            pages += 1
            alarms += any(one.decisive for one in found.apart)
            for one, strength in zip(found.ratings, true, strict=True):
                held[one.bounded is not None].append(_holds(one, strength))
            weighed += _weighed(drawn, found.style)
    for what, told in (("ratings", held[False]), ("marked ratings", held[True]), ("weights", weighed)):
        trials(
            f"{what} with style control {apart} apart: {100 * np.mean(told or [True]):.1f}% held", len(told)
        )
    for told in (held[False], weighed):
        assert 0.93 - (0 if soak else 0.03) <= np.mean(told) <= 0.97 + (0 if soak else 0.02)
    if apart == 0:
        trials(f"pages of equals, style control, a false alarm: {100 * alarms / pages:.1f}%", pages)
        assert alarms / pages <= 0.05 + (0 if soak else 0.04)


@pytest.mark.parametrize("names", [(), TRAITS], ids=["as they are", "style control"])
def test_intervals_of_a_group_with_a_marked_candidate_are_cautious(
    names: Sequence[str], soak: bool, trials: Callable[[str, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first and the last are 520 points apart, 20 to 1, and few votes are given: often one only wins."""
    if not soak:
        monkeypatch.setattr(bradley_terry, "RESAMPLES", 400)
    held = []
    for place, (many, questions) in enumerate([(2, 20), (3, 20), (4, 30)]):
        true = np.linspace(-1.5, 1.5, many)
        for trial in range(300 if soak else 20):
            seed = 1000 * place + trial
            with_looks = looked_at(many, questions, 1, seed=seed, true=true)
            drawn = with_looks if names else voted(many, questions, questions, seed=seed, true=true)
            found = standing(drawn, names)
            if found.groups == 1 and any(one.bounded for one in found.ratings):
                held += [_holds(one, strength) for one, strength in zip(found.ratings, true, strict=True)]
    how = "with style control" if names else "as they are"
    trials(f"ratings beside a marked one, {how}: {100 * np.mean(held):.1f}% held", len(held))
    assert np.mean(held) >= 0.95 - (0 if soak else 0.05)


def _weighed(drawn: Ballots, style: Style) -> list[bool]:
    """Whether each weight's interval holds what the voters of ``looked_at`` give for a usual difference."""
    worth = dict(zip(TRAITS, np.sqrt((drawn.traits**2).mean(axis=0)) * LIKED * SCALE, strict=True))
    return [bool(low <= worth[name] <= high) for name, (_, low, high) in style.weights.items()]


def _holds(one: Rating, strength: float) -> bool:
    assert one.low is not None
    assert one.high is not None
    return bool(one.low <= MIDDLE + SCALE * strength <= one.high)
