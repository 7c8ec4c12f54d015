"""Recall core (SC-R)."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

from tests.e2e.scenarios.floor import BEGAN, CUSTOMER_A, CUSTOMER_B, PLANT, PRODUCT, SUPPLIER, Floor, kg


def test_a_raw_lot_leads_to_every_lot_made_of_it_with_where_each_is_and_who_has_it(floor: Floor) -> None:
    """SC-R1 forward: two orders, split by state, place, customer and quantity."""
    floor.do("receive", objects=[floor.use("A1", "1000")], **{"from": SUPPLIER})
    floor.make([floor.use("A1", "620")], [floor.use("FG1", "1200")], order=f"{floor.tag}-1")
    floor.make([floor.use("A1", "230")], [floor.use("FG2", "400")], order=f"{floor.tag}-2")
    floor.do("ship", objects=[floor.use("FG1", "500")], to=CUSTOMER_A, documents=[{"type": "desadv", "id": "DN-1"}])
    floor.do("ship", objects=[floor.use("FG1", "250")], to=CUSTOMER_B, documents=[{"type": "desadv", "id": "DN-2"}])
    floor.make([floor.use("OTHER", "1")], [floor.use("UNTOUCHED", "1")])
    answer = floor.impact(floor.lot("A1"))
    found = floor.reached(answer)
    assert set(found) == {"A1", "FG1", "FG2"}
    assert {one["certainty"] for one in found.values()} == {"certain"}
    assert (found["A1"]["state"], found["FG1"]["state"], found["FG2"]["state"]) == (
        "in_stock",
        "in_transit",
        "in_stock",
    )
    assert answer["totals"]["by_state"] == {"in_stock": 2, "in_transit": 1}
    assert answer["totals"]["by_place"] == {PLANT: 3}
    assert {one["party"]: one["quantities"][0]["quantity"] for one in answer["consignees"]} == {
        CUSTOMER_A: "500",
        CUSTOMER_B: "250",
    }
    page = floor.object(floor.lot("FG1"))
    assert {one["id"].rpartition(":")[2] for one in page["documents"]} >= {"DN-1", "DN-2"}
    assert (page["balance"]["created"], page["balance"]["shipped"]) == ("1200", "750")


def test_one_unit_leads_back_to_supplier_receipt_machine_operator_and_inspections(floor: Floor) -> None:
    """SC-R3 backward from a consumer's unit."""
    floor.do(
        "receive", objects=[floor.use("STEEL", "50")], documents=[{"type": "po", "id": "PO-77"}], **{"from": SUPPLIER}
    )
    floor.do("inspect", objects=[floor.lot("STEEL")], result="pass")
    unit = floor.item("U1")
    floor.make([floor.use("STEEL", "2")], [unit], resource="urn:plant:press-4", operator="urn:plant:person:7")
    measured = {
        "name": "torque",
        "value": "5.1",
        "unit": "NU",
        "low": "4.5",
        "high": "5.5",
        "instrument": "urn:plant:g7",
    }
    floor.do("inspect", objects=[unit], result="pass", characteristics=[measured])
    floor.do("pack", container=floor.box("CASE"), objects=[unit])
    floor.do("ship", objects=[floor.box("CASE")], to=CUSTOMER_A, documents=[])
    answer = floor.provenance(unit)
    assert floor.names(answer) == {"U1", "STEEL"}
    assert answer["seeds"][0]["finding"] == "found"
    assert answer["processes"][0]["resource"] == "urn:plant:press-4"
    page = floor.object(unit)
    assert page["inspections"][0]["characteristics"][0] | measured == page["inspections"][0]["characteristics"][0]
    assert [floor.short(box) for box in page["carriers"]] == ["CASE"]
    assert page["consignees"] == [CUSTOMER_A]
    assert "urn:plant:person:7" in {one["operator"] for one in page["last_events"]}
    steel = floor.object(floor.lot("STEEL"))
    assert {one["id"].rpartition(":")[2] for one in steel["documents"]} == {"PO-77"}
    assert steel["inspections"][0]["result"] == "pass"


def test_a_complaint_leads_back_to_a_part_and_forward_to_its_siblings_alone(floor: Floor) -> None:
    """SC-R4 back, then forward: siblings that used the suspect part, without those that did not."""
    for unit, part in (("S17", "BOARD-X"), ("S18", "BOARD-X"), ("S19", "BOARD-Y")):
        floor.make([floor.use(part, "1"), floor.use("SCREWS", "4")], [floor.item(unit)])
    assert {"BOARD-X", "SCREWS"} <= floor.names(floor.provenance(floor.item("S17")))
    assert floor.names(floor.impact(floor.lot("BOARD-X"))) == {"BOARD-X", "S17", "S18"}


