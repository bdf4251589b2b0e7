"""Backup and restore: one zip archive with a copy of the database and the uploaded files.

Nothing in it is compressed, so that an archive cannot unpack to more than it is. The index is not in
it: it is made again from the database.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import tempfile
import zipfile
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from app.errors import AppError, DatabaseTooNew, DatabaseTrouble, NotAllowed, NotFound
from storage import troubles
from storage.copying import copy_database
from storage.database import APPLICATION_ID, DATABASE_FILE, Database
from storage.files import DOCUMENT_ID, Files, only_for_the_owner
from storage.index import FOLDER as INDEX_FOLDER
from storage.upgrading import migrate, refuse_newer, revision_of

FORMAT = 1
MANIFEST = "manifest.json"
UPLOADS = "uploads/"
ASIDE = "before-restore-"
MANIFEST_SIZE = 1_000_000
PIECE = 1 << 20
ATTEMPTS = 3


@dataclass(frozen=True)
class BackupSummary:
    """What an archive holds: ``files`` uploaded files, ``size`` bytes in all, its database's schema."""

    created_at: datetime
    schema: str
    files: int
    size: int


@dataclass(frozen=True)
class _Manifest:
    format: int
    created_at: str
    schema: str
    database_sha256: str
    files: int


# --------------------------------------------------------------------------- backup


def backup(database: Database, files: Files, target: Path) -> BackupSummary:
    """Write database and uploaded files into ``target``, which appears whole or not at all.

    Fine while Assay runs. Raises DatabaseTrouble in words, NotFound where there is no folder for it.
    """
    if not target.parent.is_dir():
        raise NotFound(f"There is no folder {target.parent}.", "Make it first, or choose another place.")
    half = target.with_name(f".{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as place:
            copy = Path(place) / DATABASE_FILE
            documents = _consistent_copy(database, files, copy)
            manifest = _Manifest(
                FORMAT, datetime.now(UTC).isoformat(), revision_of(copy), _sha256(copy), len(documents)
            )
            _write(half, manifest, copy, documents)
        half.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise _unwritten(target, files, error) from error
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)
    return _summary(manifest, target.stat().st_size)


def _unwritten(target: Path, files: Files, error: OSError | sqlite3.Error) -> AppError:
    """The fault in words: of the target, but for what is told of the database or an uploaded file."""
    place = getattr(error, "filename", None)
    if place and Path(place).is_relative_to(files.folder):
        return troubles.in_words(error)
    if troubles.is_full(error):
        reason, remedy = "the disk is full", "Make room there, or choose another place for the backup."
    elif isinstance(error, OSError):
        reason, remedy = error.strerror or type(error).__name__, "Choose another place for the backup."
    else:
        return troubles.in_words(error)
    return DatabaseTrouble(f"{target} could not be written: {reason}. Nothing was changed.", remedy)


def _consistent_copy(database: Database, files: Files, copy: Path) -> list[Path]:
    """Copy the database; returns the files that its documents need.

    A document deleted between the copy and the look at its file makes the copy anew; a file that is
    really lost is left out.
    """
    for _ in range(ATTEMPTS):
        copy_database(database.path, copy)
        wanted, there = _documents_of(copy), files.ids()
        if wanted <= there:
            break
    return [files.path(one) for one in sorted(wanted & there)]


