"""Opening one question of an experiment: what is right, where that stands, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.domain import (
    Answer,
    Case,
    CaseSeen,
    Collection,
    Experiment,
    Gold,
    GoldSeen,
    GoldSpan,
    GoldState,
    Passage,
    PosedCase,
    Probed,
    ProbeSeen,
    Span,
    Trial,
    TrialSeen,
    around,
    has_pages,
)
from app.errors import NotFound
from app.evaluation.datasets.locating import Locating, fold
from app.evaluation.experiments.running import collections_of, revision_of
from app.evaluation.right import right
from app.evaluation.scorers.judge import scorer_of
from app.evaluation.scorers.spans import covered
from storage.collections import Collections
from storage.datasets import Datasets
from storage.documents import Documents
from storage.experiments import Experiments


class Opening:
    """Reads what the page of a question shows. Every method raises DatabaseTrouble."""

    def __init__(
        self, experiments: Experiments, datasets: Datasets, collections: Collections, documents: Documents
    ) -> None:
        self._experiments = experiments
        self._datasets = datasets
        self._collections = collections
        self._documents = documents

    def case(self, experiment_id: str, place: int) -> CaseSeen:
        """The case at that place (from 0) with its trials. Raises NotFound."""
        experiment = self._experiments.get(experiment_id)
        cases = self._datasets.cases(experiment.version)
        if not 0 <= place < len(cases):
            raise NotFound("This experiment has no such question.", "Open one from the experiment itself.")
        case = cases[place]
        here = {one: self._collection(one) for one in collections_of(experiment)}
        posed = {key: Locating(self._documents, key).posed(case) for key, one in here.items() if one}
        return CaseSeen(
            experiment=experiment,
            place=place,
            case=case,
            golds=tuple(self._golds(experiment, case, here, posed)),
            trials=tuple(self._experiments.trials(experiment_id, place)),
            posed=posed,
            changed=tuple(_changed(experiment, here)),
        )

    def trials(self, seen: CaseSeen, chosen: Sequence[Trial]) -> dict[str, TrialSeen]:
        """The chosen trials of the case, opened, by answer id; those whose answers are gone are left out."""
        ids = [one.answer_id for one in chosen]
        probed = self._experiments.probes(ids)
        asked = [one.answer_id for several in probed.values() for one in several]
        answers = self._experiments.answers([*ids, *asked])
        return {
            one.answer_id: _opened(seen, one, answers, probed.get(one.answer_id, ()))
            for one in chosen
            if one.answer_id in answers
        }

    def _collection(self, collection_id: str) -> Collection | None:
        try:
            return self._collections.get(collection_id)
        except NotFound:
            return None

    def _golds(
        self,
        experiment: Experiment,
        case: Case,
        here: Mapping[str, Collection | None],
        posed: Mapping[str, PosedCase],
    ) -> Iterator[GoldSeen]:
        gone = GoldState.NO_COLLECTION
        if not all(here.values()) and self._experiments.imported(experiment.id):
            gone = GoldState.ELSEWHERE
        for number, gold in enumerate(case.gold):
            for key, collection in here.items():
                if collection is None:
                    yield GoldSeen(gold, key, "", gone)
                else:
                    yield self._gold(
                        gold, collection, posed[key].spans[number], there=posed[key].there[number]
                    )

    def _gold(self, gold: Gold, collection: Collection, span: GoldSpan | None, *, there: bool) -> GoldSeen:
        reading = self._documents.reading(span.document_id) if span else None
        if span is None or reading is None:
            # Where nobody named the document, it is the text that is missing.
            known = there or not gold.document
            place = GoldState.NOT_FOUND if known else GoldState.NO_DOCUMENT
            return GoldSeen(gold, collection.id, collection.name, place)
        text, mark = around(reading.text, (span.start, span.end))
        return GoldSeen(
            gold=gold,
            collection_id=collection.id,
            collection=collection.name,
            place=GoldState.FOUND,
            document_id=span.document_id,
            document=span.document_name,
            page=reading.page_at(span.start) if has_pages(span.document_name) else None,
            text=text,
            mark=mark,
            likeness=span.likeness,
            passage=first_holding(span, self._documents.passages(collection.id, span.document_id)),
        )


def first_holding(span: GoldSpan, passages: Sequence[Passage]) -> str:
    """The id of the first passage that holds half of the span, or else most of it; "" where none has any."""
    holding = [one for one in passages if span.start < one.end and one.start < span.end]
    longest = max(holding, key=lambda one: covered(span, [one]), default=None)
    return next(iter(span.passages), longest.id if longest else "")


def marks_in(passage: Passage, case: Case, posed: PosedCase | None) -> tuple[Span, ...]:
    """The stretches of gold text in a passage, in its own characters.

    By their places in the document where these are known; else (the documents are not here, or not any
    more) where the passage has the whole gold text, word for word.
    """
    if posed is not None and posed.located is not None:
        own = [one for one in posed.located if one.document_id == passage.document_id]
        spans = [(max(one.start, passage.start), min(one.end, passage.end)) for one in own]
        return tuple((start - passage.start, end - passage.start) for start, end in spans if start < end)
    found = (_verbatim(passage.text, one.text) for one in case.gold)
    return tuple(one for one in found if one is not None)


def _verbatim(text: str, wanted: str) -> Span | None:
    needle, folded = fold(wanted).text, fold(text)
    start = folded.text.find(needle) if needle else -1
    return (folded.places[start], folded.places[start + len(needle) - 1] + 1) if start >= 0 else None


def _opened(
    seen: CaseSeen, trial: Trial, answers: Mapping[str, Answer], probed: Sequence[Probed]
) -> TrialSeen:
    answer = answers[trial.answer_id]
    retrieval = answer.candidate.retrieval
    posed = seen.posed.get(retrieval.collection_id) if retrieval else None
    given = answer.prompt.given if answer.prompt else ()
    return TrialSeen(
        trial=trial,
        answer=answer,
        why=_why(seen, answer, trial),
        probes=tuple(ProbeSeen(one, answers[one.answer_id]) for one in probed if one.answer_id in answers),
        marks={one.passage.id: marks_in(one.passage, seen.case, posed) for one in given},
        covered=_covered(posed, [one.passage for one in given if one.fitted]) if retrieval else None,
    )


def _why(seen: CaseSeen, answer: Answer, trial: Trial) -> str:
    """The rule's words; "" where by the recorded scores it would come out otherwise than it is recorded."""
    told = right(seen.case, answer, answer.scores, scorer_of(seen.experiment.judge))
    return told.words if (told.value, told.rule.value) == (trial.right, trial.rule) else ""


def _covered(posed: PosedCase | None, given: Sequence[Passage]) -> float | None:
    spans = posed.located if posed else None
    if spans is None or any(one.end <= one.start for one in spans):
        return None
    return min(covered(one, given) for one in spans)


def _changed(experiment: Experiment, here: Mapping[str, Collection | None]) -> Iterator[str]:
    for key, one in here.items():
        if one is not None and revision_of(experiment, key) not in {"", str(one.revision)}:
            yield one.name
