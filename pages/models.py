"""Models: the servers that run models, what each offers, and how to get more."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from app.domain import Candidate, Health, HealthState
from app.services import Services, current
from app.ui import frame
from app.ui import models as drawing
from app.ui.safe import plain

ASKER = "models-asker"


def page(services: Services) -> None:
    frame.open_page("Models", "The servers that run models for you, and the models that each has.")
    for health in services.health():
        with st.container(border=True, key=f"backend-{health.backend}"), frame.guard():
            block(services, health)
    drawing.adding()


def block(services: Services, health: Health) -> None:
    """One backend: its state, its models, and what can be done with them."""
    name = health.backend
    backend = services.backends.get(name)
    place = "nothing leaves this machine" if backend.local else f"passages go to {backend.host}"
    drawing.head(health, place, services.backends.look_again)
    if health.state is not HealthState.READY:
        return
    with st.spinner(f"Asking {plain(name)} for its models…"):
        models = services.backends.models(name)
    drawing.models_table(name, models)
    drawing.trying(name, models, try_actions(services, name))
    if services.pulls.can(name):
        actions = pull_actions(services, name)
        drawing.pulling(name, actions)
        if models:
            drawing.deleting(name, models, needed(services, name), actions)


def try_actions(services: Services, backend: str) -> drawing.TryActions:
    """Asking one model, through the same way as every question: it is logged and can be stopped."""

    def ask(model: str, prompt: str) -> str:
        asker = st.session_state.setdefault(ASKER, uuid4().hex)
        return services.comparing.ask(prompt, [Candidate(backend, model)], "", asker)

    return drawing.TryActions(ask, services.comparing.view, services.comparing.stop)


def pull_actions(services: Services, backend: str) -> drawing.PullActions:
    """What can be done with the models of a backend that manages them."""
    pulls = services.pulls
    return drawing.PullActions(
        start=lambda model: pulls.start(backend, model),
        views=lambda: pulls.recent(backend),
        cancel=pulls.cancel,
        dismiss=pulls.dismiss,
        delete=lambda model: pulls.delete(backend, model),
    )


def needed(services: Services, backend: str) -> dict[str, str]:
    """The models without which a collection cannot be searched, with the reason in words."""
    return {
        one.embedder.name.removeprefix(f"{backend}/"): (
            f"The collection “{one.name}” is searched with this model. Rebuild it with another one first."
        )
        for one in services.collections.list()
        if one.embedder.name.startswith(f"{backend}/")
    }


frame.only_framed()
page(current())
