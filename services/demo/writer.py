"""Writes EPCIS 2.0 events as JSON-ready dictionaries, with ids that depend on the seed alone.

Times are given as a day of the story (1 is the first) and a clock time at the plant (UTC+8). Source: EPCIS 2.0
section 7.4, CBV 2.0; RFC 9562 section 5.7 for the layout of the ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict, Unpack

from schemas.times import Instant, utc_text
from services.demo.plant import Named

ZONE: Final = "+08:00"
_ZONE_US: Final = 8 * 3_600_000_000
_DAY_US: Final = 86_400_000_000
Event = dict[str, Any]
Amount = tuple[str, float, str | None]
"""Key of a lot or class, quantity, unit (None for pieces)."""
At = tuple[int, float]
"""Day of the story, and minutes since midnight at the plant."""


class Extra(TypedDict, total=False):
    """What any event may carry beside its *what*."""

    location: Named
    disposition: str
    source: Named
    destination: Named
    documents: Sequence[tuple[str, str]]
    lot: str
    expiry: str
    sensors: list[dict[str, Any]]
    resource: Named
    operator: Named
    result: str
    order: str


def clock(text: str) -> float:
    """Minutes since midnight of `09:30`."""
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def uri(kind: str, number: str) -> str:
    """A private name of the demo company for an order, a delivery note or the like."""
    return f"urn:stemma:demo:{kind}:{number}"


class Writer:
    """Events of one line in the order of capture; `taken` hands over those written since the last call."""

    def __init__(self, seed: int, line: int, start: Instant) -> None:
        self._salt = f"stemma-demo/{seed}/{line}"
        self._start = start.us
        self._count = 0
        self._events: list[Event] = []
        self.written = 0

    def taken(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def us(self, at: At) -> int:
        """Microseconds since 1970 UTC."""
        return self._start + (at[0] - 1) * _DAY_US + round(at[1] * 60_000_000)

    def text(self, at: At) -> str:
        """The time as the plant's clock shows it, with its offset."""
        return utc_text(self.us(at) + _ZONE_US)[:-1] + ZONE

    def date(self, day: int) -> str:
        """`YYYY-MM-DD` of a day of the story."""
        return self.text((day, 0))[:10]

    def object(
        self,
        at: At,
        action: str,
        step: str,
        place: Named,
        epcs: Sequence[str] = (),
        amounts: Sequence[Amount] = (),
        **extra: Unpack[Extra],
    ) -> Event:
        """An ObjectEvent on items and logistic units (`epcs`) and quantities of lots or classes (`amounts`)."""
        what: Event = {"action": action}
        if epcs or not amounts:
            what["epcList"] = list(epcs)
        if amounts:
            what["quantityList"] = quantities(amounts)
        return self._write("ObjectEvent", at, step, place, what, extra)

    def make(
        self,
        at: At,
        place: Named,
        *,
        inputs: Sequence[str] = (),
        used: Sequence[Amount] = (),
        outputs: Sequence[str] = (),
        made: Sequence[Amount] = (),
        **extra: Unpack[Extra],
    ) -> Event:
        """A TransformationEvent from `inputs` and quantities `used` to `outputs` and quantities `made`."""
        named = {"inputEPCList": list(inputs), "inputQuantityList": quantities(used)}
        named |= {"outputEPCList": list(outputs), "outputQuantityList": quantities(made)}
        what: Event = {name: value for name, value in named.items() if value}
        return self._write("TransformationEvent", at, "creating_class_instance", place, what, extra)

    def pack(
        self,
        at: At,
        place: Named,
        parent: str,
        children: Sequence[str] = (),
        amounts: Sequence[Amount] = (),
        *,
        action: str = "ADD",
        step: str = "packing",
        kind: str = "AggregationEvent",
        **extra: Unpack[Extra],
    ) -> Event:
        """An AggregationEvent, or by `kind` an AssociationEvent."""
        what: Event = {"action": action, "parentID": parent}
        if children or not amounts:
            what["childEPCs"] = list(children)
        if amounts:
            what["childQuantityList"] = quantities(amounts)
        return self._write(kind, at, step, place, what, extra)

    def install(self, at: At, parent: str, part: str, place: Named, operator: Named) -> Event:
        return self.pack(at, place, parent, [part], kind="AssociationEvent", step="installing", operator=operator)

    def remove(self, at: At, parent: str, parts: Sequence[str], place: Named, operator: Named) -> Event:
        """Takes parts out of an assembly; without parts, all of them."""
        kind = "AssociationEvent"
        return self.pack(at, place, parent, parts, action="DELETE", kind=kind, step="removing", operator=operator)

    def declare_wrong(self, at: At, original: Event, instead: Sequence[Event]) -> Event:
        """The original event again, declared an error, naming what stands in its place."""
        declaration = {
            "declarationTime": self.text(at),
            "reason": "incorrect_data",
            "correctiveEventIDs": [event["eventID"] for event in instead],
        }
        event = original | {"errorDeclaration": declaration}
        self.append(event)
        return event

    def corrected(self, original: Event, at: At, **changes: Any) -> Event:
        """An event as the original should have been, with an id of its own; it is not appended yet."""
        return original | {"eventID": self._id(at)} | changes

    def append(self, event: Event) -> None:
        """One more event to capture: a corrected one, or one that is sent a second time."""
        self._events.append(event)
        self.written += 1

    def _write(self, kind: str, at: At, step: str, place: Named, what: Event, extra: Extra) -> Event:
        event: Event = {
            "type": kind,
            "eventID": self._id(at),
            "eventTime": self.text(at),
            "eventTimeZoneOffset": ZONE,
            **what,
            "bizStep": step,
            "readPoint": {"id": place.key},
            **_extras(extra),
        }
        self.append(event)
        return event

    def _id(self, at: At) -> str:
        """A UUID of version 7: milliseconds of the event's time, then bits from seed, line and count."""
        self._count += 1
        random = int.from_bytes(hashlib.sha256(f"{self._salt}/{self._count}".encode()).digest()[:10])
        high = (max(self.us(at), 0) // 1000 & (1 << 48) - 1) << 16 | 0x7000 | random >> 68
        low = 1 << 63 | random & (1 << 62) - 1
        digits = f"{high:016x}{low:016x}"
        return f"urn:uuid:{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def quantities(amounts: Sequence[Amount]) -> list[dict[str, Any]]:
    """Entries of a quantity list."""
    return [
        {"epcClass": key, "quantity": amount} | ({"uom": unit} if unit is not None else {})
        for key, amount, unit in amounts
    ]


def temperatures(text: str, mean: float, low: float, high: float, probe: Named) -> list[dict[str, Any]]:
    """A sensor list of one oven reading in degrees Celsius."""
    report = {"type": "Temperature", "meanValue": mean, "minValue": low, "maxValue": high, "uom": "CEL"}
    return [{"sensorMetadata": {"time": text, "deviceID": probe.key}, "sensorReport": [report]}]


def measured(kind: str, value: float, unit: str, limits: tuple[float, float], gauge: Named) -> list[dict[str, Any]]:
    """A sensor list of one inspected characteristic with its limits and instrument."""
    report = {"type": kind, "value": value, "uom": unit, "stemma:low": limits[0], "stemma:high": limits[1]}
    return [{"sensorReport": [report | {"stemma:instrument": gauge.key}]}]


def _extras(extra: Extra) -> Event:
    event: Event = {}
    if "location" in extra:
        event["bizLocation"] = {"id": extra["location"].key}
    if "disposition" in extra:
        event["disposition"] = extra["disposition"]
    if "source" in extra:
        event["sourceList"] = [{"type": "possessing_party", "source": extra["source"].key}]
    if "destination" in extra:
        event["destinationList"] = [{"type": "possessing_party", "destination": extra["destination"].key}]
    if "documents" in extra:
        event["bizTransactionList"] = [
            {"type": kind, "bizTransaction": uri(kind, number)} for kind, number in extra["documents"]
        ]
    if "order" in extra:
        event["transformationID"] = uri("order", extra["order"])
    if ilmd := _master(extra):
        event["ilmd"] = ilmd
    if "sensors" in extra:
        event["sensorElementList"] = extra["sensors"]
    return event | _own_fields(extra)


def _master(extra: Extra) -> Mapping[str, str]:
    names = (("lot", "cbvmda:lotNumber"), ("expiry", "cbvmda:itemExpirationDate"))
    return {member: value for name, member in names if isinstance(value := extra.get(name), str)}


def _own_fields(extra: Extra) -> Event:
    event: Event = {}
    if "resource" in extra:
        event["stemma:resource"] = extra["resource"].key
    if "operator" in extra:
        event["stemma:operator"] = extra["operator"].key
    if "result" in extra:
        event["stemma:result"] = extra["result"]
    return event
