"""What only Neo4j can do wrong: plans that enumerate paths, and connections or servers that go away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from events.reading import Checkpoint
from projections.genealogy import cypher, neo4j
from projections.genealogy.bolt import connect
from projections.genealogy.neo4j import Neo4jGenealogy
from schemas.errors import Fenced, Unavailable
from tests.conformance.test_genealogy import BOX, FLOUR, ITEM, moved, named, record
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
    assert "NodeUniqueIndexSeek" in plan, plan


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


NEW = record(moved("e0", readPoint={"id": BOX}), 0)
STORY = [record(moved("e1", epcList=[ITEM]), 1), record(moved("e2"), 2)]


def before_statement(monkeypatch: pytest.MonkeyPatch, number: int, then: Callable[[], Awaitable[None]]) -> None:
    """Have something happen before that statement of an emptying, once; each of them is committed by itself."""
    said, left = neo4j._held, iter([False] * number + [True])

    async def held(*given: Any) -> Any:
        if next(left, False):
            await then()
        return await said(*given)

    monkeypatch.setattr(neo4j, "_held", held)


class Ended(Exception):
    """The process is no more."""


async def ended() -> None:
    raise Ended


@pytest.mark.parametrize("statement", range(1, 8))
async def test_an_emptying_that_was_cut_short_is_begun_anew(
    statement: int, neo4j_server: str, genealogy: Neo4jGenealogy, monkeypatch: pytest.MonkeyPatch
) -> None:
    await project(genealogy, STORY)
    before_statement(monkeypatch, statement, ended)
    with pytest.raises(Ended):
        await genealogy.reset(1)
    with pytest.raises(Unavailable, match="emptied"):
        await genealogy.checkpoint()
    again = await Neo4jGenealogy.open(neo4j_server)
    assert await again.checkpoint() == Checkpoint.start(1)
    assert await named(again, FLOUR) == []
    await project(again, [NEW, *STORY])
    assert await named(again, FLOUR) == ["e0", "e1", "e2"]
    assert await named(again, ITEM) == ["e1"]
    await again.close()


async def test_what_stands_without_a_position_goes_first(neo4j_server: str, genealogy: Neo4jGenealogy) -> None:
    await project(genealogy, STORY)
    driver, _ = connect(neo4j_server)
    async with driver:
        await driver.execute_query("MATCH (p:Position) DELETE p")
    again = await Neo4jGenealogy.open(neo4j_server)
    await project(again, [NEW, *STORY])
    assert await named(again, BOX) == ["e0"]
    assert await named(again, ITEM) == ["e1"]
    await again.close()


async def test_of_two_that_empty_it_the_first_is_fenced(
    neo4j_server: str, genealogy: Neo4jGenealogy, monkeypatch: pytest.MonkeyPatch
) -> None:
    await project(genealogy, STORY)
    other = await Neo4jGenealogy.open(neo4j_server)

    async def taken_over() -> None:
        await other.reset(1)
        await project(other, STORY)

    before_statement(monkeypatch, 2, taken_over)
    with pytest.raises(Fenced):
        await genealogy.reset(1)
    assert await named(genealogy, FLOUR) == ["e1", "e2"]
    await other.close()


async def test_numbers_from_before_another_emptied_it_are_forgotten(
    neo4j_server: str, genealogy: Neo4jGenealogy
) -> None:
    await project(genealogy, STORY)
    other = await Neo4jGenealogy.open(neo4j_server)
    await other.reset(1)
    await project(other, [record(moved("e3", readPoint={"id": BOX}, quantityList=[]), 3)])
    await other.close()
    await project(genealogy, [record(moved("e4", epcList=[ITEM]), 4)])
    assert await named(genealogy, ITEM) == await named(genealogy, FLOUR) == ["e4"]
    assert await named(genealogy, BOX) == ["e3"]


async def test_a_wrong_password_is_named(neo4j_server: str) -> None:
    wrong = neo4j_server.replace("neo4j:", "neo4j:not-", 1)
    with pytest.raises(Unavailable, match="STEMMA_GRAPH_URL"):
        await Neo4jGenealogy.open(wrong)
