"""Every activity of api.md compiles to the event of its row, and bad fields are named with what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from schemas.activities import compile_activity, read_activity, read_sent
from schemas.activities.compile import CONTEXT
from schemas.activities.models import ACTIVITIES
from schemas.epcis.validate import faults
from schemas.errors import BadInput, TooLarge

HERE = "https://id.gs1.org/414/9506000000015"
THERE = "https://id.gs1.org/414/9506000000022"
PARTY = "https://id.gs1.org/417/9506000000060"
LOT = "https://id.gs1.org/01/09506000000022/10/F-0312"
ITEM = "https://id.gs1.org/01/09506000000039/21/S-1001"
CASE = "https://id.gs1.org/00/095060000000000015"
BASE = "https://plant.example"
NOW_US = 1_772_409_600_000_000
SCHEMA = Path(__file__).parents[3] / "shared" / "epcis" / "standard" / "epcis-json-schema-2.0.1.json"


def read(activity: dict[str, Any]) -> Any:
    sents, _ = read_sent(json.dumps(activity).encode(), lines=False)
    return read_activity(sents[0])


def compiled(activity: dict[str, Any], base: str | None = None) -> dict[str, Any]:
    """The event of an activity, without what every one has."""
    given = {"place": HERE, **activity}
    event = compile_activity(read(given), event_id=None, now_us=NOW_US, base=base).event
    common = {"eventTime": "2026-03-02T00:00:00Z", "eventTimeZoneOffset": "+00:00", "readPoint": {"id": HERE}}
    assert {name: event[name] for name in common} == common
    return {name: value for name, value in event.items() if name not in common}


def fault_of(activity: dict[str, Any], base: str | None = None) -> dict[str, str]:
    """Field to fix of what is wrong with it."""
    with pytest.raises(BadInput) as caught:
        compile_activity(read({"place": HERE, **activity}), event_id=None, now_us=NOW_US, base=base)
    return {one.field: one.fix for one in caught.value.errors}


WEIGHED = {"id": LOT, "quantity": "12.50", "unit": "KGM"}
ROWS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"activity": "receive", "objects": [WEIGHED, ITEM], "from": PARTY},
        {
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "receiving", "epcList": [ITEM],
            "quantityList": [{"epcClass": LOT, "quantity": 12.5, "uom": "KGM"}],
            "sourceList": [{"type": "possessing_party", "source": PARTY}],
        },
    ),
    (
        {"activity": "receive", "objects": [ITEM], "from": THERE},
        {
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "receiving", "epcList": [ITEM],
            "sourceList": [{"type": "location", "source": THERE}],
        },
    ),
    (
        {"activity": "commission", "objects": [ITEM], "lot": "B7", "expiry": "2027-01-31"},
        {
            "type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "epcList": [ITEM],
            "ilmd": {"cbvmda:lotNumber": "B7", "cbvmda:itemExpirationDate": "2027-01-31"},
        },
    ),
    (
        {"activity": "make", "order": "urn:example:order:17", "inputs": [WEIGHED], "outputs": [ITEM], "lot": "B7"},
        {
            "type": "TransformationEvent", "bizStep": "creating_class_instance",
            "transformationID": "urn:example:order:17",
            "inputQuantityList": [{"epcClass": LOT, "quantity": 12.5, "uom": "KGM"}], "outputEPCList": [ITEM],
            "ilmd": {"cbvmda:lotNumber": "B7"},
        },
    ),
    (
        {"activity": "move", "objects": [CASE], "from": THERE, "location": HERE},
        {
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "storing", "epcList": [CASE],
            "stemma:from": THERE, "bizLocation": {"id": HERE},
        },
    ),
    (
        {"activity": "pack", "container": CASE, "objects": [ITEM, LOT]},
        {
            "type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "parentID": CASE,
            "childEPCs": [ITEM], "childQuantityList": [{"epcClass": LOT}],
        },
    ),
    (
        {"activity": "unpack", "container": CASE},
        {"type": "AggregationEvent", "action": "DELETE", "bizStep": "unpacking", "parentID": CASE, "childEPCs": []},
    ),
    (
        {"activity": "install", "assembly": ITEM, "objects": ["urn:example:board:1"]},
        {
            "type": "AssociationEvent", "action": "ADD", "bizStep": "installing", "parentID": ITEM,
            "childEPCs": ["urn:example:board:1"],
        },
    ),
    (
        {"activity": "remove", "assembly": ITEM, "objects": ["urn:example:board:1"]},
        {
            "type": "AssociationEvent", "action": "DELETE", "bizStep": "removing", "parentID": ITEM,
            "childEPCs": ["urn:example:board:1"],
        },
    ),
    (
        {"activity": "ship", "objects": [CASE], "to": PARTY, "documents": [{"type": "desadv", "id": "DN 7"}]},
        {
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping", "epcList": [CASE],
            "destinationList": [{"type": "possessing_party", "destination": PARTY}],
            "bizTransactionList": [{"type": "desadv", "bizTransaction": "urn:stemma:document:DN%207"}],
        },
    ),
    (
        {"activity": "sell", "objects": [ITEM], "party": PARTY},
        {
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "retail_selling", "disposition": "retail_sold",
            "epcList": [ITEM], "destinationList": [{"type": "possessing_party", "destination": PARTY}],
        },
    ),
    (
        {"activity": "return", "objects": [ITEM], "party": PARTY, "reason": "seal broken"},
        {
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "receiving", "disposition": "returned",
            "epcList": [ITEM], "sourceList": [{"type": "possessing_party", "source": PARTY}],
            "stemma:reason": "seal broken",
        },
    ),
    (
        {"activity": "destroy", "objects": [ITEM], "reason": "expired"},
        {
            "type": "ObjectEvent", "action": "DELETE", "bizStep": "destroying", "disposition": "destroyed",
            "epcList": [ITEM], "stemma:reason": "expired",
        },
    ),
    (
        {"activity": "observe", "objects": [CASE], "sensor": {"type": "Temperature", "value": "4.20", "unit": "CEL"}},
        {
            "type": "ObjectEvent", "action": "OBSERVE", "epcList": [CASE],
            "sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 4.2, "uom": "CEL"}]}],
        },
    ),
    (
        {
            "activity": "inspect", "objects": [ITEM], "result": "fail", "resource": "STATION-2", "operator": "li",
            "characteristics": [
                {
                    "name": "diameter", "value": "12.130", "unit": "MMT", "low": "11.9", "high": "12.1",
                    "instrument": "G7",
                },
                {"name": "colour", "value": "too dark"},
                {"name": "sealed", "value": False},
            ],
        },
        {
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "inspecting", "disposition": "non_conformant",
            "epcList": [ITEM], "stemma:result": "fail", "stemma:resource": "STATION-2", "stemma:operator": "li",
            "sensorElementList": [
                {
                    "sensorReport": [
                        {
                            "type": "urn:stemma:characteristic:diameter", "value": 12.13, "uom": "MMT",
                            "stemma:name": "diameter", "stemma:low": 11.9, "stemma:high": 12.1,
                            "stemma:instrument": "G7",
                        },
                        {
                            "type": "urn:stemma:characteristic:colour", "stringValue": "too dark",
                            "stemma:name": "colour",
                        },
                        {
                            "type": "urn:stemma:characteristic:sealed", "booleanValue": False,
                            "stemma:name": "sealed",
                        },
                    ]
                }
            ],
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("activity", "event"), ROWS, ids=[row[0]["activity"] for row in ROWS])
def test_an_activity_compiles_to_the_event_of_its_row(activity: dict[str, Any], event: dict[str, Any]) -> None:
    made = compiled(activity)
    assert json.loads(json.dumps(made, default=float)) == event


def test_every_activity_has_a_row_here() -> None:
    assert {row[0]["activity"] for row in ROWS} == set(ACTIVITIES) - {"correct"}


@pytest.mark.parametrize("activity", [row[0] for row in ROWS], ids=[row[0]["activity"] for row in ROWS])
def test_compiled_events_are_valid_epcis(activity: dict[str, Any]) -> None:
    made = compile_activity(read({"place": HERE, **activity}), event_id=None, now_us=NOW_US, base=None).received(0)
    assert faults(made) == []
    if SCHEMA.exists():
        document = {
            "@context": json.loads(CONTEXT),
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-03-02T00:00:00Z",
            "epcisBody": {"eventList": [json.loads(made.raw)]},
        }
        jsonschema_rs.validator_for(json.loads(SCHEMA.read_text())).validate(document)


@pytest.mark.parametrize(("result", "disposition"), [("pass", "conformant"), ("conditional", None)])
def test_a_result_sets_the_disposition(result: str, disposition: str | None) -> None:
    event = compiled({"activity": "inspect", "objects": [ITEM], "result": result})
    assert event.get("disposition") == disposition
    assert event["stemma:result"] == result


@pytest.mark.parametrize(
    "spelling",
    [
        ITEM,
        "urn:epc:id:sgtin:9506000.000003.S-1001",
        "(01)09506000000039(21)S-1001",
        "]C10109506000000039" + "21S-1001",
        "https://shop.example/01/09506000000039/21/S-1001",
        {"product": "09506000000039", "serial": "S-1001"},
        {"id": {"product": "9506000000039", "serial": "S-1001"}},
    ],
)  # fmt: skip
def test_an_object_is_named_in_any_spelling(spelling: Any) -> None:
    assert compiled({"activity": "observe", "objects": [spelling]})["epcList"] == [ITEM]


def test_an_item_named_with_its_lot_keeps_both() -> None:
    named = "https://id.gs1.org/01/09506000000039/10/B7/21/S-1001"
    assert compiled({"activity": "observe", "objects": [named]})["epcList"] == [named]
    parts = {"product": "09506000000039", "lot": "B7", "serial": "S-1001"}
    assert compiled({"activity": "observe", "objects": [parts]})["epcList"] == [named]


def test_an_item_scanned_twice_in_one_call_stands_once() -> None:
    twice = [ITEM, "(01)09506000000039(21)S-1001"]
    assert compiled({"activity": "observe", "objects": twice})["epcList"] == [ITEM]


def test_a_lot_drawn_twice_in_one_call_stands_twice() -> None:
    made = compiled({"activity": "make", "inputs": [WEIGHED, WEIGHED], "outputs": [ITEM]})
    assert len(made["inputQuantityList"]) == 2


def test_an_item_with_a_quantity_goes_to_the_quantity_list() -> None:
    event = compiled({"activity": "observe", "objects": [{"id": ITEM, "quantity": "1", "unit": "EA"}]})
    assert "epcList" not in event
    assert event["quantityList"][0]["epcClass"] == ITEM


def test_every_digit_of_a_quantity_reaches_the_event() -> None:
    digits = "0.12345678901234567890123456789"
    activity = {"place": HERE, "activity": "observe", "objects": [{"id": LOT, "quantity": digits, "unit": "KGM"}]}
    made = compile_activity(read(activity), event_id=None, now_us=NOW_US, base=None).received(0)
    assert f'"quantity":{digits}'.encode() in made.raw


def test_a_json_number_keeps_its_digits_too() -> None:
    body = b'{"activity":"observe","place":"%s","objects":[{"id":"%s","quantity":33.330}]}' % (
        HERE.encode(),
        LOT.encode(),
    )
    sents, alone = read_sent(body, lines=False)
    made = compile_activity(read_activity(sents[0]), event_id=None, now_us=NOW_US, base=None).received(0)  # type: ignore[arg-type]
    assert alone
    assert b'"quantity":33.330' in made.raw


def test_a_time_is_kept_as_written_with_its_zone() -> None:
    activity = read({"activity": "unpack", "container": CASE, "place": HERE, "time": "2026-03-02T08:00:00.10+08:00"})
    event = compile_activity(activity, event_id="urn:x:1", now_us=0, base=None).event
    assert (event["eventTime"], event["eventTimeZoneOffset"]) == ("2026-03-02T08:00:00.10+08:00", "+08:00")
    assert event["eventID"] == "urn:x:1"


def test_a_plant_without_a_gs1_prefix_names_its_own_things() -> None:
    event = compiled(
        {"activity": "make", "order": "17", "inputs": [{"product": "flour", "lot": "L 1"}],
         "outputs": [{"product": "dough", "serial": "9"}]},
        base=BASE,
    )  # fmt: skip
    assert event["inputQuantityList"] == [{"epcClass": f"{BASE}/product/flour/lot/L%201"}]
    assert event["outputEPCList"] == [f"{BASE}/product/dough/serial/9"]
    assert event["transformationID"] == f"{BASE}/order/17"


MADE = {"activity": "observe", "objects": [ITEM]}
BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("unknown field", {**MADE, "colour": "red"}, "colour", "not known"),
    ("unknown activity", {"activity": "teleport"}, "activity", "receive"),
    ("missing place", {**MADE, "place": None}, "place", "valid string"),
    ("naive time", {**MADE, "time": "2026-03-02T08:00:00"}, "time", "offset"),
    ("empty time", {**MADE, "time": ""}, "time", "offset"),
    ("impossible day", {**MADE, "time": "2026-02-30T08:00:00Z"}, "time", "calendar"),
    ("offset beyond EPCIS", {**MADE, "time": "2026-03-02T08:00:00+15:00"}, "time", "+14:00"),
    ("wrong check digit", {**MADE, "objects": ["https://id.gs1.org/01/09506000000038/21/S"]},
     "objects[0]", "expected 9"),
    ("wrong check digit by parts", {**MADE, "objects": [{"product": "09506000000038", "lot": "L"}]},
     "objects[0].product", "expected 9"),
    ("bare place", {**MADE, "place": "9506000000015"}, "place", "(414)9506000000015"),
    ("place by name", {**MADE, "place": "store"}, "place", "(414)"),
    ("empty place", {**MADE, "place": " "}, "place", "empty"),
    ("bare party", {"activity": "ship", "objects": [ITEM], "to": "ACME"}, "to", "(417)"),
    ("bare number", {**MADE, "objects": ["4711"]}, "objects[0]", '"product"'),
    ("bare number in an entry", {**MADE, "objects": [{"id": "4711"}]}, "objects[0].id", '"product"'),
    ("number for text", {**MADE, "objects": [4711]}, "objects[0]", '"product"'),
    ("empty id", {**MADE, "objects": [""]}, "objects[0]", "empty"),
    ("over-long serial", {**MADE, "objects": [f"https://id.gs1.org/01/09506000000039/21/{'9' * 21}"]},
     "objects[0]", "20"),
    ("over-long uri", {**MADE, "objects": ["urn:x:" + "9" * 2048]}, "objects[0]", "2048"),
    ("emoji lot", {**MADE, "objects": [{"product": "09506000000039", "lot": "🍞"}]}, "objects[0].lot", "set of 82"),
    ("full-width lot", {**MADE, "objects": [{"product": "09506000000039", "lot": "Ａ1"}]}, "objects[0].lot", "A1"),
    ("negative quantity", {**MADE, "objects": [{"id": LOT, "quantity": "-1"}]}, "objects[0].quantity", "0 or more"),
    ("NaN quantity", {**MADE, "objects": [{"id": LOT, "quantity": "NaN"}]}, "objects[0].quantity", "decimal"),
    ("exponent", {**MADE, "objects": [{"id": LOT, "quantity": "1e308"}]}, "objects[0].quantity", "decimal"),
    ("unknown unit", {**MADE, "objects": [{"id": LOT, "quantity": "1", "unit": "kg"}]}, "objects[0].unit", "KGM"),
    ("unit alone", {**MADE, "objects": [{"id": LOT, "unit": "KGM"}]}, "objects[0]", "needs a quantity"),
    ("two names", {**MADE, "objects": [{"id": LOT, "product": "09506000000039"}]}, "objects[0]", "`id`"),
    ("nothing named", {**MADE, "objects": []}, "objects", "at least one"),
    ("unknown result", {"activity": "inspect", "objects": [ITEM], "result": "fine"}, "result", "'pass'"),
    ("limits reversed", {"activity": "inspect", "objects": [ITEM], "result": "pass",
     "characteristics": [{"name": "d", "value": "1", "low": "3", "high": "2"}]}, "characteristics[0].low", "above"),
    ("measured NaN", {"activity": "inspect", "objects": [ITEM], "result": "pass",
     "characteristics": [{"name": "d", "value": "NaN"}]}, "characteristics[0].value", "decimal"),
    ("bad document type", {**MADE, "documents": [{"type": "note", "id": "1"}]}, "documents[0].type", "desadv"),
    ("over-long lot", {"activity": "commission", "objects": [ITEM], "lot": "L" * 21}, "lot", "20"),
    ("bad expiry", {"activity": "commission", "objects": [ITEM], "expiry": "soon"}, "expiry", "offset"),
]  # fmt: skip


@pytest.mark.parametrize(("activity", "field", "told"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_bad_field_is_named_with_what_to_do(activity: dict[str, Any], field: str, told: str) -> None:
    assert told in fault_of(activity)[field]


def test_every_fault_of_an_activity_is_told_at_once() -> None:
    wrong = {
        "activity": "make",
        "time": "now",
        "inputs": ["4711"],
        "outputs": [{"id": LOT, "quantity": "1", "unit": "kg"}],
    }
    assert set(fault_of(wrong)) == {"time", "inputs[0]", "outputs[0].unit"}


def test_a_line_that_is_no_json_refuses_that_line_alone() -> None:
    sents, alone = read_sent(b'{"activity":"observe"}\n\n{"activity"\n[1]\n', lines=True)
    assert not alone
    assert [one.fault is None for one in sents] == [True, False, True]
    with pytest.raises(BadInput, match="JSON object"):
        read_activity(sents[2])


def test_an_activity_above_a_mebibyte_is_refused_by_itself() -> None:
    sents, _ = read_sent(json.dumps([MADE, {**MADE, "operator": "x" * 1_048_577}]).encode(), lines=False)
    assert sents[0].fault is None
    with pytest.raises(TooLarge) as caught:
        read_activity(sents[1])
    assert "1048576" in caught.value.errors[0].fix


def test_more_activities_than_a_call_takes_are_refused() -> None:
    with pytest.raises(TooLarge, match="5000"):
        read_sent(b"{}\n" * 5001, lines=True)
