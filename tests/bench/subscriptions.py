"""What subscriptions cost capture, and how soon a delivery starts.

Capture in documents of 500 without subscriptions and beside many streams that match nothing, in turns on one server, so
that the machine and the growing log weigh on both alike; streams ask for steps, objects, values and fields that no
event has. Then one stream of everything, to a receiver in this process: from the acknowledgement of a scan, and from
its call, until the document is there.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any, Final

import orjson

from tests.bench.capture import CALLERS, DOCUMENT
from tests.bench.load import DOCK, container, documents
from tests.bench.scan import _item
from tests.bench.served import Caller, Plan, send, served
from tests.e2e.conftest import Server
from tests.receiver import Receiver, receiving

_NOWHERE: Final = "https://93.184.215.14/never-called"
_LOCAL: Final = "127.0.0.0/8"
_TURNS: Final = 3
_SECONDS: Final = 120
_QUERIES: Final[tuple[Callable[[int], dict[str, Any]], ...]] = (
    lambda n: {"EQ_bizStep": [f"https://example.org/step/{n}"]},
    lambda n: {"MATCH_anyEPC": [f"https://id.gs1.org/01/09521000000028/21/none-{n}"], "EQ_bizStep": ["shipping"]},
    lambda n: {"GE_value_CEL": n, "eventType": ["ObjectEvent"]},
    lambda n: {f"EQ_https://example.org/ns#field{n % 10}": ["x"]},
    lambda n: {"LT_eventTime": f"1990-01-01T00:00:{n % 60:02}Z"},
    lambda n: {"EQ_bizTransaction_po": [f"urn:example:order:{n}"], "EQ_action": ["OBSERVE"]},
)


def bench(plan: Plan) -> None:
    """Print rates, their ratio, and the delays of each back end."""
    streams, count, scans = (1_000, 20_000, 1_000) if plan.full else (200, 5_000, 100)
    for back_end in plan.back_ends:
        with served(plan, back_end, STEMMA_WEBHOOK_NETWORKS=_LOCAL) as server, receiving() as receiver:
            without, beside = _rates(server, streams, count)
            taken, called = _delays(server, receiver, scans)
        print(
            f"{back_end:>9}: {count * _TURNS:,} events each: capture {without:,.0f}/s, beside {streams:,} streams that "
            f"match nothing {beside:,.0f}/s, ratio {beside / without:.2f}; {scans} deliveries, ms p50/p99 from the "
            f"acknowledgement {_shown(taken)}, from the call {_shown(called)}",
            flush=True,
        )


def _rates(server: Server, streams: int, count: int) -> tuple[float, float]:
    """Visible events a second without, and beside the streams."""
    seconds = [0.0, 0.0]
    _captured(server, count // 2, 100)
    for turn in range(2 * _TURNS):
        if turn % 2:
            _subscribe(server, streams)
        seconds[turn % 2] += _captured(server, count, turn + 1)
        if turn % 2:
            _forget(server, streams)
    return count * _TURNS / seconds[0], count * _TURNS / seconds[1]


def _captured(server: Server, count: int, seed: int) -> float:
    """Seconds until that many events are visible."""
    bodies = documents(count, DOCUMENT, seed)
    began = time.perf_counter()
    place = send(server, bodies, CALLERS)[-1]
    Caller(server).see(container(seed, count // 10 - 1, 1), place)
    return time.perf_counter() - began


def _subscribe(server: Server, streams: int) -> None:
    with server.client() as client:
        for n in range(streams):
            query = {"name": f"q{n}", "query": _QUERIES[n % len(_QUERIES)](n)}
            client.post("/epcis/v2/queries", json=query).raise_for_status()
            body = {"dest": _NOWHERE, "stream": True}
            client.post(f"/epcis/v2/queries/q{n}/subscriptions", json=body).raise_for_status()
    time.sleep(2)


def _forget(server: Server, streams: int) -> None:
    with server.client() as client:
        for n in range(streams):
            client.delete(f"/epcis/v2/queries/q{n}").raise_for_status()


def _delays(server: Server, receiver: Receiver, scans: int) -> tuple[list[float], list[float]]:
    """Seconds from acknowledgement and from call until the delivery came, scan by scan."""
    with server.client() as client:
        client.post("/epcis/v2/queries", json={"name": "all", "query": {}}).raise_for_status()
        body = {"dest": receiver.url, "stream": True, "signatureToken": "a token to sign with"}
        client.post("/epcis/v2/queries/all/subscriptions", json=body).raise_for_status()
    caller, taken, called = Caller(server), list[float](), list[float]()
    for number in range(scans + 10):
        activity = {"activity": "move", "objects": [_item(number)], "place": DOCK, "id": uuid.uuid4().hex}
        began = time.time()
        caller.scan(orjson.dumps(activity))
        acknowledged = time.time()
        while len(receiver.received) <= number:
            assert time.time() < began + _SECONDS, "the delivery came"
            time.sleep(0.0005)
        came = receiver.received[number].at
        taken.append(max(came - acknowledged, 0))
        called.append(came - began)
    return taken[10:], called[10:]


def _shown(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return "/".join(f"{ordered[min(len(ordered) - 1, len(ordered) * p // 100)] * 1000:.1f}" for p in (50, 99))
