"""What the SQLite log asks of its file beside the contract of its port."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from events.port import FACTS, NewRecord
from events.sqlite_log import SqliteEventLog

POLL_SECONDS = 0.1


class Counted(SqliteEventLog):
    """Counts how often its ends were read from the file."""

    asked = 0

    async def ends(self, stream: str) -> tuple[int, ...]:
        self.asked += 1
        return await super().ends(stream)


async def test_whoever_waits_reads_nothing_for_what_this_process_appends(tmp_path: Path) -> None:
    log = await Counted.open(tmp_path / "log.sqlite")
    far = asyncio.create_task(log.wait(FACTS, [1_000_000], 60))
    began = time.monotonic()
    for n in range(200):
        await log.append(FACTS, "key", [NewRecord(b"%d" % n, b"")])
    assert not far.done()
    assert 1 <= log.asked <= 2 + (time.monotonic() - began) / POLL_SECONDS
    log.asked = 0
    assert await log.wait(FACTS, [198], 60)
    assert log.asked == 0
    far.cancel()
    await log.close()
