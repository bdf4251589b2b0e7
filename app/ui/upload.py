"""The drop-zone, the question about two files of one name, and the progress of an ingest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

import streamlit as st

from app.domain import DocumentState, FileProgress, IngestOutcome, IngestView, OutcomeKind, Upload
from app.ui.frame import guard
from app.ui.safe import plain
from app.ui.words import DOCUMENT_STATES
from app.ui.work import try_it

POLL_SECONDS = 0.3
MOST_LINES = 8
_HERE = "upload-here"
MOST_SAME = 3
"""So many files that were there already are named on screens that are about other things."""
FORMATS = "PDF, Word, HTML, text or CSV"

_ICONS = {
    OutcomeKind.ADDED: ":material/check_circle:",
    OutcomeKind.REPLACED: ":material/published_with_changes:",
    OutcomeKind.UNCHANGED: ":material/equal:",
    OutcomeKind.REFUSED: ":material/error:",
    OutcomeKind.STOPPED: ":material/stop_circle:",
    OutcomeKind.FAILED: ":material/warning:",
}
_WELL = {OutcomeKind.ADDED, OutcomeKind.REPLACED, OutcomeKind.UNCHANGED}


def drop_zone(
    key: str,
    label: str,
    limit_mb: int,
    clashes: Callable[[Sequence[Upload]], Sequence[tuple[str, ...]]],
    start: Callable[[Sequence[Upload]], object],
) -> None:
    """Take files; once it is clear which are meant, ``start`` gets them and the zone is empty again.

    ``clashes`` names the files that came twice with other bytes: the person is asked about those.
    """
    turn = st.session_state.setdefault(f"{key}-turn", 0)
    files = st.file_uploader(label, accept_multiple_files=True, key=f"{key}-{turn}", max_upload_size=limit_mb)
    if not files:
        return
    uploads: list[Upload] | None = [Upload(one.name, one.getvalue()) for one in files]
    doubled = clashes(uploads or ())
    if uploads and doubled:
        uploads = _settled(key, uploads, doubled)
    if uploads is None:
        return
    if uploads and not try_it(lambda: start(uploads)):
        return
    st.session_state[f"{key}-turn"] = turn + 1
    st.rerun()


# ------------------------------------------------------------------------ two files of one name


def _settled(key: str, uploads: Sequence[Upload], doubled: Sequence[tuple[str, ...]]) -> list[Upload] | None:
    """The uploads as the person wants them, None while that is not said."""
    with st.form(f"{key}-clash"):
        st.markdown("**Two files have the same name but different contents.** Which one is meant?")
        picked = {names: _which(key, names[0], _of(names, uploads)) for names in doubled}
        if not st.form_submit_button("Go on", type="primary"):
            return None
    asked = {name for names in doubled for name in names}
    kept = [one for one in uploads if one.name not in asked]
    for names, pick in picked.items():
        kept += chosen(_of(names, uploads), pick)
    return kept


def _of(names: Sequence[str], uploads: Sequence[Upload]) -> list[Upload]:
    return [one for one in uploads if one.name in names]


def _which(key: str, name: str, same: Sequence[Upload]) -> int | None:
    """The index of the one to take, or None for all of them."""
    options: list[int | None] = [*range(len(same)), None]

    def told(place: int | None) -> str:
        if place is None:
            return "All, as files of their own"
        return f"No. {place + 1} ({len(same[place].content):,} bytes)"

    return st.radio(plain(name), options, format_func=told, key=f"{key}-clash-{name}", horizontal=True)


def chosen(same: Sequence[Upload], pick: int | None) -> list[Upload]:
    """The picked one of several files of one name, or all of them under names of their own."""
    if pick is not None:
        return [same[pick]]
    return [
        one if not place else Upload(_numbered(one.name, place + 1), one.content)
        for place, one in enumerate(same)
    ]


def _numbered(name: str, number: int) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem} ({number}){path.suffix}"))


# ------------------------------------------------------------------------ progress and results


def draw_ingests(
    views: Sequence[IngestView],
    look: Callable[[str], IngestView | None],
    stop: Callable[[str], None],
    dismiss: Callable[[Sequence[str]], None],
) -> None:
    """The uploads of this collection, newest first: running ones with Stop, the last one's results open.

    ``dismiss`` puts results away for good.
    """
    _running([one for one in views if one.busy], look, stop)
    ended = [one for one in views if not one.busy]
    for one in ended[:1]:
        with st.container(border=True, key=f"ingest-{one.id}"):
            _head(one, ended, dismiss)
            _results(one)
    if ended[1:]:
        with st.expander("Earlier uploads", key="ingest-earlier"):
            for one in ended[1:]:
                st.markdown(f"**{summary(_outcomes(one))}**")
                _results(one)


def started_here(ingest_id: str) -> None:
    """Remember an upload that was started on a screen which is about other things."""
    st.session_state[_HERE] = ingest_id


def _put_away() -> None:
    st.session_state.pop(_HERE, None)


def _nothing_yet(name: str, views: Sequence[IngestView]) -> str:
    """That a collection (its name) has nothing to search yet, as Markdown; the progress stands below."""
    if any(one.busy for one in views):
        return f"**“{plain(name)}” is being made searchable.** Questions can be asked in a moment."
    return f"**“{plain(name)}” has no searchable document yet.**"


def _running(
    busy: Sequence[IngestView], look: Callable[[str], IngestView | None], stop: Callable[[str], None]
) -> None:
    for one in busy:
        with st.container(border=True, key=f"ingest-{one.id}"):
            st.fragment(_watch, run_every=POLL_SECONDS)(one.id, look, stop)


def _head(view: IngestView, ended: Sequence[IngestView], dismiss: Callable[[Sequence[str]], None]) -> None:
    """What became of the last upload, in one line, and the button that puts all results away."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{summary(_outcomes(view))}**", width="stretch")
        st.button(
            "Dismiss",
            key="ingest-dismiss",
            icon=":material/close:",
            type="tertiary",
            on_click=dismiss,
            args=([one.id for one in ended],),
        )


