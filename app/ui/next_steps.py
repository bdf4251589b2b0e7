"""What to do next: the remedies of the largest causes, what each could win at most, and where it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from app.domain import Candidate, Cause, Examined, Experiment, Family, Remedies, Remedy, Verdict, words_of
from app.ui import figures
from app.ui.experiments import NEW, address
from app.ui.frame import COLLECTION, DATASET
from app.ui.result_filters import family_key
from app.ui.safe import plain, whole_ends
from app.ui.verdict_words import more_words

_PAGES = {
    "dataset": "To the questions",
    "documents": "To the documents",
    "experiments": "To a new experiment",
    "models": "To the models",
}
_TELLS_MORE = frozenset({Cause.CANNOT_BE_TOLD, Cause.MODEL_UNSPLIT})
"""Causes whose remedy wins nothing by itself, but tells what would."""
_WHAT: Mapping[Family, str] = {
    Family.INDEX: "everything that the index missed were mended",
    Family.MODEL: "everything that the model got wrong were mended",
}
_DID: Mapping[Family, str] = {Family.INDEX: "missed", Family.MODEL: "got wrong"}
KEY = "next-of"


def draw_next(
    examined: Examined, verdict: Verdict, names: Mapping[str, str], opened: Callable[[str, str], None]
) -> None:
    """That more questions would decide it, and of one candidate, the best at first, its largest causes."""
    choices, more = about(examined, examined.sure.best), more_words(verdict)
    if not (choices or more):
        return
    st.markdown("#### What to do next")
    if more:
        with st.container(gap="xsmall", key="next-more"):
            st.markdown(more)
            _link("dataset", examined.experiment)
    if not choices:
        return
    candidates = examined.experiment.candidates
    place = choices[0]
    if len(choices) > 1:
        hashes = {candidates[one].hash: one for one in choices}
        place = hashes[
            st.selectbox("For", list(hashes), format_func=lambda one: names[one], key=KEY, width=420)
        ]
    else:
        st.markdown(f"For *{plain(whole_ends(names[candidates[place].hash]))}*:")
    own = examined.remedies[place]
    if told := family_words(own):
        st.markdown(told)
        with st.container(horizontal=True):
            for family in own.families:
                _draw_family(family, candidates[place], opened)
    for remedy in own.largest:
        _draw(remedy, examined.experiment, candidates[place], opened)


def about(examined: Examined, best: str) -> list[int]:
    """The places of the candidates with something to mend: with documents, where any has; the best first."""
    candidates = examined.experiment.candidates
    found = [one.candidate for one in examined.remedies if one.largest]
    given = [one for one in found if candidates[one].with_documents]
    shares = {
        place: one.right.value if one.right.of else 0.0
        for place, one in enumerate(examined.results.candidates)
    }
    return sorted(given or found, key=lambda one: (candidates[one].hash != best, -shares[one]))


def family_words(own: Remedies) -> str:
    """What each family of causes could win: "If …: right on 78% of the questions at most"."""
    parts = [
        f"If {_WHAT[one.family]}, it would be right on {_share(one)} of the questions at most"
        for one in own.families
        if one.family is not None
    ]
    return plain(". ".join([*parts, ""]).strip(), 600)


def remedy_words(remedy: Remedy) -> str:
    """A cause with its remedy and what it could win, as Markdown."""
    (cause,) = remedy.causes
    words = words_of(cause)
    if cause in _TELLS_MORE:
        won = "This wins nothing by itself, but tells what would."
    else:
        won = f"Were all of it mended: right on {_share(remedy)} at most."
    answers = figures.count(remedy.answers, "answer")
    return f"**{words.title}** ({answers}): {plain(words.remedy)} {plain(won)}"


def _share(remedy: Remedy) -> str:
    return figures.percent(remedy.at_most)


def _draw(
    remedy: Remedy, experiment: Experiment, candidate: Candidate, opened: Callable[[str, str], None]
) -> None:
    (cause,) = remedy.causes
    collection = candidate.retrieval.collection_id if candidate.retrieval else ""
    with st.container(gap="xsmall", key=f"next-{cause.name.lower()}"):
        st.markdown(remedy_words(remedy))
        with st.container(horizontal=True, vertical_alignment="center"):
            remedy_link(cause, experiment, collection)
            if st.button("Show them", key=f"next-show-{cause.name}", type="tertiary"):
                opened(candidate.hash, cause.value)


def _draw_family(remedy: Remedy, candidate: Candidate, opened: Callable[[str, str], None]) -> None:
    """The way to the answers that mending a whole family is about."""
    if remedy.family is None or not (key := family_key(remedy.family)):
        return
    name = f"Show what the {remedy.family.value} {_DID[remedy.family]}"
    if st.button(name, key=f"next-family-{remedy.family.value}", type="tertiary"):
        opened(candidate.hash, key)


def remedy_link(cause: Cause, experiment: Experiment, collection_id: str) -> None:
    """The way to the page where a cause is mended; ``collection_id``: whose documents, "" for none."""
    _link(words_of(cause).page, experiment, collection_id)


def _link(page: str, experiment: Experiment, collection_id: str = "") -> None:
    st.page_link(
        f"pages/{page}.py",
        label=_PAGES[page],
        icon=":material/arrow_forward:",
        query_params=remedy_query(page, experiment, collection_id),
    )


def remedy_query(page: str, experiment: Experiment, collection_id: str) -> dict[str, str]:
    """What the address of that page names."""
    if page == "dataset":
        return address(DATASET, experiment.dataset_id)
    if page == "experiments":
        return address(NEW, "yes", **{DATASET: experiment.dataset_id})
    return {COLLECTION: collection_id} if collection_id and page == "documents" else {}
