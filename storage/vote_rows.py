"""Votes as rows and back, and how they go with their answers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.domain import Vote, VoteOrigin
from storage.names import name_key
from storage.tables import TrialRow, VoteRow


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
    rows = session.scalars(
        select(VoteRow)
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


def vote_of(row: VoteRow) -> Vote:
    """The vote of a row."""
    return Vote(
        voter=row.voter,
        first=row.first_id,
        second=row.second_id,
        preferred=row.preferred_id or "",
        both_bad=row.both_bad,
        left=row.left_id,
        voted_at=row.voted_at,
        origin=VoteOrigin(row.origin),
    )
