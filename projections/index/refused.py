"""Refused calls as a table, so that they can be listed; the truth is the log's stream `refused`, which fills it.

A rebuild of the index leaves them. Nothing here decides what is refused or who may see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.index import tables
from projections.index.database import Database

TAKEN: Final = "resubmitted"
"""Reason of the row that says a resubmission was taken; no refused call by itself."""


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """A call that was refused. `received_us` in microseconds since 1970 UTC; `call` is method and path; `body` all
    else that is kept of it, as plain JSON; `resubmits` the refused call that this one repeats."""

    id: str
    received_us: int
    source: str
    actor: str
    call: str
    reason: str
    status: int
    body: dict[str, Any]
    resubmits: str | None = None


async def add(database: Database, connection: AsyncConnection, calls: Iterable[RefusedCall]) -> None:
    """Add those that are not there yet."""
    rows = [
        (
            *(one.id, one.received_us, one.source, one.actor, one.call, one.reason, one.status),
            *(orjson.dumps(one.body), one.resubmits),
        )
        for one in calls
    ]
    await database.insert(connection, tables.refused, rows)


async def page(
    connection: AsyncConnection,
    reason: str | None,
    source: str | None,
    before: tuple[int, str] | None,
    limit: int,
) -> list[RefusedCall]:
    """Newest first, strictly before (time of receipt, id)."""
    table = tables.refused
    query = select(table)
    if reason is not None:
        query = query.where(table.c.reason == reason)
    if source is not None:
        query = query.where(table.c.source == source)
    if before is not None:
        query = query.where(table.c.received_us <= before[0], tuple_(table.c.received_us, table.c.id) < tuple_(*before))
    ordered = query.order_by(table.c.received_us.desc(), table.c.id.desc()).limit(limit)
    return [_call(row) for row in await connection.execute(ordered)]


async def of_ids(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, RefusedCall]:
    """Refused calls by id; unknown ones are absent."""
    query = select(tables.refused).where(tables.refused.c.id.in_(list(ids)))
    return {row.id: _call(row) for row in await connection.execute(query)}


async def resubmissions(connection: AsyncConnection, call_id: str) -> list[str]:
    """Ids of the refused calls that repeat this one, oldest first."""
    table = tables.refused
    query = select(table.c.id).where(table.c.resubmits == call_id).order_by(table.c.received_us, table.c.id)
    return list((await connection.execute(query)).scalars())


async def count(connection: AsyncConnection, source: str) -> int:
    """How many calls of a source are kept."""
    query = select(func.count()).select_from(tables.refused).where(tables.refused.c.source == source)
    return int((await connection.execute(query)).scalar_one())


def _call(row: Any) -> RefusedCall:
    return RefusedCall(
        *(row.id, row.received_us, row.source, row.actor, row.call, row.reason, row.status),
        *(orjson.loads(row.body), row.resubmits),
    )
