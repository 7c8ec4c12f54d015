"""One server for all scenarios on each back end; every scenario has names of its own."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Server
from tests.e2e.scenarios.floor import Floor
from tests.integration.test_kill_servers import empty_graph, new_database
from tests.servers import Servers


@pytest.fixture(scope="package", params=["embedded", pytest.param("servers", marks=pytest.mark.servers)])
def plant(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running Stemma: embedded, or on Kafka, Neo4j and PostgreSQL."""
    env: dict[str, str] = {}
    if request.param == "servers":
        three: Servers = request.getfixturevalue("servers")
        asyncio.run(empty_graph(three.url("neo4j")))
        env = {
            "STEMMA_LOG_URL": f"kafka://{three.url('kafka')}/t-{uuid.uuid4().hex[:12]}?partitions=3",
            "STEMMA_GRAPH_URL": three.url("neo4j"),
            "STEMMA_DATABASE_URL": asyncio.run(new_database(three.url("postgres"))),
        }
    server = Server(tmp_path_factory.mktemp("plant") / "data", env, forked=True).start()
    yield server
    server.stop()


@pytest.fixture
def floor(plant: Server) -> Iterator[Floor]:
    with plant.client() as client:
        yield Floor(client)
