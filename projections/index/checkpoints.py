"""How far the event index has read, in the same database, and the fence against rival writers (architecture rule 3)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from events.reading import Checkpoint
from projections.index import read_events, tables
from projections.index.database import Database
from projections.port import Batch
from schemas.errors import BadInput, Fenced

NAME: Final = "index"
VERSION: Final = 3


async def begin(database: Database, partitions: int, any_version: bool = False) -> None:
    """The first checkpoint, or a check that the stored one is of this kind."""
    table, start = tables.checkpoint, Checkpoint.start(partitions)
    async with database.writing() as connection:
        await database.insert(connection, table, [(NAME, VERSION, read_events.checkpoint_text(start))])
        stored = (await connection.execute(select(table).where(table.c.name == NAME))).one()
    if any_version:
        return
    if stored.version != VERSION or len(read_events.checkpoint_of(stored.body).partitions) != partitions:
        raise BadInput("the event index is of another version or number of partitions: run `stemma rebuild`")


async def checkpoint(connection: AsyncConnection) -> Checkpoint:
    stored = await read_events.checkpoint(connection, NAME)
    if stored is None:
        raise Fenced("the event index is being rebuilt")
    return stored


async def advance(connection: AsyncConnection, batch: Batch) -> None:
    """Take the checkpoint, hold it against rivals until the commit, and move it on (architecture rule 3)."""
    table = tables.checkpoint
    chosen = table.c.name == NAME
    stored = (await connection.execute(select(table.c.body).where(chosen).with_for_update())).scalar_one_or_none()
    if stored is None or read_events.checkpoint_of(stored) != batch.before:
        raise Fenced("another process has moved the event index on")
    await connection.execute(update(table).where(chosen).values(body=read_events.checkpoint_text(batch.after)))
