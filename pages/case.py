"""Question: one case of an experiment, with every candidate's answer and its cause."""

from __future__ import annotations

from app.domain import CaseSeen, Trial
from app.services import Services, current
from app.ui import case_answers, case_question, frame, theme
from app.ui.naming import candidate_names


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
    candidates = {one.hash: one for one in seen.experiment.candidates}
    names = candidate_names(candidates, services.collections.names())
    styles = theme.colours([*services.reports.order(), *candidates], dark=frame.is_dark())
    styles = theme.apart(styles, candidates)
    chosen = case_answers.choose(seen, names)
    opened = services.opening.trials(seen, [one for one in chosen if isinstance(one, Trial)])
    case_answers.draw(seen, chosen, opened, (names, styles), services.answers, exchange=services.exchange())


frame.only_framed()
with frame.guard():
    page(current())
