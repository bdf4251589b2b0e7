"""The database under load, faults and kills: real files, real locks, real damage."""

from __future__ import annotations

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from app.domain import MachineAssumptions
from app.errors import DatabaseTrouble
from storage import database as module
from storage import upgrading
from storage.assumptions import Assumptions
from storage.database import DATABASE_FILE, Database, Patience, wal_is_safe
from storage.tables import EPOCH, AssumptionRow
from tests.storage.conftest import SHORT, Opener
from tests.storage.examples import as_nobody, dump


def add(database: Database, settings: str = "{}") -> None:
    with database.write() as session:
        session.add(AssumptionRow(kind="test", settings=settings, set_at=EPOCH))


def is_read_only(database: Database) -> bool:
    return database.read_only


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(AssumptionRow)) or 0


# ----------------------------------------------------------------- opening


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 9), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_only_where_its_bug_is_mended(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 3)])
def test_the_journal_follows_the_version(
    folder: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]
) -> None:
    """Also back from WAL, where a folder comes from a machine with a newer SQLite."""
    for now in ((3, 51, 3), version):
        monkeypatch.setattr(sqlite3, "sqlite_version_info", now)
        opened = Database.open(folder)
        try:
            expected = "wal" if wal_is_safe(now) else "truncate"
            assert opened.journal_mode == expected
            with opened.read() as session:
                assert session.connection().exec_driver_sql("PRAGMA journal_mode").scalar() == expected
            add(opened)
        finally:
            opened.close()


def test_every_connection_is_strict(database: Database) -> None:
    with database.write() as session:
        ask = session.connection().exec_driver_sql
        assert ask("PRAGMA foreign_keys").scalar() == 1
        assert ask("PRAGMA synchronous").scalar() == 2
        assert ask("PRAGMA secure_delete").scalar() == 1
        assert ask("PRAGMA application_id").scalar() == module.APPLICATION_ID


def test_opening_again_keeps_everything(opener: Opener) -> None:
    first = opener()
    add(first)
    first.close()
    assert count(opener()) == 1


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    Database.open(tmp_path / "new").close()
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
    assert (tmp_path / "new" / DATABASE_FILE).stat().st_mode & 0o077 == 0


def test_opening_beside_the_owner_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(DatabaseTrouble, match="no database"):
        Database.open(tmp_path, upgrade=False)
    assert list(tmp_path.iterdir()) == []


def test_opening_beside_the_owner_reads_and_writes(opener: Opener, folder: Path) -> None:
    owner = opener()
    add(owner)
    beside = Database.open(folder, upgrade=False)
    try:
        assert count(beside) == 1
        add(beside)
    finally:
        beside.close()
    assert count(owner) == 2


def test_a_path_with_odd_characters(tmp_path: Path) -> None:
    folder = tmp_path / "a b?c=d%20#é"
    opened = Database.open(folder)
    add(opened)
    opened.close()
    assert (folder / DATABASE_FILE).exists()
    assert [one.name for one in tmp_path.iterdir()] == [folder.name]


# ----------------------------------------------------------------- transactions


def test_an_error_inside_undoes_everything(database: Database) -> None:
    def half() -> None:
        with database.write() as session:
            session.add(AssumptionRow(kind="test", settings="{}", set_at=EPOCH))
            session.flush()
            raise KeyError("x")

    with pytest.raises(KeyError):
        half()
    assert count(database) == 0


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseTrouble), database.read() as session:
        session.execute(insert(AssumptionRow).values(kind="test", settings="{}", set_at=EPOCH))
    add(database)
    assert count(database) == 1
    assert not is_read_only(database)


def test_a_read_sees_one_state(opener: Opener) -> None:
    one, other = opener(), opener(SHORT)
    add(one)
    with one.read() as session:
        before = session.scalar(select(func.count()).select_from(AssumptionRow))
        with pytest.raises(DatabaseTrouble, match="locked"):
            add(other)  # in rollback mode the reader holds it up, and it says so
        assert session.scalar(select(func.count()).select_from(AssumptionRow)) == before
    add(other)
    assert count(one) == 2


