"""Experiments: the datasets, the experiments that were run on them, and a new one."""

from __future__ import annotations

from app.services import Services, current
from app.ui import frame


def page(services: Services) -> None:
    frame.open_page(
        "Experiments", "Put the same questions to several models, and see which is right how often."
    )


frame.only_framed()
page(current())
