"""Subscriptions under a real `kill -9`, and two processes on one PostgreSQL: nothing is lost, one of them sends."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.depth import at_most
from tests.e2e.conftest import Server, make_server
from tests.epcis.asking import BASE, document, event
from tests.integration.test_kill_embedded import every_event, settle
from tests.integration.test_kill_servers import empty_graph, new_database
from tests.receiver import Answer, Receiver, receiving

__all__ = ["make_server"]
pytestmark = pytest.mark.slow
SECONDS = 120
ROUNDS = at_most(2, 10)
SERVERS = pytest.param("servers", marks=pytest.mark.servers)
LD_JSON = {"content-type": "application/ld+json"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


async def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of the three servers, with a topic and a database of its own."""
    await empty_graph(request.getfixturevalue("neo4j_server"))
    return {**await shared(request), "STEMMA_GRAPH_URL": request.getfixturevalue("neo4j_server")}


async def shared(request: pytest.FixtureRequest) -> dict[str, str]:
    """Log and database that several processes share; each has a graph of its own."""
    return {
        "STEMMA_LOG_URL": f"kafka://{request.getfixturevalue('kafka_server')}/t-{uuid.uuid4().hex[:12]}?partitions=3",
        "STEMMA_DATABASE_URL": await new_database(request.getfixturevalue("postgres_server")),
    }


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def subscribe(client: httpx.Client, dest: str) -> str:
    """A stream of every event."""
    client.post(f"{BASE}/queries", json={"name": "all", "query": {}}).raise_for_status()
    made = client.post(f"{BASE}/queries/all/subscriptions", json={"dest": dest, "stream": True, "signatureToken": "s"})
    made.raise_for_status()
    return str(made.json()["subscriptionID"])


class Load:
    """Captures events one after the other until told to end, or until the server dies."""

    def __init__(self, server: Server, first: int) -> None:
        self.acknowledged: set[str] = set()
        self._server, self._first = server, first
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _write(self) -> None:
        with self._server.client() as client:
            for number in range(self._first, self._first + 100_000):
                if self._over.is_set():
                    return
                one = event(number)
                try:
                    answered = client.post(f"{BASE}/capture", json=document([one]), headers=LD_JSON)
                except httpx.TransportError:
                    return
                if answered.status_code == 202:
                    self.acknowledged.add(one["eventID"])


@pytest.mark.parametrize("back_end", ["embedded", SERVERS])
async def test_kill_9_loses_no_delivery_and_repeats_with_the_same_bytes(
    request: pytest.FixtureRequest, make_server: Callable[..., Server], receiver: Receiver, back_end: str
) -> None:
    """EPCIS-S5: at least once over a kill at any moment; what comes twice has the id and the bytes of before; without
    the repetitions events come in the order they were recorded."""
    env = await environment(request) if back_end == "servers" else {}
    server = make_server(STEMMA_WEBHOOK_NETWORKS="127.0.0.0/8", **env)
    with server.client() as client:
        subscribe(client, receiver.url)
    receiver.answer = lambda got: Answer(500 if len(receiver.received) % 7 == 0 else 204, seconds=0.01)
    acknowledged: set[str] = set()
    for turn in range(ROUNDS):
        load, count = Load(server, turn * 100_000), len(receiver.received) + 20
        wait_for(lambda count=count: len(receiver.received) >= count, server.tail())
        server.kill()
        load.end()
        acknowledged |= load.acknowledged
        server.start()
    with server.client() as client:
        settle(client)
        logged = [one["eventID"] for one in every_event(client)]
        assert acknowledged <= set(logged)
        wait_for(lambda: set(receiver.ids()) >= set(logged), "every event is delivered")
    by_id: dict[str, set[bytes]] = {}
    for got in receiver.received:
        by_id.setdefault(got.headers["stemma-delivery"], set()).add(got.body)
    assert all(len(bodies) == 1 for bodies in by_id.values())
    once = {got.headers["stemma-delivery"]: got.ids for got in receiver.received}
    assert [one for ids in once.values() for one in ids] == logged


@pytest.mark.servers
async def test_of_two_processes_one_sends_and_the_other_takes_over_on_the_servers(
    request: pytest.FixtureRequest, make_server: Callable[..., Server], receiver: Receiver, tmp_path: Path
) -> None:
    """EPCIS-S5 EPCIS-S2: each document is sent once, whichever process captured; when the sender is killed the other
    goes on; a subscription that the other process ends gets nothing more."""
    key = tmp_path / "shared.key"
    key.write_text("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n")
    env = {
        **await shared(request),
        "STEMMA_WEBHOOK_NETWORKS": "127.0.0.0/8",
        "STEMMA_SECRET_KEY_FILE": str(key),
    }
    pair = [make_server(name=name, **env) for name in ("one", "two")]
    clients = [one.client() for one in pair]
    subscription = subscribe(clients[1], receiver.url)
    for number in range(20):
        capture(clients[number % 2], number)
    wait_for(lambda: len(receiver.ids()) >= 20, "all twenty")
    await asyncio.sleep(1)
    assert sorted(receiver.ids()) == sorted(event(n)["eventID"] for n in range(20))
    assert receiver.received[0].headers["gs1-signature"]
    pair[0].kill()
    for number in range(20, 30):
        capture(clients[1], number)
    wait_for(lambda: len(set(receiver.ids())) >= 30, "the other took over")
    pair[0].start()
    settle(clients[0])
    path = f"{BASE}/queries/all/subscriptions/{subscription}"
    assert clients[0].delete(path).status_code == 204
    count = len(receiver.received)
    for number in range(30, 40):
        capture(clients[number % 2], number)
    await asyncio.sleep(3)
    assert len(receiver.received) == count
    for client in clients:
        client.close()


def capture(client: httpx.Client, number: int) -> dict[str, Any]:
    answered = client.post(f"{BASE}/capture", json=document([event(number)]), headers=LD_JSON)
    assert answered.status_code == 202, answered.text
    found: dict[str, Any] = dict(answered.headers)
    return found
