"""Real services over a data folder of the test, with fakes in the place of models and embedders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.backends.registry import Registry
from app.domain import Collection, OutcomeKind, Upload
from app.services import Services, install, open_services
from app.settings import load
from app.ui.frame import FRAMED
from tests.fakes import FakeBackend, FakeEmbedder
from tests.migrated import migrated

ROOT = Path(__file__).parents[2]
EMBEDDER = "fake/words"
SECONDS = 30


class FakeServer(FakeBackend):
    """A fake backend that embeds, too."""

    def __init__(self, name: str = "fake", **more: object) -> None:
        super().__init__(name, **more)  # type: ignore[arg-type]
        self.words = FakeEmbedder(f"{name}/words", local=self.local, host=self.host)

    def embedders(self) -> list[str]:
        return ["words"]

    def embedder(self, model: str) -> FakeEmbedder:
        assert model == "words"
        return self.words


@contextmanager
def opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *servers: FakeServer
) -> Iterator[tuple[Services, list[FakeServer]]]:
    """The services of the process, with these servers (one called "fake" unless others are given)."""
    made = list(servers) or [FakeServer()]
    monkeypatch.setenv("ASSAY_DATA", str(migrated(folder / "data")))
    monkeypatch.setattr(Registry, "build", classmethod(lambda cls, _settings: cls(made)))
    with open_services(load(folder / "none.toml"), "a test") as services:
        install(services)
        try:
            yield services, made
        finally:
            install(None)


def filled(services: Services, name: str, **texts: str) -> Collection:
    """A collection with a text file for each keyword (``rope="…"`` is rope.txt)."""
    collection = services.new_collection(name, EMBEDDER)
    for stem, text in texts.items():
        outcome = services.ingesting.ingest(collection.id, Upload(f"{stem}.txt", text.encode()))
        assert outcome.kind is OutcomeKind.ADDED, outcome
    return collection


def page(name: str, **address: str) -> AppTest:
    """A page as its frame runs it; ``address`` are its query parameters."""
    test = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=SECONDS)
    test.session_state[FRAMED] = True
    for key, value in address.items():
        test.query_params[key] = value
    return test


def shown(test: AppTest) -> str:
    """All Markdown, captions, titles and messages of the page, one a line."""
    kinds = [test.title, test.subheader, test.markdown, test.caption, test.error, test.warning, test.info]
    return "\n".join(str(one.value) for kind in kinds for one in kind)
