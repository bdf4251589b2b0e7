"""The command line: the same use cases as the screens, for terminals and scripts.

Errors go to standard error in words, exit code 1. ``--json`` prints one object a line.
"""

from __future__ import annotations

import gc
import json
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import __version__
from app.domain import HealthState
from app.errors import AppError, DataFolderBusy
from app.settings import load

if TYPE_CHECKING:
    from app.services import Services
    from storage.database import Database


class _Group(click.Group):
    """Turns every AppError into words on standard error and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AppError as error:
            raise click.ClickException(str(error)) from None


@contextmanager
def _services(purpose: str) -> Iterator[Services]:
    """The services of the data folder; a running app is named, and that it can do the same."""
    from app.services import open_services

    try:
        services = open_services(load(), f"python -m app {purpose}")
    except DataFolderBusy as error:
        raise DataFolderBusy(
            error.message, "Do it in the browser instead, or close that one first."
        ) from None
    with services:
        yield services


@contextmanager
def _database() -> Iterator[Database]:
    """The database alone, for what may run beside the app."""
    from storage.database import Database

    database = Database.open(load().data.resolve(), upgrade=False)
    try:
        yield database
    finally:
        database.close()


def _print(row: object) -> None:
    click.echo(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False))


def _teller() -> Callable[[str], None]:
    """Writes how far something is over one line of standard error; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        return lambda _words: None
    width = shutil.get_terminal_size().columns - 1
    return lambda words: click.echo(f"\r\x1b[K{words[:width]}", nl=False, err=True)


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM does what Ctrl+C does: what runs is stopped and kept, and the data folder is given back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="assay")
@click.pass_context
def main(context: click.Context) -> None:
    """Assay: compare models on your own documents. The data folder is set by ASSAY_DATA."""
    context.with_resource(_terminated_like_interrupted())


@contextmanager
def _uncollected() -> Iterator[None]:
    """What is made meanwhile is there to stay: looking for garbage in it took a sixth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@main.command()
@click.option("--no-browser", is_flag=True, help="Only say the address.")
def serve(no_browser: bool) -> None:
    """Open Assay in the browser (127.0.0.1, port 8501 unless ASSAY_PORT says otherwise).

    The browser opens by itself where one is likely: at a terminal with a screen.
    """
    # It is collected again as soon as it serves (app/server.py).
    with _uncollected():
        from app.server import serve as run

        run(load(), browser=not no_browser)


@main.command()
def sample() -> None:
    """Load the sample workspace: a small company's documents, written for Assay."""
    from app.commands import sample_loaded
    from app.sample.loading import COLLECTION_NAME

    with _services("sample") as services:
        troubles = sample_loaded(services, _teller())
        for words in troubles:
            click.echo(words, err=True)
        if troubles:
            click.echo("The sample is not complete. Load it again once that is mended.", err=True)
            sys.exit(1)
        click.echo(
            f"“{COLLECTION_NAME}” is ready. Try: python -m app ask --collection "
            f"{json.dumps(COLLECTION_NAME)} --model embedded/SmolLM2-135M-Instruct "
            f"{json.dumps(services.sample.examples()[0])}"
        )


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--collection", required=True, help="Its name; made if it is not there.")
@click.option("--embedder", default="", help="For a new collection: BACKEND/MODEL.")
@click.option(
    "--delete-missing",
    is_flag=True,
    help="Also delete the documents whose files are gone from PATHS; a renamed one is kept.",
)
def ingest(paths: tuple[Path, ...], collection: str, embedder: str, delete_missing: bool) -> None:
    """Read files and folders into a collection; only what changed is sent."""
    from app.commands import ingest_paths

    with _services("ingest") as services:
        wrong = False
        lines = ingest_paths(
            services, paths, collection, embedder, delete_missing=delete_missing, tell=_teller()
        )
        for line in lines:
            wrong = wrong or not line.well
            click.echo(line.words)
        if wrong:
            sys.exit(1)


