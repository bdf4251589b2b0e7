"""When `serve` opens a browser, and what it calls its address."""

from __future__ import annotations

import pytest

from app.server import address_of, has_browser
from app.settings import load

SCREEN = {"DISPLAY": ":0"}


@pytest.mark.parametrize(
    ("terminal", "environment", "platform", "wanted"),
    [
        (True, SCREEN, "linux", True),
        (True, {"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        (True, {}, "win32", True),
        (True, {}, "darwin", True),
        (True, {}, "linux", False),
        (False, SCREEN, "linux", False),
        (False, {}, "darwin", False),
        (True, {**SCREEN, "CI": "true"}, "linux", False),
        (True, {**SCREEN, "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "linux", False),
        (True, {"SSH_TTY": "/dev/pts/1"}, "darwin", False),
    ],
)
def test_a_browser_is_opened_only_before_a_person(
    terminal: bool, environment: dict[str, str], platform: str, wanted: bool
) -> None:
    assert has_browser(terminal=terminal, environment=environment, platform=platform) is wanted


def test_the_address_is_one_that_a_browser_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address_of(load()) == "http://127.0.0.1:8501"
    monkeypatch.setenv("ASSAY_ADDRESS", "::1")
    assert address_of(load()) == "http://[::1]:8501"
