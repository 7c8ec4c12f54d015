"""Events of the index as entries of the timeline: each with its corrections, conflicts and flags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from projections.facts import EventFacts, Party
from projections.index.codec import quantity_text
from projections.index.read_events import IndexedEvent
from projections.index.tables import State
from projections.trace.concerned import ByWay
from schemas.times import utc_text

if TYPE_CHECKING:
    from projections.index.store import EventIndex

Json = dict[str, Any]


async def entries_of(
    index: EventIndex,
    events: Sequence[IndexedEvent],
    known_us: int,
    by_way: Iterable[ByWay] = (),
    flags: Mapping[str, Sequence[Json]] | None = None,
) -> list[Json]:
    """One entry an event, in the order given, with what was known of it by `known_us`."""
    ways: dict[str, list[Json]] = {}
    for told in by_way:
        ways.setdefault(told.event_id, []).append({"object": told.object, "way": told.way})
    ids = [one.facts.event_id for one in events]
    records = await index.events(ids, known_us)
    corrects = await index.corrects(ids, known_us)
    conflicts: dict[str, int] = {}
    for loser, _ in await index.conflicts(ids, known_us) if ids else ():
        conflicts[loser.facts.event_id] = conflicts.get(loser.facts.event_id, 0) + 1
    return [
        {
            **_told(one, known_us),
            "corrected_by": [_correction(other, one) for other in _declarations(records.get(one.facts.event_id, ()))],
            "corrects": corrects.get(one.facts.event_id, []),
            "conflicts": conflicts.get(one.facts.event_id, 0),
            "by_way_of": ways.get(one.facts.event_id, []),
            "flags": list((flags or {}).get(one.facts.event_id, ())),
        }
        for one in events
    ]


def keys_of(entries: Iterable[Json]) -> set[str]:
    """Every key on a page that may have a name."""
    found: set[str] = set()
    for entry in entries:
        found.update(one["object"] for one in entry["objects"])
        found.update(one["id"] for part in ("documents", "sources", "destinations") for one in entry[part])
        found.update(entry["resources"])
        found.update(key for part in ("read_point", "location", "operator") if (key := entry[part]))
    return found


def _told(one: IndexedEvent, known_us: int) -> Json:
    facts = one.facts
    return {
        "event": facts.event_id,
        "time": facts.event_time.text(),
        "recorded": utc_text(one.record_us),
        **_why(facts),
        **_what(facts),
        "actor": one.actor,
        "source": one.source,
        "device": one.device,
        "received": utc_text(one.received_us),
        "withdrawn": utc_text(one.withdrawn_us)
        if one.withdrawn_us is not None and one.withdrawn_at(known_us)
        else None,
    }


def _why(facts: EventFacts) -> Json:
    return {
        "type": facts.type,
        "action": facts.action,
        "activity": facts.step,
        "disposition": facts.disposition,
        "place": facts.place,
        "read_point": facts.read_point,
        "location": facts.location,
        "process": facts.process,
        "resources": list(facts.resources),
        "operator": facts.operator,
        "result": facts.result,
    }


def _what(facts: EventFacts) -> Json:
    return {
        "objects": [
            {
                "object": one.object,
                "role": one.role.name.lower(),
                "quantity": quantity_text(one.quantity),
                "unit": one.unit,
            }
            for one in facts.mentions
        ],
        "documents": [{"type": kind, "id": key} for kind, key in facts.transactions],
        "sources": _parties(facts.sources),
        "destinations": _parties(facts.destinations),
    }


def _parties(parties: Iterable[Party]) -> list[Json]:
    return [{"type": one.type, "id": one.key} for one in parties]


def _declarations(records: Iterable[IndexedEvent]) -> list[IndexedEvent]:
    return [one for one in records if one.state is State.DECLARATION]


def _correction(declaration: IndexedEvent, original: IndexedEvent) -> Json:
    told = declaration.facts.declaration
    return {
        "recorded": utc_text(declaration.record_us),
        "declared": told.declared.text() if told else "",
        "reason": told.reason if told else None,
        "instead": list(told.corrective_event_ids) if told else [],
        "actor": declaration.actor,
        "effective": declaration.may_correct or declaration.source == original.source,
    }
