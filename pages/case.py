"""Question: one case of an experiment, with every candidate's answer and its cause."""

from __future__ import annotations

from app.services import Services, current
from app.ui import frame


def page(_services: Services) -> None:
    frame.open_page("Question", "What each model answered, what it was given, and why it was right or not.")


frame.only_framed()
page(current())
