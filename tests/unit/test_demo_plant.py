"""The demo plant: valid EPCIS, the same every time, and every element of its story told."""

from __future__ import annotations

import json
import re
import tracemalloc
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from schemas.epcis.reader import read_json_document
from schemas.epcis.validate import faults
from schemas.identifiers import Kind, identify, short_numbers
from schemas.times import Instant
from schemas.units import unit_of
from services.demo import plant, story
from services.demo.load import load_demo
from services.demo.story import BAD_LOT, REFERENCE, START, DemoDocument, generate, names

SCHEMA = Path(__file__).parents[2].parent / "shared" / "epcis" / "standard" / "epcis-json-schema-2.0.1.json"
LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
QUANTITY_LISTS = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
Event = dict[str, Any]


@pytest.fixture(scope="module")
def documents() -> list[DemoDocument]:
    return list(generate())


@pytest.fixture(scope="module")
def events(documents: list[DemoDocument]) -> list[Event]:
    return [event for document in documents for event in document.events]


def named(event: Event) -> list[str]:
    """Everything in the *what* of an event."""
    keys = [key for name in LISTS for key in event.get(name, ())]
    keys += [entry["epcClass"] for name in QUANTITY_LISTS for entry in event.get(name, ())]
    return [*keys, *([event["parentID"]] if "parentID" in event else [])]


def parties(event: Event) -> list[str]:
    return [entry["destination"] for entry in event.get("destinationList", ())]


def inputs(event: Event) -> list[str]:
    return [*event.get("inputEPCList", ()), *(entry["epcClass"] for entry in event.get("inputQuantityList", ()))]


def outputs(event: Event) -> list[str]:
    return [*event.get("outputEPCList", ()), *(entry["epcClass"] for entry in event.get("outputQuantityList", ()))]


def test_about_three_thousand_events_on_thirty_days(documents: list[DemoDocument], events: list[Event]) -> None:
    assert 2_900 <= len(events) <= 3_100
    assert [document.kind for document in documents] == ["names", "own", *["events"] * 30]
    assert len({document.name for document in documents}) == len(documents)
    assert len({event["eventTime"][:10] for event in events}) == 31


def test_every_document_is_valid_by_our_own_rules(documents: list[DemoDocument]) -> None:
    for document in documents:
        if document.kind == "events":
            read = read_json_document(document.to_bytes())
            assert [fault for event in read.events for fault in faults(event)] == []
            assert len(read.events) == len(document.events)


@pytest.mark.skipif(not SCHEMA.exists(), reason="the official schema is not beside the checkout")
def test_every_document_is_valid_by_the_official_schema(documents: list[DemoDocument]) -> None:
    judge = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()), validate_formats=True)
    for document in documents:
        if document.kind == "events":
            errors = [str(error)[:300] for error in judge.iter_errors(json.loads(document.to_bytes()))]
            assert errors == [], document.name


def test_every_identifier_keeps_its_standard(events: list[Event]) -> None:
    for event in events:
        keys = [*named(event), event["readPoint"]["id"], *parties(event)]
        assert [identify(key).warning for key in keys] == [None] * len(keys)
        assert all(identify(key).kind is not Kind.OTHER for key in keys)
        for name in QUANTITY_LISTS:
            for entry in event.get(name, ()):
                assert entry["quantity"] > 0
                assert "uom" not in entry or unit_of(entry["uom"]) is not None


def test_the_same_arguments_tell_the_same_story(documents: list[DemoDocument]) -> None:
    assert [document.to_bytes() for document in generate(seed=1)] == [document.to_bytes() for document in documents]
    other = [document.to_bytes() for document in generate(seed=2)]
    assert other[2:] != [document.to_bytes() for document in documents][2:]


