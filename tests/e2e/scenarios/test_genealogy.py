"""Genealogy shapes (SC-G)."""

from __future__ import annotations

from typing import Any

from tests.e2e.scenarios.floor import CUSTOMER_A, CUSTOMER_B, Floor, kg


def relation(answer: dict[str, Any], source: str, kind: str) -> list[dict[str, Any]]:
    return [one for one in answer["relations"] if one["from"] == source and one["kind"] == kind]


def test_a_lot_drawn_three_times_in_one_order_is_one_relation_with_its_sum(floor: Floor) -> None:
    """SC-G1 one edge, three draws, the sum right."""
    for amount in ("10", "20", "5.5"):
        floor.make([floor.use("RAW", amount)], [], order=f"{floor.tag}-O")
    floor.make([], [floor.use("FG", "30")], order=f"{floor.tag}-O")
    (drawn,) = relation(floor.impact(floor.lot("RAW")), floor.lot("RAW"), "transformed")
    assert len(drawn["events"]) == 3
    assert (drawn["quantity"], drawn["unit"]) == ("35.5", "KGM")


def test_four_lots_of_one_material_in_one_order_are_all_found(floor: Floor) -> None:
    """SC-G2."""
    floor.make([floor.use(f"M{n}", "1") for n in range(4)], [floor.use("FG", "4")])
    assert floor.names(floor.provenance(floor.lot("FG"))) == {"FG", "M0", "M1", "M2", "M3"}


def test_of_a_hundred_units_each_shows_its_own_part_and_screws_as_possible(floor: Floor) -> None:
    """SC-G3 and SC-G4: bound parts are a unit's own, unbound ones possible, and the lot lists all hundred."""
    units = [f"S{n:03}" for n in range(100)]
    floor.make([floor.use("SCREWS", "400")], [floor.item(unit) for unit in units])
    for unit in units[:5]:
        floor.do("install", assembly=floor.item(unit), objects=[floor.item(f"C{unit}")])
    back = floor.reached(floor.provenance(floor.item("S003")))
    assert set(back) == {"S003", "CS003", "SCREWS"}
    assert (back["CS003"]["certainty"], back["SCREWS"]["certainty"]) == ("certain", "possible")
    forward = floor.impact(floor.lot("SCREWS"))
    assert forward["totals"]["objects"] == 101
    assert floor.names(forward) == {"SCREWS", *units}


def test_a_split_and_a_merge_keep_apart_what_was_apart(floor: Floor) -> None:
    """SC-G6 L into L-1 and L-2, L-1 with M into N: M reaches N and not L-2, N keeps both origins."""
    floor.make([floor.use("L", "10")], [floor.use("L-1", "5"), floor.use("L-2", "5")])
    floor.make([floor.use("L-1", "5"), floor.use("M", "5")], [floor.use("N", "10")])
    assert floor.names(floor.impact(floor.lot("M"))) == {"M", "N"}
    assert floor.names(floor.provenance(floor.lot("N"))) == {"N", "L-1", "L", "M"}


def test_a_swapped_part_exposed_one_unit_and_is_in_another(floor: Floor) -> None:
    """SC-G7 rework: C1 was in S and is in T, C2 is in S."""
    s, t, c1, c2 = (floor.item(name) for name in ("S", "T", "C1", "C2"))
    floor.do("install", assembly=s, objects=[c1])
    floor.do("remove", assembly=s, objects=[c1])
    floor.do("install", assembly=s, objects=[c2])
    floor.do("ship", objects=[s], to=CUSTOMER_A, documents=[])
    assert floor.names(floor.impact(c2)) == {"C2", "S"}
    was = relation(floor.impact(c1), c1, "installed")
    assert [(floor.short(one["to"]), one["until"] is None) for one in was] == [("S", False)]
    floor.do("install", assembly=t, objects=[c1])
    now = {floor.short(one["to"]): one["until"] for one in relation(floor.impact(c1), c1, "installed")}
    assert now["S"] is not None
    assert now["T"] is None
    assert floor.object(c1)["installed_in"][0]["exposure"] == "exposed"
    assert floor.object(c1)["state"] == "installed"


