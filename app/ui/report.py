"""The report of an experiment: one page of HTML that says what home says, and needs no network.

The order is that of home (SCREENS, "Verdict"); figures, words and charts are made by the same functions.
"""

from __future__ import annotations

import re

from app.ui import figures, report_causes, report_charts, report_how
from app.ui.report_data import Report
from app.ui.report_html import Chart, element, listed, page, text
from app.ui.report_words import best_cost_words, best_wrong_words, given_words
from app.ui.safe import whole_ends
from app.ui.verdict_figures import cards_of
from app.ui.verdict_words import SURE, Voice, below, headline
from app.ui.words import help_for

PURPOSE = "Which model answered right how often, how sure that is, what it costs, and why it was wrong."
NOT_ON_PAPER = "The file has more on a screen."
_UNUSUAL = re.compile(r"[^\w-]+")


def report_name(name: str) -> str:
    """What the file is called: of the experiment's name what every disk takes."""
    stem = _UNUSUAL.sub("-", name).strip("-")[:60] or "experiment"
    return f"assay-report-{stem}.html"


def report_html(one: Report) -> str:
    """The whole document. About 5 MB, of which nearly all is the code that draws the charts."""
    charts: list[Chart] = []
    beside = "columns" if one.few else "columns many"
    both = element("div", report_charts.right(one, charts), report_charts.costs(one, charts), kind=beside)
    # Each chart of many candidates takes a page, and the table fills the first one.
    body = "".join(
        (
            _head(one),
            f'<main class="{one.letters}">',
            _answer(one),
            _cards(one),
            *((both, report_charts.tables(one)) if one.few else (report_charts.tables(one), both)),
            report_charts.pay_off(one, charts),
            report_causes.causes(one, charts),
            report_causes.claims(one),
            report_how.how(one),
            report_how.more(one),
            report_how.glossary(one),
            "</main>",
            _foot(one),
        )
    )
    return page(f"{one.examined.experiment.name}: Assay", body, charts)


def _head(one: Report) -> str:
    name = element("h1", text(one.examined.experiment.name, 120))
    asked = figures.moment(one.examined.experiment.made_at)
    ended = one.examined.experiment.ended_at
    until = f", ended {figures.moment(ended)}" if ended else ""
    made = element("p", text(f"Begun {asked}{until}"), kind="made")
    return element("header", name, made) + element("p", text(PURPOSE), kind="small")


def _answer(one: Report) -> str:
    voice = Voice(one.look.names, lambda name: element("em", text(whole_ends(name))), text)
    said = element("p", headline(one.verdict, one.examined.experiment, voice), kind="headline")
    told = {"What it costs": best_cost_words(one), "Why it is wrong when it is": best_wrong_words(one)}
    plain = [f"{element('strong', f'{name}:')} {text(words)}" for name, words in told.items() if words]
    more = listed([*below(one.verdict, one.examined.experiment, voice), *plain])
    small = " ".join(part for part in (given_words(one), SURE) if part)
    sure = element("p", text(small), kind="small") if one.verdict.head.who else ""
    return element("section", said, more, sure, kind="answer")


def _cards(one: Report) -> str:
    made = (
        element(
            "div",
            element("h3", text(name)),
            element("p", text(card.figure), kind="figure"),
            element("p", text(card.words), kind="told"),
            element("p", text(help_for(helping)), kind="small"),
            kind="card",
        )
        for name, card, helping in cards_of(one.examined, one.verdict, one.look.names, one.pays_off)
    )
    return element("section", *made, kind="cards")


def _foot(one: Report) -> str:
    made = f"Made {figures.moment(one.made_at)} by Assay {one.version}."
    which = f"Experiment {one.examined.experiment.id}."
    paper = element("span", f" {text(NOT_ON_PAPER)}", kind="paper")
    return element("footer", element("p", text(f"{made} {which}"), paper, kind="small"))
