"""The timeline: events in force or withdrawn, filtered, in the order of events (trace.md section 2), page by page.

Every page is read along an index in time order: one branch for each value of the most telling filter, merged here,
so that a page costs what it shows and not what the place or object has ever seen. Counts over time are made in the
database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, and_, exists, func, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.index import tables
from projections.index.read_events import LISTED, IndexedEvent, chunks, indexed, literally
from projections.index.tables import Field, State
from schemas.times import Instant

BRANCHES: Final = 64
"""Values of one filter that are read as branches of their own; more are one condition."""
OBJECT: Final = "object"
EVENT: Final = "event"
FIELDS: Final = {
    "process": Field.PROCESS,
    "document": Field.DOCUMENT,
    "party": Field.PARTY,
    "resource": Field.RESOURCE,
    "operator": Field.OPERATOR,
    "result": Field.RESULT,
    "place": Field.PLACE,
    "activity": Field.ACTIVITY,
}
"""Filters beside `object` and `event` (ids), the most telling first."""
_COLUMNS: Final = {
    "process": ("process",),
    "operator": ("operator",),
    "result": ("result",),
    "place": ("read_point", "location"),
    "activity": ("step",),
}
"""Filters that an event at hand answers by itself, without a look at its terms."""
FILTERS: Final = (EVENT, OBJECT, *FIELDS)
_TELLING: Final = (EVENT, OBJECT, "process", "document")
_YEAR_ONE_US: Final = 62_135_596_800_000_000

After = tuple[int, str, int, str]
"""Keyset of the order of events: event time, its finer digits, recordTime, eventID."""
Values = dict[str, tuple[str, ...]]
Branch = tuple[str, list[str]]


@dataclass(frozen=True, slots=True)
class TimelineQuery:
    """What to show. A filter's values are alternatives, filters narrow each other; `excluded` takes out.

    `start` and `end` both include their instant; `known_us` must not exceed the watermark. `objects` that are
    concerned by way of containers are given as further eventIDs in `by_way`, alternatives to naming the object.
    """

    known_us: int
    included: Values = field(default_factory=dict)
    excluded: Values = field(default_factory=dict)
    by_way: tuple[str, ...] = ()
    start: Instant | None = None
    end: Instant | None = None
    happened_by: Instant | None = None
    descending: bool = False


async def page(
    connection: AsyncConnection, query: TimelineQuery, after: After | None, limit: int
) -> list[IndexedEvent]:
    """At most `limit` events strictly after the key, in the order asked for."""
    event = tables.event
    driver = next((name for name in FILTERS if 0 < len(_branches(query, name)) <= BRANCHES), None)
    found: dict[int, Any] = {}
    for branch in _branches(query, driver) if driver else (None,):
        selected, us = _branch(branch)
        order = (us, event.c.event_sub, event.c.record_us, event.c.event_id)
        selected = selected.where(*conditions(query, driver), *window(query, us))
        if after is not None:
            selected = selected.where(*_beyond(order, after, query.descending))
        ordered = selected.order_by(*(column.desc() if query.descending else column for column in order))
        found.update({row.row: row for row in await connection.execute(ordered.limit(limit))})
    merged = sorted(found.values(), key=_order, reverse=query.descending)[:limit]
    return [indexed(row) for row in merged]


async def matching(connection: AsyncConnection, query: TimelineQuery, rows: Sequence[int]) -> set[int]:
    """Which of these rows, standing or declarations, the filters let through."""
    event = tables.event
    chosen = [*conditions(query, None, event.c.state.in_(LISTED)), *window(query, event.c.event_us)]
    found = await connection.execute(select(event.c.row).where(event.c.row.in_(list(rows)), *chosen))
    return set(found.scalars())


async def counts(connection: AsyncConnection, query: TimelineQuery, bin_us: int) -> list[tuple[int, str, int]]:
    """(start of the bin in microseconds since 1970 UTC, event type, how many); bins without events are absent."""
    event = tables.event
    number = _bin(event.c.event_us, bin_us)
    selected = (
        select(number.label("bin"), event.c.type, func.count().label("events"))
        .where(*conditions(query, None), *window(query, event.c.event_us))
        .group_by(number, event.c.type)
        .order_by(number, event.c.type)
    )
    return [(row.bin * bin_us - _YEAR_ONE_US, row.type, row.events) for row in await connection.execute(selected)]


async def span(connection: AsyncConnection, query: TimelineQuery) -> tuple[int, int] | None:
    """Event times of the first and the last match; None without any."""
    us = tables.event.c.event_us
    selected = select(func.min(us), func.max(us)).where(*conditions(query, None), *window(query, us))
    first, last = (await connection.execute(selected)).one()
    return None if first is None else (first, last)


async def measured(connection: AsyncConnection, query: TimelineQuery, kind: str, limit: int) -> list[Any]:
    """Measurements of one type in matching events, by time: `event_sensor` columns and `event_id`.

    A telling filter finds the events first, which the type's own index must not forestall."""
    event, sensor = tables.event, tables.sensor
    typed: Any = sensor.c.type.concat("") if any(query.included.get(name) for name in _TELLING) else sensor.c.type
    selected = (
        select(sensor, event.c.event_id)
        .join_from(sensor, event, event.c.row == sensor.c.row)
        .where(typed == kind, *conditions(query, None), *window(query, event.c.event_us))
        .order_by(sensor.c.time_us, sensor.c.row, sensor.c.n)
    )
    return list(await connection.execute(selected.limit(limit)))


