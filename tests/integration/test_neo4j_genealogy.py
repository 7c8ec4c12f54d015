"""What only Neo4j can do wrong: plans that enumerate paths, and connections or servers that go away."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from projections.genealogy import cypher
from projections.genealogy.bolt import connect
from projections.genealogy.neo4j import Neo4jGenealogy
from schemas.errors import Unavailable
from tests.conformance.test_genealogy import FLOUR, ITEM, moved, named, record
from tests.servers import Servers
from tests.tracing import project

pytestmark = pytest.mark.servers


@pytest_asyncio.fixture
async def genealogy(neo4j_server: str) -> AsyncIterator[Neo4jGenealogy]:
    opened = await Neo4jGenealogy.open(neo4j_server)
    await opened.reset(1)
    yield opened
    await opened.close()


@pytest.mark.parametrize("statement", [cypher.AHEAD, cypher.BEHIND])
async def test_a_walk_visits_each_node_once(statement: str, neo4j_server: str, genealogy: Neo4jGenealogy) -> None:
    driver, database = connect(neo4j_server)
    async with driver, driver.session(database=database) as session:
        asked = await session.run("EXPLAIN " + statement, names=[1], known_us=1, happened_us=1)
        plan = str((await asked.consume()).plan)
    assert "VarLengthExpand(Pruning,BFS" in plan
    assert "NodeUniqueIndexSeek" in plan


async def test_opening_twice_changes_nothing(neo4j_server: str, genealogy: Neo4jGenealogy) -> None:
    await project(genealogy, [record(moved("e1"), 1)])
    again = await Neo4jGenealogy.open(neo4j_server)
    assert await again.checkpoint() == await genealogy.checkpoint()
    assert await named(again, FLOUR) == ["e1"]
    await again.close()


async def test_emptying_leaves_nothing_behind(genealogy: Neo4jGenealogy, neo4j_server: str) -> None:
    await project(genealogy, [record(moved("e1"), 1)])
    await genealogy.reset(3)
    assert len((await genealogy.checkpoint()).partitions) == 3
    assert await named(genealogy, FLOUR) == []
    driver, _ = connect(neo4j_server)
    async with driver:
        found = await driver.execute_query("MATCH (n) RETURN count(n) AS nodes")
    assert found.records[0]["nodes"] == 1


async def test_a_wrong_password_is_named(neo4j_server: str) -> None:
    wrong = neo4j_server.replace("neo4j:", "neo4j:not-", 1)
    with pytest.raises(Unavailable, match="STEMMA_GRAPH_URL"):
        await Neo4jGenealogy.open(wrong)


@pytest.mark.slow
async def test_what_was_applied_survives_kill_9_of_the_server(servers: Servers, genealogy: Neo4jGenealogy) -> None:
    await project(genealogy, [record(moved("e1"), 1)])
    reached = await genealogy.checkpoint()
    servers.kill("neo4j")
    try:
        with pytest.raises(Unavailable):
            await genealogy.checkpoint()
    finally:
        servers.restart("neo4j")
    assert await genealogy.checkpoint() == reached
    assert await named(genealogy, FLOUR) == ["e1"]
    await project(genealogy, [record(moved("e2", epcList=[ITEM]), 2)])
    assert await named(genealogy, ITEM) == ["e2"]
