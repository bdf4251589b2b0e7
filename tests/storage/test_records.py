"""What is kept as JSON comes back; see also test_answers, which sends every field through the database."""

from __future__ import annotations

import pytest

from app.domain import Candidate, Options
from storage.records import basis_of, candidate_of, candidate_text


@pytest.mark.parametrize("temperature", [0, 0.0, 1, 0.1 + 0.2, 1e-300])
def test_the_hash_of_a_candidate_stays(temperature: float) -> None:
    """Also where a whole number was given: 0 and 0.0 are two candidates as they stand."""
    candidate = Candidate("embedded", "tiny", Options(temperature=temperature))
    assert candidate_of(candidate_text(candidate)).hash == candidate.hash


def test_a_basis_of_a_later_version_is_unknown() -> None:
    assert basis_of("listed") == "listed"
    assert basis_of("guessed by a later version") == "unknown"
