"""The EPCIS repository: capture in JSON and XML, selective queries on a small and a large store, deep pages.

EPCIS-B1, EPCIS-B2, EPCIS-B3. Over HTTP, documents of 500 events. The bare append of the same run puts records of the
same bytes into the same kind of log. Queries answer 30 events or fewer; p50 of repeated calls, each with other values.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

import httpx
import orjson

from tests.bench.capture import DOCUMENT, _bare
from tests.bench.load import DOCK, container, documents, events, in_xml, lot, unit
from tests.bench.served import Caller, Plan, send, served
from tests.e2e.conftest import Server

MOST: Final = 20_000
"""Events of one seed: those of the next have other names."""
_CALLERS: Final = 2
_REPEATS: Final = 15
_PAGE: Final = 30
_PAGES: Final = 1000
_MASTERS: Final = orjson.dumps(
    {
        "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "type": "EPCISMasterDataDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-06-01T00:00:00Z",
        "epcisHeader": {
            "epcisMasterData": {
                "vocabularyList": [
                    {
                        "type": "urn:epcglobal:epcis:vtype:BusinessLocation",
                        "vocabularyElementList": [{"id": "urn:bench:site", "children": [DOCK]}],
                    }
                ]
            }
        },
    }
)
Ask = Callable[[random.Random, int], dict[str, str]]
"""Parameters of a query that some of `seeds` times `MOST` events meet."""


def _round(chance: random.Random) -> int:
    return chance.randrange(MOST // 10)


def _seed(chance: random.Random, seeds: int) -> int:
    return chance.randrange(1, seeds + 1)


def _event_ids(chance: random.Random, seeds: int) -> dict[str, str]:
    found = itertools.islice(events(MOST, _seed(chance, seeds)), 40)
    return {"EQ_eventID": "|".join(orjson.loads(one)["eventID"] for one in itertools.islice(found, _PAGE))}


def _degrees(chance: random.Random, seeds: int) -> dict[str, str]:
    low = 1000 * _seed(chance, seeds) + _round(chance) / 100
    return {"GE_value_CEL": f"{low:.2f}", "LT_value_CEL": f"{low + 0.07:.2f}"}


SELECTIVE: Final[dict[str, Ask]] = {
    "EQ_eventID": _event_ids,
    "MATCH_anyEPC": lambda c, n: {"MATCH_anyEPC": "|".join(unit(_seed(c, n), _round(c), 1) for _ in range(8))},
    "MATCH_epcClass": lambda c, n: {
        "MATCH_epcClass": "|".join(lot(_seed(c, n), _round(c)) for _ in range(_PAGE))
    },
    "MATCH_parentID": lambda c, n: {
        "MATCH_parentID": "|".join(container(_seed(c, n), _round(c), 0) for _ in range(_PAGE))
    },
    "EQ_transformationID": lambda c, n: {
        "EQ_transformationID": "|".join(
            f"urn:epcglobal:cbv:bt:9521000000012:MO-{_seed(c, n)}-{_round(c)}" for _ in range(_PAGE)
        )
    },
    "EQ_bizTransaction_po": lambda c, n: {
        "EQ_bizTransaction_po": f"urn:epcglobal:cbv:bt:9521000000012:{_round(c) // 20}", "perPage": str(_PAGE),
    },
    "EQ_ILMD": lambda c, n: {"EQ_ILMD_cbvmda:lotNumber": f"L{_round(c) // 10}", "perPage": str(_PAGE)},
    "GE_value_CEL": _degrees,
    "WD_bizLocation, newest": lambda c, n: {"WD_bizLocation": "urn:bench:site", "orderBy": "eventTime"},
    "EQ_bizStep, newest": lambda c, n: {"EQ_bizStep": "shipping", "orderBy": "eventTime"},
}  # fmt: skip


def bench(plan: Plan) -> None:
    """A store of 20,000 and of 100,000 events, with --full of 100,000 and 5,000,000."""
    small, large = (100_000, 5_000_000) if plan.full else (20_000, 100_000)
    for back_end in plan.back_ends:
        with served(plan, back_end) as server:
            Caller(server).capture(_MASTERS)
            rates = _captured(plan, back_end, server, small)
            before = _queried(server, small // MOST)
            print(f"{back_end:>9}: at {small:,} events: {_shown(before)}", flush=True)
            grown = _grown(server, small // MOST, large // MOST)
            after = _queried(server, large // MOST)
            print(f"{back_end:>9}: at {large:,} events: {_shown(after)}", flush=True)
            ratios = ", ".join(f"{name} {after[name] / before[name]:.2f}" for name in SELECTIVE)
            print(f"{back_end:>9}: {large:,} over {small:,}: {ratios}", flush=True)
            print(f"{back_end:>9}: capture at {large:,} stored {grown / rates:.2f} x of at the beginning", flush=True)
            _deep(server, back_end)


def _captured(plan: Plan, back_end: str, server: Server, count: int) -> float:
    """Capture `count` events, in turn JSON and XML, and print both rates; that of JSON."""
    taken = {"JSON": 0.0, "XML": 0.0}
    sent = {"JSON": 0, "XML": 0}
    for seed in range(1, count // MOST + 1):
        bodies = documents(MOST, DOCUMENT, seed, rich=True)
        half = len(bodies) // 2
        for syntax, some in (("JSON", bodies[:half]), ("XML", [in_xml(one) for one in bodies[half:]])):
            began = time.perf_counter()
            send(server, some, _CALLERS)
            taken[syntax] += time.perf_counter() - began
            sent[syntax] += len(some) * DOCUMENT
    bare = asyncio.run(_bare(plan, back_end, list(events(MOST, rich=True))))
    rates = {syntax: sent[syntax] / taken[syntax] for syntax in taken}
    told = ", ".join(f"{syntax} {rate:,.0f}/s = {rate / bare:.2f} x" for syntax, rate in rates.items())
    print(f"{back_end:>9}: documents of {DOCUMENT}, durable: {told} the bare append's {bare:,.0f}/s", flush=True)
    return rates["JSON"]


def _grown(server: Server, first: int, last: int) -> float:
    """Capture the seeds after `first`, in JSON; events a second of the last."""
    rate = 0.0
    for seed in range(first + 1, last + 1):
        bodies = documents(MOST, DOCUMENT, seed, rich=True)
        began = time.perf_counter()
        places = send(server, bodies, _CALLERS)
        rate = MOST / (time.perf_counter() - began)
        Caller(server).see(container(seed, 1, 1), places[-1])
    return rate


def _queried(server: Server, seeds: int) -> dict[str, float]:
    """Median milliseconds of each selective query."""
    found = {}
    with server.client(timeout=600) as client:
        for name, make in SELECTIVE.items():
            chance = random.Random(7)
            taken = []
            for _ in range(_REPEATS + 3):
                url = "/epcis/v2/events?" + urlencode(make(chance, seeds))
                began = time.perf_counter()
                answer = client.get(url)
                taken.append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 200, (name, answer.text[:500])
                assert answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"], (name, url)
            found[name] = statistics.median(taken[3:])
    return found


def _deep(server: Server, back_end: str) -> None:
    """Print p50 of the first pages and of those around the thousandth of one walk."""
    first, deep = [], []
    with server.client(timeout=600) as client:
        for _ in range(9):
            first.append(_timed(client.get, "/epcis/v2/events")[0])
        url = "/epcis/v2/events"
        for number in range(1, _PAGES + 5):
            seconds, answer = _timed(client.get, url)
            url = answer.links["next"]["url"]
            if number > _PAGES - 5:
                deep.append(seconds)
    one, thousand = statistics.median(first) * 1000, statistics.median(deep) * 1000
    told = f"page 1 {one:.1f} ms, page {_PAGES} {thousand:.1f} ms, ratio {thousand / one:.2f} (wanted 1.5)"
    print(f"{back_end:>9}: pages of {_PAGE}: {told}", flush=True)


def _timed(get: Callable[[str], httpx.Response], url: str) -> tuple[float, httpx.Response]:
    began = time.perf_counter()
    answer = get(url)
    return time.perf_counter() - began, answer


def _shown(milliseconds: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.1f} ms" for name, value in milliseconds.items())
