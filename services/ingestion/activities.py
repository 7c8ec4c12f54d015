"""Activities to units of capture, each with the identity that makes its retry harmless, and their verdicts.

An activity is one event; a correction is the declaration and what stands instead, captured together or not at all.
Source: api.md, `POST /api/v1/activities`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from events.port import MAX_RECORD
from schemas.activities import CONTEXT, Correct, Sent, compile_activity, declaration, read_activity
from schemas.activities.compile import received
from schemas.activities.models import Activity
from schemas.epcis.reader import ReceivedEvent
from schemas.epcis.validate import faults
from schemas.errors import BadInput, FieldError, Forbidden, StemmaError
from schemas.requests import refused
from schemas.sentences import say
from schemas.times import Instant, utc_text
from services.ingestion.capture import Caller
from services.ingestion.ids import activity_event_id
from services.ingestion.known import Knowledge, standing_of
from services.ingestion.verdicts import Earlier, Entry, Refill, Verdict

_AT_A_TIME: Final = 100
"""Activities that are compiled before other calls get their turn."""
_TIMES: Final = ("eventTime", "eventTimeZoneOffset")


@dataclass(frozen=True)
class Unit:
    """One activity of a call: the entries it became, or the fault that refuses it."""

    sent: Sent
    entries: tuple[Entry, ...] = ()
    fault: StemmaError | None = None
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Naming:
    """What gives the activities of a call their identity and default time.

    `key` is the Idempotency-Key, `first` the place that the call's first activity counts from, `now_us` the time of
    receipt (microseconds since 1970 UTC).
    """

    key: str | None
    now_us: int
    first: int = 0


class Activities:
    """Compiles the activities of one call; `base` is the setting for in-house identifiers."""

    def __init__(self, knowledge: Knowledge, caller: Caller, naming: Naming, base: str | None) -> None:
        self._knowledge = knowledge
        self._caller = caller
        self._naming = naming
        self._base = base
        self._here: dict[str, ReceivedEvent] = {}

    async def units(self, sents: Sequence[Sent]) -> list[Unit]:
        """Every activity, in order; a fault refuses that activity alone. Errors: `Unavailable`."""
        units: list[Unit] = []
        for sent in sents:
            units.append(await self._unit(sent))
            if len(units) % _AT_A_TIME == 0:
                await asyncio.sleep(0)
        return units

    async def _unit(self, sent: Sent) -> Unit:
        try:
            read = read_activity(sent)
            for name in _activities(sent):
                self._check_allowed(name)
            if isinstance(read, Correct):
                unit = Unit(sent, tuple(await self._correction(read, sent.index)), corrects=True)
            else:
                unit = Unit(sent, (self._entry(read, sent.index, read.id, None),))
        except StemmaError as fault:
            if fault.retryable:
                raise
            return Unit(sent, fault=fault)
        self._here.update((entry.event_id, entry.event) for entry in unit.entries if not entry.declares)
        return unit

    def _check_allowed(self, name: str | None) -> None:
        """Errors: `Forbidden` for an activity that the caller may not record."""
        may = self._caller.activities
        if name not in may:
            fix = say("you may not record `{name}`, only {known}", name=name, known=", ".join(sorted(may)) or "nothing")
            raise Forbidden(say("activity: {fix}", fix=fix), errors=[FieldError("activity", str(name), fix)])

    def _entry(self, activity: Activity, index: int, own_id: str | None, below: int | None) -> Entry:
        naming = self._naming
        event_id = activity_event_id(self._caller.source, own_id, naming.key, naming.first + index, below)
        place = "" if below is None else f"instead[{below}]"
        compiled = compile_activity(activity, event_id=event_id, now_us=naming.now_us, base=self._base, place=place)
        entry = Entry(compiled.received(index, place), whole=True)
        _check(entry)
        if activity.time is None and event_id is not None:
            return replace(entry, refill=_with_times(entry.event))
        return entry

    async def _correction(self, correct: Correct, index: int) -> list[Entry]:
        earlier = await self._wrong(correct)
        standing = earlier.standing
        assert standing is not None
        instead = [
            self._entry(one, index, one.id or correct.id, None if one.id else n)
            for n, one in enumerate(correct.instead)
        ]
        declared = utc_text(self._naming.now_us) if correct.time is None else correct.time
        Instant.parse(declared, "time")
        event = declaration(
            standing.raw,
            standing.context,
            event_id=correct.event,
            reason=correct.reason,
            declared=declared,
            corrective_ids=[entry.event_id for entry in instead],
            index=index,
        )
        entry = Entry(event, refill=_with_declaration_time(event) if correct.time is None else None, whole=True)
        _check(entry)
        return [entry, *instead]

    async def _wrong(self, correct: Correct) -> Earlier:
        """The event to be corrected. Errors: `BadInput` if it is unknown, `Forbidden` if it is another's."""
        if correct.event in self._here:
            return Earlier(source=self._caller.source, standing=self._here[correct.event])
        earlier = await standing_of(self._knowledge, correct.event)
        if earlier is None or earlier.standing is None:
            fix = "no event of this eventID is known; name the eventID that the capture answered"
            raise BadInput.field("event", correct.event, fix)
        if earlier.source != self._caller.source and not self._caller.may_correct:
            fix = "another source recorded this event; use that source's key, or one with the scope `correct`"
            raise Forbidden(say("event: {fix}", fix=fix), errors=[FieldError("event", correct.event[:200], fix)])
        return earlier


