"""What an answer is taken to say when it is compared with the right answers, as SQuAD 2.0 has it.

There an unanswerable question has the right answer "", and a model that abstains predicts "". Ours says
so in words (or by ``found``), so an answer that abstains is taken for "" whatever else it holds: METRICS
counts one that abstains and guesses as abstained. It is then wrong on a question that has an answer. The
one exception is a right answer that itself reads like an abstention ("not stated in the contract").
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import Answer, Case
from app.evaluation.scorers.abstaining import abstained, abstains
from app.evaluation.scorers.marks import without_marks
from app.evaluation.scorers.squad import normalised

LONGEST_SHOWN = 80
MOST_SHOWN = 3


def prediction(case: Case, answer: Answer) -> str:
    """The answer without its marks [n]; "" where it abstains."""
    if abstained(answer) and not any(abstains(one) for one in case.answers):
        return ""
    return without_marks(answer.text)


def incomparable(case: Case, language: str) -> str:
    """Why nothing can be compared with the case's right answers, in words; "" if something can."""
    if case.unanswerable:
        return ""
    if not any(one.strip() for one in case.answers):
        return "No right answer is known for this question."
    if not any(normalised(one, language) for one in case.answers):
        return f"Of {listed(case.answers)} nothing is left to compare once articles and punctuation are off."
    return ""


def listed(texts: Sequence[str]) -> str:
    """Right answers as words hold them: “14,000” or “14000” or 2 others."""
    shown = [f"“{_short(one)}”" for one in texts[:MOST_SHOWN]]
    left = len(texts) - len(shown)
    more = [f"{left} {'other' if left == 1 else 'others'}"] if left else []
    return " or ".join([*shown, *more])


def _short(text: str) -> str:
    folded = " ".join(text.encode("utf-8", "replace").decode().split())
    return folded if len(folded) <= LONGEST_SHOWN else folded[: LONGEST_SHOWN - 1].rstrip() + "…"
