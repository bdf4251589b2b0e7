"""Each guard of TRUST.md has a test that fails without it; see ``tests.guards``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.guards import GUARDS, Guard, copied, fits, noticed


@pytest.mark.parametrize("guard", GUARDS, ids=lambda one: one.name)
def test_without_its_guard_a_test_fails(
    guard: Guard, soak: bool, tmp_path: Path, trials: Callable[[str, int], None]
) -> None:
    """That the test fails is tried by `make soak`; that the table fits the sources, always."""
    assert fits(guard) == ""
    if soak:
        assert noticed(guard, copied(tmp_path)) == ""
        trials(f"guards taken away: {guard.name}", 1)