def draw_progress(
    views: Sequence[IngestView],
    look: Callable[[str], IngestView | None],
    stop: Callable[[str], None],
    nothing_yet: str = "",
) -> None:
    """What runs now, and what the upload that was last started here did not change, until it is put away:
    for screens that are about other things.

    ``nothing_yet`` is the name of the collection where it has no searchable document.
    """
    if nothing_yet:
        st.markdown(_nothing_yet(nothing_yet, views))
    _running([one for one in views if one.busy], look, stop)
    here = st.session_state.get(_HERE)
    for one in views:
        if one.id == here and not one.busy and _told(one):
            with st.container(horizontal=True, vertical_alignment="center", border=True, key="ingest-told"):
                st.markdown(_told(one), width="stretch")
                st.button("Close", key="ingest-close", type="tertiary", on_click=_put_away)


def _told(view: IngestView) -> str:
    """The files that were not read and those that were there already; "" where all went well."""
    outcomes = _outcomes(view)
    same = [one for one in outcomes if one.kind is OutcomeKind.UNCHANGED]
    lines = [outcome_line(one) for one in outcomes if one.kind not in _WELL]
    lines += [outcome_line(one) for one in same] if len(same) <= MOST_SAME else [summary(same)]
    return "  \n".join(lines)


def _watch(ingest_id: str, look: Callable[[str], IngestView | None], stop: Callable[[str], None]) -> None:
    with guard():
        view = look(ingest_id)
        if view is None or not view.busy:
            st.rerun()
        _progress(view, stop)


