"""What the commands do, apart from how they are typed and printed."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from app.answering.ending import pending
from app.backends.base import Cancel, ModelManager
from app.documents.folders import listing
from app.domain import (
    Answer,
    AnswerFilter,
    AskView,
    Candidate,
    Collection,
    DocumentEntry,
    DocumentState,
    HealthState,
    IngestOutcome,
    IngestView,
    Model,
    Options,
    OutcomeKind,
    Question,
    Retrieval,
    Share,
    Upload,
)
from app.errors import AppError, IndexDamaged, IndexUnwritable, NotAllowed, NotFound
from app.settings import Settings

if TYPE_CHECKING:
    from app.services import Services
    from storage.database import Database

POLL_SECONDS = 0.05
FAILED_KINDS = {OutcomeKind.FAILED, OutcomeKind.REFUSED, OutcomeKind.STOPPED}
CSV_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class AskOptions:
    """How `ask` was called."""

    no_documents: bool
    k: int
    temperature: float
    seed: int
    max_tokens: int
    schema: bool
    agree: bool = False
    instruction: str = ""


@dataclass(frozen=True)
class Line:
    """What a command says of one thing."""

    well: bool
    words: str


def collection_named(services: Services, name: str) -> Collection:
    """The collection of that name. Raises NotFound, which lists the names there are."""
    found = services.collections.by_name(name)
    if found is None:
        names = ", ".join(f"“{one.name}”" for one in services.collections.list()) or "none yet"
        raise NotFound(f"There is no collection called “{name}”.", f"There are: {names}.")
    return found


def silent(_words: str) -> None:
    """Who is told of progress where nobody watches."""


def follow(services: Services, job: str, tell: Callable[[str], object] = silent) -> IngestView:
    """Wait for an ingest to end; ``tell`` is told how far it is, and "" at the end."""
    while True:
        view = services.ingesting.view(job)
        if view is None:
            raise NotFound("That ingest is no longer known.", "Look at the collection's documents.")
        tell(_progress(view))
        if not view.busy:
            tell("")
            return view
        time.sleep(POLL_SECONDS)


def _progress(view: IngestView) -> str:
    """How far an ingest is, in one line."""
    ended = sum(one.outcome is not None for one in view.files)
    words = f"{ended} of {len(view.files)} files done"
    for one in view.files:
        if one.outcome is None and one.state is not DocumentState.WAITING:
            far = f" {one.done:,} of {one.total:,} passages" if one.total else ""
            return f"{words}. {one.state.value.capitalize()} {one.name}{far}"
    return words


def sample_loaded(services: Services, tell: Callable[[str], object] = silent) -> list[str]:
    """Load the sample and wait for all of it; returns what went wrong, in lines."""
    _collection, job = services.load_sample()
    view = follow(services, job, tell)
    tell("Keeping the sample's experiment")
    experiment = services.sample_kept.result()
    tell("")
    lines = [_line_of(one.outcome) for one in view.files if one.outcome is not None]
    words = [one.words for one in lines if not one.well]
    return [*words, f"The sample's experiment was not kept. {experiment}"] if experiment else words


def rebuilt(services: Services, collection: str) -> str:
    """Make the index again, that of every collection where it is damaged; returns words.

    Raises EmbedderMismatch where no search would use it, IndexDamaged where it did not help, and
    IndexUnwritable.
    """
    found = collection_named(services, collection)
    if services.index.probe():
        services.mend_index()
        services.ingesting.refuse_other_embedder(found.id)
        left = services.index_trouble or services.index_unseen
    else:
        services.ingesting.rebuild(found.id)
        left = services.index.probe()
    if left:
        raise IndexDamaged(
            f"The index was made again, and is still not right: {left}", "Look at Assay's log."
        )
    count = services.index.count(found.id)
    return f"The index of “{found.name}” was rebuilt: {count} passage{'' if count == 1 else 's'}."


def ingest_paths(
    services: Services,
    paths: Sequence[Path],
    collection: str,
    embedder: str,
    *,
    delete_missing: bool,
    tell: Callable[[str], object] = silent,
) -> Iterator[Line]:
    """Send the files and yield how each ended; the collection is made if it is not there.

    ``tell`` is told how far it is, and "" before each line that is yielded.

    With ``delete_missing`` the documents whose files are gone are deleted afterwards, each with a line.
    Raises NotAllowed where there is no file at all, or where two would get one name.
    """
    tell("Looking at the files")
    there = listing(paths)
    read = list(there.uploads())
    tell("")
    uploads = [one for one in read if isinstance(one, Upload)]
    troubles = there.troubles + [one for one in read if isinstance(one, IngestOutcome)]
    if not uploads and not troubles:
        raise NotAllowed(f"There is no file in {_named(paths)}.", "Nothing was changed.")
    yield from (_line_of(one) for one in troubles)
    if not uploads:
        return
    target = services.collections.by_name(collection)
    if target is None:
        target = (
            services.new_collection(collection, embedder) if embedder else services.new_collection(collection)
        )
    known = there.has if delete_missing else None
    view = follow(services, services.ingesting.start(target.id, uploads, there=known), tell)
    outcomes = [one.outcome for one in view.files if one.outcome is not None]
    yield from (_line_of(one) for one in outcomes)
    if delete_missing:
        gone = services.ingesting.missing(target.id, there.has, uploads)
        yield from _deleted(services, gone, {one.kind for one in troubles + outcomes})


def _deleted(services: Services, gone: Sequence[DocumentEntry], kinds: set[OutcomeKind]) -> Iterator[Line]:
    """Delete documents whose files are gone, unless what was sent does not stand in their place."""
    if gone and kinds & {OutcomeKind.FAILED, OutcomeKind.STOPPED}:
        words = "Nothing was deleted, because not every file could be added. Ingest them again."
        yield Line(well=False, words=words)
    elif gone and kinds <= {OutcomeKind.REFUSED}:
        words = "Nothing was deleted, because no file could be read. Is this the right folder?"
        yield Line(well=False, words=words)
    else:
        for entry in gone:
            services.ingesting.delete(entry.collection_id, entry.document_id, from_past_answers=False)
            yield Line(well=True, words=f"{entry.name}: deleted, because its file is gone.")


def _line_of(one: IngestOutcome) -> Line:
    from app.documents.adding import RETRY

    remedy = "Ingest it again." if one.remedy == RETRY else one.remedy  # "Retry" is a button
    return Line(one.kind not in FAILED_KINDS, f"{one.name}: {one.words} {remedy}".rstrip())


def _named(paths: Sequence[Path]) -> str:
    return ", ".join(str(one) for one in paths)


def candidate_of(model: str, collection: Collection, options: AskOptions) -> Candidate:
    """BACKEND/MODEL as a candidate. Raises NotAllowed."""
    backend, name = backend_and_model("--model", model)
    return Candidate(
        backend=backend,
        model=name,
        options=Options(
            instruction=options.instruction,
            temperature=options.temperature,
            seed=options.seed,
            max_tokens=options.max_tokens,
            schema=options.schema,
        ),
        retrieval=None if options.no_documents else Retrieval(collection.id, options.k),
    )


def backend_and_model(option: str, model: str) -> tuple[str, str]:
    """BACKEND/MODEL in two; the model's own name may hold further slashes. Raises NotAllowed."""
    backend, slash, name = model.partition("/")
    if not slash or not backend or not name:
        raise NotAllowed(
            f"{option} {model} is not BACKEND/MODEL.", "`python -m app models` lists what there is."
        )
    return backend, name


