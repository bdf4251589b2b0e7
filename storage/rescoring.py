"""Scores that are newly made of recorded answers, written beside what is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from app.domain import Rescored
from storage.answer_rows import score_row
from storage.database import Database
from storage.removing import in_parts
from storage.tables import ProbeRow, ScoreRow, TrialRow


class Rescores:
    """Every method raises DatabaseTrouble where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_rule(self, answer_ids: Sequence[str]) -> dict[str, tuple[bool | None, str]]:
        """Answer id -> what the rule said of it, and which rule; whatever a person marked since."""
        found: dict[str, tuple[bool | None, str]] = {}
        columns = (TrialRow.answer_id, TrialRow.correct, TrialRow.rule)
        with self._database.read() as session:
            for part in in_parts(answer_ids):
                rows = session.execute(select(*columns).where(TrialRow.answer_id.in_(part)))
                found |= {key: (right, rule) for key, right, rule in rows}
        return found

    def keep(self, rescored: Iterable[Rescored]) -> None:
        """Write them, all in one transaction.

        Scores of other versions stay; a cause that does not hold any more is taken away, so that it is looked
        for again. Safe to repeat.
        """
        with self._database.write() as session:
            for one in rescored:
                rows = [score_row(one.answer_id, score) for score in one.scores]
                if rows:
                    put = insert_or(ScoreRow)
                    new = {name: put.excluded[name] for name in ("value", "words", "parts")}
                    session.execute(put.on_conflict_do_update(set_=new), rows)
                values: dict[str, object] = {"correct": one.right, "rule": one.rule}
                if one.look_again:
                    values |= {"cause": "", "evidence": ""}
                elif one.cause is not None:
                    values |= dict(zip(("cause", "evidence"), one.cause, strict=True))
                session.execute(update(TrialRow).where(TrialRow.answer_id == one.answer_id).values(**values))
                probe = update(ProbeRow).where(ProbeRow.answer_id == one.answer_id)
                session.execute(probe.values(correct=one.right, unjudged=not one.rule))
