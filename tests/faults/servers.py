"""Kafka, Neo4j and PostgreSQL ended by `kill -9` under load and started again in turn, Stemma running all along.

Captures meanwhile are acknowledged, refused or of unknown outcome; what was refused or unknown is sent again under the
same identity until it is acknowledged. After every round all is level again by itself, and every acknowledged event is
in the log, the graph and the answer, once. Of three brokers the one that leads the facts is killed.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import httpx
from aiokafka.admin import AIOKafkaAdminClient

from deploy.servers.kafka import cluster
from deploy.servers.process import Server as Process
from deploy.servers.servers import new_folder, removed, started
from tests.bench.served import fresh
from tests.e2e.conftest import Server
from tests.integration.test_kill_embedded import activity, check, every_event, every_object, root_key, settle

KINDS: Final = ("kafka", "neo4j", "postgres")
WRITERS: Final = 4
_SETTLE_SECONDS: Final = 300.0
_RESOLVE_SECONDS: Final = 300.0


@dataclass
class Told:
    """What a round's captures were answered: how many of each status (`none` for no answer), how long it took."""

    statuses: Counter[str] = field(default_factory=Counter)
    level_after: float = 0.0

    def add(self, other: Told) -> None:
        self.statuses += other.statuses
        self.level_after = max(self.level_after, other.level_after)


class Load:
    """Writers that send one lot after the other, and each one until it is acknowledged; between two they rest."""

    def __init__(self, servers: Sequence[Server], root: str, rest_seconds: float = 0.0) -> None:
        self.root, self.told = root, Told()
        self._rest = rest_seconds
        self.sent: list[str] = []
        self.acknowledged: dict[str, str] = {}
        self._stop = threading.Event()
        self._faults: list[BaseException] = []
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._write, args=(servers[n % len(servers)], n)) for n in range(WRITERS)
        ]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """No new lots; return once the last of each writer is acknowledged."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._faults:
            raise self._faults[0]

    def wait_for(self, more: int, seconds: float = 120) -> None:
        """Return once that many more are acknowledged. Errors: AssertionError."""
        wanted, deadline = len(self.acknowledged) + more, time.monotonic() + seconds
        while len(self.acknowledged) < wanted and not self._faults:
            assert time.monotonic() < deadline, f"{len(self.acknowledged)} acknowledged; {dict(self.told.statuses)}"
            time.sleep(0.01)

    def _write(self, server: Server, number: int) -> None:
        turn = 0
        try:
            with server.client(timeout=60) as client:
                while not self._stop.wait(self._rest):
                    self._until_acknowledged(client, f"{self.root}-{number}-{turn}")
                    turn += 1
        except BaseException as fault:
            self._faults.append(fault)

    def _until_acknowledged(self, client: httpx.Client, lot: str) -> None:
        with self._lock:
            self.sent.append(lot)
        deadline = time.monotonic() + _RESOLVE_SECONDS
        while time.monotonic() < deadline:
            status, told = sent(client, activity(lot, self.root))
            with self._lock:
                self.told.statuses[status] += 1
                if told is not None:
                    self.acknowledged[lot] = told
                    return
            time.sleep(0.1)
        raise AssertionError(f"{lot} was not acknowledged in {_RESOLVE_SECONDS:.0f} s: {dict(self.told.statuses)}")


def sent(client: httpx.Client, body: Mapping[str, Any]) -> tuple[str, str | None]:
    """The status of a capture, and its eventID if it was acknowledged."""
    try:
        answer = client.post("/api/v1/activities", json=body)
    except httpx.TransportError:
        return "none", None
    if answer.status_code in (200, 201):
        assert answer.json()["outcome"] in ("captured", "duplicate"), answer.text
        return str(answer.status_code), answer.json()["eventID"]
    assert answer.status_code in (429, 503, 504), f"{answer.status_code} {answer.text}"
    return str(answer.status_code), None


class Machines(Protocol):
    """The three servers by name; what was killed is restarted on its data. `tests.servers.Servers` is one."""

    def url(self, name: str) -> str: ...

    def kill(self, name: str) -> None: ...

    def restart(self, name: str) -> None: ...


class Own:
    """Servers of this run alone; of several brokers the one that leads the facts of `topic` is killed."""

    def __init__(self, folder: Path, brokers: int, stack: ExitStack) -> None:
        self._running: dict[str, list[Process]] = {}
        self._killed: dict[str, Process] = {}
        self.topic = ""
        for name in KINDS:
            alone = name != "kafka" or brokers == 1
            self._running[name] = [started(name, folder)] if alone else [*cluster(folder, brokers)]
            for one in self._running[name]:
                stack.callback(one.stop)

    def url(self, name: str) -> str:
        return ",".join(one.url for one in self._running[name])

    def kill(self, name: str) -> None:
        several = self._running[name]
        at = 0 if len(several) == 1 else asyncio.run(leader([one.url for one in several], self.topic)) - 1
        self._killed[name] = several[at]
        several[at].kill()

    def restart(self, name: str) -> None:
        self._killed[name].start()


async def leader(brokers: Sequence[str], topic: str) -> int:
    """The node, counted from 1, that leads the first partition of a topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=list(brokers))
    await admin.start()
    try:
        (found,) = await admin.describe_topics([topic])
        return int(found["partitions"][0]["leader"])
    finally:
        await admin.close()


