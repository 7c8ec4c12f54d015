"""Reading events by identity, by record time and by position; conflicts, poison and capture jobs.

Functions over one connection; `projections.index.store` offers them as methods of the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Select, exists, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from events.reading import Checkpoint
from projections.facts import EventFacts
from projections.index import codec, tables
from projections.index.database import among
from projections.index.tables import State, position_of
from projections.index.writer import CHUNK

LISTED: Final = (int(State.STANDING), int(State.DECLARATION))
"""States of the records that queries return; duplicates and conflicts are kept for the auditor."""


@dataclass(frozen=True, slots=True)
class Known:
    """What capture must know of an eventID: the standing record, or none while only declarations are known."""

    content: bytes | None
    record_us: int | None
    source: str | None
    withdrawn_us: int | None


@dataclass(frozen=True, slots=True)
class IndexedEvent:
    """One record with all that is kept of it but its raw bytes. Times in microseconds since 1970 UTC."""

    row: int
    closing: int
    index: int
    record_us: int
    content: bytes
    state: State
    withdrawn_us: int | None
    capture: str
    actor: str
    source: str
    may_correct: bool
    device: str | None
    received_us: int
    facts: EventFacts

    @property
    def position(self) -> tuple[int, int]:
        """Partition and offset in the log."""
        return position_of(self.row)

    def withdrawn_at(self, known_us: int) -> bool:
        """True when a declaration that counts was known by then."""
        return self.withdrawn_us is not None and self.withdrawn_us <= known_us


@dataclass(frozen=True, slots=True)
class RawEvent:
    """An event as received: its bytes, their media type and the `@context` it inherited from its document."""

    row: int
    media_type: str
    context: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Job:
    """A capture as its closing record tells it, with the conflicts that only the log's order revealed.

    `late` are (index, eventID, standing position) of records that lost to another writer's (trace.md L2).
    """

    capture: str
    kind: str
    position: tuple[int, int]
    record_us: int
    received_us: int
    actor: str
    source: str
    events: int
    body: dict[str, Any]
    late: tuple[tuple[int, str, tuple[int, int] | None], ...]

    @property
    def key(self) -> tuple[int, int]:
        """Its place among jobs: recordTime, row."""
        return self.record_us, tables.row_of(*self.position)


Key = tuple[int, str, bytes]
"""Keyset of the record-time order: recordTime, eventID, content (epcis.md P3)."""


def indexed(row: Any) -> IndexedEvent:
    """From a whole row of `event_record`."""
    return IndexedEvent(
        *(row.row, row.closing, row.ordinal, row.record_us, row.content, State(row.state), row.withdrawn_us),
        *(row.capture, row.actor, row.source, row.may_correct, row.device, row.received_us),
        facts=codec.unpack(row),
    )


def chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    """Distinct values in lists that fit one statement."""
    distinct = list(dict.fromkeys(values))
    return (distinct[start : start + CHUNK] for start in range(0, len(distinct), CHUNK))


async def known(connection: AsyncConnection, event_ids: Iterable[str]) -> dict[str, Known]:
    """Of each eventID that any record names; the others are absent."""
    event, told = tables.event, dict[str, list[Any]]()
    columns = (event.c.event_id, event.c.content, event.c.record_us, event.c.source, event.c.withdrawn_us)
    for some in chunks(event_ids):
        named = among(connection, event.c.event_id, some)
        query = select(*columns, event.c.state).where(named, event.c.state.in_(LISTED))
        for row in await connection.execute(query):
            told.setdefault(row.event_id, []).append(row)
    return {event_id: _known(rows) for event_id, rows in told.items()}


def _known(rows: Sequence[Any]) -> Known:
    for row in rows:
        if row.state == State.STANDING:
            return Known(row.content, row.record_us, row.source, row.withdrawn_us)
    return Known(None, None, None, None)


async def of_ids(
    connection: AsyncConnection, event_ids: Iterable[str], known_us: int, states: Sequence[int] = LISTED
) -> dict[str, list[IndexedEvent]]:
    """Records of each eventID known by then, the standing one first, then declarations by record time."""
    event, told = tables.event, dict[str, list[IndexedEvent]]()
    for some in chunks(event_ids):
        query = (
            select(event)
            .where(event.c.event_id.in_(some), event.c.record_us <= known_us, event.c.state.in_(list(states)))
            .order_by(event.c.state, event.c.record_us, event.c.row)
        )
        for row in await connection.execute(query):
            told.setdefault(row.event_id, []).append(indexed(row))
    return told


async def page(connection: AsyncConnection, after: Key | None, limit: int, known_us: int) -> list[IndexedEvent]:
    """Events and declarations in the order of (recordTime, eventID, content), strictly after the key."""
    event = tables.event
    keys = (event.c.record_us, event.c.event_id, event.c.content)
    query = select(event).where(event.c.state.in_(LISTED), event.c.record_us <= known_us)
    if after is not None:
        query = query.where(event.c.record_us >= after[0], tuple_(*keys) > tuple_(*after))
    return [indexed(row) for row in await connection.execute(query.order_by(*keys).limit(limit))]


async def since(
    connection: AsyncConnection, closings: Sequence[tuple[int, int]], limit: int, known_us: int
) -> list[IndexedEvent]:
    """Events and declarations by record time that stand after a place in the log.

    `closings[p]` is (offset of the closing record, index) of the last one seen in partition p. Within a partition
    record times grow with these, so the first of every partition hold the first of all.
    """
    event, found = tables.event, []
    keys = (event.c.closing, event.c.ordinal)
    for partition, (closing, index) in enumerate(closings):
        query = select(event).where(
            *(event.c.partition == partition, event.c.closing >= closing, tuple_(*keys) > tuple_(closing, index)),
            *(event.c.record_us <= known_us, event.c.state.in_(LISTED)),
        )
        found += [indexed(row) for row in await connection.execute(query.order_by(*keys).limit(limit))]
    return sorted(found, key=lambda one: (one.record_us, one.row))[:limit]


async def place_at(connection: AsyncConnection, partitions: int, known_us: int) -> list[tuple[int, int]]:
    """(offset of the closing record, index) of the last event of each partition known by then; (-1, 0) for none."""
    event, places = tables.event, []
    keys = (event.c.closing, event.c.ordinal)
    for partition in range(partitions):
        query = select(*keys).where(event.c.partition == partition, event.c.record_us <= known_us)
        row = (await connection.execute(query.order_by(*(key.desc() for key in keys)).limit(1))).one_or_none()
        places.append((-1, 0) if row is None else (row.closing, row.ordinal))
    return places


async def raw(connection: AsyncConnection, rows: Iterable[int]) -> dict[int, RawEvent]:
    """The received bytes of records, by row."""
    table, context, found = tables.raw, tables.context, {}
    joined = table.outerjoin(context, context.c.digest == table.c.context)
    columns = (table.c.row, table.c.media_type, table.c.body, context.c.body.label("inherited"))
    for some in chunks(rows):
        for row in await connection.execute(select(*columns).select_from(joined).where(table.c.row.in_(some))):
            found[row.row] = RawEvent(row.row, row.media_type, row.inherited, row.body)
    return found


async def attributes(connection: AsyncConnection, rows: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    """(field, text) of what records can be asked for beside their facts, by row; rows without any are absent."""
    table, found = tables.attribute, dict[int, list[tuple[int, str]]]()
    for some in chunks(rows):
        query = select(table.c.row, table.c.field, table.c.value).where(table.c.row.in_(some))
        for row in await connection.execute(query):
            found.setdefault(row.row, []).append((row.field, row.value))
    return found


async def corrects(connection: AsyncConnection, event_ids: Iterable[str], known_us: int) -> dict[str, list[str]]:
    """Of each event that a declaration names as corrective: the events declared errors, sorted."""
    table, event, found = tables.corrective, tables.event, dict[str, set[str]]()
    joined = select(table.c.corrective_id, table.c.event_id).join_from(table, event, event.c.row == table.c.row)
    for some in chunks(event_ids):
        query = joined.where(table.c.corrective_id.in_(some), event.c.record_us <= known_us)
        for row in await connection.execute(query):
            found.setdefault(row.corrective_id, set()).add(row.event_id)
    return {corrective: sorted(ids) for corrective, ids in found.items()}


async def conflicts(
    connection: AsyncConnection, event_ids: Iterable[str] | None, known_us: int, limit: int
) -> list[tuple[IndexedEvent, IndexedEvent | None]]:
    """(loser, standing record) of these eventIDs, or the newest of all; both carry their positions."""
    event = tables.event
    query = select(event).where(event.c.record_us <= known_us, literally(State.CONFLICT))
    if event_ids is not None:
        query = query.where(event.c.event_id.in_(list(event_ids)))
    ordered = query.order_by(event.c.record_us.desc(), event.c.row.desc()).limit(limit)
    losers = [indexed(row) for row in await connection.execute(ordered)]
    ids = (one.facts.event_id for one in losers)
    standing = await of_ids(connection, ids, known_us, (int(State.STANDING),))
    return [(one, next(iter(standing.get(one.facts.event_id, ())), None)) for one in losers]


def literally(state: State) -> Any:
    """A condition on the state that partial indexes can see: they do not look into parameters."""
    return tables.event.c.state == literal_column(str(int(state)))


def jobs_before(before: tuple[int, int], key: str | None) -> Select[Any]:
    """Over `capture_job`, newest first: each capture by its first closing record, of one key's sources or of all."""
    job, first = tables.job, tables.job.alias()
    repeated = exists(select(first.c.row).where(first.c.capture == job.c.capture, first.c.row < job.c.row))
    keys = (job.c.record_us, job.c.row)
    query = select(job).where(job.c.record_us <= before[0], tuple_(*keys) < tuple_(*before), ~repeated)
    if key is not None:
        query = query.where(or_(job.c.source == key, job.c.source.startswith(f"{key}/", autoescape=True)))
    return query.order_by(*(one.desc() for one in keys))


