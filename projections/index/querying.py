"""Answers what `asked` says, page by page, along an index.

Three ways, the first that fits. *Few*: an index gives at most some thousands of rows for one condition; they are
fetched and put in order. *Branches*: in order of event time, one branch for each value of a term, each read along its
index. *Walk*: along event time or record time, each event probed. So a page costs what the rarest condition holds, or
what is passed over until it is full. Order: recordTime, eventID, content break every tie (epcis.md Q11, P3).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

from sqlalchemy import Integer, Select, and_, cast, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.index import tables
from projections.index.asked import After, Asked, Between, Columns, Condition, Order, Window
from projections.index.conditions import TERMS, among_rows, is_exact, probe, rows, test
from projections.index.names import OBJECT_KINDS
from projections.index.read_events import LISTED, IndexedEvent, indexed, literally
from projections.index.tables import State

FEW: Final = 20_000
"""Rows of one condition that are fetched whole, in a tenth of a second: they may all lie at the far end of the way
along time, and a page would pass over the whole index."""
RARE: Final = 200
"""Rows that no other condition needs to be tried against."""
BRANCHES: Final = 32
_CHUNK: Final = 200
_STATES: Final = (State.STANDING, State.DECLARATION)


async def page(
    connection: AsyncConnection, asked: Asked, after: After | None, limit: int, known_us: int
) -> list[IndexedEvent]:
    """At most `limit` events in the order asked for, strictly after the key."""
    found: list[IndexedEvent] = []
    tested = [one for one in asked.conditions if not is_exact(one)]
    async for event in _matching(connection, asked, after, limit, known_us):
        if all(test(one, event.facts) for one in tested):
            found.append(event)
            if len(found) == limit:
                break
    return found


async def _matching(
    connection: AsyncConnection, asked: Asked, after: After | None, limit: int, known_us: int
) -> AsyncIterator[IndexedEvent]:
    """Events that the database finds, in order, in as many statements as are drawn."""
    driver = _driver(asked.conditions) if asked.order.by == "event" else None
    tried = [one for one in asked.conditions if one is not driver and not _leads(one, asked.order)]
    few = await _few(connection, tried)
    size = limit if all(is_exact(one) for one in asked.conditions) else max(limit, _CHUNK)
    while True:
        some = await _chunk(connection, asked, few, after, size, known_us)
        for row, _ in some:
            yield indexed(row)
        if len(some) < size:
            return
        after = some[-1][1]


async def _few(connection: AsyncConnection, conditions: Sequence[Condition]) -> list[int] | None:
    """The rows that the most telling condition leaves, None if each leaves many. What the way along time is bounded or
    led by anyway is not tried."""
    best: list[int] | None = None
    for condition in sorted(conditions, key=_telling):
        chosen = rows(connection, condition)
        if chosen is None:
            continue
        some = await _at_most(connection, chosen, FEW if best is None else len(best) - 1)
        best = best if some is None else some
        if best is not None and len(best) <= RARE:
            break
    return best


async def _at_most(connection: AsyncConnection, chosen: Any, most: int) -> list[int] | None:
    """The rows, None if there are more; many are not carried here to be counted."""
    found = list((await connection.execute(chosen.limit(min(most, RARE) + 1))).scalars())
    if len(found) <= min(most, RARE):
        return found
    if most <= RARE or (await connection.execute(chosen.offset(most).limit(1))).first() is not None:
        return None
    return list((await connection.execute(chosen)).scalars())


def _telling(condition: Condition) -> int:
    """Both bounds of a field before each; windows and common words last: they leave many as a rule."""
    if isinstance(condition, Between):
        return 0
    if isinstance(condition, Window):
        return 3
    return 2 if isinstance(condition, Columns) and condition.name != "process" else 1


async def _chunk(
    connection: AsyncConnection, asked: Asked, few: list[int] | None, after: After | None, size: int, known_us: int
) -> list[tuple[Any, After]]:
    """The next rows with their keys."""
    steered = few is None and asked.order.by != "record"
    found: dict[int, tuple[Any, After]] = {}
    for chosen, columns in _branches(connection, asked, few):
        conditions = [
            probe(connection, one, by_index=few is None and _leads(one, asked.order)) for one in asked.conditions
        ]
        known = tables.event.c.record_us if few is None and not steered else tables.event.c.record_us + 0
        chosen = chosen.where(known <= known_us, *(one for one in conditions if one is not None))
        if after is not None:
            chosen = chosen.where(_beyond(columns, after))
        ordered = chosen.add_columns(*(column.label(f"key{n}") for n, (column, _) in enumerate(columns)))
        ordered = ordered.order_by(*(column.desc() if down else column for column, down in columns)).limit(size)
        for row in await connection.execute(ordered):
            found[row.row] = (row, _key(row, len(columns)))
    downs = [down for _, down in _columns(asked.order)]
    return sorted(found.values(), key=_sorting(downs))[:size]


def _leads(condition: Condition, order: Order) -> bool:
    return isinstance(condition, Window) and condition.name == f"{order.by}_us"


def _branches(
    connection: AsyncConnection, asked: Asked, few: list[int] | None
) -> list[tuple[Select[Any], list[tuple[Any, bool]]]]:
    """The selects whose rows together are the answer's, each with its order as (column, descending)."""
    event, order = tables.event, asked.order
    listed = event.c.state.in_(LISTED)
    if few is not None:
        return [(select(event).where(among_rows(connection, few), listed), _columns(order, free=True))]
    if order.by == "event":
        driver = _driver(asked.conditions)
        if driver is not None:
            term, field = tables.term, int(TERMS[driver.name])
            joined = (
                select(event).join_from(term, event, event.c.row == term.c.row).where(listed, term.c.field == field)
            )
            columns = [(term.c.event_us, order.descending), *_columns(order)[1:]]
            return [(joined.where(term.c.value == value), columns) for value in driver.values]
        return [(select(event).where(literally(state)), _columns(order)) for state in _STATES]
    return [(select(event).where(listed), _columns(order))]


