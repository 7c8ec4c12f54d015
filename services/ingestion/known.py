"""What is known of eventIDs when a capture is judged: the event index, and captures that it has not reached yet.

An event in flight is waited for, since its outcome decides the verdict on a repetition. Events appended here are
remembered until the index has surely read them. Another process's are not seen; then the projection has the last
word (trace.md L2).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from events.position import Position
from events.reading import Checkpoint
from projections.index.read_events import IndexedEvent, Known, RawEvent
from schemas.epcis.reader import ReceivedEvent
from schemas.epcis.stored import read_stored
from schemas.errors import Unavailable
from schemas.sentences import say
from services.clock import Clock
from services.ingestion.verdicts import Declared, Earlier, Entry

ALWAYS: Final = 2**63 - 1
_REMEMBERED_US: Final = 10_000_000
"""Time for which an event is remembered at least: longer than a look into the index may take."""
_MOST: Final = 200_000


class KnownEvents(Protocol):
    """What ingestion asks of the event index. Errors of all: `Unavailable`."""

    async def known(self, event_ids: Iterable[str]) -> Mapping[str, Known]: ...

    async def events(self, event_ids: Iterable[str], known_us: int) -> Mapping[str, list[IndexedEvent]]: ...

    async def raw_of(self, events: Iterable[IndexedEvent]) -> Mapping[int, RawEvent]: ...


@dataclass(frozen=True, slots=True)
class _Slim:
    """An appended event by its bytes alone; it is read again only if its eventID comes again."""

    raw: bytes
    context: bytes | None
    source: str
    may_correct: bool

    def entry(self) -> Entry:
        return Entry(read_stored(self.raw, self.context))


@dataclass(frozen=True, slots=True)
class _Appended:
    """A capture's events, until the index has read them."""

    ids: tuple[str, ...]
    at_us: int
    position: Position


class _Lookups:
    """Questions that come while one is being answered are asked together next: one look for many short calls."""

    def __init__(self, index: KnownEvents) -> None:
        self._index = index
        self._waiting: list[tuple[Collection[str], asyncio.Future[Mapping[str, Known]]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def known(self, event_ids: Collection[str]) -> Mapping[str, Known]:
        """What the index has of each, no older than this call; others may stand beside them. Errors: its own."""
        answer: asyncio.Future[Mapping[str, Known]] = asyncio.get_running_loop().create_future()
        self._waiting.append((event_ids, answer))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await answer

    async def _ask(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting, []
            try:
                found = await self._index.known({key for event_ids, _ in some for key in event_ids})
            except Exception as fault:
                for _, answer in some:
                    if not answer.done():
                        answer.set_exception(fault)
            else:
                for _, answer in some:
                    if not answer.done():
                        answer.set_result(found)


@dataclass
class Knowledge:
    """The index and, before it, this process's own captures."""

    index: KnownEvents
    clock: Clock
    _lookups: _Lookups = field(init=False)
    _recent: dict[str, list[_Slim]] = field(default_factory=dict)
    _appended: deque[_Appended] = field(default_factory=deque)
    _in_flight: dict[str, asyncio.Future[None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lookups = _Lookups(self.index)

    async def of(self, event_ids: Collection[str], whole: Collection[str] = ()) -> dict[str, Earlier]:
        """What is known of each, once none of them is in flight; of those in `whole`, and those known by declarations
        alone, also the events themselves.

        Nothing may be awaited between this and `begin`, or two captures could both be the first.
        """
        while True:
            await self._landed(event_ids)
            known = await self._lookups.known(event_ids)
            found = {key: _earlier(known[key]) for key in event_ids if key in known}
            wanted = [key for key in found if key in whole or found[key].content is None]
            if wanted:
                found |= await self._with_events(wanted, found)
            if not any(key in self._in_flight for key in event_ids):
                return {**found, **self._newer(event_ids, found)}

    async def _landed(self, event_ids: Collection[str]) -> None:
        while waiting := {self._in_flight[key] for key in event_ids if key in self._in_flight}:
            await asyncio.wait(waiting)

    async def _with_events(self, event_ids: Sequence[str], found: Mapping[str, Earlier]) -> dict[str, Earlier]:
        events = await self.index.events(event_ids, ALWAYS)
        raw = await self.index.raw_of([one for some in events.values() for one in some])
        return {key: _whole(found[key], events.get(key, []), raw) for key in event_ids}

    def _newer(self, event_ids: Iterable[str], found: Mapping[str, Earlier]) -> dict[str, Earlier]:
        """What this process appended and the index may not have read."""
        newer: dict[str, Earlier] = {}
        for key in event_ids:
            if key in self._recent:
                newer[key] = found.get(key, Earlier())
                for slim in self._recent[key]:
                    newer[key] = newer[key].with_entry(slim.entry(), slim.source, slim.may_correct)
        return newer

    def recent(self, event_ids: Iterable[str]) -> dict[str, Earlier]:
        """What is known without the index, while it cannot answer."""
        return self._newer(event_ids, {})

    def begin(self, event_ids: Iterable[str]) -> asyncio.Future[None]:
        """Mark as in flight until `end`."""
        flight = asyncio.get_running_loop().create_future()
        self._in_flight.update(dict.fromkeys(event_ids, flight))
        return flight

    def end(self, event_ids: Iterable[str], flight: asyncio.Future[None]) -> None:
        for key in event_ids:
            if self._in_flight.get(key) is flight:
                del self._in_flight[key]
        flight.set_result(None)

    def remember(self, entries: Sequence[Entry], source: str, may_correct: bool) -> None:
        """Entries now in the log."""
        for entry in entries:
            slim = _Slim(entry.event.raw, entry.event.context, source, may_correct)
            self._recent.setdefault(entry.event_id, []).append(slim)

    def appended(self, entries: Sequence[Entry], position: Position) -> None:
        """The position at which the remembered entries are in the log."""
        self._appended.append(_Appended(tuple(entry.event_id for entry in entries), self.clock(), position))

    def forget(self, reached: Checkpoint) -> None:
        """Forget what the index has read, some seconds after; above a bound, the oldest."""
        while self._appended:
            first = self._appended[0]
            read = abs(self.clock() - first.at_us) > _REMEMBERED_US and reached.covers(first.position)
            if not read and len(self._recent) <= _MOST:
                return
            self._appended.popleft()
            for key in first.ids:
                self._recent.pop(key, None)


async def standing_of(knowledge: Knowledge, event_id: str) -> Earlier | None:
    """What is known of one event, itself included. Errors: `Unavailable`."""
    return (await knowledge.of([event_id], whole=[event_id])).get(event_id)


def _earlier(known: Known) -> Earlier:
    return Earlier(known.content, known.source)


def _whole(earlier: Earlier, events: Sequence[IndexedEvent], raw: Mapping[int, RawEvent]) -> Earlier:
    standing: ReceivedEvent | None = None
    declared: list[Declared] = []
    for one in events:
        told = raw.get(one.row)
        if told is None:
            raise Unavailable(
                say("the event index does not hold the record of {event_id} now", event_id=one.facts.event_id)
            )
        context = None if told.context is None else told.context.encode()
        event = read_stored(told.body, context)
        if one.facts.declaration is not None:
            declared.append(Declared(one.content, one.source, one.may_correct, event))
        else:
            standing = event
    return replace(earlier, standing=standing, declared=tuple(declared))
