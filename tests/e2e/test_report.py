"""The report: downloaded, opened without any network, and printed; and presenter mode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from app.domain import Cause
from app.sample.loading import Sample
from app.ui.report import report_html
from tests.e2e.conftest import NARROW, Tabs, Workspace
from tests.e2e.screen import LONG, contrast, expect_soon
from tests.experiments import examined, given, paid
from tests.ui.reported import parsed, report

pytestmark = pytest.mark.e2e

WALL = (1920, 1080)
BUTTON = "Download the report"
BEYOND = """() => [...document.querySelectorAll(".chart .plot text")].filter((one) => {
    const own = one.getBoundingClientRect();
    const place = one.closest(".plot").getBoundingClientRect();
    // What has no room in its bar is not drawn at all, and stands anywhere.
    return !one.classList.contains("bartext") && (own.right > place.right + 1 || own.left < place.left - 1);
}).map((one) => one.textContent)"""
"""The texts of charts that reach beyond their chart, where they are cut."""
FOUR = (
    "was right 67% of the time (55-76)",  # which one
    "The difference is decisive.",  # how sure
    "1,000 right answers $",  # what it costs
    "answers of qwen2.5-coder:1.5b with documents that are not right",  # why it is wrong
)


@pytest.fixture
def offline(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A tab of a browser without network, and what it asked for all the same."""
    context = browser.new_context(offline=True, viewport={"width": 1440, "height": 900})
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    yield page, asked
    context.close()


def shipped(workspace: Workspace) -> str:
    """Where home shows the sample's experiment: by itself it begins with the newest that finished."""
    one = Sample().experiment()
    assert one is not None
    return f"/?collection={workspace.sample}&experiment={one.experiment.id}"


def home(tabs: Tabs, workspace: Workspace, size: tuple[int, int] = WALL, *, dark: bool = False) -> Page:
    """Home, as soon as the sample's experiment is there."""
    screen = tabs.open(shipped(workspace), size, dark=dark)
    button = screen.page.get_by_role("button", name=BUTTON)
    while not button.count():
        screen.reload()
    expect(button).to_be_visible(timeout=LONG)
    screen.drawn()
    return screen.page


def test_downloaded_opened_without_network_and_printed_on_two_pages(
    tabs: Tabs, workspace: Workspace, offline: tuple[Page, list[str]], tmp_path: Path
) -> None:
    page = home(tabs, workspace)
    with page.expect_download(timeout=LONG) as download:
        page.get_by_role("button", name=BUTTON).click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert re.fullmatch(r"assay-report-[\w-]+\.html", file.name)
    text = parsed(file.read_text("utf-8")).text
    for words in FOUR:
        assert words in text

    page, asked = offline
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
    page.goto(file.as_uri())
    page.locator("body[data-ready]").wait_for(timeout=LONG)
    for key, marks in (("result-right", 6), ("result-costs", 6), ("result-causes", 12)):
        drawn = page.locator(f"#{key} .plot .main-svg").first
        expect(drawn).to_be_visible()
        assert drawn.locator("path.point, .point path").count() >= marks
    page.locator("#result-right .point").first.hover(force=True)
    expect(page.locator("#result-right .hovertext").first).to_be_visible()
    assert [one for one in asked if not one.startswith(("file:", "data:"))] == []
    assert broken == []
    assert page.evaluate("document.documentElement.scrollWidth") == 1440

    page.emulate_media(media="print")
    expect(page.locator("#result-right .plot")).to_be_hidden()
    expect(page.locator("#result-right .picture")).to_be_visible()
    expect(page.locator(".modebar").first).to_be_hidden()
    printed = tmp_path / "report.pdf"
    printed.write_bytes(page.pdf(prefer_css_page_size=True))
    document = pypdfium2.PdfDocument(printed)
    assert len(document) == 2
    words = " ".join(" ".join(each.get_textpage().get_text_range() for each in document).split())
    for told in ("How often was each right?", "What to do next", "What the words mean", "Made "):
        assert told in words
    for told in ("gpt-5-mini, $", "per 1,000 questions (today's list price", "One machine answers up to"):
        assert told in words, "paper has no chart of it, but all of its words"
    numbered_in_grey(document, text_of(file))
    document.close()


def text_of(file: Path) -> list[str]:
    """The numbers of the parts of each bar of the causes, the first bar first."""
    charts = {str(one["key"]): one for one in parsed(file.read_text("utf-8")).charts}
    numbers = cast("list[dict[str, list[float]]]", charts["result-causes"]["data"])[-1]
    rows: dict[float, list[str]] = {}
    for place, number in zip(numbers["y"], numbers["text"], strict=True):
        rows.setdefault(place, []).append(str(number))
    return [" ".join(rows[place]) for place in sorted(rows, reverse=True)]


