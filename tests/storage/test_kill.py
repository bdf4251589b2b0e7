"""SIGKILL in the middle of writes: nothing half visible, nothing lost that was said to be saved."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.kill
def test_nothing_is_half_there(tmp_path: Path, soak: bool, trials: Callable[[str, int], None]) -> None:
    command = [sys.executable, "-m", "tests.storage.killing", str(tmp_path), "0" if soak else "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    unguarded = found.pop("kills without the guard")
    assert unguarded["wrong"], "with every statement committed at once this test must notice"
    for what, result in found.items():
        trials(what, result["trials"])
        assert result["wrong"] == []
        assert result["trials"] >= 2