@main.command()
@click.argument("question")
@click.option("--collection", required=True, help="Its name.")
@click.option("--model", "models", multiple=True, required=True, help="BACKEND/MODEL; repeat to compare.")
@click.option("--no-documents", is_flag=True, help="Ask without passages.")
@click.option("--k", default=4, show_default=True, type=click.IntRange(1, 50), help="Passages to give.")
@click.option("--temperature", default=0.0, show_default=True, type=click.FloatRange(0, 2))
@click.option("--seed", default=1, show_default=True)
@click.option("--max-tokens", default=400, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--schema", is_flag=True, help="Strict JSON: answer, citations, found.")
@click.option("--instruction", default="", help="What models are told to do, instead of Assay's own words.")
@click.option("--agree", is_flag=True, help="Let this collection's passages go to the models' servers.")
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
def ask(question: str, collection: str, models: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Ask one question of one or more models side by side."""
    from app.commands import AskOptions, answer_row, answer_words, ask_all, not_saved

    with _services("ask") as services:
        view = ask_all(services, question, collection, models, AskOptions(**options))
        show = answer_row if as_json else answer_words
        for lane in view.lanes:
            if lane.answer is not None:
                _print(show(view.question, lane.answer))
        if unsaved := not_saved(services, view):
            click.echo(unsaved, err=True)
        if unsaved or any(one.answer is None or one.answer.error for one in view.lanes):
            sys.exit(1)


@main.command()
@click.argument("plan", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dataset", default="", help="A dataset's name, or a CSV or JSONL file of questions.")
@click.option("--collection", "collections", multiple=True, help="Its name; may be given several times.")
@click.option("--model", "models", multiple=True, help="BACKEND/MODEL; may be given several times.")
@click.option("--no-documents-too", is_flag=True, help="Each model also without documents.")
@click.option("--repeats", default=1, show_default=True, help="How often each question is asked.")
@click.option(
    "--limit",
    default="",
    help='Stop before bills pass this: "5" or "5 EUR". Your own machine is not in it.',
)
@click.option("--one-at-a-time", is_flag=True, help="A run for speed: no two answers at once.")
@click.option("--name", default="", help="What the experiment is called.")
@click.option("--k", default=4, show_default=True, help="Passages for each question.")
@click.option("--temperature", default=0.0, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--max-tokens", default=400, show_default=True)
@click.option("--schema", is_flag=True, help="Strict JSON answers.")
@click.option("--instruction", default="", help="What models are told to do, instead of Assay's own words.")
@click.option(
    "--drift", default="", help='The right passage at the front, middle and end of "1,4,16" passages.'
)
@click.option("--judge", default="", help='BACKEND/MODEL that says what is right; else "contains" decides.')
@click.option("--agree", is_flag=True, help="Let the collections' passages go to the models' servers.")
@click.option("--resume", "resumed", default="", help="The id of an experiment that has not finished.")
@click.option("--again", type=click.Choice(["nothing", "failed", "unscored"]), default="nothing")
@click.option(
    "--fail-under", multiple=True, help="right=0.7: exit 1 where a candidate with documents is below."
)
@click.option("--no-reask", is_flag=True, help="Ask nothing again to find why an answer is not right.")
@click.option("--json", is_flag=True, help="One object an answer, then one a candidate.")
@click.pass_context
def run(context: click.Context, /, plan: Path | None, **options: Any) -> None:
    """Run an experiment: every question of a dataset to every model, as often as wanted.

    PLAN is a TOML file with the same options, without their dashes; those typed here go before its own.
    """
    from app.experiment_commands import planned, run_experiment

    typed = {name for name in options if _was_typed(context, name)}
    with _services("run") as services:
        chosen = planned(plan, options, typed)
        ended = run_experiment(services, chosen, lambda words: click.echo(words, err=True))
        for row in ended.rows(as_json=chosen.json):
            _print(row)
        for words in ended.trouble:
            click.echo(words, err=True)
        if ended.trouble:
            sys.exit(1)


@main.command()
@click.argument("experiment_id", metavar="ID")
@click.option("--by", required=True, help="BACKEND/MODEL.")
@click.option("--json", "as_json", is_flag=True, help="One object an answer, then one a candidate.")
def judge(experiment_id: str, by: str, as_json: bool) -> None:
    """Have the recorded answers of an experiment judged by a model; the models compared are asked nothing.

    Where the new judge finds other answers wrong, looking for their causes may ask again.
    """
    from app.experiment_commands import judge_again

    with _services("judge") as services:
        ended = judge_again(services, experiment_id, by, lambda words: click.echo(words, err=True))
        for row in ended.rows(as_json=as_json):
            _print(row)
        for words in ended.trouble:
            click.echo(words, err=True)
        if ended.trouble:
            sys.exit(1)


def _was_typed(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
def experiments(as_json: bool) -> None:
    """List the experiments, the newest first."""
    from app.experiment_rows import as_it_is, experiment_row, experiment_words
    from storage.experiments import Experiments
    from storage.lock import holder

    with _database() as database:
        listed = Experiments(database).list()
    held = holder(load().data.resolve()) is not None
    if not listed:
        click.echo("There are no experiments yet: `python -m app run` or the browser begins one.", err=True)
    for one in (as_it_is(one, held=held) for one in listed):
        _print(experiment_row(one) if as_json else experiment_words(one))


@main.command()
@click.argument("first", metavar="ID")
@click.argument("second", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One object a pair of candidates, then one of both.")
def compare(first: str, second: str, as_json: bool) -> None:
    """Compare two experiments: which questions got better from the first to the second, and which worse."""
    from app.comparing_commands import compared, versus_rows, versus_words
    from storage.collections import Collections

    with _database() as database:
        made, collections = compared(database, first, second), Collections(database).names()
    for row in (versus_rows if as_json else versus_words)(made, collections):
        _print(row)


@main.command()
@click.argument("experiment_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One object.")
def rescore(experiment_id: str, as_json: bool) -> None:
    """Score an experiment's recorded answers anew; no model is asked."""
    from app.comparing_commands import rescored_row, rescored_words

    with _services("rescore") as services:
        view = services.rescoring.rescore(experiment_id)
        _print(rescored_row(view) if as_json else rescored_words(view))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
def models(as_json: bool) -> None:
    """List the models of every connected backend; exit 1 where one that was set up does not answer."""
    from app.backends.registry import Registry
    from app.commands import model_row

    registry = Registry.build(load())
    silent = False
    try:
        absent = {one.backend: one for one in registry.health() if one.state is HealthState.ABSENT}
        for backend in registry.backends():
            if backend.name in absent:
                # Nothing was ever set up there: a hint for people, no fault.
                click.echo(absent[backend.name].words, err=True)
                continue
            try:
                found = backend.models()
            except AppError as error:
                click.echo(f"{backend.name}: {error}", err=True)
                silent = True
                continue
            for model in found:
                _print(model_row(model) if as_json else f"{model.backend}/{model.name}")
    finally:
        registry.close()
    if silent:
        sys.exit(1)


@main.command()
@click.argument("model")
@click.option("--backend", default="ollama", show_default=True)
def pull(model: str, backend: str) -> None:
    """Fetch a model into Ollama, with progress; asking again resumes."""
    from app.commands import pull_model

    for words in pull_model(load(), backend, model):
        click.echo(words)


@main.command()
@click.option("--collection", required=True, help="Its name.")
def rebuild(collection: str) -> None:
    """Make a collection's index again from the database, without embedding."""
    from app.commands import rebuilt

    with _services("rebuild") as services:
        click.echo(rebuilt(services, collection))


@main.command()
def check() -> None:
    """Look after the database, the index, the lock and the backends; exit 1 if something is wrong."""
    from app.commands import check_all

    wrong = False
    for line in check_all(load()):
        wrong = wrong or not line.well
        click.echo(f"{'ok   ' if line.well else 'WRONG'} {line.words}")
    if wrong:
        sys.exit(1)


@main.command()
@click.argument("experiment_id", metavar="ID")
@click.option(
    "--html",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write: one page that needs no network. Print it in a browser for a PDF.",
)
@click.option("--force", is_flag=True, help="Take the place of a file that is there.")
def report(experiment_id: str, target: Path, force: bool) -> None:
    """An experiment's report: what home says of it, in one file for others; fine while the app runs."""
    with _uncollected(), _database() as database:
        from app.report_commands import report_into

        report_into(database, experiment_id, target, force=force)
    click.echo(f"The report is in {target}. Any browser opens it and prints it.")


@main.group()
def export() -> None:
    """Write what is logged into a file."""


@export.command("answers")
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl"]), required=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else it is printed.")
@click.option(
    "--all",
    "aside",
    is_flag=True,
    help="Also what judges said (judge), what was asked again for a cause (probe), and questions reworded "
    "(follow-up).",
)
def export_answers(kind: str, output: Path | None, aside: bool) -> None:
    """Every logged answer to a question, failed ones too.

    Its origin says where it was asked: ask, experiment, or imported (from elsewhere).
    """
    from app.commands import export_answers as print_answers
    from app.commands import export_into

    with _database() as database:
        if output is None:
            print_answers(database, kind, sys.stdout, aside=aside)
        else:
            export_into(database, kind, output, aside=aside)


@export.command("experiment")
@click.argument("experiment_id", metavar="ID")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file, packed where its name ends in .gz; else it is printed.",
)
def export_experiment(experiment_id: str, output: Path | None) -> None:
    """An experiment with all its answers, to be read by `import` elsewhere."""
    from app.archive_commands import export_into, exported

    with _database() as database:
        if output is None:
            for line in exported(database, experiment_id):
                _print(line)
        else:
            export_into(database, experiment_id, output)


