"""Backup and restore: what comes back, and what archives from elsewhere may not do."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest

from app.domain import Collection
from app.errors import DatabaseTooNew, DatabaseTrouble, NotAllowed
from storage import backup as module
from storage.answers import Answers
from storage.backup import backup, restore, verify
from storage.collections import Collections
from storage.database import DATABASE_FILE, Database
from storage.documents import Documents
from storage.files import Files
from storage.index import FOLDER as INDEX
from tests.migrated import migrated
from tests.storage.examples import EMBEDDER, SPLITTING, add_document, answer, as_nobody, dump, question

pytestmark = pytest.mark.integration

NAME = hashlib.sha256(b"first").hexdigest()


@pytest.fixture
def files(folder: Path) -> Files:
    return Files(folder)


def fill(database: Database, target: Path) -> None:
    """Two documents, an answer, a stray file and an index; and a backup of them."""
    files, documents, answers = Files(database.path.parent), Documents(database), Answers(database)
    collection = Collections(database).create("Handbooks", EMBEDDER, SPLITTING)
    for content in (b"first", b"second"):
        add_document(documents, collection.id, files.put(content), [content.decode()], content.decode())
    files.put(b"of no document")
    (database.path.parent / INDEX).mkdir()
    (database.path.parent / INDEX / "chroma.sqlite3").write_text("index")
    asked = question()
    answers.begin(asked, [answer(asked)])
    summary = backup(database, files, target)
    assert (summary.files, summary.size) == (2, target.stat().st_size)
    assert verify(target) == summary


@pytest.fixture
def archive(tmp_path: Path, database: Database) -> Path:
    fill(database, tmp_path / "backup.zip")
    return tmp_path / "backup.zip"


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds a data folder ``data`` and its ``backup.zip``; nobody changes them."""
    place = tmp_path_factory.mktemp("backed up")
    database = Database.open(migrated(place / "data"))
    fill(database, place / "backup.zip")
    database.close()
    return place


