"""Uploaded files: whole or not at all, and only under their hashes."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.errors import DatabaseTrouble, NotFound
from storage.files import Files
from tests.storage.examples import as_nobody

SHA = hashlib.sha256(b"abc").hexdigest()


def test_bytes_come_back(tmp_path: Path) -> None:
    files = Files(tmp_path)
    assert files.ids() == set()
    assert files.put(b"abc") == SHA
    assert files.path(SHA).read_bytes() == b"abc"
    assert files.path(SHA).name == SHA
    assert files.path(SHA).stat().st_mode & 0o077 == 0
    assert files.put(b"") == hashlib.sha256(b"").hexdigest()
    assert files.ids() == {SHA, hashlib.sha256(b"").hexdigest()}


def test_the_same_bytes_twice_are_one_file(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.put(b"abc")
    before = files.path(SHA).stat().st_mtime_ns
    files.put(b"abc")
    assert files.path(SHA).stat().st_mtime_ns == before
    assert files.ids() == {SHA}


def test_a_damaged_file_is_mended(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.put(b"abc")
    files.path(SHA).write_bytes(b"ab")
    files.put(b"abc")
    assert files.path(SHA).read_bytes() == b"abc"


def test_delete(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.put(b"abc")
    files.delete(SHA)
    files.delete(SHA)
    assert files.ids() == set()
    with pytest.raises(NotFound):
        files.path(SHA)


@pytest.mark.parametrize(
    "name",
    ["", "..", "../" * 5 + "etc/passwd", "/etc/passwd", SHA.upper(), SHA + "\n", SHA[:-1], "a/b", "\0" * 64],
)
def test_only_hashes_are_names(tmp_path: Path, name: str) -> None:
    files = Files(tmp_path)
    files.put(b"abc")
    with pytest.raises(NotFound):
        files.path(name)
    files.delete(name)
    assert files.ids() == {SHA}


def test_what_a_kill_left_is_no_file(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.put(b"abc")
    left = files.path(SHA).with_name(".1234.part")
    left.write_bytes(b"half")
    (tmp_path / "uploads" / "ab" / "notes.txt").parent.mkdir(exist_ok=True)
    (tmp_path / "uploads" / "ab" / "notes.txt").write_text("x")
    assert files.ids() == {SHA}
    assert files.tidy() == 1
    assert not left.exists()
    assert files.ids() == {SHA}


def test_many_threads_put_the_same(tmp_path: Path) -> None:
    files = Files(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(files.put, [b"abc"] * 40)) == {SHA}
    assert files.path(SHA).read_bytes() == b"abc"
    assert files.tidy() == 0


def test_a_write_that_fails_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = Files(tmp_path)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DatabaseTrouble, match="disk is full"):
        files.put(b"abc")
    assert files.ids() == set()
    assert files.tidy() == 0


def test_a_folder_that_cannot_be_written(open_folder: Path) -> None:
    with as_nobody(open_folder):
        files = Files(open_folder)
        files.put(b"abc")
        for place in (open_folder / "uploads" / SHA[:2], open_folder / "uploads"):
            place.chmod(0o555)
        with pytest.raises(DatabaseTrouble, match="read-only"):
            files.put(b"other")
        with pytest.raises(DatabaseTrouble, match="read-only"):
            files.delete(SHA)
        assert files.path(SHA).read_bytes() == b"abc"
        for place in (open_folder / "uploads", open_folder / "uploads" / SHA[:2]):
            place.chmod(0o755)