def _progress(view: IngestView, stop: Callable[[str], None]) -> None:
    done = sum(one.outcome is not None for one in view.files)
    head, button = st.columns([4, 1], vertical_alignment="center")
    head.progress(_part(view), text=f"{done} of {len(view.files)} files done{_time_left(view)}")
    button.button(
        "Stopping" if view.stopping else "Stop",
        key=f"ingest-stop-{view.id}",
        icon=":material/stop_circle:",
        disabled=view.stopping,
        on_click=stop,
        args=(view.id,),
        width="stretch",
    )
    active = [one for one in view.files if one.outcome is None]
    st.markdown("  \n".join(progress_line(one) for one in active[:MOST_LINES]))
    if len(active) > MOST_LINES:
        st.caption(f"and {len(active) - MOST_LINES} more")
    _lines([outcome for outcome in _outcomes(view) if outcome.kind not in _WELL])


def _outcomes(view: IngestView) -> list[IngestOutcome]:
    return [one.outcome for one in view.files if one.outcome is not None]


def _part(view: IngestView) -> float:
    """How much of the whole is done, 0 to 1; a file counts half when it is read."""
    shares = [1.0 if one.outcome else _share(one) for one in view.files]
    return sum(shares) / len(shares) if shares else 1.0


def _share(one: FileProgress) -> float:
    if one.state is DocumentState.INDEXING:
        return 0.2 + 0.8 * (one.done / one.total if one.total else 0.0)
    return {DocumentState.READING: 0.05, DocumentState.SPLITTING: 0.15}.get(one.state, 0.0)


def _time_left(view: IngestView) -> str:
    """The time left for the file being indexed, from its speed since it was first seen here."""
    running = next(
        (one for one in view.files if not one.outcome and one.state is DocumentState.INDEXING), None
    )
    if running is None or not running.total:
        return ""
    key = f"ingest-seen-{view.id}"
    name, since, first = st.session_state.get(key, ("", 0.0, 0))
    now = time.monotonic()
    if name != running.name:
        st.session_state[key] = (running.name, now, running.done)
        return ""
    made = running.done - first
    if made <= 0 or now - since < 1.0:
        return ""
    left = (running.total - running.done) * (now - since) / made
    return f", about {left_words(left)} left for this file"


def left_words(seconds: float) -> str:
    """A time left, as coarse as it is known."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min"


def progress_line(one: FileProgress) -> str:
    """How far one file is, as Markdown: "**a.pdf** making it searchable, 40 of 120 passages"."""
    counted = f", {one.done} of {one.total} passages" if one.total else ""
    return f"**{plain(one.name, 120)}** {DOCUMENT_STATES[one.state]}{counted}"


def outcome_line(outcome: IngestOutcome) -> str:
    """What became of one file, as Markdown; the words name the file."""
    return f"{_ICONS[outcome.kind]} " + " ".join(
        plain(one, 600) for one in (outcome.words, outcome.remedy) if one
    )


def _results(view: IngestView) -> None:
    """First what went wrong, then the rest; long lists are folded."""
    outcomes = _outcomes(view)
    well = [one for one in outcomes if one.kind in _WELL]
    wrong = [one for one in outcomes if one.kind not in _WELL]
    _lines(wrong)
    if len(well) <= MOST_LINES:
        _lines(well)
    else:
        with st.expander(f"{len(well)} files that are searchable", key=f"ingest-well-{view.id}"):
            _lines(well)


def _lines(outcomes: Sequence[IngestOutcome]) -> None:
    """One under the other, close together."""
    if outcomes:
        st.markdown("  \n".join(map(outcome_line, outcomes)))


def summary(outcomes: Sequence[IngestOutcome]) -> str:
    """The upload in one line: "3 files: 2 added, 1 not read"."""
    kinds = [one.kind for one in outcomes]
    counted = ", ".join(f"{kinds.count(kind)} {kind.value}" for kind in OutcomeKind if kind in kinds)
    many = "1 file" if len(kinds) == 1 else f"{len(kinds)} files"
    return f"{many}: {counted}" if counted else many
