"""The debate's claim, "RAG accelerates hallucination", put to an experiment: wrong and invented answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import DECISIVE, UNDECIDED, Cause, Claim, ClaimMeasure, Examined, Outcome, sentence
from app.ui import figures
from app.ui.charts import Axis, Mark, Opened, Row, finding_chart, rows_chart, title_lines
from app.ui.findings import Finding
from app.ui.result_look import Look, join, ranked
from app.ui.safe import plain, unbroken
from app.ui.tables import Cell, Table, opening_table
from app.ui.words import help_for

WHAT_IT_IS = (
    "It is said that looking things up makes models hallucinate more. **Wrong** is an answer that is "
    "not right; a refusal or a failure is not counted. **Invented** is a wrong answer to a "
    "question that the documents do not answer."
)
TITLE = "#### Did the documents make models hallucinate?"
MOST_SHORT = 5
"""So many models are told of on the home page."""
WRONG, INVENTED = "wrong", "invented"
Names = Mapping[str, str]
Pick = Callable[[Claim], ClaimMeasure]
Show = Callable[[str, str, Outcome], None]
"""Shows the answers of a candidate with a cause ("" for any) that came out so."""
_PICKS: Mapping[str, Pick] = {WRONG: lambda one: one.wrong, INVENTED: lambda one: one.invented}
_LESS = {WRONG: "wrong less often", INVENTED: "invent less"}
_MORE = {WRONG: "wrong more often", INVENTED: "invent more"}
_EITHER = {WRONG: "wrong more or less often", INVENTED: "invent more or less"}
_DID = {WRONG: "was wrong", INVENTED: "invented an answer"}


NONE_TO_INVENT = "No question here is without an answer in the documents, so nothing could be invented."
NOT_YET = (
    "Whether they invent cannot be told yet: no question without an answer in the documents was answered "
    "both with documents and without."
)


@dataclass(frozen=True)
class Headed:
    """A chart's finding, and how many lines it gets at least."""

    found: Finding
    room: int


def draw_claims(examined: Examined, look: Look, show: Show) -> None:
    """Two charts, what they decide in words, and which answers changed sides; nothing without any pair.

    ``show`` is what a mark opens, and a row of the table.
    """
    claims = in_order(examined)
    if not claims:
        return
    st.markdown(TITLE)
    st.markdown(WHAT_IT_IS)
    kinds = _kinds(claims)
    found = {kind: claim_finding(kind, claims, look.names) for kind in kinds}
    room = max(title_lines(one) for one in found.values())
    for column, kind in zip(st.columns(2, gap="medium"), kinds, strict=False):
        with column:
            _draw(kind, claims, look, Headed(found[kind], room), show)
    if INVENTED not in kinds:
        some = any(one.unanswerable for one in examined.cases)
        st.caption(NOT_YET if some else NONE_TO_INVENT)
    st.markdown("\n\n".join(_by_model(one, look.names) for one in claims))
    if together := corrected_words(claims):
        st.caption(together)
    opening_table(
        claim_table(claims, look.names),
        [(one.given, kind) for one, kind in claim_rows(claims)],
        lambda row: _opener(row[1], show)(row[0], ""),
        key="result-claim",
        label="Table: with and without documents",
        alt="How often each model was wrong, and how often it invented, with and without documents",
    )


def draw_claims_short(examined: Examined, look: Look) -> None:
    """What it comes to, and behind it a sentence a model, for the home page; nothing without any pair."""
    claims = in_order(examined)
    if not claims:
        return
    st.markdown(TITLE)
    found = (claim_finding(kind, claims, look.names).title for kind in _kinds(claims))
    st.markdown(" ".join(f"{plain(title)}." for title in found))
    with st.expander("Model by model", icon=":material/list:"):
        st.markdown("\n".join(f"- {claim_sentence(one, look.names)}" for one in claims[:MOST_SHORT]))
        if len(claims) > MOST_SHORT:
            st.caption(f"{figures.count(len(claims) - MOST_SHORT, 'more model')} on the experiment's page.")
        st.caption(WHAT_IT_IS)