def _driver(conditions: Sequence[Condition]) -> Columns | None:
    """The condition on a term with the fewest values."""
    able = [one for one in conditions if isinstance(one, Columns) and one.name in TERMS and len(one.values) <= BRANCHES]
    return min(able, key=lambda one: len(one.values), default=None)


def _columns(order: Order, *, free: bool = False) -> list[tuple[Any, bool]]:
    """The columns of an order as (column, descending); `free` ones are hidden from indexes."""
    event = tables.event
    record, time = (event.c.record_us + 0, event.c.event_us + 0) if free else (event.c.record_us, event.c.event_us)
    ties = [(event.c.event_id, False), (event.c.content, False), (event.c.row, False)]
    if order.by == "record":
        return [(record, order.descending), *ties]
    if order.by == "event":
        return [(time, order.descending), (event.c.event_sub, order.descending), (record, False), *ties]
    attribute = tables.attribute
    told = select(func.min(attribute.c.value)).where(
        attribute.c.row == event.c.row, attribute.c.field == literal(order.by), attribute.c.value != ""
    )
    value = told.correlate(event).scalar_subquery()
    missing = value.is_(None)
    return [
        *((cast(missing, Integer), False), (func.coalesce(value, ""), order.descending), (record, False)),
        *ties,
    ]


def _key(row: Any, width: int) -> After:
    values = (getattr(row, f"key{n}") for n in range(width))
    return tuple(value.hex() if isinstance(value, bytes) else value for value in values)


def _sorting(downs: Sequence[bool]) -> Callable[[tuple[Any, After]], Any]:
    """The sorting key of rows with their keys, column by column up or down."""

    def sort_key(found: tuple[Any, After]) -> Any:
        return tuple(_Falling(value) if down else value for value, down in zip(found[1], downs, strict=True))

    return sort_key


class _Falling:
    """A value that sorts the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Falling) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Falling) and bool(self.value == other.value)

    __hash__ = None  # type: ignore[assignment]


def _beyond(columns: Sequence[tuple[Any, bool]], after: After) -> Any:
    """Strictly after a key; the first condition lets an index begin there."""
    values = [bytes.fromhex(str(one)) if n == len(after) - 2 else one for n, one in enumerate(after)]
    head = [(column, down, value) for (column, down), value in zip(columns, values, strict=True)]
    column, down, value = head[0]
    bound = column <= value if down else column >= value
    level: Any = None
    for column, down, value in reversed(head):
        step = column < value if down else column > value
        level = step if level is None else or_(step, and_(column == value, level))
    return and_(bound, level)


async def key_of(connection: AsyncConnection, asked: Asked, event: IndexedEvent) -> After:
    """The key of one event in this order."""
    columns = _columns(asked.order)
    chosen = select(*(column.label(f"key{n}") for n, (column, _) in enumerate(columns)))
    row = (await connection.execute(chosen.select_from(tables.event).where(tables.event.c.row == event.row))).one()
    return _key(row, len(columns))


async def objects(connection: AsyncConnection, after: str, limit: int, known_us: int) -> list[str]:
    """Keys of objects that listed events known by then name, strictly after one, sorted."""
    name, mention, event = tables.name, tables.mention, tables.event
    named = exists(
        select(mention.c.row)
        .join_from(mention, event, event.c.row == mention.c.row)
        .where(mention.c.object == name.c.key, event.c.record_us <= known_us, event.c.state.in_(LISTED))
        .correlate(name)
    )
    chosen = select(name.c.key).where(name.c.kind.in_((*OBJECT_KINDS, "place", "party")), name.c.key > after, named)
    return list((await connection.execute(chosen.distinct().order_by(name.c.key).limit(limit))).scalars())
