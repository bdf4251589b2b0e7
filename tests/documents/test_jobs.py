"""What is told of running and finished uploads."""

from __future__ import annotations

from app.documents.jobs import KEPT_FINISHED, Job, Jobs, Task
from app.domain import DocumentState, FileProgress, IngestOutcome, OutcomeKind


def test_a_job_from_begin_to_end() -> None:
    job = Job("c", [Task("a.txt", "1", b"x"), Task("b.txt", "2", b"y")])
    assert job.view().busy
    assert not job.view().stopping
    job.report(0, FileProgress("a.txt", DocumentState.INDEXING, 3, 9))
    assert job.works_on("1")
    ended = IngestOutcome("a.txt", "1", OutcomeKind.ADDED, "added")
    job.finish(0, DocumentState.SEARCHABLE, ended)
    assert job.open_places() == [1]
    assert not job.works_on("1")
    assert job.works_on("2")
    job.stop()
    assert job.view().stopping
    job.end()
    assert job.view().files[0] == FileProgress("a.txt", DocumentState.SEARCHABLE, 3, 9, ended)
    assert (job.view().busy, job.view().stopping, job.works_on("2")) == (False, False, False)


def test_old_finished_jobs_are_forgotten_and_running_ones_never() -> None:
    jobs = Jobs()
    running = Job("c", [])
    jobs.add(running)
    for _ in range(KEPT_FINISHED + 5):
        done = Job("c", [])
        done.end()
        jobs.add(done)
    assert jobs.get(running.id) is running
    assert len(jobs.of("c")) <= KEPT_FINISHED + 2
    assert jobs.of("c")[0] is done
    assert jobs.of("other") == []
    assert jobs.get("none") is None


def test_what_was_seen_is_forgotten_but_not_what_runs() -> None:
    jobs = Jobs()
    running, ended = Job("c", []), Job("c", [])
    for one in (running, ended):
        jobs.add(one)
    ended.end()
    jobs.forget([running.id, ended.id, "unknown"])
    assert jobs.all() == [running]
