"""The composition root: builds everything once a process. Knows no Streamlit."""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Self

from app.answering.answering import Answering
from app.answering.comparing import Comparing
from app.answering.retrieving import Searching
from app.backends.base import Cancel
from app.backends.fetching import Fetcher
from app.backends.pulling import Pulls
from app.backends.registry import Registry
from app.costs.energy import Energy, energy
from app.costs.machines import default_assumptions, exchange_of
from app.costs.price_book import PriceBook
from app.costs.price_what_if import what_if
from app.costs.prices import CURRENCY, thinking_apart
from app.costs.pricing import Pricing
from app.documents.ingesting import Ingesting
from app.documents.previews import page_picture
from app.domain import (
    Candidate,
    Case,
    Collection,
    Dataset,
    EmbedderRef,
    Examined,
    Exchange,
    Experiment,
    Health,
    MachineAssumptions,
    PayOff,
    PricedModel,
    PricePreview,
    PriceSource,
    Reached,
    RecordedColumns,
    RecordedDefaults,
    RecordedPreview,
    RescoreView,
    Splitting,
    StandAlone,
    Upload,
    WhatIf,
)
from app.errors import AppError, IndexUnwritable, NotAllowed
from app.evaluation.datasets.locating import Locating, posed
from app.evaluation.datasets.rows import checked
from app.evaluation.datasets.whereabouts import Whereabouts
from app.evaluation.experiments.archive import archive_of, opened, packed
from app.evaluation.experiments.asking import Here
from app.evaluation.experiments.budget import worst_of
from app.evaluation.experiments.drift import Placing
from app.evaluation.experiments.examining import Examining
from app.evaluation.experiments.experimenting import Experimenting
from app.evaluation.experiments.opening import Opening
from app.evaluation.experiments.rescoring import Rescoring
from app.evaluation.experiments.running import Rooms
from app.evaluation.experiments.tracing import CollectionSearch
from app.evaluation.judging import Judging
from app.evaluation.mean_costs import mean_bounds
from app.evaluation.paying import USUAL_RIVAL, Paying
from app.evaluation.price_import import preview
from app.evaluation.recorded.recording import Recording
from app.evaluation.recorded.template import template
from app.evaluation.scorers.registry import case_scorers, scorers
from app.evaluation.votes.pair_judging import PairJudging
from app.evaluation.votes.polling import Polling
from app.logs import start_log
from app.sample.loading import COLLECTION_ID, COLLECTION_NAME, Sample
from app.settings import Settings, load
from app.workers import Workers
from storage.answers import Answers
from storage.archives import Archives
from storage.assumptions import Assumptions
from storage.collections import Collections
from storage.database import Database
from storage.datasets import Datasets
from storage.documents import Documents
from storage.experiments import Experiments
from storage.files import Files
from storage.index import Index
from storage.lock import DataLock
from storage.price_file import PriceFile
from storage.price_lists import PriceLists
from storage.reports import Reports
from storage.rescoring import Rescores
from storage.votes import Votes

log = logging.getLogger(__name__)

DEFAULT_EMBEDDER = "embedded/all-MiniLM-L6-v2"
AT_ONCE = 4
"""Threads for what a person waits for. Work on documents has threads of its own."""
EXPERIMENTS_AT_ONCE = 32
"""Threads for the answers of experiments; how many a backend makes at once is its own setting."""
POLL_SECONDS = 0.2
ENDS_WITHIN = 20.0
"""Seconds that ``close`` waits for what runs."""


