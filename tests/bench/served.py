"""A real `stemma serve` for the benches that go over HTTP, on each back end that can be had, and a lean client."""

from __future__ import annotations

import asyncio
import http.client
import os
import tempfile
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from deploy.servers.servers import new_folder, removed, started
from projections.genealogy.neo4j import Neo4jGenealogy
from tests.e2e.conftest import Server

_NAMES: Final = ("kafka", "neo4j", "postgres")
LD_JSON: Final = "application/ld+json"
XML: Final = "application/xml"


@dataclass(frozen=True)
class Plan:
    """`full` for the sizes of docs/performance.md; `servers` are the URLs of Kafka, Neo4j and PostgreSQL, or none."""

    full: bool
    servers: Mapping[str, str]
    seconds: float = 0
    """How long a load is kept up; 0 for the bench's own time."""
    embedded: bool = True
    """Whether the embedded back end is measured too."""

    @property
    def back_ends(self) -> Sequence[str]:
        return ("embedded",) * self.embedded + ("servers",) * bool(self.servers)


def resident_mb(process: int | str = "self") -> float:
    """RssAnon of a process in MB; 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1000


@contextmanager
def planned(*, full: bool, servers: bool, seconds: float = 0, embedded: bool = True) -> Iterator[Plan]:
    """The plan of a run; servers started for it are ended after it."""
    named = {name: os.environ.get(f"STEMMA_TEST_{name.upper()}", "") for name in _NAMES}
    if all(named.values()) or not servers:
        yield Plan(full, named if all(named.values()) else {}, seconds, embedded)
        return
    folder = new_folder()
    running = {name: started(name, folder) for name in _NAMES}
    try:
        yield Plan(full, {name: one.url for name, one in running.items()}, seconds, embedded)
    finally:
        for one in running.values():
            one.stop()
        removed(folder)


@contextmanager
def served(plan: Plan, back_end: str, **more: str) -> Iterator[Server]:
    """An empty Stemma on this back end; `more` are further settings."""
    with tempfile.TemporaryDirectory() as folder:
        env = {} if back_end == "embedded" else asyncio.run(fresh(plan.servers))
        server = Server(Path(folder) / "data", {**env, **more}).start()
        try:
            yield server
        finally:
            server.stop()


async def fresh(servers: Mapping[str, str]) -> dict[str, str]:
    """Settings for a topic and a database of their own, and the graph emptied."""
    name = f"bench_{uuid.uuid4().hex[:12]}"
    database = await asyncpg.connect(servers["postgres"].replace("+asyncpg", ""))
    await database.execute(f"CREATE DATABASE {name}")
    await database.close()
    graph = await Neo4jGenealogy.open(servers["neo4j"])
    await graph.reset(1)
    await graph.close()
    return {
        "STEMMA_LOG_URL": f"kafka://{servers['kafka']}/{name}",
        "STEMMA_GRAPH_URL": servers["neo4j"],
        "STEMMA_DATABASE_URL": f"{servers['postgres'].rpartition('/')[0]}/{name}",
    }


class Caller:
    """One kept connection; the standard library's, which costs less than what is measured."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)

    def call(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> http.client.HTTPMessage:
        """The answer's headers; 503 is asked again, whatever else is no success ends the bench."""
        while True:
            self._connection.request(method, path, body, dict(headers))
            answer = self._connection.getresponse()
            told = answer.read()
            if answer.status != 503:
                assert answer.status < 300, f"{answer.status} {told[:500]!r}"
                return answer.headers

    def capture(self, document: bytes) -> str:
        """Capture a document; the position at which it is durable."""
        media = XML if document.startswith(b"<") else LD_JSON
        return str(self.call("POST", "/epcis/v2/capture", document, {"content-type": media})["stemma-position"])

    def scan(self, activity: bytes) -> str:
        """One activity; its position."""
        headers = {"content-type": "application/json"}
        return str(self.call("POST", "/api/v1/activities", activity, headers)["stemma-position"])

    def see(self, key: str, position: str) -> None:
        """Ask for the provenance of an object once the projections have reached the position."""
        self.call("GET", f"/api/v1/provenance?object={key}", None, {"stemma-wait-for": position})


def send(server: Server, bodies: Sequence[bytes], callers: int) -> list[str]:
    """Capture every document over that many connections; their positions."""
    todo, places, faults = iter(bodies), list[str](), list[BaseException]()
    taking = threading.Lock()

    def work() -> None:
        caller = Caller(server)
        try:
            while True:
                with taking:
                    body = next(todo, None)
                if body is None:
                    return
                places.append(caller.capture(body))
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(callers)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if faults:
        raise faults[0]
    return places
