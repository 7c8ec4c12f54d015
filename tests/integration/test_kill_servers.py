"""A real `kill -9` of `stemma serve` under load on Kafka, Neo4j and PostgreSQL; no server is ended."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import asyncpg
import pytest

from tests.e2e.conftest import Server, make_server
from tests.integration.test_kill_embedded import Load, activity, check, settle, verdict

__all__ = ["make_server"]
pytestmark = [pytest.mark.slow, pytest.mark.servers]
ROUNDS = 2


async def new_database(url: str) -> str:
    """A database of its own on the server; returns its URL."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return f"{url.rpartition('/')[0]}/{name}"


async def empty_graph(url: str) -> None:
    """Take everything out of the graph: the community edition has one database."""
    from neo4j import AsyncGraphDatabase

    credentials, _, host = url.removeprefix("bolt://").partition("@")
    user, _, password = credentials.partition(":")
    async with AsyncGraphDatabase.driver(f"bolt://{host}", auth=(user, password)) as driver:
        await driver.execute_query("MATCH (n) DETACH DELETE n")


async def test_what_was_acknowledged_survives_kill_9_once_on_the_three_servers(
    make_server: Callable[..., Server], kafka_server: str, neo4j_server: str, postgres_server: str
) -> None:
    await empty_graph(neo4j_server)
    server = make_server(
        STEMMA_LOG_URL=f"kafka://{kafka_server}/t-{uuid.uuid4().hex[:12]}?partitions=6",
        STEMMA_GRAPH_URL=neo4j_server,
        STEMMA_DATABASE_URL=await new_database(postgres_server),
    )
    acknowledged: dict[str, str] = {}
    sent: list[str] = []
    for number in range(ROUNDS):
        load = Load(server, f"R{number}")
        load.run_until(60)
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
    await empty_graph(neo4j_server)
