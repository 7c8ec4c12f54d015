"""Capture: judge events against what is known, and append the good ones with one closing record to the log.

The closing record holds the verdict on every event, so that the job is as durable as the events (architecture rule 1);
events and record go to one partition in one append. An append whose outcome is unknown is repeated under the same
identity, which readers count once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, Literal, Protocol

import structlog

from events.envelope import CURRENT, Envelope, encode, encoded_events
from events.port import FACTS, MAX_RECORD, EventLog, NewRecord
from events.position import Position
from events.reading import Checkpoint
from schemas.errors import FieldError, OutcomeUnknown, TooLarge, Unavailable, told_by
from schemas.sentences import say
from services.clock import Clock
from services.ingestion.ids import new_id
from services.ingestion.known import Knowledge
from services.ingestion.verdicts import Earlier, Entry, Outcome, Verdict, judge
from services.rights import ACTIVITIES

Mode = Literal["rollback", "proceed"]

WAITED_FOR: Final = 500
"""Events of one capture up to which an embedded service waits for its projections (architecture rule 1)."""
_ATTEMPTS: Final = 3
_PAUSE: Final = 0.2
_RETRY_SECONDS: Final = 5.0
"""After this long the caller is told instead: a broker that is gone must not be waited for three times over."""
_MOST_ERRORS: Final = 100
"""Faults kept in a closing record; each event's own are with its refused call."""
_log = structlog.get_logger("stemma.capture")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who captures: `actor` goes into envelopes, `key` is the id of key or account, `source` that or a `Stemma-Source`
    in it; `activities` are those that may be captured in short calls."""

    actor: str
    key: str
    source: str
    may_correct: bool
    may_audit: bool
    device: str | None
    received_us: int
    activities: frozenset[str] = ACTIVITIES


@dataclass(frozen=True)
class Captured:
    """What became of a capture. `position` is None where nothing was appended; `settled` says that the projections
    have it."""

    capture: str
    verdicts: list[list[Verdict]]
    position: Position | None
    job: dict[str, Any]
    settled: bool = False

    @property
    def flat(self) -> list[Verdict]:
        return [one for unit in self.verdicts for one in unit]


class Ending(Protocol):
    """The end of the log as a position, no older than the call."""

    async def current(self) -> Position: ...


class CaptureService:
    """Takes events into the log.

    `reached` tells how far the event index has read; `settled` waits for the projections, where they are embedded.
    """

    def __init__(
        self,
        log: EventLog,
        knowledge: Knowledge,
        ends: Ending,
        clock: Clock,
        *,
        reached: Callable[[], Checkpoint],
        settled: Callable[[Position], Awaitable[None]] | None = None,
    ) -> None:
        self._log = log
        self._knowledge = knowledge
        self._ends = ends
        self._clock = clock
        self._reached = reached
        self._settled = settled

    async def capture(
        self,
        units: Sequence[Sequence[Entry]],
        caller: Caller,
        *,
        mode: Mode,
        master_data: Sequence[Mapping[str, Any]] = (),
        origin: Mapping[str, Any] | None = None,
        dry: bool = False,
        always: bool = True,
    ) -> Captured:
        """Judge the units and append what is good, master data too (under `rollback` only if all is good).

        `always` writes the job even if nothing of it was new; `dry` writes nothing. `origin` is kept in the closing
        record. Errors: `Unavailable`, `OutcomeUnknown` (send it again), `TooLarge`.
        """
        capture = new_id(self._clock())
        entries = [entry for unit in units for entry in unit]
        known = await self._known(entries)
        verdicts = judge(units, known, caller.source, caller.may_correct)
        flat = [one for unit in verdicts for one in unit]
        good = mode == "proceed" or all(one.good for one in flat)
        fresh = [one.entry for one in flat if one.outcome is Outcome.CAPTURED]
        kept = list(master_data) if good else []
        job = closing_body(flat, mode, kept, origin)
        if dry or not (fresh or kept or always):
            return Captured(capture, verdicts, None, job)
        await self._append(capture, fresh, caller, job)
        position = await self._ends.current()
        self._knowledge.appended(fresh, position)
        return Captured(capture, verdicts, position, job, await self._settle(fresh, position))

    async def _known(self, entries: Sequence[Entry]) -> dict[str, Earlier]:
        ids = {entry.event_id for entry in entries if not entry.faults}
        whole = {one.event_id for one in entries if not one.faults and (one.whole or one.declares)}
        try:
            return await self._knowledge.of(ids, whole)
        except Unavailable as fault:
            _log.warning("the event index cannot be asked; the projection has the last word", reason=fault.detail)
            return self._knowledge.recent(ids)

    async def _append(self, capture: str, fresh: Sequence[Entry], caller: Caller, job: Mapping[str, Any]) -> None:
        records = _event_records(capture, fresh, caller)
        records.append(NewRecord(encode(_envelope("close", capture, caller, body=job)), b""))
        ids = {entry.event_id for entry in fresh}
        flight = self._knowledge.begin(ids)
        try:
            await self.append(caller.source, records)
            self._knowledge.remember(fresh, caller.source, caller.may_correct)
        finally:
            self._knowledge.end(ids, flight)
            self._knowledge.forget(self._reached())

    async def append(self, source: str, records: Sequence[NewRecord]) -> None:
        """Append to the facts, again under the same identity while the outcome is unknown."""
        began = time.monotonic()
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await self._log.append(FACTS, source, records)
            except OutcomeUnknown:
                if attempt == _ATTEMPTS or time.monotonic() - began > _RETRY_SECONDS:
                    raise
                await asyncio.sleep(_PAUSE * attempt)
            else:
                return

    async def register(self, kind: Literal["names", "own"], body: Mapping[str, Any], caller: Caller) -> Position:
        """Append a record of names, or of one's own places and parties. Errors: as `capture`."""
        envelope = encode(_envelope(kind, new_id(self._clock()), caller, body=body))
        if len(envelope) > MAX_RECORD:
            raise TooLarge(
                say(
                    "the list has {count} bytes; at most {most} are taken in one call",
                    count=len(envelope),
                    most=MAX_RECORD,
                )
            )
        await self.append(caller.source, [NewRecord(envelope, b"")])
        position = await self._ends.current()
        await self._wait(position)
        return position

    async def _settle(self, fresh: Sequence[Entry], position: Position) -> bool:
        """Whether the projections have it, as they have for the answer to a short capture."""
        return len(fresh) <= WAITED_FOR and await self._wait(position)

    async def _wait(self, position: Position) -> bool:
        """True once the projections have it; False where they cannot be waited for, since the log has it anyway."""
        if self._settled is None:
            return False
        try:
            await self._settled(position)
        except Unavailable as fault:
            _log.warning("captured, but the projections are behind", reason=fault.detail)
            return False
        return True


