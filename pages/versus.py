"""Two experiments: which questions got better and which got worse."""

from __future__ import annotations

from app.evaluation.experiments.versus import read, versus
from app.services import Services, current
from app.ui import frame
from app.ui import versus as drawing
from app.ui.naming import candidate_names


def page(services: Services) -> None:
    frame.open_page("Two experiments", drawing.PURPOSE)
    first, second, pair = drawing.asked_for()
    ran = [read(services.experiments, services.datasets, one) for one in (first, second)]
    made = versus(ran[0], ran[1], pair)
    collections = services.collections.names()
    names = [
        candidate_names({who.hash: who for who in one.experiment.candidates}, collections) for one in ran
    ]
    drawing.draw(made, drawing.Names(*names), pair)


frame.only_framed()
with frame.guard():
    page(current())
