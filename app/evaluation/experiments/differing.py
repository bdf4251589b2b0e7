"""What is not the same in two experiments, or in two candidates, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields

from app.domain import Candidate, Difference, Experiment, Options

NONE = "none"
REVISION = "revision of the documents"
_COLLECTION = re.compile(
    r"id (?P<id>\S+), revision (?P<revision>\d+), (?P<documents>\d+) documents, split as (?P<split>.+), "
    r"embedder (?P<embedder>.+)",
    re.DOTALL,
)
_BACKEND = "backend "
_OPTIONS: Mapping[str, str] = {
    "instruction": "instruction",
    "temperature": "temperature",
    "seed": "seed",
    "max_tokens": "token cap",
    "schema": "strict JSON",
}
_PROMPT = "prompt "
_GIVEN: Mapping[bool | None, str] = {True: "with", False: "without", None: "not told"}


def differences_between(first: Experiment, second: Experiment) -> Iterator[Difference]:
    """What the experiments differ in as wholes: dataset, manner, judge, Assay, machine, prompts, servers."""
    yield from _told("dataset", first.dataset_name, second.dataset_name)
    if first.version != second.version:
        told = (f"{one.cases} questions, version {one.version[:8]}" for one in (first, second))
        yield from _told("questions", *told)
    yield from _told("repeats", str(first.repeats), str(second.repeats))
    yield from _told("one answer at a time", _yes(first.one_at_a_time), _yes(second.one_at_a_time))
    yield from _told("what is right is said by", _rule(first), _rule(second))
    for key in dict.fromkeys([*first.snapshot, *second.snapshot]):
        if key in {"Assay", "machine"} or key.startswith((_BACKEND, _PROMPT)):
            what = {"Assay": "Assay's version"}.get(key, key)
            told = (one.snapshot.get(key, NONE) for one in (first, second))
            yield from _told(what, *told, long=key.startswith(_PROMPT))


def differences_of(
    one: Candidate, first: Experiment, other: Candidate, second: Experiment
) -> Iterator[Difference]:
    """What two candidates differ in: model, weights, options, passages, and the collection searched."""
    yield from _told("server", one.backend, other.backend)
    yield from _told("model", one.model, other.model)
    if one.model == other.model and one.digest and other.digest:
        yield from _told("model's weights", one.digest[:19], other.digest[:19])
    # How an imported one was asked is not known, so that nothing differs for sure.
    for field in () if one.imported or other.imported else fields(Options):
        values = (getattr(each.options, field.name) for each in (one, other))
        yield from _told(_OPTIONS.get(field.name, field.name), *map(_value, values))
    yield from _told("documents", *(_GIVEN[each.documents_given] for each in (one, other)))
    if one.retrieval and other.retrieval:
        yield from _told("passages given", str(one.retrieval.k), str(other.retrieval.k))
        places = (each.retrieval.gold_at if each.retrieval else None for each in (one, other))
        yield from _told("place of the right passage", *(_value(place) for place in places))
        ids = one.retrieval.collection_id, other.retrieval.collection_id
        kept = _collection(first, ids[0]), _collection(second, ids[1])
        for what in dict.fromkeys([*kept[0], *kept[1]]):
            # Two collections count their changes apart, so that their numbers say nothing of each other.
            if what != REVISION or ids[0] == ids[1]:
                yield from _told(what, *(each.get(what, NONE) for each in kept))


def _rule(experiment: Experiment) -> str:
    """Who says whether an answer is right: by another rule other answers are."""
    judge = experiment.judge
    if judge is None:
        return "the words of a right answer (contains)"
    return f"the judge {judge.backend}/{judge.model}" + (f" ({judge.digest[:19]})" if judge.digest else "")


def _collection(experiment: Experiment, collection_id: str) -> dict[str, str]:
    """What the snapshot says of a collection, part by part."""
    for key, told in experiment.snapshot.items():
        found = _COLLECTION.fullmatch(told) if key.startswith("collection ") else None
        if found and found["id"] == collection_id:
            return {
                "collection": key.removeprefix("collection "),
                "documents in the collection": found["documents"],
                REVISION: found["revision"],
                "way of splitting": found["split"],
                "embedder": found["embedder"],
            }
    return {}


def _told(what: str, first: str, second: str, *, long: bool = False) -> Iterator[Difference]:
    if first != second:
        yield Difference(what, first, second, long)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _yes(value)
    if isinstance(value, float):
        return f"{value:g}"
    return NONE if value in {None, ""} else str(value)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
