"""The genealogy on Neo4j over Bolt: the same contract as the embedded one, held to the same conformance suite.

A batch is one transaction that first locks and compares the position (architecture rule 3). Names and events are
numbered by counters on that position, so the handles of a reader are the store's own numbers. Relations are created
for events new to the graph only, in order of their keys. Readers fetch columns, never rows (`neo4j_reader`).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, LiteralString
from uuid import uuid4

import orjson
from neo4j import READ_ACCESS, WRITE_ACCESS, AsyncDriver, AsyncGraphDatabase, AsyncSession, AsyncTransaction

from events.reading import Checkpoint
from projections.genealogy import cypher
from projections.genealogy.bolt import connect, translating
from projections.genealogy.neo4j_reader import Neo4jReader
from projections.genealogy.plan import Held, Plan, planned, sought, texts_of
from projections.genealogy.port import Limits, Reader
from projections.port import Batch
from schemas.errors import Fenced, Unavailable

_ROWS = 5_000
"""Rows of one writing statement."""
_REMEMBERED = 500_000
_AGAIN_SECONDS = (0.1, 1.0)
"""Of two that empty at once each waits another while."""


class Neo4jGenealogy:
    """Genealogy port over Bolt; `base` is the setting for in-house identifiers. Closed by who opened it."""

    name = "genealogy"
    version = 1
    computes = False

    def __init__(self, driver: AsyncDriver, database: str | None, base: str | None) -> None:
        self._driver, self._database, self._base = driver, database, base
        self._bookmarks = AsyncGraphDatabase.bookmark_manager()
        self._ids: dict[str, int] = {}
        self._generation: str | None = None
        """Of which emptying the numbers in `_ids` are: another process may empty and fill the store anew."""
        self._lock = asyncio.Lock()
        self._closed = False

    @classmethod
    async def open(cls, url: str, *, partitions: int = 1, base: str | None = None) -> Neo4jGenealogy:
        """Connect, and make constraints, indexes and the position where they are missing. Emptying that another
        process has begun and not ended is begun anew.

        Errors: `BadInput` for a wrong URL, `Unavailable`.
        """
        driver, database = connect(url)
        opened = cls(driver, database, base)
        try:
            await opened._begin(partitions)
        except BaseException:
            await driver.close()
            raise
        return opened

    async def checkpoint(self) -> Checkpoint:
        async with self._session() as session:
            found = await _single(session, cypher.CHECKPOINT, {"projection": self.name})
        return _checkpoint(found)

    async def watermark_us(self) -> int:
        return (await self.checkpoint()).watermark_us

    async def apply(self, batch: Batch) -> None:
        async with self._lock:
            try:
                async with self._session() as session, await session.begin_transaction() as transaction:
                    await self._apply(transaction, batch)
                    await transaction.commit()
            except BaseException:
                # A thread that was left behind may still write into the old one.
                self._ids = {}
                raise

    @asynccontextmanager
    async def reader(self, limits: Limits) -> AsyncIterator[Reader]:
        async with self._session(READ_ACCESS) as session:
            yield Neo4jReader(session, limits)

    async def reset(self, partitions: int) -> None:
        """Remove everything of this projection, before it is filled again; until then nothing can be
        applied (`Unavailable`), but a reader sees what is left.

        Errors: `Fenced` when another process empties it too, `Unavailable`.
        """
        async with self._lock:
            await self._empty(partitions)

    async def close(self) -> None:
        self._closed = True
        await self._driver.close()

    @asynccontextmanager
    async def _session(self, access: str = WRITE_ACCESS) -> AsyncIterator[AsyncSession]:
        if self._closed:
            raise Unavailable("the genealogy is closed")
        session = self._driver.session(
            database=self._database, bookmark_manager=self._bookmarks, default_access_mode=access
        )
        async with translating(), session:
            yield session

    async def _begin(self, partitions: int) -> None:
        async with self._session() as session:
            for statement in (*cypher.SCHEMA, cypher.AWAIT_SCHEMA):
                await (await session.run(statement)).consume()
            while (await _one(session, cypher.BEGIN, {"projection": self.name}))["emptying"] is not None:
                with suppress(Fenced):
                    await self._empty(partitions)
                    return
                await asyncio.sleep(random.uniform(*_AGAIN_SECONDS))

    async def _empty(self, partitions: int) -> None:
        claimed = {"projection": self.name, "claim": uuid4().hex, "rows": _ROWS}
        start = {**claimed, "checkpoint": _text(Checkpoint.start(partitions))}
        async with self._session() as session:
            await _held(session, cypher.CLAIM, claimed)
            for statement in cypher.EMPTY:
                while await _held(session, statement, claimed):
                    pass
            await _held(session, cypher.EMPTIED, start)

    async def _apply(self, transaction: AsyncTransaction, batch: Batch) -> None:
        position = await _one(transaction, cypher.TAKE, {"projection": self.name})
        if _checkpoint(position) != batch.before:
            raise Fenced("another process has moved the genealogy's position")
        if position["generation"] != self._generation:
            self._ids, self._generation = {}, position["generation"]
        names, rows = position["names"], position["rows"]
        if batch.facts:
            plan = await self._plan(transaction, batch, names, rows)
            await _write(transaction, plan)
            names, rows = plan.names, plan.rows
        reached = {"projection": self.name, "checkpoint": _text(batch.after), "names": names, "rows": rows}
        await _run(transaction, cypher.REACH, reached)

    async def _plan(self, transaction: AsyncTransaction, batch: Batch, names: int, rows: int) -> Plan:
        await self._look_up(transaction, texts_of(batch.facts))
        event_ids = {"ids": sorted({sought(fact.facts.event_id) for fact in batch.facts})}
        records = (await _one(transaction, cypher.RECORDS, event_ids))["records"]
        standing = (await _one(transaction, cypher.STANDING, event_ids))["standing"] if records else []
        held = Held(records, {event_id: (row, content) for event_id, row, content in standing})
        return await asyncio.to_thread(planned, batch.facts, held, self._ids, names, rows, self._base)

    async def _look_up(self, transaction: AsyncTransaction, texts: Sequence[str]) -> None:
        if len(self._ids) > _REMEMBERED:
            self._ids.clear()
        missing = {sought(text): text for text in texts if text not in self._ids}
        keys = list(missing)
        for start in range(0, len(keys), _ROWS):
            found = await _one(transaction, cypher.NAMES, {"keys": keys[start : start + _ROWS]})
            self._ids.update({missing[key]: name for key, name in zip(found["keys"], found["ids"], strict=True)})


async def _write(transaction: AsyncTransaction, plan: Plan) -> None:
    written: list[tuple[LiteralString, Sequence[Any]]] = [
        (cypher.ADD_NAMES, plan.new_names),
        (cypher.ADD_RECORDS, plan.new_records),
        (cypher.ADD_EVENTS, plan.new_events),
        (cypher.FORCE, plan.forces),
        *((cypher.RELATE[name], rows) for name, rows in plan.relations.items()),
    ]
    for statement, rows in written:
        for start in range(0, len(rows), _ROWS):
            await _run(transaction, statement, {"rows": rows[start : start + _ROWS]})


async def _run(transaction: AsyncTransaction, statement: LiteralString, parameters: dict[str, Any]) -> None:
    await (await transaction.run(statement, parameters)).consume()


async def _held(session: AsyncSession, statement: LiteralString, claimed: dict[str, Any]) -> Any:
    """What a statement of an emptying gives. Errors: `Fenced` when another has claimed it since."""
    found = await _one(session, statement, claimed)
    if not found:
        raise Fenced("another process empties the genealogy too")
    return found["held"]


async def _one(
    place: AsyncSession | AsyncTransaction, statement: LiteralString, parameters: dict[str, Any]
) -> dict[str, Any]:
    record = await (await place.run(statement, parameters)).single()
    return {} if record is None else dict(zip(record.keys(), record.values(), strict=True))


async def _single(session: AsyncSession, statement: LiteralString, parameters: dict[str, Any]) -> dict[str, Any]:
    async def work(transaction: Any) -> dict[str, Any]:
        return await _one(transaction, statement, parameters)

    return await session.execute_read(work)


def _checkpoint(position: dict[str, Any]) -> Checkpoint:
    if not position:
        raise Unavailable("the genealogy is being emptied")
    return Checkpoint.from_json(orjson.loads(position["checkpoint"]))


def _text(checkpoint: Checkpoint) -> str:
    return orjson.dumps(checkpoint.to_json()).decode()