def test_event_ids_are_of_version_7_and_only_one_event_is_sent_twice(events: list[Event]) -> None:
    plain = [event for event in events if "errorDeclaration" not in event]
    ids = [uuid.UUID(event["eventID"]) for event in plain]
    assert {one.version for one in ids} == {7}
    assert {one.variant for one in ids} == {uuid.RFC_4122}
    ((twice, times),) = ((one, times) for one, times in Counter(ids).items() if times > 1)
    assert times == 2
    assert len({json.dumps(event) for event in plain if event["eventID"] == f"urn:uuid:{twice}"}) == 1


def test_the_story_ends_before_the_reference_date(events: list[Event]) -> None:
    times = [Instant.parse(event["eventTime"]) for event in events]
    assert max(times) < REFERENCE
    assert [time.text()[:4] for time in times if time < START] == ["1970"]


def test_more_events_are_told_by_more_lines_with_numbers_of_their_own() -> None:
    many = [event for document in generate(events=9_000) for event in document.events]
    assert 8_700 <= len(many) <= 9_300
    ids = {event["eventID"] for event in many}
    again = sum(1 for event in many if "errorDeclaration" in event)
    assert len(ids) == len(many) - again - 3
    bad = {key for event in many for key in named(event) if "SESAME-0612" in key}
    assert bad == {BAD_LOT, f"{BAD_LOT}-1", f"{BAD_LOT}-2"}
    units = [event["parentID"] for event in many if event["type"] == "AggregationEvent"]
    assert all(identify(unit).kind in (Kind.LOGISTIC_UNIT, Kind.ITEM) for unit in units)


def test_a_small_story_still_tells_every_episode() -> None:
    small = [event for document in generate(events=1) for event in document.events]
    assert len(small) < 1_200
    assert {rule for rule, told in ELEMENTS.items() if not any(map(told, small))} == set()


def test_memory_does_not_grow_with_the_story(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "_LINES_AT_ONCE", 1)

    def peak(events: int) -> int:
        tracemalloc.start()
        for document in generate(events=events):
            document.to_bytes()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    few, many = peak(6_000), peak(12_000)
    assert many < 1.3 * few


def test_another_start_moves_the_whole_story() -> None:
    start = Instant.parse("2025-01-01T00:00:00+08:00")
    document = next(document for document in generate(start=start) if document.kind == "events")
    assert document.name == "2025-01-01"
    assert all(event["eventTime"].startswith("2025-01-01") for event in document.events)


def test_names_are_given_in_both_languages(events: list[Event]) -> None:
    told = {entry["id"]: entry for entry in names()}
    assert all(entry["zh"] and entry["en"] and entry["zh"] != entry["en"] for entry in told.values())
    assert any("\u4e00" <= letter <= "\u9fff" for letter in told[BAD_LOT]["zh"])
    used = {event["readPoint"]["id"] for event in events} | {party for event in events for party in parties(event)}
    used |= {identify(key).product for event in events for key in named(event)} - {None}
    assert used - set(told) == set()
    assert [one.key for one in plant.EVERYTHING if identify(one.key).warning] == []


def test_all_own_places_and_no_others_are_own(documents: list[DemoDocument]) -> None:
    own = set(documents[1].body["own"])
    assert {place.key for place in plant.OWN_PLACES} < own
    assert not own & {place.key for place in plant.CUSTOMER_PLACES.values()}
    assert not own & {party.key for party in plant.CUSTOMERS}


async def test_loading_sends_every_document_in_order(documents: list[DemoDocument], events: list[Event]) -> None:
    sent: list[str] = []
    told: list[int] = []

    async def capture(document: DemoDocument) -> None:
        sent.append(document.name)

    assert await load_demo(capture, progress=told.append) == len(events)
    assert sent == [document.name for document in documents]
    assert told[-1] == len(events)
    assert told == sorted(told)


def _is(kind: str, **members: Any) -> Callable[[Event], bool]:
    return lambda event: event["type"] == kind and all(event.get(name) == value for name, value in members.items())


