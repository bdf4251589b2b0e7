"""A picture of every screen, wide and narrow, light and dark: ``screenshots/NAME-WIDTH-LOOK.png``.

Names of screens of the filled folder draw these only, so that nothing has to be asked for most of them;
``--readme`` draws the picture of README.md instead. The data are real: the sample workspace, asked with the
embedded model where its weights are installed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain import AnswerState, Candidate, Judgement, Mark, Retrieval
from app.services import Services, open_services
from app.settings import DEFAULT_OLLAMA, load
from benchmarks import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = running.ROOT / "screenshots"
WIDTHS = {"wide": (1440, 900), "narrow": (390, 844)}
LOOKS = ("light", "dark")
ASKED = 6
EMBEDDED = "embedded"
SHOWS_WHAT_WAS_ASKED = frozenset({"verdict", "asked", "answers", "costs"})
PATIENCE = 600.0
TALLEST = 6000
README = running.ROOT / "docs" / "screenshot.png"
README_SIZE = (1440, 1000)
README_BYTES = 300_000
RENAME = """([old, name]) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace(old, name)
}"""


@dataclass(frozen=True)
class Screen:
    """What to draw: the file's name, the address, and what must be visible first."""

    name: str
    path: str
    waits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Filled:
    """What a folder holds: the last ``question`` ("" without weights), and the sample's other ids."""

    question: str
    collection: str
    dataset: str
    experiment: str
    pair: str


def main() -> int:
    """Draw what was asked for; 1 where there is no browser, or something is wrong with a picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screenshots", description=__doc__)
    parser.add_argument("--readme", action="store_true", help=f"draw {README.relative_to(running.ROOT)} only")
    parser.add_argument("names", nargs="*", help="such as: experiment case")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="assay-") as scratch, running.browser() as chromium:
        if chromium is None:
            print("No Chromium here: nothing was drawn.")
            return 1
        if chosen.names:
            faults = some(chromium, Path(scratch), chosen.names)
        else:
            faults = (readme if chosen.readme else everything)(chromium, Path(scratch))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def everything(chromium: Browser, scratch: Path) -> list[str]:
    """All screens: at the first start, after the first question, and after several that were judged."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    faults = draw(chromium, scratch / "empty", [Screen("first-start", "/"), Screen("ask-empty", "/ask")])
    faults += draw(chromium, scratch / "first", list(first_screens(scratch / "first")))
    faults += draw(chromium, scratch / "filled", list(screens(scratch / "filled")))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}")
    return faults


def some(chromium: Browser, scratch: Path, names: Sequence[str]) -> list[str]:
    """The named screens of the filled folder, in the place of those drawn before."""
    FOLDER.mkdir(exist_ok=True)
    known = {one.name: one for one in screens(scratch, asked=not SHOWS_WHAT_WAS_ASKED.isdisjoint(names))}
    return draw(chromium, scratch, [known[one] for one in names if one in known]) + [
        f"There is no screen {one}: {', '.join(known)}." for one in names if one not in known
    ]


def readme(chromium: Browser, scratch: Path) -> list[str]:
    """The Ask page with the first example answered, as wide as a laptop, light."""
    filled = fill(scratch, first=True)
    if not filled.question:
        return ["The embedded model is not installed: nothing was drawn."]
    # With the usual address of Ollama: what a person sees who has none.
    with running.assay(scratch, ASSAY_OLLAMA_URL=DEFAULT_OLLAMA) as (address, _pid):
        across, down = README_SIZE
        page = chromium.new_page(viewport={"width": across, "height": down}, color_scheme="light")
        page.goto(f"{address}/ask?collection={filled.collection}&question={filled.question}")
        running.wait_until_drawn(page, ".st-key-lanes")
        page.wait_for_timeout(1500)
        # Where the data lie for once is nothing that a reader has.
        page.evaluate(RENAME, [str(scratch.resolve()), "storage/data"])
        README.parent.mkdir(exist_ok=True)
        page.screenshot(path=README)
        page.close()
    size = README.stat().st_size
    print(f"{README.relative_to(running.ROOT)}: {size:,} bytes")
    return [f"The picture is larger than {README_BYTES:,} bytes."] if size > README_BYTES else []


def first_screens(folder: Path) -> Iterator[Screen]:
    """What a person sees after the first question: asked side by side, nothing judged."""
    filled = fill(folder, first=True)
    if filled.question:
        use = f"collection={filled.collection}"
        yield Screen("first-verdict", f"/?{use}&view=asked", (".js-plotly-plot",))
        yield Screen("first-answers", f"/ask?{use}&question={filled.question}", (".st-key-lanes",))


