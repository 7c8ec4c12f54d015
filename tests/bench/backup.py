"""`stemma backup` while serving, and `stemma restore` into an empty folder, against copying the files; one answer of
before and after.

The copy is `shutil.copytree` of a folder whose server has ended: what a plant without Stemma's own backup would do.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.load import documents, lot
from tests.bench.served import Caller, Plan, send, served
from tests.e2e.conftest import Server


def bench(plan: Plan) -> None:
    """Print seconds of each, embedded, and their ratio to the copy."""
    count = 200_000 if plan.full else 20_000
    with served(plan, "embedded") as server:
        for seed in range(0, count, 20_000):
            places = send(server, documents(20_000, 500, seed=seed // 20_000 + 1), 2)
        Caller(server).see(lot(1, 7), places[-1])
        before = _answer(server)
        saved, copied = server.data.parent / "saved", server.data.parent / "copied"
        backup = _seconds(lambda: server.stemma("backup", str(saved), seconds=3600))
        server.stop()
        copy = _seconds(lambda: shutil.copytree(server.data, copied))
        other = Server(server.data.parent / "other")
        restore = _seconds(lambda: other.stemma("restore", str(saved), seconds=3600))
        try:
            level = _seconds(lambda: _level(other.start()))
            assert _answer(other) == before, "the answers of that second"
        finally:
            other.stop()
        size = sum(one.stat().st_size for one in Path(saved).rglob("*") if one.is_file()) / 2**20
    told = f"backup while serving {backup:.1f} s, restore {restore:.1f} s, its answer after {level:.1f} s more"
    ratios = f"copy of the folder {copy:.1f} s; ratio {backup / copy:.0f}, {(restore + level) / copy:.0f}"
    print(f" embedded: {count:,} events, {size:,.0f} MiB saved: {told}; {ratios}", flush=True)


def _answer(server: Server) -> list[object]:
    """What an impact says of objects: all of it but where in the log it was asked."""
    with server.client(timeout=600) as client:
        told = client.post("/api/v1/impact", json={"seeds": [{"object": lot(1, 7)}], "limit": 1000}).json()
        return [told["totals"], told["objects"]]


def _level(server: Server) -> None:
    """Return once the projections have read the whole log."""
    with server.client() as client:
        while client.get("/health/ready").json()["lag_events"]:
            time.sleep(0.05)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
