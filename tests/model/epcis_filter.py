"""EPCIS queries answered slowly: every event of a list held against every parameter, in plain Python.

Written from EPCIS 2.0 section 8.2.7.1 and the checklist alone; shares no code with the product. Identifiers are
compared by `same`, which the caller makes: every spelling to one name. Prefixes are resolved by `PREFIXES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

Event = dict[str, Any]
Query = Mapping[str, Sequence[str]]
Same = Callable[[str], str]

PREFIXES = {"ex": "https://example.org/ns/", "cbvmda": "urn:epcglobal:cbv:mda:"}
UNITS: dict[str, tuple[str, Fraction, Fraction]] = {
    "KEL": ("heat", Fraction(1), Fraction(0)),
    "CEL": ("heat", Fraction(1), Fraction("273.15")),
    "FAH": ("heat", Fraction(5, 9), Fraction("459.67") * Fraction(5, 9)),
    "KGM": ("mass", Fraction(1), Fraction(0)),
    "GRM": ("mass", Fraction(1, 1000), Fraction(0)),
    "LBR": ("mass", Fraction("0.45359237"), Fraction(0)),
}
MEASURES = ("value", "minValue", "maxValue", "meanValue", "sDev", "percValue")
EPCS = ("epcList", "childEPCs")
CLASSES = ("quantityList", "childQuantityList")
MATCHES = {
    "MATCH_epc": EPCS,
    "MATCH_parentID": ("parentID",),
    "MATCH_inputEPC": ("inputEPCList",),
    "MATCH_outputEPC": ("outputEPCList",),
    "MATCH_anyEPC": (*EPCS, "parentID", "inputEPCList", "outputEPCList"),
    "MATCH_epcClass": CLASSES,
    "MATCH_inputEPCClass": ("inputQuantityList",),
    "MATCH_outputEPCClass": ("outputQuantityList",),
    "MATCH_anyEPCClass": (*CLASSES, "inputQuantityList", "outputQuantityList"),
}
RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda a, b: bool(a == b),
    "GT": lambda a, b: bool(a > b),
    "GE": lambda a, b: bool(a >= b),
    "LT": lambda a, b: bool(a < b),
    "LE": lambda a, b: bool(a <= b),
}
LISTS = {"bizTransaction": "bizTransactionList", "source": "sourceList", "destination": "destinationList"}
CONTROLS = ("orderBy", "orderDirection", "eventCountLimit", "maxEventCount")
FAMILIES = ("ILMD", "ERROR_DECLARATION", "SENSORELEMENT", "SENSORMETADATA", "SENSORREPORT")


def answer(events: Sequence[Event], query: Query, same: Same, below: Mapping[str, Sequence[str]]) -> list[Event]:
    """The events that meet every parameter, in the order asked for. `below`: children of places, by name."""
    found = [event for event in events if all(meets(event, *one, same, below) for one in query.items())]
    return ordered(found, query)[: int(query["eventCountLimit"][0]) if "eventCountLimit" in query else None]


def meets(event: Event, name: str, values: Sequence[str], same: Same, below: Mapping[str, Sequence[str]]) -> bool:
    """Whether one event meets one parameter."""
    if name in CONTROLS:
        return True
    if name == "eventType":
        return event["type"] in values
    if name in MATCHES:
        return any(
            matches(key, value, name.endswith("Class"))
            for key in named(event, MATCHES[name], same)
            for value in map(same, values)
        )
    op, _, field = name.partition("_")
    if op == "WD":
        return same(event.get(field, {}).get("id", "")) in under({same(one) for one in values}, below)
    if field in ("eventTime", "recordTime"):
        return RELATIONS[op](instant(event[field]), instant(values[0]))
    if op == "EXISTS" and field in ("errorDeclaration", "sensorElementList"):
        return field in event
    if field in ("action", "bizStep", "disposition", "transformationID", "eventID"):
        return event.get(field) in values
    if field in ("readPoint", "bizLocation"):
        return same(event.get(field, {}).get("id", "")) in map(same, values)
    if field.startswith("persistentDisposition_"):
        return any(one in values for one in event.get("persistentDisposition", {}).get(field.split("_")[1], []))
    if field.partition("_")[0] in LISTS:
        kind, _, wanted = field.partition("_")
        return any(one["type"] == wanted and same(one[kind]) in map(same, values) for one in event.get(LISTS[kind], []))
    return (
        figures(event, op, field, values) if "_" in field or field in SENSOR_FIELDS else other(event, op, field, values)
    )


SENSOR_FIELDS = ("type", "deviceID", "stringValue", "booleanValue", "hexBinaryValue", "percRank", "time")


def other(event: Event, op: str, field: str, values: Sequence[str]) -> bool:
    if field == "quantity":
        return any(
            RELATIONS[op](Fraction(str(one["quantity"])), Fraction(value))
            for one in quantities(event)
            for value in values
        )
    declared = event.get("errorDeclaration")
    if field == "errorDeclarationTime":
        return declared is not None and RELATIONS[op](instant(declared["declarationTime"]), instant(values[0]))
    if field == "errorReason":
        return declared is not None and declared.get("reason") in values
    if field == "correctiveEventID":
        return declared is not None and any(one in values for one in declared.get("correctiveEventIDs", []))
    return extended([event], op, field, values)


def figures(event: Event, op: str, field: str, values: Sequence[str]) -> bool:
    """Sensor fields, measurements in a unit, and the families of extensions."""
    if field in SENSOR_FIELDS:
        return any(sensed(part[field], op, field, values) for part in sensors(event) if field in part)
    measure, _, unit = field.rpartition("_")
    if measure in MEASURES and unit in UNITS:
        told = [(one[measure], one["uom"]) for one in sensors(event) if measure in one and "uom" in one]
        return any(measured(*one, op, value, unit, spread=measure == "sDev") for one in told for value in values)
    if measure == "quantity" and unit in UNITS:
        told = [(one["quantity"], one["uom"]) for one in quantities(event) if "uom" in one]
        return any(measured(*one, op, value, unit, spread=False) for one in told for value in values)
    inner = field.startswith("INNER_")
    field = field.removeprefix("INNER_")
    family = next((one for one in FAMILIES if field.startswith(one + "_")), None)
    for place in ("readPoint", "bizLocation"):
        if field.startswith(place + "_"):
            return extended(nested([event.get(place, {})], inner), op, field.removeprefix(place + "_"), values)
    holders = holding(event, family)
    return extended(nested(holders, inner), op, field.removeprefix(f"{family}_"), values)


def holding(event: Event, family: str | None) -> list[Event]:
    elements = event.get("sensorElementList", [])
    return {
        None: [event],
        "ILMD": [event.get("ilmd", {})],
        "ERROR_DECLARATION": [event.get("errorDeclaration", {})],
        "SENSORELEMENT": elements,
        "SENSORMETADATA": [one["sensorMetadata"] for one in elements if "sensorMetadata" in one],
        "SENSORREPORT": [report for one in elements for report in one.get("sensorReport", [])],
    }[family]


def nested(holders: Iterable[Event], inner: bool) -> list[Event]:
    """The holders themselves, or every object below one of their extension fields."""
    found = list(holders)
    if not inner:
        return found
    below: list[Event] = []
    todo = [value for one in found for name, value in one.items() if ":" in name]
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo += value
        elif isinstance(value, dict):
            below.append(value)
            todo += value.values()
    return below


def extended(holders: Iterable[Event], op: str, field: str, values: Sequence[str]) -> bool:
    """An extension field, written `prefix:name` or `namespace#name`."""
    for holder in holders:
        for name, value in holder.items():
            prefix, colon, local = name.partition(":")
            if colon and field in (name, f"{PREFIXES.get(prefix)}#{local}"):
                if op == "EXISTS":
                    return True
                if any(
                    related(one, op, wanted)
                    for one in (value if isinstance(value, list) else [value])
                    for wanted in values
                ):
                    return True
    return False


def related(value: Any, op: str, wanted: str) -> bool:
    if isinstance(value, dict):
        return False
    if isinstance(value, bool):
        return op == "EQ" and wanted == str(value).lower()
    asked = number(wanted)
    if isinstance(value, int | float | Decimal):
        return asked is not None and RELATIONS[op](Fraction(str(value)), asked)
    if op == "EQ" and value == wanted:
        return True
    if number(value) is not None:
        return op != "EQ" and asked is not None and RELATIONS[op](number(value), asked)
    return moment(value) is not None and moment(wanted) is not None and RELATIONS[op](moment(value), moment(wanted))


def number(text: str) -> Fraction | None:
    try:
        return Fraction(Decimal(text))
    except InvalidOperation:
        return None


def moment(text: str) -> datetime | None:
    try:
        return instant(text) if "T" in text else None
    except ValueError:
        return None


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def sensed(value: Any, op: str, field: str, values: Sequence[str]) -> bool:
    if field == "percRank":
        return any(RELATIONS[op](Fraction(str(value)), Fraction(one)) for one in values)
    if field == "time":
        return RELATIONS[op](instant(value), instant(values[0]))
    if field == "booleanValue":
        return str(value).lower() in values
    return value in values or (field == "hexBinaryValue" and value.upper() in [one.upper() for one in values])


def measured(given: Any, unit: str, op: str, wanted: str, asked: str, *, spread: bool) -> bool:
    """In the base unit of their dimension; a standard deviation knows no offset."""
    if unit not in UNITS or UNITS[unit][0] != UNITS[asked][0]:
        return False
    first, second = (
        one * UNITS[code][1] + (0 if spread else UNITS[code][2])
        for one, code in ((Fraction(str(given)), unit), (Fraction(wanted), asked))
    )
    return RELATIONS[op](first, second)


def sensors(event: Event) -> Iterator[Event]:
    for element in event.get("sensorElementList", []):
        if "sensorMetadata" in element:
            yield element["sensorMetadata"]
        yield from element.get("sensorReport", [])


def quantities(event: Event) -> Iterator[Event]:
    for name in (*CLASSES, "inputQuantityList", "outputQuantityList"):
        yield from (one for one in event.get(name, []) if "quantity" in one)


def named(event: Event, lists: Sequence[str], same: Same) -> Iterator[str]:
    for name in lists:
        value = event.get(name, [])
        for one in value if isinstance(value, list) else [value]:
            yield same(one["epcClass"] if isinstance(one, dict) else one)


def matches(key: str, wanted: str, classes: bool) -> bool:
    """A class stands for its items in EPC lists, for itself in class lists; `same` names items `class/21/…`."""
    return key == wanted or (not classes and key.startswith(wanted + "/21/"))


def under(names: set[str], below: Mapping[str, Sequence[str]]) -> set[str]:
    found, todo = set(names), list(names)
    while todo:
        for child in below.get(todo.pop(), ()):
            if child not in found:
                found.add(child)
                todo.append(child)
    return found


def ordered(events: list[Event], query: Query) -> list[Event]:
    """As recorded, or by a time; ties by recordTime, then eventID."""
    found = sorted(events, key=lambda one: (instant(one["recordTime"]), one["eventID"]))
    by = query.get("orderBy", [None])[0]
    if by is None:
        return found
    down = query.get("orderDirection", ["DESC"])[0] == "DESC"
    if by in ("eventTime", "recordTime"):
        return sorted(found, key=lambda one: instant(one[by]), reverse=down) if not down else falling(found, by)
    have = [one for one in found if by in one]
    worth = {id(one): Fraction(str(one[by])) for one in have}
    rest = [one for one in found if by not in one]
    return sorted(have, key=lambda one: -worth[id(one)] if down else worth[id(one)]) + rest


def falling(events: list[Event], by: str) -> list[Event]:
    """Latest first, ties as they were."""
    first = instant("1970-01-01T00:00:00Z")
    return sorted(events, key=lambda one: -((instant(one[by]) - first).total_seconds()))