def contents(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rewrite(path: Path, entries: dict[str, bytes], compression: int = ZIP_STORED) -> None:
    with ZipFile(path, "w", compression) as opened:
        for name, content in entries.items():
            opened.writestr(name, content)


def with_database(path: Path, change: Callable[[sqlite3.Connection], None], tmp_path: Path) -> None:
    """Change the database in an archive, and its hash in the list of contents, as an attacker can."""
    entries = contents(path)
    file = tmp_path / "changed.sqlite3"
    file.write_bytes(entries[DATABASE_FILE])
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        change(connection)
    entries[DATABASE_FILE] = file.read_bytes()
    manifest = json.loads(entries["manifest.json"])
    manifest["database_sha256"] = hashlib.sha256(entries[DATABASE_FILE]).hexdigest()
    entries["manifest.json"] = json.dumps(manifest).encode()
    rewrite(path, entries)


# ----------------------------------------------------------------- there and back


def test_only_what_is_needed_is_in_it(archive: Path) -> None:
    entries = contents(archive)
    second = hashlib.sha256(b"second").hexdigest()
    assert set(entries) == {"manifest.json", DATABASE_FILE, f"uploads/{NAME}", f"uploads/{second}"}
    assert entries[f"uploads/{NAME}"] == b"first"
    assert archive.stat().st_mode & 0o077 == 0
    assert [one.name for one in archive.parent.iterdir() if one.name.startswith(".")] == []


def test_into_an_empty_folder(archive: Path, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "data"
    assert restore(archive, target) is None, "nothing was there that would be kept"
    assert dump(target) == dump(folder)
    assert Files(target).ids() == {NAME, hashlib.sha256(b"second").hexdigest()}
    assert Files(target).path(NAME).read_bytes() == b"first"
    assert not list(target.glob("before-restore-*"))
    opened = Database.open(target)
    assert opened.check() == []
    assert len(Collections(opened).list()) == 1
    opened.close()


def test_over_a_folder_in_use_before(
    archive: Path, folder: Path, database: Database, documents: Documents, files: Files
) -> None:
    (collection,) = Collections(database).list()
    wanted = dump(folder)
    documents.delete(collection.id, NAME, from_past_answers=True)
    files.delete(NAME)
    later = files.put(b"uploaded later")
    add_document(documents, collection.id, later, ["later"], "later")
    before = dump(folder)
    database.close()
    aside = restore(archive, folder)
    assert aside is not None
    assert dump(folder) == wanted
    assert files.path(NAME).read_bytes() == b"first"
    assert later not in files.ids()
    assert not (folder / INDEX).exists(), "it belongs to the old database"
    assert dump(aside) == before, "what was there is kept"
    assert later in Files(aside).ids()
    assert (aside / INDEX / "chroma.sqlite3").read_text() == "index"
    assert [one.name for one in folder.iterdir() if one.name.startswith(".")] == []


def test_over_a_damaged_database(archive: Path, folder: Path, database: Database) -> None:
    wanted = dump(folder)
    database.close()
    (folder / DATABASE_FILE).write_bytes(b"garbage" * 1000)
    (folder / f"{DATABASE_FILE}-journal").write_bytes(b"of the damaged one")
    aside = restore(archive, folder)
    assert aside is not None
    assert dump(folder) == wanted
    assert (aside / DATABASE_FILE).read_bytes() == b"garbage" * 1000
    assert not (folder / f"{DATABASE_FILE}-journal").exists()


def test_while_others_write(
    tmp_path: Path,
    database: Database,
    files: Files,
    answers: Answers,
    documents: Documents,
    collection: Collection,
) -> None:
    ending = threading.Event()
    written = []

    def write() -> None:
        while not ending.is_set():
            asked = question()
            answers.begin(asked, [answer(asked)])
            written.append(asked.id)

    add_document(documents, collection.id, files.put(b"first"), ["first"])
    writer = threading.Thread(target=write)
    writer.start()
    for number in range(3):
        backup(database, files, tmp_path / f"{number}.zip")
        verify(tmp_path / f"{number}.zip")
    ending.set()
    writer.join()
    restore(tmp_path / "2.zip", tmp_path / "data2")
    opened = Database.open(tmp_path / "data2")
    kept = [one.id for one in Answers(opened).history(10**6)]
    assert kept == written[: len(kept)][::-1]
    assert all(len(Answers(opened).answers(one)) == 1 for one in kept)
    opened.close()


def test_a_file_that_is_lost_is_left_out(
    tmp_path: Path, database: Database, files: Files, documents: Documents, collection: Collection
) -> None:
    add_document(documents, collection.id, files.put(b"first"), ["first"])
    files.delete(NAME)
    assert backup(database, files, tmp_path / "a.zip").files == 0
    assert verify(tmp_path / "a.zip").files == 0


def test_a_backup_that_cannot_be_written(open_folder: Path) -> None:
    target = open_folder / "target"
    target.mkdir()
    with as_nobody(open_folder, open_folder / DATABASE_FILE, target):
        target.chmod(0o555)
        opened = Database.open(open_folder)
        with pytest.raises(DatabaseTrouble, match=r"target/a\.zip could not be written: Permission") as told:
            backup(opened, Files(open_folder), target / "a.zip")
        opened.close()
    # Nothing has to be mended where the data is.
    assert "data folder" not in str(told.value)


def test_the_old_backup_stays_until_the_new_is_complete(
    archive: Path, database: Database, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = archive.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_write", full)
    with pytest.raises(DatabaseTrouble, match="disk is full"):
        backup(database, files, archive)
    assert archive.read_bytes() == before


# ----------------------------------------------------------------- archives from elsewhere


def extra(name: str) -> Callable[[Path, Path], None]:
    def change(path: Path, _: Path) -> None:
        rewrite(path, {**contents(path), name: b"x"})

    return change


def link(path: Path, _: Path) -> None:
    entries = contents(path)
    with ZipFile(path, "w") as opened:
        for name, content in entries.items():
            info = ZipInfo(name)
            if name.startswith("uploads/"):
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
                content = b"/etc/passwd"  # noqa: PLW2901
            opened.writestr(info, content)


def compressed(path: Path, _: Path) -> None:
    rewrite(path, {**contents(path), f"uploads/{'0' * 64}": b"\0" * 10_000_000}, ZIP_DEFLATED)


def claims_too_much(path: Path, _: Path) -> None:
    """Entries that overlap: each is long, together they are longer than the archive."""
    entries = contents(path)
    with ZipFile(path, "w") as opened:
        for name, content in entries.items():
            opened.writestr(name, content)
        first = opened.getinfo(DATABASE_FILE)
        for number in range(5):
            other = ZipInfo(f"uploads/{number:064x}")
            for field in ("header_offset", "file_size", "compress_size", "CRC"):
                setattr(other, field, getattr(first, field))
            opened.filelist.append(other)
            opened.NameToInfo[other.filename] = other


def twice(path: Path, _: Path) -> None:
    with ZipFile(path, "a") as opened, pytest.warns(UserWarning, match="Duplicate"):
        opened.writestr(DATABASE_FILE, b"other")


def encrypted(path: Path, _: Path) -> None:
    content = bytearray(path.read_bytes())
    with ZipFile(path) as opened:
        start = opened.start_dir
    content[start + 8] |= 1  # the flag of the first entry of the directory
    path.write_bytes(content)


def changed_upload(path: Path, _: Path) -> None:
    rewrite(path, {**contents(path), f"uploads/{NAME}": b"forged"})


def changed_database(path: Path, _: Path) -> None:
    entries = contents(path)
    rewrite(path, {**entries, DATABASE_FILE: entries[DATABASE_FILE] + b"x"})


def without(name: str) -> Callable[[Path, Path], None]:
    def change(path: Path, _: Path) -> None:
        rewrite(path, {one: content for one, content in contents(path).items() if one != name})

    return change


def manifest(**values: object) -> Callable[[Path, Path], None]:
    def change(path: Path, _: Path) -> None:
        entries = contents(path)
        entries["manifest.json"] = json.dumps({**json.loads(entries["manifest.json"]), **values}).encode()
        rewrite(path, entries)

    return change


def raw_manifest(content: bytes) -> Callable[[Path, Path], None]:
    def change(path: Path, _: Path) -> None:
        rewrite(path, {**contents(path), "manifest.json": content})

    return change


def sql(*statements: str) -> Callable[[Path, Path], None]:
    def change(path: Path, tmp_path: Path) -> None:
        def run(connection: sqlite3.Connection) -> None:
            for statement in statements:
                connection.execute(statement)

        with_database(path, run, tmp_path)

    return change


def damaged_page(path: Path, tmp_path: Path) -> None:
    entries = contents(path)
    content = bytearray(entries[DATABASE_FILE])
    middle = len(content) // 2
    content[middle : middle + 9000] = b"\xff" * 9000
    entries[DATABASE_FILE] = bytes(content)
    listed = json.loads(entries["manifest.json"])
    listed["database_sha256"] = hashlib.sha256(entries[DATABASE_FILE]).hexdigest()
    rewrite(path, {**entries, "manifest.json": json.dumps(listed).encode()})


def cut(path: Path, _: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def garbage(path: Path, _: Path) -> None:
    path.write_bytes(b"PK\3\4" + b"garbage" * 1000)


def flipped(path: Path, _: Path) -> None:
    """One bit of an upload's bytes, so that only the checksum tells."""
    content = bytearray(path.read_bytes())
    content[content.index(b"first", content.index(f"uploads/{NAME}".encode()))] ^= 1
    path.write_bytes(content)


ATTACKS = {
    "a name above the folder": (extra("../evil"), "does not belong"),
    "a name above by an upload": (extra("uploads/../../evil"), "does not belong"),
    "an absolute name": (extra("/tmp/evil"), "does not belong"),  # noqa: S108
    "a name with a drive": (extra("C:\\evil"), "does not belong"),
    "a backslash": (extra("uploads\\..\\evil"), "does not belong"),
    "a folder": (extra("uploads/"), "does not belong"),
    "the lock": (extra("assay.lock"), "does not belong"),
    "a journal": (extra(f"{DATABASE_FILE}-journal"), "does not belong"),
    "capital letters": (extra(f"uploads/{NAME.upper()}"), "does not belong"),
    "a link": (link, "link"),
    "a bomb": (compressed, "compressed"),
    "overlapping entries": (claims_too_much, "more than it is long"),
    "a name twice": (twice, "twice"),
    "encryption": (encrypted, "encrypted"),
    "a forged upload": (changed_upload, "not what it was"),
    "a forged database": (changed_database, "not what it was"),
    "no database": (without(DATABASE_FILE), "missing"),
    "no list of contents": (without("manifest.json"), "missing"),
    "an upload less": (without(f"uploads/{NAME}"), "files are missing"),
    "an upload more": (extra(f"uploads/{'0' * 64}"), "files are missing"),
    "another schema": (manifest(schema="0000"), "another schema"),
    "a list with more in it": (manifest(extra=1), "cannot be read"),
    "a list with a wrong date": (manifest(created_at="soon"), "cannot be read"),
    "a list with a wrong count": (manifest(files="2"), "files are missing"),
    "a list that is no JSON": (raw_manifest(b"\xff\xfe"), "cannot be read"),
    "a list that is no object": (raw_manifest(b"[1]"), "cannot be read"),
    "a very long list": (raw_manifest(b" " * 2_000_000), "far too long"),
    "a trigger": (sql("CREATE TRIGGER t AFTER INSERT ON answers BEGIN SELECT 1; END"), "other tables"),
    "a view": (sql("CREATE VIEW v AS SELECT 1"), "other tables"),
    "a table more": (sql("CREATE TABLE t (x)"), "other tables"),
    "a table less": (sql("DROP TABLE assumptions"), "other tables"),
    "an index less": (sql("DROP INDEX ix_passages_order"), "other tables"),
    "another program's": (sql("PRAGMA application_id = 7"), "not Assay's"),
    "rows that do not fit": (
        sql("PRAGMA foreign_keys = OFF", "DELETE FROM questions"), "do not fit together"
    ),
    "no schema": (sql("DELETE FROM alembic_version"), "another schema"),
    "a damaged page": (damaged_page, "damaged"),
    "a cut archive": (cut, "damaged"),
    "garbage": (garbage, "damaged"),
    "a flipped bit": (flipped, "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_refused(backed_up: Path, tmp_path: Path, attack: str) -> None:
    folder = shutil.copytree(backed_up / "data", tmp_path / "data")
    archive = Path(shutil.copy(backed_up / "backup.zip", tmp_path))
    before = dump(folder)
    there = sorted(one.name for one in folder.rglob("*"))
    change, words = ATTACKS[attack]
    change(archive, tmp_path)
    with pytest.raises(NotAllowed, match=words) as caught:
        restore(archive, folder)
    assert caught.value.remedy
    assert dump(folder) == before
    assert sorted(one.name for one in folder.rglob("*")) == there
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize(
    "change", [manifest(format=2), sql("UPDATE alembic_version SET version_num = '9999'")]
)
def test_a_backup_of_a_newer_assay(
    archive: Path, folder: Path, tmp_path: Path, change: Callable[[Path, Path], None]
) -> None:
    change(archive, tmp_path)
    with pytest.raises(DatabaseTooNew, match="newer Assay"):
        restore(archive, folder)


def test_no_archive_there(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(NotAllowed, match="no file"):
        restore(tmp_path / "nothing.zip", folder)


def test_an_empty_database(tmp_path: Path, folder: Path, database: Database, files: Files) -> None:
    backup(database, files, tmp_path / "a.zip")
    Collections(database).create("later", EMBEDDER, SPLITTING)
    database.close()
    restore(tmp_path / "a.zip", folder)
    opened = Database.open(folder)
    assert Collections(opened).list() == []
    opened.close()
    assert zipfile.is_zipfile(tmp_path / "a.zip")


@pytest.mark.parametrize(
    "fault", [OSError(28, "No space left on device"), sqlite3.OperationalError("database or disk is full")]
)
def test_a_full_disk_of_the_place_is_named(
    database: Database, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def full(*_: object) -> None:
        raise fault

    if isinstance(fault, sqlite3.Error):
        fault.sqlite_errorcode = sqlite3.SQLITE_FULL
    monkeypatch.setattr(module, "copy_database", full)
    with pytest.raises(DatabaseTrouble, match=r"backup\.zip.*disk is full") as refused:
        backup(database, files, tmp_path / "backup.zip")
    assert "data folder" not in str(refused.value)
    assert not (tmp_path / "backup.zip").exists()


def test_an_upload_that_cannot_be_read_is_no_fault_of_the_place(
    database: Database, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: ZipFile, path: Path, name: str) -> None:
        if name.startswith("uploads/"):
            raise PermissionError(13, "Permission denied", str(path))

    before = archive.read_bytes()
    monkeypatch.setattr(ZipFile, "write", refused)
    with pytest.raises(DatabaseTrouble, match="read-only") as told:
        backup(database, Files(database.path.parent), archive)
    assert str(archive) not in told.value.message
    assert archive.read_bytes() == before


def test_a_name_that_is_too_long(database: Database, files: Files, tmp_path: Path) -> None:
    with pytest.raises(DatabaseTrouble, match="could not be written"):
        backup(database, files, tmp_path / ("x" * 254))
