"""Our validation against the official schema on events with anything in any place: never laxer, stricter as we say."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.epcis.reader import read_json_event
from schemas.epcis.validate import faults
from schemas.epcis.vocabulary import EVENT_TYPES
from schemas.errors import BadInput, FieldError

SCHEMA = Path(__file__).resolve().parents[2].parent / "shared/epcis/standard/epcis-json-schema-2.0.1.json"
pytestmark = pytest.mark.skipif(not SCHEMA.is_file(), reason="needs ../shared/epcis/standard")

COMMON: dict[str, Any] = {
    "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"m": "https://m.example/"}],
    "eventTime": "2026-03-02T09:00:00Z",
    "eventTimeZoneOffset": "+00:00",
    "eventID": "urn:uuid:0b3c1f8e-5a0e-4a83-9a0f-6f2c9a4f0001",
    "certificationInfo": ["https://a.example/c"],
    "bizStep": "shipping",
    "disposition": "in_transit",
    "persistentDisposition": {"set": ["available"], "unset": ["https://a.example/d"]},
    "readPoint": {"id": "https://a.example/2", "m:gate": "7"},
    "bizLocation": {"id": "https://a.example/2"},
    "sourceList": [{"type": "location", "source": "https://a.example/2"}],
    "destinationList": [{"type": "https://a.example/t", "destination": "https://a.example/2"}],
    "bizTransactionList": [{"type": "po", "bizTransaction": "https://a.example/po"}],
    "sensorElementList": [
        {
            "sensorMetadata": {"time": "2026-03-02T09:00:00Z", "deviceID": "https://a.example/g", "m:x": 1},
            "sensorReport": [
                {"type": "Length", "value": 1, "uom": "MTR", "component": "x", "time": "2026-03-02T09:00:00Z"},
                {"type": "m:Own", "booleanValue": True, "hexBinaryValue": "f0", "exception": "ALARM_CONDITION"},
            ],
        }
    ],
    "errorDeclaration": {
        "declarationTime": "2026-03-02T09:00:00Z",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:x:y:1"],
    },
    "m:field": {"m:inner": [1, "2"]},
}
QUANTITIES = [{"epcClass": "https://a.example/1", "quantity": 1, "uom": "KGM"}]
CHILDREN = {"action": "ADD", "parentID": "urn:x:y:p", "childEPCs": ["urn:x:y:1"], "childQuantityList": QUANTITIES}
EVENTS: list[dict[str, Any]] = [
    {**COMMON, "type": "ObjectEvent", "action": "ADD", "epcList": ["urn:x:y:1"], "ilmd": {"cbvmda:lotNumber": "7"}},
    {**COMMON, "type": "ObjectEvent", "action": "OBSERVE", "quantityList": QUANTITIES},
    {**COMMON, "type": "AggregationEvent", **CHILDREN},
    {**COMMON, "type": "AssociationEvent", **CHILDREN},
    {**COMMON, "type": "TransactionEvent", "action": "ADD", "parentID": "urn:x:y:p", "epcList": ["urn:x:y:1"]},
    {
        **COMMON,
        "type": "TransformationEvent",
        "transformationID": "urn:x:y:t",
        "inputEPCList": ["urn:x:y:1"],
        "outputQuantityList": QUANTITIES,
        "ilmd": {"cbvmda:lotNumber": "7"},
    },
    {**COMMON, "type": "https://a.example/OwnEvent"},
]
ODD: list[Any] = [
    *(None, True, 0, -1, "", "x", "shipping", "ADD", "OBSERVE", "DELETE", "ObjectEvent", "Z", "+15:00", "+14:00"),
    *("2026-03-02T09:00:00", "2026-13-02T09:00:00Z", "2026-03-02T24:00:00Z", "2026-03-02T09:00:60Z"),
    *("2026-03-02T23:59:60Z", "2026-03-02t09:00:00z", "2026-03-02 09:00:00Z", "2026-03-02T09:00:00.123456789+05:30"),
    *([], {}, [1], ["a"], ["urn:a:b", "urn:a:b"], {"id": "urn:a:b"}, {"a": 1}, {"m:b": 1}, "urn:a:b"),
    *("urn:epcglobal:cbv:bizstep:shipping", "https://ref.gs1.org/cbv/BizStep-shipping", "gs1:Length"),
    *("https://gs1.org/voc/Length", "https://ns.gs1.org/cbv/x", "http://a b", "http://[::1]/x", "http://[x]/", "a:"),
    *("a:b c", "a:%zz", "a:%20", "a:é", "//x", "http://u@h:80/p?q#f", "http://h:x/", "a:b#c#d", "a:[", "http:///x"),
    *("1a:b", "urn:", "mailto:x@y", "a:/b?c=[d]"),
]
NAMES = ["x", "m:x", "urn:a:b", "http://h/x", "a b:c", "@id", "id", "epcList", "ilmd", "action"]
STRICTER = (
    "is not bound",
    "bind each prefix",
    "contexts are not fetched",
    "a context is an address",
    "@context stands on",
    "not negative",
)
"""Fixes of the faults that the schema does not know of (see the docstring of `schemas.epcis.validate`)."""


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, below in inner for place in places(below, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(value)
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], change)
    return copy


def replaced(odd: Any, _: Any) -> Any:
    return odd


def without(key: Any, parent: Any) -> Any:
    if isinstance(parent, dict):
        return {name: value for name, value in parent.items() if name != key}
    return [value for index, value in enumerate(parent) if index != key]


def renamed(key: Any, name: str, parent: Any) -> Any:
    return without(key, parent) | {name: parent[key]} if isinstance(parent, dict) else parent


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    event: Any = draw(st.sampled_from(EVENTS))
    for _ in range(draw(st.integers(1, 2))):
        *parents, key = draw(st.sampled_from(places(event)[1:]))
        above = tuple(parents)
        match draw(st.sampled_from(("replace", "replace", "remove", "rename"))):
            case "replace":
                event = changed(event, (*above, key), partial(replaced, draw(st.sampled_from(ODD))))
            case "remove":
                event = changed(event, above, partial(without, key))
            case _:
                event = changed(event, above, partial(renamed, key, draw(st.sampled_from(NAMES))))
        if not isinstance(event, dict) or len(places(event)) < 2:
            break
    return event


def ours(body: bytes) -> list[FieldError]:
    try:
        return faults(read_json_event(body))
    except BadInput as error:
        return list(error.errors)


def stricter(fault: FieldError, event: dict[str, Any]) -> bool:
    if "persistentDisposition" in fault.field or event["type"] not in EVENT_TYPES:
        return True
    return any(words in fault.fix for words in STRICTER)


@pytest.fixture(scope="module")
def judge() -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(json.loads(SCHEMA.read_bytes()), validate_formats=True)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: str(event["type"]))
def test_the_events_to_damage_are_valid(event: dict[str, Any], judge: jsonschema_rs.Draft7Validator) -> None:
    assert ours(json.dumps(event).encode()) == []
    assert judge.is_valid(event)


@settings(max_examples=500)
@given(event=damaged())
def test_we_accept_and_refuse_what_the_schema_does(event: Any, judge: jsonschema_rs.Draft7Validator) -> None:
    found = ours(json.dumps(event).encode())
    if judge.is_valid(event):
        assert [fault for fault in found if not stricter(fault, event)] == []
    else:
        assert found
