"""The event index: a projection of the log into relational tables, and the questions that are asked of it.

It answers what is about events one by one or in lists: by identity, by record time, on a timeline, by name; the
genealogy answers what is about relations. Nothing here knows HTTP.

Every reading method is a consistent sight of one moment. `known_us` (microseconds since 1970 UTC, included) must not
exceed `watermark_us()`; then its answer never changes (trace.md section 8). Errors of all methods: `Unavailable`,
`Damaged`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import select

from events.reading import Checkpoint
from projections.index import (
    checkpoints,
    hierarchy,
    marks,
    querying,
    read_events,
    read_names,
    refused,
    tables,
    timeline,
)
from projections.index.asked import After, Asked
from projections.index.database import Database
from projections.index.elsewhere import Elsewhere
from projections.index.names import OBJECT_KINDS, known_rows
from projections.index.read_events import IndexedEvent, Job, Key, Known, RawEvent
from projections.index.read_names import Hit, Master
from projections.index.refused import RefusedCall
from projections.index.rows import Rows, rows_of
from projections.index.standing import Met
from projections.index.timeline import After as TimelineAfter
from projections.index.timeline import TimelineQuery
from projections.index.writer import write
from projections.port import Batch, Poison
from schemas.errors import Fenced

ALWAYS: Final = 2**63 - 1
"""A `known_us` above every recordTime."""
_REMEMBERED: Final = 200_000
_INLINE: Final = 50
"""Events whose rows are made on the event loop; more are written elsewhere, or their rows made in a thread."""


class EventIndex:
    """`projections.port.Projection` on SQLite or PostgreSQL. Open with `EventIndex.open`, close with `close`."""

    name = checkpoints.NAME
    version = checkpoints.VERSION

    def __init__(self, database: Database, base: str | None, elsewhere: Elsewhere | None = None) -> None:
        self._database = database
        self._base = base
        self._elsewhere = elsewhere
        self._remembered: set[tuple[str, str]] = set()
        self._seen: set[tuple[str, str]] = set()
        self._changed = asyncio.Event()

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        partitions: int = 1,
        base: str | None = None,
        schema: str | None = None,
        any_version: bool = False,
        elsewhere: Elsewhere | None = None,
    ) -> EventIndex:
        """Open or create; `url` is `sqlite:///FILE` or `postgresql://…`, `schema` (PostgreSQL) sets one beside another.
        `elsewhere` is asked to write what is much.

        Errors: `BadInput` when it was built for another number of partitions or another version of this projection,
        unless `any_version`: then only `poison`, refused calls and `reset` may be asked for.
        """
        database = await Database.open(url, schema=schema)
        try:
            await checkpoints.begin(database, partitions, any_version)
        except BaseException:
            await database.close()
            raise
        return cls(database, base, elsewhere)

    async def close(self) -> None:
        await self._leave()
        await self._database.close()

    async def _leave(self) -> None:
        if self._elsewhere is not None:
            await asyncio.to_thread(self._elsewhere.leave)

    def stop(self, damage: str) -> None:
        """From now on every method is `Damaged`, for this reason."""
        self._database.stop(damage)

    async def checkpoint(self) -> Checkpoint:
        """What has durably been applied."""
        async with self._database.reading() as connection:
            return await checkpoints.checkpoint(connection)

    async def watermark_us(self) -> int:
        """The latest `known_us` that can be asked: the least last recordTime over the partitions."""
        return (await self.checkpoint()).watermark_us

    async def apply(self, batch: Batch) -> None:
        """Write a batch and its checkpoint, all or nothing. Errors: `Fenced` if another writer moved the checkpoint."""
        self._database.stand()
        aside = len(batch.facts) > _INLINE
        if not (aside and self._elsewhere and await asyncio.to_thread(self._elsewhere.write, batch)):
            await self._write(batch, aside)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _write(self, batch: Batch, aside: bool) -> None:
        rows, fresh = await asyncio.to_thread(self._rows, batch) if aside else self._rows(batch)
        try:
            async with self._database.writing() as connection:
                await checkpoints.advance(connection, batch)
                await write(self._database, connection, rows)
        except Fenced:
            # It may have been emptied since, and what is remembered with it.
            self._forget()
            raise
        self._remember(fresh)
        self._seen |= rows.seen

    def _rows(self, batch: Batch) -> tuple[Rows, set[tuple[str, str]]]:
        """The batch's rows, and its names that may be new."""
        rows = rows_of(batch)
        fresh = rows.names - self._remembered
        rows.seen -= self._seen
        known, parts = known_rows(fresh, self._base)
        rows.known, rows.parts = sorted(known, key=lambda one: one[:2]), sorted(parts)
        return rows, fresh

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109
        """Until this process applies another batch, or `timeout` seconds; other processes' writing is not heard."""
        try:
            await asyncio.wait_for(self._changed.wait(), timeout)
        except TimeoutError:
            return

    async def reset(self, partitions: int) -> None:
        """Forget all that came from the log, for a rebuild in place; refused calls stay."""
        await self._leave()
        async with self._database.writing() as connection:
            for table in (*tables.FACT_TABLES, tables.checkpoint):
                await connection.execute(table.delete())
        self._forget()
        await checkpoints.begin(self._database, partitions)

    async def known(self, event_ids: Iterable[str]) -> dict[str, Known]:
        """What the whole index has of each eventID, for the verdicts of a capture."""
        async with self._database.reading() as connection:
            return await read_events.known(connection, event_ids)

    async def event(self, event_id: str, known_us: int) -> list[IndexedEvent]:
        """The standing event, then its declarations by record time; empty when unknown."""
        return (await self.events([event_id], known_us)).get(event_id, [])

    async def events(self, event_ids: Iterable[str], known_us: int) -> dict[str, list[IndexedEvent]]:
        """The same for many; unknown ones are absent."""
        async with self._database.reading() as connection:
            return await read_events.of_ids(connection, event_ids, known_us)

    async def events_page(self, after: Key | None, limit: int, known_us: int) -> list[IndexedEvent]:
        """Events and declarations by (recordTime, eventID, content), strictly after the key."""
        async with self._database.reading() as connection:
            return await read_events.page(connection, after, limit, known_us)

    async def met_page(self, after: Key | None, limit: int, known_us: int) -> tuple[list[Met], Key | None]:
        """The same page as standing queries see events, and its last key."""
        async with self._database.reading() as connection:
            page = await read_events.page(connection, after, limit, known_us)
            found = await read_events.attributes(connection, (one.row for one in page))
        last = (page[-1].record_us, page[-1].facts.event_id, page[-1].content) if page else None
        return [Met(one.facts, one.record_us, found.get(one.row, ())) for one in page], last

    async def query(
        self, asked: Asked, after: After | None, limit: int, known_us: int, seconds: float | None = None
    ) -> list[IndexedEvent]:
        """At most `limit` events and declarations that meet `asked`, in its order, strictly after the key.

        Errors: `Overtime` after `seconds`."""
        async with self._database.reading(seconds) as connection:
            return await querying.page(connection, asked, after, limit, known_us)

    async def query_key(self, asked: Asked, event: IndexedEvent) -> After:
        """The key of an event in the order of `asked`, for `query`'s `after`."""
        async with self._database.reading() as connection:
            return await querying.key_of(connection, asked, event)

    async def vocabulary(self, kind: str, after: str, limit: int) -> list[str]:
        """Values ever seen of a kind (type, step, disposition, read_point, location, unit) after one, sorted."""
        table = tables.seen
        chosen = select(table.c.value).where(table.c.kind == kind, table.c.value > after)
        async with self._database.reading() as connection:
            return list((await connection.execute(chosen.order_by(table.c.value).limit(limit))).scalars())

    async def named_objects(self, after: str, limit: int, known_us: int) -> list[str]:
        """Keys of the objects that events known by then name, after one, sorted."""
        async with self._database.reading() as connection:
            return await querying.objects(connection, after, limit, known_us)

    async def descendants(self, keys: Iterable[str], known_us: int) -> frozenset[str]:
        """The keys and all that stands below them by the `children` of master data known then."""
        async with self._database.reading() as connection:
            return await hierarchy.descendants(connection, keys, known_us)

    async def with_attribute(
        self, attributes: Sequence[str], values: Sequence[str] | None, known_us: int
    ) -> frozenset[str]:
        """Keys whose newest master data have one of these attributes, with one of these values unless None."""
        async with self._database.reading() as connection:
            return await hierarchy.with_attribute(connection, attributes, values, known_us)

    async def events_since(self, closings: Sequence[tuple[int, int]], limit: int, known_us: int) -> list[IndexedEvent]:
        """Events and declarations by record time after a place in the log, one (closing offset, index) a partition."""
        async with self._database.reading() as connection:
            return await read_events.since(connection, closings, limit, known_us)

    async def place_at(self, known_us: int) -> tuple[tuple[int, int], ...]:
        """Where `events_since` begins to show only what was recorded after `known_us`."""
        async with self._database.reading() as connection:
            partitions = len((await checkpoints.checkpoint(connection)).partitions)
            return tuple(await read_events.place_at(connection, partitions, known_us))

    async def raw(self, event_id: str, known_us: int) -> RawEvent | None:
        """The standing event as received; a waiting declaration if there is nothing else."""
        async with self._database.reading() as connection:
            found = (await read_events.of_ids(connection, [event_id], known_us)).get(event_id)
            return (await read_events.raw(connection, [found[0].row]))[found[0].row] if found else None

    async def raw_of(self, events: Iterable[IndexedEvent]) -> dict[int, RawEvent]:
        """The received bytes of these records, by `row`."""
        async with self._database.reading() as connection:
            return await read_events.raw(connection, (one.row for one in events))

    async def corrects(self, event_ids: Iterable[str], known_us: int) -> dict[str, list[str]]:
        """Which events each of these stands instead of, by the declarations known then."""
        async with self._database.reading() as connection:
            return await read_events.corrects(connection, event_ids, known_us)

    async def conflicts(
        self, event_ids: Iterable[str] | None = None, known_us: int = ALWAYS, limit: int = 1000
    ) -> list[tuple[IndexedEvent, IndexedEvent | None]]:
        """(loser, standing) of these eventIDs, or the newest of all (trace.md L2)."""
        async with self._database.reading() as connection:
            return await read_events.conflicts(connection, event_ids, known_us, limit)

    async def poison(self) -> list[Poison]:
        """What could not be projected, in log order."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(tables.poison).order_by(tables.poison.c.row))
            return [Poison(*tables.position_of(row.row), row.event_id, row.reason, row.said) for row in rows]

    async def job(self, capture: str) -> Job | None:
        """A closed capture."""
        async with self._database.reading() as connection:
            found = await read_events.jobs(connection, select(tables.job).where(tables.job.c.capture == capture))
            return found[0] if found else None

    async def jobs(
        self, limit: int = 100, before: tuple[int, int] = (ALWAYS, ALWAYS), key: str | None = None
    ) -> list[Job]:
        """Closed captures before a (recordTime, row), newest first, of all sources of one key or of all."""
        async with self._database.reading() as connection:
            return await read_events.jobs(connection, read_events.jobs_before(before, key).limit(limit))

    async def names(self, keys: Iterable[str], lang: str = "en", known_us: int = ALWAYS) -> dict[str, str]:
        """The name of each key that has one, in `zh` or `en`, else in the other."""
        told = await self.masters(keys, known_us)
        return {key: text for key, one in told.items() if (text := one.text(lang))}

    async def masters(self, keys: Iterable[str] | None, known_us: int = ALWAYS) -> dict[str, Master]:
        """The newest master data of each key that has any; of all keys for None."""
        async with self._database.reading() as connection:
            return await read_names.masters(connection, keys, known_us)

    async def named(self, text: str | None, kind: str | None, after: str, limit: int, known_us: int) -> list[Master]:
        """Newest master data by key beyond `after`, of a kind, with a text in a name, contact or key."""
        async with self._database.reading() as connection:
            return await read_names.named(connection, text, kind, after, limit, known_us, self._base)

    async def own_places(self, known_us: int) -> frozenset[str]:
        """One's own places and parties as recorded by then; empty when none are recorded."""
        async with self._database.reading() as connection:
            return await read_names.own_places(connection, known_us)

    async def search(self, q: str, limit: int = 50, kinds: Sequence[str] | None = None) -> list[Hit]:
        """Objects, places, parties, orders, documents that any part of any spelling of `q` may mean, best first."""
        async with self._database.reading() as connection:
            return await read_names.search(connection, q, limit, kinds, self._base)

    async def objects(self, q: str, limit: int = 50) -> list[Hit]:
        """Objects only."""
        return await self.search(q, limit, OBJECT_KINDS)

    async def find_short(self, number: str) -> list[str]:
        """Every key that a serial, lot number, GTIN, SSCC ... as typed stands for, sorted."""
        async with self._database.reading() as connection:
            return await read_names.find_short(connection, number)

    async def timeline(self, query: TimelineQuery, after: TimelineAfter | None, limit: int) -> list[IndexedEvent]:
        """At most `limit` events of the query strictly after the key, in the order of events."""
        async with self._database.reading() as connection:
            return await timeline.page(connection, query, after, limit)

    async def matching(self, query: TimelineQuery, rows: Sequence[int]) -> set[int]:
        """Which of these rows the query's filters let through."""
        async with self._database.reading() as connection:
            return await timeline.matching(connection, query, rows)

    async def counts(self, query: TimelineQuery, bin_us: int) -> list[tuple[int, str, int]]:
        """(start of the bin, event type, how many) of the query's events."""
        async with self._database.reading() as connection:
            return await timeline.counts(connection, query, bin_us)

    async def span(self, query: TimelineQuery) -> tuple[int, int] | None:
        """First and last event time of the query's events."""
        async with self._database.reading() as connection:
            return await timeline.span(connection, query)

    async def measured(self, query: TimelineQuery, kind: str, limit: int) -> list[Any]:
        """Measurements of one type in the query's events, by time."""
        async with self._database.reading() as connection:
            return await timeline.measured(connection, query, kind, limit)

    async def marked(self, kind: marks.Striking, query: TimelineQuery, limit: int) -> tuple[int, list[IndexedEvent]]:
        """How many corrections, conflicts or failed inspections there are, and the first by event time."""
        async with self._database.reading() as connection:
            total, rows = await marks.marked(connection, kind, query, limit)
            return total, [read_events.indexed(row) for row in rows]

    async def gaps(self, query: TimelineQuery, least_us: int) -> list[marks.Gap]:
        """Every time of at least this length in which a source recorded nothing that happened."""
        async with self._database.reading() as connection:
            return await marks.gaps(connection, query, least_us)

    async def recorded(self, kind: marks.Striking, since_us: int) -> marks.Tally:
        """How many of a kind were recorded from this moment on."""
        async with self._database.reading() as connection:
            return await marks.recorded(connection, kind, since_us)

    async def unanswered(self, source: str | None) -> marks.Tally:
        """Refused calls of a source, or of all, that were not sent again with success."""
        async with self._database.reading() as connection:
            return await marks.unanswered(connection, source)

    async def add_refused(self, calls: Iterable[RefusedCall]) -> None:
        """List refused calls that are in the log; those already listed stay as they are."""
        async with self._database.writing() as connection:
            await refused.add(self._database, connection, calls)

    async def refused(
        self,
        reason: str | None = None,
        source: str | None = None,
        before: tuple[int, str] | None = None,
        limit: int = 100,
    ) -> list[RefusedCall]:
        """Refused calls, newest first, strictly before (time of receipt, id)."""
        async with self._database.reading() as connection:
            return await refused.page(connection, reason, source, before, limit)

    async def refused_call(self, call_id: str) -> RefusedCall | None:
        """One refused call."""
        async with self._database.reading() as connection:
            return (await refused.of_ids(connection, [call_id])).get(call_id)

    async def resubmissions(self, call_id: str) -> list[str]:
        """Ids of the refused calls that repeat this one, oldest first."""
        async with self._database.reading() as connection:
            return await refused.resubmissions(connection, call_id)

    async def count_refused(self, source: str) -> int:
        """How many refused calls of a source are listed."""
        async with self._database.reading() as connection:
            return await refused.count(connection, source)

    def _forget(self) -> None:
        self._remembered.clear()
        self._seen.clear()

    def _remember(self, names: set[tuple[str, str]]) -> None:
        """Names that are surely stored need no second look; forgetting them costs time only."""
        if len(self._remembered) > _REMEMBERED:
            self._remembered.clear()
        if len(self._seen) > _REMEMBERED:
            self._seen.clear()
        self._remembered |= names
