"""Every row of METRICS' table, its order, and that nothing is asked that an earlier row settles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.domain import (
    FAMILY_WORDS,
    IMPORTED_BACKEND,
    Answer,
    AnswerState,
    Candidate,
    Case,
    Cause,
    Checks,
    Family,
    FoundPassage,
    GivenPassage,
    Gold,
    GoldSpan,
    Options,
    Passage,
    PosedCase,
    ProbeKind,
    Prompt,
    Provenance,
    Retrieval,
    words_of,
)
from app.evaluation.attribution import Asked, cause_of, searches
from app.evaluation.scorers.spans import covered
from tests.storage.examples import answer, question

K = 2
CASE = Case("How many stones?", ("seven",), (Gold("mill.txt", "The mill has seven stones."),))
SPAN = GoldSpan("mill", "mill.txt", 100, 200, 1.0, ("p1",))
POSED = PosedCase(CASE, (SPAN,), (True,))


def passage(name: str, start: int, end: int, text: str = "", document: str = "mill") -> Passage:
    return Passage(name, "c", document, f"{document}.txt", 1, start, end, text or f"text of {name}")


GOLD = passage("p1", 50, 250)
FIRST_HALF, SECOND_HALF = passage("p2", 0, 150), passage("p3", 140, 300)
OTHERS = [passage(f"x{n}", 0, 400, document="inn") for n in range(60)]


def given(*passages: Passage, fitted: Sequence[bool] = ()) -> Prompt:
    fits = fitted or [True] * len(passages)
    pairs = zip(passages, fits, strict=True)
    chosen = tuple(GivenPassage(n if fit else 0, one, 0.5, fit) for n, (one, fit) in enumerate(pairs, 1))
    return Prompt((), chosen, 10, exact=True, window=100)


def made(prompt: Prompt | None = None, *, temperature: float = 0.0, documents: bool = True) -> Answer:
    who = Candidate(
        "fake", "tiny", Options(temperature=temperature), Retrieval("c", K) if documents else None
    )
    return replace(answer(question(), who=who), prompt=prompt or given(*OTHERS[:K]))


@dataclass
class Exact:
    """A collection with this order of nearest passages; ``lost`` ones the index does not return."""

    nearest: Sequence[Passage] = field(default_factory=lambda: [GOLD, *OTHERS])
    lost: Sequence[str] = ()
    asked: list[str] = field(default_factory=list)

    def exact(self, question: str, k: int) -> Sequence[FoundPassage]:
        self.asked.append("exact")
        return [FoundPassage(one, 1 - n / 100, n) for n, one in enumerate(self.nearest[:k], 1)]

    def rank(self, question: str, passage: Passage) -> int:
        return self.nearest.index(passage) + 1 if passage in self.nearest else 0

    def overlapping(self, span: GoldSpan) -> Sequence[Passage]:
        return [GOLD]

    def indexed(self, passage: Passage) -> bool:
        self.asked.append("indexed")
        return passage.id not in self.lost


def look(
    one: Answer,
    posed: PosedCase = POSED,
    search: Exact | None = None,
    *,
    abstained: bool = False,
    probes: Mapping[ProbeKind, Sequence[bool]] | None = None,
) -> Cause | ProbeKind | None:
    asked = Asked(posed, one, abstained, lambda text: "seven" in text, probes or {})
    found = cause_of(asked, search or Exact())
    assert (found.cause is None) is (found.evidence == "")
    return found.cause or found.needs


@pytest.mark.parametrize("state", [AnswerState.FAILED, AnswerState.STOPPED])
def test_failed_goes_before_everything(state: AnswerState) -> None:
    unanswerable = PosedCase(Case("Why?", unanswerable=True))
    assert look(replace(made(), state=state), unanswerable) is Cause.FAILED
    assert look(replace(made(), checks=Checks(schema_held=False))) is Cause.FAILED


@pytest.mark.parametrize("text", ["", "[1]", " ."])
def test_an_empty_answer_invents_nothing_and_is_wrong_where_there_is_an_answer(text: str) -> None:
    empty = replace(made(), text=text)
    assert look(empty, PosedCase(Case("Why?", unanswerable=True))) is Cause.FAILED
    assert (
        look(replace(empty, prompt=given(GOLD, *OTHERS[:2])), probes={ProbeKind.GOLD: [True]})
        is Cause.DISTRACTED
    )
    assert (
        look(replace(empty, prompt=given(GOLD, *OTHERS[:2])), probes={ProbeKind.GOLD: [False]})
        is Cause.MODEL_WRONG
    )


def test_invented_goes_before_what_a_lane_was_given() -> None:
    posed = PosedCase(Case("Why?", unanswerable=True))
    assert look(made(), posed) is Cause.INVENTED
    assert look(made(documents=False), posed) is Cause.INVENTED


def test_no_documents_and_nothing_known_of_where_it_stands() -> None:
    assert look(made(documents=False)) is Cause.NO_DOCUMENTS
    assert look(made(), PosedCase(replace(CASE, gold=()))) is Cause.CANNOT_BE_TOLD
    only_name = replace(CASE, gold=(Gold("mill.txt", ""),))
    assert look(made(), PosedCase(only_name, (None,), (True,))) is Cause.CANNOT_BE_TOLD


def test_a_document_that_is_absent_and_a_text_that_was_not_read() -> None:
    assert look(made(), PosedCase(CASE, (None,), (False,))) is Cause.NOT_IN_COLLECTION
    assert look(made(), PosedCase(CASE, (None,), (True,))) is Cause.NOT_READ
    nameless = replace(CASE, gold=(Gold("", "The mill has seven stones."),))
    assert look(made(), PosedCase(nameless, (None,), (False,))) is Cause.NOT_IN_COLLECTION


def test_of_several_golds_the_worst_decides() -> None:
    two = replace(CASE, gold=(CASE.gold[0], Gold("inn.txt", "nine beds")))
    assert look(made(given(GOLD)), PosedCase(two, (SPAN, None), (True, True))) is Cause.NOT_READ
    other = GoldSpan("inn", "inn.txt", 0, 400, 1.0, ("x0",))
    both = PosedCase(two, (SPAN, other), (True, True))
    assert look(made(given(GOLD)), both, Exact([GOLD, *OTHERS])) is Cause.MISSED_BY_INDEX
    assert look(made(given(GOLD, OTHERS[0])), both) is ProbeKind.GOLD


@pytest.mark.parametrize("turned", [False, True])
def test_of_several_golds_the_first_row_that_holds_for_any_wins(turned: bool) -> None:
    """In whichever order the dataset has them."""

    def several(*told: tuple[Gold, GoldSpan | None, bool]) -> PosedCase:
        golds, spans, there = zip(*(reversed(told) if turned else told), strict=True)
        return PosedCase(replace(CASE, gold=golds), spans, there)

    found = (CASE.gold[0], SPAN, True)
    not_read = (Gold("mill.txt", "It has a wheel of oak."), None, True)
    absent = (Gold("inn.txt", "nine beds"), None, False)
    assert look(made(given(GOLD)), several(not_read, absent)) is Cause.NOT_IN_COLLECTION
    assert look(made(given(GOLD)), several(found, absent)) is Cause.NOT_IN_COLLECTION
    assert look(made(given(GOLD)), several(found, not_read)) is Cause.NOT_READ
    far = (Gold("inn.txt", "nine beds"), GoldSpan("far", "far.txt", 0, 100, 1.0, ("f",)), True)
    both = several(found, far)
    beyond = passage("f", 0, 100, document="far")
    assert look(made(), both, Exact([GOLD, *OTHERS])) is Cause.MISSED_BY_INDEX
    assert look(made(), both, Exact([*OTHERS[:K], GOLD, *OTHERS[K:]])) is Cause.MISSED_BY_EMBEDDER
    assert look(made(), both, Exact([*OTHERS[:K], GOLD, beyond])) is Cause.RANKED_TOO_LOW


def test_given_elsewhere_asks_no_index() -> None:
    search = Exact(lost=["p1"])
    elsewhere = passage("y", 0, 50, "It has seven stones.", document="letter")
    assert look(made(given(elsewhere)), search=search) is Cause.GIVEN_ELSEWHERE
    assert search.asked == []
    left_out = made(given(OTHERS[0], elsewhere, fitted=[True, False]))
    assert look(left_out, search=search) is Cause.NOT_INDEXED


@pytest.mark.parametrize(
    ("search", "cause"),
    [
        (Exact([GOLD, *OTHERS], lost=["p1"]), Cause.NOT_INDEXED),
        (Exact([GOLD, *OTHERS]), Cause.MISSED_BY_INDEX),
        (Exact([OTHERS[0], GOLD, *OTHERS[1:]]), Cause.MISSED_BY_INDEX),
        (Exact([*OTHERS[:K], GOLD, *OTHERS[K:]]), Cause.RANKED_TOO_LOW),
        (Exact([*OTHERS[:49], GOLD]), Cause.RANKED_TOO_LOW),
        (Exact([*OTHERS[:50], GOLD]), Cause.MISSED_BY_EMBEDDER),
        (Exact(OTHERS), Cause.MISSED_BY_EMBEDDER),
        (Exact([]), Cause.MISSED_BY_EMBEDDER),
    ],
)
def test_what_kept_it_from_being_found(search: Exact, cause: Cause) -> None:
    assert look(made(), search=search) is cause
    assert look(replace(made(), state=AnswerState.CUT_SHORT), search=search, abstained=True) is cause


def test_the_top_is_never_smaller_than_what_is_given() -> None:
    many = replace(made(), candidate=Candidate("fake", "tiny", Options(), Retrieval("c", 55)))
    assert look(many, search=Exact([*OTHERS[:53], GOLD])) is Cause.MISSED_BY_INDEX


def test_did_not_fit() -> None:
    assert look(made(given(OTHERS[0], GOLD, fitted=[True, False]))) is Cause.DID_NOT_FIT
    halves = made(given(FIRST_HALF, SECOND_HALF, fitted=[True, False]))
    assert look(halves) is Cause.DID_NOT_FIT


def test_two_passages_that_hold_it_together_give_it_whole() -> None:
    assert covered(SPAN, [FIRST_HALF]) == 0.5
    assert covered(SPAN, [FIRST_HALF, SECOND_HALF]) == covered(SPAN, [GOLD]) == 1.0
    assert covered(SPAN, [replace(GOLD, document_id="inn")]) == 0.0
    assert look(made(given(FIRST_HALF, SECOND_HALF)), abstained=True) is Cause.REFUSED
    assert look(made(given(FIRST_HALF))) is Cause.MISSED_BY_INDEX


def test_of_the_model() -> None:
    whole = made(given(GOLD))
    assert look(whole, abstained=True) is Cause.REFUSED
    assert look(replace(whole, state=AnswerState.CUT_SHORT)) is Cause.CUT_SHORT
    assert look(replace(whole, state=AnswerState.CUT_SHORT), abstained=True) is Cause.REFUSED


def test_at_temperature_0_the_same_again_is_not_asked() -> None:
    whole = made(given(GOLD))
    assert look(whole) is ProbeKind.GOLD
    assert look(whole, probes={ProbeKind.GOLD: [True]}) is Cause.DISTRACTED
    assert look(whole, probes={ProbeKind.GOLD: [False]}) is Cause.MODEL_WRONG


@pytest.mark.parametrize(
    ("again", "alone", "cause"),
    [
        ([True, True, False], None, Cause.NOT_REPEATABLE),
        ([True, False], None, ProbeKind.GOLD),
        ([True, False], [True, False], Cause.MODEL_WRONG),
        ([False, False, False], [True, True, False], Cause.DISTRACTED),
        ([False], [False], Cause.MODEL_WRONG),
        (None, [True], ProbeKind.AGAIN),
    ],
)
def test_the_majority_of_the_re_askings_decides(
    again: list[bool] | None, alone: list[bool] | None, cause: Cause | ProbeKind
) -> None:
    probes = {ProbeKind.AGAIN: again, ProbeKind.GOLD: alone}
    known = {kind: one for kind, one in probes.items() if one is not None}
    assert look(made(given(GOLD), temperature=0.7), probes=known) is cause


def test_every_cause_has_its_family() -> None:
    families = {family: {one for one in Cause if one.family is family} for family in Family}
    assert len(families[Family.INDEX]) == 7
    assert families[Family.NEITHER] == {
        Cause.FAILED,
        Cause.NO_DOCUMENTS,
        Cause.NOT_RECORDED,
        Cause.CANNOT_BE_TOLD,
    }
    assert len(families[Family.MODEL]) == 8


def test_every_cause_has_words_and_a_remedy() -> None:
    pages = {path.stem for path in Path("pages").glob("*.py")}
    words = [words_of(one) for one in Cause]
    assert len({one.title for one in words}) == len({one.meaning for one in words}) == len(words)
    for one in words:
        assert one.meaning.endswith(".")
        assert one.remedy.endswith(".")
        assert one.page in pages
    assert set(FAMILY_WORDS) == set(Family)


REMEDIES = {
    Cause.INVENTED: ("tell the model", "another model"),
    Cause.NO_DOCUMENTS: ("documents on",),
    Cause.CANNOT_BE_TOLD: ("add the gold text",),
    Cause.NOT_IN_COLLECTION: ("upload it",),
    Cause.NOT_READ: ("another format", "ocr"),
    Cause.GIVEN_ELSEWHERE: ("instruction", "another model"),
    Cause.NOT_INDEXED: ("rebuild the index",),
    Cause.MISSED_BY_INDEX: ("index", "settings"),
    Cause.MISSED_BY_EMBEDDER: ("embedder", "splitting", "hybrid search"),
    Cause.RANKED_TOO_LOW: ("larger k", "reranker"),
    Cause.DID_NOT_FIT: ("window", "fewer passages"),
    Cause.REFUSED: ("instruction", "another model"),
    Cause.CUT_SHORT: ("raise the token cap", "shorter answers"),
    Cause.NOT_REPEATABLE: ("lower the temperature", "repeat"),
    Cause.DISTRACTED: ("fewer passages", "reranker"),
    Cause.MODEL_WRONG: ("larger model",),
}
"""METRICS' last column; that of "failed" is the backend's own words."""


@pytest.mark.parametrize("cause", REMEDIES, ids=lambda one: one.value)
def test_the_remedies_are_those_of_the_table(cause: Cause) -> None:
    remedy = words_of(cause).remedy.lower()
    assert all(one in remedy for one in REMEDIES[cause])
    missing = {"hybrid search", "reranker", "settings"}.intersection(REMEDIES[cause])
    assert not missing or "assay" in remedy, "what Assay does not have is told as such"


@pytest.mark.parametrize(
    ("documents", "abstained", "text", "cause"),
    [
        (None, False, "ten", Cause.NOT_RECORDED),
        (True, False, "ten", Cause.NOT_RECORDED),
        (False, False, "ten", Cause.NO_DOCUMENTS),
        (None, True, "It is not there.", Cause.NOT_RECORDED),
        (True, True, "It is not there.", Cause.NOT_RECORDED),
        (False, True, "I do not know.", Cause.NO_DOCUMENTS),
        (True, False, " ", Cause.FAILED),
        (False, False, "", Cause.FAILED),
    ],
)
def test_of_an_imported_answer_nobody_knows_what_it_was_given(
    documents: bool | None, abstained: bool, text: str, cause: Cause
) -> None:
    """Neither the index is blamed nor, without "given whole", the model; and nothing is searched or asked."""
    who = Candidate(IMPORTED_BACKEND, "gpt-4o", provenance=Provenance("openai", documents))
    recorded = replace(answer(question(), who=who), prompt=None, text=text)
    exact = Exact()
    asked = Asked(POSED, recorded, abstained, lambda _text: True)
    found = cause_of(asked, exact)
    assert (found.cause, found.needs) == (cause, None)
    assert cause.family is Family.NEITHER
    assert not exact.asked
    assert not searches(asked)


def test_an_imported_answer_to_what_the_documents_do_not_have_is_invented() -> None:
    who = Candidate(IMPORTED_BACKEND, "gpt-4o", provenance=Provenance())
    recorded = replace(answer(question(), who=who), prompt=None, text="Ada.")
    asked = Asked(PosedCase(Case("Who?", unanswerable=True)), recorded, False, lambda _text: False)
    assert cause_of(asked, Exact()).cause is Cause.INVENTED
    marked = replace(asked, abstained=True)
    assert cause_of(marked, Exact()).cause is Cause.NOT_RECORDED, "a person marked it wrong"
