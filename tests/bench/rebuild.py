"""A rebuild of the projections from a log of N events, by `stemma rebuild`, against reading that log to its end."""

from __future__ import annotations

import asyncio
import time

from events.envelope import decode
from events.port import FACTS
from services import bootstrap
from services.settings import load_settings
from tests.bench.load import documents
from tests.bench.served import Plan, send, served
from tests.e2e.conftest import Server


def bench(plan: Plan) -> None:
    """Print seconds, rate, and ratio to the bare reading of each back end."""
    count = 1_000_000 if plan.full else 20_000
    for back_end in plan.back_ends:
        with served(plan, back_end) as server:
            for seed in range(0, count, 20_000):
                send(server, documents(min(20_000, count - seed), 500, seed=seed // 20_000 + 1), 2)
            server.stop()
            bare = asyncio.run(_read(server))
            began = time.perf_counter()
            server.stemma("rebuild", seconds=7200)
            seconds = time.perf_counter() - began
        print(
            f"{back_end:>9}: rebuild of {count:,} events in {seconds:.1f} s, {count / seconds:,.0f}/s; reading the log "
            f"alone {bare:.1f} s; ratio {seconds / bare:.1f}",
            flush=True,
        )


async def _read(server: Server) -> float:
    """Seconds to read every record and its envelope."""
    urls = {
        name.removeprefix("STEMMA_").lower(): value for name, value in server.env.items() if name.startswith("STEMMA_")
    }
    log = await bootstrap.open_log(load_settings(data=server.data, **urls), read_only=not urls)
    try:
        began, after = time.perf_counter(), -1
        while records := await log.read(FACTS, 0, after, 1000):
            after = records[-1].offset
            for record in records:
                decode(record.envelope)
        return time.perf_counter() - began
    finally:
        await log.close()
