"""Datasets: named, and versioned by their content."""

from __future__ import annotations

import builtins
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain, count

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.orm import Session
from ulid import ULID

from app.domain import Case, Dataset, Gold, version_of
from app.errors import NotAllowed, NotFound
from storage import records
from storage.database import Database
from storage.names import name_key, usable_name
from storage.tables import CaseRow, DatasetRow, DatasetVersionRow, ExperimentRow, VersionCaseRow


class Datasets:
    """Datasets with their cases. Every method raises DatabaseTrouble where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ----------------------------------------------------------------- reading

    def list(self) -> builtins.list[Dataset]:
        """All, by name."""
        with self._database.read() as session:
            rows = session.scalars(select(DatasetRow).order_by(DatasetRow.name_key)).all()
            return [_dataset(session, row) for row in rows]

    def get(self, dataset_id: str) -> Dataset:
        """One by its id. Raises NotFound."""
        with self._database.read() as session:
            return _dataset(session, _the_dataset(session, dataset_id))

    def by_name(self, name: str) -> Dataset | None:
        """The one of that name (case and outer spaces do not matter), or None."""
        with self._database.read() as session:
            row = _named(session, name)
            return _dataset(session, row) if row else None

    def cases(self, version: str) -> tuple[Case, ...]:
        """The cases of a version, in their order. Raises NotFound."""
        with self._database.read() as session:
            if session.get(DatasetVersionRow, version) is None:
                raise NotFound("That version of the dataset is no longer there.")
            return _cases(session, version)

    # ----------------------------------------------------------------- writing

    def create(self, name: str, cases: Sequence[Case]) -> Dataset:
        """A new one. Raises NotAllowed: the name is taken, empty or too long, or there are no cases."""
        with self._database.write() as session:
            now = datetime.now(UTC)
            return _new(session, _free_name(session, name), keep_version(session, tuple(cases), now), now)

    def save(self, dataset_id: str, cases: Sequence[Case], read: str) -> Dataset:
        """Give it these cases as its newest version.

        ``read`` is the version that they were made from: where somebody saved another one meanwhile,
        nothing is written over it. Raises NotFound, NotAllowed.
        """
        with self._database.write() as session:
            row = _the_dataset(session, dataset_id)
            if row.version_id != read and row.version_id != version_of(tuple(cases)):
                raise NotAllowed(
                    f"“{row.name}” was changed elsewhere since you opened it, and nothing was saved.",
                    "Download your version, open the dataset again and import what is missing there.",
                )
            now = datetime.now(UTC)
            version = keep_version(session, tuple(cases), now)
            if version != row.version_id:
                row.version_id, row.changed_at = version, now
                session.flush()
                drop_unused_versions(session)
            return _dataset(session, row)

    def save_over(self, dataset_id: str, cases: Sequence[Case], over: str) -> tuple[Dataset, Dataset]:
        """Give it these cases as its newest version; ``over``, the one before, becomes a dataset of its own.

        Returns both. Raises NotFound, NotAllowed where somebody saved a third version meanwhile.
        """
        with self._database.write() as session:
            row = _the_dataset(session, dataset_id)
            if row.version_id != over:
                raise NotAllowed(f"“{row.name}” was changed once more, and nothing was saved.", "Look again.")
            now = datetime.now(UTC)
            name = _next_free(session, f"{row.name[:60].rstrip()} (other version)")
            other = _new(session, name, over, row.changed_at)
            row.version_id, row.changed_at = keep_version(session, tuple(cases), now), now
            session.flush()
            return _dataset(session, row), other

    def add(self, dataset_id: str, case: Case) -> Dataset:
        """Put one more case at its end. Raises NotFound, NotAllowed where its question is there already."""
        with self._database.write() as session:
            row = _the_dataset(session, dataset_id)
            cases = _cases(session, row.version_id)
            _refuse_twice(row.name, cases, case)
            now = datetime.now(UTC)
            row.version_id, row.changed_at = keep_version(session, (*cases, case), now), now
            session.flush()
            drop_unused_versions(session)
            return _dataset(session, row)

    def save_apart(self, dataset_id: str, cases: Sequence[Case]) -> Dataset:
        """Give these cases, made of another's, to a new dataset that is called after it. Raises NotFound."""
        with self._database.write() as session:
            name = f"{_the_dataset(session, dataset_id).name[:60].rstrip()} (my version)"
            now = datetime.now(UTC)
            return _new(session, _next_free(session, name), keep_version(session, tuple(cases), now), now)

    def rename(self, dataset_id: str, name: str) -> Dataset:
        """Give it another name. Raises NotFound, NotAllowed."""
        with self._database.write() as session:
            row = _the_dataset(session, dataset_id)
            row.name, row.name_key = _free_name(session, name, but=dataset_id), name_key(name)
            return _dataset(session, row)

    def delete(self, dataset_id: str) -> None:
        """Delete it; versions that experiments ran on stay with them. Raises NotFound."""
        with self._database.write() as session:
            session.delete(_the_dataset(session, dataset_id))
            session.flush()
            drop_unused_versions(session)