class House:
    """The three servers and one Stemma on them, or several, on a topic and database of their own; `close` it."""

    def __init__(self, folder: Path, machines: Machines, stemmas: int = 1, more: str = "") -> None:
        self.machines = machines
        env = asyncio.run(fresh({name: machines.url(name) for name in KINDS}))
        self.topic = env["STEMMA_LOG_URL"].rpartition("/")[2]
        env["STEMMA_LOG_URL"] += more
        self.stemmas = [Server(folder / f"data-{n}", env, patience=600) for n in range(stemmas)]
        with ThreadPoolExecutor() as pool:
            list(pool.map(Server.start, self.stemmas))

    def close(self) -> None:
        for one in self.stemmas:
            one.stop()


@contextmanager
def house(folder: Path, brokers: int = 1) -> Iterator[House]:
    """The three servers, started for this run, and Stemma on them; all are ended after it."""
    data = new_folder()
    with ExitStack() as stack:
        stack.callback(removed, data)
        own = Own(data, brokers, stack)
        run = House(folder, own, more=f"?replication={brokers}" if brokers > 1 else "")
        own.topic = run.topic
        stack.callback(run.close)
        yield run


def outage(
    run: House,
    kind: str,
    root: str,
    down: float,
    meanwhile: Callable[[Load], None] | None = None,
    rest_seconds: float = 0.0,
) -> Load:
    """One server killed under load, down for that many seconds and while `meanwhile` runs, and started again; all is
    checked at the end."""
    load = Load(run.stemmas, root, rest_seconds)
    load.begin()
    load.wait_for(20)
    run.machines.kill(kind)
    try:
        time.sleep(down)
        if meanwhile is not None:
            meanwhile(load)
    finally:
        run.machines.restart(kind)
    back = time.monotonic()
    load.wait_for(20, _RESOLVE_SECONDS)
    load.end()
    assert set(load.sent) == set(load.acknowledged), "what was unknown was not resolved"
    for stemma in run.stemmas:
        with stemma.client() as client:
            ready(client)
            settle(client, _SETTLE_SECONDS)
            check(client, load.acknowledged, set(load.sent), root)
    load.told.level_after = time.monotonic() - back
    return load


def ready(client: httpx.Client) -> None:
    """Return once every store answers."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while client.get("/health/ready").status_code != 200:
        assert time.monotonic() < deadline, client.get("/health/ready").text
        time.sleep(0.1)


def compare_with_rebuild(run: House, roots: Sequence[str]) -> None:
    """The answers of every Stemma are the same, and those of a clean rebuild. Errors: AssertionError."""
    found = [_answers(stemma, roots) for stemma in run.stemmas]
    assert all(one == found[0] for one in found)
    run.close()
    first = run.stemmas[0]
    assert first.stemma("verify", seconds=600).returncode == 0
    assert first.stemma("rebuild", seconds=3600).returncode == 0
    first.start()
    assert _answers(first, roots) == found[0], "a clean rebuild answers otherwise"


def _answers(stemma: Server, roots: Sequence[str]) -> list[object]:
    with stemma.client() as client:
        settle(client, _SETTLE_SECONDS)
        found: list[object] = [sorted(str(event) for event in every_event(client))]
        return found + [list(every_object(client, {"seeds": [{"object": root_key(root)}]})) for root in roots]


def server_kills(
    folder: Path, rounds: int, seed: int, brokers: int = 1, tell: Callable[[str], None] | None = None
) -> tuple[int, dict[str, Told]]:
    """That many kills of the servers in turn, under load; the events acknowledged, and what was told, by server."""
    chance = random.Random(seed)
    told = {kind: Told() for kind in KINDS}
    acknowledged = 0
    with house(folder, brokers) as run:
        for number in range(rounds):
            kind = KINDS[number % len(KINDS)] if brokers == 1 else "kafka"
            try:
                load = outage(run, kind, f"R{number}", chance.uniform(0.0, 3.0))
            except BaseException as fault:
                fault.add_note(f"round {number} ({kind}) of seed {seed}")
                raise
            acknowledged += len(load.acknowledged)
            told[kind].add(load.told)
            if tell:
                took = f"level in {load.told.level_after:.0f} s"
                tell(f"{number + 1}: {kind}, {len(load.acknowledged)} acknowledged, {took}")
        compare_with_rebuild(run, [f"R{number}" for number in range(rounds)])
    return acknowledged, {kind: one for kind, one in told.items() if one.statuses}
