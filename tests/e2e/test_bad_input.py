"""Bad input over HTTP: what is refused is told with field, value and fix and kept; what is only surprising is captured
and flagged."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

PLANT = "https://id.gs1.org/414/9506000000015"
CUSTOMER = "https://id.gs1.org/417/9506000000060"
LOT = "https://id.gs1.org/01/09506000000022/10/F-0312"
ITEM = "https://id.gs1.org/01/09506000000039/21/S-1001"
CASE = "https://id.gs1.org/00/095060000000000015"
SEEN: dict[str, Any] = {"activity": "observe", "place": PLANT, "objects": [ITEM]}


def of(quantity: str, unit: str | None = "KGM") -> dict[str, Any]:
    return {"id": LOT, "quantity": quantity, **({} if unit is None else {"unit": unit})}


REFUSED: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("unknown activity", {**SEEN, "activity": "teleport"}, "activity", "teleport", "receive"),
    ("unknown field", {**SEEN, "colour": "red"}, "colour", "red", "not known"),
    ("naive time", {**SEEN, "time": "2026-03-02T08:00:00"}, "time", "2026-03-02T08:00:00", "offset"),
    ("wrong check digit", {**SEEN, "objects": ["https://id.gs1.org/01/09506000000038/21/S"]}, "objects[0]",
     "https://id.gs1.org/01/09506000000038/21/S", "expected 9"),
    ("over-long id", {**SEEN, "objects": ["urn:x:" + "9" * 3000]}, "objects[0]", "urn:x:" + "9" * 194, "2048"),
    ("over-long serial", {**SEEN, "objects": [{"product": "09506000000039", "serial": "9" * 21}]},
     "objects[0].serial", "9" * 21, "20"),
    ("empty id", {**SEEN, "objects": [""]}, "objects[0]", "", "empty"),
    ("blank id", {**SEEN, "objects": ["   "]}, "objects[0]", "   ", "empty"),
    ("empty own id", {**SEEN, "id": ""}, "id", "", "empty"),
    ("bare number", {**SEEN, "objects": ["4711"]}, "objects[0]", "4711", '{"product": '),
    ("negative quantity", {**SEEN, "objects": [of("-1")]}, "objects[0].quantity", "-1", "0 or more"),
    ("NaN quantity", {**SEEN, "objects": [of("NaN")]}, "objects[0].quantity", "NaN", "decimal"),
    ("1e308", {**SEEN, "objects": [of("1e308")]}, "objects[0].quantity", "1e308", "decimal"),
    ("unknown unit", {**SEEN, "objects": [of("1", "XXX")]}, "objects[0].unit", "XXX", "Rec. 20"),
    ("emoji lot", {**SEEN, "objects": [{"product": "09506000000022", "lot": "🍞"}]}, "objects[0].lot", "🍞", "82"),
    ("missing place", {"activity": "observe", "objects": [ITEM]}, "place", "", "required"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("activity", "field", "value", "fix"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
async def test_it_is_refused_with_field_value_and_fix_and_kept(
    client: httpx.AsyncClient, activity: dict[str, Any], field: str, value: str, fix: str
) -> None:
    answer = await client.post("/api/v1/activities", json=activity)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = {one["field"]: one for one in answer.json()["errors"]}
    assert told[field]["value"] == value
    assert fix in told[field]["fix"]
    (kept,) = (await client.get("/api/v1/refused", params={"reason": "bad input"})).json()["refused"]
    assert kept["id"] == answer.json()["refused"]
    assert json.loads(kept["body"]) == activity
    assert kept["errors"] == answer.json()["errors"]
    found = (await client.get("/api/v1/objects", params={"q": "S-1001"})).json()
    assert ITEM not in json.dumps(found)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1" * 101, "-1"])
async def test_a_number_that_json_or_we_do_not_take_is_refused(client: httpx.AsyncClient, number: str) -> None:
    body = json.dumps({**SEEN, "objects": [of("?")]}).replace('"?"', number)
    answer = await client.post("/api/v1/activities", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["errors"][0]["field"] == "objects[0].quantity"
    assert len((await client.get("/api/v1/refused")).json()["refused"]) == 1


async def test_a_record_above_a_mebibyte_is_refused(client: httpx.AsyncClient) -> None:
    large = {**SEEN, "operator": "x" * 1_048_577}
    alone = await client.post("/api/v1/activities", json=large)
    assert (alone.status_code, alone.json()["errors"][0]["field"]) == (413, "activity")
    listed = (await client.post("/api/v1/activities", json=[SEEN, large])).json()
    assert [one["outcome"] for one in listed] == ["captured", "refused"]
    assert "1048576" in listed[1]["errors"][0]["fix"]


async def test_a_body_above_sixteen_mebibytes_is_refused(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/activities", "/epcis/v2/capture"):
        answer = await client.post(
            path, content=b" " * (16 * 1024 * 1024 + 1), headers={"content-type": "application/json"}
        )
        assert answer.status_code == 413
    assert (await client.get("/api/v1/refused")).json()["refused"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"activity":"observe","activity":"move"}', 400),
        (b"[" * 100 + b"]" * 100, 413),
        (b'{"activity":"observe","operator":"\\u0000"}', 400),
        (b'{"activity":"observe","operator":"\\ud800"}', 400),
        (b"null", 422),
        (b'"observe"', 422),
    ],
    ids=["empty", "cut", "not utf-8", "member twice", "deep", "NUL", "half a pair", "null", "text"],
)
async def test_a_malformed_body_is_refused(client: httpx.AsyncClient, body: bytes, status: int) -> None:
    answer = await client.post("/api/v1/activities", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text


async def captured(client: httpx.AsyncClient, *activities: dict[str, Any]) -> list[dict[str, Any]]:
    """Capture one by one; the last one's warnings."""
    warnings: list[dict[str, Any]] = []
    for activity in activities:
        answer = await client.post("/api/v1/activities", json={"place": PLANT, **activity})
        assert answer.status_code == 201, answer.text
        warnings = answer.json()["warnings"]
        assert {one["event"] for one in warnings} <= {answer.json()["eventID"]}
    return warnings


