"""Opens the one SQLite file of a data folder: journal, locks, retries, faults in words.

Reads see one consistent state. Writes begin with BEGIN IMMEDIATE, so that a read-then-write never
loses to another writer; they wait for the lock, then are tried again a bounded number of times.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from app.errors import DatabaseTrouble
from storage import troubles
from storage.copying import copy_database
from storage.gate import Gate
from storage.turns import Turns
from storage.upgrading import at_rest, prepare, tables_missing

DATABASE_FILE = "assay.sqlite3"
APPLICATION_ID = 0x41535359  # "ASSY": marks the file as Assay's
BEGIN_READ = "BEGIN"
BEGIN_WRITE = "BEGIN IMMEDIATE"
ONLY_READ = (
    "Assay was started on a data folder that it cannot write to, and only reads it.",
    "Give Assay the right to write in the data folder, then start it again.",
)
START_ONCE = "Start Assay once: `python -m app serve`."
STILL_WRITING = (
    "Assay is still writing something else into its database. Nothing was changed.",
    "Try again in a moment; if it stays so, start Assay again.",
)


@dataclass(frozen=True)
class Patience:
    """How long to wait for the lock: ``busy`` seconds a try, ``tries`` of them, jitter between.

    ``turn``: seconds that a writer waits for the others of this process, which do end.
    """

    busy: float = 4.0
    tries: int = 4
    turn: float = 600.0


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the fix of the WAL-reset bug (sqlite.org/wal.html, "the WAL-reset bug").

    It came with 3.51.3 and was carried back to 3.50.7 and 3.44.6.
    """
    if version >= (3, 51, 3):
        return True
    return any(version[:2] == fixed[:2] and version >= fixed for fixed in ((3, 50, 7), (3, 44, 6)))


