"""Two experiments compared: the pair of candidates, what came of it, what differs, and what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.domain import Change, Difference, Pair, PairResult, Side, Versus, sentence
from app.ui import figures, tables
from app.ui.case_words import cause_title
from app.ui.experiments import address, link
from app.ui.frame import ANSWER, CASE, EXPERIMENT, OTHER
from app.ui.safe import plain
from app.ui.words import help_for

PAIR = "pair"
"""In the address: the two candidates that are compared, by their hashes with a dot between."""
PURPOSE = "What changed from one experiment to the other, question by question."
A_PAGE = 20
"""So many changed questions are listed at once."""
NOTHING_COMMON = (
    "**These experiments have no question in common.** Only questions that stand in both, with the same "
    "right answers, can be compared."
)


@dataclass(frozen=True)
class Names:
    """How the candidates of each experiment are called, by their hashes."""

    first: Mapping[str, str]
    second: Mapping[str, str]


def asked_for() -> tuple[str, str, tuple[str, str] | None]:
    """The two experiments and the pair that the address names; "" and None for what it does not name."""
    one, _, other = st.query_params.get(PAIR, "").partition(".")
    pair = (one, other) if one and other else None
    return st.query_params.get(EXPERIMENT, ""), st.query_params.get(OTHER, ""), pair


def shown_of(made: Versus, pair: tuple[str, str] | None) -> PairResult | None:
    """The pair that is looked at: the one named, else the first; None where there is none."""
    named = (one for one in made.pairs if pair == (one.pair.first.hash, one.pair.second.hash))
    return next(named, None) or next(iter(made.pairs), None)


def draw(made: Versus, names: Names, pair: tuple[str, str] | None) -> None:
    """All of the page below its title."""
    _experiments(made)
    if not made.common:
        st.info(NOTHING_COMMON, icon=":material/info:")
        _differences(made.differences, "versus-whole")
        return
    shown = shown_of(made, pair)
    if shown is not None:
        st.subheader(headline(shown, names), anchor=False)
        st.markdown(difference_words(made, shown))
        st.caption(counted_words(made, shown), help=help_for("interval"))
    _choose(made, names, shown)
    if shown is None:
        return
    _changes(made, shown)
    _differences([*shown.differences, *made.differences], "versus-differences")
    _all_pairs(made, names)


def _experiments(made: Versus) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="versus-both"):
        for one, when in ((made.first, "first"), (made.second, "second")):
            with st.container(width="content"):
                link(one)
                asked = figures.count(one.cases, "question")
                st.caption(
                    f"The {when}: {figures.day(one.made_at)}, {asked} of “{plain(one.dataset_name, 80)}”"
                )


# ------------------------------------------------------------------------ in words


def headline(one: PairResult, names: Names) -> str:
    """What changed for a pair: "tiny with documents: 3 questions got better, 5 worse"."""
    better, worse = len(one.better), len(one.worse)
    who = plain(pair_name(one.pair, names))
    if one.comparison.questions == 0:
        return f"{who}: no question was scored in both"
    if not better and not worse:
        return f"{who}: no question came out otherwise"
    said = f"{figures.count(better, 'question')} got better, {worse or 'none'} worse"
    return f"{who}: {said}"


def pair_name(pair: Pair, names: Names) -> str:
    """Both in one name where they are called the same."""
    first, second = names.first[pair.first.hash], names.second[pair.second.hash]
    return first if first == second else f"{first} → {second}"


def titles(made: Versus) -> tuple[str, str]:
    """What the two experiments are called, apart also where they have one name, as two of a dataset do."""
    first, second = made.first.name, made.second.name
    return (f"{first} (first)", f"{second} (second)") if first == second else (first, second)


def difference_words(made: Versus, one: PairResult) -> str:
    """The shares of both and the paired difference, with the word of the corrected test."""
    first, second = (plain(name, 80) for name in titles(made))
    shares = f"Right in “{first}” {figures.share(one.first)}, in “{second}” {figures.share(one.second)}."
    called = {one.comparison.first: f"“{second}”", one.comparison.second: f"“{first}”"}
    return f"{shares} {sentence(one.comparison, called)}" if one.comparison.questions else shares


def counted_words(made: Versus, one: PairResult) -> str:
    """On how many questions that rests, and what was left out."""
    parts = [f"{figures.count(made.common, 'question')} in both datasets", f"{one.same:,} came out the same"]
    parts += [f"{one.unscored:,} not scored on both sides"] if one.unscored else []
    parts += [f"{one.unjudged:,} not judged yet"] if one.unjudged else []
    pairs = sum(each.comparison.difference is not None for each in made.pairs)
    parts += [f"{pairs} pairs tested together"] if pairs > 1 else []
    return f"{', '.join(parts)}. Paired by: {one.pair.alike.value}."


def side_words(side: Side) -> str:
    """How a question came out on one side: "right", "wrong (Ranked too low)", "right in 1 of 3"."""
    if side.of > 1 and 0 < side.right < side.of:
        told = f"right in {side.right} of {side.of}"
    else:
        told = "right" if side.right else "wrong"
    cause = cause_title(side.cause) if side.right < side.of else ""
    return f"{told} ({cause})" if cause else told


# ------------------------------------------------------------------------ which pair


def _choose(made: Versus, names: Names, shown: PairResult | None) -> None:
    """The candidates that are compared: one of each experiment."""
    chosen = (shown.pair.first.hash, shown.pair.second.hash) if shown else None
    if chosen is None:
        st.info("No candidate of one has a counterpart in the other: choose two.", icon=":material/info:")
    counterparts = {one.pair.first.hash: one.pair.second.hash for one in reversed(made.pairs)}
    sides = (
        ("versus-first", made.first, names.first, "In the first"),
        ("versus-second", made.second, names.second, "In the second"),
    )
    for place, (column, side) in enumerate(zip(st.columns(2), sides, strict=True)):
        key, experiment, called, label = side
        hashes = [one.hash for one in experiment.candidates]
        st.session_state[key] = chosen[place] if chosen else hashes[0]
        column.selectbox(
            label,
            hashes,
            format_func=called.__getitem__,
            key=key,
            help=help_for("candidate"),
            on_change=_pair_chosen,
            args=(counterparts if place == 0 else {},),
        )


def _pair_chosen(counterparts: Mapping[str, str]) -> None:
    """With another one of the first experiment its counterpart comes along."""
    first = st.session_state["versus-first"]
    second = counterparts.get(first, st.session_state["versus-second"])
    st.query_params[PAIR] = f"{first}.{second}"


# ------------------------------------------------------------------------ what changed


def _changes(made: Versus, one: PairResult) -> None:
    for title, key, changes in (("Got worse", "worse", one.worse), ("Got better", "better", one.better)):
        if changes:
            st.markdown(f"#### {title}: {figures.count(len(changes), 'question')}")
            parts = -(-len(changes) // A_PAGE)
            part = st.pagination(parts, key=f"versus-{key}-part") if parts > 1 else 1
            first = (min(part, parts) - 1) * A_PAGE
            for number, change in enumerate(changes[first : first + A_PAGE], start=first):
                _change(made, change, f"{key}-{number}")
    if one.better or one.worse:
        tables.table_expander(changes_table(made, one), key="versus", label="Table of what changed")


def _change(made: Versus, change: Change, key: str) -> None:
    with st.container(border=True, gap="xxsmall", key=f"versus-{key}"):
        st.markdown(plain(change.question, 600))
        st.caption(f"{side_words(change.first)} → {side_words(change.second)}")
        with st.container(horizontal=True, gap="medium"):
            sides = (("the first", made.first, change.first), ("the second", made.second, change.second))
            for which, experiment, side in sides:
                st.page_link(
                    "pages/case.py",
                    label=f"Open in {which}",
                    icon=":material/arrow_forward:",
                    query_params=address(
                        EXPERIMENT, experiment.id, **{CASE: str(side.place), ANSWER: side.answer_id}
                    ),
                )


def changes_table(made: Versus, one: PairResult) -> tables.Table:
    """Every question that came out otherwise, the worse first."""
    first, second = titles(made)
    rows = [
        (change.question, how, side_words(change.first), side_words(change.second))
        for how, changes in (("worse", one.worse), ("better", one.better))
        for change in changes
    ]
    return tables.Table(
        ("Question", "Got", first, second), tuple(rows), {"Got": "From the first to the second."}
    )


def _differences(differences: Sequence[Difference], key: str) -> None:
    """What else is not the same: without it nobody knows what a change comes from."""
    st.markdown("#### What differs between them")
    if not differences:
        st.markdown("Nothing that is recorded: chance alone can make answers come out otherwise.")
        return
    short = [
        (one.what[0].upper() + one.what[1:], one.first, one.second) for one in differences if not one.long
    ]
    if short:
        tables.show(tables.Table(("What", "First", "Second"), tuple(short)), key=key)
    for place, one in enumerate(each for each in differences if each.long):
        with st.expander(f"The {plain(one.what)} differs", key=f"{key}-{place}"):
            for label, text in (("First", one.first), ("Second", one.second)):
                st.caption(label)
                st.code(text, language=None, wrap_lines=True)


def _all_pairs(made: Versus, names: Names) -> None:
    if len(made.pairs) > 1 or made.alone_first or made.alone_second:
        tables.table_expander(pairs_table(made, names), key="versus-pairs", label="All pairs")


def pairs_table(made: Versus, names: Names) -> tables.Table:
    """Every pair with what came of it; then the candidates that have no counterpart."""
    rows: list[tuple[tables.Cell, ...]] = [
        (
            pair_name(one.pair, names),
            one.pair.alike.value,
            figures.share(one.first),
            figures.share(one.second),
            len(one.better),
            len(one.worse),
            one.comparison.words,
        )
        for one in made.pairs
    ]
    alone = (
        [names.first[one.hash] for one in made.alone_first],
        [names.second[one.hash] for one in made.alone_second],
    )
    for which, several in zip(("first", "second"), alone, strict=True):
        rows += [(name, f"only in the {which}", None, None, None, None, None) for name in several]
    columns = ("Candidate", "Paired by", "First", "Second", "Better", "Worse", "In words")
    return tables.Table(columns, tuple(rows), {"First": help_for("share right")}, blank="")