@dataclass
class Services:
    """Everything of one data folder. Build it with ``open_services``; close it at the end."""

    settings: Settings
    folder: Path
    lock: DataLock
    database: Database
    collections: Collections
    documents: Documents
    answers: Answers
    assumptions: Assumptions
    reports: Reports
    datasets: Datasets
    whereabouts: Whereabouts
    experiments: Experiments
    archives: Archives
    opening: Opening
    rescoring: Rescoring
    files: Files
    index: Index
    backends: Registry
    pulls: Pulls
    executor: Workers
    ingesting: Ingesting
    searching: Searching
    comparing: Comparing
    experimenting: Experimenting
    examining: Examining
    recording: Recording
    votes: Votes
    polling: Polling
    pair_judging: PairJudging
    pricing: Pricing
    energy: Energy
    paying: Paying
    price_lists: PriceLists
    prices: PriceBook
    fetcher: Fetcher
    sample: Sample
    index_trouble: str = ""
    index_unseen: str = ""
    sample_kept: Future[str] = field(default_factory=Future)
    _closing: threading.Event = field(default_factory=threading.Event)

    def health(self) -> list[Health]:
        """Each backend's state, at most a few seconds old. Never raises."""
        return self.backends.health()

    def new_collection(
        self,
        name: str,
        embedder: str = DEFAULT_EMBEDDER,
        *,
        local_only: bool = False,
        collection_id: str = "",
    ) -> Collection:
        """A new empty collection. Raises BackendError for the embedder, and NotAllowed for a taken name.

        So it does for an embedder elsewhere, to which its documents could never go if it is ``local_only``.
        """
        made = self.backends.embedder(embedder)
        if local_only and not made.local:
            raise NotAllowed(
                f"This collection is to use local models only, but {made.name} runs at {made.host}.",
                "Choose an embedder on this machine, or leave “Local models only” unticked.",
            )
        ref = EmbedderRef(made.name, made.digest, made.dimensions)
        return self.collections.create(
            name, ref, Splitting(), local_only=local_only, collection_id=collection_id
        )

    def load_sample(self) -> tuple[Collection, str]:
        """Put the sample workspace into a collection and a dataset; returns the first and the ingest's id.

        The experiment on it follows in the background when the documents are there; ``sample_kept`` waits for
        that, and says why it could not be kept, or "".
        """
        collection = self.collections.by_name(COLLECTION_NAME) or self.new_collection(
            COLLECTION_NAME, collection_id=COLLECTION_ID
        )
        if self.datasets.by_name(COLLECTION_NAME) is None:
            self.datasets.create(COLLECTION_NAME, self.sample.questions())
        job = self.ingesting.start(collection.id, self.sample.documents())
        self.sample_kept = self.executor.submit(self._keep_sample_experiment, job)
        return collection, job

    def _keep_sample_experiment(self, after: str) -> str:
        """Keep the sample's experiment, unless it is there, when that ingest has ended.

        Returns why it was not kept, in words.
        """
        while (view := self.ingesting.view(after)) is not None and view.busy:
            if self._closing.wait(POLL_SECONDS):
                return ""
        try:
            archive = self.sample.experiment()
            if archive is not None and not self.experiments.known(archive.experiment.id):
                self.archives.write(archive)
        except AppError as error:
            log.error("the sample's experiment was not kept: %s", error)  # noqa: TRY400 - told in words
            return str(error)
        return ""

    def pack_experiment(self, experiment_id: str) -> bytes:
        """An experiment as a packed file. Raises NotFound and DatabaseTrouble."""
        return packed(self.archives.read(experiment_id))

    def import_soon(self, file: IO[bytes], reached: Reached) -> Future[Experiment]:
        """Begin to read an experiment's file; nothing is kept where that fails, or is stopped."""
        return self.executor.submit(lambda: self.archives.write(archive_of(opened(file), reached), reached))

    def add_recorded_soon(
        self,
        experiment_id: str,
        upload: Upload,
        told: RecordedDefaults,
        chosen: RecordedColumns,
        reached: Reached,
    ) -> Future[RecordedPreview]:
        """Begin to score recorded answers and to put them into an experiment; all of them or none."""
        add = partial(self.recording.add, reached=reached)
        return self.executor.submit(lambda: add(experiment_id, upload, told, chosen))

    def make_recorded_soon(
        self,
        dataset_id: str,
        upload: Upload,
        told: RecordedDefaults,
        chosen: RecordedColumns,
        reached: Reached,
    ) -> Future[tuple[str, RecordedPreview]]:
        """Begin to make an experiment of recorded answers alone, on the questions of a dataset."""
        make = partial(self.recording.make, reached=reached)
        return self.executor.submit(lambda: make(dataset_id, upload, told, chosen))

    def questions_table(self, version: str) -> bytes:
        """The questions of a dataset's version as a table to be filled in elsewhere."""
        return template(self.datasets.cases(version))

    def rescore_soon(self, experiment_id: str, reached: Reached) -> Future[RescoreView]:
        """Begin to score an experiment's answers anew; what is done stays done where it is stopped."""

        def report(view: RescoreView) -> None:
            reached(view.done, view.of)

        return self.executor.submit(self.rescoring.rescore, experiment_id, report)

    def standalone_soon(
        self, text: str, conversation_id: str, candidate: Candidate, asker: str
    ) -> tuple[Future[StandAlone], Callable[[], None]]:
        """Begin to word a follow-up so that it stands alone; the second part stops that."""
        cancel = Cancel()
        make = self.comparing.standalone
        return self.executor.submit(make, text, conversation_id, candidate, asker, cancel), cancel.cancel

    def update_prices_soon(self) -> Future[PriceSource]:
        """Begin to fetch the newest published prices."""
        return self.executor.submit(self.prices.update)

    def pay_off(self, examined: Examined, names: Mapping[str, str]) -> PayOff:
        """When one's own machine pays off, with the best candidate of an experiment that ran on one."""
        machine = self.assumptions.machine() or default_assumptions()
        return self.paying.of(examined, machine, names, self.assumptions.against())

    def against(self) -> Sequence[PricedModel]:
        """Whose prices are set beside one's own machine: those that a person chose, else the usual one."""
        chosen = self.assumptions.against()
        return [self.prices.usual(*USUAL_RIVAL, datetime.now(UTC))] if chosen is None else chosen

    def exchange(self) -> Exchange:
        """In which currency money is told just now, and by which rates."""
        return exchange_of(self.assumptions.machine() or default_assumptions())

    def currencies(self) -> list[str]:
        """Those in which prices come or answers were paid; each needs a rate into the machine's."""
        own = {one.currency for one in self.price_lists.list()}
        return sorted({CURRENCY, *own, *self.reports.currencies()})

    def what_if(self, experiment_id: str, models: Sequence[PricedModel], remembered: bool) -> WhatIf:
        """What the tokens of an experiment's answers would cost at these models' prices of today."""
        now, data = datetime.now(UTC), self.prices.data()
        candidates = self.experiments.get(experiment_id).candidates
        providers = {one.name: one.provider for one in self.backends.backends()}
        apart = [
            place
            for place, one in enumerate(candidates)
            if thinking_apart(
                one.provenance.provider if one.provenance else providers.get(one.backend, ""), data
            )
        ]
        rates = {one: self.prices.rate(one, now) for one in models}
        return what_if(
            self.experiments.costed(experiment_id),
            rates,
            apart=apart,
            remembered=remembered,
            bounds=mean_bounds,
            exchange=self.exchange(),
        )

    def preview_prices(self, upload: Upload) -> PricePreview:
        """What a file of own prices would bring; nothing is saved. Raises NotAllowed."""
        return preview(upload, self.price_lists.list())

    def add_case(self, dataset_id: str, case: Case) -> Dataset:
        """Put a case into a dataset. Raises NotAllowed for one that is incomplete, or there already."""
        return self.datasets.add(dataset_id, checked(case))

    def new_case(self, name: str, case: Case) -> Dataset:
        """A new dataset of one case. Raises NotAllowed for a case that is incomplete, or a taken name."""
        return self.datasets.create(name, [checked(case)])

    def page_picture(self, document_id: str, page: int, name: str, width: int = 900) -> bytes:
        """A PDF's page as PNG; ``name`` is what messages call it. Raises UnreadableDocument."""
        path, limits = self.files.path(document_id), self.settings.reading
        return page_picture(path, page, width, name=name, limits=limits)

    def probe_index(self) -> None:
        """Look in the background whether the index answers as it should; ``index_trouble`` says if not.

        ``index_unseen`` says why nobody can tell: no room on the disk for the look.
        """
        self.executor.submit(self._probe)

    def _probe(self) -> None:
        try:
            self.index_trouble, self.index_unseen = self.index.probe(stop=self._closing.is_set), ""
        except IndexUnwritable as error:
            self.index_trouble, self.index_unseen = "", str(error)
        except AppError as error:
            self.index_trouble = str(error)

    def mend_index(self) -> None:
        """Set a damaged Chroma folder aside, make every collection's index again from SQL, and look again."""
        self.ingesting.mend_index()
        self._probe()

    def begin_mending(self) -> str:
        """``mend_index`` as work that every screen can watch and stop (``ingesting.upkeep``)."""
        return self.ingesting.begin_mend(self._probe)

    def close(self) -> None:
        """Stop what runs, wait for it, let go of everything, and give the data folder back last.

        What does not end within ENDS_WITHIN seconds may still write: the folder then stays locked
        until the process has ended. Nothing happens the second time.
        """
        if self._closing.is_set():
            return
        until = time.monotonic() + ENDS_WITHIN
        self._closing.set()
        ended = self._all_ended(until)
        if ended and self.index.end(until - time.monotonic()) and self.database.close():
            self.lock.release()
        else:
            log.error("something did not end; the data folder stays locked until the process has ended")

    def _all_ended(self, until: float) -> bool:
        """Ask everything at once to stop, then wait for each."""
        self.ingesting.end()
        self.whereabouts.close()
        self.rescoring.close()
        self.pair_judging.stop()
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.pulls.close()
        self.fetcher.close()
        paired = self.pair_judging.close(max(0.0, until - time.monotonic()) / 2)
        asked = self.experimenting.close(max(0.0, until - time.monotonic()) / 2) and paired
        answered = self.comparing.close(until - time.monotonic()) and asked
        # What hangs at a model server comes back when the connection is closed.
        self.backends.close()
        waits = (self.ingesting.ended, self.executor.close)
        return all(wait(max(0.0, until - time.monotonic())) for wait in waits) and answered

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_services(settings: Settings, purpose: str, held: DataLock | None = None) -> Services:
    """Take the lock, migrate, mark what a kill interrupted, and build everything.

    ``purpose`` tells a second process what this one does; ``held`` is the lock of who has the folder already.
    A folder that cannot be written is only read. Raises SettingError, DataFolderBusy, DatabaseTooNew and
    DatabaseTrouble; nothing is left open then.
    """
    folder = settings.data.resolve()
    lock = held or DataLock.acquire(folder, purpose, or_read=True)
    try:
        start_log(folder, settings)
        return _build(settings, folder, lock)
    except BaseException:
        lock.release()
        raise


