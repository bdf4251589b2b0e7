"""Parts that a machine may lack: a test skips with one line, or fails where the part is required."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def require(part: str, why: str) -> NoReturn:
    """Skip because ``part`` is missing; fail where ASSAY_REQUIRE (a comma list) names it."""
    required = {one.strip() for one in os.environ.get("ASSAY_REQUIRE", "").split(",")}
    if part in required:
        pytest.fail(f"{part} is required here, but: {why}", pytrace=False)
    pytest.skip(f"{part}: {why}")