def _tail(event: Event, text: str) -> bool:
    return any(key.endswith(text) for key in named(event))


ELEMENTS: dict[str, Callable[[Event], bool]] = {
    "a supplier's lot arrives": lambda e: e["bizStep"] == "receiving" and bool(e.get("quantityList")),
    "R1 inputs alone": lambda e: bool(inputs(e)) and not outputs(e),
    "R1 outputs alone": lambda e: bool(outputs(e)) and not inputs(e),
    "a blend of two lots of one product": lambda e: len(inputs(e)) > len({identify(key).product for key in inputs(e)}),
    "R2 by Digital Link": lambda e: any(identify(key).kind is Kind.ITEM and identify(key).lot for key in named(e)),
    "R2 by ilmd": lambda e: "cbvmda:lotNumber" in e.get("ilmd", {}) and bool(e.get("outputEPCList")),
    "R3 a part is installed": _is("AssociationEvent", action="ADD"),
    "R3 a part is removed": lambda e: _is("AssociationEvent", action="DELETE")(e) and bool(e["childEPCs"]),
    "R3 all parts are removed": _is("AssociationEvent", action="DELETE", childEPCs=[]),
    "R3 by aggregation": _is("AggregationEvent", action="ADD", bizStep="assembling"),
    "R4 cases": lambda e: _is("AggregationEvent", action="ADD")(e) and bool(e.get("childQuantityList")),
    "R4 pallets": lambda e: any(identify(key).kind is Kind.LOGISTIC_UNIT for key in e.get("childEPCs", ())),
    "R4 observed inside": _is("AggregationEvent", action="OBSERVE"),
    "R4 a container is emptied": _is("AggregationEvent", action="DELETE", childEPCs=[]),
    "R4 part of a quantity is taken out": lambda e: (
        _is("AggregationEvent", action="DELETE")(e) and bool(e.get("childQuantityList"))
    ),
    "R5 a container is an input": lambda e: any("/00/" in key for key in e.get("inputEPCList", ())),
    "R6 in and out": lambda e: bool({*inputs(e)} & {*outputs(e)}),
    "regrind comes in and goes out": lambda e: bool(outputs(e)) and any("REGRIND-BIN-1" in key for key in outputs(e)),
    "glue by class only": lambda e: plant.GLUE.key in inputs(e),
    "a quantity of a lot of items": lambda e: any("/10/KS-" in key for key in inputs(e)),
    "a lot of items is shipped by quantity": lambda e: (
        e["bizStep"] == "shipping" and any("/10/KS-" in x["epcClass"] for x in e.get("quantityList", ()))
    ),
    "an inspection fails": _is("ObjectEvent", bizStep="inspecting", disposition="non_conformant"),
    "destroyed": _is("ObjectEvent", bizStep="destroying"),
    "returned": _is("ObjectEvent", bizStep="receiving", disposition="returned"),
    "sold": _is("ObjectEvent", bizStep="retail_selling"),
    "a shipping is voided": _is("ObjectEvent", bizStep="void_shipping"),
    "an error is declared": lambda e: bool(e.get("errorDeclaration", {}).get("correctiveEventIDs")),
    "a clock lost": lambda e: e["eventTime"].startswith("1970"),
    "temperature alarms": lambda e: any(
        report.get("exception") for sensor in e.get("sensorElementList", ()) for report in sensor["sensorReport"]
    ),
    "a machine and an operator": lambda e: "stemma:resource" in e and "stemma:operator" in e,
    "an order and a delivery note": lambda e: {x["type"] for x in e.get("bizTransactionList", ())} == {"po", "desadv"},
    "a board without origin": lambda e: _tail(e, "OLD-BOARD-1"),
    "an unused lot": lambda e: _tail(e, "SUGAR-SPARE"),
    "one number": lambda e: _tail(e, "/10/L2026-01"),
    "the bad lot": lambda e: BAD_LOT in named(e),
}


