"""Takes each guard of TRUST.md away, one at a time, and sees its test fail.

``python -m tests.guards [WORD …]`` works on a copy of the sources in a temporary folder; nothing here is
changed. With words only the guards whose names hold one of them are tried. ``make soak`` does all of it; that
the table below still fits the sources is looked after by every run of the tests.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("app", "storage", "pages", "tests", ".streamlit", "streamlit_app.py", "pyproject.toml", "Makefile")
LONGEST = 600
"""Seconds for the tests of one guard."""
FAILED = 1
"""What pytest ends with where a test failed; anything else means that none was run."""


@dataclass(frozen=True)
class Guard:
    """What it is against, where it stands, what stands there without it, and which test must fail then."""

    name: str
    path: str
    here: str
    gone: str
    test: str


# The limit on a reader's memory is not among them: without it the test would take all that the machine has.
GUARDS = (
    Guard(
        "two processes in one data folder",
        "storage/lock.py",
        "            lock.acquire(timeout=PATIENCE)\n",
        "",
        "tests/storage/test_lock.py::test_the_second_is_told_who_holds_it",
    ),
    Guard(
        "the same id added twice",
        "storage/vector_store.py",
        "self.client.upsert(ids",
        "self.client.add(ids",
        "tests/storage/test_index.py::test_an_id_that_comes_again_is_replaced",
    ),
    Guard(
        "the old version of a document stays until the new one is complete",
        "app/documents/adding.py",
        'rooms.at_step("passages stored")',
        "rooms.documents.publish(collection_id, document_id)",
        "tests/documents/test_ingesting.py::test_a_version_that_fails_leaves_the_old_one_searchable",
    ),
    Guard(
        "what a document left in the index is never given",
        "app/answering/retrieving.py",
        "kept = [(known[one], cosine) for one, cosine in hits if one in known]\n"
        "            if len(kept) >= k or len(hits) < wanted:",
        "kept = [(known[one], cosine) for one, cosine in hits if one in known]\n            if True:",
        "tests/answering/test_retrieving.py::"
        "test_what_the_index_still_holds_of_deleted_documents_is_never_given",
    ),
    Guard(
        "a read-then-write that loses",
        "storage/database.py",
        'BEGIN_WRITE = "BEGIN IMMEDIATE"',
        'BEGIN_WRITE = "BEGIN DEFERRED"',
        "tests/storage/test_database.py",
    ),
    Guard(
        "a write on a data folder that is only read",
        "storage/database.py",
        "        if self.only_read:\n            raise",
        "        if False:\n            raise",
        "tests/storage/test_database.py::test_a_folder_that_is_only_read",
    ),
    Guard(
        "a write-ahead log in a folder that cannot be written",
        "storage/upgrading.py",
        'return file.read(20)[18:] == b"\\x02\\x02"',
        "return False",
        "tests/storage/test_database.py::test_a_folder_that_is_only_read",
    ),
    Guard(
        "a lock of another program is told",
        "storage/database.py",
        "self._locked, self._trouble = True, str(trouble)",
        "self._locked = False",
        "tests/storage/test_database.py::test_locked_by_another_program",
    ),
    Guard(
        "Markdown and HTML of an answer",
        "app/ui/safe.py",
        "    return rewrite(text, citations, anchor)\n",
        "    return text\n",
        "tests/ui/test_safe.py::test_hostile_answers_are_only_text_at_every_prefix",
    ),
    Guard(
        "Markdown and HTML of a name",
        "app/ui/safe.py",
        "return escape(folded(text, limit))",
        "return folded(text, limit)",
        "tests/ui/test_safe.py::test_a_name_reads_as_typed",
    ),
    Guard(
        "listening beyond this machine",
        "app/settings.py",
        "        _loopback(listens_on)\n",
        "        pass\n",
        "tests/test_settings.py::test_streamlit_may_not_listen_elsewhere",
    ),
    Guard(
        "a suffix that the content does not have",
        "app/documents/sniffing.py",
        "    if seen.key == wanted.content:\n",
        "    if True:\n",
        "tests/documents/test_sniffing.py::test_refused_by_name_and_with_what_to_do",
    ),
    Guard(
        "a document that takes all processor time",
        "app/documents/reader.py",
        "        resource.RLIMIT_CPU: job.cpu_seconds,\n",
        "",
        "tests/documents/test_reading.py::test_a_reader_that_misbehaves_is_ended_in_words",
    ),
    Guard(
        "a document that reaches out",
        "app/documents/reader.py",
        "    _forbid(result)\n    document",
        "    document",
        "tests/documents/test_reading.py::test_a_reader_cannot_reach_out",
    ),
    Guard(
        "a reader that outlives Assay",
        "app/documents/reader.py",
        ".prctl(_PR_SET_PDEATHSIG, ",
        ".prctl(0, ",
        "tests/documents/test_reading.py::test_the_reader_dies_with_the_app",
    ),
    Guard(
        "a model server that sends requests elsewhere",
        "app/backends/transport.py",
        "follow_redirects=False",
        "follow_redirects=True",
        "tests/backends/test_transport.py::test_no_redirect_is_followed",
    ),
    Guard(
        "a key in the log",
        "app/logs.py",
        "            text = text.replace(shape, REDACTED)\n",
        "            pass\n",
        "tests/test_logs.py::test_a_key_is_never_written",
    ),
    Guard(
        "what is erased while an answer is under way",
        "storage/erasing.py",
        "    if answer.prompt is None or not gone:\n",
        "    if answer:\n",
        "tests/answering/test_comparing.py::"
        "test_what_is_erased_while_an_answer_is_under_way_does_not_come_back",
    ),
    Guard(
        "erased text in free pages of the file",
        "storage/database.py",
        '"secure_delete = ON", ',
        '"secure_delete = OFF", ',  # its default is the system's choice
        "tests/storage/test_documents.py::test_after_erasing_the_text_is_nowhere_in_the_file",
    ),
    Guard(
        "a collection that is deleted while it is worked on",
        "app/documents/ingesting.py",
        "        self.upkeep.refuse(collection_id, rooms.collections.get(collection_id).name)\n",
        "",
        "tests/documents/test_upkeep.py::test_a_collection_that_is_worked_on_is_not_deleted_and_nobody_waits",
    ),
    Guard(
        "a document that is deleted while the embedder changes",
        "app/documents/reindexing.py",
        "            raise _Gone\n",
        '            raise NotFound("A document was deleted meanwhile.")\n',
        "tests/documents/test_reindexing.py::test_a_document_that_is_deleted_meanwhile_is_left_out",
    ),
    Guard(
        "an archive with paths of its own",
        "storage/backup.py",
        "    if not known and not upload:\n",
        "    if False:\n",
        "tests/storage/test_backup.py::test_what_is_refused",
    ),
    Guard(
        "an archive with links",
        "storage/backup.py",
        "    if kind not in {0, stat.S_IFREG}:\n",
        "    if False:\n",
        "tests/storage/test_backup.py::test_what_is_refused",
    ),
    Guard(
        "an archive that was changed",
        "storage/backup.py",
        "    if found != wanted:\n",
        "    if False:\n",
        "tests/storage/test_backup.py::test_what_is_refused",
    ),
    Guard(
        "a cell that a spreadsheet takes for a formula",
        "app/ui/tables.py",
        '        return f"\'{cell}"\n',
        "        return cell\n",
        "tests/ui/test_tables.py::test_no_cell_is_a_formula",
    ),
    Guard(
        "a window that drops the front of a prompt",
        "app/backends/ollama.py",
        '            "truncate": False,\n            "shift": False,\n            "options"',
        '            "options"',
        "tests/backends/test_ollama.py::test_what_is_sent_forbids_every_silent_cut",
    ),
    Guard(
        "another embedder under the same name",
        "app/answering/retrieving.py",
        "        if embedder.digest != collection.embedder.digest:\n",
        "        if False:\n",
        "tests/answering/test_retrieving.py::test_another_embedder_is_refused_and_a_rebuild_offered",
    ),
    Guard(
        "questions of a collection for local models only",
        "app/answering/retrieving.py",
        "        if collection.local_only and not embedder.local:\n",
        "        if False:\n",
        "tests/answering/test_retrieving.py::test_a_question_stays_here_where_only_local_models_may_be_used",
    ),
    Guard(
        "a language that the embedder does not know",
        "app/documents/splitting.py",
        "    if share > MOST_UNKNOWN:\n",
        "    if False:\n",
        "tests/documents/test_splitting.py::test_an_unknown_language_is_refused_with_what_to_do",
    ),
)


def fits(guard: Guard) -> str:
    """What is wrong with a line of the table, "" for nothing."""
    found = (ROOT / guard.path).read_text("utf-8").count(guard.here)
    if found != 1:
        return f"{guard.name}: what is to be taken away stands {found} times in {guard.path}"
    file, _, test = guard.test.partition("::")
    if f"def {test}(" not in (ROOT / file).read_text("utf-8") and test:
        return f"{guard.name}: there is no {guard.test}"
    return ""


def copied(place: Path) -> Path:
    """The sources once more, in ``place``."""
    for name in COPIED:
        source, target = ROOT / name, place / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, target)
    return place


def noticed(guard: Guard, place: Path) -> str:
    """Try it in the copy; what is wrong, "" where the test fails as it should."""
    file = place / guard.path
    whole = file.read_text("utf-8")
    file.write_text(whole.replace(guard.here, guard.gone), "utf-8")
    try:
        command = [sys.executable, "-m", "pytest", guard.test, "-x", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(
            command, cwd=place, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return f"{guard.name}: {guard.test} does not end without it"
    finally:
        file.write_text(whole, "utf-8")
    if done.returncode == FAILED and "skipped" not in done.stdout.splitlines()[-1]:
        return ""
    if done.returncode == 0:
        return f"{guard.name}: {guard.test} does not notice that it is gone"
    return f"{guard.name}: {guard.test} could not be run: {done.stdout[-500:]}"


def main(words: Sequence[str]) -> int:
    """Try them, and say of each whether its test noticed."""
    wrong = 0
    with tempfile.TemporaryDirectory() as place:
        sources = copied(Path(place))
        for guard in GUARDS:
            if not words or any(one in guard.name for one in words):
                trouble = fits(guard) or noticed(guard, sources)
                wrong += bool(trouble)
                print(f"NOT NOTICED  {trouble}" if trouble else f"noticed      {guard.name}", flush=True)  # noqa: T201
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