def _kinds(claims: Sequence[Claim]) -> list[str]:
    """What can be told: of inventing only where the documents have no answer to some question."""
    return [WRONG] + [INVENTED] * any(one.invented.given.of for one in claims)


def claim_sentence(claim: Claim, names: Names) -> str:
    """What the documents did to one model: its shares with and without, and which answers changed sides."""
    told = [f"was wrong on {_shares(claim.wrong)}"]
    if claim.invented.given.of:
        told.append(f"Where the documents have no answer it invented on {_shares(claim.invented)}")
    told.append(_capital(changed_words(claim)))
    return unbroken(f"**{plain(_model(claim, names))}** {plain(' '.join(told), 900)}")


def _shares(one: ClaimMeasure) -> str:
    given, bare, told = figures.share(one.given), figures.share(one.bare), one.difference
    shares = f"{given} with documents and {bare} without"
    if told.difference is None or told.low is None or told.high is None:
        return f"{shares}. {told.words}"
    within = f"{_signed(told.low)} to {_signed(told.high)}"
    return f"{shares} ({_signed(told.difference)} points, {within}). {told.words}"


def _signed(share: float) -> str:
    size = round(100 * share)
    return f"{size:+d}".replace("-", "−") if size else "0"


def in_order(examined: Examined) -> list[Claim]:
    """Those of any pair, as the chart of shares has their candidates."""
    places = {examined.experiment.candidates[place].hash: at for at, place in enumerate(ranked(examined))}
    return sorted((one for one in examined.claims if one.pairs), key=lambda one: places[one.given])


def _capital(sentence: str) -> str:
    return f"{sentence[:1].upper()}{sentence[1:]}"


def corrected_words(claims: Sequence[Claim]) -> str:
    """Which comparisons are corrected together, "" where there is but one."""
    pairs = max(measure.difference.pairs for one in claims for measure in (one.wrong, one.invented))
    if pairs < 2:
        return ""
    return (
        f"{DECISIVE.capitalize()} or not is told by a test that is corrected for these {pairs} comparisons "
        "together, and not for those of being right, which have a correction of their own."
    )


def _draw(kind: str, claims: Sequence[Claim], look: Look, headed: Headed, show: Show) -> None:
    found = headed.found
    pairs = [(one.given, one.bare) for one in claims]
    rows = [row for one in claims for row in _rows(kind, one, look)]
    figure = rows_chart(found, rows, Axis(f"Share {kind}", top=1.0, percent=True), room=headed.room)
    join(figure, rows, pairs)
    finding_chart(figure, found, key=f"result-{kind}", opened=_opener(kind, show))


def _opener(kind: str, show: Show) -> Opened:
    """Opens the wrong answers of a candidate; of invented ones those that are known as such, where any is."""
    cause = Cause.INVENTED.value if kind == INVENTED else ""
    return lambda candidate, _: show(candidate, cause, Outcome.WRONG)


def _rows(kind: str, claim: Claim, look: Look) -> list[Row]:
    one = _PICKS[kind](claim)
    made = []
    for candidate, share in ((claim.given, one.given), (claim.bare, one.bare)):
        told = figures.share(share) if share.of else "no such question"
        words = f"{look.names[candidate]}: {kind} {told}, {figures.count(share.of, 'question')}"
        marks = [Mark(share.value, words, share.low, share.high)] if share.of else []
        made.append(look.row(candidate, told, marks))
    return made


def claim_finding(kind: str, claims: Sequence[Claim], names: Names) -> Finding:
    """What the corrected tests decide of this measure over all models, and nothing more."""
    measured = [(one, _PICKS[kind](one)) for one in claims]
    told = [pair for pair in measured if pair[1].given.of]
    asked = figures.count(max((one.given.of for _, one in told), default=0), "question")
    which = "without an answer in the documents" if kind == INVENTED else "scored for both"
    subtitle = f"Share {kind} with its 95% interval, with and without documents; {asked} {which}"
    return Finding(_title(kind, told, names), subtitle)


