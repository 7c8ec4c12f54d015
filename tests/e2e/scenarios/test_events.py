"""Quality of events (SC-E) and size (SC-S)."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from tests.e2e.scenarios.floor import BEGAN, CUSTOMER_A, Floor, kg


def flags(floor: Floor, key: str) -> set[str]:
    return {one["flag"] for one in floor.object(key)["flags"]}


def test_one_scan_sent_ten_times_counts_once_and_two_scans_at_once_are_flagged(floor: Floor) -> None:
    """SC-E1 duplicates."""
    unit = floor.item("U")
    scan = floor.body("observe", objects=[unit], id=f"{floor.tag}-scan")
    first = floor.client.post("/api/v1/activities", json=scan)
    assert (first.status_code, first.json()["outcome"]) == (201, "captured")
    floor.position = first.headers["stemma-position"]
    for _ in range(9):
        assert floor.client.post("/api/v1/activities", json=scan).json()["outcome"] == "duplicate"
    assert floor.object(unit)["events_total"] == 1
    again = floor.client.post("/api/v1/activities", json={**scan, "id": f"{floor.tag}-other"})
    assert again.status_code == 201
    floor.position = again.headers["stemma-position"]
    assert flags(floor, unit) == {"scanned_twice"}
    assert floor.object(unit)["events_total"] == 2


def test_a_story_in_any_order_of_arrival_has_one_ending(floor: Floor) -> None:
    """SC-E2 ship before produce: it waits, and every order of arrival gives the same answer."""
    told: list[object] = []
    for turn in range(6):
        one = Floor(floor.client)
        story = [
            one.body("make", inputs=[one.use("RAW", "1")], outputs=[one.item("U")]),
            one.body("pack", container=one.box("CASE"), objects=[one.item("U")]),
            one.body("ship", objects=[one.box("CASE")], to=CUSTOMER_A, documents=[]),
            one.body("unpack", container=one.box("CASE"), objects=[]),
            one.body("inspect", objects=[one.item("U")], result="fail"),
            one.body("destroy", objects=[one.item("U")], reason="broken"),
        ]
        random.Random(turn).shuffle(story)
        for activity in story:
            answer = one.client.post("/api/v1/activities", json=activity)
            assert answer.status_code == 201, answer.text
            one.position = answer.headers["stemma-position"]
        answer = one.impact(one.lot("RAW"))
        told.append(
            {name: (row["state"], row["since"], row["consignees"]) for name, row in one.reached(answer).items()}
        )
    assert all(one == told[0] for one in told)
    assert told[0]["U"][0] == "destroyed"  # type: ignore[index]


def test_what_came_late_is_in_the_answer_of_now_and_not_of_then(floor: Floor) -> None:
    """SC-E3 Monday's event, received on Thursday."""
    floor.make([floor.use("RAW", "1")], [floor.use("A", "1")])
    tuesday = floor.impact(floor.lot("RAW"))["basis"]["known_at"]
    monday = (BEGAN - timedelta(days=1)).isoformat()
    floor.do("make", inputs=[floor.use("RAW", "1")], outputs=[floor.use("B", "1")], time=monday)
    assert floor.names(floor.impact(floor.lot("RAW"), known_at=tuesday)) == {"RAW", "A"}
    now = floor.reached(floor.impact(floor.lot("RAW")))
    assert set(now) == {"RAW", "A", "B"}
    assert now["B"]["since"] == monday.replace("+00:00", "Z")


def test_a_clock_of_1970_is_taken_flagged_and_the_time_of_receipt_is_kept(floor: Floor) -> None:
    """SC-E4."""
    began = datetime.now(UTC) - timedelta(seconds=5)
    verdict = floor.do("observe", objects=[floor.item("U")], time="1970-01-01T00:00:07Z")
    assert {one["flag"] for one in verdict["warnings"]} <= {"clock"}
    assert flags(floor, floor.item("U")) == {"clock"}
    shown = floor.client.get("/api/v1/timeline", params={"object": floor.item("U")}).json()
    (event,) = shown["events"]
    assert (event["time"], datetime.fromisoformat(event["recorded"]) > began) == ("1970-01-01T00:00:07Z", True)
    received = floor.client.get(f"/epcis/v2/events/{verdict['eventID']}")
    assert received.status_code == 200
    assert "recordTime" in received.text


def test_two_who_draw_the_last_ten_kilograms_are_both_recorded_and_the_balance_shows_it(floor: Floor) -> None:
    """SC-E5 offline scanners: nothing lost, the over-draw in the balance."""
    floor.do("commission", objects=[floor.use("LAST", "10")])
    for name in ("ONE", "TWO"):
        floor.make([floor.use("LAST", "10")], [floor.use(name, "10")])
    balance = floor.object(floor.lot("LAST"))["balance"]
    assert (balance["created"], balance["consumed"], balance["remaining"]) == ("10", "20", "-10")
    assert floor.names(floor.impact(floor.lot("LAST"))) == {"LAST", "ONE", "TWO"}


def test_bad_input_is_told_by_field_kept_and_taken_when_it_is_put_right(floor: Floor) -> None:
    """SC-E8 the exception queue."""
    bad = floor.body("observe", objects=[{"id": floor.lot("X"), "quantity": "-1", "unit": "KGM"}])
    refused = floor.client.post("/api/v1/activities", json=bad)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["field"], error["value"]) == ("objects[0].quantity", "-1")
    good = {**bad, "objects": [{"id": floor.lot("X"), **kg("1")}]}
    call = refused.json()["refused"]
    assert floor.client.post(f"/api/v1/refused/{call}/resubmit", json=good).status_code in (200, 201)


def test_two_consumers_of_one_serial_are_both_kept_and_the_later_is_flagged(floor: Floor) -> None:
    """SC-E12."""
    floor.do("commission", objects=[floor.item("CORE")])
    first = floor.make([floor.item("CORE")], [floor.item("A")])
    second = floor.make([floor.item("CORE")], [floor.item("B")])
    told = {one["event"]: one["flag"] for one in floor.object(floor.item("CORE"))["flags"]}
    assert told == {second["eventID"]: "consumed_twice"}
    assert first["eventID"] not in told
    assert floor.names(floor.impact(floor.item("CORE"))) == {"CORE", "A", "B"}


def test_one_lot_fanned_out_to_many_units_is_answered_whole(floor: Floor) -> None:
    """SC-S2, with ten thousand units here (`python -m tests.bench trace` has a hundred thousand)."""
    for part in range(5):
        floor.make([floor.use("RAW", "1")], [floor.item(f"U{part}-{n}") for n in range(2_000)])
    answer = floor.impact(floor.lot("RAW"), limit=100)
    assert answer["totals"]["objects"] == 10_001
    assert answer["totals"]["by_state"] == {"in_stock": 10_001}


def test_a_chain_two_hundred_deep_is_walked_to_its_end(floor: Floor) -> None:
    """SC-S3."""
    steps = [
        floor.body("make", inputs=[floor.use(f"L{n}", "1")], outputs=[floor.use(f"L{n + 1}", "1")]) for n in range(200)
    ]
    answer = floor.client.post("/api/v1/activities", json=steps)
    assert {one["outcome"] for one in answer.json()} == {"captured"}
    floor.position = answer.headers["stemma-position"]
    forward = floor.reached(floor.impact(floor.lot("L0")))
    assert (len(forward), forward["L200"]["depth"], forward["L200"]["certainty"]) == (201, 200, "certain")
    assert floor.provenance(floor.lot("L200"))["totals"]["objects"] == 201
