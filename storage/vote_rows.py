"""Votes as rows and back, and how they go with their answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.domain import Vote, VoteOrigin
from storage.names import name_key
from storage.tables import TrialRow, VoteRow

VOTE_KEY = VoteRow.first_id, VoteRow.second_id, VoteRow.voter_key
VOTE_COLUMNS = (
    VoteRow.voter,
    VoteRow.first_id,
    VoteRow.second_id,
    VoteRow.preferred_id,
    VoteRow.both_bad,
    VoteRow.left_id,
    VoteRow.voted_at,
    VoteRow.origin,
)
"""Columns and no rows of tables: of 20,000 votes that takes a fraction of the time."""
_ORIGINS = {one.value: one for one in VoteOrigin}


def vote_row(vote: Vote) -> VoteRow:
    """The row of a vote."""
    return VoteRow(
        voter_key=name_key(vote.voter),
        first_id=vote.first,
        second_id=vote.second,
        voter=vote.voter.strip(),
        preferred_id=vote.preferred or None,
        both_bad=vote.both_bad,
        left_id=vote.left,
        voted_at=vote.voted_at,
        origin=vote.origin.value,
    )


def votes_on(session: Session, experiment_id: str) -> list[Vote]:
    """All votes on an experiment's answers, those that do not count any more too; for its file."""
    mine = select(TrialRow.answer_id).where(TrialRow.experiment_id == experiment_id)
    rows = session.execute(
        select(*VOTE_COLUMNS)
        .where(VoteRow.first_id.in_(mine), VoteRow.second_id.in_(mine))
        .order_by(VoteRow.first_id, VoteRow.second_id, VoteRow.voter_key)
    )
    return [vote_of(row) for row in rows]


def delete_votes_of(session: Session, experiment_id: str) -> None:
    """Those on an experiment's answers: without it nothing shows them."""
    mine = select(TrialRow.answer_id).where(TrialRow.experiment_id == experiment_id)
    session.execute(delete(VoteRow).where(or_(VoteRow.first_id.in_(mine), VoteRow.second_id.in_(mine))))


def delete_votes_on(session: Session, ids: Sequence[str]) -> None:
    """Those on these answers, which are about to go; as many as one statement names."""
    session.execute(delete(VoteRow).where(or_(VoteRow.first_id.in_(ids), VoteRow.second_id.in_(ids))))


def vote_of(row: Sequence[Any]) -> Vote:
    """The vote of a row of VOTE_COLUMNS."""
    voter, first, second, preferred, both_bad, left, voted_at, origin = row
    return Vote(voter, first, second, preferred or "", both_bad, left, voted_at, _ORIGINS[origin])
