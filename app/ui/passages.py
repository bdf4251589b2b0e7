"""The passages that the lanes were given, each with the sentence that an answer cites marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import Answer, Citation, FoundPassage, GivenPassage, Passage, Span
from app.ui import figures
from app.ui.safe import excerpt, plain
from app.ui.words import help_for

OPEN_AT_LEAST = 6
"""So many passages stand open; more of them only where they are cited."""
FEWEST_COMMON_WORDS = 2
LEAST_SHARE = 0.34

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+(?!\s|$)[^.!?\n]*)*[.!?]*")
_MARK = re.compile(r"\[[\d\s,;]+\]")
_WORD = re.compile(r"\w+", re.UNICODE)
_SHORT = 2


@dataclass(frozen=True)
class Group:
    """The answers (of at least one lane) that were given the same passages."""

    number: int
    given: tuple[GivenPassage, ...]
    answers: tuple[Answer, ...]

    def anchor(self, number: int) -> str:
        """Where the passage [number] of this group stands on the page."""
        return f"passage-{self.number}-{number}"


def groups_of(answers: Iterable[Answer]) -> list[Group]:
    """The answers by what they were given, in the order of the lanes; those without passages in none."""
    found: dict[tuple[str, ...], list[Answer]] = {}
    for one in answers:
        given = tuple(given.passage.id for given in one.prompt.given) if one.prompt else ()
        if given:
            found.setdefault(given, []).append(one)
    return [
        Group(number, _fullest(members), tuple(members))
        for number, members in enumerate(found.values(), start=1)
    ]


def _fullest(answers: Sequence[Answer]) -> tuple[GivenPassage, ...]:
    """The passages as the lane that had room for most of them got them."""
    prompts = [one.prompt for one in answers if one.prompt]
    return min(prompts, key=lambda prompt: prompt.left_out).given


def cited_span(passage: str, sentences: Sequence[str]) -> tuple[int, int] | None:
    """The span of the passage's sentence that shares most words with a sentence that cites it.

    ``None`` where none shares enough of them to be sure which one is meant.
    """
    best, span = 0.0, None
    for match in _SENTENCE.finditer(passage):
        own = _words(match.group())
        score = max((_likeness(own, _words(one)) for one in sentences), default=0.0)
        if score > best:
            best, span = score, _trimmed(passage, match.span())
    return span


def _likeness(own: set[str], wanted: set[str]) -> float:
    """The words shared, less for a long sentence that holds everything; 0 for too few to be sure."""
    shared = len(own & wanted)
    if shared < FEWEST_COMMON_WORDS or shared < LEAST_SHARE * min(len(own), len(wanted)):
        return 0.0
    return shared / (1 + len(own) / 40)


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.casefold()) if len(word) > _SHORT or word.isdigit()}


def _trimmed(text: str, span: tuple[int, int]) -> tuple[int, int]:
    piece = text[span[0] : span[1]]
    start = span[0] + len(piece) - len(piece.lstrip())
    return start, start + len(piece.strip())


def citing_sentences(answer: Answer, number: int) -> list[str]:
    """The sentences of the answer that carry the mark [number], without their marks."""
    marks = (one for one in answer.checks.citations if one.number == number and one.valid)
    return [sentence for one in marks if (sentence := _sentence_before(answer.text, one))]


def _sentence_before(text: str, citation: Citation) -> str:
    before = _MARK.sub("", text[: citation.start]).rstrip(" [")
    pieces = [one.group().strip() for one in _SENTENCE.finditer(before)]
    return next((one for one in reversed(pieces) if _WORD.search(one)), "")


def cited_numbers(group: Group) -> set[int]:
    """The numbers that any answer of the group cites."""
    return {one.number for answer in group.answers for one in answer.checks.citations if one.valid}


def draw_groups(
    groups: Sequence[Group], names: Mapping[str, str], marks: Mapping[str, Sequence[Span]] | None = None
) -> None:
    """Below the lanes: what they were given. ``names`` are the lanes' names by answer id.

    Marked in a passage is the sentence that an answer cites; or else its own ``marks``, by its id.
    """
    for group in groups:
        st.subheader(_title(group, names, alone=len(groups) == 1), anchor=f"passages-{group.number}")
        for line in _left_out(group, names):
            st.caption(line, help=help_for("left out"))
        _draw_group(group, marks)


def _title(group: Group, names: Mapping[str, str], *, alone: bool) -> str:
    fitted = sum(one.fitted for one in group.given)
    count = "1 passage" if fitted == 1 else f"{fitted} passages"
    if alone and len(group.answers) == 1:
        return f"{count[0].upper()}{count[1:]} went to the lane with documents"
    if alone:
        return f"The same {count} went to each lane with documents"
    return f"{count[0].upper()}{count[1:]} went to " + ", ".join(
        plain(names[one.id]) for one in group.answers
    )


def _left_out(group: Group, names: Mapping[str, str]) -> list[str]:
    """Which lanes had no room for all of them, in words."""
    told = [(names[one.id], one.prompt.left_out) for one in group.answers if one.prompt]
    return [
        f"{plain(name)}: {left} of the {len(group.given)} did not fit into its prompt."
        for name, left in told
        if left
    ]


def _draw_group(group: Group, marks: Mapping[str, Sequence[Span]] | None) -> None:
    cited = cited_numbers(group)
    opened = [
        one
        for place, one in enumerate(group.given)
        if place < OPEN_AT_LEAST
        or (one.number in cited and one.fitted)
        or (marks and marks.get(one.passage.id))
    ]
    rest = [one for one in group.given if one not in opened]
    for one in opened:
        _draw_given(one, group, marks)
    if rest:
        with st.expander(f"{len(rest)} more passages that no answer cites", key=f"more-{group.number}"):
            for one in rest:
                _draw_given(one, group, marks)


def _draw_given(given: GivenPassage, group: Group, marks: Mapping[str, Sequence[Span]] | None) -> None:
    number = f"[{given.number}]" if given.fitted else "(did not fit)"
    place = given.passage.place
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.subheader(
                f":small[{plain(number)} {plain(place)}]",
                anchor=group.anchor(given.number) if given.fitted else False,
                width="content",
            )
            st.caption(_similarity(given.similarity), help=help_for("similarity"), width="content")
            if given.deleted:
                st.badge("document deleted", color="gray", icon=":material/delete:")
        own = [_cited_in(given, group)] if marks is None else marks.get(given.passage.id, ())
        st.markdown(excerpt(given.passage.text, *own))


def _cited_in(given: GivenPassage, group: Group) -> Span | None:
    """The sentence of the passage that an answer of the group cites."""
    sentences = [sentence for answer in group.answers for sentence in citing_sentences(answer, given.number)]
    return cited_span(given.passage.text, sentences) if given.fitted else None


def _similarity(value: float) -> str:
    return f"similarity {figures.cosine(value)}"


def draw_found(found: Sequence[FoundPassage], given: int, open_passage: Callable[[Passage], None]) -> None:
    """The result of a search without a model, best first; a hit opens.

    The first ``given`` are what Ask gives to a model: they are marked where there are more.
    """
    for one in found:
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.button(
                    f"{one.rank}. {plain(one.passage.place)}",
                    key=f"found-{one.passage.id}",
                    type="tertiary",
                    icon=":material/arrow_forward:",
                    icon_position="right",
                    help="Open this passage in its document.",
                    on_click=open_passage,
                    args=(one.passage,),
                )
                st.caption(_similarity(one.similarity), help=help_for("similarity"), width="content")
                if one.rank <= given < len(found):
                    st.badge("Ask gives this", color="gray", help=help_for("passages given"))
            st.markdown(excerpt(one.passage.text))
