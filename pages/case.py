"""Question: one case of an experiment, with every candidate's answer and its cause."""

from __future__ import annotations

from app.domain import CaseSeen, Trial
from app.services import Services, current
from app.ui import case_answers, case_question, frame
from app.ui.result_look import look_of


def page(services: Services) -> None:
    experiment, place = case_question.asked_for()
    seen = services.opening.case(experiment, place)
    frame.open_page(f"Question {place + 1:,} of {seen.experiment.cases:,}", case_question.PURPOSE)
    case_question.draw_way(seen)
    case_question.draw_question(seen.case)
    with frame.guard():
        case_question.draw_golds(seen)
    with frame.guard():
        answers(services, seen)


def answers(services: Services, seen: CaseSeen) -> None:
    """The answers of the candidates that are open."""
    order = services.reports.order()
    look = look_of(seen.experiment, services.collections.names(), order, dark=frame.is_dark())
    chosen = case_answers.choose(seen, look.names)
    opened = services.opening.trials(seen, [one for one in chosen if isinstance(one, Trial)])
    looks = look.names, look.styles
    case_answers.draw(seen, chosen, opened, looks, services.answers, exchange=services.exchange())


frame.only_framed()
with frame.guard():
    page(current())