def test_one_thread_does_not_wait_for_itself(database: Database) -> None:
    with database.read(), database.read():
        pass
    with database.read(), pytest.raises(RuntimeError, match="inside"), database.write():
        pass
    with database.write(), pytest.raises(RuntimeError, match="inside"), database.read():
        pass
    add(database)


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(DatabaseTrouble, match="refused"), database.write() as session:
        session.connection().exec_driver_sql("INSERT INTO agreed_hosts VALUES ('nowhere', 'host', 0)")


# ----------------------------------------------------------------- many at once


def increment(database: Database, times: int) -> int:
    """Read, then write, as a vote or a position does; returns how often it was not saved."""
    failed = 0
    for _ in range(times):
        try:
            with database.write() as session:
                seen = session.scalar(select(AssumptionRow.set_at).where(AssumptionRow.kind == "counter"))
                assert seen is not None
                later = seen.replace(microsecond=seen.microsecond + 1)
                session.execute(
                    update(AssumptionRow).where(AssumptionRow.kind == "counter").values(set_at=later)
                )
        except DatabaseTrouble:
            failed += 1
    return failed


def hammer(opener: Opener, writers: int, times: int) -> tuple[int, int]:
    """Several owners of one file, as several processes would be; returns (counted, failed)."""
    with opener().write() as session:
        session.add(AssumptionRow(kind="counter", settings="{}", set_at=EPOCH))
    databases = [opener() for _ in range(writers)]
    with ThreadPoolExecutor(writers) as pool:
        failed = sum(pool.map(lambda one: increment(one, times), databases))
    with databases[0].read() as session:
        at = session.scalar(select(AssumptionRow.set_at).where(AssumptionRow.kind == "counter"))
    assert at is not None
    return at.microsecond, failed


def test_no_commit_is_lost(opener: Opener, trials: object) -> None:
    assert hammer(opener, 4, 10) == (40, 0)


