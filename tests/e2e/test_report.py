"""The report: downloaded, opened without any network, and printed; and presenter mode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import NARROW, Tabs, Workspace
from tests.e2e.screen import LONG, contrast, expect_soon
from tests.parts import ALONE
from tests.ui.reported import parsed

pytestmark = [pytest.mark.e2e, ALONE]

WALL = (1920, 1080)
BUTTON = "Download the report"
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


def home(tabs: Tabs, workspace: Workspace, size: tuple[int, int] = WALL, *, dark: bool = False) -> Page:
    """Home, as soon as the sample's experiment is there."""
    screen = tabs.open(f"/?collection={workspace.sample}", size, dark=dark)
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
    document.close()


def test_presented_on_a_wall_and_on_a_phone_in_the_dark(tabs: Tabs, workspace: Workspace) -> None:
    page = home(tabs, workspace)
    page.get_by_role("button", name="Present", exact=True).click()
    page.wait_for_url(re.compile("present=yes"))
    sentence = page.locator(".st-key-present h3")
    expect(sentence).to_contain_text("was right 67% of the time")
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    expect(page.get_by_text("What was asked so far")).to_have_count(0)
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

    phone = tabs.open(f"/?collection={workspace.sample}&present=yes", NARROW, dark=True)
    expect(phone.page.locator(".st-key-present h3")).to_contain_text("was right 67%")
    expect(phone.page.locator(".st-key-present-chart .main-svg").first).to_be_visible()
    assert phone.width() <= NARROW[0]
    assert max(phone.background()) < 60
    for part in (".st-key-present h3", ".st-key-present [data-testid=stCaptionContainer] p"):
        assert contrast(phone.colour(part), phone.background()) >= 4.5
    phone.page.get_by_role("button", name="Leave").click()
    expect(phone.page.get_by_role("button", name=BUTTON)).to_be_visible()
