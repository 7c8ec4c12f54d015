"""How long a small request is held up by what else the serving process has to do, embedded, over HTTP.

One caller asks for the provenance of an item again and again, resting 5 ms between; beside it, in a process of its own,
nothing happens, documents of 500 are captured, an impact of 100,000 objects is answered and streamed, or the
projections are made again. The aim is that nothing holds a request up by more than 100 ms; a machine that is not idle
does too, which the first line shows.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from typing import Final
from urllib.parse import quote

import orjson

from tests.bench.load import documents, fan, fan_root, fanned, unit
from tests.bench.served import Caller, Plan, send, served
from tests.e2e.conftest import Server

_LOTS: Final = 100
_REST: Final = 0.005
_JSON: Final = {"content-type": "application/json"}


def bench(plan: Plan) -> None:
    """A store of 20,000 events, with --full of 200,000, and a lot that went into 100,000 units."""
    count = 200_000 if plan.full else 20_000
    with served(plan, "embedded") as server, ProcessPoolExecutor(1) as beside:
        send(server, documents(count, 500), 4)
        place = send(server, fan(_LOTS), 1)[-1]
        Caller(server).see(fanned(_LOTS - 1, 0), place)
        works: dict[str, Callable[[Server], None]] = {
            "nothing": _rested, "captures of 500": _captured, "answers of 100,000 objects": _answered,
            "lists of 100,000 objects": _listed, "a rebuild": _rebuilt,
        }  # fmt: skip
        for name, work in works.items():
            begun = beside.submit(work, replace(server, process=None))
            print(f"beside {name}: {_told(_asked(server, begun))}", flush=True)


def _asked(server: Server, work: Future[None]) -> list[float]:
    """Seconds of each request until the work is done."""
    caller, taken = Caller(server), list[float]()
    path = f"/api/v1/provenance?object={quote(unit(1, 7, 1), safe='')}"
    while not work.done():
        began = time.perf_counter()
        caller.call("GET", path, None, {})
        taken.append(time.perf_counter() - began)
        time.sleep(_REST)
    work.result()
    return taken


def _told(taken: list[float]) -> str:
    ordered = sorted(one * 1000 for one in taken)
    most, late = ordered[len(ordered) * 99 // 100], sum(one > 100 for one in ordered)
    middle = f"p50 {statistics.median(ordered):.1f} ms, p99 {most:.1f} ms"
    return f"{len(ordered):,} requests, {middle}, longest {ordered[-1]:.0f} ms, {late} above 100 ms"


def _rested(server: Server) -> None:
    time.sleep(5)


def _captured(server: Server) -> None:
    send(server, documents(20_000, 500, seed=900), 2)


def _answered(server: Server) -> None:
    caller, question = Caller(server), orjson.dumps({"seeds": [{"object": fan_root()}], "limit": 100})
    for _ in range(20):
        caller.call("POST", "/api/v1/impact", question, _JSON)


def _listed(server: Server) -> None:
    caller, question = Caller(server), orjson.dumps({"seeds": [{"object": fan_root()}]})
    for _ in range(3):
        caller.call("POST", "/api/v1/impact", question, {**_JSON, "accept": "application/x-ndjson"})


def _rebuilt(server: Server) -> None:
    with server.client() as client:
        job = client.post("/api/v1/system/rebuild", json={}).raise_for_status().json()["id"]
        while client.get(f"/api/v1/system/jobs/{job}").raise_for_status().json()["state"] == "running":
            time.sleep(0.2)