def test_without_begin_immediate_commits_are_lost(opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard taken away: the test above would fail."""
    monkeypatch.setattr(module, "BEGIN_WRITE", "BEGIN")
    counted, failed = hammer(opener, 4, 10)
    assert failed > 0
    assert counted + failed == 40


def test_many_threads_share_one_database(database: Database) -> None:
    with database.write() as session:
        session.add(AssumptionRow(kind="counter", settings="{}", set_at=EPOCH))
    with ThreadPoolExecutor(12) as pool:
        failed = [pool.submit(increment, database, 10) for _ in range(6)]
        seen = [pool.submit(count, database) for _ in range(60)]
    assert [one.result() for one in failed] == [0] * 6
    assert {one.result() for one in seen} == {1}
    with database.read() as session:
        at = session.scalar(select(AssumptionRow.set_at))
    assert at is not None
    assert at.microsecond == 60


# ----------------------------------------------------------------- faults


def test_locked_by_another_program(opener: Opener, folder: Path) -> None:
    opened = Database.open(folder, patience=SHORT)
    with closing(sqlite3.connect(folder / DATABASE_FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseTrouble, match="locked") as caught:
            add(opened)
        assert caught.value.remedy
        assert "locked" in opened.trouble
        with pytest.raises(DatabaseTrouble, match="locked"):
            count(opened)
        assert is_read_only(opened), "for as long as it is locked"
        other.execute("ROLLBACK")
    assert not is_read_only(opened), "nobody has to save something first"
    assert opened.check() == []
    add(opened)
    assert count(opened) == 1
    opened.close()


def test_locked_by_another_program_at_the_start(opener: Opener, folder: Path) -> None:
    opener().close()
    with closing(sqlite3.connect(folder / DATABASE_FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        opened = Database.open(folder, patience=SHORT)
        assert "locked" in opened.trouble
        assert count(opened) == 0
        assert opened.check() == [], "that somebody else writes is no fault"
        other.execute("ROLLBACK")
    assert opened.trouble == ""
    add(opened)
    opened.close()


def test_a_lock_that_goes_in_time_is_waited_for(opener: Opener, folder: Path) -> None:
    opened = opener(Patience(busy=0.3, tries=20))
    waiting = threading.Event()
    with closing(
        sqlite3.connect(folder / DATABASE_FILE, isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("BEGIN EXCLUSIVE")

        def roll_back() -> None:
            other.execute("ROLLBACK")
            waiting.set()

        let_go = threading.Timer(0.35, roll_back)
        let_go.start()
        add(opened)  # longer than one busy timeout: the retry gets it
        let_go.join()
    assert waiting.is_set()
    assert count(opened) == 1


def test_a_commit_that_a_reader_holds_up_is_repeated(opener: Opener, folder: Path) -> None:
    opened = opener(Patience(busy=0.3, tries=20))
    add(opened)
    with closing(
        sqlite3.connect(folder / DATABASE_FILE, isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM assumptions").fetchall()
        let_go = threading.Timer(0.35, lambda: other.execute("ROLLBACK"))
        let_go.start()
        add(opened)
        let_go.join()
    assert count(opened) == 2


def test_another_writer_of_this_process_that_never_ends(folder: Path) -> None:
    opened = Database.open(folder, patience=SHORT)
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with opened.write():
            begun.set()
            done.wait(10)

    holding = threading.Thread(target=hold)
    holding.start()
    begun.wait(10)
    with pytest.raises(DatabaseTrouble, match="Assay is still writing"):
        add(opened)
    done.set()
    holding.join()
    add(opened)
    opened.close()


def test_a_writer_waits_for_a_long_one_of_its_own_process(folder: Path) -> None:
    opened = Database.open(folder, patience=Patience(busy=0.05, tries=2))
    begun, waited = threading.Event(), threading.Event()

    def hold() -> None:
        with opened.write():
            begun.set()
            waited.wait(0.5)  # five times as long as SQLite's own locks are waited for

    holding = threading.Thread(target=hold)
    holding.start()
    begun.wait(10)
    add(opened)
    holding.join()
    assert count(opened) == 1
    opened.close()


def test_a_full_disk(opener: Opener, folder: Path) -> None:
    opened = opener()
    add(opened)
    before = dump(folder)
    with opened.write() as session:
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar()
        session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DatabaseTrouble, match="disk is full"):
        add(opened, "x" * 100_000)
    assert is_read_only(opened)
    assert "disk is full" in opened.trouble
    assert dump(folder) == before
    assert count(opened) == 1, "what is there can still be read"
    add(opened, "x" * 100_000)  # there is room again
    assert not is_read_only(opened)
    assert opened.trouble == ""


def test_a_folder_that_cannot_be_written(open_folder: Path) -> None:
    file = open_folder / DATABASE_FILE
    with as_nobody(open_folder, file):
        opened = Database.open(open_folder, patience=SHORT)
        add(opened)
        assert not is_read_only(opened)
        file.chmod(0o444)
        open_folder.chmod(0o555)
        opened.close()
        opened = Database.open(open_folder, patience=SHORT)
        assert is_read_only(opened)
        assert count(opened) == 1
        beside = Database.open(open_folder, upgrade=False, patience=SHORT)
        assert any("read-only" in one for one in beside.check()), "that reading works is not all"
        beside.close()
        with pytest.raises(DatabaseTrouble, match="read-only") as caught:
            add(opened)
        assert "right to write" in caught.value.remedy
        file.chmod(0o644)
        open_folder.chmod(0o755)
        add(opened)
        assert not is_read_only(opened), "the next write tries again"
        assert count(opened) == 2
        opened.close()


@pytest.mark.parametrize("journal", ["wal", "truncate"])
def test_a_folder_that_is_only_read(open_folder: Path, journal: str) -> None:
    """Nothing is written, even where it could be later: nobody holds the folder for that."""
    file = open_folder / DATABASE_FILE
    with as_nobody(open_folder, file):
        opened = Database.open(open_folder, patience=SHORT)
        add(opened)
        opened.close()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(f"PRAGMA journal_mode = {journal}")
        file.chmod(0o444)
        open_folder.chmod(0o555)
        before = {one.name: one.stat().st_mtime_ns for one in open_folder.rglob("*")}
        opened = Database.open(open_folder, patience=SHORT, only_read=True)
        beside = Database.open(open_folder, patience=SHORT, upgrade=False)
        assert count(opened) == count(beside) == 1
        beside.close()
        assert is_read_only(opened)
        file.chmod(0o644)
        open_folder.chmod(0o755)
        with pytest.raises(DatabaseTrouble, match="only reads it"):
            add(opened)
        assert is_read_only(opened)
        assert count(opened) == 1
        opened.close()
        assert {one.name: one.stat().st_mtime_ns for one in open_folder.rglob("*")} == before


def test_a_folder_that_is_only_read_and_of_an_older_assay(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = [*upgrading.known_revisions(), "9999"]
    monkeypatch.setattr(upgrading, "known_revisions", lambda: newer)
    with pytest.raises(DatabaseTrouble, match="older Assay") as caught:
        Database.open(open_folder, only_read=True)
    assert "right to write" in caught.value.remedy


def test_a_folder_that_may_not_even_be_read(open_folder: Path) -> None:
    with as_nobody(open_folder, open_folder / DATABASE_FILE):
        (open_folder / DATABASE_FILE).chmod(0)
        with pytest.raises(DatabaseTrouble, match="cannot be opened"):
            Database.open(open_folder, patience=SHORT)


def test_a_folder_where_none_can_be_made(open_folder: Path) -> None:
    with as_nobody(open_folder):
        open_folder.chmod(0o555)
        with pytest.raises(DatabaseTrouble, match="read-only"):
            Database.open(open_folder / "below", patience=SHORT)


@pytest.mark.parametrize(
    "content", [b"garbage" * 5000, os.urandom(4096 * 20), b"SQLite format 3\0" + b"\1" * 9000]
)
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / DATABASE_FILE).write_bytes(content)
    with pytest.raises(DatabaseTrouble, match="damaged") as caught:
        Database.open(tmp_path, patience=SHORT)
    assert "restore" in caught.value.remedy.lower()
    assert (tmp_path / DATABASE_FILE).read_bytes() == content, "nothing was changed"


def test_a_damaged_page(opener: Opener, folder: Path) -> None:
    opened = opener()
    for number in range(50):
        add(opened, f"{number}" * 2000)
    opened.close()
    with (folder / DATABASE_FILE).open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        # Behind the tables' own first pages, without which nothing can be opened.
        file.seek(size * 3 // 4)
        file.write(os.urandom(size // 4))
    opened = Database.open(folder)
    try:
        words = opened.check()
        assert words
        assert "damaged" in words[0]
    finally:
        opened.close()


def test_a_truncated_file(opener: Opener, folder: Path) -> None:
    opened = opener()
    add(opened, "x" * 50_000)
    opened.close()
    with (folder / DATABASE_FILE).open("r+b") as file:
        file.truncate(8192)
    with pytest.raises(DatabaseTrouble, match="damaged"):
        Database.open(folder)


def test_check_of_a_sound_database(database: Database) -> None:
    assert database.check() == []


def test_check_names_rows_that_do_not_fit(opener: Opener, folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as other:
        other.execute("INSERT INTO agreed_hosts VALUES ('nowhere', 'host', 0)")
        other.commit()
    words = opener().check()
    assert len(words) == 1
    assert "agreed_hosts" in words[0]


def test_the_words_hold_no_data(database: Database) -> None:
    with pytest.raises(DatabaseTrouble) as caught, database.write() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO agreed_hosts VALUES (?, 'host', 0)", ("secret text of a document",)
        )
    assert "secret" not in str(caught.value)


def test_use_after_assumptions(database: Database) -> None:
    assumptions = Assumptions(database)
    assumptions.set_machine(MachineAssumptions(name="x"))
    assert count(database) == 1


def test_writes_are_counted_and_reads_are_not(database: Database) -> None:
    before = database.writes
    with database.read() as session:
        session.execute(select(func.count()).select_from(AssumptionRow))
    assert database.writes == before
    with database.write() as session:
        session.execute(update(AssumptionRow).values(kind="machine"))
    assert database.writes == before + 1
    with pytest.raises(ValueError, match="undone"), database.write():
        raise ValueError("undone")
    assert database.writes == before + 1