@main.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Read an experiment that `export experiment` wrote."""
    from app.archive_commands import imported
    from app.experiment_rows import experiment_words

    with _services("import") as services:
        click.echo(experiment_words(imported(services.archives, file)))


@main.group()
def prices() -> None:
    """Look at prices, keep your own, and fetch the newest published ones."""


@prices.command("update")
def prices_update() -> None:
    """Fetch the newest published prices, once. Answers made before keep theirs."""
    from app.price_commands import updated

    with _services("prices update") as services:
        click.echo(updated(services))


@prices.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--skip-bad", is_flag=True, help="Keep the good rows although others cannot be kept.")
def prices_import(file: Path, skip_bad: bool) -> None:
    """Read own prices from a CSV or JSONL file; a price for the same model and day is replaced."""
    from app.price_commands import bad_lines, read_file

    with _services("prices import") as services:
        found, words = read_file(services, file, skip_bad=skip_bad)
        for line in bad_lines(found):
            click.echo(line, err=True)
        click.echo(words, err=bool(found.bad))
        if found.bad:
            sys.exit(1)


@prices.command("list")
@click.argument("provider", required=False, default="")
@click.option("--json", "as_json", is_flag=True, help="One object a price.")
def prices_list(provider: str, as_json: bool) -> None:
    """Your own prices, and the published ones of PROVIDER; without it the providers are named."""
    from app.price_commands import book_of, listed, price_words, providers_words, source_words

    with _database() as database:
        book = book_of(database, load().data.resolve())
        for row in listed(book, provider):
            _print(row if as_json else price_words(row))
        source = book.source()
    if source.trouble:
        click.echo(source.trouble, err=True)
    click.echo(source_words(source), err=True)
    if not provider:
        click.echo(providers_words(book), err=True)


@prices.command("export")
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else it is printed.")
def prices_export(kind: str, output: Path | None) -> None:
    """Your own prices as a file that `prices import` reads back."""
    from app.price_commands import export, export_into
    from storage.price_lists import PriceLists

    with _database() as database:
        mine = PriceLists(database).list()
    if output is None:
        click.echo(export(mine, kind), nl=False)
    else:
        export_into(mine, kind, output)


@main.group()
def recorded() -> None:
    """Answers of models that were asked elsewhere, in experiments."""


def _defaults(command: Callable[..., None]) -> Callable[..., None]:
    """The options that hold for rows which do not tell it themselves."""
    for option in (
        click.option("--documents", default="", help="What it was given: with, without, or a note in words."),
        click.option("--provider", default="", help="Whose list prices apply, such as openai."),
        click.option("--model", default="", help="The model's name, where no column has it."),
        click.option("--json", "as_json", is_flag=True, help="One object a candidate, then one of the rows."),
    ):
        command = option(command)
    return command


@recorded.command("add")
@click.argument("experiment_id", metavar="ID")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what the file would bring.")
@_defaults
def recorded_add(experiment_id: str, file: Path, dry_run: bool, as_json: bool, **defaults: str) -> None:
    """Add the answers of a CSV or JSONL file to an experiment; rows without a place are named."""
    from app.domain import RecordedDefaults
    from app.recorded_commands import added, preview_rows, preview_words

    with _services("recorded add") as services:
        told = RecordedDefaults(**defaults)
        found = added(services.recording, experiment_id, file, told, _complain, dry=dry_run)
        for row in preview_rows(found) if as_json else preview_words(found, dry=dry_run):
            _print(row)


@recorded.command("new")
@click.argument("dataset")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", default="", help="What the experiment is called.")
@_defaults
def recorded_new(dataset: str, file: Path, name: str, as_json: bool, **defaults: str) -> None:
    """Make an experiment of recorded answers alone, on the questions of a dataset; nobody is asked."""
    from app.domain import RecordedDefaults
    from app.recorded_commands import made, preview_rows, preview_words

    with _services("recorded new") as services:
        made_id, found = made(services, dataset, file, RecordedDefaults(**defaults), _complain, name=name)
        _print({"experiment": made_id} if as_json else f"experiment {made_id}")
        for row in preview_rows(found) if as_json else preview_words(found, dry=False):
            _print(row)


@recorded.command("remove")
@click.argument("experiment_id", metavar="ID")
@click.argument("candidate")
def recorded_remove(experiment_id: str, candidate: str) -> None:
    """Delete an imported CANDIDATE (its model) with its answers from an experiment, and nothing else."""
    from app.recorded_commands import taken_out

    with _services("recorded remove") as services:
        gone = taken_out(services.recording, services.experiments, experiment_id, candidate)
        click.echo(f"Deleted {candidate} with its {gone} {'answer' if gone == 1 else 'answers'}.")


@recorded.command("questions")
@click.argument("experiment_id", metavar="ID")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else it is printed.")
def recorded_questions(experiment_id: str, output: Path | None) -> None:
    """The questions of an experiment as a CSV file, to be filled in elsewhere and added."""
    from app.commands import written
    from app.recorded_commands import questions

    with _database() as database:
        table = questions(database, experiment_id)
        if output is None:
            click.echo(table, nl=False)
            return
        with written(output) as half:
            half.write_bytes(table)


def _complain(words: str) -> None:
    click.echo(words, err=True)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Copy the database and the uploaded files into FILE; fine while the app runs."""
    from storage.backup import backup as write
    from storage.files import Files

    settings = load()
    with _database() as database:
        write(database, Files(settings.data.resolve()), file)
    click.echo(f"Backed up to {file}. Restore it with: python -m app restore {file}")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Verify FILE, put it in place of the data folder's content, and rebuild the index."""
    from app.commands import restore_from

    for words in restore_from(load(), file):
        click.echo(words)
