"""One owner of a data folder, with a real second process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.errors import DatabaseTrouble, DataFolderBusy
from storage.lock import HOLDER_FILE, LOCK_FILE, DataLock, Holder, holder
from tests.storage.examples import as_nobody

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
HOLDS = """
import sys
from pathlib import Path
from storage.lock import DataLock
lock = DataLock.acquire(Path(sys.argv[1]), "a test's other process")
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the folder until its input ends, or it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_is_told_who_holds_it(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    with pytest.raises(DataFolderBusy) as caught:
        DataLock.acquire(tmp_path, "second")
    assert f"process {other.pid} (a test's other process) since" in caught.value.message
    assert str(tmp_path) in caught.value.message
    assert "UTC" in caught.value.message
    assert caught.value.remedy
    found = holder(tmp_path)
    assert found is not None
    assert (found.pid, found.purpose) == (other.pid, "a test's other process")
    assert found.since is not None
    assert datetime.now(UTC) - found.since < timedelta(minutes=5)


@pytest.mark.kill
def test_the_lock_of_a_killed_process_is_free(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert (tmp_path / HOLDER_FILE).exists(), "nobody tidied up"
    assert holder(tmp_path) is None
    with DataLock.acquire(tmp_path, "next") as lock:
        assert lock
        found = holder(tmp_path)
        assert found is not None
        assert found.purpose == "next"


def test_it_is_given_back(tmp_path: Path) -> None:
    lock = DataLock.acquire(tmp_path / "new", "first")
    with pytest.raises(DataFolderBusy, match="first"):
        DataLock.acquire(tmp_path / "new", "second")
    lock.release()
    lock.release()
    assert holder(tmp_path / "new") is None
    with DataLock.acquire(tmp_path / "new", "second"):
        pass
    assert not (tmp_path / "new" / HOLDER_FILE).exists()


def test_given_back_by_another_thread(tmp_path: Path) -> None:
    lock = DataLock.acquire(tmp_path, "first")
    thread = threading.Thread(target=lock.release)
    thread.start()
    thread.join()
    assert holder(tmp_path) is None


def test_asking_for_the_holder_changes_nothing(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    assert holder(tmp_path / "nowhere") is None
    assert list(tmp_path.iterdir()) == []
    with DataLock.acquire(tmp_path, "first"):
        for _ in range(20):
            assert holder(tmp_path) is not None
        with pytest.raises(DataFolderBusy):
            DataLock.acquire(tmp_path, "second")


@pytest.mark.parametrize(
    "told", ["", "no json", "[]", '{"pid": "x"}', json.dumps({"pid": 1, "purpose": "x", "since": "y"})]
)
def test_a_spoilt_note_of_the_holder(tmp_path: Path, told: str) -> None:
    with DataLock.acquire(tmp_path, "first"):
        (tmp_path / HOLDER_FILE).write_text(told)
        with pytest.raises(DataFolderBusy, match="in use by another process"):
            DataLock.acquire(tmp_path, "second")
        assert holder(tmp_path) == Holder(0, "", None)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseTrouble):
        DataLock.acquire(tmp_path / "file" / "data", "first")


def test_the_words_of_a_holder() -> None:
    since = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
    assert Holder(12, "serve", since).words == "in use by process 12 (serve) since 2026-03-01 09:05 UTC"
    assert Holder(12, "serve", None).words == "in use by process 12 (serve)"


def test_a_child_does_not_inherit_it(tmp_path: Path) -> None:
    """A model's process that outlives the app must not keep the folder."""
    lock = DataLock.acquire(tmp_path, "first")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False):
        lock.release()
        assert holder(tmp_path) is None
    assert os.getpid()


def test_a_folder_that_cannot_be_written_is_held_to_be_read(open_folder: Path) -> None:
    """Whoever may write there still finds it held; nothing is written."""
    with as_nobody(open_folder):
        DataLock.acquire(open_folder, "before").release()
        (open_folder / LOCK_FILE).chmod(0o444)
        open_folder.chmod(0o555)
        with pytest.raises(DatabaseTrouble, match="read-only"):
            DataLock.acquire(open_folder, "a command that writes")
        before = sorted(one.name for one in open_folder.iterdir())
        with DataLock.acquire(open_folder, "to read", or_read=True) as lock:
            assert lock.read_only
            with pytest.raises(DataFolderBusy):
                DataLock.acquire(open_folder, "another that reads", or_read=True)
            open_folder.chmod(0o755)
            (open_folder / LOCK_FILE).chmod(0o644)
            with pytest.raises(DataFolderBusy):
                DataLock.acquire(open_folder, "one that writes by now")
        assert sorted(one.name for one in open_folder.iterdir()) == before
        writes = DataLock.acquire(open_folder, "one that writes")
        assert not writes.read_only
        (open_folder / LOCK_FILE).chmod(0o444)
        with pytest.raises(DataFolderBusy, match="one that writes"):
            DataLock.acquire(open_folder, "to read", or_read=True)
        writes.release()


def test_a_folder_that_cannot_be_written_and_was_never_locked(open_folder: Path) -> None:
    with as_nobody(open_folder):
        open_folder.chmod(0o555)
        with DataLock.acquire(open_folder, "to read", or_read=True) as lock:
            assert lock.read_only
        assert not (open_folder / LOCK_FILE).exists()
        with pytest.raises(DatabaseTrouble, match="read-only"):
            DataLock.acquire(open_folder / "below", "to read", or_read=True)
