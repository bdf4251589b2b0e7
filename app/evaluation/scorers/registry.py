"""The scorers: a line each."""

from __future__ import annotations

from app.evaluation.scorers.abstention import Abstention
from app.evaluation.scorers.base import CaseScorer, Scorer
from app.evaluation.scorers.citation_precision import CitationPrecision
from app.evaluation.scorers.citation_recall import CitationRecall
from app.evaluation.scorers.contains import Contains
from app.evaluation.scorers.exact_match import ExactMatch
from app.evaluation.scorers.grounded import GroundedShare
from app.evaluation.scorers.hit import Hit
from app.evaluation.scorers.mrr import ReciprocalRank
from app.evaluation.scorers.ndcg import NDCG
from app.evaluation.scorers.quote_check import QuoteCheck
from app.evaluation.scorers.schema_validity import SchemaValidity
from app.evaluation.scorers.share_copied import ShareCopied
from app.evaluation.scorers.token_f1 import TokenF1

OF_THE_TEXT = frozenset({ExactMatch.name, TokenF1.name, Contains.name, Abstention.name})
"""Those that look at the answer's text and the right answer alone: all that can be said of imported ones."""

YES_OR_NO = frozenset({Contains.name, ExactMatch.name, Abstention.name, Hit.name, SchemaValidity.name})
"""Those that say 1 or 0 of an answer, so that their mean is a share of the answers; judges do, too."""


def scorers() -> tuple[Scorer, ...]:
    """Those that score every answer given passages, in the order in which they are run."""
    return (GroundedShare(),)


def case_scorers() -> tuple[CaseScorer, ...]:
    """Those that score an answer to a case, in the order in which they are run. None needs a model."""
    return (
        ExactMatch(),
        TokenF1(),
        Contains(),
        ShareCopied(),
        Abstention(),
        QuoteCheck(),
        CitationRecall(),
        CitationPrecision(),
        Hit(),
        ReciprocalRank(),
        NDCG(),
        SchemaValidity(),
    )
