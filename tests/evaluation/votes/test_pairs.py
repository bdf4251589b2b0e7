"""Which pair comes next, and who stands on the left."""

from __future__ import annotations

from collections import Counter

from app.domain import AnswerText
from app.evaluation.votes.pairs import AnswerPair, Couple, Key, Pairs, pairs_of, shown, turn_of


def texts(candidates: int = 3, cases: int = 4, repeats: int = 1) -> list[AnswerText]:
    return [
        AnswerText(who, case, repeat, f"{who}-{case}-{repeat}", f"the words of {who}")
        for who in range(candidates)
        for case in range(cases)
        for repeat in range(repeats)
    ]


def all_of(pairs: Pairs, compared: Counter[Couple] | None = None) -> list[AnswerPair]:
    """The pairs in the order in which a voter gets them, beside so many votes of others."""
    mine: set[Key] = set()
    counts, order = Counter(compared or {}), []
    while (turn := turn_of(pairs, mine, counts)).pair is not None:
        order.append(turn.pair)
        mine.add(turn.pair.key)
        counts[turn.pair.of] += 1
    return order


def test_only_answers_to_the_same_question_in_the_same_repeat_meet() -> None:
    found = pairs_of(texts(3, 4, 2)).pairs
    assert len(found) == 3 * 4 * 2
    assert all((one.first.case, one.first.repeat) == (one.second.case, one.second.repeat) for one in found)
    assert all(one.first.answer_id < one.second.answer_id for one in found)


def test_identical_answers_are_skipped_and_counted() -> None:
    alike = [
        AnswerText(who, 0, 0, f"{who}", words) for who, words in enumerate(("yes  it is", "yes it\nis", "no"))
    ]
    found = pairs_of(alike)
    assert found.alike == 1
    assert {one.of for one in found.pairs} == {(0, 2), (1, 2)}


def test_marks_are_no_part_of_what_is_put_to_a_vote() -> None:
    """Only who was given documents writes [1]; the judge of pairs does not see it either."""
    words = ("It is red [1], they say [2, 3].", "It is red, they say.", "It is blue (see passage 2).", "[4]")
    found = pairs_of(AnswerText(who, 0, 0, f"{who}", text) for who, text in enumerate(words))
    assert found.alike == 1
    seen = {one.text for pair in found.pairs for one in (pair.first, pair.second)}
    assert seen == {"It is red, they say.", "It is blue."}


def test_each_pair_comes_once_and_rarely_compared_candidates_come_first() -> None:
    pairs = pairs_of(texts(3, 4))
    order = all_of(pairs)
    assert {one.key for one in order} == {one.key for one in pairs.pairs}
    assert len(order) == 12
    for so_far in range(3, 13, 3):
        assert set(Counter(one.of for one in order[:so_far]).values()) == {so_far // 3}
    assert all_of(pairs, Counter({(0, 1): 4}))[0].of != (0, 1)


def test_two_voters_get_the_same_pairs_so_that_agreement_can_be_told() -> None:
    pairs = pairs_of(texts(3, 6))
    first = all_of(pairs)[:6]
    second = all_of(pairs, Counter(one.of for one in first))[:6]
    assert len({one.key for one in first} & {one.key for one in second}) >= 3


def test_it_resumes_where_it_stopped() -> None:
    pairs = pairs_of(texts())
    mine = {one.key for one in all_of(pairs)[:5]}
    turn = turn_of(pairs, mine, {})
    assert (turn.done, turn.of) == (5, 12)
    assert turn.pair is not None
    assert turn.pair.key not in mine
    assert turn == turn_of(pairs, mine, {})
    assert turn_of(pairs, mine | {("gone", "too")}, {}).done == 5
    assert turn_of(pairs, (), {}).done == 0
    assert turn_of(pairs, pairs.keys, {}).pair is None


def test_the_side_is_by_chance_and_stays_after_a_reload() -> None:
    pairs = pairs_of(texts(2, 200)).pairs
    left = [shown(one, "ada")[0].candidate for one in pairs]
    assert left == [shown(one, "ada")[0].candidate for one in pairs]
    assert 70 < sum(left) < 130
    assert left != [shown(one, "bob")[0].candidate for one in pairs], "another voter, another order"
