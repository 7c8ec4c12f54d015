"""Prometheus' own tool, which Debian's package `prometheus` has. Missing, it skips its tests, or fails them in CI."""

from __future__ import annotations

import os
import shutil

import pytest


@pytest.fixture(scope="session")
def promtool() -> str:
    """The program's path."""
    found = shutil.which("promtool")
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no promtool: apt-get install prometheus")
    return str(found)
