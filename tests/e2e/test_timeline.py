"""The timeline and the lookups through HTTP. Its stream: `test_timeline_stream.py`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from events.envelope import Envelope, encode
from events.port import FACTS, NewRecord
from services.timeline.files import in_zone
from tests.e2e.conftest import Server

ITEM = "https://id.gs1.org/01/09506000000039/21/S-1001"
LOT = "https://id.gs1.org/01/09506000000022/10/F-0312"
TOTE = "https://id.gs1.org/8003/09506000000046T1"
PLANT = "https://id.gs1.org/414/9506000000015"
DOCK = "https://id.gs1.org/414/9506000000022"
CONTEXT = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"stemma": "urn:stemma:ns:1:"}]


def event(name: str, time: str, **more: Any) -> dict[str, Any]:
    """An event `urn:e:{name}`; by default an observation of the item."""
    what = {"type": "ObjectEvent", "action": "OBSERVE", "epcList": [ITEM]} if "type" not in more else {}
    return {"eventID": f"urn:e:{name}", "eventTime": time, "eventTimeZoneOffset": "+00:00", **what, **more}


def document(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-03-01T00:00:00Z",
        "epcisBody": {"eventList": list(events)},
    }  # fmt: skip


DAY = (
    event("made", "2026-03-02T08:00:00Z", action="ADD", type="ObjectEvent", epcList=[ITEM], bizStep="commissioning",
          readPoint={"id": PLANT}, **{"stemma:resource": "press-1", "stemma:operator": "li"}),
    event("packed", "2026-03-02T09:00:00Z", type="AggregationEvent", action="ADD", parentID=TOTE, childEPCs=[ITEM],
          bizStep="packing", readPoint={"id": PLANT}),
    event("shipped", "2026-03-02T10:00:00Z", type="ObjectEvent", action="OBSERVE", epcList=[TOTE], bizStep="shipping",
          readPoint={"id": DOCK}),
    event("flour", "2026-03-02T11:00:00Z", type="ObjectEvent", action="OBSERVE", bizStep="inspecting",
          quantityList=[{"epcClass": LOT, "quantity": 12.5, "uom": "KGM"}], readPoint={"id": PLANT},
          sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": 21.5, "minValue": 20, "uom": "CEL"}]}]),
)  # fmt: skip
MADE, PACKED, SHIPPED, FLOUR = (f"urn:e:{name}" for name in ("made", "packed", "shipped", "flour"))


def capture(client: httpx.Client, *events: dict[str, Any]) -> str:
    """Capture events and wait until they can be read; the position."""
    response = client.post("/epcis/v2/capture", json=document(events))
    assert response.status_code == 202, response.text
    position = response.headers.get("stemma-position")
    assert position
    client.get("/api/v1/timeline", params={"limit": 1}, headers={"stemma-wait-for": position}).raise_for_status()
    return str(position)


def timeline(client: httpx.Client, **params: Any) -> dict[str, Any]:
    response = client.get("/api/v1/timeline", params=params)
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


def ids(told: dict[str, Any]) -> list[str]:
    return [one["event"] for one in told["events"]]


@pytest.fixture(scope="module")
def day(module_server: Server) -> Iterator[httpx.Client]:
    """A server that knows `DAY`; tests of it only read."""
    with module_server.client() as client:
        capture(client, *DAY)
        yield client


def test_events_come_in_the_order_they_happened_in_and_back(day: httpx.Client) -> None:
    assert ids(timeline(day)) == [MADE, PACKED, SHIPPED, FLOUR]
    assert ids(timeline(day, order="desc")) == [FLOUR, SHIPPED, PACKED, MADE]


def test_pages_give_each_event_once_and_share_their_moment(day: httpx.Client) -> None:
    first = timeline(day, limit=3)
    second = timeline(day, limit=3, after=first["next"])
    assert ids(first) + ids(second) == [MADE, PACKED, SHIPPED, FLOUR]
    assert second["next"] is None
    assert second["basis"]["known_at"] == first["basis"]["known_at"]


def test_an_object_brings_the_events_of_its_container_and_says_so(day: httpx.Client) -> None:
    told = timeline(day, object="(01)09506000000039(21)S-1001")
    assert ids(told) == [MADE, PACKED, SHIPPED]
    assert [one["by_way_of"] for one in told["events"]] == [[], [], [{"object": ITEM, "way": TOTE}]]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"object": "S-1001", "activity": "ship"}, [SHIPPED]),
        ({"object": "urn:epc:id:sgtin:9506000.000003.S-1001", "place": PLANT}, [MADE, PACKED]),
        ({"place": [PLANT, DOCK]}, [MADE, PACKED, SHIPPED, FLOUR]),
        ({"place": PLANT, "not_activity": "packing"}, [MADE, FLOUR]),
        ({"not_object": ITEM}, [FLOUR]),
        ({"not_object": TOTE}, [MADE, FLOUR]),
        ({"resource": "press-1"}, [MADE]),
        ({"operator": "li"}, [MADE]),
        ({"activity": ["commissioning", "inspect"]}, [MADE, FLOUR]),
        ({"from": "2026-03-02T17:00:00+08:00", "to": "2026-03-02T10:00:00Z"}, [PACKED, SHIPPED]),
        ({"happened_by": "2026-03-02T09:00:00Z"}, [MADE, PACKED]),
        ({"known_at": "2020-01-01T00:00:00Z"}, []),
        ({"object": "urn:nobody:knows"}, []),
    ],
)
def test_filters_narrow(day: httpx.Client, params: dict[str, Any], expected: list[str]) -> None:
    assert ids(timeline(day, **params)) == expected


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"from": "2026-03-02"}, "from"),
        ({"known_at": "yesterday"}, "known_at"),
        ({"object": "(01)09506000000038(21)S"}, "object"),
        ({"after": "nonsense"}, "after"),
        ({"bucket": "5y"}, "bucket"),
        ({"objekt": ITEM}, "objekt"),
        ({"not_from": "2026-03-02T08:00:00Z"}, "not_from"),
        ({"limit": [1, 2]}, "limit"),
        ({"bucket": "1d", "zone": "Mars"}, "zone"),
    ],
)
def test_a_bad_parameter_is_named(day: httpx.Client, params: dict[str, Any], field: str) -> None:
    response = day.get("/api/v1/timeline", params=params)
    assert response.status_code == 400
    assert [one["field"] for one in response.json()["errors"]] == [field]


def test_counts_over_time_add_up(day: httpx.Client) -> None:
    told = timeline(day, bucket="1d", zone="Pacific/Kiritimati", limit=1)
    assert [(one["from"], one["types"]) for one in told["buckets"]] == [
        ("2026-03-02T00:00:00+14:00", {"AggregationEvent": 1, "ObjectEvent": 1}),
        ("2026-03-03T00:00:00+14:00", {"ObjectEvent": 2}),
    ]


def test_lanes_of_an_object_carry_its_states(day: httpx.Client) -> None:
    told = timeline(day, object=ITEM, lanes="object", **{"from": "2026-03-02T08:30:00Z"})
    (lane,) = told["lanes"]
    assert [point["event"] for point in lane["points"]] == [PACKED, SHIPPED]
    assert [(bar["from"], bar["to"], bar["state"]) for bar in lane["bars"]] == [
        ("2026-03-02T08:30:00Z", "2026-03-02T10:00:00Z", "in_stock"),
        ("2026-03-02T10:00:00Z", None, "in_transit"),
    ]


def test_states_beyond_the_moments_looked_at_are_not_claimed(server: Server) -> None:
    with server.client() as client:
        capture(client, *(event(f"m-{n:03}", f"2026-04-01T{n // 60:02}:{n % 60:02}:00Z") for n in range(230)))
        told = timeline(client, object=ITEM, lanes="object", limit=1000)
    (lane,) = told["lanes"]
    assert told["capped"]
    assert [(bar["from"], bar["to"]) for bar in lane["bars"]] == [("2026-04-01T00:00:00Z", "2026-04-01T03:19:00Z")]


def test_lanes_of_places_carry_points(day: httpx.Client) -> None:
    lanes = timeline(day, lanes="place")["lanes"]
    assert {one["lane"]: len(one["points"]) for one in lanes} == {PLANT: 3, DOCK: 1}


def test_measurements_come_with_their_event(day: httpx.Client) -> None:
    (one,) = timeline(day, sensor="Temperature", object=LOT)["measurements"]
    assert one == {
        "time": "2026-03-02T11:00:00Z", "event": FLOUR, "value": "21.5", "min": "20", "max": None, "unit": "CEL",
    }  # fmt: skip


def test_csv_has_a_line_an_event(day: httpx.Client) -> None:
    response = day.get("/api/v1/timeline", headers={"accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert response.headers["content-type"].startswith("text/csv")
    assert [row["event"] for row in rows] == [MADE, PACKED, SHIPPED, FLOUR]
    assert rows[3]["objects"] == f"{LOT}=12.5KGM"


def test_csv_holds_all_that_matches_in_the_zone_asked_for(day: httpx.Client) -> None:
    params = {"limit": 1, "zone": "Asia/Shanghai"}
    response = day.get("/api/v1/timeline", params=params, headers={"accept": "text/csv"})
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["event"] for row in rows] == [MADE, PACKED, SHIPPED, FLOUR]
    assert rows[0]["time"] == "2026-03-02T16:00:00+08:00"
    assert "=12.5KGM" in rows[3]["objects"]
    assert rows[0]["recorded"].endswith("+08:00")
    lines = day.get("/api/v1/timeline", params=params, headers={"accept": "application/x-ndjson"}).text.splitlines()
    told = [json.loads(line) for line in lines]
    assert [entry["event"] for entry in told] == [MADE, PACKED, SHIPPED, FLOUR]
    assert told[0]["time"] == "2026-03-02T16:00:00+08:00"
    assert told[3]["objects"] == [{"object": LOT, "role": "quantity", "quantity": "12.5", "unit": "KGM"}]


@pytest.mark.parametrize(
    ("time", "zone", "shown"),
    [
        ("2026-03-02T08:00:00.123456789Z", "Asia/Shanghai", "2026-03-02T16:00:00.123456789+08:00"),
        ("2026-03-29T00:59:59Z", "Europe/Berlin", "2026-03-29T01:59:59+01:00"),
        ("2026-03-29T01:00:00Z", "Europe/Berlin", "2026-03-29T03:00:00+02:00"),
        ("2026-10-25T01:30:00.5Z", "Europe/Berlin", "2026-10-25T02:30:00.5+01:00"),
        ("0001-01-01T00:00:00Z", "America/New_York", "0001-01-01T00:00:00Z"),
        ("2026-03-02T08:00:00Z", "UTC", "2026-03-02T08:00:00+00:00"),
    ],
)
def test_a_time_is_shown_as_the_zones_clock_shows_it(time: str, zone: str, shown: str) -> None:
    assert in_zone(time, ZoneInfo(zone)) == shown


def test_the_received_bytes_come_back_to_the_byte(day: httpx.Client) -> None:
    response = day.get("/api/v1/raw", params={"event": FLOUR})
    assert json.loads(response.content) == DAY[3]
    assert json.loads(response.headers["stemma-context"]) == CONTEXT
    assert day.get("/api/v1/raw", params={"event": "urn:e:none"}).status_code == 404


def test_search_says_how_a_text_was_meant(day: httpx.Client) -> None:
    def asked(text: str) -> dict[str, Any]:
        answer: dict[str, Any] = day.get("/api/v1/search", params={"q": text}).json()
        return answer

    scanned = asked("０１０９５０６０００００００２２１０F-0312")
    assert [(one["id"], one["match"]) for one in scanned["found"]] == [(LOT, "key")]
    assert scanned["read_as"]["id"] == LOT
    assert [(one["id"], one["match"]) for one in asked("F-0312")["found"]] == [(LOT, "number")]
    assert asked("F-0312")["read_as"] is asked("F-0312")["fault"] is None
    unseen = asked("(01)09506000000022(10)NEVER-SEEN")
    assert (unseen["found"], unseen["read_as"]["kind"], unseen["fault"]) == ([], "lot", None)
    assert "check digit" in asked("(01)09506000000023(10)F-0312")["fault"]
    assert [(one["id"], one["kind"]) for one in asked(MADE)["found"]] == [(MADE, "event")]


def test_search_finds_objects_places_and_parts_of_spellings(day: httpx.Client) -> None:
    def found(path: str, q: str) -> list[tuple[str, str]]:
        told = day.get(path, params={"q": q}).raise_for_status().json()["found"]
        return [(one["id"], one["kind"]) for one in told]

    assert found("/api/v1/objects", "1001") == [(ITEM, "item")]
    assert found("/api/v1/objects", PLANT) == []
    assert found("/api/v1/search", "9506000000015") == [(PLANT, "place")]
    assert (LOT, "lot") in found("/api/v1/search", "F-03")


def test_the_epcis_walk_gives_each_event_once_in_the_order_of_recording(day: httpx.Client) -> None:
    seen: list[str] = []
    url = "/epcis/v2/events?perPage=3"
    while url:
        response = day.get(url).raise_for_status()
        assert response.headers["gs1-epcis-version"] == "2.0.0"
        listed = response.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        seen += [one["eventID"] for one in listed]
        assert all("recordTime" in one for one in listed)
        url = response.links.get("next", {}).get("url", "")
    assert seen == [MADE, PACKED, SHIPPED, FLOUR]


def test_one_epcis_event_is_found_by_its_id_and_an_unknown_one_is_not(day: httpx.Client) -> None:
    response = day.get("/epcis/v2/events/urn%3Ae%3Ashipped").raise_for_status()
    (one,) = response.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert one["epcList"] == [TOTE]
    assert day.get("/epcis/v2/events/urn%3Ae%3Anone").status_code == 404


@pytest.mark.parametrize("query", ["perPage=0", "perPage=1&perPage=2", "nextPageToken=forged", "EQ_nothing=1"])
def test_a_bad_epcis_query_is_refused(day: httpx.Client, query: str) -> None:
    assert day.get(f"/epcis/v2/events?{query}").status_code == 400


def test_a_withdrawn_event_stays_with_what_corrected_it(server: Server) -> None:
    wrong = event("wrong", "2026-03-02T08:00:00Z")
    declaration = {"declarationTime": "2026-03-03T08:00:00Z", "reason": "incorrect_data"}
    with server.client() as client:
        capture(client, wrong)
        before = timeline(client)["basis"]["known_at"]
        declared = {**wrong, "errorDeclaration": {**declaration, "correctiveEventIDs": ["urn:e:right"]}}
        capture(client, declared, event("right", "2026-03-02T08:00:01Z"))
        first, second = timeline(client)["events"]
        assert first["withdrawn"] == first["corrected_by"][0]["recorded"]
        assert first["corrected_by"][0]["instead"] == ["urn:e:right"]
        assert first["corrected_by"][0]["effective"]
        assert second["corrects"] == ["urn:e:wrong"]
        (earlier,) = timeline(client, known_at=before)["events"]
        assert (earlier["withdrawn"], earlier["corrected_by"]) == (None, [])
        both = client.get("/epcis/v2/events/urn%3Ae%3Awrong").json()
        assert len(both["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 2


def test_a_surprising_event_is_shown_with_its_flag(server: Server) -> None:
    unpacking = {"type": "AggregationEvent", "action": "DELETE", "parentID": TOTE, "childEPCs": [ITEM]}
    with server.client() as client:
        capture(client, event("unpacked", "2026-03-02T08:00:00Z", bizStep="unpacking", **unpacking))
        (entry,) = timeline(client)["events"]
        assert [(flag["flag"], flag["event"]) for flag in entry["flags"]] == [("not_inside", "urn:e:unpacked")]
        assert entry["flags"][0]["because"] == "it is taken out of what it was not in"
        client.headers["accept-language"] = "zh-CN,zh;q=0.9"
        answers = [
            timeline(client)["events"][0],
            client.get("/api/v1/event", params={"id": "urn:e:unpacked"}).json()["event"],
            client.get("/api/v1/object", params={"id": ITEM}).json(),
            client.get("/api/v1/impact", params={"object": ITEM}).json()["objects"][0],
        ]
        assert [[flag["because"] for flag in one["flags"]] for one in answers] == [["它并不在取出它的容器或组件里"]] * 4


async def test_a_conflict_of_two_writers_is_listed_with_both_positions(client: httpx.AsyncClient) -> None:
    """Two processes that captured before either had read the other's: both are in the log."""
    transport = client._transport
    assert isinstance(transport, httpx.ASGITransport)
    house = transport.app.state.house  # type: ignore[attr-defined]
    for source, step in (("first", "storing"), ("second", "shipping")):
        raw = json.dumps(event("same", "2026-03-02T08:00:00Z", bizStep=step)).encode()
        told = Envelope(
            2, "event", source, 0, "urn:e:same", source, source, False, None, 0, "application/json",
            json.dumps(CONTEXT), None,
        )  # fmt: skip
        closing = replace(told, kind="close", event_id=None, body={"count": 1, "outcomes": []})
        await house.log.append(FACTS, source, [NewRecord(encode(told), raw), NewRecord(encode(closing), b"")])
    wait = {"stemma-wait-for": (await house.position()).token()}
    (conflict,) = (await client.get("/api/v1/conflicts", headers=wait)).json()["conflicts"]
    assert (conflict["event"], conflict["lost"]["source"], conflict["stands"]["source"]) == (
        *("urn:e:same", "second", "first"),
    )
    assert conflict["lost"]["offset"] > conflict["stands"]["offset"]
    (entry,) = (await client.get("/api/v1/timeline", headers=wait)).json()["events"]
    assert (entry["activity"], entry["conflicts"]) == ("storing", 1)
