"""Dataset: questions with their right answers, edited, imported and exported."""

from __future__ import annotations

from app.services import Services, current
from app.ui import frame


def page(_services: Services) -> None:
    frame.open_page("Dataset", "Questions with their right answers, to put to several models.")


frame.only_framed()
page(current())
