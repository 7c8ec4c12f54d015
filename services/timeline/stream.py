"""The timeline live, as server-sent events whose ids are positions of the log.

An id names the last commit that was wholly seen in every partition, or a place within one; a stream that is taken up
again after it neither repeats nor leaves out an event. Events are sent once the watermark has passed them, in the
order of their recordTimes, so what was sent never changes. Source: HTML Living Standard, server-sent events.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from events.position import Position
from projections.index.read_events import IndexedEvent
from projections.index.tables import State
from projections.index.timeline import TimelineQuery
from schemas.errors import BadInput, Busy, Unavailable
from services.timeline.around import Around, watermark_us
from services.timeline.entries import entries_of

if TYPE_CHECKING:
    from projections.index.store import EventIndex

BATCH: Final = 200
WHOLE: Final = 2**31 - 1
"""Index within a commit that stands for all of it."""
POLL_SECONDS: Final = 0.25
QUIET_SECONDS: Final = 15.0
Cursor = tuple[tuple[int, int], ...]
"""Of each partition: offset of the closing record, and index in its commit, of the last event seen."""


def cursor_of(last_id: str, partitions: int) -> Cursor:
    """The cursor an id stands for; a `Stemma-Position` is one too. Errors: `BadInput`."""
    token, _, within = last_id.partition("~")
    offsets = Position.from_token(token).offsets
    indexes = within.split(".") if within else ["-"] * len(offsets)
    sound = all(one == "-" or (one.isascii() and one.isdigit() and len(one) < 10) for one in indexes)
    if len(offsets) != partitions or len(indexes) != partitions or not sound:
        raise BadInput.field("Last-Event-ID", last_id, "an id of this stream or a position of this log")
    return tuple((offset, WHOLE if one == "-" else int(one)) for offset, one in zip(offsets, indexes, strict=True))


def id_of(cursor: Cursor) -> str:
    """The id of a place in the stream."""
    token = Position(tuple(offset for offset, _ in cursor)).token()
    if all(index == WHOLE for _, index in cursor):
        return token
    return token + "~" + ".".join("-" if index == WHOLE else str(index) for _, index in cursor)


async def lines(
    house: Any, around: Around, query: TimelineQuery, cursor: Cursor, language: str
) -> AsyncIterator[bytes]:
    """The stream's text, until the house closes or the caller goes. Its events are named `event` and `correction`."""
    index: EventIndex = house.index
    yield b"retry: 1000\nid: " + id_of(cursor).encode() + b"\n\n"
    spoken, told_us, found = time.monotonic(), -1, list[IndexedEvent]()
    while not house.closing.is_set():
        try:
            current = replace(query, known_us=watermark_us(house))
            moved = current.known_us > told_us or len(found) == BATCH
            found = await index.events_since(cursor, BATCH, current.known_us) if moved else []
            shown = await _entries(index, around, current, found, language)
        except (Unavailable, Busy):
            await asyncio.sleep(POLL_SECONDS)
            continue
        told_us = current.known_us
        for one in found:
            cursor = _moved(cursor, one)
            if one.row in shown:
                yield _message(cursor, "correction" if one.facts.declaration else "event", shown[one.row])
        if found and found[-1].row not in shown:
            yield b"id: " + id_of(cursor).encode() + b"\n\n"
        if found or time.monotonic() - spoken > QUIET_SECONDS:
            spoken = time.monotonic()
            if not found:
                yield b": still here\n\n"
        if len(found) < BATCH:
            await index.wait(POLL_SECONDS)


def _moved(cursor: Cursor, one: IndexedEvent) -> Cursor:
    partition, _ = one.position
    return (*cursor[:partition], (one.closing, one.index), *cursor[partition + 1 :])


def _message(cursor: Cursor, name: str, entry: dict[str, Any]) -> bytes:
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (id_of(cursor).encode(), name.encode(), orjson.dumps(entry))


async def _entries(
    index: EventIndex, around: Around, query: TimelineQuery, found: Sequence[IndexedEvent], language: str
) -> dict[int, dict[str, Any]]:
    """Entries by row of those that the filters let through; a declaration shows the event it stands on."""
    if not found:
        return {}
    declared = [one.facts.event_id for one in found if one.facts.declaration]
    originals = await index.events(declared, query.known_us) if declared else {}
    subjects: dict[int, IndexedEvent] = {}
    for one in found:
        standing = originals.get(one.facts.event_id, [one])[0] if one.facts.declaration else one
        if one.state is State.STANDING or standing.state is State.STANDING:
            subjects[one.row] = standing
    query, concerned = await around.concerning(query)
    passing = await index.matching(query, list({one.row for one in subjects.values()}))
    told = [(row, one) for row, one in subjects.items() if one.row in passing]
    shown = [one for _, one in told]
    flags = await around.flags(query, shown, language)
    entries = await entries_of(index, shown, query.known_us, concerned.by_way, flags)
    return {row: entry for (row, _), entry in zip(told, entries, strict=True)}