def numbered_in_grey(document: pypdfium2.PdfDocument, bars: list[str]) -> None:
    """Printed without colours, every part of every bar has its number below it, black on white."""
    page = next(
        one for one in document if "was it the index or the model?" in one.get_textpage().get_text_range()
    )
    written, scale = page.get_textpage(), 4
    grey = page.render(scale=scale, grayscale=True).to_numpy()
    grey = grey.reshape(grey.shape[:2])
    found: dict[int, list[str]] = {}
    for place in range(1, written.count_chars() - 1):
        before, sign, after = (written.get_text_range(place + step, 1) for step in (-1, 0, 1))
        left, bottom, right, top = written.get_charbox(place)
        if sign.isdigit() and not (before + after).strip() and right < page.get_width() / 2:
            found.setdefault(round(bottom), []).append(sign)
            rows = slice(
                int((page.get_height() - top - 1) * scale), int((page.get_height() - bottom + 1) * scale)
            )
            box = grey[rows, int((left - 1) * scale) : int((right + 1) * scale)]
            assert box.min() < 90, "it is printed in black"
            assert box.max() > 240, "on white"
    told = [" ".join(found[place]) for place in sorted(found, reverse=True)]
    assert len(bars) == 6
    assert told[:6] == bars


@pytest.mark.parametrize("candidates", [6, 7, 10, 13])
def test_on_a_phone_and_of_many_candidates_nothing_is_cut_off(
    offline: tuple[Page, list[str]], tmp_path: Path, candidates: int
) -> None:
    who = [given(f"a-model-with-a-long-name-{number}:1.5b-instruct-q4_0") for number in range(candidates)]
    letters = ["r" * (8 + number) + "w" * (20 - number) + "aa" for number in range(candidates)]
    causes = {"w": Cause.RANKED_TOO_LOW, "a": Cause.REFUSED}
    one = examined(who, *letters, causes=causes, costed=paid(*range(1, candidates + 1)))
    file = tmp_path / "report.html"
    file.write_text(report_html(report(one)), "utf-8")
    page, _ = offline
    for width in (NARROW[0], 1440):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(file.as_uri())
        page.locator("body[data-ready]").wait_for(timeout=LONG)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.locator(".plot .main-svg").count() >= 3
        assert page.evaluate(BEYOND) == [], f"at {width} pixels"
    page.emulate_media(media="print")
    printed = tmp_path / "report.pdf"
    printed.write_bytes(page.pdf(prefer_css_page_size=True))
    document = pypdfium2.PdfDocument(printed)
    assert len(document) == 2 if candidates <= 10 else len(document) > 2
    words = " ".join(" ".join(each.get_textpage().get_text_range() for each in document).split())
    assert words.count("% not right") >= candidates, "each has its bar"
    for each in document:
        written = each.get_textpage()
        boxes = [written.get_charbox(place) for place in range(written.count_chars())]
        assert all(left >= 0 and right <= each.get_width() for left, _, right, _ in boxes)
    document.close()


def test_presented_on_a_wall_and_on_a_phone_in_the_dark(tabs: Tabs, workspace: Workspace) -> None:
    page = home(tabs, workspace)
    page.get_by_role("button", name="Present", exact=True).click()
    page.wait_for_url(re.compile("present=yes"))
    sentence = page.locator(".st-key-present h3")
    expect(sentence).to_contain_text("was right 67% of the time")
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    expect(page.get_by_text("Asked so far")).to_have_count(0)
    expect(page.get_by_role("button", name=BUTTON)).to_have_count(0)
    assert sentence.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 50
    name = page.locator(".st-key-present-chart .annotation-text").first
    expect(name).to_be_visible()
    chart = page.locator(".st-key-present-chart .main-svg").first

    def fits() -> bool:
        """Without scrolling; Plotly draws it once more when it knows its room."""
        bounds = chart.bounding_box()
        if bounds is None:
            return False
        return bounds["x"] + bounds["width"] <= WALL[0] and bounds["y"] + bounds["height"] <= WALL[1]

    expect_soon(fits)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=BUTTON)).to_be_visible()
    assert "present" not in page.url

    phone = tabs.open(f"{shipped(workspace)}&present=yes", NARROW, dark=True)
    expect(phone.page.locator(".st-key-present h3")).to_contain_text("was right 67%")
    expect(phone.page.locator(".st-key-present-chart .main-svg").first).to_be_visible()
    assert phone.width() <= NARROW[0]
    assert max(phone.background()) < 60
    for part in (".st-key-present h3", ".st-key-present [data-testid=stCaptionContainer] p"):
        assert contrast(phone.colour(part), phone.background()) >= 4.5
    phone.page.get_by_role("button", name="Leave").click()
    expect(phone.page.get_by_role("button", name=BUTTON)).to_be_visible()
