"""Power cuts under the SQLite log, simulated from a record of what it wrote and flushed."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from tests.faults.power import Disk, cuts, recorded, survived

pytestmark = pytest.mark.slow
APPENDS = 60
CUTS = 120
SEED = 7


@pytest.fixture
def strace() -> None:
    if shutil.which("strace") is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("strace records the writes: install it (Debian: apt-get install strace)")


@pytest.mark.usefixtures("strace")
async def test_what_was_acknowledged_survives_a_power_cut_at_any_instant(tmp_path: Path) -> None:
    assert await cuts(tmp_path, APPENDS, CUTS, SEED) == CUTS


@pytest.mark.usefixtures("strace")
async def test_flushes_left_out_would_be_noticed(tmp_path: Path) -> None:
    """The harness can fail: without the flushes, acknowledged events are lost."""
    (tmp_path / "run").mkdir()
    calls = recorded(tmp_path / "run", 20, SEED)
    disk, lost = Disk(tmp_path / "run"), 0
    for call in calls:
        if disk.acknowledged == 15:
            break
        if call.name not in ("fsync", "fdatasync"):
            disk.do(call)
    for seed in range(5):
        left = tmp_path / f"cut-{seed}"
        left.mkdir()
        disk.leave(left, random.Random(seed))
        try:
            lost += len(await survived(left / "log.sqlite")) < disk.acknowledged
        except Exception:
            lost += 1
    assert lost
