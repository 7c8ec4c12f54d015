"""`POST /api/v1/activities` and what belongs to it, over HTTP: verdicts, retries, corrections, refused calls, names."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

PLANT = "https://id.gs1.org/414/9506000000015"
CUSTOMER = "https://id.gs1.org/417/9506000000060"
FLOUR = {"id": {"product": "09506000000022", "lot": "F-0312"}, "quantity": "12.50", "unit": "KGM"}
FLOUR_KEY = "https://id.gs1.org/01/09506000000022/10/F-0312"
ITEM = "https://id.gs1.org/01/09506000000039/21/S-1001"
LINES = {"content-type": "application/x-ndjson"}


def observe(**more: Any) -> dict[str, Any]:
    return {"activity": "observe", "place": PLANT, "objects": [ITEM], **more}


async def send(client: httpx.AsyncClient, body: Any, **headers: str) -> httpx.Response:
    return await client.post("/api/v1/activities", json=body, headers=headers)


async def event_of(client: httpx.AsyncClient, event_id: str) -> dict[str, Any]:
    answer = await client.get("/api/v1/raw", params={"event": event_id})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.content)
    return found


async def test_an_activity_is_captured_and_told(client: httpx.AsyncClient) -> None:
    answer = await send(client, observe(id="a1"))
    assert answer.status_code == 201
    verdict = answer.json()
    assert (verdict["outcome"], verdict["errors"]) == ("captured", [])
    assert (await event_of(client, verdict["eventID"]))["epcList"] == [ITEM]
    assert answer.headers["stemma-position"]


async def test_a_retry_with_its_own_id_changes_nothing_though_the_time_was_filled_in(client: httpx.AsyncClient) -> None:
    first = await send(client, observe(id="a1"))
    again = await send(client, observe(id="a1"))
    assert (again.status_code, again.json()["outcome"]) == (200, "duplicate")
    assert again.json()["eventID"] == first.json()["eventID"]
    assert again.headers["stemma-position"]


async def test_a_retry_with_an_idempotency_key_changes_nothing(client: httpx.AsyncClient) -> None:
    calls = [observe(), observe(objects=[FLOUR])]
    first = await send(client, calls, **{"idempotency-key": "scan-17"})
    again = await send(client, calls, **{"idempotency-key": "scan-17"})
    assert [one["outcome"] for one in first.json()] == ["captured", "captured"]
    assert [one["outcome"] for one in again.json()] == ["duplicate", "duplicate"]
    assert [one["eventID"] for one in again.json()] == [one["eventID"] for one in first.json()]


async def test_a_retry_is_known_while_the_first_is_in_flight(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(send(client, observe(id="a1")) for _ in range(10)))
    assert sorted(one.status_code for one in answers) == [200] * 9 + [201]
    assert len({one.json()["eventID"] for one in answers}) == 1


async def test_two_racing_calls_of_one_id_have_one_winner(client: httpx.AsyncClient) -> None:
    time = "2026-03-02T08:00:00+08:00"
    bodies = [observe(id="a1", time=time, operator=f"operator {n}") for n in range(5)]
    answers = await asyncio.gather(*(send(client, body) for body in bodies))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409, 409]
    lost = [one.json() for one in answers if one.status_code == 409]
    assert len({one["received"]["stemma:operator"] for one in lost}) == 4
    assert len({one["standing"]["stemma:operator"] for one in lost}) == 1


async def test_the_same_id_with_other_content_is_a_conflict_with_both(client: httpx.AsyncClient) -> None:
    first = await send(client, observe(id="a1", operator="li"))
    answer = await send(client, observe(id="a1", operator="wang"))
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["outcome"] == "conflict"
    assert problem["received"]["stemma:operator"] == "wang"
    assert problem["standing"]["stemma:operator"] == "li"
    assert problem["eventID"] == first.json()["eventID"]
    assert [one["field"] for one in problem["errors"]] == ["eventID"]
    listed = (await client.get("/api/v1/refused", params={"reason": "conflict"})).json()["refused"]
    assert [one["id"] for one in listed] == [problem["refused"]]
    assert json.loads(listed[0]["body"])["operator"] == "wang"


async def test_one_id_from_two_sources_names_two_events(client: httpx.AsyncClient) -> None:
    here = await send(client, observe(id="a1"), **{"stemma-source": "line-1"})
    there = await send(client, observe(id="a1", operator="li"), **{"stemma-source": "line-2"})
    assert (here.status_code, there.status_code) == (201, 201)
    assert here.json()["eventID"] != there.json()["eventID"]


async def test_a_list_has_a_verdict_each_and_keeps_what_it_refused(client: httpx.AsyncClient) -> None:
    await send(client, observe(id="a1"))
    answer = await send(
        client, [observe(id="a2"), observe(id="a1"), observe(id="a1", operator="li"), observe(objects=[""])]
    )
    assert answer.status_code == 200
    verdicts = answer.json()
    assert [one["outcome"] for one in verdicts] == ["captured", "duplicate", "conflict", "refused"]
    assert [one["index"] for one in verdicts] == [0, 1, 2, 3]
    assert verdicts[3]["errors"][0]["field"] == "objects[0]"
    kept = {one["id"] for one in (await client.get("/api/v1/refused")).json()["refused"]}
    assert kept == {verdicts[2]["refused"], verdicts[3]["refused"]}


async def test_ndjson_has_a_verdict_for_every_line(client: httpx.AsyncClient) -> None:
    body = "\n".join([json.dumps(observe(id="a1")), "{", "", json.dumps(observe(id="a1"))])
    answer = await client.post("/api/v1/activities", content=body, headers=LINES)
    assert [one["outcome"] for one in answer.json()] == ["captured", "refused", "duplicate"]


async def test_a_dry_run_tells_and_captures_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/activities", params={"dry": "true"}, json=observe(id="a1", objects=[FLOUR]))
    assert (answer.status_code, answer.json()["outcome"]) == (200, "captured")
    told = answer.json()["events"][0]
    assert told["quantityList"] == [{"epcClass": FLOUR_KEY, "quantity": 12.5, "uom": "KGM"}]
    assert b"12.50" in answer.content
    assert (await client.get("/api/v1/raw", params={"event": told["eventID"]})).status_code == 404
    refused = await client.post("/api/v1/activities", params={"dry": "true"}, json=observe(objects=["4711"]))
    assert refused.status_code == 422
    assert (await client.get("/api/v1/refused")).json()["refused"] == []


async def test_a_capture_is_in_the_next_answer(client: httpx.AsyncClient) -> None:
    await send(client, {"activity": "make", "place": PLANT, "inputs": [FLOUR], "outputs": [ITEM]})
    answer = (await client.post("/api/v1/impact", json={"seeds": [{"object": FLOUR_KEY}]})).json()
    assert [one["object"] for one in answer["objects"]] == [FLOUR_KEY, ITEM]


async def make_wrongly(client: httpx.AsyncClient, **headers: str) -> str:
    made = {"activity": "make", "place": PLANT, "inputs": [FLOUR], "outputs": [ITEM], "id": "m1"}
    answer = await send(client, made, **headers)
    assert answer.status_code == 201
    return str(answer.json()["eventID"])


OTHER = {"product": "09506000000022", "lot": "F-0313"}
INSTEAD = {"activity": "make", "place": PLANT, "inputs": [OTHER], "outputs": [ITEM]}


async def test_a_correction_withdraws_and_puts_another_in_its_place(client: httpx.AsyncClient) -> None:
    wrong = await make_wrongly(client)
    correction = {
        "activity": "correct",
        "event": wrong,
        "reason": "wrong lot scanned",
        "instead": [INSTEAD],
        "id": "k1",
    }
    answer = await send(client, correction)
    assert answer.status_code == 201, answer.text
    assert answer.json()["eventID"] == wrong
    (instead,) = answer.json()["instead"]
    assert (await event_of(client, instead))["inputQuantityList"][0]["epcClass"].endswith("F-0313")
    backward = (await client.post("/api/v1/provenance", json={"seeds": [{"object": ITEM}]})).json()
    assert [one["object"] for one in backward["objects"]] == [ITEM, FLOUR_KEY.replace("0312", "0313")]
    again = await send(client, correction)
    assert (again.status_code, again.json()["outcome"]) == (200, "duplicate")
    assert again.json()["instead"] == [instead]


async def test_a_correction_may_follow_its_event_in_one_call(client: httpx.AsyncClient) -> None:
    dry = await client.post("/api/v1/activities", params={"dry": "true"}, json=observe(id="a1"))
    event_id = dry.json()["eventID"]
    calls = [observe(id="a1"), {"activity": "correct", "event": event_id, "reason": "did_not_occur"}]
    assert [one["outcome"] for one in (await send(client, calls)).json()] == ["captured", "captured"]


async def test_a_correction_of_an_unknown_event_is_refused(client: httpx.AsyncClient) -> None:
    answer = await send(client, {"activity": "correct", "event": "urn:uuid:none", "reason": "did_not_occur"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "event"


async def test_a_correction_with_a_bad_replacement_changes_nothing(client: httpx.AsyncClient) -> None:
    wrong = await make_wrongly(client)
    bad = {**INSTEAD, "inputs": ["4711"]}
    answer = await send(client, {"activity": "correct", "event": wrong, "reason": "did_not_occur", "instead": [bad]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "instead[0].inputs[0]"
    forward = (await client.post("/api/v1/impact", json={"seeds": [{"object": FLOUR_KEY}]})).json()
    assert [one["object"] for one in forward["objects"]] == [FLOUR_KEY, ITEM]


async def test_anothers_event_needs_the_scope_to_correct(client: httpx.AsyncClient) -> None:
    admin = (await client.post("/api/v1/keys", json={"name": "admin", "scopes": ["admin"]})).json()["key"]
    head = {"authorization": f"Bearer {admin}"}
    keys = {}
    for name, scopes in (("line", ["capture"]), ("other", ["capture"]), ("quality", ["capture", "correct"])):
        made = await client.post("/api/v1/keys", json={"name": name, "scopes": scopes}, headers=head)
        keys[name] = {"authorization": f"Bearer {made.json()['key']}"}
    wrong = await make_wrongly(client, **keys["line"])
    correction = {"activity": "correct", "event": wrong, "reason": "did_not_occur"}
    assert (await send(client, correction, **keys["other"])).status_code == 403
    assert (await send(client, [correction], **keys["other"])).json()[0]["outcome"] == "refused"
    assert (await send(client, correction, **keys["quality"])).status_code == 201
    assert (await send(client, correction, **keys["line"])).status_code == 201


async def test_a_refused_call_is_sent_again_corrected_with_its_own_time_and_identity(client: httpx.AsyncClient) -> None:
    refused = (await send(client, observe(id="a1", objects=["4711"]))).json()["refused"]
    received = (await client.get("/api/v1/refused")).json()["refused"][0]["received"]
    answer = await client.post(f"/api/v1/refused/{refused}/resubmit", json=observe(id="a1"))
    assert answer.status_code == 201
    assert (await event_of(client, answer.json()["eventID"]))["eventTime"] == received
    (listed,) = (await client.get("/api/v1/refused")).json()["refused"]
    assert [one["taken"] for one in listed["resubmitted"]] == [True]
    assert (await send(client, observe(id="a1"))).json()["outcome"] == "duplicate"


async def test_a_part_of_a_list_sent_again_keeps_its_place_under_the_idempotency_key(client: httpx.AsyncClient) -> None:
    bad, good = observe(objects=["4711"]), observe(operator="li")
    first = await send(client, [good, bad], **{"idempotency-key": "k"})
    answer = await client.post(f"/api/v1/refused/{first.json()[1]['refused']}/resubmit", json=observe())
    assert answer.status_code == 201
    again = await send(client, [good, observe()], **{"idempotency-key": "k"})
    assert [one["outcome"] for one in again.json()] == ["duplicate", "duplicate"]


async def test_a_resubmission_refused_again_is_linked_and_may_be_sent_once_more(client: httpx.AsyncClient) -> None:
    first = (await send(client, observe(objects=["4711"]))).json()["refused"]
    second = (await client.post(f"/api/v1/refused/{first}/resubmit")).json()["refused"]
    listed = {one["id"]: one for one in (await client.get("/api/v1/refused")).json()["refused"]}
    assert listed[second]["resubmits"] == first
    assert [one["id"] for one in listed[first]["resubmitted"]] == [second]
    assert listed[second]["call"] == "POST /api/v1/activities"
    assert (await client.post(f"/api/v1/refused/{second}/resubmit", json=observe())).status_code == 201


async def test_refused_calls_are_seen_by_their_key_and_admin_alone_without_credentials(
    client: httpx.AsyncClient,
) -> None:
    admin = (await client.post("/api/v1/keys", json={"name": "admin", "scopes": ["admin"]})).json()["key"]
    head = {"authorization": f"Bearer {admin}"}
    made = [
        (await client.post("/api/v1/keys", json={"name": name, "scopes": ["capture"]}, headers=head)).json()["key"]
        for name in ("one", "two")
    ]
    one, two = ({"authorization": f"Bearer {key}"} for key in made)
    refused = (await send(client, observe(objects=["4711"]), **one)).json()["refused"]
    assert (await client.get("/api/v1/refused", headers=two)).json()["refused"] == []
    assert (await client.post(f"/api/v1/refused/{refused}/resubmit", headers=two)).status_code == 404
    for who in (one, head):
        listed = (await client.get("/api/v1/refused", headers=who)).text
        assert refused in listed
        assert made[0] not in listed


async def test_refused_calls_are_listed_page_by_page(client: httpx.AsyncClient) -> None:
    for n in range(5):
        await send(client, observe(objects=[f"471{n}"]))
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await client.get("/api/v1/refused", params={"limit": 2, **after})).json()
        seen += [one["errors"][0]["value"] for one in page["refused"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == ["4714", "4713", "4712", "4711", "4710"]


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "text/csv"])
async def test_other_content_types_are_not_read(client: httpx.AsyncClient, media: str) -> None:
    xml = media == "application/xml"  # which EPCIS documents may be, and activities never
    for path in ("/api/v1/activities",) if xml else ("/api/v1/activities", "/epcis/v2/capture"):
        assert (await client.post(path, content=b"{}", headers={"content-type": media})).status_code == 415


async def test_a_body_that_is_no_json_is_refused_and_kept(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/activities", content=b'{"activity":', headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith("line 1, column")
    (kept,) = (await client.get("/api/v1/refused")).json()["refused"]
    assert (kept["id"], kept["body"]) == (answer.json()["refused"], '{"activity":')


@pytest.mark.parametrize(("name", "value"), [("stemma-source", "a/b"), ("idempotency-key", "x" * 201)])
async def test_headers_that_cannot_be_are_refused(client: httpx.AsyncClient, name: str, value: str) -> None:
    answer = await send(client, observe(), **{name: value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].lower() == name


async def test_names_are_recorded_and_the_newest_replaces_the_older(client: httpx.AsyncClient) -> None:
    await send(client, observe())
    for name in ({"en": "Mill"}, {"zh": "一号面粉厂"}):
        assert (await client.put("/api/v1/names", json={"id": PLANT, **name})).status_code == 200
    told = (
        await client.post("/api/v1/impact", json={"seeds": [{"object": ITEM}]}, headers={"accept-language": "zh"})
    ).json()
    assert told["names"][PLANT] == "一号面粉厂"
    bad = await client.put("/api/v1/names", json=[{"id": PLANT, "fr": "Moulin"}])
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (400, "[0].fr")


async def test_own_places_decide_what_is_in_stock(client: httpx.AsyncClient) -> None:
    await send(client, {"activity": "receive", "place": PLANT, "objects": [ITEM], "from": CUSTOMER})
    states = []
    for own in ([PLANT], [CUSTOMER]):
        assert (await client.put("/api/v1/own", json={"own": own})).status_code == 200
        answer = (await client.post("/api/v1/impact", json={"seeds": [{"object": ITEM}]})).json()
        states.append(answer["objects"][0]["state"])
    assert states == ["in_stock", "delivered"]
    assert (await client.get("/api/v1/own")).json() == {"own": [CUSTOMER]}


async def test_a_conflict_found_late_stands_among_the_refused_calls_page_by_page(client: httpx.AsyncClient) -> None:
    transport = client._transport
    assert isinstance(transport, httpx.ASGITransport)
    house = transport.app.state.house  # type: ignore[attr-defined]
    first = (await send(client, observe(id="a1", operator="li"))).json()["eventID"]
    kept = house.ingestion._knowledge.of

    async def blind(event_ids: Any, whole: Any = ()) -> dict[str, Any]:
        return {}

    house.ingestion._knowledge.of = blind
    assert (await send(client, observe(id="a1", operator="wang"))).status_code == 201
    house.ingestion._knowledge.of = kept
    await send(client, observe(objects=["4711"]))
    page = (await client.get("/api/v1/refused", params={"limit": 1})).json()
    assert [one["reason"] for one in page["refused"]] == ["bad input"]
    (late,) = (await client.get("/api/v1/refused", params={"limit": 1, "after": page["next"]})).json()["refused"]
    assert (late["reason"], late["errors"][0]["value"]) == ("conflict", first)
    assert json.loads(late["body"])["stemma:operator"] == "wang"
    listed = (await client.get("/api/v1/refused", params={"reason": "conflict"})).json()["refused"]
    assert [one["id"] for one in listed] == [late["id"]]