def _title(kind: str, told: Sequence[tuple[Claim, ClaimMeasure]], names: Names) -> str:
    less = [one for one, own in told if _sign(own) < 0]
    more = [one for one, own in told if _sign(own) > 0]
    done = [f"{_who(some, told, names)} {did[kind]}" for some, did in ((less, _LESS), (more, _MORE)) if some]
    if done:
        return f"Documents made {', and '.join(done)}"
    whom = _model(told[0][0], names) if len(told) == 1 else "any model"
    return f"{UNDECIDED} whether documents made {whom} {_EITHER[kind]}"


def _sign(one: ClaimMeasure) -> float:
    """Which way the difference decides; 0 where it does not."""
    return (one.difference.difference or 0.0) if one.difference.decisive else 0.0


def _who(some: Sequence[Claim], told: Sequence[object], names: Names) -> str:
    if len(some) == 1:
        return _model(some[0], names)
    return "every model" if len(some) == len(told) else f"{len(some)} of {len(told)} models"


def _model(claim: Claim, names: Names) -> str:
    return names[claim.bare].replace(" without documents", "", 1)


def _by_model(claim: Claim, names: Names) -> str:
    lines = "\n".join(f"- {line}" for line in claim_lines(claim, names))
    return f"**{plain(_model(claim, names))}**\n\n{lines}"


def claim_lines(claim: Claim, names: Names) -> list[str]:
    """What is decided of one model, and which of its answers changed sides, as Markdown."""
    lines = [sentence(claim.wrong.difference, names, _DID[WRONG])]
    if claim.invented.given.of:
        lines.append(sentence(claim.invented.difference, names, _DID[INVENTED]))
    lines.append(_capital(changed_words(claim)))
    return [unbroken(plain(one, 600)) for one in lines]


def changed_words(claim: Claim) -> str:
    """How many wrong answers with documents were right without them, and the other way round."""
    first = _changed(claim.given_wrong, claim.spoilt, "with documents", "without them")
    second = _changed(claim.bare_wrong, claim.mended, "without documents", "with them")
    return f"{first}; {second}."


def _changed(wrong: int, changed: int, here: str, there: str) -> str:
    if not wrong:
        return f"no answer {here} was wrong"
    were = "was" if changed == 1 else "were"
    return f"of {figures.count(wrong, 'wrong answer')} {here}, {changed or 'none'} {were} right {there}"


def claim_rows(claims: Sequence[Claim]) -> list[tuple[Claim, str]]:
    """The rows of the table: each model with the measures that can be told of it."""
    return [(one, kind) for one in claims for kind, pick in _PICKS.items() if pick(one).given.of]


def claim_table(claims: Sequence[Claim], names: Names) -> Table:
    """The same as rows: a measure of a model in each."""
    rows: list[tuple[Cell, ...]] = []
    for one, kind in claim_rows(claims):
        changed = {WRONG: (one.given_wrong, one.spoilt, one.bare_wrong, one.mended)}
        more = changed.get(kind, (None,) * 4)
        rows.append((_model(one, names), kind, *_cells(_PICKS[kind](one)), *more))
    columns = (
        *("Model", "Measure", "With documents", "Without", "Difference", "From", "To", "Corrected p"),
        *("Questions", "Wrong with", "of these right without", "Wrong without", "of these right with"),
    )
    helping = {
        "Difference": "paired difference",
        "Corrected p": "corrected p",
        "From": "interval",
        "To": "interval",
    }
    return Table(columns, tuple(rows), {key: help_for(name) for key, name in helping.items()}, blank="")


def _cells(one: ClaimMeasure) -> tuple[Cell, ...]:
    told = one.difference
    ends = (one.given.value, one.bare.value, told.difference, told.low, told.high)
    p = figures.probability(told.adjusted)
    return (*(None if end is None else round(end, 3) for end in ends), p, one.given.of)
