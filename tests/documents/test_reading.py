"""The reader's process: limits, stop, no keys, no network, and it ends with its parent."""

from __future__ import annotations

import json
import os
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
TELLS = "import json, os; return ReadDocument((ReadPage(1, json.dumps(dict(os.environ))),), 'text')"


@pytest.fixture
def misbehaving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reads:
    """A copy of the project's reader whose text reader runs the code in the file that it should read."""
    room = tmp_path / "project"
    for source in [*ROOT.glob("app/*.py"), *ROOT.glob("app/documents/**/*.py")]:
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
    # It must be far enough to have asked for its own end.
    pause.wait(0.5)
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