def _new(session: Session, name: str, version: str, now: datetime) -> Dataset:
    row = DatasetRow(
        id=str(ULID()), name=name, name_key=name_key(name), version_id=version, made_at=now, changed_at=now
    )
    session.add(row)
    session.flush()
    return _dataset(session, row)


def keep_version(session: Session, cases: tuple[Case, ...], now: datetime) -> str:
    """Keep the cases as a version and return its id. Raises NotAllowed for none, or one that is twice."""
    if not cases:
        raise NotAllowed("A dataset needs at least one question.", "Add one, or delete the dataset.")
    if len({one.id for one in cases}) < len(cases):
        raise NotAllowed("A question is there twice with the same answers.", "Take one of them away.")
    version = version_of(cases)
    if session.get(DatasetVersionRow, version) is None:
        session.add(DatasetVersionRow(id=version, size=len(cases), made_at=now))
        session.flush()
        rows = [_case_row(one) for one in cases]
        session.execute(insert_or(CaseRow).on_conflict_do_nothing(), rows)
        session.execute(insert(VersionCaseRow), [_place(version, at, one) for at, one in enumerate(cases)])
    return version


def drop_unused_versions(session: Session) -> None:
    """Versions that are nobody's newest and that no experiment ran on go, and cases of no version."""
    used = select(DatasetRow.version_id).union(select(ExperimentRow.version_id))
    session.execute(delete(DatasetVersionRow).where(DatasetVersionRow.id.not_in(used)))
    kept = select(VersionCaseRow.case_id)
    session.execute(delete(CaseRow).where(CaseRow.id.not_in(kept)))


def _cases(session: Session, version: str) -> tuple[Case, ...]:
    statement = (
        select(CaseRow, VersionCaseRow.tags)
        .join(VersionCaseRow, VersionCaseRow.case_id == CaseRow.id)
        .where(VersionCaseRow.version_id == version)
        .order_by(VersionCaseRow.place)
    )
    return tuple(_case(row, tags) for row, tags in session.execute(statement))


def _refuse_twice(name: str, cases: Sequence[Case], case: Case) -> None:
    """Raises NotAllowed where the question is among the cases; case and spaces do not matter."""
    known = {name_key(one.question): place for place, one in reversed(list(enumerate(cases)))}
    place = known.get(name_key(case.question))
    if place is None:
        return
    there = cases[place]
    told = "not in the documents" if there.unanswerable else f"right answer: “{there.answers[0][:80]}”"
    raise NotAllowed(
        f"“{name}” has this question already, as number {place + 1} ({told}). Nothing was added.",
        "Open the dataset to change it there.",
    )


def _case_row(case: Case) -> dict[str, object]:
    return {
        "id": case.id,
        "question": case.question,
        "answers": records.json_text(case.answers),
        "gold": records.json_text([[one.document, one.text] for one in case.gold]),
        "unanswerable": case.unanswerable,
    }


def _place(version: str, place: int, case: Case) -> dict[str, object]:
    tags = records.json_text(case.tags)
    return {"version_id": version, "place": place, "case_id": case.id, "tags": tags}


def _case(row: CaseRow, tags: str) -> Case:
    return Case(
        question=row.question,
        answers=tuple(json.loads(row.answers)),
        gold=tuple(Gold(document, text) for document, text in json.loads(row.gold)),
        unanswerable=row.unanswerable,
        tags=tuple(json.loads(tags)),
    )


def _dataset(session: Session, row: DatasetRow) -> Dataset:
    version = session.get_one(DatasetVersionRow, row.version_id)
    return Dataset(row.id, row.name, version.id, version.size, row.made_at, row.changed_at)


def _the_dataset(session: Session, dataset_id: str) -> DatasetRow:
    row = session.get(DatasetRow, dataset_id)
    if row is None:
        raise NotFound("That dataset is no longer there.", "Choose another one under Experiments.")
    return row


def _named(session: Session, name: str) -> DatasetRow | None:
    return session.scalars(select(DatasetRow).where(DatasetRow.name_key == name_key(name))).one_or_none()


def _free_name(session: Session, name: str, but: str = "") -> str:
    """The name without outer spaces. Raises NotAllowed where it cannot be given."""
    wanted = usable_name(name, "dataset")
    taken = _named(session, wanted)
    if taken is not None and taken.id != but:
        raise NotAllowed(f"There is a dataset called “{taken.name}” already.", "Choose another name.")
    return wanted


def _next_free(session: Session, name: str) -> str:
    """The name, or the first of "name 2", "name 3" … that is free."""
    wanted = usable_name(name, "dataset")
    names = chain([wanted], (f"{wanted[:75]} {number}" for number in count(2)))
    return next(one for one in names if _named(session, one) is None)
