"""The EPCIS repository: capture in JSON and XML, selective queries on a small and a large store, deep pages.

EPCIS-B1, EPCIS-B2, EPCIS-B3. Over HTTP, documents of 500 events. What is compared takes turns (JSON, XML and the bare
append of records of the same bytes; the small store and the large one, both served at once; the first page and the
thousandth), so that other work on the machine is in both. Queries answer 30 events or fewer, each with other values.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Final
from urllib.parse import urlencode

import httpx
import orjson

from tests.bench.capture import DOCUMENT, _bare
from tests.bench.load import DOCK, container, documents, events, in_xml, lot, unit
from tests.bench.served import Caller, Plan, send, served
from tests.e2e.conftest import Server

MOST: Final = 10_000
"""Events of one seed: those of the next have other names."""
_CALLERS: Final = 2
_FILLERS: Final = 4
_REPEATS: Final = 18
_TURNS: Final = 5
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
    found = itertools.islice(events(MOST, _seed(chance, seeds)), _PAGE)
    return {"EQ_eventID": "|".join(orjson.loads(one)["eventID"] for one in found)}


def _degrees(chance: random.Random, seeds: int) -> dict[str, str]:
    """The hottest few: values grow with the seed and the round."""
    return {"GE_value_CEL": f"{1000 * seeds + MOST / 1000 - chance.randrange(3, 8) / 100:.2f}"}


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
        "EQ_bizTransaction_po": f"urn:epcglobal:cbv:bt:9521000000012:{_seed(c, n)}-{_round(c) // 20}",
    },
    "EQ_ILMD": lambda c, n: {"EQ_ILMD_cbvmda:lotNumber": f"L{_seed(c, n)}-{_round(c) // 10}"},
    "GE_value_CEL": _degrees,
    "WD_bizLocation, newest": lambda c, n: {"WD_bizLocation": "urn:bench:site", "orderBy": "eventTime"},
    "EQ_bizStep, newest": lambda c, n: {"EQ_bizStep": "shipping", "orderBy": "eventTime"},
}  # fmt: skip


def bench(plan: Plan) -> None:
    """A store of 10,000 and one of 50,000 events, with --full of 100,000 and 5,000,000, on servers 1,000,000."""
    for back_end in plan.back_ends:
        large = 500 if back_end == "embedded" else 100
        _compared(plan, back_end, *((10, large) if plan.full else (1, 5)))


def _compared(plan: Plan, back_end: str, small: int, large: int) -> None:
    """Both stores have genealogies of their own, which no query asks: a Neo4j has one database for both."""
    graph = {"STEMMA_GRAPH_URL": "embedded:"}
    with served(plan, back_end, **graph) as little, served(plan, back_end, **graph) as big:
        _fill(little, small)
        _fill(big, large)
        _queried(back_end, (little, small), (big, large))
        _deep(back_end, big)
        _captured(plan, back_end, (little, small), (big, large))


def _fill(server: Server, seeds: int) -> None:
    """`MOST` events of each seed; while some are sent, another process makes the next."""
    Caller(server).capture(_MASTERS)
    with ProcessPoolExecutor(1) as maker:
        coming = maker.submit(_made, 1)
        for seed in range(1, seeds + 1):
            bodies, coming = coming.result(), maker.submit(_made, min(seed + 1, seeds))
            places = send(server, bodies, _FILLERS)
    Caller(server).see(container(seeds, 1, 1), places[-1])


def _made(seed: int) -> list[bytes]:
    return documents(MOST, DOCUMENT, seed, rich=True)


def _captured(plan: Plan, back_end: str, *stores: tuple[Server, int]) -> None:
    """Print the rates of capture into each store, JSON and XML, beside the bare append's, in the median of turns."""
    rates: dict[str, list[float]] = defaultdict(list)
    fresh = itertools.count(2000)
    for turn in range(_TURNS):
        raw = list(events(4 * DOCUMENT, 1000 + turn, rich=True))
        rates["bare append"].append(asyncio.run(_bare(plan, back_end, raw)))
        for server, seeds in stores:
            for syntax in ("JSON", "XML"):
                bodies = documents(4 * DOCUMENT, DOCUMENT, next(fresh), rich=True)
                bodies = [in_xml(one) for one in bodies] if syntax == "XML" else bodies
                began = time.perf_counter()
                send(server, bodies, _CALLERS)
                taken = time.perf_counter() - began
                rates[f"{syntax} at {seeds * MOST:,}"].append(4 * DOCUMENT / taken)
    bare = statistics.median(rates["bare append"])
    for name, some in rates.items():
        rate = statistics.median(some)
        print(f"{back_end:>9}: documents of {DOCUMENT}, {name}: {rate:,.0f}/s, {rate / bare:.2f} x bare", flush=True)


def _queried(back_end: str, *stores: tuple[Server, int]) -> None:
    """Print p50 of each selective query on both stores, asked in turns."""
    small, large = stores
    with small[0].client(timeout=600) as first, large[0].client(timeout=600) as second:
        for name, make in SELECTIVE.items():
            chance, taken = random.Random(7), (list[float](), list[float]())
            for _ in range(_REPEATS):
                for client, seeds, some in ((first, small[1], taken[0]), (second, large[1], taken[1])):
                    seconds, answer = _timed(client.get, "/epcis/v2/events?" + urlencode(make(chance, seeds)))
                    assert answer.status_code == 200, (name, answer.text[:500])
                    assert answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"], name
                    some.append(seconds * 1000)
            one, other = (statistics.median(some[3:]) for some in taken)
            told = (
                f"{one:.1f} ms at {small[1] * MOST:,}, {other:.1f} ms at {large[1] * MOST:,}, ratio {other / one:.2f}"
            )
            print(f"{back_end:>9}: {name}: {told} (wanted 1.5)", flush=True)


def _deep(back_end: str, server: Server) -> None:
    """Print p50 of the first page and of the thousandth, asked in turns."""
    with server.client(timeout=600) as client:
        url, first, deep = "/epcis/v2/events", list[float](), list[float]()
        for _ in range(_PAGES - 1):
            url = client.get(url).links["next"]["url"]
        for _ in range(_REPEATS):
            first.append(_timed(client.get, "/epcis/v2/events")[0])
            deep.append(_timed(client.get, url)[0])
    one, thousand = statistics.median(first) * 1000, statistics.median(deep) * 1000
    told = f"page 1 {one:.1f} ms, page {_PAGES} {thousand:.1f} ms, ratio {thousand / one:.2f} (wanted 1.5)"
    print(f"{back_end:>9}: pages of {_PAGE}: {told}", flush=True)


def _timed(get: Callable[[str], httpx.Response], url: str) -> tuple[float, httpx.Response]:
    began = time.perf_counter()
    answer = get(url)
    return time.perf_counter() - began, answer
