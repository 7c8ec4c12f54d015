"""The genealogy in Neo4j beside plain Cypher in the same database and run.

An impact's first page (totals, whereabouts, relations, flags, carriers, consignees) against the walk by itself: one
statement with the same predicate that returns the same columns. Projection against the least that would make a graph of
the same events: `MERGE` of event, objects and relations, and no settling, positions or columns.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from neo4j import AsyncDriver

from projections.genealogy import cypher
from projections.genealogy.bolt import connect
from projections.genealogy.neo4j import Neo4jGenealogy
from projections.port import Fact
from tests.bench.plant import facts, last_us, root
from tests.bench.served import Plan
from tests.bench.trace import BATCH, ask, fill, median

CLOSURES: Final = (1_000, 10_000, 100_000)
WARM: Final = 20
"""Turns that do not count: a server that has just started compiles what it runs often."""
_SCHEMA: Final = (
    "CREATE CONSTRAINT bench_event IF NOT EXISTS FOR (e:BenchEvent) REQUIRE e.id IS UNIQUE",
    "CREATE CONSTRAINT bench_object IF NOT EXISTS FOR (o:BenchObject) REQUIRE o.key IS UNIQUE",
)
_MERGE: Final = (
    "UNWIND $rows AS r MERGE (e:BenchEvent {id: r[0]}) WITH e, r "
    "UNWIND r[1] AS key MERGE (o:BenchObject {key: key}) MERGE (o)-[:IN]->(e)"
)
_DROP: Final = (
    "MATCH (n:BenchEvent) CALL { WITH n DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS",
    "MATCH (n:BenchObject) CALL { WITH n DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS",
    "DROP CONSTRAINT bench_event",
    "DROP CONSTRAINT bench_object",
)


def bench(plan: Plan) -> None:
    """Closures among 20,000 other objects, with --full among a million. Needs --servers."""
    if not plan.servers:
        print("Neo4j is wanted: run it with --servers", flush=True)
        return
    closures, filler = (CLOSURES, 1_000_000) if plan.full else (CLOSURES[:2], 20_000)
    asyncio.run(_measured(plan.servers["neo4j"], closures, filler))


async def _measured(url: str, closures: tuple[int, ...], filler: int) -> None:
    driver, database = connect(url)
    genealogy = await Neo4jGenealogy.open(url)
    await genealogy.reset(1)
    async with driver:
        bare = await _merged(driver, database, facts((1_000,), 20_000))
        count, seconds = await fill(genealogy, facts(closures, filler))
        rate = count / seconds
        print(f"projected {count:,} events, {rate:,.0f}/s; bare MERGE {bare:,.0f}/s; {rate / bare:.2f} x", flush=True)
        for size in closures:
            await _compared(genealogy, driver, database, size)
    await genealogy.reset(1)
    await genealogy.close()


async def _compared(genealogy: Neo4jGenealogy, driver: AsyncDriver, database: str | None, size: int) -> None:
    found = await driver.execute_query(cypher.FIND, keys=[root(size)], database_=database)
    limits = {"names": found.records[0]["ids"], "known_us": 2**60, "happened_us": 2**60}

    async def raw() -> None:
        answer = await driver.execute_query(cypher.AHEAD, limits, database_=database)
        assert len(answer.records[0]["names"]) >= size

    for _ in range(WARM):
        await ask(genealogy, root(size))
        await raw()
    ours = await median(lambda: ask(genealogy, root(size)))
    theirs = await median(raw)
    then = await median(lambda: ask(genealogy, root(size), known_us=last_us()))
    print(
        f"impact of {size:>7,}: page of 100 {ours * 1000:7.1f} ms; the walk in raw Cypher {theirs * 1000:7.1f} ms; "
        f"{ours / theirs:.2f} x; as of a record time {then / ours:.2f} x of now",
        flush=True,
    )


async def _merged(driver: AsyncDriver, database: str | None, events: Iterable[Fact]) -> float:
    """Events a second of the bare graph, which is removed after it."""
    for statement in _SCHEMA:
        await driver.execute_query(statement, database_=database)
    stream, count, began = iter(events), 0, time.perf_counter()
    while chunk := list(islice(stream, BATCH)):
        count += len(chunk)
        rows: list[list[Any]] = [
            [one.facts.event_id, list({mention.object for mention in one.facts.mentions})] for one in chunk
        ]
        await driver.execute_query(_MERGE, rows=rows, database_=database)
    rate = count / (time.perf_counter() - began)
    async with driver.session(database=database) as session:
        for statement in _DROP:
            await (await session.run(statement)).consume()
    return rate
