"""A report as a reader's browser takes it apart."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html.parser import HTMLParser

from app.domain import Examined, PriceUse, ScorerUse, Used, VerdictSettings
from app.evaluation.verdict import verdict_of
from app.ui.report_data import Report
from app.ui.result_look import Look
from app.ui.theme import colours


@dataclass
class Parsed:
    """What stands in a report: its text, its elements by name, and what their attributes say."""

    text: str = ""
    elements: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    scripts: list[tuple[str, str]] = field(default_factory=list)

    @property
    def charts(self) -> list[dict[str, object]]:
        (data,) = [words for kind, words in self.scripts if kind == "application/json"]
        found: list[dict[str, object]] = json.loads(data)
        return found

    def attribute(self, name: str) -> list[str]:
        return [value for _, other, value in self.attributes if other == name]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found = Parsed()
        self._raw = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.elements.append(tag)
        self.found.attributes += [(tag, name, value or "") for name, value in attrs]
        self._raw = tag if tag in {"script", "style"} else ""
        if tag == "script":
            self.found.scripts.append((dict(attrs).get("type") or "", ""))

    def handle_endtag(self, tag: str) -> None:
        self._raw = ""
        if tag in {"p", "li", "td", "th", "dd", "dt", "h1", "h2", "h3", "summary"}:
            self.found.text += "\n"

    def handle_data(self, data: str) -> None:
        if self._raw == "script":
            kind, before = self.found.scripts[-1]
            self.found.scripts[-1] = (kind, before + data)
        elif not self._raw:
            self.found.text += data


def parsed(html: str) -> Parsed:
    """Taken apart; the joiners that keep an interval on one line are left out of the text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.found.text = reader.found.text.replace("\u2060", "")
    return reader.found


def report(one: Examined, **more: object) -> Report:
    """A report of an experiment; ``more`` are its other parts."""
    names = {who.hash: who.label for who in one.experiment.candidates}
    usual = Report(
        examined=one,
        verdict=verdict_of(one, VerdictSettings()),
        look=Look(names, colours(names)),
        used=Used(
            scorers=(ScorerUse("contains", "1", 80, 2),),
            prices=(PriceUse({"kind": "list price", "model": "large", "in force since": "2026-01-02"}, 40),),
        ),
        version="9.8.7",
        made_at=datetime(2026, 11, 29, 12, tzinfo=UTC),
    )
    return replace(usual, **more)  # type: ignore[arg-type]