def test_a_regrind_cycle_ends_with_each_lot_once(floor: Floor) -> None:
    """SC-G8."""
    floor.make([floor.use("RESIN", "10"), floor.use("SCRAP", "1")], [floor.use("FG", "10")])
    floor.make([floor.use("FG", "1")], [floor.use("SCRAP", "1")])
    floor.make([floor.use("SCRAP", "1")], [floor.use("FG2", "1")])
    answer = floor.impact(floor.lot("FG"))
    assert sorted(floor.short(one["object"]) for one in answer["objects"]) == ["FG", "FG2", "SCRAP"]
    loop = {(floor.short(one["from"]), floor.short(one["to"])) for one in answer["relations"]}
    assert any(start == "SCRAP" for start, _ in loop)
    assert floor.names(floor.provenance(floor.lot("FG"))) == {"FG", "RESIN", "SCRAP"}


def test_topping_up_a_lot_with_its_own_number_drops_nothing(floor: Floor) -> None:
    """SC-G9 self top-up: the early part, the new part and what came after are all kept."""
    floor.make([floor.use("EARLY", "5")], [floor.use("TANK", "5")])
    floor.make([floor.use("TANK", "5"), floor.use("LATE", "5")], [floor.use("TANK", "10")])
    floor.make([floor.use("TANK", "10")], [floor.use("FG", "10")])
    for raw in ("EARLY", "LATE"):
        assert floor.names(floor.impact(floor.lot(raw))) == {raw, "TANK", "FG"}
    assert floor.names(floor.provenance(floor.lot("FG"))) == {"FG", "TANK", "EARLY", "LATE"}


def test_a_ladder_of_twenty_two_lot_blends_is_answered_once_a_lot(floor: Floor) -> None:
    """SC-G10 diamonds: two million paths, forty lots."""
    for level in range(19):
        inputs = [floor.use(f"{side}{level}", "1") for side in "AB"]
        for side in "AB":
            floor.make(inputs, [floor.use(f"{side}{level + 1}", "1")])
    answer = floor.impact(floor.lot("A0"))
    assert answer["totals"]["objects"] == 39
    assert floor.reached(answer)["B19"]["depth"] == 19
    assert floor.provenance(floor.lot("B19"))["totals"]["objects"] == 39


def test_a_harvested_part_in_a_new_unit_is_traced_to_the_first(floor: Floor) -> None:
    """SC-G14 disassembly: the part keeps its identity through both units."""
    floor.make([floor.use("COPPER", "1")], [floor.item("MOTOR")])
    floor.do("install", assembly=floor.item("OLD"), objects=[floor.item("MOTOR")])
    floor.do("remove", assembly=floor.item("OLD"), objects=[floor.item("MOTOR")])
    floor.do("install", assembly=floor.item("NEW"), objects=[floor.item("MOTOR")])
    assert floor.names(floor.impact(floor.lot("COPPER"))) == {"COPPER", "MOTOR", "OLD", "NEW"}
    assert floor.names(floor.provenance(floor.item("NEW"))) == {"NEW", "MOTOR", "COPPER"}
    stays = floor.object(floor.item("MOTOR"))["installed_in"]
    assert [(floor.short(one["object"]), one["exposure"]) for one in stays] == [("OLD", "exposed"), ("NEW", "present")]


def test_a_repack_links_both_ways(floor: Floor) -> None:
    """SC-G15 twenty bags into one: a new code, known from either side."""
    bags = [{"id": floor.lot("BAG-500"), "quantity": "20", "unit": "EA"}]
    floor.make(bags, [{"id": floor.lot("BAG-10KG"), **kg("10")}])
    assert floor.names(floor.impact(floor.lot("BAG-500"))) == {"BAG-500", "BAG-10KG"}
    assert floor.names(floor.provenance(floor.lot("BAG-10KG"))) == {"BAG-500", "BAG-10KG"}


