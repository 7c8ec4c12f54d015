"""A real `kill -9` of `stemma serve` under load: what was acknowledged is in log, graph and answer, once each."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.e2e.conftest import Server, make_server

__all__ = ["make_server"]

PRODUCT = "09506000134352"
WRITERS = 8
ROUNDS = 3
pytestmark = pytest.mark.slow


def activity(name: str, root: str = "ROOT") -> dict[str, Any]:
    """A transformation of a root lot into a lot of its own."""
    return {
        "activity": "make", "id": name, "place": "https://plant.example/place/line-1",
        "inputs": [{"id": {"product": PRODUCT, "lot": root}, "quantity": "1", "unit": "KGM"}],
        "outputs": [{"id": {"product": PRODUCT, "lot": name}, "quantity": "1", "unit": "KGM"}],
    }  # fmt: skip


class Load:
    """Writers that send one activity after the other until the server dies under them."""

    def __init__(self, server: Server, name: str) -> None:
        self.sent: list[str] = []
        self.acknowledged: dict[str, str] = {}
        self._server = server
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._write, args=(f"{name}-{i}",)) for i in range(WRITERS)]

    def run_until(self, acknowledged: int) -> None:
        """Start, and kill the server once that many are acknowledged."""
        for thread in self._threads:
            thread.start()
        deadline = time.monotonic() + 60
        while len(self.acknowledged) < acknowledged and time.monotonic() < deadline:
            time.sleep(0.005)
        self._server.kill()
        for thread in self._threads:
            thread.join()
        assert len(self.acknowledged) >= acknowledged, self._server.tail()

    def _write(self, name: str) -> None:
        with self._server.client() as client:
            for number in range(10_000):
                lot = f"{name}-{number}"
                with self._lock:
                    self.sent.append(lot)
                try:
                    answer = client.post("/api/v1/activities", json=activity(lot))
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    with self._lock:
                        self.acknowledged[lot] = verdict(answer)["eventID"]


def verdict(answer: httpx.Response) -> dict[str, Any]:
    """The verdict on one activity, which must be a good one."""
    found: dict[str, Any] = answer.json()
    assert found["outcome"] in ("captured", "duplicate"), found
    return found


def every_event(client: httpx.Client, names: str | None = None) -> Iterator[dict[str, Any]]:
    """All events, or those that name a lot, page by page."""
    query = {"perPage": "500", **({"MATCH_anyEPCClass": names} if names else {})}
    url: str | None = f"/epcis/v2/events?{urlencode(query)}"
    while url is not None:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        yield from answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        url = answer.links.get("next", {}).get("url")


def every_object(client: httpx.Client, question: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All objects of an impact answer, page by page."""
    after = None
    while True:
        answer = client.post("/api/v1/impact", json={**question, "limit": 500, "after": after})
        assert answer.status_code == 200, answer.text
        yield from answer.json()["objects"]
        if (after := answer.json()["next"]) is None:
            return


def settle(client: httpx.Client, seconds: float = 60) -> None:
    """Wait until the projections are level with the log."""
    deadline = time.monotonic() + seconds
    while client.get("/health/ready").json()["lag_events"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_was_acknowledged_survives_kill_9_once(make_server: Callable[..., Server]) -> None:
    server = make_server()
    acknowledged: dict[str, str] = {}
    sent: list[str] = []
    for round_number in range(ROUNDS):
        load = Load(server, f"R{round_number}")
        load.run_until(100)
        acknowledged.update(load.acknowledged)
        sent += load.sent
        server.start()
        with server.client() as client:
            settle(client)
            check(client, acknowledged, set(sent))
    with server.client() as client:
        for lot in sent:
            found = verdict(client.post("/api/v1/activities", json=activity(lot)))
            assert acknowledged.setdefault(lot, found["eventID"]) == found["eventID"]
        settle(client)
        check(client, acknowledged, set(sent))
    server.stop()
    assert "record" in server.stemma("verify").stdout


def check(client: httpx.Client, acknowledged: dict[str, str], sent: set[str], root: str = "ROOT") -> None:
    """Log, graph and answer hold every acknowledged event of a root lot once, and nothing that was never sent."""
    logged = Counter(event["eventID"] for event in every_event(client, root_key(root)))
    assert set(acknowledged.values()) <= set(logged)
    assert set(logged.values()) <= {1}
    reached = Counter(obj["object"] for obj in every_object(client, {"seeds": [{"object": root_key(root)}]}))
    assert set(reached.values()) == {1}
    lots = {key.rsplit("/", 1)[1] for key in reached}
    assert set(acknowledged) | {root} <= lots <= sent | {root}


def root_key(root: str = "ROOT") -> str:
    return f"https://id.gs1.org/01/{PRODUCT}/10/{root}"