def _check(entry: Entry) -> None:
    """Hold what was compiled to EPCIS and to the log's bound. Errors: `BadInput`."""
    found = faults(entry.event)
    if len(entry.event.raw) > MAX_RECORD:
        fix = say(
            "the event has {count} bytes, at most {most} are taken; send it in parts",
            count=len(entry.event.raw),
            most=MAX_RECORD,
        )
        found.append(FieldError(entry.event.place or "activity", say("{count} bytes", count=len(entry.event.raw)), fix))
    if found:
        raise refused(found)


def _with_times(event: ReceivedEvent) -> Refill:
    """The event with the times of the first one, which the service had filled in (api.md)."""

    def refill(first: ReceivedEvent) -> ReceivedEvent:
        times: dict[str, Any] = {name: first.data[name] for name in _TIMES if name in first.data}
        return received({**event.data, **times}, CONTEXT, event.index, event.place)

    return refill


def _with_declaration_time(event: ReceivedEvent) -> Refill:
    def refill(first: ReceivedEvent) -> ReceivedEvent:
        told = first.data.get("errorDeclaration")
        time = told.get("declarationTime") if isinstance(told, dict) else None
        fields = {**event.data["errorDeclaration"], "declarationTime": time}
        return replace(event, data={**event.data, "errorDeclaration": fields})

    return refill


def outcome_of(verdicts: Sequence[Verdict]) -> str:
    """One word for an activity: the worst of its events', `captured` where anything was new."""
    outcomes = [str(one.outcome) for one in verdicts]
    return next(word for word in ("refused", "conflict", "captured", "duplicate") if word in outcomes)


def verdict_of(unit: Unit, verdicts: Sequence[Verdict], *, dry: bool) -> dict[str, Any]:
    """What the caller is told of one activity."""
    told: dict[str, Any] = {"index": unit.sent.index, "activity": _activity(unit.sent)}
    if unit.fault is not None:
        errors = unit.fault.errors or (FieldError("activity", "", unit.fault.detail),)
        return {**told, "outcome": "refused", "eventID": None, "errors": fields_of(errors)}
    outcome = outcome_of(verdicts)
    told |= {"outcome": outcome, "eventID": verdicts[0].entry.event_id}
    if unit.corrects:
        told["instead"] = [one.entry.event_id for one in verdicts[1:]]
    told["errors"] = fields_of([fault for one in verdicts for fault in one.errors])
    if outcome == "conflict":
        lost = next(one for one in verdicts if str(one.outcome) == "conflict")
        told["received"] = shown(lost.entry.event)
        told["standing"] = None if lost.standing is None else shown(lost.standing)
    if dry:
        told["events"] = [shown(one.entry.event, one.entry.event_id) for one in verdicts]
    return told


def shown(event: ReceivedEvent, event_id: str | None = None) -> dict[str, Any]:
    """An event for an answer: with its `@context`, decimals as they are."""
    own = {"eventID": event_id} if event_id else {}
    return {"@context": _context(event), **own, **event.data}


def _context(event: ReceivedEvent) -> Any:
    return json.loads(event.context) if event.context else []


def _activity(sent: Sent) -> str | None:
    return _named(sent.value)


def _activities(sent: Sent) -> list[str | None]:
    """An activity's name, and of a correction those that shall stand instead."""
    instead = sent.value.get("instead") if isinstance(sent.value, dict) else None
    return [_named(sent.value), *(_named(one) for one in (instead if isinstance(instead, list) else ()))]


def _named(value: object) -> str | None:
    name = value.get("activity") if isinstance(value, dict) else None
    return name[:100] if isinstance(name, str) else None


def fields_of(errors: Sequence[FieldError]) -> list[dict[str, str]]:
    """Faults as the caller sees them."""
    return [{"field": one.field, "value": one.value, "fix": one.fix} for one in errors[:100]]