def ask_all(
    services: Services, question: str, collection: str, models: Sequence[str], options: AskOptions
) -> AskView:
    """Ask and wait until every lane has ended."""
    target = collection_named(services, collection)
    candidates = [candidate_of(one, target, options) for one in models]
    if options.agree and not target.local_only:
        agree(services, target, candidates)
    question_id = services.comparing.ask(question, candidates, target.id, "command line")
    while True:
        view = services.comparing.view(question_id)
        if view is None:
            raise NotFound("The question is no longer there.")
        if not view.busy:
            return view
        time.sleep(POLL_SECONDS)


def not_saved(services: Services, view: AskView) -> str:
    """What to say where answers are on the screen only; "" where all are saved."""
    count = sum(not one.saved for one in view.lanes)
    if not count:
        return ""
    why = services.database.trouble or "The database could not be written. Ask again."
    return f"{'This answer was' if count == 1 else f'{count} answers were'} not saved. {why}"


def agree(services: Services, collection: Collection, candidates: Sequence[Candidate]) -> None:
    """Note that the collection's passages may go to the servers of these; an unknown one is none."""
    backends = {one.name: one for one in services.backends.backends()}
    for candidate in candidates:
        backend = backends.get(candidate.backend)
        if candidate.with_documents and backend is not None and not backend.local:
            services.collections.agree(collection.id, backend.host)


def model_row(model: Model) -> dict[str, object]:
    """A model as the one JSON object that scripts read; what is not known is null."""
    row = asdict(model)
    return {"backend": row.pop("backend"), "model": row.pop("name"), **row}


