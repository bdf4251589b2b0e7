"""The report of an experiment: one page of HTML that says what home says, and needs no network.

The order is that of home (SCREENS, "Verdict"); figures, words and charts are made by the same functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import (
    FAMILY_WORDS,
    CandidateCost,
    CandidateResult,
    Examined,
    Experiment,
    Family,
    PaysOff,
    PriceMark,
    PriceUse,
    ScorerUse,
    Verdict,
    words_of,
)
from app.ui import cause_chart, claim_chart, figures, frontier_chart, judge, result_measures, right_chart
from app.ui.next_steps import about, family_words, remedy_words
from app.ui.report_html import (
    HALF,
    WHOLE,
    Chart,
    chart,
    element,
    folding,
    listed,
    marked,
    page,
    section,
    sign,
    table,
    text,
)
from app.ui.result_how import how_lines
from app.ui.result_look import Look, ranked
from app.ui.tables import Cell, Table
from app.ui.verdict_figures import cards_of
from app.ui.verdict_words import SURE, Voice, below, headline
from app.ui.words import UNKNOWN, help_for

FEW = 8
"""More candidates need the whole width of the paper for each chart."""
PARTS = (
    "The index is the search that picks passages of your documents for each question; the model reads them "
    "and writes the answer."
)
PLOT = 290
"""Pixels of the plot of costs on paper, about as high as the chart beside it."""
SHORT_DIGEST = 12
OVERVIEW = {
    "Candidate": "candidate",
    "Right": "experiment right",
    "Questions": "",
    "Unscored": "unscored",
    "Failed": "failed answers",
    "1,000 questions": "cost per 1,000",
    "1,000 right answers": "cost per right",
    "Basis": "basis",
    "Tokens in": "tokens in",
    "Tokens out": "tokens out",
    "Machine seconds": "machine seconds",
}
"""The columns of the first table, and whose help sentence explains each."""
NOT_ON_PAPER = "The file has more on a screen: every pair, the causes of each, all settings."
_UNUSUAL = re.compile(r"[^\w-]+")


@dataclass(frozen=True)
class Report:
    """What a report is made of; ``scorers`` and ``prices`` are those used, ``version`` is Assay's.

    ``marks`` are list prices of models that were not measured; ``pays_off`` is None where it is not known.
    """

    examined: Examined
    verdict: Verdict
    look: Look
    scorers: Sequence[ScorerUse]
    prices: Sequence[PriceUse]
    version: str
    made_at: datetime
    pays_off: PaysOff | None = None
    marks: Sequence[PriceMark] = ()

    @property
    def names(self) -> dict[str, str]:
        """The candidates' names by their hashes."""
        return dict(self.look.names)

    @property
    def best(self) -> CandidateResult | None:
        """Whom the sentence is about; None where nothing is scored."""
        return next(iter(self.verdict.head.who), None)


def report_name(name: str) -> str:
    """What the file is called: of the experiment's name what every disk takes."""
    stem = _UNUSUAL.sub("-", name).strip("-")[:60] or "experiment"
    return f"assay-report-{stem}.html"


def report_html(one: Report) -> str:
    """The whole document. About 5 MB, of which nearly all is the code that draws the charts."""
    charts: list[Chart] = []
    beside = "columns" if _few(one) else "columns many"
    both = element("div", _right(one, charts), _costs(one, charts), kind=beside)
    # Each chart of many candidates takes a page, and the table fills the first one.
    body = "".join(
        (
            _head(one),
            "<main>",
            _answer(one),
            _cards(one),
            *((both, _tables(one)) if _few(one) else (_tables(one), both)),
            _causes(one, charts),
            _claims(one),
            _how(one),
            _more(one),
            _glossary(one),
            "</main>",
            _foot(one),
        )
    )
    return page(f"{one.examined.experiment.name}: Assay", body, charts)


# ------------------------------------------------------------------------ which one?


def _head(one: Report) -> str:
    name = element("h1", text(one.examined.experiment.name, 120))
    asked = figures.moment(one.examined.experiment.made_at)
    ended = one.examined.experiment.ended_at
    until = f", ended {figures.moment(ended)}" if ended else ""
    return element("header", name, element("p", text(f"Begun {asked}{until}"), kind="made"))


def _answer(one: Report) -> str:
    voice = Voice(one.look.names, lambda name: element("em", text(name, 120)), text)
    said = element("p", headline(one.verdict, one.examined.experiment, voice), kind="headline")
    more = listed(below(one.verdict, one.examined.experiment, voice))
    sure = element("p", text(SURE), kind="small") if one.verdict.head.who else ""
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


# ------------------------------------------------------------------------ how often, and at what cost?


def _right(one: Report, charts: list[Chart]) -> str:
    found = right_chart.right_finding(one.examined, one.look.names)
    figure = right_chart.right_figure(one.examined, one.look, found)
    charts.append(Chart(right_chart.KEY, figure, found, HALF if _few(one) else WHOLE))
    rules = element("p", text(right_chart.rules_words(one.examined.rules)), kind="small")
    return section("How often was each right?", chart(charts[-1]), rules)


