"""Long work on a collection: how far it is, with Stop, and what it came to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import streamlit as st

from app.domain import IndexAudit, UpkeepKind, UpkeepState, UpkeepView
from app.ui import work
from app.ui.frame import guard, trouble
from app.ui.safe import plain
from app.ui.upload import left_words

Audited = Callable[[IndexAudit], str]
REBUILT = "The index was rebuilt. Nothing had to be embedded again."
_DOING = {
    UpkeepKind.REBUILD: "Rebuilding the index",
    UpkeepKind.EMBED: "Making every passage searchable anew",
    UpkeepKind.CHECK: "Comparing the index with an exact search",
    UpkeepKind.MEND: "Rebuilding the index of every collection",
}
_STOPPED = {
    UpkeepKind.REBUILD: "The rebuild was stopped. The index is as it was before.",
    UpkeepKind.EMBED: "The change was stopped. The documents can be searched as before.",
    UpkeepKind.CHECK: "The check was stopped. Nothing was changed.",
    UpkeepKind.MEND: "The rebuild was stopped before every collection had its index. Rebuild it again.",
}
_FAILED = {
    UpkeepKind.REBUILD: "Your documents are kept. A search uses the index as it was before.",
    UpkeepKind.EMBED: "Your documents are kept, and can be searched as before.",
    UpkeepKind.CHECK: "Nothing was changed.",
    UpkeepKind.MEND: "Your documents and answers are kept in the database.",
}


class Watching(Protocol):
    """Where long work is looked up, stopped, and put away once it was seen."""

    def recent(self, collection_id: str) -> Sequence[UpkeepView]:
        """What is done, and what was done last, to the collection ("": to all)."""

    def view(self, job_id: str) -> UpkeepView | None:
        """How it stands, None where it is not known any more."""

    def stop(self, job_id: str) -> None:
        """Ask it to end."""

    def dismiss(self, job_ids: Sequence[str]) -> None:
        """It was seen; what still runs stays."""


def draw(
    jobs: Sequence[UpkeepView],
    watching: Watching,
    audited: Audited = str,
    *,
    opened: bool = False,
) -> None:
    """What is done to a collection (or to all), and what the last such work came to.

    ``audited`` says it of a check. It is put away where one of the collection's documents is ``opened``.
    """
    if opened:
        watching.dismiss([one.id for one in jobs])
    for one in jobs:
        if one.busy:
            with st.container(border=True, key=f"upkeep-{one.id}"):
                st.fragment(_watch, run_every=work.POLL_SECONDS)(one.id, watching)
        elif not opened:
            _ended(one, watching, audited)


def _watch(job_id: str, watching: Watching) -> None:
    with guard():
        view = watching.view(job_id)
        if view is None or not view.busy:
            st.rerun()
        head, button = st.columns([4, 1], vertical_alignment="center")
        head.progress(view.done / view.total if view.total else 0.0, text=progress_words(view))
        button.button(
            "Stopping" if view.stopping else "Stop",
            key=f"upkeep-stop-{view.id}",
            icon=":material/stop_circle:",
            disabled=view.stopping,
            on_click=watching.stop,
            args=(view.id,),
            width="stretch",
        )


def progress_words(view: UpkeepView) -> str:
    """How far it is: "Rebuilding the index: 400 of 20,000 passages, about 2 min left"."""
    doing = _DOING[view.kind] + (f" by {plain(view.about)}" if view.about else "")
    if view.state is UpkeepState.WAITING:
        return f"{doing}: waits until the work before it is done"
    if not view.total:
        return doing
    if view.done >= view.total:
        return f"{doing}: almost done"
    unit = "searches" if view.kind is UpkeepKind.CHECK else "passages"
    left = f", about {left_words(view.seconds_left)} left" if view.seconds_left is not None else ""
    return f"{doing}: {view.done:,} of {view.total:,} {unit}{left}"


def _ended(view: UpkeepView, watching: Watching, audited: Audited) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"upkeep-{view.id}-box"):
        with st.container():
            if view.state is UpkeepState.FAILED:
                trouble(view.words, _FAILED[view.kind], view.remedy)
            else:
                st.info(ended_words(view, audited), icon=":material/info:")
        st.button(
            "Close",
            key=f"upkeep-{view.id}-close",
            type="tertiary",
            on_click=watching.dismiss,
            args=([view.id],),
        )


def ended_words(view: UpkeepView, audited: Audited = str) -> str:
    """What it came to, as one or two sentences; ``audited`` says it of a check."""
    if view.state is UpkeepState.STOPPED:
        return _STOPPED[view.kind]
    if view.audit is not None:
        return audited(view.audit)
    if view.kind is UpkeepKind.EMBED:
        return f"Every passage is now made searchable by {plain(view.about)}."
    return REBUILT