def answer_row(question: Question, answer: Answer) -> dict[str, object]:
    """The answer as the one JSON object that scripts read."""
    given = answer.prompt.given if answer.prompt else ()
    return {
        "question": question.text,
        "backend": answer.candidate.backend,
        "model": answer.candidate.model,
        "with_documents": answer.candidate.documents_given,
        "state": answer.state.value,
        "answer": answer.text,
        "thinking": answer.thinking,
        "citations": [asdict(one) for one in answer.checks.citations],
        "passages": [
            {
                "document": one.passage.document_name,
                "page": one.passage.page,
                "start": one.passage.start,
                "end": one.passage.end,
                "text": one.passage.text,
                "similarity": one.similarity,
                "number": one.number,
                "fitted": one.fitted,
            }
            for one in given
        ],
        "scores": [asdict(one) for one in answer.scores],
        "usage": asdict(answer.usage),
        "timing": asdict(answer.timing),
        "cost": {**asdict(answer.cost), "entry": dict(answer.cost.entry)},
        "error": f"{answer.error} {answer.remedy}".strip(),
        "attempts": answer.attempts,
        "candidate": answer.candidate.hash,
        "digest": answer.candidate.digest,
        "asked_at": answer.asked_at.isoformat(),
        "mark": answer.mark.judgement.value if answer.mark else None,
        "correct_answer": answer.mark.correct_answer if answer.mark else "",
    }


def called(candidates: Sequence[Candidate], collections: Mapping[str, str]) -> dict[str, str]:
    """A name for each by its hash: backend, model and what it is given; alike ones as the screens name them.

    ``collections`` are their names by id.
    """
    names = {one.hash: f"{one.backend}/{one.label}" for one in candidates}
    if len(set(names.values())) == len(names):
        return names
    from app.ui.naming import candidate_names

    return candidate_names({one.hash: one for one in candidates}, collections)


def told_of(one: Candidate, collections: Mapping[str, str]) -> dict[str, object]:
    """What tells a candidate from others, for an object: ``collection`` is its name, ``collections`` by id.

    ``k`` passages are given, the right one at ``place`` where an experiment put it there.
    """
    given = one.retrieval
    return {
        "candidate": one.hash,
        "backend": one.backend,
        "model": one.model,
        "with_documents": one.documents_given,
        "collection": collections.get(given.collection_id, given.collection_id) if given else None,
        "k": given.k if given else None,
        "place": given.gold_at if given else None,
    }


def share_row(share: Share) -> dict[str, object] | None:
    """A share with its interval as an object; None of nothing."""
    if not share.of:
        return None
    return {"value": share.value, "low": share.low, "high": share.high, "questions": share.of}


def answer_words(_question: Question, answer: Answer) -> str:
    """The answer as a person reads it on a terminal."""
    lines = [f"{answer.candidate.backend}/{answer.candidate.label} ({answer.state.value})"]
    lines += [f"  {line}" for line in (answer.text or "(no text)").splitlines()]
    if answer.error:
        lines.append(f"  {answer.error} {answer.remedy}".rstrip())
    given = answer.prompt.given if answer.prompt else ()
    lines += [
        f"  [{one.number}] {one.passage.place}, similarity {one.similarity:.2f}"
        for one in given
        if one.fitted
    ]
    return "\n".join(lines)


def export_answers(database: Database, kind: str, output: IO[str], *, aside: bool = False) -> None:
    """Write every logged answer as JSONL, or as CSV that no spreadsheet takes for formulas.

    ``aside``: also what judges said, what was asked again for a cause, and questions that were reworded.
    """
    from storage.answers import Answers

    exported = Answers(database).export(AnswerFilter(), aside=aside)
    rows = ({**answer_row(question, answer), "origin": origin} for question, answer, origin in exported)
    if kind == "jsonl":
        for row in rows:
            output.write(json.dumps(row, ensure_ascii=False) + "\n")
        return
    # From an answer without anything, so that the names stand there also where nothing was logged.
    nothing = Question("", "", "", "", "", (), datetime.now(UTC))
    names = [*answer_row(nothing, pending("", 0, Candidate("", ""))), "origin"]
    writer = csv.DictWriter(output, names)
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)


def export_into(database: Database, kind: str, target: Path, *, aside: bool = False) -> None:
    """As ``export_answers``, into a file that appears whole or not at all.

    Raises NotAllowed where it cannot be written, and DatabaseTrouble.
    """
    with written(target) as half, half.open("w", encoding="utf-8", newline="") as output:
        export_answers(database, kind, output, aside=aside)


def uploaded(path: Path) -> Upload:
    """The file. Raises NotAllowed."""
    try:
        return Upload(path.name, path.read_bytes())
    except OSError as error:
        raise NotAllowed(f"{path} cannot be read ({error.strerror}).") from None


