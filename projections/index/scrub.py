"""Holds the rows of the event index against what the log makes of them, piece by piece, beside whoever writes.

A row that changed, or is missing, is found; nothing is kept for that when rows are written, since the log has it all.
What is recorded after a pass began is left to the next one.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

from sqlalchemy import Table, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from events.port import FACTS, EventLog
from events.reading import Checkpoint, Commit, PartitionPoint, PartitionReader
from projections.index import tables
from projections.index.checkpoints import checkpoint
from projections.index.database import Database, Row
from projections.index.names import known_rows
from projections.index.rows import rows_of
from projections.index.writer import expected_events, rows_beside
from projections.port import Batch
from projections.projecting import Project
from projections.projector import Projector
from projections.scrubbing import Scrubbed

PIECE: Final = 200
"""Records of the log read at once."""
_TOGETHER: Final = 100
"""Rows asked for by one statement."""


async def scrub(
    log: EventLog, database: Database, project: Project, base: str | None, rest: Callable[[float], None]
) -> Scrubbed:
    """One pass up to where the index stands now; `rest` is called after each piece with the seconds that it took.

    Errors: those of log and database.
    """
    began, rows, damaged = time.monotonic(), 0, set[str]()
    async with database.reading() as connection:
        reached = await checkpoint(connection)
    for partition, point in enumerate(reached.partitions):
        piece = time.monotonic()
        async for commits in _commits(log, partition, point):
            async with database.reading() as connection:
                for table, some in await _expected(connection, commits, project, base):
                    rows += len(some)
                    if await _differ(connection, table, some):
                        damaged.add(table.name)
            rest(time.monotonic() - piece)
            piece = time.monotonic()
    return Scrubbed(rows, time.monotonic() - began, tuple(sorted(damaged)))


async def _commits(log: EventLog, partition: int, point: PartitionPoint) -> AsyncIterator[list[Commit]]:
    """The commits of a partition before the point, some at once."""
    reader, after = PartitionReader(partition, PartitionPoint(0, 0)), -1
    while records := [one for one in await log.read(FACTS, partition, after, PIECE) if one.offset < point.next]:
        after = records[-1].offset
        yield reader.feed(records)


async def _expected(
    connection: AsyncConnection, commits: Sequence[Commit], project: Project, base: str | None
) -> list[tuple[Table, Sequence[Row]]]:
    """Each table with the rows that it ought to have of these commits."""
    facts, poison = Projector(project).each(event for commit in commits for event in commit.events)
    nowhere = Checkpoint(())
    rows = rows_of(Batch(commits, facts, poison, nowhere, nowhere))
    known, parts = known_rows(rows.names, base)
    rows.known, rows.parts = list(known), list(parts)
    return [(tables.event, await expected_events(connection, rows.events)), *rows_beside(rows)]


async def _differ(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> bool:
    """Whether any of these rows is not there, or is another. Of poison only that it is there: its reason is in words,
    which another version may choose otherwise."""
    columns = list(table.columns)
    keys = list(table.primary_key.columns)
    places = [columns.index(key) for key in keys]
    expected: dict[tuple[Any, ...], set[Row]] = defaultdict(set)
    for row in rows:
        expected[tuple(row[place] for place in places)].add(tuple(row))
    wanted = list(expected)
    for at in range(0, len(wanted), _TOGETHER):
        some = wanted[at : at + _TOGETHER]
        chosen = keys[0].in_([key[0] for key in some]) if len(keys) == 1 else tuple_(*keys).in_(some)
        for found in await connection.execute(select(table).where(chosen)):
            same = expected.pop(tuple(found[place] for place in places))
            if tuple(found) not in same and table is not tables.poison:
                return True
    return bool(expected)
