"""One scan over HTTP: how long until it is acknowledged, and until a recall that waits for it is answered.

The alternative of the same run is one record appended to a bare log of the same kind. Embedded, a scan is answered
when the projections have it, so both figures are close.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
import uuid
from pathlib import Path

import orjson

from events.port import FACTS, NewRecord
from tests.bench.capture import _log
from tests.bench.load import DOCK, documents, unit
from tests.bench.served import Caller, Plan, send, served

_BEFORE = 5_000
"""Events that are there already."""


def bench(plan: Plan) -> None:
    """Print p50 and p99 in milliseconds of each back end."""
    count = 2_000 if plan.full else 300
    for back_end in plan.back_ends:
        bare = asyncio.run(_bare(plan, back_end, count))
        with served(plan, back_end) as server:
            places = send(server, documents(_BEFORE, 500), 2)
            Caller(server).see(_item(0), places[-1])
            taken, seen = _scans(Caller(server), count)
        print(
            f"{back_end:>9}: {count} scans, ms p50/p99: acknowledged {_shown(taken)}, visible {_shown(seen)}; "
            f"bare append {_shown(bare)}; p99 ratio {_at(taken, 99) / _at(bare, 99):.1f}",
            flush=True,
        )


def _scans(caller: Caller, count: int) -> tuple[list[float], list[float]]:
    """Seconds until acknowledged and until visible, scan by scan."""
    taken, seen = [], []
    for number in range(count + 20):
        body = {
            "activity": "move", "objects": [_item(number)], "place": DOCK, "id": uuid.uuid4().hex,
            "time": f"2026-07-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}+08:00",
        }  # fmt: skip
        began = time.perf_counter()
        place = caller.scan(orjson.dumps(body))
        taken.append(time.perf_counter() - began)
        caller.see(_item(number), place)
        seen.append(time.perf_counter() - began)
    return taken[20:], seen[20:]


def _item(number: int) -> str:
    return unit(1, number % 500, number % 4)


async def _bare(plan: Plan, back_end: str, count: int) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        log = await _log(plan, back_end, Path(folder))
        try:
            found = []
            for _ in range(count):
                began = time.perf_counter()
                await log.append(FACTS, "bench", [NewRecord(b"e" * 450, b"r" * 400)] * 2)
                found.append(time.perf_counter() - began)
            return found
        finally:
            await log.close()


def _shown(seconds: list[float]) -> str:
    return f"{_at(seconds, 50) * 1000:.1f}/{_at(seconds, 99) * 1000:.1f}"


def _at(seconds: list[float], percent: int) -> float:
    return sorted(seconds)[min(len(seconds) - 1, len(seconds) * percent // 100)]