@contextmanager
def written(target: Path) -> Iterator[Path]:
    """A place beside ``target`` to write to; it takes its name at the end, whole or not at all.

    Raises NotAllowed where nothing can be written there.
    """
    half = target.with_name(f".{target.name}.part")
    try:
        yield half
        half.replace(target)
    except OSError as error:
        raise NotAllowed(
            f"{target} cannot be written ({error.strerror}).", "Choose another place, or make room."
        ) from error
    finally:
        half.unlink(missing_ok=True)


def _cell(value: object) -> str:
    if isinstance(value, str):
        text = value
    elif value is None:
        text = "unknown"
    else:
        text = json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(CSV_RISKY) else text


def pull_model(settings: Settings, backend_name: str, model: str) -> Iterator[str]:
    """Fetch a model; yields lines of progress."""
    from app.backends.registry import Registry

    registry = Registry.build(settings)
    try:
        backend = registry.get(backend_name)
        if not isinstance(backend, ModelManager):
            raise NotAllowed(f"{backend_name} cannot fetch models.", "Fetch them with its own tools.")
        last = ""
        for step in backend.pull(model, Cancel()):
            share = f" {100 * step.done // step.total}%" if step.total else ""
            if (words := f"{step.status}{share}") != last:
                last = words
                yield words
    finally:
        registry.close()


def check_all(settings: Settings) -> Iterator[Line]:
    """Look after the lock, the database, the index and the backends."""
    from app.backends.registry import Registry
    from storage.database import DATABASE_FILE
    from storage.lock import holder

    folder = settings.data.resolve()
    held = holder(folder)
    yield Line(well=True, words=f"data folder {folder}: {held.words if held else 'not in use'}")
    if not (folder / DATABASE_FILE).exists():
        yield Line(well=True, words="database: none yet; it is made at the first start")
    else:
        lines = list(_check_database(folder, held=held is not None))
        yield from lines
        if held:
            yield Line(well=True, words="index: in use by the running app, which looks after it itself")
        else:
            yield _index_line(folder, sound=all(one.well for one in lines))
    registry = Registry.build(settings)
    try:
        for one in registry.health():
            well = one.state in {HealthState.READY, HealthState.ABSENT}
            yield Line(well, f"{one.backend}: {one.words} {one.remedy}".rstrip())
    finally:
        registry.close()


def _index_line(folder: Path, *, sound: bool) -> Line:
    from storage.index import probe

    try:
        trouble = probe(folder)
    except IndexUnwritable as error:
        return Line(well=False, words=f"index: {error}")
    mend = "Mend it: python -m app rebuild --collection NAME." if sound else "Mend the database first."
    return Line(not trouble, f"index: {trouble} {mend}" if trouble else "index: sound")


def _check_database(folder: Path, *, held: bool) -> Iterator[Line]:
    from storage.database import Database

    try:
        database = Database.open(folder, upgrade=False)
    except AppError as error:
        yield Line(well=False, words=f"database: {error}")
        return
    try:
        troubles = database.check()
        yield from (Line(well=False, words=f"database: {trouble}") for trouble in troubles)
        if not troubles:
            yield Line(well=True, words="database: sound")
            yield from _check_sums(database, held=held)
    except AppError as error:
        yield Line(well=False, words=f"database: {error}")
    finally:
        database.close()


def _check_sums(database: Database, *, held: bool) -> Iterator[Line]:
    """Whether the sums that home shows are those of the answers; made anew where nobody else writes."""
    from storage.asked import differences, fill

    with database.read() as session:
        wrong = differences(session)
    if not wrong:
        return
    words = f"sums: what home shows is not what the answers say, in {wrong} place{'' if wrong == 1 else 's'}."
    if held:
        yield Line(well=False, words=f"{words} Stop Assay and run this again, which makes them anew.")
        return
    with database.write() as session:
        fill(session)
    yield Line(well=False, words=f"{words} They were made anew from the answers.")


def restore_from(settings: Settings, archive: Path) -> Iterator[str]:
    """Verify the archive, swap it in, and make every index again."""
    from app.services import open_services
    from storage.backup import restore
    from storage.lock import DataLock

    folder = settings.data.resolve()
    # Held to the end: nobody begins to work with what has no index yet.
    with DataLock.acquire(folder, "restore") as lock:
        kept = restore(archive, folder)
        before = f" What was there before is kept in {kept}." if kept else ""
        yield f"Restored from {archive}.{before}"
        with open_services(settings, "restore", lock) as services:
            services.mend_index()
            for collection in services.collections.list():
                yield f"The index of “{collection.name}” was rebuilt."