WHEN = {"time": "2026-03-02T08:00:00+08:00"}
LATER = {"time": "2026-03-02T08:00:02+08:00"}
BORN = {"activity": "commission", "objects": [ITEM]}
BORN_LOT = {"activity": "commission", "objects": [of("100")]}
SURPRISING: list[tuple[str, list[dict[str, Any]], str]] = [
    ("a clock of 1970", [{**SEEN, "time": "1970-01-01T00:00:00Z"}], "clock"),
    ("a clock of the far future", [{**SEEN, "time": "2199-01-01T00:00:00Z"}], "clock"),
    ("an absurd quantity", [{**SEEN, "objects": [of("9" * 20)]}], "quantity"),
    ("a unit of another dimension", [BORN_LOT, {**SEEN, "objects": [of("5", "MTR")]}], "unit"),
    ("unpacking what is not packed", [BORN, {"activity": "unpack", "container": CASE, "objects": [ITEM]}],
     "not_inside"),
    ("shipping what was destroyed", [BORN, {"activity": "destroy", "objects": [ITEM]},
     {"activity": "ship", "objects": [ITEM], "to": CUSTOMER}], "after_destroyed"),
    ("the same scan twice within seconds", [{**SEEN, **WHEN, "id": "a"}, {**SEEN, **LATER, "id": "b"}],
     "scanned_twice"),
]  # fmt: skip


@pytest.mark.parametrize(("activities", "flag"), [row[1:] for row in SURPRISING], ids=[row[0] for row in SURPRISING])
async def test_it_is_captured_and_flagged(
    client: httpx.AsyncClient, activities: list[dict[str, Any]], flag: str
) -> None:
    warnings = await captured(client, *activities)
    assert flag in {one["flag"] for one in warnings}
    assert all(one["because"] for one in warnings)
    assert (await client.get("/api/v1/refused")).json()["refused"] == []


async def test_an_ordinary_day_raises_no_flag(client: httpx.AsyncClient) -> None:
    day = [
        {**BORN, "time": "2026-03-02T08:00:00Z"},
        {"activity": "pack", "container": CASE, "objects": [ITEM], "time": "2026-03-02T09:00:00Z"},
        {"activity": "unpack", "container": CASE, "objects": [ITEM], "time": "2026-03-02T10:00:00Z"},
        {"activity": "ship", "objects": [ITEM], "to": CUSTOMER, "time": "2026-03-02T11:00:00Z"},
    ]
    for activity in day:
        assert await captured(client, activity) == []


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "'; DROP TABLE event_record; --", "{{7*7}}", "${x}"])
async def test_injected_text_is_text(client: httpx.AsyncClient, text: str) -> None:
    answer = await client.post("/api/v1/activities", json={**SEEN, "operator": text, "resource": text})
    assert answer.status_code == 201
    event = json.loads((await client.get("/api/v1/raw", params={"event": answer.json()["eventID"]})).content)
    assert event["stemma:operator"] == text
    assert (await client.get("/api/v1/timeline", params={"operator": text})).status_code == 200


DOCUMENT: dict[str, Any] = {
    "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-03-02T00:00:00Z",
}


