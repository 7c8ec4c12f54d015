"""Real EPCIS documents over HTTP: a supply chain with re-used event ids, and every JSON document of two collections."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.epcis.prehash import content_digest
from schemas.epcis.reader import read_event, read_json_document

EPCIS = Path(__file__).parents[3] / "shared" / "epcis"
CHAIN = EPCIS / "chains" / "traceback_tests.jsonld"
COLLECTIONS = ("gs1-examples", "openepcis")
PROCEED = {"gs1-capture-error-behaviour": "proceed"}
HEAD = {"content-type": "application/ld+json"}
XML = {"content-type": "application/xml"}

pytestmark = pytest.mark.skipif(not EPCIS.exists(), reason="the EPCIS material is not beside this checkout")


def documents() -> Iterator[Path]:
    for collection in COLLECTIONS:
        for suffix in ("*.json", "*.jsonld"):
            yield from sorted((EPCIS / collection).rglob(suffix))


async def capture(client: httpx.AsyncClient, body: bytes, **headers: str) -> httpx.Response:
    return await client.post("/epcis/v2/capture", content=body, headers={**HEAD, **headers})


async def job_of(client: httpx.AsyncClient, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = (await client.get(answer.headers["location"])).json()
    return job


async def refused(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await client.get("/api/v1/refused", params={"limit": 1000})).json()["refused"]
    return listed


async def test_the_chain_is_rejected_under_rollback_and_nothing_of_it_is_seen(client: httpx.AsyncClient) -> None:
    job = await job_of(client, await capture(client, CHAIN.read_bytes()))
    outcomes = Counter(one["outcome"] for one in job["events"])
    assert outcomes == {"conflict": 5, "rolled_back": 16}
    assert (job["success"], len(job["errors"])) == (False, 5)
    listed = (await client.get("/epcis/v2/events")).json()
    assert listed["epcisBody"]["queryResults"]["resultsBody"]["eventList"] == []
    assert [one["body"].startswith("{") for one in await refused(client)] == [True]


async def test_the_chain_is_captured_but_for_five_conflicts_under_proceed(client: httpx.AsyncClient) -> None:
    job = await job_of(client, await capture(client, CHAIN.read_bytes(), **PROCEED))
    assert Counter(one["outcome"] for one in job["events"]) == {"captured": 16, "conflict": 5}
    assert all(one["status"] == 409 for one in job["errors"])
    again = await job_of(client, await capture(client, CHAIN.read_bytes(), **PROCEED))
    assert Counter(one["outcome"] for one in again["events"]) == {"duplicate": 16, "conflict": 5}


async def test_nothing_of_the_chain_is_lost(client: httpx.AsyncClient) -> None:
    sent = read_json_document(CHAIN.read_bytes())
    job = await job_of(client, await capture(client, CHAIN.read_bytes(), **PROCEED))
    kept = Counter(one["body"].encode() for one in await refused(client))
    for one, event in zip(job["events"], sent.events, strict=True):
        if one["outcome"] == "conflict":
            kept[event.raw] -= 1
        else:
            raw = await client.get("/api/v1/raw", params={"event": one["eventID"]})
            assert raw.content == event.raw
    assert set(kept.values()) == {0}


async def test_the_chain_can_be_walked_back(client: httpx.AsyncClient) -> None:
    await capture(client, CHAIN.read_bytes(), **PROCEED)
    events = json.loads(CHAIN.read_bytes())["epcisBody"]["eventList"]
    made = [
        quantity["epcClass"]
        for event in events
        if event["type"] == "TransformationEvent"
        for quantity in event.get("outputQuantityList", ())
    ]
    answer = (await client.post("/api/v1/provenance", json={"seeds": [{"object": made[-1]}]})).json()
    assert answer["totals"]["objects"] > 1
    assert answer["seeds"][0]["finding"] in ("found", "incomplete")


@pytest.fixture(scope="module")
def paths() -> list[Path]:
    found = list(documents())
    assert len(found) > 50
    return found


async def test_every_document_is_captured_or_refused_with_field_value_and_reason(
    client: httpx.AsyncClient, paths: list[Path]
) -> None:
    taken, told = 0, 0
    for path in paths:
        body = path.read_bytes()
        answer = await capture(client, body, **PROCEED)
        name = str(path.relative_to(EPCIS))
        if answer.status_code == 202:
            job = await job_of(client, answer)
            assert len(job["events"]) == len(read_json_document(body).events), name
            bad = [one for one in job["events"] if one["outcome"] in ("refused", "conflict")]
            assert len(job["errors"]) == len(bad), name
            assert all(fault["fix"] for error in job["errors"] for fault in error["errors"]), name
            taken += 1
        else:
            assert answer.status_code in (400, 413), (name, answer.text)
            problem = answer.json()
            assert problem["errors"], (name, problem)
            assert all(one["field"] and one["fix"] for one in problem["errors"]), (name, problem)
            assert problem["refused"], name
            told += 1
    assert taken > told


async def test_every_captured_event_is_given_back_to_the_byte(client: httpx.AsyncClient, paths: list[Path]) -> None:
    given = 0
    for path in paths:
        answer = await capture(client, path.read_bytes(), **PROCEED)
        if answer.status_code != 202:
            continue
        job = await job_of(client, answer)
        for one, event in zip(job["events"], read_json_document(path.read_bytes()).events, strict=True):
            if one["outcome"] != "captured" or event.data.get("errorDeclaration"):
                continue
            raw = await client.get("/api/v1/raw", params={"event": one["eventID"]})
            context = raw.headers.get("stemma-context")
            back = read_event(raw.content, None if context is None else event.context)
            assert raw.content == event.raw
            assert content_digest(back.data, back.namespaces) == content_digest(event.data, event.namespaces)
            given += 1
    assert given > 50


async def test_the_importers_lot_leads_back_to_boat_farm_feed_and_hatchery(client: httpx.AsyncClient) -> None:
    await capture(client, CHAIN.read_bytes(), **PROCEED)
    lot = "urn:gdst:example.org:product:lot:class:processor.2u.v1-0122-2022"
    answer = (await client.post("/api/v1/provenance", json={"seeds": [{"object": lot}]})).json()
    told = {one["object"].split(":class:")[1].split(".")[0]: one["depth"] for one in answer["objects"][2:]}
    assert told == {"fisherman01": 2, "fishfarm": 2, "feedmill": 3, "hatchery": 3}
    assert answer["totals"]["certain"] == answer["totals"]["objects"] == 6
    seed = {"seeds": [{"object": "urn:gdst:example.org:product:lot:class:hatchery.1u.tf12012021"}]}
    forward = (await client.post("/api/v1/impact", json=seed)).json()
    assert lot in {one["object"] for one in forward["objects"]}


ROBOTS = EPCIS / "chains" / "SanitisationEventDataset.xml"
ROBOT, PART = "urn:epc:id:sgtin:0614141.099887.{}", "urn:epc:id:sgtin:4023333.000055.{}"


async def traced(client: httpx.AsyncClient, direction: str, seed: dict[str, str], **more: str) -> dict[str, str]:
    """State by serial number of everything in the answer, all of it certain."""
    assert (await client.post("/epcis/v2/capture", content=ROBOTS.read_bytes(), headers=XML)).status_code == 202
    answer = (await client.post(f"/api/v1/{direction}", json={"seeds": [seed], **more})).json()
    assert answer["totals"]["certain"] == answer["totals"]["objects"]
    return {one["object"].rpartition("/")[2]: one["state"] for one in answer["objects"]}


async def test_a_robot_leads_back_to_its_parts_long_after_it_was_taken_apart(client: httpx.AsyncClient) -> None:
    """EPCIS-X7: EPCIS 1.2 in, a trace over parts, robot, repair and disassembly out."""
    parts = await traced(client, "provenance", {"object": ROBOT.format("C3PO")})
    assert parts == {"C3PO": "delivered", "102": "delivered", "2B": "destroyed"}
    assert set(await traced(client, "provenance", {"object": ROBOT.format("R2D2")})) == {"R2D2", "101", "1A"}
    forward = {"object": PART.format("2B")}
    assert await traced(client, "impact", forward) == {"2B": "destroyed", "C3PO": "delivered"}
    then = await traced(client, "impact", forward, happened_by="2025-01-01T00:00:00Z")
    assert then == {"2B": "installed", "C3PO": "delivered"}


async def test_a_pallet_of_parts_leads_to_the_robot(client: httpx.AsyncClient) -> None:
    """EPCIS-X7: what was on it, and what it went into."""
    found = await traced(client, "impact", {"container": "urn:epc:id:sscc:4023333.0222222222"})
    assert found == {"1A": "installed", "1B": "delivered", "R2D2": "delivered"}