class Database:
    """The database of a data folder; many threads use one at once.

    ``journal_mode`` is "wal" or "truncate" (a rollback journal, where this SQLite's WAL is not safe).
    ``new``: there was none, and it was made when it was opened. ``only_read``: nothing is ever written.
    """

    def __init__(self, path: Path, journal_mode: str, patience: Patience) -> None:
        self.path = path
        self.journal_mode = journal_mode
        self._patience = patience
        self._engine = _engine(path, journal_mode, patience)
        self._writer = self._engine.execution_options(assay_write=True)
        self._turn = Turns()
        self._gate = Gate(0.0 if journal_mode == "wal" else patience.busy)
        self._inside = threading.local()
        self._trouble = ""
        self._locked = False
        self._closed = False
        self._writes = 0
        self.new = False
        self.only_read = False

    @classmethod
    def open(
        cls, folder: Path, *, upgrade: bool = True, patience: Patience | None = None, only_read: bool = False
    ) -> Database:
        """Open ``folder/assay.sqlite3`` (``folder`` is the data folder, as everywhere in storage).

        With ``upgrade`` the caller holds the lock: the file is made or, after a copy into
        ``folder/copies``, migrated to the newest schema. Without, the file is opened as it is, beside
        the process that owns it. ``only_read`` is for a folder that cannot be written: nothing is, from
        then on. Raises DatabaseTooNew, and DatabaseTrouble in words.
        """
        upgrade = upgrade and not only_read
        path = folder / DATABASE_FILE
        waiting = patience or Patience()
        made = False
        try:
            if upgrade:
                made = prepare(path)
            elif missing := tables_missing(path):
                raise DatabaseTrouble(missing, ONLY_READ[1] if only_read else START_ONCE)
            opened = cls(path, _journal_mode(path, waiting, owner=upgrade), waiting)
        except (sqlite3.Error, DBAPIError, OSError) as error:
            raise troubles.in_words(error) from error
        opened.new = made
        if only_read:
            opened.only_read, opened._trouble = True, str(DatabaseTrouble(*ONLY_READ))
        if upgrade:
            opened._try_writing()
        return opened

    @property
    def read_only(self) -> bool:
        """Whether nothing can be saved now; see ``trouble``."""
        return bool(self.trouble)

    @property
    def trouble(self) -> str:
        """Why nothing can be saved now, in words; "" where all is well. The next write tries again.

        That another program kept the file locked is said for as long as it does.
        """
        if self._locked and not _is_locked(self.path):
            self._locked, self._trouble = False, ""
        return self._trouble

    @property
    def writes(self) -> int:
        """How many writes this process has made: while it is the same, what was read before still holds.

        To be looked at before reading. In the process that owns the data folder nobody else writes.
        """
        return self._writes

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent state of the data. Raises DatabaseTrouble."""
        with (
            self._once("read") as nested,
            nullcontext() if nested else self._gate.reading(),
            self._in_words(),
            self._begun(self._engine) as connection,
            Session(connection, autoflush=False) as session,
        ):
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed as a whole at the end, or nothing of it.

        Raises DatabaseTrouble; whatever is raised inside undoes everything. Do not call models or
        wait for anything inside: all other writers wait.
        """
        if self.only_read:
            raise DatabaseTrouble(*ONLY_READ)
        with (
            self._once("write"),
            self._my_turn(),
            self._in_words(writing=True),
            self._begun(self._writer) as connection,
        ):
            with Session(connection, autoflush=False) as session:
                yield session
                session.flush()
            with self._gate.committing():
                try:
                    self._commit(connection)
                finally:
                    self._writes += 1
            self._locked, self._trouble = False, ""

    def check(self) -> list[str]:
        """What is wrong with the file, in words; empty where all is well. It tries to write."""
        try:
            with self.read() as session:
                connection = session.connection()
                found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(5)")]
                strays = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        except DatabaseTrouble as error:
            return [str(error)]
        with suppress(DatabaseTrouble):  # it stands in ``trouble``
            self._write_something()
        words = [f"The database file is damaged: {one}" for one in found if one != "ok"]
        words += [f"A row of “{row[0]}” belongs to a row of “{row[2]}” that is gone." for row in strays[:5]]
        # That somebody else writes is no fault.
        return words + ([self._trouble] if self._trouble and not self._locked else [])

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy to ``target`` while others go on. Raises DatabaseTrouble."""
        try:
            copy_database(self.path, target)
        except (sqlite3.Error, OSError) as error:
            raise troubles.in_words(error) from error

    def close(self) -> bool:
        """Let nothing more begin, wait for the write under way, and let go of the file.

        False where that write did not end in time.
        """
        self._closed = True
        ended = self._turn.acquire(self._patience.busy * self._patience.tries)
        self._engine.dispose()
        if ended:
            self._turn.release()
        return ended

    # ----------------------------------------------------------------- inside

    def _try_writing(self) -> None:
        """Find out at once, and not at the first answer, whether the file can be written."""
        try:
            self._write_something()
        except DatabaseTrouble as error:
            if not self._trouble:
                self.close()
                raise
            if "damaged" in error.message:
                self.close()
                raise

    def _write_something(self) -> None:
        with self.write() as session:
            session.connection().exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")

    @contextmanager
    def _once(self, kind: str) -> Iterator[bool]:
        """Refuse a write inside a read or another write of one thread: it would wait for itself.

        Gives whether it is a read inside a read.
        """
        current = getattr(self._inside, "kind", "")
        if current and "write" in {kind, current}:
            raise RuntimeError(f"a {kind} inside a {current} of the same thread")
        self._inside.kind = kind
        try:
            yield bool(current)
        finally:
            self._inside.kind = current

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        """Writers of this process queue here, which is fairer than SQLite's polling.

        They wait for as long as it takes: nothing that a person saved is lost because Assay itself writes.
        """
        if not self._turn.acquire(self._patience.turn):
            raise DatabaseTrouble(*STILL_WRITING)
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _in_words(self, *, writing: bool = False) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, DBAPIError, OverflowError) as error:
            # OverflowError: a number too large for SQLite, which its driver raises as it is.
            trouble = troubles.in_words(error)
            if writing and troubles.is_locked(error):
                self._locked, self._trouble = True, str(trouble)
            elif troubles.ends_writing(error):
                self._locked, self._trouble = False, str(trouble)
                self._engine.dispose()  # connections opened read-only would stay so
            raise trouble from error

    @contextmanager
    def _begun(self, engine: Engine) -> Iterator[Connection]:
        if self._closed:
            raise DatabaseTrouble("The database is closed. Nothing was changed.", "Start Assay again.")
        connection = self._retrying()(_begin, engine)
        try:
            yield connection
        finally:
            connection.close()  # rolls back what was not committed

    def _commit(self, connection: Connection) -> None:
        # COMMIT by hand: a busy one leaves the transaction open and may be repeated, while
        # SQLAlchemy's own gives the transaction up at the first failure.
        self._retrying()(connection.exec_driver_sql, "COMMIT")
        connection.commit()

    def _retrying(self) -> Retrying:
        return Retrying(
            stop=stop_after_attempt(self._patience.tries),
            wait=wait_random_exponential(multiplier=0.02, max=0.5),
            retry=retry_if_exception(troubles.is_locked),
            reraise=True,
        )


def _begin(engine: Engine) -> Connection:
    """A connection that has its lock: what follows cannot fail for another's lock any more."""
    connection = engine.connect()
    try:
        connection.begin()
        connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").close()
    except BaseException:
        connection.close()
        raise
    return connection