def event(n: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:00000000-0000-4000-8000-{n:012d}",
        "eventTime": "2026-03-02T00:00:00Z",
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "epcList": [ITEM],
        **more,
    }


def document(*events: dict[str, Any]) -> dict[str, Any]:
    return {**DOCUMENT, "epcisBody": {"eventList": list(events)}}


async def job_of(client: httpx.AsyncClient, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    found = await client.get(answer.headers["location"])
    assert found.status_code == 200
    job: dict[str, Any] = found.json()
    return job


PROCEED = {"gs1-capture-error-behaviour": "proceed"}


async def test_a_partly_bad_document_has_a_verdict_for_every_event(client: httpx.AsyncClient) -> None:
    naive, twice = event(2, eventTime="2026-03-02T00:00:00"), event(1, epcList=[CASE])
    answer = await client.post(
        "/epcis/v2/capture", json=document(event(1), naive, twice, event(1), event(3)), headers=PROCEED
    )
    job = await job_of(client, answer)
    assert [one["outcome"] for one in job["events"]] == ["captured", "refused", "conflict", "duplicate", "captured"]
    assert (job["success"], job["running"]) == (False, False)
    assert job["errors"][0]["errors"][0]["field"] == "epcisBody.eventList[1].eventTime"
    kept = (await client.get("/api/v1/refused")).json()["refused"]
    assert {one["reason"]: json.loads(one["body"]) for one in kept} == {"bad input": naive, "conflict": twice}


async def test_an_event_of_a_document_is_sent_again_corrected(client: httpx.AsyncClient) -> None:
    await client.post("/epcis/v2/capture", json=document(event(1), event(2, eventTime="naive")), headers=PROCEED)
    (kept,) = (await client.get("/api/v1/refused")).json()["refused"]
    answer = await client.post(f"/api/v1/refused/{kept['id']}/resubmit", json=event(2))
    job = await job_of(client, answer)
    assert [one["outcome"] for one in job["events"]] == ["captured"]


async def test_a_document_with_a_bad_event_is_refused_whole_and_kept(client: httpx.AsyncClient) -> None:
    whole = document(event(1), event(2, eventTime="2026-03-02T00:00:00", epcList=["no uri"]))
    answer = await client.post("/epcis/v2/capture", json=whole)
    assert answer.status_code == 400
    assert {one["field"] for one in answer.json()["errors"]} == {
        "epcisBody.eventList[1].eventTime",
        "epcisBody.eventList[1].epcList[0]",
    }
    (kept,) = (await client.get("/api/v1/refused")).json()["refused"]
    assert json.loads(kept["body"]) == whole
    assert (await client.get("/epcis/v2/capture")).json() == []
    mended = await client.post(f"/api/v1/refused/{kept['id']}/resubmit", json=document(event(1), event(2)))
    assert [one["outcome"] for one in (await job_of(client, mended))["events"]] == ["captured", "captured"]


async def test_a_conflict_rolls_the_whole_document_back(client: httpx.AsyncClient) -> None:
    await client.post("/epcis/v2/capture", json=document(event(1)))
    answer = await client.post("/epcis/v2/capture", json=document(event(1, epcList=[CASE]), event(2)))
    job = await job_of(client, answer)
    assert [one["outcome"] for one in job["events"]] == ["conflict", "rolled_back"]
    assert job["success"] is False
    assert (await client.get("/api/v1/raw", params={"event": event(2)["eventID"]})).status_code == 404
    assert [one["reason"] for one in (await client.get("/api/v1/refused")).json()["refused"]] == ["conflict"]


async def test_a_broken_gs1_identifier_in_a_document_is_kept_with_a_warning(client: httpx.AsyncClient) -> None:
    broken = event(1, epcList=["https://id.gs1.org/01/09506000000038/21/S"])
    job = await job_of(client, await client.post("/epcis/v2/capture", json=document(broken)))
    assert job["success"] is True
    assert "expected 9" in job["warnings"][0]["detail"]


async def test_a_capture_mode_that_is_none_is_refused(client: httpx.AsyncClient) -> None:
    headers = {"gs1-capture-error-behaviour": "all"}
    answer = await client.post("/epcis/v2/capture", json=document(event(1)), headers=headers)
    assert answer.status_code == 406
    assert answer.json()["errors"][0]["field"] == "GS1-Capture-Error-Behaviour"


async def test_an_unknown_job_is_not_found(client: httpx.AsyncClient) -> None:
    for capture_id in ("nothing", "00000000-0000-7000-8000-000000000000"):
        assert (await client.get(f"/epcis/v2/capture/{capture_id}")).status_code == 404
