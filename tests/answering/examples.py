"""Passages and candidates for the tests of this room."""

from __future__ import annotations

from app.domain import Candidate, FoundPassage, GivenPassage, Options, Passage, Retrieval

BACKEND = "fake"


def passage(number: int, text: str = "The mill has seven stones.", document: str = "mill.txt") -> Passage:
    return Passage(
        id=f"p{number}",
        collection_id="c1",
        document_id=f"d{number}",
        document_name=document,
        page=1,
        start=0,
        end=len(text),
        text=text,
    )


def found(*texts: str) -> list[FoundPassage]:
    return [
        FoundPassage(passage(rank, text), 1.0 - rank / 10, rank) for rank, text in enumerate(texts, start=1)
    ]


def given(*texts: str, fitted: int | None = None) -> tuple[GivenPassage, ...]:
    fits = len(texts) if fitted is None else fitted
    return tuple(
        GivenPassage(n if n <= fits else 0, passage(n, text), 0.5, fitted=n <= fits)
        for n, text in enumerate(texts, start=1)
    )


def candidate(
    *, documents: bool = True, model: str = "tiny", backend: str = BACKEND, k: int = 4, **options: object
) -> Candidate:
    chosen = Options(**options)  # type: ignore[arg-type]
    return Candidate(backend, model, chosen, Retrieval("c1", k) if documents else None)
