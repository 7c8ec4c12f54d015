"""The golden cases over HTTP on Kafka, Neo4j and PostgreSQL: the same answers as on the embedded stores."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.application import serving
from tests.e2e.test_golden_http import CASES, answered, read, recorded
from tests.integration.test_kill_servers import empty_graph, new_database

pytestmark = [
    pytest.mark.slow,
    pytest.mark.servers,
    pytest.mark.skipif(not CASES, reason="the shared golden cases are not here"),
]


@pytest_asyncio.fixture
async def on_servers(
    tmp_path: Path, kafka_server: str, neo4j_server: str, postgres_server: str
) -> AsyncIterator[httpx.AsyncClient]:
    """The application in this process on a topic and a database of its own, and the graph emptied."""
    await empty_graph(neo4j_server)
    settings = {
        "log_url": f"kafka://{kafka_server}/t-{uuid.uuid4().hex[:12]}?partitions=3",
        "graph_url": neo4j_server,
        "database_url": await new_database(postgres_server),
    }
    async with serving(tmp_path, **settings) as client:
        yield client


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_golden_case_is_answered_over_http_on_the_servers(path: Path, on_servers: httpx.AsyncClient) -> None:
    case = read(path)
    known = await recorded(on_servers, case)
    for question in case["questions"]:
        assert await answered(on_servers, question, known) == question["expect"], question
