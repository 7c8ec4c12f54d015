"""Faults of an event: each with its exact place, the value as received and what to do about it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.epcis.reader import ReceivedEvent, read_json_event
from schemas.epcis.validate import faults

CONTEXT = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"m": "https://m.example/"}]
TIMES = {"eventTime": "2026-03-02T09:00:00Z", "eventTimeZoneOffset": "+00:00", "@context": CONTEXT}
OBJECT = {**TIMES, "type": "ObjectEvent", "action": "OBSERVE", "epcList": ["https://a.example/1"]}
TRANSFORMATION = {**TIMES, "type": "TransformationEvent"}
ORDER = {"bizTransaction": "urn:x:y"}


def read(event: dict[str, Any]) -> ReceivedEvent:
    return read_json_event(json.dumps(event).encode())


def found(event: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault.field, fault.value) for fault in faults(read(event))]


def report(**members: Any) -> dict[str, Any]:
    return {"sensorElementList": [{"sensorReport": [{"type": "Length", **members}]}]}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"eventTime": "2026-03-02T09:00:00"}, ("eventTime", "2026-03-02T09:00:00")),
        ({"eventTime": 1_700_000_000}, ("eventTime", "1700000000")),
        ({"eventTime": "2026-02-30T09:00:00Z"}, ("eventTime", "2026-02-30T09:00:00Z")),
        ({"eventTime": "2026-03-02T24:00:00Z"}, ("eventTime", "2026-03-02T24:00:00Z")),
        ({"eventTime": "2026-03-02T09:00:60Z"}, ("eventTime", "2026-03-02T09:00:60Z")),
        ({"eventTimeZoneOffset": "Z"}, ("eventTimeZoneOffset", "Z")),
        ({"eventTimeZoneOffset": "+14:30"}, ("eventTimeZoneOffset", "+14:30")),
        ({"eventID": "7"}, ("eventID", "7")),
        ({"eventID": "https://a.example/a b"}, ("eventID", "https://a.example/a b")),
        ({"eventID": "urn:x:" + "y" * 2043}, ("eventID", ("urn:x:" + "y" * 2043)[:200])),
        ({"recordTime": "now"}, ("recordTime", "now")),
        ({"type": 7}, ("type", "7")),
        ({"type": "Shipment"}, ("type", "Shipment")),
        ({"action": "add"}, ("action", "add")),
        ({"bizStep": "transforming"}, ("bizStep", "transforming")),
        ({"bizStep": ["shipping"]}, ("bizStep", "['shipping']")),
        ({"disposition": "urn:epcglobal:cbv:disp:active"}, ("disposition", "urn:epcglobal:cbv:disp:active")),
        ({"epcList": ["x"]}, ("epcList[0]", "x")),
        ({"epcList": ["urn:x:y", "urn:x:y"]}, ("epcList[1]", "urn:x:y")),
        ({"epcList": "urn:x:y"}, ("epcList", "urn:x:y")),
        ({"quantityList": [{"quantity": 1}]}, ("quantityList[0].epcClass", "")),
        ({"quantityList": [{"epcClass": "urn:x:y", "quantity": -0.5}]}, ("quantityList[0].quantity", "-0.5")),
        ({"quantityList": [{"epcClass": "urn:x:y", "quantity": True}]}, ("quantityList[0].quantity", "true")),
        ({"quantityList": [{"epcClass": "urn:x:y", "uom": "kg"}]}, ("quantityList[0].uom", "kg")),
        ({"quantityList": [{"epcClass": "urn:x:y", "m:x": 1}]}, ("quantityList[0].m:x", "m:x")),
        ({"readPoint": {}}, ("readPoint.id", "")),
        ({"readPoint": {"id": "urn:x:y", "n:x": 1}}, ("readPoint.n:x", "n:x")),
        ({"sourceList": [{"source": "urn:x:y"}]}, ("sourceList[0].type", "")),
        (
            {"bizTransactionList": [{"type": "bill", "bizTransaction": "urn:x:y"}]},
            ("bizTransactionList[0].type", "bill"),
        ),
        ({"sensorElementList": [{"sensorReport": []}]}, ("sensorElementList[0].sensorReport", "[]")),
        (report(value="7"), ("sensorElementList[0].sensorReport[0].value", "7")),
        (report(booleanValue=1), ("sensorElementList[0].sensorReport[0].booleanValue", "1")),
        (report(hexBinaryValue="xyz"), ("sensorElementList[0].sensorReport[0].hexBinaryValue", "xyz")),
        (
            report(type="https://gs1.org/voc/Length"),
            ("sensorElementList[0].sensorReport[0].type", "https://gs1.org/voc/Length"),
        ),
        ({"ilmd": {"m:x": 1}}, ("ilmd", "OBSERVE")),
        ({"action": "ADD", "ilmd": {"lotNumber": "7"}}, ("ilmd.lotNumber", "lotNumber")),
        ({"persistentDisposition": {}}, ("persistentDisposition", "{}")),
        ({"errorDeclaration": {"reason": "did_not_occur"}}, ("errorDeclaration.declarationTime", "")),
        ({"certificationInfo": [{}]}, ("certificationInfo[0]", "{}")),
        ({"surprise": 1}, ("surprise", "surprise")),
        ({"n:x": 1}, ("n:x", "n:x")),
        ({"m:x": [{"m:y": {"n:z": 1}}]}, ("m:x[0].m:y.n:z", "n:z")),
        ({"m:x": {"@context": {}}}, ("m:x.@context", "@context")),
        ({"@context": [*CONTEXT, "https://contexts.example/x"]}, ("@context[2]", "https://contexts.example/x")),
        ({"epcList": None}, ("epcList", "null")),
        ({"type": "https://mine.example/PaintingEvent", "quantityList": 7}, ("quantityList", "7")),
    ],
)
def test_one_fault_is_found_at_its_place(change: dict[str, Any], fault: tuple[str, str]) -> None:
    assert found(OBJECT) == []
    assert found(OBJECT | change) == [fault]


@pytest.mark.parametrize("name", ["type", "eventTime", "eventTimeZoneOffset", "action", "@context"])
def test_a_missing_field_is_named(name: str) -> None:
    assert found({key: value for key, value in OBJECT.items() if key != name}) == [(name, "")]


@pytest.mark.parametrize(
    "event",
    [
        {**OBJECT, "epcList": []},
        {**OBJECT, "eventID": "urn:x:" + "y" * 2042},
        {**OBJECT, "eventTime": "2016-12-31T23:59:60Z", "eventTimeZoneOffset": "-14:00"},
        {**OBJECT, "bizStep": "https://ref.gs1.org/cbv/BizStep-shipping", "disposition": "https://mine.example/d"},
        {**OBJECT, "action": "ADD", "ilmd": {"cbvmda:lotNumber": "7", "https://m.example/x": {"bare": 1}}},
        {**TIMES, "type": "ObjectEvent", "action": "OBSERVE", "readPoint": {"id": "urn:x:y"}, **report()},
        {**TIMES, "type": "AggregationEvent", "action": "DELETE", "parentID": "urn:x:y"},
        {
            **TIMES,
            "type": "TransactionEvent",
            "action": "DELETE",
            "bizTransactionList": [{"bizTransaction": "urn:x:y"}],
        },
        {**TRANSFORMATION, "inputEPCList": ["urn:x:y"], "outputEPCList": ["urn:x:y"]},
        {**TRANSFORMATION, "inputEPCList": ["urn:x:y"], "transformationID": "urn:x:t"},
        {**TIMES, "type": "https://mine.example/PaintingEvent", "m:colour": "red", "coats": 7},
    ],
)
def test_what_epcis_allows_is_valid(event: dict[str, Any]) -> None:
    assert found(event) == []


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({**TIMES, "type": "ObjectEvent", "action": "OBSERVE"}, "epcList"),
        ({**TIMES, "type": "ObjectEvent", "action": "OBSERVE", **report()}, "epcList"),
        ({**TIMES, "type": "AggregationEvent", "action": "ADD", "parentID": "urn:x:y", "childEPCs": []}, "childEPCs"),
        ({**TIMES, "type": "AssociationEvent", "action": "OBSERVE", "parentID": "urn:x:y"}, "childEPCs"),
        ({**TIMES, "type": "TransactionEvent", "action": "ADD", "bizTransactionList": [ORDER]}, "epcList"),
        (TRANSFORMATION, "inputEPCList"),
        ({**TRANSFORMATION, "inputEPCList": ["urn:x:y"]}, "outputEPCList"),
        ({**TRANSFORMATION, "outputEPCList": ["urn:x:y"], "inputEPCList": []}, "inputEPCList"),
        ({**TRANSFORMATION, "transformationID": "urn:x:t"}, "inputEPCList"),
    ],
)
def test_an_event_about_nothing_is_told_what_to_name(event: dict[str, Any], field: str) -> None:
    assert found(event) == [(field, "")]


def test_a_cbv_urn_is_answered_with_the_bare_word_to_write() -> None:
    fault = faults(read(OBJECT | {"bizStep": "urn:epcglobal:cbv:bizstep:shipping"}))[0]
    assert fault.fix == "write the bare word shipping; this spelling belongs to XML"


def test_at_most_a_hundred_faults_are_told() -> None:
    assert len(found(OBJECT | {"epcList": [f"no uri {number}" for number in range(500)]})) == 100
    assert len(found(OBJECT | {f"field{number}": 1 for number in range(500)})) == 100
