"""The frame of every page: refusals, the guard, the sidebar."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.errors import DatabaseTrouble
from app.services import install
from storage.database import Database
from tests.ui.opened import ROOT, SECONDS, FakeServer, filled, opened
from tests.ui.streamlit_markdown import bare
from tests.waiting import until


def script(body: Callable[[], None]) -> AppTest:
    return AppTest.from_function(body, default_timeout=SECONDS).run()


def framed(page: str = "") -> AppTest:
    """A page with everything that stands around it, as a new session sees it."""
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=SECONDS)
    if page:
        test.switch_page(page)
    test.run()
    assert not test.exception
    return test


def mend(test: AppTest) -> None:
    """Press the banner's button."""
    test._finished_page_script_hash = ""  # else its second run leaves out what stands around the page
    test.button(key="mend-index").click().run()
    assert not test.exception


def test_an_error_of_ours_is_told_in_three_parts() -> None:
    def body() -> None:
        from app.errors import NotAllowed
        from app.ui.frame import guard

        with guard("The $5 and $6 are kept."):
            raise NotAllowed("No <b>such</b> thing.", "Do `this`.")

    test = script(body)
    assert not test.exception
    assert test.error[0].value == (
        "**No \\<b\\>such\\<\\/b\\> thing\\.**\n\nThe \\$5 and \\$6 are kept\\.\n\nDo `this`\\."
    )


def test_an_index_that_nobody_could_look_at_offers_no_rebuild() -> None:
    def body() -> None:
        from app.ui.banners import unseen_banner

        unseen_banner("")
        unseen_banner("The index could not be looked at: the disk is full. Make room.")

    test = script(body)
    assert not test.exception and not test.button
    assert len(test.error) == 1
    assert "the disk is full" in test.error[0].value
    assert "is not known" in test.error[0].value


@pytest.mark.page_fails
def test_any_other_error_is_logged_and_told_without_its_details(caplog: pytest.LogCaptureFixture) -> None:
    def body() -> None:
        from app.ui.frame import guard

        with guard():
            raise ZeroDivisionError("a secret")

    with caplog.at_level(logging.ERROR):
        test = script(body)
    assert not test.exception
    assert "secret" not in bare(test)
    assert "Something went wrong inside Assay" in bare(test)
    assert "A page failed" in caplog.text


def test_a_rerun_and_a_stop_are_no_errors() -> None:
    def body() -> None:
        import streamlit as st

        from app.ui.frame import guard

        with guard():
            st.stop()

    test = script(body)
    assert not test.error


def test_data_that_cannot_be_opened_is_said_as_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(None)
    monkeypatch.setenv("ASSAY_DATA", str(tmp_path))
    monkeypatch.setenv("ASSAY_PORT", "many")
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=SECONDS).run()
    assert not test.exception
    assert "Assay cannot start" in bare(test)
    assert "ASSAY_PORT" in bare(test)
    assert [one.label for one in test.button] == ["Try again"]


@pytest.mark.integration  # a whole page
def test_a_page_opened_by_its_address_right_after_a_start_gets_its_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until st.navigation was called once, Streamlit runs the files of pages/ on their own."""
    with opened(tmp_path, monkeypatch):
        test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=SECONDS)
        test.switch_page("pages/costs.py")
        test.run()
        assert not test.exception
        assert "framed" in test.session_state


@pytest.mark.integration  # a whole page
def test_the_sidebar_tells_collection_health_version_and_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, monkeypatch, FakeServer()) as (services, _):
        first = filled(services, "Zebra", rope="The rope is red.")
        second = filled(services, "Ropes", rope="The rope is blue.")
        test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=SECONDS)
        test.query_params["collection"] = second.id
        test.run()
        assert not test.exception
        side = test.sidebar
        told = " ".join(str(one.value) for one in side.caption)
        assert "● fake\\: ready\\, 1 models" in told
        assert "Assay 0\\.1\\.0" in told
        assert side.selectbox[0].value == second.id
        side.selectbox[0].set_value(first.id).run()
        assert test.query_params["collection"] == first.id


@pytest.mark.integration  # whole pages
def test_a_damaged_index_is_told_on_every_page_and_mended_by_one_click(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, monkeypatch, FakeServer()) as (services, _):
        collection = filled(services, "Ropes", rope="The rope is red.")
        services.index.close()
        (services.folder / "chroma" / "chroma.sqlite3").write_bytes(b"no database" * 500)
        services.probe_index()
        until(lambda: services.index_trouble)
        first, second = framed(), framed("pages/documents.py")
        for test in (first, second):
            assert "only the index for searching is hurt" in bare(test)
        mend(first)
        mend(second)  # by then it is under way, or has ended
        until(lambda: not services.index_trouble)
        until(lambda: not any(one.busy for one in services.ingesting.upkeep.recent("")))
        for test in (framed(), framed("pages/documents.py")):
            assert "mend-index" not in [one.key for one in test.button]
            assert "The index was rebuilt" in bare(test)
            assert "only the index for searching is hurt" not in bare(test)
        found = services.searching.search(collection.id, "red rope", 4, ())
        assert [one.passage.document_name for one in found] == ["rope.txt"]


@pytest.mark.integration  # whole pages
def test_two_who_mend_the_index_at_once_do_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path, monkeypatch, FakeServer()) as (services, _):
        filled(services, "Ropes", rope="The rope is red.")
        held, mended = threading.Event(), []

        def rebuild(*_: object, **__: object) -> None:
            mended.append(True)
            assert held.wait(20)

        monkeypatch.setattr(services.ingesting, "mend_index", rebuild)
        services.index_trouble = "The index is damaged."
        first, second = framed(), framed()
        mend(first)
        mend(second)
        for test in (first, second, framed("pages/costs.py")):  # any page, and after a reload
            (bar,) = test.get("progress")
            assert "Rebuilding the index of every collection" in bar.proto.text
            assert "mend-index" not in [one.key for one in test.button]
        held.set()
        until(lambda: not services.index_trouble)
        assert mended == [True]


@pytest.mark.integration  # whole pages
def test_a_database_that_cannot_be_written_is_told_on_every_page_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, monkeypatch, FakeServer()) as (services, _):
        collection = filled(services, "Ropes", rope="The rope is red.")
        whole = Database._commit

        def full(*_: object) -> None:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

        monkeypatch.setattr(Database, "_commit", full)
        with pytest.raises(DatabaseTrouble):
            services.collections.rename(collection.id, "Cables")
        for page in ("ask", "documents", "experiments", "costs", "models"):
            told = bare(framed(f"pages/{page}.py"))
            assert "Nothing can be saved now" in told, page
            assert "The disk is full" in told, page
        monkeypatch.setattr(Database, "_commit", whole)
        services.collections.rename(collection.id, "Cables")
        assert "Nothing can be saved now" not in bare(framed())