def _costs(one: Report, charts: list[Chart]) -> str:
    title, costs = "What does a right answer cost?", one.examined.costs
    if not any(cost.priced for cost in costs.candidates):
        return section(title, element("p", text(frontier_chart.NOTHING_KNOWN)))
    found = frontier_chart.frontier_finding(one.examined, one.look.names)
    if frontier_chart.drawn(one.examined):
        figure = frontier_chart.frontier_figure(one.examined, one.look, found, one.marks)
        # In half of the width the signs beside it name the marks.
        paper = (HALF, PLOT) if _few(one) else (WHOLE, 0)
        charts.append(Chart(frontier_chart.KEY, figure, found, *paper))
        first = chart(charts[-1])
    else:
        first = element("p", text(f"{found.title}."))
    beside = element(
        "p", text(" ".join(frontier_chart.beside_words(one.examined, one.look.names))), kind="small"
    )
    return section(title, element("p", text(best_cost_words(one))), first, beside)


def best_cost_words(one: Report) -> str:
    """What the best candidate's answers cost, in a sentence; "" where there is no best one."""
    costs = {cost.candidate: cost for cost in one.examined.costs.candidates}
    best = one.best.candidate.hash if one.best else ""
    if best not in costs:
        return ""
    cost, name = costs[best], one.look.names[best]
    if cost.each is None:
        return f"{name}: what its answers cost is not known."
    each = figures.rate(cost.each, cost.currency)
    right = frontier_chart.right_words(cost)
    told = right if cost.right is not None and not cost.right.of else f"1,000 right answers {right}"
    return f"{name}: 1,000 questions cost {each}, {told}."


def _few(one: Report) -> bool:
    return len(one.examined.experiment.candidates) <= FEW


def _tables(one: Report) -> str:
    examined, names, order = one.examined, one.look.names, right_chart.right_order(one.examined)
    signs = [sign(one.look.styles[each.candidate.hash]) for each in order]
    whole = [table(right_chart.right_table(order, names))]
    if any(cost.priced for cost in examined.costs.candidates):
        whole.append(table(known(frontier_chart.cost_table(examined, names, ranked(examined)))))
    if pairs := examined.results.comparisons:
        whole += [element("h3", "Every pair compared"), table(right_chart.pairs_table(pairs, names))]
    more = folding("Table: every figure, and every pair compared", *whole)
    return element("section", table(known(overview(one)), signs=signs), more)


def overview(one: Report) -> Table:
    """What the two charts show, a row for each candidate."""
    places = {candidate.hash: at for at, candidate in enumerate(one.examined.experiment.candidates)}
    rows = []
    for result in right_chart.right_order(one.examined):
        name = one.look.names[result.candidate.hash]
        told = figures.share(result.right) if result.right.of else None
        cost = one.examined.costs.candidates[places[result.candidate.hash]]
        rows.append((name, told, result.right.of, result.unscored, result.failed, *_cost_cells(cost)))
    columns = tuple(OVERVIEW)
    return Table(columns, tuple(rows), {name: help_for(key) for name, key in OVERVIEW.items() if key})


def _cost_cells(cost: CandidateCost) -> tuple[Cell, ...]:
    each = figures.rate(cost.each, cost.currency) if cost.each else None
    right = frontier_chart.right_words(cost) if cost.each else None
    means = (cost.tokens.prompt.value, cost.tokens.completion.value, cost.machine.value)
    return (each, right, cost.basis, *means)


def known(one: Table) -> Table:
    """The table without the columns of which nothing is known."""
    kept = [at for at in range(len(one.columns)) if any(row[at] is not None for row in one.rows)]
    rows = tuple(tuple(row[at] for at in kept) for row in one.rows)
    columns = tuple(one.columns[at] for at in kept)
    helping = {name: words for name, words in (one.help or {}).items() if name in columns}
    return replace(one, columns=columns, rows=rows, help=helping)


# ------------------------------------------------------------------------ why, and what to do?


def _causes(one: Report, charts: list[Chart]) -> str:
    title = "When it was wrong, was it the index or the model?"
    found = cause_chart.cause_finding(one.examined)
    if not any(tally.wrong for tally in one.examined.tallies):
        return section(title, element("p", text(f"{found.title}.")))
    figure = cause_chart.cause_figure(one.examined, one.look, found)
    charts.append(Chart(cause_chart.KEY, figure, found))
    _, rows = cause_chart.table_of(one.examined, one.look.names)
    said = element("p", text(f"{PARTS} {best_wrong_words(one)}"))
    both = element("div", chart(charts[-1]), element("div", _legend(one), _next(one)), kind="columns")
    return element("div", section(title, said, both, folding("Causes by candidate", table(rows))), kind="why")


