"""The words for each cause: what it is called, what it means, and what mends it (METRICS, "Attribution").

The remedies are those of METRICS' table, also where Assay has no such part: then they say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from app.domain.causes import Cause, Family

Page = Literal["dataset", "documents", "experiments", "models"]
"""A page where a remedy is done, by the name of its file."""


@dataclass(frozen=True)
class CauseWords:
    """A cause for a person: its ``title``, one sentence of ``meaning``, the ``remedy`` and on which page."""

    title: str
    meaning: str
    remedy: str
    page: Page


FAMILY_WORDS: Mapping[Family, str] = MappingProxyType(
    {
        Family.INDEX: "The index: the model was not given the right text.",
        Family.MODEL: "The model: it could have answered rightly, and did not.",
        Family.NEITHER: "Neither: it tells nothing about the index or the model's reading.",
    }
)

SAID_NOTHING = "It said nothing: neither an answer nor that the documents have none."
"""What shows that an empty answer to a question without an answer failed."""
_RERANKER = "use a reranker, a model that sorts what was found; Assay has none."
_OTHER_MODEL = "Try another instruction, or another model."
_WORDS: Mapping[Cause, CauseWords] = MappingProxyType(
    {
        Cause.FAILED: CauseWords(
            "Failed",
            "No answer came: an error, a stop, no valid form, or nothing where the documents hold no answer.",
            "Mend what the model's server said, then run the failed ones again.",
            "models",
        ),
        Cause.INVENTED: CauseWords(
            "Invented",
            "The documents do not contain the answer, and the model gave one all the same.",
            "Tell the model to say when the documents do not contain it, or try another model.",
            "experiments",
        ),
        Cause.NO_DOCUMENTS: CauseWords(
            "No documents given",
            "The model was asked without documents, so it had nothing to read the answer in.",
            "Turn the documents on.",
            "experiments",
        ),
        Cause.NOT_RECORDED: CauseWords(
            "Passages not recorded",
            "It was asked elsewhere; what it was given is not here, so index and model are not told apart.",
            "Connect its server and ask it here, with your documents.",
            "models",
        ),
        Cause.CANNOT_BE_TOLD: CauseWords(
            "Cannot be told",
            "Nobody said where the right answer stands, so nothing can be traced.",
            "Add the gold text to the question.",
            "dataset",
        ),
        Cause.NOT_IN_COLLECTION: CauseWords(
            "Not in the collection",
            "The document that holds the answer is not there.",
            "Upload it.",
            "documents",
        ),
        Cause.NOT_READ: CauseWords(
            "Not read",
            "The document is there, and the text with the answer is not in what was read of it.",
            "Look at what was read; upload it with its text recognised (OCR), or in another format.",
            "documents",
        ),
        Cause.GIVEN_ELSEWHERE: CauseWords(
            "Given elsewhere",
            "The expected text was not given, but another passage that was given has the right answer.",
            _OTHER_MODEL,
            "experiments",
        ),
        Cause.NOT_INDEXED: CauseWords(
            "Not indexed",
            "The passage is in the database, and the index does not return it even for itself.",
            "Rebuild the index.",
            "documents",
        ),
        Cause.MISSED_BY_INDEX: CauseWords(
            "Missed by the index",
            "An exact search finds the passage among those that are given; the index did not.",
            "Check the index and rebuild it. Its settings are fixed in Assay.",
            "documents",
        ),
        Cause.MISSED_BY_EMBEDDER: CauseWords(
            "Missed by the embedder",
            "Even an exact search does not count the passage among the nearest to the question.",
            "Try another embedder or way of splitting, or hybrid search (by words, too), which Assay lacks.",
            "documents",
        ),
        Cause.RANKED_TOO_LOW: CauseWords(
            "Ranked too low",
            "The passage is near the question, but others are nearer, and only the first few are given.",
            f"Give more passages (a larger k), or {_RERANKER}",
            "experiments",
        ),
        Cause.DID_NOT_FIT: CauseWords(
            "Did not fit",
            "The passage was found, and left out because the prompt was full.",
            "Give the model a larger window, or fewer passages.",
            "models",
        ),
        Cause.REFUSED: CauseWords(
            "Refused",
            "The passage was given whole, and the model said that the documents do not contain it.",
            _OTHER_MODEL,
            "experiments",
        ),
        Cause.CUT_SHORT: CauseWords(
            "Cut short",
            "The passage was given whole, and the answer ended at its token limit.",
            "Raise the token cap, or ask for shorter answers.",
            "experiments",
        ),
        Cause.NOT_REPEATABLE: CauseWords(
            "Not repeatable",
            "It was wrong this time, and right most times when asked the same again.",
            "Lower the temperature, or repeat each question more often.",
            "experiments",
        ),
        Cause.DISTRACTED: CauseWords(
            "Distracted",
            "It was right most times when given nothing but the right text.",
            f"Give fewer passages, or {_RERANKER}",
            "experiments",
        ),
        Cause.MODEL_WRONG: CauseWords(
            "Model wrong",
            "It was wrong even when given nothing but the right text.",
            "Try a larger model.",
            "models",
        ),
        Cause.MODEL_UNSPLIT: CauseWords(
            "The model, not split further",
            "The passage was given whole, and nothing was asked again to tell why it was not used.",
            "Look for the causes with asking again switched on.",
            "experiments",
        ),
    }
)


def words_of(cause: Cause) -> CauseWords:
    """The words for a cause, the same wherever it stands."""
    return _WORDS[cause]
