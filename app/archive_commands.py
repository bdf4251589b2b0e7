"""What the commands `export experiment` and `import` do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.commands import written
from app.domain import Experiment
from app.errors import NotAllowed
from app.evaluation.experiments.archive import archive_of, lines_of, opened, write_into
from storage.archives import Archives
from storage.database import Database


def exported(database: Database, experiment_id: str) -> Iterator[str]:
    """The lines of an experiment's file. Raises NotFound and DatabaseTrouble."""
    return lines_of(Archives(database).read(experiment_id))


def export_into(database: Database, experiment_id: str, target: Path) -> None:
    """Write them into a file, packed where its name ends in .gz.

    It appears whole or not at all. Raises NotFound, DatabaseTrouble, and NotAllowed for a bad place.
    """
    archive = Archives(database).read(experiment_id)
    with written(target) as half, half.open("wb") as file:
        write_into(file, archive, pack=target.suffix == ".gz")


def imported(archives: Archives, source: Path) -> Experiment:
    """Keep an experiment that was exported. Raises NotAllowed and DatabaseTrouble; nothing is kept then."""
    try:
        with source.open("rb") as file:
            return archives.write(archive_of(opened(file)))
    except OSError as error:
        raise NotAllowed(f"{source} cannot be read ({error.strerror}).") from None
