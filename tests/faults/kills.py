"""`kill -9` of Stemma under load, again and again, at seeded moments of its life: start, commit, fold, rebuild, seal.

After every kill the server starts again, and every acknowledged event is in the log, the graph and the answer, once.
At the end the answers equal those of a clean rebuild, and `stemma verify` finds the log whole.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.e2e.conftest import Server
from tests.integration.test_kill_embedded import activity, check, every_object, root_key, settle, verdict

WRITERS = 4


class Load:
    """Writers of single activities and of documents, until the server is gone; one lot an activity."""

    def __init__(self, server: Server, name: str, acknowledged: dict[str, str], sent: list[str]) -> None:
        self._server, self._acknowledged, self._sent = server, acknowledged, sent
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._write, args=(f"{name}-{i}", i)) for i in range(WRITERS)]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        for thread in self._threads:
            thread.join()

    def _write(self, name: str, number: int) -> None:
        size = (1, 1, 5, 40)[number % 4]
        with self._server.client() as client:
            for turn in range(10_000):
                lots = [f"{name}-{turn}-{n}" for n in range(size)]
                with self._lock:
                    self._sent.extend(lots)
                try:
                    answer = client.post("/api/v1/activities", json=[activity(lot) for lot in lots])
                except httpx.TransportError:
                    return
                if answer.status_code == 200:
                    with self._lock:
                        for lot, told in zip(lots, answer.json(), strict=True):
                            assert told["outcome"] in ("captured", "duplicate"), told
                            self._acknowledged[lot] = told["eventID"]


def answers(client: httpx.Client) -> list[dict[str, object]]:
    """Everything reached from the root lot, as listed."""
    return list(every_object(client, {"seeds": [{"object": root_key()}]}))


def kills(folder: Path, rounds: int, seed: int, env: Mapping[str, str] | None = None) -> int:
    """How many events were acknowledged over all rounds. Errors: `AssertionError` with the round's number."""
    chance = random.Random(seed)
    server = Server(folder / "data", dict(env or {}))
    acknowledged: dict[str, str] = {}
    sent: list[str] = []
    for number in range(rounds):
        try:
            _one(server, chance, f"R{number}", acknowledged, sent)
        except Exception as fault:
            fault.add_note(f"round {number} of seed {seed}")
            raise
    server.start()
    with server.client() as client:
        settle(client)
        for lot in sent[-500:]:
            found = verdict(client.post("/api/v1/activities", json=activity(lot)))
            assert acknowledged.setdefault(lot, found["eventID"]) == found["eventID"]
        settle(client)
        check(client, acknowledged, set(sent))
        before = answers(client)
    server.stop()
    assert server.stemma("verify").returncode == 0
    assert server.stemma("rebuild").returncode == 0
    server.start()
    with server.client() as client:
        settle(client)
        assert answers(client) == before, "a clean rebuild answers otherwise"
    server.stop()
    return len(acknowledged)


def _one(server: Server, chance: random.Random, name: str, acknowledged: dict[str, str], sent: list[str]) -> None:
    """One life of the server, ended at a random moment: half of them while it loads or in its first commits."""
    server.start()
    load = Load(server, name, acknowledged, sent)
    load.begin()
    time.sleep(chance.choice((chance.uniform(0.0, 0.05), chance.uniform(0.05, 0.6))))
    server.kill()
    load.end()
    if chance.random() < 0.1:
        server.start()
        with server.client() as client:
            settle(client)
            check(client, acknowledged, set(sent))
        server.kill()
