"""The reader's process: limits, stop, no keys, no network, and it ends with its parent."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from app.documents.reader import Job
from app.documents.reading import ROOT, Stopped, job_for, read, run
from app.errors import UnreadableDocument
from app.settings import ReadLimits
from tests.documents.conftest import LIMITS, Reads
from tests.documents.samples import PROSE, word_of
from tests.waiting import until

pytestmark = pytest.mark.integration

# Readers that misbehave, put in place of the text reader by the child's own start (see ``misbehaving``).
SLEEPS = "import time; time.sleep(60)"
SPINS = "while True: pass"
EATS = "x = []\nwhile True: x.append(bytearray(1 << 24))"
CRASHES = "import os; os.abort()"
FAILS = "raise KeyError('no')"
CONNECTS = "import socket; socket.create_connection(('127.0.0.1', 9))"
RESOLVES = "import socket; socket.getaddrinfo('localhost', 80)"
STARTS = "import subprocess; subprocess.run(['true'])"
FORKS = "import os; os.fork()"
WRITES = "open('must-not-be.txt', 'w')"
# In a folder where it would have every right.
HARMS = {
    "unlink": "os.unlink('precious')",
    "truncate": "os.truncate('precious', 0)",
    "open and truncate": "os.open('precious', os.O_RDONLY | os.O_TRUNC)",
    "append": "open('precious', 'ab').write(b'x')",
    "rename": "os.rename('precious', 'gone')",
    "replace": "os.replace('other', 'precious')",
    "mkdir": "os.mkdir('must-not-be')",
    "rmdir": "os.rmdir('empty')",
    "symlink": "os.symlink('precious', 'must-not-be')",
    "link": "os.link('precious', 'must-not-be')",
    "chmod": "os.chmod('precious', 0o777)",
    "utime": "os.utime('precious', (0, 0))",
    "xattr": "os.setxattr('precious', 'user.x', b'x')",
    "rmtree": "import shutil; shutil.rmtree('full')",
    "copy": "import shutil; shutil.copy('precious', 'must-not-be')",
    "database": "import sqlite3; sqlite3.connect('must-not-be').execute('CREATE TABLE x (y)')",
    "kill": "os.kill(int(open('victim').read()), 9)",
    "killpg": "os.killpg(int(open('victim').read()), 9)",
    "ctypes": "import ctypes; ctypes.CDLL(None).unlink(b'precious')",
    "loaded ctypes": "import ctypes; ctypes.pythonapi.PyRun_SimpleString(b'1')",
    "limits": "import resource; resource.setrlimit(resource.RLIMIT_CPU, (9, 9))",
    "lock": "import fcntl; fcntl.flock(open('precious'), fcntl.LOCK_EX)",
}
TELLS = "import json, os; return ReadDocument((ReadPage(1, json.dumps(dict(os.environ))),), 'text')"


@pytest.fixture
def misbehaving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reads:
    """A copy of the project's reader whose text reader runs the code in the file that it should read."""
    room = tmp_path / "project"
    parts = ("app/*.py", "app/domain/*.py", "app/documents/**/*.py")
    for source in (one for part in parts for one in ROOT.glob(part)):
        target = room / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    (room / "app/documents/readers/text.py").write_text(
        "from app.domain import ReadDocument, ReadPage\n"
        "def read(source, caps):\n"
        "    body = source.content().decode().replace('\\n', '\\n    ')\n"
        "    scope = {'ReadDocument': ReadDocument, 'ReadPage': ReadPage}\n"
        "    exec('def job():\\n    ' + body, scope)\n"
        "    return scope['job']()\n"
    )
    monkeypatch.setattr("app.documents.reading.ROOT", room)
    return Reads(tmp_path)


@pytest.mark.parametrize(
    ("code", "limits", "words"),
    [
        (SLEEPS, ReadLimits(wall_seconds=1), "took longer than 1 s,"),
        (SPINS, ReadLimits(cpu_seconds=1, wall_seconds=20), "1 s of computing"),
        (EATS, ReadLimits(memory_mb=256), "more than 256 MB of memory"),
        (CRASHES, LIMITS, "makes its reader fail"),
        (FAILS, LIMITS, "makes its reader fail"),
    ],
)
def test_a_reader_that_misbehaves_is_ended_in_words(
    misbehaving: Reads, code: str, limits: ReadLimits, words: str
) -> None:
    began = time.monotonic()
    with pytest.raises(UnreadableDocument, match=words) as refused:
        misbehaving.apart("bomb.txt", code, limits)
    assert "“bomb.txt”" in refused.value.message
    assert refused.value.remedy
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("code", [CONNECTS, RESOLVES, STARTS, FORKS, WRITES])
def test_a_reader_cannot_reach_out(misbehaving: Reads, code: str) -> None:
    with pytest.raises(UnreadableDocument, match="makes its reader fail"):
        misbehaving.apart("evil.txt", code)
    assert not list(misbehaving.folder.rglob("must-not-be.txt"))


