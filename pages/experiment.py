"""Experiment: how far it is while it runs, and what came of it."""

from __future__ import annotations

from app.services import Services, current
from app.ui import frame


def page(services: Services) -> None:
    frame.open_page("Experiment", "How often each model was right, and why it was not.")


frame.only_framed()
page(current())
