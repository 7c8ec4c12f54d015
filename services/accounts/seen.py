"""Reading the stream `access`: a table in the workbench that follows the log, to be asked by time and actor.

The log is the truth; the table holds nothing of its own and is filled again when it is not of this log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from events.access import Access, AccessKind, decode_access
from events.port import ACCESS, EventLog, Record
from schemas.errors import Unavailable
from services.accounts.tables import seen
from services.workbench import Workbench

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """One record and its place in the stream."""

    offset: int
    access: Access


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked for; empty tuples and None ask for all. Times in microseconds since 1970 UTC, both included.
    `actors` are those who did it or whom it was done to."""

    kinds: tuple[AccessKind, ...] = ()
    actors: tuple[str, ...] = ()
    from_us: int | None = None
    to_us: int | None = None
    after: int | None = None
    descending: bool = True


class SeenAccess:
    """The records of `access`, as they can be asked for. Errors of every method: `Unavailable`."""

    def __init__(self, workbench: Workbench, log: EventLog) -> None:
        self._workbench = workbench
        self._log = log
        self._turn = asyncio.Lock()
        self._known_log = False

    async def page(self, sought: Sought, limit: int) -> list[Seen]:
        """At most `limit` records by their place in the stream, everything recorded before the call included."""
        await self._follow()
        question = sa.select(seen).where(*_conditions(sought))
        order = seen.c.offset.desc() if sought.descending else seen.c.offset
        rows = await self._workbench.rows(question.order_by(order).limit(limit))
        return [_seen(row) for row in rows]

    async def _follow(self) -> None:
        async with self._turn:
            last = await self._last()
            while records := await self._log.read(ACCESS, 0, last, _BATCH):
                await self._take(records)
                last = await self._last()

    async def _last(self) -> int:
        """The offset up to which the table has the log; -1, and an empty table, where it is of another log."""
        rows = await self._workbench.rows(sa.select(seen.c.offset, seen.c.id).order_by(seen.c.offset.desc()).limit(1))
        if not rows or self._known_log:
            return int(rows[0]["offset"]) if rows else -1
        last = int(rows[0]["offset"])
        same = [decode_access(one).id for one in await self._log.read(ACCESS, 0, last - 1, 1)]
        if same == [rows[0]["id"]]:
            self._known_log = True
            return last
        async with self._workbench.change() as change:
            await change.execute(seen.delete())
        return -1

    async def _take(self, records: Sequence[Record]) -> None:
        try:
            async with self._workbench.change() as change:
                await change.execute(seen.insert(), [_row(record) for record in records])
        except Unavailable as fault:
            # Another process that follows the same log has them already.
            if not isinstance(fault.__cause__, IntegrityError):
                raise


def _conditions(sought: Sought) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if sought.kinds:
        found.append(seen.c.kind.in_(sought.kinds))
    if sought.actors:
        found.append(seen.c.actor.in_(sought.actors) | seen.c.subject.in_(sought.actors))
    if sought.from_us is not None:
        found.append(seen.c.at_us >= sought.from_us)
    if sought.to_us is not None:
        found.append(seen.c.at_us <= sought.to_us)
    if sought.after is not None:
        found.append(seen.c.offset < sought.after if sought.descending else seen.c.offset > sought.after)
    return found


def subject_of(access: Access) -> str | None:
    """The account or key that a record is about, as actors are named."""
    for name in ("account", "key"):
        if isinstance(found := access.body.get(name), str):
            return f"{name}:{found}"
    return None


def _row(record: Record) -> dict[str, Any]:
    one = decode_access(record)
    return {
        "offset": record.offset,
        "id": one.id,
        "kind": one.kind,
        "actor": one.actor,
        "subject": subject_of(one),
        "at_us": one.at_us,
        "address": one.address,
        "body": orjson.dumps(dict(one.body)).decode(),
    }


def _seen(row: Any) -> Seen:
    body = orjson.loads(row["body"])
    access = Access(row["id"], row["kind"], row["actor"], row["at_us"], row["address"], body)
    return Seen(row["offset"], access)
