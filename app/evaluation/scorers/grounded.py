"""Grounded share: how much of an answer the passages support, told without a language model.

Each sentence is aligned with the stretches of the passages that share its rarest words, and a
logistic regression on four features gives the probability that the passages support it: the share of
its words that stand there, how many content words and numbers do not, whether it speaks of its writer,
and whether it asks. Numbers, names and denials are checked apart: one that no passage has, or a "not"
on one side only, makes the sentence unsupported whatever else it shares.

METRICS defines the share of sentences supported. The value is the expected share: the mean of the
sentences' probabilities. A count of those above one half orders answers worse than token overlap does.

The weights come from 430 answers with human labels ("fully attributable" or not): the Wizard of
Wikipedia part of BEGIN (Dziri et al. 2022, "Evaluating Attribution in Dialogue Systems: The BEGIN
Benchmark", TACL 10). A label is of a whole answer, so the fit takes an answer as supported where all its
sentences are (the noisy-and of multiple-instance learning). ``python -m benchmarks groundedness`` fits
them again, compares the measure, out of fold, with token overlap and ROUGE-2, and fails where the
condition for showing it no longer holds.

The embedder is not used: beside these features neither the cosine of sentence and stretch nor that of
missing words with present ones told the labels apart better, and near vectors are no evidence
("rises" and "falls" are near each other).

What it cannot see: a wrong relation between words that all stand in one place ("founded" for "closed"),
a number or name that belongs to something else in the passages, one wrong word in a long sentence, a
paraphrase without common words, sums and other conclusions, whether the sentence answers the question,
and any language but English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from app.domain import HOLDS, Answer, Score, ScoredPart
from app.evaluation.scorers.abstaining import abstains
from app.evaluation.scorers.grounded_claims import Claim, claims
from app.evaluation.scorers.grounded_contradictions import contradiction, turned_round
from app.evaluation.scorers.grounded_evidence import (
    Features,
    Passages,
    Stretch,
    features,
    missing,
    speaks_of_writer,
)
from app.evaluation.scorers.grounded_language import other_language
from app.evaluation.scorers.grounded_sentences import without_references


@dataclass(frozen=True)
class Weights:
    """The logistic regression: log-odds that a sentence is supported."""

    constant: float
    covered: float
    missing: float
    speaker: float
    question: float

    def probability(self, measured: Features) -> float:
        """The probability (0 to 1) of support."""
        odds = self.constant + self.covered * measured.covered + self.missing * measured.missing
        odds += self.speaker * measured.speaker + self.question * measured.question
        return 1 / (1 + exp(-odds))


WEIGHTS = Weights(constant=-2.360, covered=5.389, missing=-1.593, speaker=-3.272, question=-1.393)
"""Fitted on all 430 labels; a test fixes them, the benchmark fits them again."""
CONTRADICTED = 0.25
"""What a sentence's probability is multiplied with if a number, a name or a denial speaks against it.

Set, not fitted: below HOLDS, so that no such sentence is supported, and above 0, so that their order is kept.
"""
LONGEST = 50_000
"""Characters of an answer; beyond any answer that a model gives."""
MOST_SENTENCES = 1000
"""Three times what LONGEST characters of prose hold; more of them would take seconds."""
NAMED = 6
"""How many missing words are named."""
ABSTAINED = "The answer says that the documents do not contain it."


class GroundedShare:
    """Scores answers against the passages that they were given. Deterministic; safe from any thread."""

    name = "grounded share"
    version = "2"
    """2: more ways of saying that the documents lack something are left out of what is checked."""

    def __init__(self, weights: Weights = WEIGHTS) -> None:
        self._weights = weights

    def score(self, answer: Answer) -> Score:
        """The grounded share of an answer, against what it was given in its prompt."""
        if answer.checks.found is False:
            return self._unscored(ABSTAINED)
        return self.share(answer.text, given_texts(answer))

    def share(self, text: str, passages: Mapping[int, str]) -> Score:
        """The grounded share of a text against passages by their numbers. Total: no text makes it raise."""
        if reason := unfit(text, passages):
            return self._unscored(reason)
        known, stated = Passages(passages), claims(text)
        if known.empty:
            return self._unscored("No passage with words was given.")
        if not stated:
            return self._unscored(ABSTAINED if abstains(text) else "It states nothing that could be checked.")
        if len(stated) > MOST_SENTENCES:
            return self._unscored(f"The answer has more than {MOST_SENTENCES} sentences.")
        parts = tuple(_part(one, known, self._weights) for one in stated)
        value = sum(one.value for one in parts) / len(parts)
        return Score(self.name, self.version, value, _summary(parts), parts)

    def supports(self, known: Passages, claim: Claim) -> bool:
        """Whether the passages support one sentence."""
        return not known.empty and _part(claim, known, self._weights).holds

    def _unscored(self, reason: str) -> Score:
        return Score(self.name, self.version, None, reason)


def given_texts(answer: Answer) -> dict[int, str]:
    """The passages given, by number, each behind its document's name: the model was told it as well.

    Without its ending: "pdf" is no word of the document's.
    """
    given = answer.prompt.given if answer.prompt else ()
    return {
        one.number: f"{_title(one.passage.document_name)}\n\n{one.passage.text}"
        for one in given
        if one.fitted and one.passage.text.strip()
    }


def _title(name: str) -> str:
    stem, _, ending = name.rpartition(".")
    return stem if stem and "/" not in ending else name


def unfit(text: str, passages: Mapping[int, str]) -> str:
    """Why the text is not even read; "" if nothing speaks against it."""
    if not text.strip():
        return "The answer is empty."
    if len(text) > LONGEST:
        return f"The answer is longer than {LONGEST:,} characters."
    if other_language(without_references(text)) or other_language("\n".join(passages.values())):
        return "This measure was tried on English only."
    return ""


def _part(claim: Claim, passages: Passages, weights: Weights) -> ScoredPart:
    def likely(stretch: Stretch) -> float:
        return weights.probability(features(claim.words, stretch, asks=claim.asks))

    # Of places that are as likely, one that does not deny it: passages may say both.
    tried = passages.candidates(claim.words)
    stretch = max(tried, key=lambda one: (likely(one), not turned_round(claim.words, one)))
    against = contradiction(claim.words, passages, stretch)
    value = likely(stretch) * (CONTRADICTED if against else 1.0)
    reason = against or _reason(claim, stretch, supported=value >= HOLDS)
    return ScoredPart(claim.span.start, claim.span.end, value, reason)


def _reason(claim: Claim, stretch: Stretch, *, supported: bool) -> str:
    absent = _listed([one.shown for one in missing(claim.words, stretch)])
    if supported:
        return f"Passage {stretch.passage} has it{f', but for: {absent}' if absent else ''}."
    if speaks_of_writer(claim.words, stretch):
        return "It speaks of the one who writes, and the passages do not."
    if absent:
        return f"The nearest place, in passage {stretch.passage}, does not have: {absent}."
    return f"Too little of it stands in one place; the nearest is in passage {stretch.passage}."


def _listed(names: list[str]) -> str:
    left = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {left} more" if left > 0 else "")


def _summary(parts: tuple[ScoredPart, ...]) -> str:
    held = sum(one.holds for one in parts)
    return f"The passages support {held} of {len(parts)} {'sentence' if len(parts) == 1 else 'sentences'}."
