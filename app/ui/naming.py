"""Names of candidates and of experiments: alike ones are told apart, by what differs between them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from app.domain import DELETED, GONE, Candidate, CandidateSummary, Experiment
from app.ui import figures
from app.ui.candidates import DEFAULTS, settings_words, short_name

LONGEST_PART = 28
SETTINGS = len(settings_words(DEFAULTS, None))
Part = Callable[[Candidate], str]
"""One setting in words, "" where it is as usual."""


def candidate_names(
    candidates: Mapping[str, Candidate],
    collections: Mapping[str, str],
    only: Sequence[CandidateSummary] | None = None,
) -> dict[str, str]:
    """A unique name for each candidate by its hash; ``collections`` are their names by id.

    What differs among candidates of one label is said in words; letters of the hash are the last resort.
    ``candidates`` are in the order of their first answers, which tells first weights from later ones.
    With ``only``, these are named, and told apart from each other.
    """
    wanted = candidates if only is None else {one.candidate_hash for one in only}
    candidates = {key: one for key, one in candidates.items() if key in wanted}
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for key, one in candidates.items():
        groups[_label(one)].append(key)
    named: dict[str, str] = {}
    for label, keys in groups.items():
        said = _told_apart([candidates[key] for key in keys], collections)
        named |= {key: ", ".join([label, *words]) for key, words in zip(keys, said, strict=True)}
    names = [named[key] for key in candidates]
    return {
        key: named[key] if names.count(named[key]) == 1 else f"{named[key]} (settings {key[:4]})"
        for key in candidates
    }


def _label(one: Candidate) -> str:
    return f"{short_name(one.model)} {one.given}"


def _told_apart(group: Sequence[Candidate], collections: Mapping[str, str]) -> list[list[str]]:
    """For each of them, the parts in which the group differs."""
    said: list[list[str]] = [[] for _ in group]
    for part in _parts(group, collections):
        words = [part(one) for one in group]
        if len(set(words)) > 1:
            for own, word in zip(said, words, strict=True):
                own.extend([word] if word else [])
    return said


def _parts(group: Sequence[Candidate], collections: Mapping[str, str]) -> list[Part]:
    instructions = _numbered("instruction", [one.options.instruction.strip() for one in group])
    weights = _numbered("weights", [one.digest for one in group])

    def collection(one: Candidate) -> str:
        return _collection(collections.get(one.retrieval.collection_id, DELETED)) if one.retrieval else ""

    return [
        lambda one: f"on {one.backend}",
        lambda one: f"from {one.model.rpartition('/')[0]}" if "/" in one.model else "",
        lambda one: one.provenance.provider if one.provenance else "",
        _note,
        collection,
        *(partial(_setting, place) for place in range(SETTINGS)),
        lambda one: instructions[one.options.instruction.strip()],
        lambda one: weights[one.digest],
    ]


def _note(one: Candidate) -> str:
    """What was told of an imported one's documents, beside yes or no."""
    note = one.provenance.note if one.provenance else ""
    return note if len(note) <= LONGEST_PART else f"{note[: LONGEST_PART - 1]}…"


def _setting(place: int, one: Candidate) -> str:
    """One of the settings, but for the instruction: whether that differs is told apart."""
    usual = replace(one.options, instruction="")
    return settings_words(usual, one.retrieval.k if one.retrieval else None)[place]


def _collection(name: str) -> str:
    name, gone, number = name.partition(GONE)
    short = name if len(name) <= LONGEST_PART else f"{name[: LONGEST_PART - 1]}…"
    nameless = name.lower().startswith(DELETED)
    return short.lower() if nameless else f"collection {short}{gone}{number}"


def _numbered(what: str, values: Sequence[str]) -> dict[str, str]:
    """The first as it is, the second "other …", the third "other … 2"."""
    known = list(dict.fromkeys(values))
    return {
        value: "" if place == 0 else f"other {what}" + (f" {place}" if place > 1 else "")
        for place, value in enumerate(known)
    }


def experiment_names(experiments: Sequence[Experiment]) -> dict[str, str]:
    """Each experiment's name with its day, by its id; with the minute where another has both of them."""
    by_day = {one.id: f"{one.name} ({figures.day(one.made_at)})" for one in experiments}
    many = Counter(by_day.values())
    exact = {one.id: f"{one.name} ({figures.moment(one.made_at)})" for one in experiments}
    return {key: name if many[name] == 1 else exact[key] for key, name in by_day.items()}
