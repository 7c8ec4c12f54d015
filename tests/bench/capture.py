"""Capture over HTTP in documents of 500: until durable, and until a recall shows them, against a bare append.

The bare append puts the same events as records of the same size into the same kind of log, in the same commits, and
does nothing else.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from events.port import FACTS, EventLog, NewRecord
from events.sqlite_log import SqliteEventLog
from tests.bench.load import container, documents, events
from tests.bench.served import Caller, Plan, send, served

DOCUMENT: Final = 500
CALLERS: Final = 4
_ENVELOPE: Final = b"e" * 450
"""As long as the envelopes that capture writes."""
_WARM: Final = 2_000


def bench(plan: Plan) -> None:
    """Print both rates of each back end and their ratios to the bare append."""
    count = 200_000 if plan.full else 20_000
    for back_end in plan.back_ends:
        bare = asyncio.run(_bare(plan, back_end, list(events(count))))
        durable, visible = _captured(plan, back_end, count)
        print(
            f"{back_end:>9}: {count:,} events in documents of {DOCUMENT}, {CALLERS} callers: durable {durable:,.0f}/s, "
            f"visible {visible:,.0f}/s; bare append {bare:,.0f}/s; ratio {durable / bare:.2f}, {visible / bare:.2f}",
            flush=True,
        )


def _captured(plan: Plan, back_end: str, count: int) -> tuple[float, float]:
    """Events a second until all are acknowledged, and until a recall that waits for the last one is answered."""
    with served(plan, back_end) as server:
        key = container(1, count // 10 - 1, 1)
        Caller(server).see(key, send(server, documents(_WARM, DOCUMENT, seed=2), CALLERS)[-1])
        bodies = documents(count, DOCUMENT)
        began = time.perf_counter()
        places = send(server, bodies, CALLERS)
        durable = time.perf_counter() - began
        Caller(server).see(key, places[-1])
        return count / durable, count / (time.perf_counter() - began)


async def _bare(plan: Plan, back_end: str, raw: Sequence[bytes]) -> float:
    """Events a second of appends alone, as many in flight as capture has callers."""
    with tempfile.TemporaryDirectory() as folder:
        log = await _log(plan, back_end, Path(folder))
        try:
            begun = iter(range(0, len(raw), DOCUMENT))

            async def work() -> None:
                for at in begun:
                    await log.append(FACTS, "bench", [NewRecord(_ENVELOPE, one) for one in raw[at : at + DOCUMENT]])

            began = time.perf_counter()
            await asyncio.gather(*(work() for _ in range(CALLERS)))
            return len(raw) / (time.perf_counter() - began)
        finally:
            await log.close()


async def _log(plan: Plan, back_end: str, folder: Path) -> EventLog:
    if back_end == "embedded":
        return await SqliteEventLog.open(folder / "log.sqlite")
    from events.kafka_log import KafkaEventLog

    return await KafkaEventLog.open(f"kafka://{plan.servers['kafka']}/bench_{uuid.uuid4().hex[:12]}")
