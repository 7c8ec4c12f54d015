"""Whether an event is EPCIS 2.0: required fields, shapes, words and names, each fault with its place and fix.

Own tables rather than the official schema, so that a fault says what to do about it; the official JSON Schema judges
them in the tests. Beyond it: prefixes must be bound, a quantity is not negative, a URI has at most 2,048 characters,
`persistentDisposition` is checked in every event type, EPCIS fields also in events of other types, and `@context`
stands on the document or the event only.
Source: EPCIS 2.0 section 7, EPCIS JSON Schema 2.0.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from schemas.epcis import forms
from schemas.epcis.forms import Check, Faults, fine, listed, member, word_of
from schemas.epcis.jsontext import joined
from schemas.epcis.reader import ReceivedEvent
from schemas.epcis.vocabulary import (
    ACTIONS,
    ALERT,
    COMPONENT,
    DISPOSITION,
    EVENT_TYPES,
    MEASUREMENT,
    PARTY,
    REASON,
    STEP,
    TRANSACTION,
)
from schemas.errors import FieldError
from schemas.sentences import say


def faults(event: ReceivedEvent) -> list[FieldError]:
    """At most 100 faults of an event, those found while reading first; empty if it is valid. Never raises."""
    gathered = Faults(event.namespaces)
    gathered.found.extend(event.faults[: forms.MOST_FAULTS])
    if event.data or not event.faults:
        _event(gathered, event.data, event.place)
    return gathered.found


def _event(found: Faults, data: dict[str, Any], place: str) -> None:
    kind = data.get("type")
    if "type" not in data:
        found.add(joined(place, "type"), "", "this field is required")
    elif not isinstance(kind, str):
        found.add(joined(place, "type"), kind, "an event's type is text")
    elif kind in EVENT_TYPES:
        if not _FINE[kind](data, found.namespaces):
            _MEMBERS[kind](found, data, place)
        _RULES[kind](found, data, place)
    else:
        _extended(found, data, place)


def _extended(found: Faults, data: dict[str, Any], place: str) -> None:
    """An event of a type outside EPCIS: the type is a URI, EPCIS fields have their shape, the rest is its own."""
    if not forms.is_uri(data["type"]):
        fix = say("one of {known}, or a URI for an event type of your own", known=", ".join(sorted(EVENT_TYPES)))
        found.add(joined(place, "type"), data["type"], fix)
        return
    _EXTENDED_MEMBERS(found, data, place)


def _ignored(found: Faults, value: Any, place: str) -> None:
    """Checked elsewhere."""


_URIS: Final = listed(forms.uri)
_URIS_ONCE: Final = listed(forms.uri, once=True)
_PLACE: Final = member({"id": forms.uri}, ("id",), strangers=True)
_QUANTITIES: Final = listed(
    member(
        {"epcClass": forms.uri, "quantity": forms.quantity, "uom": forms.unit},
        ("epcClass",),
        extensions=False,
    )
)


def _parties(name: str) -> Check:
    return listed(member({"type": word_of(PARTY), name: forms.uri}, ("type", name), extensions=False))


def _transactions(least: int) -> Check:
    fields = {"type": word_of(TRANSACTION), "bizTransaction": forms.uri}
    return listed(member(fields, ("bizTransaction",), extensions=False), least=least)


_SENSING: Final[Mapping[str, Check]] = {
    "time": forms.time,
    "deviceID": forms.uri,
    "deviceMetadata": forms.uri,
    "rawData": forms.uri,
    "dataProcessingMethod": forms.uri,
    "bizRules": forms.uri,
}
_METADATA: Final = member({**_SENSING, "startTime": forms.time, "endTime": forms.time})
_REPORT: Final = member(
    {
        **_SENSING,
        "type": word_of(MEASUREMENT),
        "exception": word_of(ALERT),
        "component": word_of(COMPONENT),
        "stringValue": forms.text,
        "booleanValue": forms.boolean,
        "hexBinaryValue": forms.hex_binary,
        "uom": forms.text,
        **dict.fromkeys(("microorganism", "chemicalSubstance", "coordinateReferenceSystem", "uriValue"), forms.uri),
        **dict.fromkeys(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), forms.number),
    },
    ("type",),
)
_SENSORS: Final = listed(
    member({"sensorMetadata": _METADATA, "sensorReport": listed(_REPORT, least=1)}, ("sensorReport",))
)


def _certification(found: Faults, value: Any, place: str) -> None:
    (_URIS if isinstance(value, list) else forms.uri)(found, value, place)


def _persistent(found: Faults, value: Any, place: str) -> None:
    words = listed(word_of(DISPOSITION), least=1, once=True)
    member({"set": words, "unset": words}, extensions=False)(found, value, place)
    if isinstance(value, dict) and not value:
        found.add(place, value, "set or unset is required")


_COMMON: Final[Mapping[str, Check]] = {
    "@context": _ignored,
    "type": _ignored,
    "eventTime": forms.time,
    "recordTime": forms.time,
    "eventTimeZoneOffset": forms.offset,
    "eventID": forms.uri,
    "certificationInfo": _certification,
    "errorDeclaration": member(
        {"declarationTime": forms.time, "reason": word_of(REASON), "correctiveEventIDs": _URIS},
        ("declarationTime",),
    ),
}
_CONTEXTUAL: Final[Mapping[str, Check]] = {
    **_COMMON,
    "bizStep": word_of(STEP),
    "disposition": word_of(DISPOSITION),
    "persistentDisposition": _persistent,
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "bizTransactionList": _transactions(0),
    "sourceList": _parties("source"),
    "destinationList": _parties("destination"),
    "sensorElementList": _SENSORS,
}
_ACTION: Final = forms.one_of(ACTIONS)
_ILMD: Final = member({})
_CHILDREN: Final[Mapping[str, Check]] = {
    **_CONTEXTUAL,
    "action": _ACTION,
    "parentID": forms.uri,
    "childEPCs": _URIS,
    "childQuantityList": _QUANTITIES,
}
_ALWAYS: Final = ("eventTime", "eventTimeZoneOffset")

_EXTENDED_MEMBERS: Final = member(
    {
        **_CHILDREN,
        **dict.fromkeys(("epcList", "inputEPCList", "outputEPCList"), _URIS),
        **dict.fromkeys(("quantityList", "inputQuantityList", "outputQuantityList"), _QUANTITIES),
        "transformationID": forms.uri,
        "ilmd": _ILMD,
    },
    _ALWAYS,
    strangers=True,
)
_MEMBERS: Final[Mapping[str, Check]] = {
    "ObjectEvent": member(
        {**_CONTEXTUAL, "action": _ACTION, "epcList": _URIS_ONCE, "quantityList": _QUANTITIES, "ilmd": _ILMD},
        (*_ALWAYS, "action"),
    ),
    "AggregationEvent": member(_CHILDREN, (*_ALWAYS, "action")),
    "AssociationEvent": member(_CHILDREN, (*_ALWAYS, "action", "parentID")),
    "TransactionEvent": member(
        {
            **_CONTEXTUAL,
            "action": _ACTION,
            "parentID": forms.uri,
            "epcList": _URIS,
            "quantityList": _QUANTITIES,
            "bizTransactionList": _transactions(1),
        },
        (*_ALWAYS, "action", "bizTransactionList"),
    ),
    "TransformationEvent": member(
        {
            **_CONTEXTUAL,
            "inputEPCList": _URIS_ONCE,
            "inputQuantityList": _QUANTITIES,
            "outputEPCList": _URIS_ONCE,
            "outputQuantityList": _QUANTITIES,
            "transformationID": forms.uri,
            "ilmd": _ILMD,
        },
        _ALWAYS,
    ),
}
_FINE: Final = {kind: fine(check) for kind, check in _MEMBERS.items()}


def _filled(data: dict[str, Any], *names: str) -> bool:
    return any(data.get(name) for name in names)


def _object_rules(found: Faults, data: dict[str, Any], place: str) -> None:
    sensed = _filled(data, "sensorElementList") and "readPoint" in data
    if "epcList" not in data and not _filled(data, "quantityList") and not sensed:
        found.add(joined(place, "epcList"), "", "name objects in epcList or quantityList, or sensors and a readPoint")
    if "ilmd" in data and data.get("action") in ("OBSERVE", "DELETE"):
        found.add(joined(place, "ilmd"), data["action"], "master data of an object is given with the action ADD only")


def _children_rules(found: Faults, data: dict[str, Any], place: str) -> None:
    if not _filled(data, "childEPCs", "childQuantityList") and data.get("action") in ("ADD", "OBSERVE"):
        found.add(joined(place, "childEPCs"), "", "childEPCs or childQuantityList is required but for DELETE")


def _transaction_rules(found: Faults, data: dict[str, Any], place: str) -> None:
    named = "epcList" in data or _filled(data, "quantityList")
    if not named and data.get("action") in ("ADD", "OBSERVE"):
        found.add(joined(place, "epcList"), "", "epcList or quantityList is required but for DELETE")


def _transformation_rules(found: Faults, data: dict[str, Any], place: str) -> None:
    inputs = _filled(data, "inputEPCList", "inputQuantityList")
    outputs = _filled(data, "outputEPCList", "outputQuantityList")
    if inputs and outputs:
        return
    if not (inputs or outputs):
        found.add(joined(place, "inputEPCList"), "", "inputs and outputs are required")
    elif "transformationID" not in data:
        missing = "output" if inputs else "input"
        fix = say("{kind} are required, or a transformationID that joins this event to others", kind=f"{missing}s")
        found.add(joined(place, f"{missing}EPCList"), "", fix)


_RULES: Final[Mapping[str, Callable[[Faults, dict[str, Any], str], None]]] = {
    "ObjectEvent": _object_rules,
    "AggregationEvent": _children_rules,
    "AssociationEvent": _children_rules,
    "TransactionEvent": _transaction_rules,
    "TransformationEvent": _transformation_rules,
}