@pytest.mark.parametrize("element", ELEMENTS)
def test_the_story_tells(element: str, events: list[Event]) -> None:
    assert any(map(ELEMENTS[element], events))


def test_three_customers_are_shipped_to(events: list[Event]) -> None:
    shipped = {party for event in events if event["bizStep"] == "shipping" for party in parties(event)}
    assert shipped == {party.key for party in plant.CUSTOMERS}


def test_one_number_stands_for_three_lots(events: list[Event]) -> None:
    lots = {key for event in events for key in named(event) if key.endswith("/10/L2026-01")}
    assert {identify(lot).product for lot in lots} == {plant.FLOUR.key, plant.CELL.key, plant.PACK.key}


def test_the_unused_lot_and_the_board_without_origin_are_what_they_claim(events: list[Event]) -> None:
    spare = plant.SUGAR.lot("SUGAR-SPARE")
    assert not any(spare in inputs(event) for event in events)
    old = [event for event in events if _tail(event, "OLD-BOARD-1")]
    assert {event["type"] for event in old} == {"AssociationEvent"}


def test_the_swapped_board_leaves_one_scale_for_another(events: list[Event]) -> None:
    board = plant.BOARD.item("PCB-SWAP.001")
    stays = [
        (e["action"], e["parentID"][-9:], e["eventTime"][11:16]) for e in events if board in e.get("childEPCs", ())
    ]
    assert stays == [
        ("ADD", "KS-SWAP-1", "10:02"),
        ("DELETE", "KS-SWAP-1", "11:40"),
        ("ADD", "KS-SWAP-2", "09:03"),
    ]


def test_a_case_is_taken_out_before_its_pallet_is_shipped(events: list[Event]) -> None:
    first, *_ = (e for e in events if e.get("action") == "DELETE" and e["eventTime"].startswith("2026-06-12T15:10"))
    pallet, (case,) = first["parentID"], first["childEPCs"]
    shipped = next(e for e in events if e["bizStep"] == "shipping" and pallet in e["epcList"])
    assert first["eventTime"] < shipped["eventTime"]
    assert not any(case in e.get("epcList", ()) for e in events if e["bizStep"] == "shipping")


def test_the_correction_comes_after_the_shipment(events: list[Event]) -> None:
    (declared,) = (event for event in events if "errorDeclaration" in event)
    better = next(e for e in events if e["eventID"] == declared["errorDeclaration"]["correctiveEventIDs"][0])
    assert inputs(declared)[0] != inputs(better)[0]
    assert inputs(declared)[1:] == inputs(better)[1:]
    assert outputs(declared) == outputs(better)
    packs = outputs(declared)[0]
    case = next(e["parentID"] for e in events if any(x["epcClass"] == packs for x in e.get("childQuantityList", ())))
    pallet = next(e["parentID"] for e in events if case in e.get("childEPCs", ()))
    shipped = next(e for e in events if e["bizStep"] == "shipping" and pallet in e["epcList"])
    assert shipped["eventTime"] < declared["errorDeclaration"]["declarationTime"]
    plain = {key: value for key, value in declared.items() if key != "errorDeclaration"}
    assert plain in events


def test_some_inputs_are_told_days_after_their_outputs(documents: list[DemoDocument]) -> None:
    told: dict[str, dict[bool, str]] = {}
    for document in documents:
        for event in document.events:
            if "transformationID" in event and bool(inputs(event)) != bool(outputs(event)):
                told.setdefault(event["transformationID"], {})[bool(inputs(event))] = document.name
    late = [days for days in told.values() if len(days) == 2 and days[True] > days[False]]
    assert [(days[False], days[True]) for days in late] == [("2026-06-21", "2026-06-24")]