def screens(folder: Path, *, asked: bool = True) -> Iterator[Screen]:
    """Every screen over a folder that is filled first, with what was ``asked`` by hand or without."""
    filled = fill(folder, asked=asked)
    use = f"collection={filled.collection}"
    yield Screen("verdict", f"/?{use}", (".js-plotly-plot",) if filled.question or filled.experiment else ())
    yield Screen("ask", f"/ask?{use}")
    if filled.question:
        yield Screen("asked", f"/?{use}&view=asked", (".js-plotly-plot",))
        yield Screen("answers", f"/ask?{use}&question={filled.question}", (".st-key-lanes",))
    yield Screen("documents", f"/documents?{use}")
    yield Screen("experiments", f"/experiments?{use}")
    yield Screen("experiment-new", f"/experiments?{use}&new=yes")
    for side in ("table", "each", "import"):
        yield Screen(f"dataset-{side}", f"/dataset?{use}&dataset={filled.dataset}&show={side}")
    if filled.experiment:
        opened = f"{use}&experiment={filled.experiment}"
        yield Screen("experiment", f"/experiment?{opened}", (".js-plotly-plot",))
        yield Screen("case", f"/case?{opened}&case=2")
        # The sample has one experiment: set beside itself, without documents and with them.
        yield Screen("versus", f"/versus?{opened}&other={filled.experiment}&pair={filled.pair}")
    yield Screen("costs", f"/costs?{use}")
    yield Screen("models", f"/models?{use}")


def fill(folder: Path, *, first: bool = False, asked: bool = True) -> Filled:
    """Load the sample and ask it, unless nothing is to be ``asked``.

    With ``first``, one example is asked side by side and not judged; else several, in turn and judged.
    """
    os.environ["ASSAY_DATA"] = str(folder)
    os.environ["ASSAY_OLLAMA_URL"] = running.NOWHERE
    with open_services(load(), "screenshots") as services:
        collection, ingest = services.load_sample()
        while (view := services.ingesting.view(ingest)) is not None and view.busy:
            time.sleep(0.2)
        models = services.backends.get(EMBEDDED).models()
        chat = next((one.name for one in models if not one.embeds), "")
        question = ""
        if chat and asked:
            given = Candidate(EMBEDDED, chat, retrieval=Retrieval(collection.id))
            examples = services.sample.examples()
            several = [*(one.question for one in services.sample.questions()[:ASKED]), *examples]
            for text in examples[:1] if first else several:
                question = ask(
                    services, text, [given, Candidate(EMBEDDED, chat)], collection.id, judged=not first
                )
        services.sample_kept.result(PATIENCE)
        datasets, experiments = services.datasets.list(), services.experiments.answered(1)
        return Filled(
            question,
            collection.id,
            next((one.id for one in datasets), ""),
            next((one.id for one in experiments), ""),
            next((".".join(who.hash for who in one.candidates[1::-1]) for one in experiments), ""),
        )


def ask(
    services: Services, text: str, candidates: list[Candidate], collection_id: str, *, judged: bool
) -> str:
    """Ask and wait; with ``judged`` in turn, and judged by whether a known right answer stands in it."""
    known = {one.question: one.answers for one in services.sample.questions()}.get(text, ())
    question_id = services.comparing.ask(text, candidates, collection_id, "screenshots", one_at_a_time=judged)
    end = time.monotonic() + PATIENCE
    while (view := services.comparing.view(question_id)) is not None and view.busy and time.monotonic() < end:
        time.sleep(0.2)
    for answer in services.answers.answers(question_id):
        if known and judged and answer.state is AnswerState.COMPLETE:
            right = any(one.lower() in answer.text.lower() for one in known)
            judgement = Judgement.RIGHT if right else Judgement.WRONG
            services.answers.mark(answer.id, Mark(judgement, "", datetime.now(UTC)))
    return question_id


def draw(chromium: Browser, folder: Path, wanted: list[Screen]) -> list[str]:
    """Serve the folder and draw the screens in every width and look; what is wrong, in words."""
    faults: list[str] = []
    with running.assay(folder) as (address, _pid):
        for screen in wanted:
            for width in WIDTHS:
                for look in LOOKS:
                    faults += picture(chromium, address, screen, width, look)
    return faults


def picture(chromium: Browser, address: str, screen: Screen, width: str, look: str) -> list[str]:
    """One picture of the whole page, and what is wrong with it."""
    across, down = WIDTHS[width]
    page = chromium.new_page(viewport={"width": across, "height": down}, color_scheme=look)  # type: ignore[arg-type]
    elsewhere: list[str] = []
    page.on("request", lambda one: _note(elsewhere, one.url, address))
    page.goto(address + screen.path)
    running.wait_until_drawn(page, *screen.waits)
    page.wait_for_timeout(1500)  # charts and tables grow into their place
    tall = int(page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight"))
    # A window as tall as the page, since Streamlit scrolls inside itself.
    page.set_viewport_size({"width": across, "height": min(max(down, tall), TALLEST)})
    page.wait_for_timeout(700)
    name = f"{screen.name}-{width}-{look}"
    page.screenshot(path=FOLDER / f"{name}.png")
    cut = int(
        page.evaluate(
            "(() => { const one = document.querySelector('[data-testid=stMain]');"
            " return one.scrollWidth - one.clientWidth })()"
        )
    )
    failed = page.get_by_text("Something went wrong inside Assay").count()
    page.close()
    faults = [f"{name}: asked {url}" for url in elsewhere]
    faults += [f"{name}: {cut} pixels too wide"] if cut > 0 else []
    return faults + ([f"{name}: an error is drawn"] if failed else [])


def _note(elsewhere: list[str], url: str, address: str) -> None:
    if not url.startswith((address, address.replace("http", "ws", 1), "data:", "blob:")):
        elsewhere.append(url)


if __name__ == "__main__":
    sys.exit(main())
