"""The pure compiler: one activity to one EPCIS 2.0 event, by the table of api.md.

Fields of our own stand flat in the namespace `urn:stemma:ns:1:` under the prefix `stemma`, which `CONTEXT` binds.
Which time it is, who calls and what is known are passed in. Source: api.md, EPCIS 2.0 section 7, CBV 2.0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson

from schemas.activities import models as m
from schemas.activities.terms import Terms, measured
from schemas.epcis.context import EPCIS_CONTEXT, bindings_of_text
from schemas.epcis.reader import ReceivedEvent
from schemas.identifiers import identify
from schemas.requests import refused
from schemas.sentences import say
from schemas.times import Instant, utc_text
from schemas.units import plain

NAMESPACE: Final = "urn:stemma:ns:1:"
CONTEXT: Final = orjson.dumps([EPCIS_CONTEXT, {"stemma": NAMESPACE}])
"""The `@context` of every compiled event, as JSON text."""
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Compiled:
    """An activity as an event: `event` without `@context`, decimals with every digit; `time` as it happened."""

    event: Event
    time: Instant

    def received(self, index: int, place: str = "") -> ReceivedEvent:
        """As if it had been read from a document whose `@context` is `CONTEXT`."""
        return received(self.event, CONTEXT, index, place)


def received(event: Event, context: bytes, index: int, place: str = "") -> ReceivedEvent:
    """An event made here, as the reader gives one; its bytes are its compact JSON."""
    return ReceivedEvent(index, written(event), context, event, bindings_of_text(context).namespaces, place)


def written(value: Any) -> bytes:
    """Compact JSON in UTF-8, decimals as plain numbers with every digit."""
    return orjson.dumps(value, default=_decimal)


def _decimal(value: Any) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    if isinstance(value, int):
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} has no JSON")


def compile_activity(
    activity: m.Activity, *, event_id: str | None, now_us: int, base: str | None, place: str = ""
) -> Compiled:
    """The event of an activity. `now_us` is its time where it says none; `place` stands before each fault's field.

    Errors: `BadInput` with every fault (identifiers, times, units), naming field, value and fix.
    """
    terms = Terms(base, place)
    text = utc_text(now_us) if activity.time is None else activity.time
    event: Event = {"type": "", "eventTime": text, "eventTimeZoneOffset": terms.zone(text, "time")}
    if event_id is not None:
        event["eventID"] = event_id
    instant = terms.instant(text, "time")
    kind = activity.activity  # type: ignore[attr-defined]
    _WRITERS[kind](activity, event, terms)
    _common(activity, event, terms)
    if terms.faults:
        raise refused(terms.faults)
    return Compiled(event, instant)


def _common(activity: m.Activity, event: Event, terms: Terms) -> None:
    event["readPoint"] = {"id": terms.key(activity.place, "place")}
    if activity.location is not None:
        event["bizLocation"] = {"id": terms.key(activity.location, "location")}
    if activity.documents:
        event["bizTransactionList"] = [
            {
                "type": terms.document_type(one.type, f"documents[{n}].type"),
                "bizTransaction": terms.uri(one.id, "document"),
            }
            for n, one in enumerate(activity.documents)
        ]
    for name in ("resource", "operator"):
        if (value := getattr(activity, name)) is not None:
            event[f"stemma:{name}"] = value


def _object(action: str, step: str | None, disposition: str | None = None) -> Callable[[Any, Event, Terms], None]:
    """An ObjectEvent on `objects`."""

    def write(activity: Any, event: Event, terms: Terms) -> None:
        event |= {"type": "ObjectEvent", "action": action}
        if step is not None:
            event["bizStep"] = step
        if disposition is not None:
            event["disposition"] = disposition
        epcs, quantities = terms.split(activity.objects, "objects")
        if epcs or not quantities:
            event["epcList"] = epcs
        if quantities:
            event["quantityList"] = quantities

    return write


def _and(*writers: Callable[[Any, Event, Terms], None]) -> Callable[[Any, Event, Terms], None]:
    def write(activity: Any, event: Event, terms: Terms) -> None:
        for writer in writers:
            writer(activity, event, terms)

    return write


def _children(kind: str, parent: str, action: str, step: str) -> Callable[[Any, Event, Terms], None]:
    """An Aggregation- or AssociationEvent of `objects` in the field `parent`; without objects, on all."""

    def write(activity: Any, event: Event, terms: Terms) -> None:
        event |= {"type": kind, "action": action, "bizStep": step}
        event["parentID"] = terms.key(getattr(activity, parent), parent)
        epcs, quantities = terms.split(activity.objects or [], "objects")
        if epcs or not quantities:
            event["childEPCs"] = epcs
        if quantities:
            event["childQuantityList"] = quantities

    return write


def _make(activity: m.Make, event: Event, terms: Terms) -> None:
    event |= {"type": "TransformationEvent", "bizStep": "creating_class_instance"}
    if activity.order is not None:
        event["transformationID"] = terms.uri(activity.order, "order")
    for name, objects in (("input", activity.inputs), ("output", activity.outputs)):
        epcs, quantities = terms.split(objects, f"{name}s")
        if epcs:
            event[f"{name}EPCList"] = epcs
        if quantities:
            event[f"{name}QuantityList"] = quantities


def _master(activity: m.Commission | m.Make, event: Event, terms: Terms) -> None:
    """Lot and expiry as instance or lot master data (CBV 2.0 section 9)."""
    ilmd: dict[str, Any] = {}
    if activity.lot is not None:
        made = [*event.get("epcList", ()), *event.get("outputEPCList", ())]
        products = [found.product for one in made if (found := identify(one, terms.base)).product]
        ilmd["cbvmda:lotNumber"] = terms.lot(activity.lot, [one for one in products if one], "lot")
    if activity.expiry is not None:
        ilmd["cbvmda:itemExpirationDate"] = terms.day(activity.expiry, "expiry")
    if ilmd:
        event["ilmd"] = ilmd


def _source(name: str) -> Callable[[Any, Event, Terms], None]:
    return _parties(name, "sourceList", "source")


def _destination(name: str) -> Callable[[Any, Event, Terms], None]:
    return _parties(name, "destinationList", "destination")


def _parties(name: str, listed: str, role: str) -> Callable[[Any, Event, Terms], None]:
    attribute = "from_" if name == "from" else name

    def write(activity: Any, event: Event, terms: Terms) -> None:
        if (given := getattr(activity, attribute)) is not None:
            event[listed] = terms.party(given, name, role)

    return write


def _reason(activity: m.Return | m.Destroy, event: Event, terms: Terms) -> None:
    if activity.reason is not None:
        event["stemma:reason"] = activity.reason


def _moved(activity: m.Move, event: Event, terms: Terms) -> None:
    if activity.from_ is not None:
        event["stemma:from"] = terms.key(activity.from_, "from")


_VERDICTS: Final[Mapping[str, str | None]] = {"pass": "conformant", "fail": "non_conformant", "conditional": None}


def _inspected(activity: m.Inspect, event: Event, terms: Terms) -> None:
    if disposition := _VERDICTS[activity.result]:
        event["disposition"] = disposition
    event["stemma:result"] = activity.result
    if activity.characteristics:
        reports = [_characteristic(one, terms, n) for n, one in enumerate(activity.characteristics)]
        event["sensorElementList"] = [{"sensorReport": reports}]


def _characteristic(one: m.Characteristic, terms: Terms, n: int) -> dict[str, Any]:
    where = f"characteristics[{n}]"
    report: dict[str, Any] = {"type": measured(one.name, terms.base)}
    if isinstance(one.value, bool):
        report["booleanValue"] = one.value
    elif (number := _number(one.value)) is not None:
        report["value"] = number
    elif _looks_numeric(one.value):
        terms.add(f"{where}.value", one.value, 'write a plain decimal number, such as "12.03", without exponent')
    else:
        report["stringValue"] = one.value
    _unit(one.unit, report, terms, where)
    if report["type"] != one.name:
        report["stemma:name"] = one.name
    for name in ("low", "high"):
        if (limit := getattr(one, name)) is not None:
            report[f"stemma:{name}"] = Decimal(limit)
    if one.low is not None and one.high is not None and Decimal(one.low) > Decimal(one.high):
        terms.add(
            f"{where}.low",
            one.low,
            say("the lower limit is above the upper limit {limit}", limit=plain(Decimal(one.high))),
        )
    if one.instrument is not None:
        report["stemma:instrument"] = one.instrument
    return report


def _sensed(activity: m.Observe, event: Event, terms: Terms) -> None:
    if activity.sensor is None:
        return
    sensors = activity.sensor if isinstance(activity.sensor, list) else [activity.sensor]
    event["sensorElementList"] = [{"sensorReport": [_report(one, terms, n) for n, one in enumerate(sensors)]}]


def _report(one: m.Sensor, terms: Terms, n: int) -> dict[str, Any]:
    where = f"sensor[{n}]"
    report: dict[str, Any] = {"type": measured(one.type, terms.base)}
    for name, figure in (("value", one.value), ("minValue", one.min), ("maxValue", one.max), ("meanValue", one.mean)):
        if figure is not None:
            report[name] = Decimal(figure)
    _unit(one.unit, report, terms, where)
    if one.time is not None:
        terms.instant(one.time, f"{where}.time")
        report["time"] = one.time
    if one.device is not None:
        report["deviceID"] = terms.key(one.device, f"{where}.device")
    return report


def _unit(code: str | None, report: dict[str, Any], terms: Terms, where: str) -> None:
    if code is not None:
        report["uom"] = terms.unit(code, f"{where}.unit")


def _number(text: str) -> Decimal | None:
    plainly = text.removeprefix("-").replace(".", "", 1)
    return Decimal(text) if plainly.isascii() and plainly.isdigit() and text[-1] != "." and len(text) <= 62 else None


def _looks_numeric(text: str) -> bool:
    try:
        Decimal(text)
    except InvalidOperation:
        return False
    return True


_WRITERS: Final[Mapping[str, Callable[[Any, Event, Terms], None]]] = {
    "receive": _and(_object("OBSERVE", "receiving"), _source("from")),
    "commission": _and(_object("ADD", "commissioning"), _master),
    "make": _and(_make, _master),
    "inspect": _and(_object("OBSERVE", "inspecting"), _inspected),
    "move": _and(_object("OBSERVE", "storing"), _moved),
    "pack": _children("AggregationEvent", "container", "ADD", "packing"),
    "unpack": _children("AggregationEvent", "container", "DELETE", "unpacking"),
    "install": _children("AssociationEvent", "assembly", "ADD", "installing"),
    "remove": _children("AssociationEvent", "assembly", "DELETE", "removing"),
    "ship": _and(_object("OBSERVE", "shipping"), _destination("to")),
    "sell": _and(_object("OBSERVE", "retail_selling", "retail_sold"), _destination("party")),
    "return": _and(_object("OBSERVE", "receiving", "returned"), _source("party"), _reason),
    "destroy": _and(_object("DELETE", "destroying", "destroyed"), _reason),
    "observe": _and(_object("OBSERVE", None), _sensed),
}
