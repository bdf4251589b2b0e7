"""What the command `report` does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from app import __version__
from app.backends.registry import Registry
from app.commands import written
from app.costs.machines import default_assumptions, exchange_of
from app.costs.price_book import PriceBook
from app.domain import Examined, MachineAssumptions, PayOff
from app.errors import NotAllowed
from app.evaluation.experiments.examining import Examining
from app.evaluation.paying import USUAL_RIVAL, Paying
from app.evaluation.verdict import verdict_of
from app.settings import load
from storage.assumptions import Assumptions
from storage.collections import Collections
from storage.database import Database
from storage.datasets import Datasets
from storage.experiments import Experiments
from storage.price_file import PriceFile
from storage.price_lists import PriceLists
from storage.reports import Reports


def report_into(database: Database, experiment_id: str, target: Path, *, force: bool = False) -> None:
    """Write an experiment's report into a file, which appears whole or not at all.

    With ``force`` it takes the place of one that is there. Raises NotFound, DatabaseTrouble and NotAllowed.
    """
    if target.exists() and not force:
        raise NotAllowed(f"{target} is there already.", "Choose another name, or add --force.")
    page = report_of(database, experiment_id)
    with written(target) as half:
        half.write_text(page, encoding="utf-8")


def report_of(database: Database, experiment_id: str) -> str:
    """An experiment's report, from what the database holds. Raises NotFound and DatabaseTrouble."""
    from app.ui.report import report_html
    from app.ui.report_data import Report
    from app.ui.result_look import look_of

    experiments = Experiments(database)
    machine = Assumptions(database).machine() or default_assumptions()
    examining = Examining(
        experiments, Datasets(database), lambda: database.writes, lambda: exchange_of(machine)
    )
    examined = examining.of(experiment_id)
    look = look_of(examined.experiment, Collections(database).names(), Reports(database).order())
    return report_html(
        Report(
            examined=examined,
            verdict=verdict_of(examined, Assumptions(database).verdict()),
            look=look,
            used=experiments.used(experiment_id),
            version=__version__,
            made_at=datetime.now(UTC),
            pay_off=_pay_off(database, examined, machine, look.names),
            measures=examining.measures(experiment_id),
        )
    )


def _pay_off(
    database: Database, examined: Examined, machine: MachineAssumptions, names: Mapping[str, str]
) -> PayOff:
    """When one's own machine pays off, as the services tell it."""
    settings = load()
    backends, file = Registry.build(settings), PriceFile(settings.data.resolve())
    prices = PriceBook(PriceLists(database).list, file)
    paying = Paying(
        Experiments(database),
        lambda name: backends.get(name).provider,
        lambda model: prices.rate(model, datetime.now(UTC)),
        usual=lambda: prices.usual(*USUAL_RIVAL, datetime.now(UTC)),
        same=prices.same,
    )
    try:
        return paying.of(examined, machine, names, Assumptions(database).against())
    finally:
        backends.close()
