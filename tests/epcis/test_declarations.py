"""Rows C2, C4 and C7 to C11, X6: what a capture makes of ids, repetitions, conflicts and error declarations."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.epcis.asking import BASE, ask, capture, document, event, events_of, numbers, refused

DECLARED = {"declarationTime": "2026-03-02T10:00:00Z", "reason": "did_not_occur"}


async def job(client: httpx.AsyncClient, *events: dict[str, Any], mode: str) -> dict[str, Any]:
    """The job of a capture in this mode."""
    head = {"content-type": "application/ld+json", "GS1-Capture-Error-Behaviour": mode}
    taken = await client.post(f"{BASE}/capture", content=json.dumps(document(events)), headers=head)
    assert taken.status_code == 202, taken.text
    told: dict[str, Any] = (await client.get(taken.headers["location"])).json()
    return told


async def test_rollback_refuses_with_every_fault(client: httpx.AsyncClient) -> None:
    """EPCIS-C2 EPCIS-C3: under rollback every fault is told at once, and no event of the document is kept."""
    body = json.dumps(document([event(1), event(2, action="WATCH"), event(3, eventTime="soon")]))
    answered = await client.post(f"{BASE}/capture", content=body, headers={"content-type": "application/json"})
    refused(answered, 400, "ValidationException")
    assert len(answered.json()["errors"]) >= 2
    assert await numbers(client) == []


async def test_proceed_captures_what_is_good(client: httpx.AsyncClient) -> None:
    """EPCIS-C2 EPCIS-C4: under proceed the good events are kept, the job says which were refused; `all` is 406."""
    told = await job(client, event(1), event(2, action="WATCH"), event(3), mode="proceed")
    assert told["success"] is False
    assert [one["outcome"] for one in told["events"]] == ["captured", "refused", "captured"]
    assert await numbers(client) == [1, 3]
    head = {"content-type": "application/json", "GS1-Capture-Error-Behaviour": "all"}
    refused(await client.post(f"{BASE}/capture", content=b"{}", headers=head), 406, "NotAcceptableException")


async def test_an_event_without_id_gets_its_hash(client: httpx.AsyncClient) -> None:
    """EPCIS-C7: no eventID gives the hash ID; another `ni:` id is kept; a sent recordTime is not ours."""
    other = "ni:///sha-256;" + "0" * 64 + "?ver=CBV2.0"
    sent = "2001-01-01T00:00:00Z"
    await capture(client, event(1, eventID=None, recordTime=sent), event(2, eventID=other))
    first, second = events_of(await ask(client))
    assert first["eventID"].startswith("ni:///sha-256;")
    assert first["recordTime"] != sent
    assert second["eventID"] == other


async def test_conflicts_stand_in_no_query(client: httpx.AsyncClient) -> None:
    """EPCIS-C8 EPCIS-C9: the same again is a duplicate, other content a conflict; the first stands."""
    told = await job(client, event(1), event(1), event(1, action="ADD"), mode="proceed")
    assert [one["outcome"] for one in told["events"]] == ["captured", "duplicate", "conflict"]
    assert [one["action"] for one in events_of(await ask(client))] == ["OBSERVE"]
    assert await numbers(client, EQ_action="ADD") == []


async def test_a_declaration_is_returned_beside_its_original(client: httpx.AsyncClient) -> None:
    """EPCIS-C10: nothing is deleted; a query returns the original and its declaration, each by its own fields."""
    await capture(client, event(1))
    await capture(client, event(1, errorDeclaration=DECLARED))
    assert ["errorDeclaration" in one for one in events_of(await ask(client))] == [False, True]
    assert await numbers(client, EXISTS_errorDeclaration="true") == [1]


async def test_a_declaration_may_come_first(client: httpx.AsyncClient) -> None:
    """EPCIS-C11: a declaration before its original waits, and both are returned; the original again is a duplicate."""
    await capture(client, event(1, errorDeclaration=DECLARED))
    await capture(client, event(1))
    assert sorted("errorDeclaration" in one for one in events_of(await ask(client))) == [False, True]
    told = await job(client, event(1), mode="proceed")
    assert [one["outcome"] for one in told["events"]] == ["duplicate"]


async def test_cbv_urns_belong_to_xml(client: httpx.AsyncClient) -> None:
    """EPCIS-X6: a CBV URN in JSON is 400, and the fix is the bare word."""
    body = json.dumps(document([event(1, bizStep="urn:epcglobal:cbv:bizstep:shipping")]))
    answered = await client.post(f"{BASE}/capture", content=body, headers={"content-type": "application/json"})
    refused(answered, 400, "ValidationException")
    assert "shipping" in answered.json()["errors"][0]["fix"]