def _documents_of(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        return {row[0] for row in connection.execute("SELECT DISTINCT document_id FROM documents")}


def _write(target: Path, manifest: _Manifest, copy: Path, documents: list[Path]) -> None:
    target.touch(mode=0o600)
    with target.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
            archive.write(copy, DATABASE_FILE)
            for one in documents:
                archive.write(one, UPLOADS + one.name)
        file.flush()
        os.fsync(file.fileno())


# --------------------------------------------------------------------------- verify


def verify(archive: Path) -> BackupSummary:
    """Check everything of an archive without touching any data folder.

    Raises NotAllowed with the reason, DatabaseTooNew, DatabaseTrouble.
    """
    with tempfile.TemporaryDirectory(prefix="assay-verify-") as place:
        return _unpack(archive, Path(place))


def _unpack(archive: Path, place: Path) -> BackupSummary:
    """Unpack into an empty folder, checking names, sizes, hashes and the database."""
    try:
        with zipfile.ZipFile(archive) as opened:
            manifest = _check_entries(opened, archive.stat().st_size)
            for entry in opened.infolist():
                if entry.filename != MANIFEST:
                    _unpack_one(opened, entry, place, manifest)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise _refused(f"it is damaged ({error})") from error
    except FileNotFoundError:
        raise NotAllowed(f"There is no file {archive}.") from None
    except OSError as error:
        raise troubles.in_words(error) from error
    _check_database(place / DATABASE_FILE, manifest)
    return _summary(manifest, archive.stat().st_size)


def _check_entries(opened: zipfile.ZipFile, size: int) -> _Manifest:
    entries = opened.infolist()
    names = [one.filename for one in entries]
    if len(set(names)) != len(names):
        raise _refused("a name is in it twice")
    for entry in entries:
        _check_entry(entry)
    if MANIFEST not in names or DATABASE_FILE not in names:
        raise _refused("its list of contents or its database is missing")
    if sum(one.file_size for one in entries) > size:
        raise _refused("it claims to hold more than it is long")
    manifest = _read_manifest(opened)
    if manifest.files != len(names) - 2:
        raise _refused("files are missing in it")
    return manifest


def _check_entry(entry: zipfile.ZipInfo) -> None:
    """Only names that a backup has: that leaves out "..", absolute paths and folders."""
    name = entry.filename
    known = name in {MANIFEST, DATABASE_FILE}
    upload = name.startswith(UPLOADS) and DOCUMENT_ID.fullmatch(name.removeprefix(UPLOADS))
    if not known and not upload:
        raise _refused(f"{name!r} does not belong into a backup")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        raise _refused(f"{name!r} is a link or another special file")
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
        raise _refused("it is compressed, which Assay's backups are not")
    if entry.flag_bits & 0x1:
        raise _refused("it is encrypted")


def _read_manifest(opened: zipfile.ZipFile) -> _Manifest:
    if opened.getinfo(MANIFEST).file_size > MANIFEST_SIZE:
        raise _refused("its list of contents is far too long")
    try:
        manifest = _Manifest(**json.loads(opened.read(MANIFEST)))
        datetime.fromisoformat(manifest.created_at)
    except (ValueError, TypeError) as error:
        raise _refused("its list of contents cannot be read") from error
    if manifest.format != FORMAT:
        raise DatabaseTooNew("This backup was made by a newer Assay.", "Restore it with that one.")
    return manifest


def _unpack_one(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Path, manifest: _Manifest) -> None:
    """Write one checked entry, and see that its hash is the one it should have."""
    name = entry.filename.removeprefix(UPLOADS)
    wanted = manifest.database_sha256 if name == DATABASE_FILE else name
    target = place / DATABASE_FILE if name == DATABASE_FILE else _upload_place(place, name)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with opened.open(entry) as source, target.open("xb") as file:
        only_for_the_owner(file)
        found = _copy_hashed(source, file)
        file.flush()
        os.fsync(file.fileno())
    if found != wanted:
        raise _refused(f"{entry.filename} is not what it was when it was backed up")


def _copy_hashed(source: IO[bytes], target: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := source.read(PIECE):
        digest.update(piece)
        target.write(piece)
    return digest.hexdigest()


def _upload_place(folder: Path, document_id: str) -> Path:
    return folder / "uploads" / document_id[:2] / document_id


def _check_database(path: Path, manifest: _Manifest) -> None:
    """The database may come from anybody: its tables must be exactly ours, and sound."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise _refused("its database is not Assay's")
            _refuse_foreign_schema(connection, path, manifest)
            if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                raise _refused("its database is damaged")
            if connection.execute("PRAGMA foreign_key_check").fetchone():
                raise _refused("rows of its database do not fit together")
    except sqlite3.Error as error:
        raise _refused("its database is damaged") from error


def _refuse_foreign_schema(connection: sqlite3.Connection, path: Path, manifest: _Manifest) -> None:
    revision = revision_of(path)
    refuse_newer(revision, path)
    if not revision or revision != manifest.schema:
        raise _refused("its database is of another schema than it says")
    with tempfile.TemporaryDirectory(prefix="assay-schema-") as place:
        model = Path(place) / DATABASE_FILE
        migrate(model, revision)
        with closing(sqlite3.connect(model)) as ours:
            if _schema(connection) != _schema(ours):
                raise _refused("its database has other tables than Assay's")


def _schema(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    return set(connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master"))


# --------------------------------------------------------------------------- restore


def restore(archive: Path, folder: Path) -> Path | None:
    """Put a verified archive in place of what is in the data folder.

    Returns where that is kept, None where nothing was there.

    The caller holds the lock, no Database of the folder is open, and the index must be rebuilt
    afterwards. Everything is checked before anything is touched, and the database is swapped in one
    step, so that a kill leaves the old state or the new one. Raises as ``verify``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in folder.glob(".restore-*"):
            shutil.rmtree(old)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=folder) as place:
            _unpack(archive, Path(place))
            return _swap(Path(place), folder)
    except (OSError, sqlite3.Error) as error:
        raise troubles.in_words(error) from error


def _swap(new: Path, folder: Path) -> Path | None:
    aside = folder / f"{ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    aside.mkdir(mode=0o700)
    _keep_database(folder / DATABASE_FILE, aside)
    # Files are only added before the swap: under their hashes they are in nobody's way.
    for one in sorted(new.glob("uploads/??/*")):
        target = _upload_place(folder, one.name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        one.replace(target)
    if (folder / INDEX_FOLDER).exists():
        (folder / INDEX_FOLDER).rename(aside / INDEX_FOLDER)
    for rest in ("-journal", "-wal", "-shm"):  # of the old database; they would spoil the new one
        (folder / f"{DATABASE_FILE}{rest}").unlink(missing_ok=True)
    (new / DATABASE_FILE).replace(folder / DATABASE_FILE)
    _keep_unneeded_files(folder, aside)
    if any(aside.iterdir()):
        return aside
    aside.rmdir()
    return None


def _keep_database(path: Path, aside: Path) -> None:
    """Keep the old database: a clean copy, or, where it is damaged, its files as they are."""
    if not path.exists():
        return
    try:
        copy_database(path, aside / DATABASE_FILE)
    except sqlite3.DatabaseError as error:
        if troubles.is_locked(error):
            raise
        for one in path.parent.glob(f"{DATABASE_FILE}*"):
            shutil.copy2(one, aside / one.name)


def _keep_unneeded_files(folder: Path, aside: Path) -> None:
    files = Files(folder)
    for document_id in files.ids() - _documents_of(folder / DATABASE_FILE):
        target = _upload_place(aside, document_id)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        files.path(document_id).rename(target)


# --------------------------------------------------------------------------- helpers


def _refused(reason: str) -> AppError:
    return NotAllowed(
        f"This backup cannot be restored: {reason}.", "Nothing was changed. Try another backup."
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _summary(manifest: _Manifest, size: int) -> BackupSummary:
    return BackupSummary(datetime.fromisoformat(manifest.created_at), manifest.schema, manifest.files, size)


__all__ = ["BackupSummary", "backup", "restore", "verify"]