def closing_body(
    verdicts: Sequence[Verdict],
    mode: Mode,
    master_data: Sequence[Mapping[str, Any]],
    origin: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """What a closing record says: `count` of its events, `outcomes` of all, `mode`, `success`, `errors`, `warnings`."""
    errors = [error_of(n, one) for n, one in enumerate(verdicts) if not one.good and one.errors]
    warnings = [
        {"index": n, "eventID": one.entry.event_id, "detail": text}
        for n, one in enumerate(verdicts)
        for text in (*one.entry.warnings, *one.warnings)
    ]
    return {
        "count": sum(one.outcome is Outcome.CAPTURED for one in verdicts),
        "mode": mode,
        "success": all(one.good for one in verdicts),
        "outcomes": [
            {"index": n, "eventID": one.entry.event_id[:2048] or None, "outcome": str(one.outcome)}
            for n, one in enumerate(verdicts)
        ],
        "errors": errors[:_MOST_ERRORS],
        "warnings": warnings[:_MOST_ERRORS],
        **({"master_data": list(master_data)} if master_data else {}),
        **(dict(origin) if origin else {}),
    }


def error_of(index: int, verdict: Verdict) -> dict[str, Any]:
    """The error of one event as a job tells it: a problem, with field, value and fix of each fault."""
    conflict = verdict.outcome is Outcome.CONFLICT
    kind = "ResourceAlreadyExists" if conflict else "Validation"
    return {
        "type": f"epcisException:{kind}Exception",
        "title": "The eventID is known with other content" if conflict else "The event is not valid",
        "status": 409 if conflict else 400,
        "index": index,
        "eventID": verdict.entry.event_id[:2048] or None,
        "detail": told_by(verdict.errors),
        "errors": [field_of(one) for one in verdict.errors[:20]],
    }


def field_of(one: FieldError) -> dict[str, str]:
    return {"field": one.field, "value": one.value, "fix": one.fix}


def _event_records(capture: str, fresh: Sequence[Entry], caller: Caller) -> list[NewRecord]:
    """In the order given; runs of one media type and `@context`, as a document is one, are encoded together."""
    records: list[NewRecord] = []
    for (media_type, context), run in groupby(fresh, key=_told_alike):
        some = list(run)
        first = _envelope(
            "event", capture, caller, media_type=media_type, context=None if context is None else context.decode()
        )
        envelopes = encoded_events(first, [entry.event_id for entry in some], len(records))
        records += map(NewRecord, envelopes, (entry.event.raw for entry in some))
    return records


def _told_alike(entry: Entry) -> tuple[str, bytes | None]:
    return entry.media_type, entry.event.context


def _envelope(
    kind: Literal["event", "close", "names", "own"],
    capture: str,
    caller: Caller,
    media_type: str = "application/json",
    context: str | None = None,
    body: Mapping[str, Any] | None = None,
) -> Envelope:
    return Envelope(
        version=CURRENT,
        kind=kind,
        capture=capture,
        index=0,
        event_id=None,
        actor=caller.actor,
        source=caller.source,
        may_correct=caller.may_correct,
        device=caller.device,
        received_us=caller.received_us,
        media_type=media_type,
        context=context,
        body=body,
    )
