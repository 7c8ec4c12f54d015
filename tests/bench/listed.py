"""The whole list of what a lot reached, streamed as NDJSON over HTTP: objects a second, and memory of the service.

Two lots of one store, the second with ten times as many objects, whose list should come at the same pace and in the
same memory. The client counts lines and does nothing else.
"""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from typing import Final

import orjson

from tests.bench.load import FANNED, fan, fan_root, fanned
from tests.bench.served import Caller, Plan, resident_mb, send, served
from tests.e2e.conftest import Server

_PIECE: Final = 1 << 20


@dataclass(frozen=True)
class Listed:
    """Lines and seconds of one list, MB resident before it, when it begins to come, and at most until its end."""

    lines: int
    seconds: float
    before: float
    begun: float
    most: float


def bench(plan: Plan) -> None:
    """Lists of 10,000 and 100,000 objects, with --full of 100,000 and 1,000,000."""
    sizes = (100_000, 1_000_000) if plan.full else (10_000, 100_000)
    for back_end in plan.back_ends:
        with served(plan, back_end) as server:
            told = []
            for number, size in enumerate(sizes):
                lots = size // FANNED
                place = send(server, fan(lots, number), 1)[-1]
                Caller(server).see(fanned(lots - 1, 0, number), place)
                told.append(_listed(server, fan_root(number)))
                assert told[-1].lines > size, "every unit is listed"
            for one in told:
                print(
                    f"{back_end:>9}: {one.lines:,} objects in {one.seconds:.1f} s, {one.lines / one.seconds:,.0f}/s; "
                    f"{one.before:.0f} MB before, {one.begun:.0f} when it begins to come, {one.most:.0f} at most",
                    flush=True,
                )
            few, many = told
            pace, more = (many.lines / many.seconds) / (few.lines / few.seconds), many.most - many.begun
            print(f"{back_end:>9}: {pace:.2f} × the pace, {more:.0f} MB more while it comes", flush=True)


def _listed(server: Server, root: str) -> Listed:
    assert server.process is not None
    process = server.process.pid
    before, began = resident_mb(process), time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    headers = {"content-type": "application/json", "accept": "application/x-ndjson"}
    connection.request("POST", "/api/v1/impact", orjson.dumps({"seeds": [{"object": root}]}), headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()[:500]
    begun = most = resident_mb(process)
    lines = 0
    while piece := answer.read(_PIECE):
        lines += piece.count(b"\n")
        most = max(most, resident_mb(process))
    return Listed(lines, time.perf_counter() - began, before, begun, most)