def best_wrong_words(one: Report) -> str:
    """Why the best candidate's answers were wrong where they were, in a sentence or two."""
    places = {candidate.hash: at for at, candidate in enumerate(one.examined.experiment.candidates)}
    best = one.best.candidate.hash if one.best else ""
    if best not in places:
        return ""
    tally, name = one.examined.tallies[places[best]], one.look.names[best]
    if not tally.wrong:
        return f"No answer of {name} was wrong."
    parts = [(tally.of(Family.INDEX), "the index’s"), (tally.of(Family.MODEL), "the model’s")]
    parts += [(tally.of(Family.NEITHER), "neither’s"), (tally.untold, "not looked into yet")]
    told = ", ".join(f"{many:,} {whose}" for many, whose in parts if many)
    largest = max(tally.counts, key=lambda cause: tally.counts[cause], default=None)
    if largest is None:
        return f"Of {figures.count(tally.wrong, 'answer')} of {name} not right: {told}."
    words, many = words_of(largest), tally.counts[largest]
    most = f"Most often ({many:,}): {words.title[:1].lower()}{words.title[1:]}. {words.meaning}"
    return f"Of {figures.count(tally.wrong, 'answer')} of {name} that are not right: {told}. {most}"


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
    return f"{sign} {text(one.words)} {element('span', text(f'({one.meaning})'), kind='meaning')}"


def _next(one: Report) -> str:
    choices = about(one.examined, one.examined.sure.best)
    if not choices:
        return ""
    own, place = one.examined.remedies[choices[0]], choices[0]
    name = one.look.names[one.examined.experiment.candidates[place].hash]
    whom = f"For {element('em', text(name, 120))}. {marked(family_words(own))}"
    lines = listed([marked(remedy_words(remedy)) for remedy in own.largest])
    return section("What to do next", element("p", whom), lines, kind="next")


def _claims(one: Report) -> str:
    claims = claim_chart.in_order(one.examined)
    if not claims:
        return ""
    lines = listed([marked(claim_chart.claim_sentence(claim, one.look.names)) for claim in claims])
    what = element("p", marked(claim_chart.WHAT_IT_IS), kind="small")
    rows = table(claim_chart.claim_table(claims, one.look.names))
    title = claim_chart.TITLE.lstrip("# ")
    return section(title, what, lines, folding("Table: with and without documents", rows), kind="claims")


# ------------------------------------------------------------------------ how was it measured?


def _how(one: Report) -> str:
    examined, names = one.examined, one.look.names
    lines = [marked(line) for line in how_lines(examined)]
    lines.append(f"{element('strong', 'Models:')} {text(model_words(examined.experiment))}")
    lines += [f"{element('strong', 'Prices:')} {text(price_words(use))}" for use in one.prices]
    lines.append(f"{element('strong', 'Scorers:')} {text(scorer_words(one.scorers))}")
    scorers = result_measures.scorer_table(one.scorers, examined.experiment.judge)
    settings = (result_measures.candidate_table(examined.experiment, names), scorers)
    facts = (*settings, result_measures.fact_table(examined))
    return section(
        "How this was measured",
        listed(lines),
        folding("Everything that could change the result", *(table(each, kind="long") for each in facts)),
        kind="how",
    )


def model_words(experiment: Experiment) -> str:
    """The weights that were asked, each once, with the beginning of their digests."""
    models = dict.fromkeys((one.model, one.backend, one.digest) for one in experiment.candidates)
    return "; ".join(
        f"{model} on {backend}, digest {digest[:SHORT_DIGEST] or UNKNOWN}"
        for model, backend, digest in models
    )


def price_words(one: PriceUse) -> str:
    """The prices that so many answers were given, with their dates where they have any."""
    kind = one.facts.get("kind", "unknown")
    more = "; ".join(f"{name}: {value}" for name, value in one.facts.items() if name != "kind")
    return f"{figures.count(one.answers, 'answer')}: {kind}{'; ' if more else ''}{more}."


def scorer_words(scorers: Sequence[ScorerUse]) -> str:
    """Each scorer with its version."""
    return ", ".join(f"{one.scorer.partition(':')[0]} {one.version}" for one in scorers) or "none"


def _more(one: Report) -> str:
    """What home leaves to the page of the experiment: on the screen only."""
    examined, names = one.examined, one.look.names
    found = result_measures.retrieval_table(examined, names)
    parts = []
    if found.rows:
        parts.append(folding("Did the search find the right text?", table(found)))
    if examined.trials:
        rows = table(result_measures.abstention_table(examined, names))
        parts.append(folding("Does it say so when the documents do not contain it?", rows))
    checked = [(names[each.candidate.hash], each.judge) for each in examined.results.candidates if each.judge]
    if checked:
        parts.append(folding(judge.title(checked), table(judge.table(checked))))
    return element("section", *parts)


def _glossary(one: Report) -> str:
    """A line for each measure of the tables on the page."""
    terms = {**(known(overview(one)).help or {}), "Passage": help_for("passage")}
    for told_above in ("Right", "Unscored"):
        del terms[told_above]
    lines = (
        element("div", element("dt", text(name)), element("dd", text(words))) for name, words in terms.items()
    )
    return section("What the words mean", element("dl", *lines))


def _foot(one: Report) -> str:
    made = f"Made {figures.moment(one.made_at)} by Assay {one.version}."
    which = f"Experiment {one.examined.experiment.id}."
    paper = element("span", f" {text(NOT_ON_PAPER)}", kind="paper")
    return element("footer", element("p", text(f"{made} {which}"), paper, kind="small"))