def _bin(us: Any, bin_us: int) -> Any:
    """Which bin a time falls into; year one is before every event, so division never meets a negative number."""
    return (us + literal_column(str(_YEAR_ONE_US), BigInteger)) // literal_column(str(int(bin_us)), BigInteger)


def _order(row: Any) -> After:
    return row.event_us, row.event_sub, row.record_us, row.event_id


def _branches(query: TimelineQuery, name: str | None) -> Sequence[Branch]:
    """The alternatives of a filter as (filter, values); none when it is not asked for."""
    values = query.included.get(name or "", ())
    if name == EVENT:
        return [(EVENT, some) for some in chunks(values)]
    branches: list[Branch] = [(name or "", [value]) for value in values]
    if name == OBJECT and values:
        branches += [(EVENT, some) for some in chunks(query.by_way)]
    return branches


def _branch(branch: Branch | None) -> tuple[Select[Any], Any]:
    """The rows of one alternative, and the column of event time that its index is ordered by."""
    event, mention, term = tables.event, tables.mention, tables.term
    if branch is None:
        return select(event), event.c.event_us
    name, values = branch
    if name == EVENT:
        return select(event).where(event.c.event_id.in_(values)), event.c.event_us
    value = values[0]
    if name == OBJECT:
        joined = select(event).join_from(mention, event, event.c.row == mention.c.row)
        return joined.where(mention.c.object == value, mention.c.first), mention.c.event_us
    joined = select(event).join_from(term, event, event.c.row == term.c.row)
    return joined.where(term.c.field == int(FIELDS[name]), term.c.value == value), term.c.event_us


def conditions(
    query: TimelineQuery, driver: str | None, state: ColumnElement[bool] | None = None
) -> list[ColumnElement[bool]]:
    """All but the driving filter, and what is known: of standing events, unless another `state` is asked for."""
    event = tables.event
    standing: ColumnElement[bool] = literally(State.STANDING) if state is None else state
    found: list[ColumnElement[bool]] = [standing, event.c.record_us <= query.known_us]
    if query.happened_by is not None:
        found.append(_not_after(event.c.event_us, query.happened_by))
    for name, values in query.included.items():
        if name != driver and values:
            found.append(_any(name, values, query.by_way, narrow=driver is not None))
    for name, values in query.excluded.items():
        if values:
            found.append(~_any(name, values, (), narrow=True))
    return found


def _any(name: str, values: Sequence[str], by_way: Sequence[str], *, narrow: bool) -> ColumnElement[bool]:
    """The event has one of the values. `narrow`: probed event by event, else found by the values' index."""
    event, mention, term = tables.event, tables.mention, tables.term
    if name == EVENT:
        return event.c.event_id.in_(values)
    if narrow and name in _COLUMNS:
        return or_(*(func.coalesce(event.c[column], "").in_(values) for column in _COLUMNS[name]))
    table: Any = mention if name == OBJECT else term
    having: list[ColumnElement[bool]] = [mention.c.object.in_(values)]
    if name != OBJECT:
        having = [term.c.field == int(FIELDS[name]), term.c.value.in_(values)]
    if narrow:
        beside = (table.c.event_us == event.c.event_us, table.c.row == event.c.row)
        found: ColumnElement[bool] = exists(select(table.c.row).where(*having, *beside).correlate(event))
    else:
        found = event.c.row.in_(select(table.c.row).where(*having))
    return or_(found, event.c.event_id.in_(by_way)) if name == OBJECT and by_way else found


def window(query: TimelineQuery, us: Any) -> list[ColumnElement[bool]]:
    """The bounds of event time on a column of an index, with the finer digits on the event."""
    found: list[ColumnElement[bool]] = []
    if query.start is not None:
        sub = tables.event.c.event_sub
        found += [us >= query.start.us, or_(us > query.start.us, sub >= query.start.sub)]
    if query.end is not None:
        found.append(_not_after(us, query.end))
    return found


def _not_after(us: Any, bound: Instant) -> ColumnElement[bool]:
    return and_(us <= bound.us, or_(us < bound.us, tables.event.c.event_sub <= bound.sub))


def _beyond(order: Sequence[Any], after: After, descending: bool) -> list[ColumnElement[bool]]:
    """Strictly after a key; the first condition lets the index begin there."""
    if descending:
        return [order[0] <= after[0], tuple_(*order) < tuple_(*after)]
    return [order[0] >= after[0], tuple_(*order) > tuple_(*after)]
