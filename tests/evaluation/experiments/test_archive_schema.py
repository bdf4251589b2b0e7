"""docs/experiment-file.md names every key that is written, and what it holds; nothing else is written."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain import (
    ArchivedExperiment,
    ArchivedTrial,
    Candidate,
    Choice,
    Citation,
    Limit,
    Options,
    Provenance,
    Quote,
    Slot,
    Vote,
)
from app.evaluation.experiments.archive import archive_of, lines_of
from tests.evaluation.experiments.test_archive import made
from tests.storage.examples import answer, question

PAGE = Path(__file__).parents[3] / "docs" / "experiment-file.md"
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| ")
SECTION = re.compile(r"^### (.+)$")
LINK = re.compile(r"\[([a-z ]+)\]\(#([a-z-]+)\)")
Schema = dict[str, dict[str, str]]


def schema() -> Schema:
    """Section -> key -> what it holds."""
    found: Schema = {}
    for line in PAGE.read_text("utf-8").splitlines():
        if section := SECTION.match(line):
            found[section[1]] = {}
        elif row := ROW.match(line):
            list(found.values())[-1][row[1]] = row[2]
    return found


def whole() -> ArchivedExperiment:
    """An experiment with something in every place of the file."""
    archive = made()
    who = Candidate("imported", "gpt-4o", provenance=Provenance("openai", None, "our wiki"))
    recorded = replace(answer(question(), who=who), id="I1", prompt=None)
    cost = replace(recorded.cost, entry={"kind": "list price"})
    checks = replace(recorded.checks, citations=(Citation(1, 0, 3, False),), quotes=(Quote("seven", 0),))
    recorded = replace(recorded, cost=cost, checks=checks)
    experiment = replace(
        archive.experiment,
        candidates=(*archive.experiment.candidates, who),
        limit=Limit(5, "USD"),
    )
    trials = (*archive.trials, ArchivedTrial(Slot(2, 0, 0), 1, recorded, right=True, rule="contains"))
    here = next(one for one in archive.trials if one.slot == (0, 0, 0) and not one.superseded)
    vote = Vote.of("Ada", (here.answer.id, recorded.id), Choice.LEFT, datetime(2026, 3, 1, tzinfo=UTC))
    return replace(archive, experiment=experiment, trials=trials, votes=(vote,))


def faults(schema: Schema, section: str, value: object, seen: set[str], where: str = "") -> Iterator[str]:
    """What of a value is not as its section of the page says."""
    seen.add(section)
    keys = schema[section]
    if not isinstance(value, dict) or set(value) != set(keys):
        yield f"{where or section}: {value} has not the keys {sorted(keys)}"
        return
    for key, held in value.items():
        yield from _faults(schema, keys[key], held, seen, f"{where or section}.{key}")


def _faults(schema: Schema, told: str, value: object, seen: set[str], where: str) -> Iterator[str]:
    if told.endswith(" or null"):
        if value is None:
            return
        told = told.removesuffix(" or null")
    if told.startswith("list of "):
        if not isinstance(value, list):
            yield f"{where}: {value!r} is no list"
            return
        for one in value:
            yield from _faults(schema, told.removeprefix("list of "), one, seen, where)
    elif link := LINK.fullmatch(told):
        assert link[1].replace(" ", "-") == link[2], "the link leads to that section"
        yield from faults(schema, link[1], value, seen, where)
    elif not _is(told, value):
        yield f"{where}: {value!r} is no {told}"


def _is(told: str, value: object) -> bool:
    if told == "date":
        return isinstance(value, str) and datetime.fromisoformat(value).utcoffset() is not None
    if told == "texts by name":
        return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    if told == "number":
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    kinds: dict[str, type] = {"text": str, "whole number": int, "yes/no": bool}
    return isinstance(value, kinds[told]) and (told != "whole number" or not isinstance(value, bool))


def test_the_page_says_what_is_written() -> None:
    page, seen = schema(), set[str]()
    archive = whole()
    found: list[str] = []
    for line in lines_of(archive):
        row = json.loads(line)
        found += faults(page, f"{row['kind']} line", row, seen)
    assert not found
    assert seen == set(page), "every section is of something"
    assert archive_of(lines_of(archive)) == archive


@pytest.mark.parametrize("section", ["candidate", "trial", "usage"])
def test_a_key_that_the_page_lacks_or_has_too_much_is_found(section: str) -> None:
    lines = [json.loads(one) for one in lines_of(whole())]
    lacking, more = schema(), schema()
    lacking[section].pop(next(iter(lacking[section])))
    more[section]["more"] = "text"
    for page in (lacking, more):
        assert any(list(faults(page, f"{one['kind']} line", one, set())) for one in lines)


def test_a_file_from_before_there_were_imported_candidates_is_read() -> None:
    """It has no key for where they come from, and its candidates are those that they were."""
    archive = made()
    lines = [re.sub(r',"provenance":null', "", one) for one in lines_of(archive)]
    assert "provenance" not in "".join(lines)
    assert archive_of(lines) == archive
    old = Candidate("fake", "tiny", Options())
    assert old.hash == replace(old, provenance=None).hash