async def jobs(connection: AsyncConnection, query: Select[Any]) -> list[Job]:
    """The jobs of a query over `capture_job`, the first closing record of each capture."""
    found: dict[str, Any] = {}
    for row in await connection.execute(query):
        if row.capture not in found or row.row < found[row.capture].row:
            found[row.capture] = row
    return [await _job(connection, row) for row in found.values()]


async def _job(connection: AsyncConnection, row: Any) -> Job:
    partition, offset = position_of(row.row)
    event = tables.event
    lost = select(event.c.ordinal, event.c.event_id).where(
        event.c.partition == partition, event.c.closing == offset, event.c.state == int(State.CONFLICT)
    )
    losers = list(await connection.execute(lost.order_by(event.c.ordinal)))
    standing = await of_ids(connection, (one.event_id for one in losers), 2**63 - 1, (int(State.STANDING),))
    late = tuple(
        (one.ordinal, one.event_id, next((other.position for other in standing.get(one.event_id, ())), None))
        for one in losers
    )
    return Job(
        *(row.capture, row.kind, (partition, offset), row.record_us, row.received_us, row.actor, row.source),
        *(row.events, orjson.loads(row.body), late),
    )


async def checkpoint(connection: AsyncConnection, name: str) -> Checkpoint | None:
    """The stored checkpoint."""
    table = tables.checkpoint
    body = (await connection.execute(select(table.c.body).where(table.c.name == name))).scalar_one_or_none()
    return None if body is None else checkpoint_of(body)


def checkpoint_text(reached: Checkpoint) -> str:
    """A checkpoint as it is stored."""
    return orjson.dumps(reached.to_json()).decode()


def checkpoint_of(text: str) -> Checkpoint:
    """A stored checkpoint."""
    return Checkpoint.from_json(orjson.loads(text))