def _build(settings: Settings, folder: Path, lock: DataLock) -> Services:
    database = Database.open(folder, only_read=lock.read_only)
    collections, documents, answers = Collections(database), Documents(database), Answers(database)
    assumptions, datasets, experiments = Assumptions(database), Datasets(database), Experiments(database)
    archives = Archives(database)
    if not database.read_only:
        archives.sweep()
        answers.mark_interrupted()
        documents.mark_interrupted()
        experiments.mark_interrupted()
    files, index, backends = Files(folder), Index(folder, read_only=lock.read_only), Registry.build(settings)
    executor = Workers(AT_ONCE, "task")
    price_lists, fetcher = PriceLists(database), Fetcher(settings.prices_url)
    prices = PriceBook(price_lists.list, PriceFile(folder), fetcher)

    def machine() -> MachineAssumptions:
        return assumptions.machine() or default_assumptions()

    def exchange() -> Exchange:
        return exchange_of(machine())

    pricing = Pricing(machine, prices)
    searching = Searching(collections, documents, index, backends.embedder)
    counters = energy()
    answering = Answering(backends.get, pricing, scorers(), counters if counters.counters else None)
    comparing = Comparing(answers, searching, answering, collections.get, backends.get)
    ingesting = Ingesting(documents, collections, files, index, backends.embedder, settings.reading)
    if not database.read_only:
        ingesting.tidy(new=database.new)
    rooms = _rooms(database, index, searching, answering, backends)
    votes = Votes(database)
    polling = Polling(votes, lambda: database.writes)
    worst = worst_of(backends.get, pricing)
    experimenting = Experimenting(
        rooms,
        datasets=datasets,
        collections=collections,
        documents=documents,
        backend_of=backends.get,
        worst=worst,
    )
    return Services(
        settings=settings,
        folder=folder,
        lock=lock,
        database=database,
        collections=collections,
        documents=documents,
        answers=answers,
        assumptions=assumptions,
        reports=Reports(database, exchange),
        datasets=datasets,
        whereabouts=Whereabouts(documents, executor.submit),
        experiments=experiments,
        archives=archives,
        opening=Opening(experiments, datasets, collections, documents),
        rescoring=Rescoring(rooms, datasets, Rescores(database), experimenting.alone),
        files=files,
        index=index,
        backends=backends,
        pulls=Pulls(backends),
        executor=executor,
        ingesting=ingesting,
        searching=searching,
        comparing=comparing,
        experimenting=experimenting,
        examining=Examining(experiments, datasets, lambda: database.writes, exchange),
        recording=Recording(rooms, datasets, archives, pricing, experimenting.alone),
        votes=votes,
        polling=polling,
        pair_judging=PairJudging(
            rooms,
            datasets=datasets,
            votes=votes,
            polling=polling,
            backend_of=backends.get,
            alone=experimenting.alone,
            worst=worst,
        ),
        pricing=pricing,
        energy=counters,
        paying=Paying(
            experiments,
            lambda name: backends.get(name).provider,
            lambda model: prices.rate(model, datetime.now(UTC)),
            lambda: (database.writes, id(prices.data()), datetime.now(UTC).date()),
            usual=lambda: prices.usual(*USUAL_RIVAL, datetime.now(UTC)),
            same=prices.same,
        ),
        price_lists=price_lists,
        prices=prices,
        fetcher=fetcher,
        sample=Sample(),
    )


