"""A report's part on how all was measured, and what its words mean."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import ScorerUse
from app.ui import judge, result_measures
from app.ui.measures import measure_tables
from app.ui.report_charts import overview
from app.ui.report_data import Report, known
from app.ui.report_html import element, folding, listed, marked, section, table, text
from app.ui.result_how import how_lines
from app.ui.words import help_for


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
        folding(title, table(each))
        for title, each in measure_tables(examined.experiment, one.measures, names).items()
    ]
    if examined.trials:
        rows = table(result_measures.abstention_table(examined, names))
        parts.append(folding("Does it say so when the documents do not contain it?", rows))
    checked = [(names[each.candidate.hash], each.judge) for each in examined.results.candidates if each.judge]
    if checked:
        parts.append(folding(judge.title(checked), table(judge.table(checked))))
    return element("section", *parts) if parts else ""


def glossary(one: Report) -> str:
    """A line for each measure of the tables on the page."""
    terms = {**(known(overview(one)).help or {}), "Passage": help_for("passage")}
    # A remedy speaks of it.
    terms["k"] = help_for("passages given")
    for told_above in ("Right", "Unscored", "1,000 right answers"):
        terms.pop(told_above, None)
    lines = (
        element("div", element("dt", text(name)), element("dd", text(words))) for name, words in terms.items()
    )
    return section("What the words mean", element("dl", *lines))
