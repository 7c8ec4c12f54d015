"""Inspection figures of an object's events: result, and each characteristic against its limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from projections.facts import STEMMA
from schemas.epcis.context import split_name
from schemas.epcis.stored import read_stored
from schemas.units import plain

if TYPE_CHECKING:
    from projections.index.read_events import IndexedEvent
    from projections.index.store import EventIndex


async def inspections_of(index: EventIndex, events: Mapping[str, Sequence[IndexedEvent]]) -> list[dict[str, Any]]:
    """Inspections among these events, the newest first, with what was measured."""
    inspected = [
        one for many in events.values() for one in many if one.facts.step == "inspecting" and not one.facts.declaration
    ]
    inspected.sort(key=lambda one: one.facts.event_time, reverse=True)
    raw = await index.raw_of(inspected)
    found = []
    for one in inspected:
        received = raw.get(one.row)
        context = None if received is None or received.context is None else received.context.encode()
        event = None if received is None else read_stored(received.body, context)
        found.append(
            {
                "event": one.facts.event_id,
                "time": one.facts.event_time.text(),
                "result": one.facts.result,
                "operator": one.facts.operator,
                "characteristics": [] if event is None else list(_measured(event.data, event.namespaces)),
            }
        )
    return found


def _measured(data: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for element in data.get("sensorElementList") or ():
        for report in element.get("sensorReport") or ():
            own = {
                local: value
                for name, value in report.items()
                if (split := split_name(name, names)) and split[0] == STEMMA and (local := split[1])
            }
            yield {
                "name": own.get("name") or report.get("type"),
                "value": _text(report.get("value", report.get("stringValue"))),
                "unit": report.get("uom"),
                "low": _text(own.get("low")),
                "high": _text(own.get("high")),
                "instrument": own.get("instrument"),
            }


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return plain(Decimal(value)) if isinstance(value, int | Decimal) and not isinstance(value, bool) else str(value)
