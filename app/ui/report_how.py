"""A report's part on how all was measured, and what its words mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from app.domain import ScorerUse
from app.ui import judge, result_measures
from app.ui.measures import measure_tables
from app.ui.report_charts import overview
from app.ui.report_data import Report, known
from app.ui.report_html import element, folding, listed, marked, section, table, text
from app.ui.result_how import how_lines
from app.ui.tables import Table
from app.ui.words import help_for

_SIZE = re.compile(r"(?<![0-9.])\d+(\.\d+)?[bm](?![a-z0-9])", re.IGNORECASE)
"""As in "qwen2.5-coder:1.5b"."""


def how(one: Report) -> str:
    """What was asked, what counts as right, of which weights, at which prices and by which measures."""
    examined, names = one.examined, one.look.names
    lines = [marked(line) for line in how_lines(examined, one.used, one.pay_off)]
    lines.append(
        f"{element('strong', 'Measures, with their versions:')} {text(scorer_words(one.used.scorers))}"
    )
    scorers = result_measures.scorer_table(one.used.scorers, examined.experiment.judge)
    settings = (result_measures.candidate_table(examined.experiment, names), scorers)
    facts = (*settings, result_measures.fact_table(examined))
    return section(
        "How this was measured",
        listed(lines),
        folding("Everything that could change the result", *(table(each, kind="long") for each in facts)),
        kind="how",
    )


def scorer_words(scorers: Sequence[ScorerUse]) -> str:
    """Each scorer once, with all the versions that were used."""
    versions: dict[str, list[str]] = {}
    for one in scorers:
        versions.setdefault(one.scorer.partition(":")[0], []).append(one.version)
    return ", ".join(f"{name} {' and '.join(dict.fromkeys(own))}" for name, own in versions.items()) or "none"


def more(one: Report) -> str:
    """What home leaves to the page of the experiment: on the screen only."""
    examined, names = one.examined, one.look.names
    parts = [
        folding(title, table(each), _terms(_telling(each)))
        for title, each in measure_tables(examined.experiment, one.measures, names).items()
    ]
    if examined.trials:
        rows = result_measures.abstention_table(examined, names)
        title = "Does it say so when the documents do not contain it?"
        parts.append(folding(title, table(rows), _terms(_telling(rows))))
    checked = [(names[each.candidate.hash], each.judge) for each in examined.results.candidates if each.judge]
    if checked:
        parts.append(folding(judge.title(checked), table(judge.table(checked))))
    return element("section", *parts) if parts else ""


def glossary(one: Report) -> str:
    """A line for each measure of the tables on the page, and for what else may not be known."""
    terms = {**_named(one), **(known(overview(one)).help or {}), "Passage": help_for("passage")}
    # A remedy speaks of it.
    terms["k"] = help_for("passages given")
    for told_above in ("Right", "Unscored", "1,000 right answers"):
        terms.pop(told_above, None)
    return section("What the words mean", _terms(terms))


def _named(one: Report) -> dict[str, str]:
    """What a figure in a model's name is, where one has such a figure."""
    names = (who.model for who in one.examined.experiment.candidates)
    return {"Model names": help_for("model names")} if any(map(_SIZE.search, names)) else {}


def _telling(one: Table) -> dict[str, str]:
    """What its columns mean, each once: several may be called the same."""
    labels = one.labels or {}
    return {labels.get(column, column): words for column, words in (one.help or {}).items()}


def _terms(terms: Mapping[str, str]) -> str:
    """What each word means; "" for none."""
    lines = (
        element("div", element("dt", text(name)), element("dd", text(words))) for name, words in terms.items()
    )
    return element("dl", *lines) if terms else ""
