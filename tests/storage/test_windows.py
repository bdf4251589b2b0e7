"""What Windows does not have or refuses: rights by handle, opened folders, swapping a file in use."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.documents.reading import read
from storage import copying
from storage.backup import backup, restore, verify
from storage.collections import Collections
from storage.database import DATABASE_FILE, Database
from storage.documents import Documents
from storage.files import Files
from storage.upgrading import keep_copy
from tests.documents.conftest import LIMITS
from tests.storage.examples import EMBEDDER, SPLITTING, add_document

OPENED = Path("/proc/self/fd")


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Python 3.11 and 3.12 behave there, as far as Linux can act it."""
    if not OPENED.is_dir():
        pytest.skip("only Linux tells which files are open")
    monkeypatch.delattr(os, "fchmod")
    monkeypatch.setattr(copying, "FOLDERS_CAN_BE_OPENED", False, raising=False)
    monkeypatch.setattr(os, "open", _no_folders(os.open))
    monkeypatch.setattr(os, "fsync", _only_what_is_written(os.fsync))
    for name in ("replace", "rename", "unlink", "remove"):
        monkeypatch.setattr(os, name, _not_in_use(getattr(os, name)))


def _no_folders(really: Callable[..., int]) -> Callable[..., int]:
    def opened(path: str, flags: int, mode: int = 0o777, **more: int) -> int:
        if not more and os.path.isdir(path):  # noqa: PTH112
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return really(path, flags, mode, **more)

    return opened


def _only_what_is_written(really: Callable[[int], None]) -> Callable[[int], None]:
    def synced(handle: int) -> None:
        import fcntl

        if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, "Bad file descriptor")
        really(handle)

    return synced


def _not_in_use(really: Callable[..., None]) -> Callable[..., None]:
    def done(*paths: str, **more: int) -> None:
        in_use = {os.path.realpath(one) for one in OPENED.iterdir()}
        for one in paths:
            if os.path.realpath(one) in in_use and stat.S_ISREG(os.stat(one).st_mode):  # noqa: PTH116
                raise PermissionError(errno.EACCES, "It is being used by another process", str(one))
        really(*paths, **more)

    return done


@pytest.mark.usefixtures("windows")
def test_a_file_is_uploaded_read_and_deleted(tmp_path: Path) -> None:
    files = Files(tmp_path)
    document_id = files.put(b"The mill has seven stones.")
    assert files.put(b"The mill has seven stones.") == document_id
    assert files.path(document_id).read_bytes() == b"The mill has seven stones."
    assert read(files.path(document_id), "a.txt", LIMITS).text == "The mill has seven stones."
    files.leave(document_id)
    files.delete(document_id)
    assert not list(files.folder.rglob("*.*"))
    assert files.ids() == set()


@pytest.mark.usefixtures("windows")
def test_a_backup_is_made_and_restored(tmp_path: Path) -> None:
    source, target = tmp_path / "old", tmp_path / "new"
    database = Database.open(source)
    files = Files(source)
    collection = Collections(database).create("Handbooks", EMBEDDER, SPLITTING)
    add_document(Documents(database), collection.id, files.put(b"first"), ["first"])
    made = backup(database, files, tmp_path / "backup.zip")
    assert verify(tmp_path / "backup.zip") == made
    database.close()
    for _ in range(2):
        restore(tmp_path / "backup.zip", target)
    opened = Database.open(target)
    assert [one.name for one in Collections(opened).list()] == ["Handbooks"]
    opened.close()
    assert Files(target).ids() == files.ids()


@pytest.mark.usefixtures("windows")
def test_a_copy_before_an_upgrade(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    assert keep_copy(tmp_path / DATABASE_FILE, "0001").stat().st_size > 0


def test_the_acting_is_as_strict_as_it_says(tmp_path: Path, windows: None) -> None:
    with pytest.raises(PermissionError):
        os.open(tmp_path, os.O_RDONLY)
    (tmp_path / "file").write_text("x")
    with (tmp_path / "file").open() as file:
        with pytest.raises(OSError, match="Bad file"):
            os.fsync(file.fileno())
        with pytest.raises(PermissionError):
            (tmp_path / "file").replace(tmp_path / "other")
        with pytest.raises(PermissionError):
            (tmp_path / "file").unlink()
    assert not hasattr(os, "fchmod")


@pytest.mark.skipif(sys.platform == "win32", reason="rights of files are another matter there")
def test_where_there_are_rights_only_the_owner_has_them(tmp_path: Path) -> None:
    files = Files(tmp_path)
    assert files.path(files.put(b"x")).stat().st_mode & 0o077 == 0