def test_an_oven_and_its_hot_minutes_give_all_that_was_in_it_even_for_a_second(floor: Floor) -> None:
    """SC-R5 window: overlap by an instant counts, zones are respected; what went to another machine before is out."""
    oven = f"urn:plant:oven:{floor.tag}"
    hot = (BEGAN + timedelta(hours=2), BEGAN + timedelta(hours=2, minutes=40))
    baked = {"BEFORE": (-60, -1), "TOUCHES": (-30, 0), "WITHIN": (5, 10), "OVER": (39, 90), "AFTER": (41, 60)}
    for name, (begin, end) in baked.items():
        order = f"{floor.tag}-{name}"
        at = [(hot[0] + timedelta(minutes=m)).isoformat() for m in (begin, end)]
        floor.do("make", inputs=[floor.use(f"IN-{name}", "1")], outputs=[], order=order, resource=oven, time=at[0])
        floor.do("make", inputs=[], outputs=[floor.use(name, "1")], order=order, resource=oven, time=at[1])
    cooled = {"objects": [floor.use("BEFORE", "1"), floor.use("IN-BEFORE", "0")], "resource": "urn:plant:cooler"}
    floor.do("observe", time=(hot[0] - timedelta(seconds=1)).isoformat(), **cooled)
    for zone in (UTC, timezone(timedelta(hours=8))):
        window = {"from": hot[0].astimezone(zone).isoformat(), "to": hot[1].astimezone(zone).isoformat()}
        found = floor.names(floor.ask("impact", {"seeds": [{"resource": oven, **window}], "limit": 100}))
        assert {"TOUCHES", "IN-TOUCHES", "WITHIN", "OVER"} <= found
        assert not {"BEFORE", "IN-BEFORE", "AFTER", "IN-AFTER"} & found


def test_nothing_found_says_whether_it_is_unknown_unused_or_incomplete(floor: Floor) -> None:
    """SC-R7 nothing found must differ."""
    floor.do("receive", objects=[floor.use("IDLE", "10")], **{"from": SUPPLIER})
    floor.make([floor.use("ORPHAN", "1")], [floor.use("MADE", "1")])
    findings = {
        "unknown": floor.impact(floor.lot("NEVER")),
        "unused": floor.impact(floor.lot("IDLE")),
        "incomplete": floor.provenance(floor.lot("MADE")),
        "found": floor.impact(floor.lot("ORPHAN")),
    }
    for finding, answer in findings.items():
        assert answer["seeds"][0]["finding"] == finding
    stopped = findings["incomplete"]["stopped_at"]
    assert [(floor.short(one["object"]), one["reason"]) for one in stopped] == [("ORPHAN", "no origin recorded")]


def test_an_ambiguous_number_lists_every_match_and_picks_none(floor: Floor) -> None:
    """SC-R8 the same lot number of two suppliers and of a finished product."""
    number = f"L2024-{floor.tag}"
    keys = [f"https://id.gs1.org/01/{gtin}/10/{number}" for gtin in ("09506000000022", "09506000000039", PRODUCT)]
    floor.do("receive", objects=[{"id": key, **kg("1")} for key in keys], **{"from": SUPPLIER})
    answer = floor.impact(number)
    assert answer["seeds"] == [{"given": number, "finding": "ambiguous", "objects": sorted(keys)}]
    assert answer["objects"] == []


def test_a_view_that_is_cut_says_so_and_totals_and_export_are_whole(floor: Floor) -> None:
    """SC-R9 cap."""
    outputs = [floor.item(f"U{n:04}") for n in range(300)]
    floor.make([floor.use("BIG", "1")], outputs)
    page = floor.impact(floor.lot("BIG"), limit=20)
    assert (len(page["objects"]), page["totals"]["objects"]) == (20, 301)
    assert page["next"] is not None
    seen = floor.names(page)
    while page["next"]:
        page = floor.impact(floor.lot("BIG"), limit=100, after=page["next"])
        assert not seen & floor.names(page)
        seen |= floor.names(page)
    assert len(seen) == 301
    accept = {"accept": "application/x-ndjson"}
    lines = floor.client.get("/api/v1/impact", params={"object": floor.lot("BIG")}, headers=accept).text.splitlines()
    assert len(lines) == 301


def test_the_balance_of_a_lot_counts_what_went_in_containers(floor: Floor) -> None:
    """SC-R2, its inputs: shipped in a case and by name, used out of a tote, destroyed, and what should be left."""
    floor.do("commission", objects=[floor.use("FG", "100")])
    floor.do("pack", container=floor.box("CASE"), objects=[floor.use("FG", "30")])
    floor.do("pack", container=floor.box("TOTE"), objects=[floor.use("FG", "20")])
    floor.do("ship", objects=[floor.box("CASE")], to=CUSTOMER_A, documents=[])
    floor.do("ship", objects=[floor.use("FG", "25")], to=CUSTOMER_B, documents=[])
    floor.make([floor.box("TOTE")], [floor.use("SAUCE", "20")])
    floor.do("destroy", objects=[floor.use("FG", "5")], reason="sample")
    balance = floor.object(floor.lot("FG"))["balance"]
    expected = {
        "created": "100",
        "received": "0",
        "shipped": "55",
        "consumed": "20",
        "destroyed": "5",
        "remaining": "20",
    }
    assert {name: balance[name] for name in expected} == expected
    assert all(entry["event"] for entry in balance["entries"])
    assert {one["party"]: one["quantities"][0]["quantity"] for one in floor.impact(floor.lot("FG"))["consignees"]} == {
        CUSTOMER_A: "30",
        CUSTOMER_B: "25",
    }
