"""Real servers for tests: one named by an environment variable, else Docker's, else `deploy.servers`' recipe.

`STEMMA_TEST_KAFKA` is host:port, `STEMMA_TEST_NEO4J` a Bolt URL with user and password, `STEMMA_TEST_POSTGRES` a
SQLAlchemy URL of a database in which schemas, and beside which databases, may be made.
A server that cannot be had skips its tests and is named at the end of the run; with `CI=true` its tests fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import asyncpg
import pytest

from deploy.servers.process import Missing, NotStarted, free_port
from deploy.servers.servers import new_folder, removed, started

IMAGES = {"kafka": "apache/kafka:4.4.0", "neo4j": "neo4j:5.26.30-community", "postgres": "postgres:17.6-bookworm"}
_PASSWORD = "for-tests-only"


class _Server(Protocol):
    @property
    def url(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def kill(self) -> None: ...


class Contained:
    """A server in a container, on a port of this machine that stays the same over a restart."""

    def __init__(self, name: str) -> None:
        from testcontainers.core.container import DockerContainer

        self._name, self._port = name, free_port()
        inner = {"kafka": self._port, "neo4j": 7687, "postgres": 5432}[name]
        self._container = DockerContainer(IMAGES[name]).with_bind_ports(inner, self._port)
        for key, value in self._environment().items():
            self._container.with_env(key, value)
        self._begun = False

    @property
    def url(self) -> str:
        return {
            "kafka": f"127.0.0.1:{self._port}",
            "neo4j": f"bolt://neo4j:{_PASSWORD}@127.0.0.1:{self._port}",
            "postgres": f"postgresql+asyncpg://stemma:{_PASSWORD}@127.0.0.1:{self._port}/stemma",
        }[self._name]

    def start(self) -> None:
        from testcontainers.core.waiting_utils import wait_for_logs

        if self._begun:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._begun = True
        said = {"kafka": "Kafka Server started", "neo4j": "Started.", "postgres": "ready to accept connections"}
        wait_for_logs(self._container, said[self._name], timeout=120)

    def stop(self) -> None:
        self._container.stop()

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def _environment(self) -> dict[str, str]:
        if self._name == "neo4j":
            return {"NEO4J_AUTH": f"neo4j/{_PASSWORD}"}
        if self._name == "postgres":
            return {"POSTGRES_USER": "stemma", "POSTGRES_PASSWORD": _PASSWORD, "POSTGRES_DB": "stemma"}
        return {
            "KAFKA_NODE_ID": "1",
            "KAFKA_PROCESS_ROLES": "broker,controller",
            "KAFKA_LISTENERS": f"PLAINTEXT://0.0.0.0:{self._port},CONTROLLER://127.0.0.1:29093",
            "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{self._port}",
            "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
            "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@127.0.0.1:29093",
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
            "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
            "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        }


class Servers:
    """The servers of one test session, each started when first asked for."""

    def __init__(self) -> None:
        self._folder = new_folder()
        self._running: dict[str, _Server] = {}
        self.missing: dict[str, str] = {}

    def url(self, name: str) -> str:
        """Where the server answers. Skips the test when it cannot be had, or fails it with `CI=true`."""
        named = os.environ.get(f"STEMMA_TEST_{name.upper()}")
        if named:
            return named
        if name not in self._running and name not in self.missing:
            try:
                self._running[name] = self._started(name)
            except (Missing, NotStarted) as missing:
                self.missing[name] = str(missing)
        if name in self.missing:
            refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
            refuse(f"no {name}: {self.missing[name]}")
        return self._running[name].url

    def kill(self, name: str) -> None:
        """SIGKILL, as a power cut would; `restart` goes on with the same data at the same address."""
        self.own(name).kill()

    def restart(self, name: str) -> None:
        self.own(name).start()

    def end(self) -> None:
        """Without ceremony, since their data go too; a container goes as a whole when it is stopped."""
        for server in self._running.values():
            end = server.stop if isinstance(server, Contained) else server.kill
            end()
        removed(self._folder)

    def _started(self, name: str) -> _Server:
        if not _docker_answers():
            return started(name, self._folder, brief=True)
        server = Contained(name)
        server.start()
        return server

    def own(self, name: str) -> _Server:
        """A server that this session started. Skips the test for one that it was given."""
        self.url(name)
        if name not in self._running:
            pytest.skip(f"{name} was named by STEMMA_TEST_{name.upper()} and is not ours to end")
        return self._running[name]


def _docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    try:
        asked = subprocess.run(
            ["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, timeout=10
        )
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """All three, to be killed and restarted by name; whoever kills one restarts it."""
    one = Servers()
    yield one
    one.end()


@pytest.fixture(scope="session")
def kafka_server(servers: Servers) -> str:
    """`host:port` of a Kafka broker; tests use topics of their own."""
    return servers.url("kafka")


@pytest.fixture(scope="session")
def neo4j_server(servers: Servers) -> str:
    """Bolt URL with user and password; there is one database, so tests use it one after the other and empty it."""
    return servers.url("neo4j")


@pytest.fixture(scope="session")
def postgres_server(servers: Servers) -> str:
    """SQLAlchemy URL of a database that others use too; `fresh_database` makes another."""
    return servers.url("postgres")


@pytest.fixture(scope="session")
def fresh_database(postgres_server: str) -> Callable[[], Any]:
    """`await fresh_database()` gives the SQLAlchemy URL of a new and empty database."""

    async def make() -> str:
        name = f"test_{uuid.uuid4().hex[:12]}"
        connection = await asyncpg.connect(postgres_server.replace("+asyncpg", ""))
        try:
            await connection.execute(f"CREATE DATABASE {name}")
        finally:
            await connection.close()
        return f"{postgres_server.rpartition('/')[0]}/{name}"

    return make
