"""Experiments that ran over services of the test, for the pages that show what came of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.domain import Candidate, Case, Collection, Dataset, Gold, Options, Retrieval
from app.evaluation.experiments.experimenting import Wanted
from app.services import Services
from tests.ui.opened import ROOT

QUESTIONS = (
    Case("How many stones has the mill?", ("seven",), (Gold("mill.txt", "The mill has seven stones."),)),
    Case(
        "How many beds has the inn?", ("nine",), (Gold("inn.txt", "The inn has nine beds."),), tags=("inn",)
    ),
    Case("Who is the miller?", unanswerable=True),
    Case("What costs $94 and :red[x]?", ("<b>nothing</b>",), (Gold("gone.txt", "Nothing costs that."),)),
)
TEXTS = {
    "mill": "Some words before. The mill has seven stones. Some words after.",
    "inn": "The inn has nine beds.",
}


@dataclass
class Links:
    """The links that were drawn: page, label and address. A page alone knows no others to link to."""

    drawn: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def __call__(
        self, page: str, *, label: str, query_params: dict[str, str] | None = None, **_: object
    ) -> None:
        assert (ROOT / page).is_file()
        self.drawn.append((page, label, query_params or {}))
        st.markdown(label)


def linking(monkeypatch: pytest.MonkeyPatch) -> Links:
    links = Links()
    monkeypatch.setattr(st, "page_link", links)
    return links


def named(test: AppTest, name: str) -> str:
    """What the page's address names."""
    value = test.query_params[name]
    return value if isinstance(value, str) else value[0]


def dataset(services: Services, name: str = "Mill", cases: Sequence[Case] = QUESTIONS) -> Dataset:
    return services.datasets.by_name(name) or services.datasets.create(name, cases)


def both(collection: Collection, **options: object) -> tuple[Candidate, Candidate]:
    """The model with the documents and without."""
    asked = Options(**options)  # type: ignore[arg-type]
    return (
        Candidate("fake", "tiny", asked, Retrieval(collection.id, 2)),
        Candidate("fake", "tiny", asked),
    )


def ran(
    services: Services,
    candidates: Sequence[Candidate],
    *,
    name: str = "First",
    repeats: int = 1,
    asked: Dataset | None = None,
) -> str:
    """Run it to its end; returns its id."""
    wanted = Wanted(name, (asked or dataset(services)).id, tuple(candidates), repeats)
    made = services.experimenting.start(wanted)
    until = time.monotonic() + 30
    while services.experimenting.view(made).busy:
        assert time.monotonic() < until
        time.sleep(0.02)
    return made