def _rooms(
    database: Database, index: Index, searching: Searching, answering: Answering, backends: Registry
) -> Rooms:
    """What runs of experiments need: their tasks are done here, in the queues of what people ask."""

    def places(backend: str) -> int:
        try:
            return backends.get(backend).concurrency
        except AppError:
            return 1  # Each answer says in words that the backend is not there.

    return Rooms(
        experiments=Experiments(database),
        searching=searching,
        answering=answering,
        executor=Workers(EXPERIMENTS_AT_ONCE, "task of an experiment"),
        worker=Here(answering),
        judge=Judging(scorers(), case_scorers()),
        places=places,
        collection=Collections(database).get,
        pose=lambda collection, cases: posed(Locating(Documents(database), collection), cases),
        search=lambda collection: CollectionSearch(collection, Documents(database), index, searching),
        placing=Placing(searching, Documents(database)),
    )


class _Holder:
    """The one Services of the process, or the refusal to build it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.services: Services | None = None


_holder = _Holder()


def install(services: Services | None) -> None:
    """Make these the Services of the process; None when they were closed."""
    _holder.services = services


def current() -> Services:
    """The Services of the process; built at the first call where nobody installed them.

    Raises what ``open_services`` raises; the next call tries again, so that a person can mend the
    cause and reload.
    """
    with _holder.lock:
        if _holder.services is None:
            services = open_services(load(), "streamlit run")
            atexit.register(services.close)
            services.probe_index()
            _holder.services = services
        return _holder.services
