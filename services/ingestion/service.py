"""Ingestion as one object: what routes, forms and later links to other systems call to record what happened.

It wires the capture service to the log, the event index and the runner, and keeps what it refuses. No HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

import structlog

from events.port import EventLog
from events.position import Position
from events.reading import Checkpoint
from projections.genealogy.port import Genealogy
from projections.index.read_events import IndexedEvent, RawEvent
from projections.runner import Runner
from schemas.activities import Sent, read_sent
from schemas.epcis.context import NO_CONTEXTS, Contexts
from schemas.epcis.stored import read_document, read_single
from schemas.errors import Unavailable
from schemas.identifiers import identify
from services.clock import Clock
from services.ingestion.abandoned import void_abandoned
from services.ingestion.activities import Activities, Naming, Unit, verdict_of
from services.ingestion.capture import Caller, Captured, CaptureService, Ending, Mode
from services.ingestion.documents import master_entries, unit_of, units_of
from services.ingestion.jobs import JobIndex, Jobs
from services.ingestion.known import ALWAYS, Knowledge, KnownEvents
from services.ingestion.refused import RefusedCalls, RefusedIndex
from services.ingestion.surprises import Surprises
from services.ingestion.verdicts import Entry, Outcome

STORES: Final = ("index", "genealogy")
MOST_LATE: Final = 1000
_SETTLE_SECONDS: Final = 10.0
_INLINE: Final = 65_536
"""Bytes of a document up to which it is read on the event loop; longer ones are read in a thread."""
_log = structlog.get_logger("stemma.ingestion")


@dataclass(frozen=True)
class LateConflict:
    """An event in the log that lost to another writer's of the same eventID, the one that stands, and its bytes."""

    loser: IndexedEvent
    standing: IndexedEvent | None
    raw: RawEvent


class Index(KnownEvents, JobIndex, RefusedIndex, Protocol):
    """All that ingestion asks of the event index. Errors of all: `Unavailable`."""

    async def own_places(self, known_us: int) -> frozenset[str]: ...

    async def conflicts(
        self, event_ids: Iterable[str] | None = None, known_us: int = ..., limit: int = ...
    ) -> list[tuple[IndexedEvent, IndexedEvent | None]]: ...


@dataclass(frozen=True)
class Answered:
    """The verdicts on a call's activities, in order; `alone` when the call was one activity."""

    units: list[Unit]
    verdicts: list[dict[str, Any]]
    alone: bool
    captured: Captured