def _journal_mode(path: Path, patience: Patience, *, owner: bool) -> str:
    """Set the journal where this process owns the file; returns the one that holds."""
    wanted = "wal" if wal_is_safe(sqlite3.sqlite_version_info) else "truncate"
    if at_rest(path):
        return "wal"
    with closing(sqlite3.connect(path, timeout=patience.busy)) as connection:
        current = _asked(connection, "PRAGMA journal_mode")
        if (current == "wal") == (wanted == "wal"):
            return wanted
        if not owner:
            return current
        try:
            return _asked(connection, f"PRAGMA journal_mode = {wanted}")
        except sqlite3.OperationalError as error:
            if troubles.ends_writing(error):
                return current  # a file that cannot be written keeps the journal it has
            raise


def _is_locked(path: Path) -> bool:
    """Whether another program has the file locked at this moment; nothing is waited for."""
    try:
        with closing(sqlite3.connect(path, timeout=0.0, isolation_level=None)) as connection:
            connection.execute(BEGIN_WRITE)
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        return troubles.is_locked(error)
    return False


def _asked(connection: sqlite3.Connection, pragma: str) -> str:
    return str(connection.execute(pragma).fetchone()[0])


def _engine(path: Path, journal_mode: str, patience: Patience) -> Engine:
    address = URL.create("sqlite", database=str(path))
    if at_rest(path):
        address = URL.create(
            "sqlite", database=f"file:{quote(str(path))}", query={"immutable": "1", "uri": "true"}
        )
    engine = create_engine(
        address,
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=-1,
        connect_args={"timeout": patience.busy, "check_same_thread": False},
    )

    def prepare_connection(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, see ``begin``
        pragmas = ["foreign_keys = ON", "synchronous = FULL", "secure_delete = ON", "trusted_schema = OFF"]
        # A transaction that outgrows the cache would otherwise need the exclusive lock in its middle,
        # where waiting for readers cannot be repeated.
        pragmas.append("cache_spill = OFF")
        if journal_mode != "wal":
            pragmas.append(f"journal_mode = {journal_mode}")
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()

    def begin(connection: Connection) -> None:
        writes = bool(connection.get_execution_options().get("assay_write"))
        connection.exec_driver_sql(f"PRAGMA query_only = {int(not writes)}")
        connection.exec_driver_sql(BEGIN_WRITE if writes else BEGIN_READ)

    event.listen(engine, "connect", prepare_connection)
    event.listen(engine, "begin", begin)
    return engine
