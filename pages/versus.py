"""Two experiments: which questions got better and which got worse."""

from __future__ import annotations

from app.services import Services, current
from app.ui import frame


def page(_services: Services) -> None:
    frame.open_page("Two experiments", "What changed from one experiment to the other, question by question.")


frame.only_framed()
page(current())