class Ingestion:
    """Everything that records. `base` makes in-house identifiers; `waits` for the projections when embedded;
    `contexts` are the addresses that an `@context` may name beside GS1's."""

    def __init__(
        self,
        log: EventLog,
        index: Index,
        runner: Runner,
        ends: Ending,
        clock: Clock,
        *,
        base: str | None = None,
        waits: bool = True,
        genealogy: Genealogy | None = None,
        contexts: Contexts = NO_CONTEXTS,
    ) -> None:
        def reached() -> Checkpoint:
            return runner.checkpoint("index")

        async def settled(position: Position) -> None:
            await runner.wait_for(position, STORES, _SETTLE_SECONDS)

        self._log, self._reached = log, reached
        self.base = base
        self._contexts = contexts
        self.clock = clock
        self._index = index
        self._knowledge = Knowledge(index, clock)
        self._service = CaptureService(
            log, self._knowledge, ends, clock, reached=reached, settled=settled if waits else None
        )
        self._surprises = None if genealogy is None else Surprises(genealogy, base)
        self.jobs = Jobs(index, reached, ends, clock)
        self.refused = RefusedCalls(log, index, clock)

    async def document(self, body: bytes, media_type: str, mode: Mode, caller: Caller) -> Captured:
        """Capture an EPCIS document; its job holds the verdict on each event.

        Errors: `BadInput` (malformed, wrong envelope; under `rollback` also invalid events), `TooLarge`, `Unavailable`.
        """
        read = partial(_read, body, media_type, mode, self.base, self._contexts)
        units, master = read() if len(body) < _INLINE else await asyncio.to_thread(read)
        captured = await self._service.capture(units, caller, mode=mode, master_data=master)
        self.jobs.finished(captured, caller)
        return captured

    async def event(self, body: bytes, media_type: str, caller: Caller) -> Captured:
        """Capture one event: its verdict may be duplicate or conflict. Errors: as `document`."""
        units = unit_of(read_single(body, media_type, self._contexts), media_type, self.base)
        return await self._service.capture(units, caller, mode="rollback", always=False)

    async def activities(
        self, body: bytes, caller: Caller, naming: Naming, *, lines: bool = False, dry: bool = False
    ) -> Answered:
        """Capture one activity, a list, or NDJSON. Errors: `BadInput` for a body that cannot be read, `TooLarge`,
        `Unavailable`; faults of an activity are in its verdict."""
        sents, alone = read_sent(body, lines=lines)
        return await self.sent(sents, caller, naming, alone=alone, dry=dry)

    async def sent(
        self, sents: Sequence[Sent], caller: Caller, naming: Naming, *, alone: bool = False, dry: bool = False
    ) -> Answered:
        """Capture activities already taken apart."""
        units = await Activities(self._knowledge, caller, naming, self.base).units(sents)
        good = [unit for unit in units if unit.fault is None]
        captured = await self._service.capture(
            [unit.entries for unit in good], caller, mode="proceed", dry=dry, always=False
        )
        judged = dict(zip((unit.sent.index for unit in good), captured.verdicts, strict=True))
        verdicts = [verdict_of(unit, judged.get(unit.sent.index, ()), dry=dry) for unit in units]
        _give_warnings(verdicts, await self._flags(captured))
        return Answered(units, verdicts, alone, captured)

    async def _flags(self, captured: Captured) -> list[dict[str, str]]:
        if self._surprises is None or not captured.settled:
            return []
        fresh = [one.entry for one in captured.flat if one.outcome is Outcome.CAPTURED]
        return await self._surprises.of(fresh)

    async def names(self, entries: Sequence[dict[str, Any]], caller: Caller) -> Position:
        """Record names; the newest of an id replaces the older whole. Errors: `TooLarge`, `Unavailable`."""
        told = [{**one, "id": identify(one["id"], self.base).key} for one in entries]
        return await self._service.register("names", {"names": told}, caller)

    async def own(self, keys: Sequence[str], caller: Caller) -> Position:
        """Record the whole list of one's own places and parties, from now on. Errors: `TooLarge`, `Unavailable`."""
        told = sorted({identify(key, self.base).key for key in keys})
        return await self._service.register("own", {"own": told}, caller)

    async def own_now(self) -> list[str]:
        """One's own places and parties as last recorded."""
        return sorted(await self._index.own_places(ALWAYS))

    async def late_conflicts(self, caller: Caller) -> list[LateConflict]:
        """The newest 1,000 conflicts that only the log's order revealed (trace.md L2), as far as the caller may see."""
        found = [
            (loser, standing)
            for loser, standing in await self._index.conflicts(limit=MOST_LATE)
            if caller.may_audit or loser.source.partition("/")[0] == caller.key
        ]
        raw = await self._index.raw_of([loser for loser, _ in found])
        return [LateConflict(loser, standing, raw[loser.row]) for loser, standing in found if loser.row in raw]

    async def recover(self) -> list[str]:
        """Void captures that a crash cut short; their ids. What fails now, the next start tries again."""
        try:
            return await void_abandoned(self._log, self._reached(), self.clock) if await self.jobs.level() else []
        except Unavailable as fault:
            _log.warning("captures cut short are not looked for now", reason=fault.detail)
            return []

    async def propose_own(self, keys: Sequence[str]) -> None:
        """Record the settings' own places and parties if none were ever recorded (trace.md section 6).

        Nothing is proposed while the index has not read the whole log, since it may hold them.
        """
        if keys and await self.jobs.level() and not await self._index.own_places(ALWAYS):
            system = Caller("settings", "settings", "settings", False, False, None, self.clock())
            await self.own(keys, system)


def _read(
    body: bytes, media_type: str, mode: Mode, base: str | None, contexts: Contexts
) -> tuple[list[list[Entry]], list[dict[str, Any]]]:
    """A document's units, their identities computed, and its master data. Errors: `BadInput`, `TooLarge`."""
    document = read_document(body, media_type, contexts)
    units = units_of(document, mode, media_type, base)
    for unit in units:
        for entry in unit:
            entry.event_id  # noqa: B018 - a hash ID is computed once, and here it holds up nobody
    return units, master_entries(document.master_data, base)


def _give_warnings(verdicts: Sequence[dict[str, Any]], flags: Sequence[dict[str, str]]) -> None:
    """Each activity's verdict with the flags of its events."""
    for verdict in verdicts:
        ids = {verdict["eventID"], *verdict.get("instead", ())}
        verdict["warnings"] = [flag for flag in flags if flag["event"] in ids]