def test_a_unit_taken_out_of_its_case_before_shipping_is_not_the_customers(floor: Floor) -> None:
    """SC-G16 a scan of a pallet is its content at that time."""
    floor.make([floor.use("RAW", "1")], [floor.item("IN"), floor.item("OUT"), floor.item("LATE")])
    floor.do("pack", container=floor.box("CASE"), objects=[floor.item("IN"), floor.item("OUT")])
    floor.do("pack", container=floor.box("PALLET"), objects=[floor.box("CASE")])
    floor.do("unpack", container=floor.box("CASE"), objects=[floor.item("OUT")])
    floor.do("ship", objects=[floor.box("PALLET")], to=CUSTOMER_A, documents=[])
    floor.do("pack", container=floor.box("CASE"), objects=[floor.item("LATE")])
    answer = floor.impact(floor.lot("RAW"))
    found = floor.reached(answer)
    assert {name: one["consignees"] for name, one in found.items()} == {
        "RAW": [], "IN": [CUSTOMER_A], "OUT": [], "LATE": [],
    }  # fmt: skip
    assert [floor.short(box) for box in found["IN"]["carriers"]] == ["CASE", "PALLET"]
    assert floor.short(found["IN"]["by_way_of"]) == "CASE"
    inside = floor.ask("impact", {"seeds": [{"container": floor.box("PALLET")}]})
    assert {"IN", "LATE"} <= floor.names(inside)


def test_a_unit_returned_and_shipped_again_has_its_holder_and_its_history(floor: Floor) -> None:
    """SC-G17 shipped to A, returned, shipped to B."""
    unit = floor.item("U")
    floor.do("commission", objects=[unit])
    floor.do("ship", objects=[unit], to=CUSTOMER_A, documents=[])
    floor.do("return", objects=[unit], party=CUSTOMER_A)
    assert floor.object(unit)["state"] == "returned"
    floor.do("ship", objects=[unit], to=CUSTOMER_B, documents=[])
    page = floor.object(unit)
    assert (page["state"], page["consignees"]) == ("in_transit", sorted([CUSTOMER_A, CUSTOMER_B]))
    floor.do("return", objects=[unit], party=CUSTOMER_B)
    assert floor.object(unit)["state"] == "returned"


def test_an_input_without_lots_is_said_not_silent(floor: Floor) -> None:
    """SC-G19 glue by its class alone."""
    glue = "https://id.gs1.org/01/09506000000046"
    floor.make([{"id": glue, **kg("1")}, floor.use("WOOD", "1")], [floor.use("CHAIR", "1")])
    answer = floor.provenance(floor.lot("CHAIR"))
    assert {"object": glue, "reason": "untracked class"} in answer["stopped_at"]
    assert next(one for one in answer["objects"] if one["object"] == glue)["kind"] == "product"


def test_every_spelling_is_the_same_lot_and_what_only_looks_alike_is_not(floor: Floor) -> None:
    """SC-G22 leading zeros, FNC1, links, and full-width digits refused with the reason."""
    lot = f"00{floor.tag}"
    spellings = [
        f"(01)09506000134352(10){lot}",
        f"]C10109506000134352\u001d10{lot}",
        f"https://shop.example/x/01/9506000134352/10/{lot}?utm=1#top",
        f"https://id.gs1.org/01/09506000134352/10/{lot}",
    ]
    key = spellings[-1]
    for spelling in spellings:
        floor.do("observe", objects=[{"id": spelling, **kg("1")}])
    assert floor.object(key)["events_total"] == 4
    assert floor.impact(f"https://id.gs1.org/01/09506000134352/10/{floor.tag}")["seeds"][0]["finding"] == "unknown"
    wide = floor.client.post(
        "/api/v1/activities", json=floor.body("observe", objects=[{"product": "09506000134352", "lot": "\uff10\uff11"}])
    )
    assert wide.status_code == 422
    assert "82" in wide.json()["errors"][0]["fix"]
