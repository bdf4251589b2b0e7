"""What the commands `compare` and `rescore` print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from app.commands import called, share_row, told_of
from app.domain import Change, Difference, PairResult, RescoreView, Side, Versus, sentence
from app.evaluation.experiments.versus import read, versus
from storage.database import Database
from storage.datasets import Datasets
from storage.experiments import Experiments


def compared(database: Database, first: str, second: str) -> Versus:
    """The two experiments compared. Raises NotFound and DatabaseTrouble."""
    experiments, datasets = Experiments(database), Datasets(database)
    return versus(read(experiments, datasets, first), read(experiments, datasets, second))


def versus_rows(made: Versus, collections: Mapping[str, str]) -> Iterator[dict[str, object]]:
    """One object a pair of candidates; then one of both experiments. ``collections`` are names by id."""
    yield from (_pair_row(one, collections) for one in made.pairs)
    yield {
        "first": made.first.id,
        "second": made.second.id,
        "common_questions": made.common,
        "only_in_first": [told_of(one, collections) for one in made.alone_first],
        "only_in_second": [told_of(one, collections) for one in made.alone_second],
        "differences": [asdict(one) for one in made.differences],
    }


def versus_words(made: Versus, collections: Mapping[str, str]) -> Iterator[str]:
    """The same as a person reads it on a terminal."""
    firsts, seconds = (called(one.candidates, collections) for one in (made.first, made.second))
    yield f"{made.first.name} ({made.first.id}) -> {made.second.name} ({made.second.id})"
    if not made.common:
        yield "They have no question in common (with the same right answers), so nothing is compared."
    else:
        yield f"{made.common} questions in common."
        for one in made.pairs:
            yield from _pair_words(one, firsts[one.pair.first.hash], seconds[one.pair.second.hash])
    yield from (f"Only in the first: {firsts[one.hash]}" for one in made.alone_first)
    yield from (f"Only in the second: {seconds[one.hash]}" for one in made.alone_second)
    yield from _difference_words(made.differences)


def _pair_words(one: PairResult, first: str, second: str) -> Iterator[str]:
    yield first if first == second else f"{first} -> {second}"
    counts = f"{len(one.better)} got better, {len(one.worse)} worse, {one.same} the same"
    waiting = f", {one.unjudged} not judged yet" if one.unjudged else ""
    yield f"  {counts}, {one.unscored} not scored in both{waiting}"
    names = {one.comparison.first: "The second", one.comparison.second: "the first"}
    if one.comparison.better_first.first == one.comparison.second:
        names = {one.comparison.first: "the second", one.comparison.second: "The first"}
    yield f"  {sentence(one.comparison, names)}"
    for how, changes in (("worse", one.worse), ("better", one.better)):
        for change in changes:
            yield f"  {how}: {' '.join(change.question.split())}"
    for words in _difference_words(one.differences):
        yield f"  {words}"


def _difference_words(differences: tuple[Difference, ...]) -> Iterator[str]:
    for one in differences:
        yield f"{one.what} differs" if one.long else f"{one.what}: {one.first} -> {one.second}"


def _pair_row(one: PairResult, collections: Mapping[str, str]) -> dict[str, object]:
    comparison = one.comparison
    return {
        "first": told_of(one.pair.first, collections),
        "second": told_of(one.pair.second, collections),
        "paired_by": one.pair.alike.value,
        "questions": comparison.questions,
        "first_right": share_row(one.first),
        "second_right": share_row(one.second),
        "difference": comparison.difference,
        "low": comparison.low,
        "high": comparison.high,
        "p": comparison.p,
        "adjusted": comparison.adjusted,
        "decisive": comparison.decisive,
        "words": comparison.words,
        "better": [_change(each) for each in one.better],
        "worse": [_change(each) for each in one.worse],
        "same": one.same,
        "unscored": one.unscored,
        "unjudged": one.unjudged,
        "differences": [asdict(each) for each in one.differences],
    }


def _change(one: Change) -> dict[str, object]:
    return {"question": one.question, "first": _side(one.first), "second": _side(one.second)}


def _side(one: Side) -> dict[str, object]:
    return {"right": one.right, "of": one.of, "answer": one.answer_id, "cause": one.cause}


def rescored_row(view: RescoreView) -> dict[str, object]:
    """What came of scoring anew, as an object."""
    return asdict(view)


def rescored_words(view: RescoreView) -> str:
    """What came of scoring anew, for a terminal."""
    told = (
        f"Answers scored anew: {view.done}; no model was asked. Right now and not before: {view.now_right}; "
        f"not right any more: {view.now_wrong}; scored now and not before, or the other way round: "
        f"{view.otherwise}. Causes to look for again (`run --resume`): {view.look_again}."
    )
    return " ".join([told, *_kept_words(view)])


def _kept_words(view: RescoreView) -> Iterator[str]:
    """What stays, or has to wait, as far as there is any."""
    why = "the experiment was run elsewhere" if view.elsewhere else "the documents are not as they were"
    lines = (
        (view.unlocated, "Of documents that are not as they were: {}; measures of their search stay."),
        (view.kept_causes, f"Causes that stay, though they may be others now: {{}} ({why})."),
        (view.kept_rulings, "Right or wrong as before, as no judge is asked here: {}."),
        (view.untold, f"Not right any more, and why cannot be looked for: {{}} ({why})."),
        (view.unjudged, "Waiting for the judge (`run --resume`): {}."),
    )
    for number, words in lines:
        if number:
            yield words.format(number)
