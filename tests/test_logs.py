"""The operator's log: rotating, without keys and without the text of documents."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import logs
from app.errors import BackendDown, StreamBroken
from app.logs import SafeFormatter, start_log, stop_log
from app.settings import Settings

CANARY = 'sk-"canary"-7f3e/9a51=c2'
TEXT = "the secret recipe of the soup"


def with_key(key: str = CANARY) -> Settings:
    server = {"kind": "openai", "url": "http://127.0.0.1:1", "key": key}
    return Settings.model_validate({"backends": {"api": server}})


def written(folder: Path) -> str:
    for handler in logging.getLogger().handlers:
        handler.flush()
    return (folder / "logs" / "assay.log").read_text(encoding="utf-8")


def test_own_sentences_are_written_with_time_and_place(tmp_path: Path) -> None:
    start_log(tmp_path, with_key())
    logging.getLogger("app.documents.ingesting").info("%d passages of %s", 12, "abc")
    line = written(tmp_path)
    assert line.endswith("Z INFO app.documents.ingesting: 12 passages of abc\n")
    assert line.startswith("20")


@pytest.mark.parametrize(
    "shape",
    [CANARY, repr(CANARY), json.dumps(CANARY), quote(CANARY), quote(CANARY, safe=""), f"Bearer {CANARY}x"],
)
def test_a_key_is_never_written(shape: str, tmp_path: Path) -> None:
    start_log(tmp_path, with_key())
    log = logging.getLogger("app.backends")
    log.info("sent %s", shape)
    log.info(f"sent {shape}")  # noqa: G004 - whatever way it came in
    log.info("sent %r", {"Authorization": shape})
    for raised in (BackendDown(f"said {shape}"), ValueError(shape)):
        try:
            raise raised
        except (BackendDown, ValueError):
            log.exception("failed")
    text = written(tmp_path)
    for part in (CANARY, shape, "canary"):
        assert part not in text
    assert text.count("[key]") >= 4


def test_of_two_keys_the_longer_goes_whole(tmp_path: Path) -> None:
    servers = {
        name: {"kind": "openai", "url": "http://a", "key": key}
        for name, key in (("a", "abcdef"), ("b", "abcdefghij"))
    }
    start_log(tmp_path, Settings.model_validate({"backends": servers}))
    logging.getLogger("app").info("abcdefghij abcdef")
    assert written(tmp_path).endswith("app: [key] [key]\n")


def test_a_key_at_the_place_where_a_long_message_is_cut_is_not_halved(tmp_path: Path) -> None:
    start_log(tmp_path, with_key())
    logging.getLogger("app").info("%s%s", "x" * (logs.LONGEST - 10), CANARY)
    assert "canary" not in written(tmp_path)
    assert "sk-" not in written(tmp_path)


def test_words_of_other_libraries_are_not_kept(tmp_path: Path) -> None:
    start_log(tmp_path, with_key())
    other = logging.getLogger("somelibrary.parser")
    other.info("not even this line")
    other.warning("cannot parse %s", TEXT)
    text = written(tmp_path)
    assert TEXT not in text
    assert "WARNING somelibrary.parser: (its words are not kept) test_logs.py:" in text
    assert text.count("\n") == 1


def test_an_error_keeps_its_places_and_types_but_not_what_it_quotes(tmp_path: Path) -> None:
    start_log(tmp_path, with_key())
    try:
        try:
            int(TEXT)
        except ValueError as cause:
            raise StreamBroken("The stream ended.", "Ask again.") from cause
    except StreamBroken:
        logging.getLogger("app").exception("a lane failed")
    text = written(tmp_path)
    assert TEXT not in text
    assert "app.errors.StreamBroken: The stream ended. Ask again." in text
    assert "builtins.ValueError\n" in text
    assert "test_logs.py" in text
    assert "test_an_error_keeps_its_places" in text


def test_what_a_message_holds_cannot_make_a_line_of_its_own(tmp_path: Path) -> None:
    start_log(tmp_path, with_key())
    logging.getLogger("app").info("name %s", "a\n2026 ERROR forged\r\x1b[31m\u2028b")
    text = written(tmp_path)
    assert text.count("\n") == 1
    assert "a\\n2026 ERROR forged\\r\\u001b[31m\\u2028b" in text


def test_a_long_message_is_cut(tmp_path: Path) -> None:
    start_log(tmp_path, with_key())
    logging.getLogger("app").info("x" * 5000)
    assert len(written(tmp_path)) < logs.LONGEST + 100
    assert "(5000 characters)" in written(tmp_path)


def test_the_log_rotates_and_old_ones_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 1000)
    start_log(tmp_path, with_key())
    for _ in range(200):
        logging.getLogger("app").info("a sentence of about fifty characters, as usual")
    files = sorted(path.name for path in (tmp_path / "logs").iterdir())
    assert files == ["assay.log", *(f"assay.log.{n}" for n in range(1, logs.KEPT + 1))]
    assert all(path.stat().st_size <= 1000 for path in (tmp_path / "logs").iterdir())


def test_starting_again_moves_the_log(tmp_path: Path) -> None:
    start_log(tmp_path / "a", with_key())
    start_log(tmp_path / "b", with_key())
    logging.getLogger("app").info("once")
    assert not (tmp_path / "a" / "logs" / "assay.log").exists()
    assert written(tmp_path / "b").count("once") == 1
    stop_log()
    logging.getLogger("app").info("after")
    assert "after" not in written(tmp_path / "b")


def test_no_folder_no_log_and_no_fall(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").write_text("a file stands in the way")
    assert start_log(tmp_path, with_key()) is None
    logging.getLogger("app").info("nothing happens")
    assert "No log is written" in capsys.readouterr().err


def test_a_log_that_cannot_be_written_is_said_once_without_what_it_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start_log(tmp_path, with_key())
    (tmp_path / "logs" / "assay.log").mkdir()
    for _ in range(3):
        logging.getLogger("app").error("%s", TEXT)
    said = capsys.readouterr().err
    assert said.count("cannot be written") == 1
    assert TEXT not in said


@given(
    st.text("абвгд ", max_size=200), st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6)
)
def test_nothing_around_a_key_brings_it_through(text: str, key: str) -> None:
    for shape in (key, repr(key), json.dumps(key), repr(json.dumps(key)), quote(key)):
        record = logging.LogRecord("app", logging.INFO, "x.py", 1, "%s%s%s", (text, shape, text), None)
        line = SafeFormatter([key]).format(record).split("app: ", 1)[1]
        assert line.replace("'", "").replace('"', "").replace("\\", "") == f"{text}[key]{text}"


def test_a_stack_never_loops(tmp_path: Path) -> None:
    start_log(tmp_path, with_key())
    first, second = ValueError("one"), ValueError("two")
    first.__context__, second.__context__ = second, first
    logging.getLogger("app").error("odd", exc_info=(ValueError, first, None))
    assert written(tmp_path).count("builtins.ValueError") == 2
