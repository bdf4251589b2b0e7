"""A picture of every screen, wide and narrow, light and dark: ``screenshots/NAME-WIDTH-LOOK.png``.

The data are real: the sample workspace, asked with the embedded model where its weights are installed.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain import AnswerState, Candidate, Judgement, Mark, Retrieval
from app.services import Services, open_services
from app.settings import load
from benchmarks import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = running.ROOT / "screenshots"
WIDTHS = {"wide": (1440, 900), "narrow": (390, 844)}
LOOKS = ("light", "dark")
ASKED = 6
EMBEDDED = "embedded"
PATIENCE = 600.0
TALLEST = 6000


@dataclass(frozen=True)
class Screen:
    """What to draw: the file's name, the address, and what must be visible first."""

    name: str
    path: str
    waits: tuple[str, ...] = ()


def main() -> int:
    """Draw everything; 1 where there is no browser, or a page asked another host or was too wide."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as scratch, running.browser() as chromium:
        if chromium is None:
            print("No Chromium here: nothing was drawn.")
            return 1
        empty = Path(scratch) / "empty"
        faults += draw(chromium, empty, [Screen("first-start", "/"), Screen("ask-empty", "/ask")])
        filled = Path(scratch) / "filled"
        faults += draw(chromium, filled, list(screens(filled)))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def screens(folder: Path) -> Iterator[Screen]:
    """Every screen over a folder that is filled first."""
    question, collection = fill(folder)
    yield Screen("verdict", f"/?collection={collection}", (".js-plotly-plot",) if question else ())
    yield Screen("ask", f"/ask?collection={collection}")
    if question:
        yield Screen("answers", f"/ask?collection={collection}&question={question}", (".st-key-lanes",))
    yield Screen("documents", f"/documents?collection={collection}")
    yield Screen("costs", f"/costs?collection={collection}")
    yield Screen("models", f"/models?collection={collection}")


def fill(folder: Path) -> tuple[str, str]:
    """Load the sample and ask it; gives the last question's id ("" without weights) and the collection's."""
    os.environ["ASSAY_DATA"] = str(folder)
    os.environ["ASSAY_OLLAMA_URL"] = running.NOWHERE
    with open_services(load(), "screenshots") as services:
        collection, ingest = services.load_sample()
        while (view := services.ingesting.view(ingest)) is not None and view.busy:
            time.sleep(0.2)
        models = services.backends.get(EMBEDDED).models()
        chat = next((one.name for one in models if not one.embeds), "")
        question = ""
        if chat:
            given = Candidate(EMBEDDED, chat, retrieval=Retrieval(collection.id))
            for text in [
                one.question for one in services.sample.questions()[:ASKED]
            ] + services.sample.examples():
                question = ask(services, text, [given, Candidate(EMBEDDED, chat)], collection.id)
        return question, collection.id


def ask(services: Services, text: str, candidates: list[Candidate], collection_id: str) -> str:
    """Ask, wait, and judge by whether a known right answer stands in it."""
    known = {one.question: one.answers for one in services.sample.questions()}.get(text, ())
    question_id = services.comparing.ask(text, candidates, collection_id, "screenshots", one_at_a_time=True)
    end = time.monotonic() + PATIENCE
    while (view := services.comparing.view(question_id)) is not None and view.busy and time.monotonic() < end:
        time.sleep(0.2)
    for answer in services.answers.answers(question_id):
        if known and answer.state is AnswerState.COMPLETE:
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
