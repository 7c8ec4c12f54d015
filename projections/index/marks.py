"""What stands out on a timeline: corrections, conflicts, failed inspections and gaps in capture, and how many of them
were recorded of late.

Marks stand at event times and obey the filters of the timeline; tallies go by the time of recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.index import tables
from projections.index.read_events import literally
from projections.index.refused import TAKEN
from projections.index.tables import State
from projections.index.timeline import TimelineQuery, conditions, window

Striking = Literal["correction", "conflict", "failed_inspection"]
_OF_CAPTURE: Final = ("place", "resource", "operator")
"""Filters that say where something is captured; what it is about leaves no gap."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A source recorded nothing that happened between two moments; `until_us` is None while that lasts."""

    source: str
    from_us: int
    until_us: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many, the record times of the first and the last, and the earliest and latest time that they tell of."""

    count: int
    first_us: int | None
    last_us: int | None
    from_us: int | None
    to_us: int | None


async def marked(
    connection: AsyncConnection, kind: Striking, query: TimelineQuery, limit: int
) -> tuple[int, Sequence[Any]]:
    """How many there are in all, and the rows of `event_record` of the first by event time."""
    event = tables.event
    state, *more = _kind(kind, query.known_us)
    chosen = [*conditions(query, None, state), *window(query, event.c.event_us), *more]
    total = (await connection.execute(select(func.count()).select_from(event).where(*chosen))).scalar_one()
    rows = select(event).where(*chosen).order_by(event.c.event_us, event.c.event_sub, event.c.row).limit(limit)
    return int(total), list(await connection.execute(rows))


async def gaps(connection: AsyncConnection, query: TimelineQuery, least_us: int) -> list[Gap]:
    """Every gap of at least this length between two events of one source, by its start; the last one of a source lasts
    until what is asked for ends."""
    event = tables.event
    narrow = {name: values for name, values in query.included.items() if name in _OF_CAPTURE}
    without = {name: values for name, values in query.excluded.items() if name in _OF_CAPTURE}
    query = replace(query, included=narrow, excluded=without, by_way=())
    chosen = (*conditions(query, None), *window(query, event.c.event_us))
    before = func.lag(event.c.event_us).over(partition_by=event.c.source, order_by=event.c.event_us).label("before")
    inner = select(event.c.source, event.c.event_us, before).where(*chosen).subquery()
    wide = select(inner).where(inner.c.event_us - inner.c.before >= least_us)
    found = [Gap(row.source, row.before, row.event_us) for row in await connection.execute(wide)]
    last = select(event.c.source, func.max(event.c.event_us).label("last")).where(*chosen).group_by(event.c.source)
    end = min(one.us for one in (query.end, query.happened_by) if one) if query.end or query.happened_by else None
    until = query.known_us if end is None else min(end, query.known_us)
    found += [Gap(row.source, row.last, None) for row in await connection.execute(last) if until - row.last >= least_us]
    return sorted(found, key=lambda gap: (gap.from_us, gap.source))


async def recorded(connection: AsyncConnection, kind: Striking, since_us: int) -> Tally:
    """How many were recorded from this moment on."""
    event = tables.event
    chosen = (event.c.record_us >= since_us, *_kind(kind, None))
    return await _tally(connection, event.c.record_us, event.c.event_us, *chosen)


async def unanswered(connection: AsyncConnection, source: str | None) -> Tally:
    """Refused calls of one source, or of all, that were not sent again with success, by time of receipt. A call and
    what repeats it count once."""
    table = tables.refused
    taken = select(table.c.resubmits.label("id")).where(table.c.reason == TAKEN).cte("answered", recursive=True)
    answered = taken.union(select(table.c.resubmits).join_from(table, taken, table.c.id == taken.c.id))
    repeated = select(answered.c.id).where(answered.c.id.is_not(None))
    chosen = [table.c.reason != TAKEN, table.c.resubmits.is_(None), table.c.id.not_in(repeated)]
    if source is not None:
        chosen.append(table.c.source == source)
    return await _tally(connection, table.c.received_us, table.c.received_us, *chosen)


async def _tally(connection: AsyncConnection, us: Any, told: Any, *chosen: ColumnElement[bool]) -> Tally:
    columns = (func.count(), func.min(us), func.max(us), func.min(told), func.max(told))
    row = (await connection.execute(select(*columns).where(*chosen))).one()
    return Tally(*row)


def _kind(kind: Striking, known_us: int | None) -> tuple[ColumnElement[bool], ...]:
    event = tables.event
    if kind == "correction":
        return (literally(State.DECLARATION),)
    if kind == "conflict":
        return (literally(State.CONFLICT),)
    withdrawn = event.c.withdrawn_us
    in_force = withdrawn.is_(None) if known_us is None else or_(withdrawn.is_(None), withdrawn > known_us)
    return literally(State.STANDING), event.c.result == "fail", in_force