@pytest.mark.skipif(sys.platform == "win32", reason="other calls")
@pytest.mark.skipif(sys.platform == "win32", reason="it has other calls")
@pytest.mark.parametrize("harm", HARMS)
def test_a_reader_changes_nothing(misbehaving: Reads, harm: str) -> None:
    place = misbehaving.folder / "place"
    for folder in (place, place / "empty", place / "full"):
        folder.mkdir()
    for name in ("precious", "other", "full/one"):
        (place / name).write_text("kept")
    code = re.sub(r"'(precious|other|gone|must-not-be|empty|full|victim)'", rf"'{place}/\1'", HARMS[harm])
    victim = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, process_group=0)
    with victim:
        (place / "victim").write_text(str(victim.pid))
        before = _everything(place)
        with pytest.raises(UnreadableDocument, match="makes its reader fail"):
            misbehaving.apart("evil.txt", f"import os; {code}")
        assert victim.poll() is None
        victim.kill()
    assert _everything(place) == before


def _everything(place: Path) -> list[tuple[str, int, float, bytes]]:
    """What can be seen of a folder's content."""
    found = []
    for one in sorted(place.rglob("*")):
        content = one.read_bytes() if one.is_file() else b""
        found.append((str(one), one.lstat().st_mode, one.lstat().st_mtime, content))
    return found


def test_a_reader_gets_no_keys(misbehaving: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ASSAY_BACKENDS__X__KEY", "OPENAI_API_KEY", "PYTHONPATH", "LD_PRELOAD_NOT"):
        monkeypatch.setenv(name, "canary")
    told = json.loads(misbehaving.apart("tells.txt", TELLS).text)
    assert "canary" not in told.values()
    assert set(told) <= {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP"}


def test_stop_ends_it_at_once(misbehaving: Reads) -> None:
    asked = threading.Event()
    threading.Timer(0.4, asked.set).start()
    path = misbehaving.folder / "file"
    path.write_text(SLEEPS)
    stopped_at: list[float] = []

    def stop() -> bool:
        if asked.is_set() and not stopped_at:
            stopped_at.append(time.monotonic())
        return asked.is_set()

    with pytest.raises(Stopped):
        read(path, "slow.txt", LIMITS, stop)
    assert time.monotonic() - stopped_at[0] < 0.2
    assert not _readers()


def _readers() -> list[psutil.Process]:
    return [one for one in psutil.Process().children(recursive=True) if _is_reader(one)]


def _is_reader(process: psutil.Process) -> bool:
    try:
        return "app.documents.reader" in process.cmdline()
    except psutil.Error:
        return False


@pytest.mark.kill
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent")
def test_the_reader_dies_with_the_app(misbehaving: Reads) -> None:
    path = misbehaving.folder / "file"
    path.write_text(SLEEPS)
    room = misbehaving.folder / "project"
    code = (
        "from pathlib import Path\nfrom app.documents import reading\nfrom app.settings import ReadLimits\n"
        f"reading.ROOT = Path({str(room)!r})\n"
        f"reading.read(Path({str(path)!r}), 'slow.txt', ReadLimits())"
    )
    app = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    pause = threading.Event()
    children: list[psutil.Process] = []
    for _ in range(200):
        children = [one for one in psutil.Process(app.pid).children() if _is_reader(one)]
        if children:
            break
        pause.wait(0.05)
    assert children
    # It limits itself when it has asked for its own end.
    until(lambda: children[0].rlimit(psutil.RLIMIT_AS)[0] != psutil.RLIM_INFINITY)
    os.kill(app.pid, signal.SIGKILL)
    app.wait()
    _gone, alive = psutil.wait_procs(children, timeout=5)
    assert not alive


def test_the_process_starts_quickly(reads: Reads) -> None:
    reads.apart("a.txt", PROSE)
    spans = []
    for _ in range(3):
        began = time.monotonic()
        reads.apart("a.txt", PROSE)
        spans.append(time.monotonic() - began)
    assert min(spans) < 1.0


def test_only_light_libraries_are_imported() -> None:
    code = "import sys, app.documents.reader; print([m for m in sys.modules if m.split('.')[0] in sys.argv])"
    heavy = ["pydantic", "numpy", "sqlalchemy", "lxml", "docx", "pypdfium2", "charset_normalizer", "socket"]
    told = subprocess.run(
        [sys.executable, "-c", code, *heavy], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"


def test_a_result_that_is_no_reading(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    job = job_for(path, "a.txt", LIMITS)
    assert json.loads(run(job, 20))["pages"] == [{"number": 1, "text": "x"}]
    with pytest.raises(UnreadableDocument, match="makes its reader fail"):
        run(replace(job, path=str(tmp_path / "none")), 20)
    assert Job.from_json(job.to_json()) == job


def test_a_bomb_does_not_take_the_app_along(reads: Reads) -> None:
    deep = (
        b"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
        + b"<w:p>" * 5000
    )
    from tests.documents.samples import with_part

    with pytest.raises(UnreadableDocument, match=r"“a.docx” could not be read"):
        reads.apart("a.docx", with_part(word_of("x"), "word/document.xml", deep))
