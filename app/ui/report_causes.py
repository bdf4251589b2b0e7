"""A report's part on why answers were wrong, what to do, and what the documents did."""

from __future__ import annotations

from app.domain import FAMILY_WORDS
from app.ui import cause_chart, claim_chart
from app.ui.next_steps import about, family_words, remedy_words
from app.ui.report_data import Report
from app.ui.report_html import Chart, chart, element, folding, listed, marked, section, table, text
from app.ui.safe import whole_ends
from app.ui.verdict_words import more_words

BARS, BAR = 500, 60
"""Pixels of the chart's width on paper: the more bars, the more it is made smaller."""
LOWER = 10
"""Pixels that a bar's row is lower on paper where there are many: its name and numbers have to stay apart."""
PARTS = (
    "The index is the search that picks passages of your documents for each question; the model reads them "
    "and writes the answer."
)


def causes(one: Report, charts: list[Chart]) -> str:
    """Was it the index or the model: in words, as a chart added to ``charts``, and what to do next."""
    title = "When it was wrong, was it the index or the model?"
    found = cause_chart.cause_finding(one.examined)
    if not any(tally.wrong for tally in one.examined.tallies):
        return section(title, element("p", text(f"{found.title}.")))
    figure = cause_chart.cause_figure(one.examined, one.look, found)
    width = max(BARS, BAR * len(one.examined.tallies))
    charts.append(Chart(cause_chart.KEY, figure, found, width, lower=one.lower(LOWER)))
    _, rows = cause_chart.table_of(one.examined, one.look.names)
    said = element("p", text(PARTS))
    both = element("div", chart(charts[-1]), element("div", _legend(one), _next(one)), kind="columns")
    return element("div", section(title, said, both, folding("Causes by candidate", table(rows))), kind="why")


def _legend(one: Report) -> str:
    parts = [
        element("div", element("p", text(FAMILY_WORDS[family])), listed([_named(each) for each in named]))
        for family, named in cause_chart.named_causes(one.examined).items()
    ]
    if untold := cause_chart.untold_words(one.examined):
        parts.append(element("p", text(f"{cause_chart.UNTOLD_TITLE}: {untold}")))
    return element("div", *parts, kind="legend")


def _named(one: cause_chart.Named) -> str:
    sign = f'<span style="color:{one.colour}">{one.sign}</span>'
    meaning = element("span", text(f"({one.meaning})"), kind="meaning")
    return f"{element('strong', str(one.number))} {sign} {text(one.words)} {meaning}"


def _next(one: Report) -> str:
    choices = about(one.examined, one.examined.sure.best)
    more = more_words(one.verdict)
    title, first = "What to do next", element("p", marked(more)) if more else ""
    if not choices:
        return section(title, first, kind="next") if more else ""
    own, place = one.examined.remedies[choices[0]], choices[0]
    name = one.look.names[one.examined.experiment.candidates[place].hash]
    whom = f"For {element('em', text(whole_ends(name)))}. {marked(family_words(own))}"
    lines = listed([marked(remedy_words(remedy)) for remedy in own.largest])
    return section(title, first, element("p", whom), lines, kind="next")


def claims(one: Report) -> str:
    """Did the documents make models hallucinate? "" where no model was asked with and without."""
    found = claim_chart.in_order(one.examined)
    if not found:
        return ""
    lines = listed([marked(claim_chart.claim_sentence(claim, one.look.names)) for claim in found])
    what = element("p", marked(claim_chart.WHAT_IT_IS), kind="small")
    rows = table(claim_chart.claim_table(found, one.look.names))
    title = claim_chart.TITLE.lstrip("# ")
    return section(title, what, lines, folding("Table: with and without documents", rows), kind="claims")