def test_pallets_are_split_over_two_customers(events: list[Event]) -> None:
    packed: dict[str, set[str]] = {}
    for event in events:
        if event["type"] == "AggregationEvent" and event["action"] == "ADD":
            for case in event.get("childEPCs", ()):
                packed.setdefault(case, set()).add(event["parentID"])
    assert sum(1 for pallets in packed.values() if len(pallets) == 2) == 2


def test_what_left_on_the_last_day_is_on_the_way(events: list[Event]) -> None:
    last = [e for e in events if e["bizStep"] == "shipping" and e["eventTime"].startswith("2026-06-30")]
    received = {key for e in events if e["bizStep"] == "receiving" for key in e.get("epcList", ())}
    assert len(last) >= 3
    assert not {key for e in last for key in e["epcList"]} & received


def test_stays_of_ordinary_work_are_in_the_order_of_the_clock(events: list[Event]) -> None:
    """A scale is made, gets its board, is tested, packed and shipped in this order."""
    scale = plant.SCALE.item("KS-0608.001")
    on_it = [event for event in events if scale in named(event)]
    assert [event["eventTime"] for event in on_it] == sorted(event["eventTime"] for event in on_it)
    assert [event["type"] for event in on_it[:2]] == ["TransformationEvent", "AssociationEvent"]
    assert date.fromisoformat(on_it[0]["eventTime"][:10]) == date(2026, 6, 8)


def test_the_page_names_only_what_occurs(events: list[Event]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "demo-plant.md").read_text()
    numbers = set(re.findall(r"`([A-Z]+[0-9]*-[A-Z0-9.-]+)`", page.partition("## In tests")[0]))
    known = {part for event in events for key in named(event) for part in short_numbers(identify(key).key)}
    lots = {short_numbers(lot)[0] for event in events for key in named(event) if (lot := identify(key).lot)}
    lots |= {event["ilmd"]["cbvmda:lotNumber"] for event in events if "cbvmda:lotNumber" in event.get("ilmd", {})}
    assert len(numbers) > 25
    assert numbers - known - lots == set()


def reached_from(seed: str, events: list[Event]) -> set[str]:
    """A plain walk forward over processes and installations, without what was declared wrong.

    Lots of items do not occur downstream of the seed it is used for, nor containers as inputs.
    """
    withdrawn = {event["eventID"] for event in events if "errorDeclaration" in event}
    processes: dict[str, tuple[set[str], set[str]]] = {}
    links: list[tuple[str, str]] = []
    for event in (event for event in events if event["eventID"] not in withdrawn):
        if event["type"] == "TransformationEvent":
            came, made = processes.setdefault(str(event.get("transformationID", event["eventID"])), (set(), set()))
            came.update(inputs(event))
            made.update(outputs(event))
        elif event["action"] == "ADD" and event["bizStep"] in ("installing", "assembling"):
            links += [(key, event["parentID"]) for key in named(event)[:-1]]
    links += [(one, other) for came, made in processes.values() for one in came for other in made]
    return set(_closed(seed, links))


def _closed(seed: str, links: list[tuple[str, str]]) -> Iterator[str]:
    found, todo = {seed}, [seed]
    while todo:
        key = todo.pop()
        yield key
        following = {other for one, other in links if one == key} - found
        found |= following
        todo += following


def test_the_recall_of_the_bad_lot_is_the_one_the_story_tells(events: list[Event]) -> None:
    def lots(product: plant.Named, *numbers: str) -> set[str]:
        return {product.lot(number) for number in numbers}

    days = ("0612-1", "0612-2", "0613-1", "0614-1")
    expected = {BAD_LOT, plant.REGRIND.lot("REGRIND-BIN-1")}
    for product, letter in ((plant.DOUGH, "D"), (plant.BISCUITS, "B"), (plant.PACK, "P")):
        expected |= lots(product, *(f"{letter}-{day}" for day in days))
    expected |= {plant.GIFT_SET.item("GIFT-1"), plant.GIFT_SET.item("GIFT-2")}
    assert reached_from(BAD_LOT, events) == expected
