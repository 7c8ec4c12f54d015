"""Rows P1 to P4 and Q2's lists: pages of events and members by tokens."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.application import serving
from tests.epcis.asking import BASE, ITEM, ask, capture, event, events_of, numbers, places, refused, walk
from tests.model.epcis_filter import instant


def following(answered: httpx.Response) -> str:
    """The address of the next page."""
    assert answered.headers["link"].endswith('>; rel="next"')
    return answered.headers["link"][1:].split(">")[0]


async def test_pages_are_linked(client: httpx.AsyncClient) -> None:
    """EPCIS-P1: `Link` and the token's end stand on all pages but the last; 30 events, at most 1000."""
    await capture(client, *(event(n) for n in range(65)))
    first = await ask(client)
    assert len(events_of(first)) == 30
    assert first.headers["GS1-Next-Page-Token-Expires"].endswith("Z")
    second = await client.get(following(first))
    third = await client.get(following(second))
    assert len(events_of(third)) == 5
    assert "link" not in third.headers
    assert "GS1-Next-Page-Token-Expires" not in third.headers
    for many in ("5000", "9" * 30):
        assert len(events_of(await ask(client, perPage=many))) == 65
    for wrong in ("0", "-1", "many", ""):
        refused(await ask(client, perPage=wrong), 400, "QueryParameterException", "perPage")


@pytest.mark.parametrize("path", ["/bizSteps", "/epcs", "/queries", "/capture"])
async def test_every_list_has_pages(client: httpx.AsyncClient, path: str) -> None:
    """EPCIS-P1: collections, named queries and jobs are given page by page, each member once."""
    for n in range(5):
        await capture(client, event(n))
        await client.post(f"{BASE}/queries", json={"name": f"q{n}", "query": {}})
    found, answered = [], await ask(client, path, perPage="2")
    while True:
        told = answered.json()
        page = told["member"] if isinstance(told, dict) else [one.get("name") or one.get("captureID") for one in told]
        assert len(page) <= 2
        found += page
        if "link" not in answered.headers:
            break
        answered = await client.get(following(answered))
        assert answered.status_code == 200
    assert len(found) == len(set(found))
    whole = (await ask(client, path, perPage="1000")).json()
    assert len(found) == len(whole["member"] if isinstance(whole, dict) else whole)


async def test_a_token_takes_no_other_parameters(client: httpx.AsyncClient) -> None:
    """EPCIS-P2: only perPage may change; other parameters, another path and a forged token are 400."""
    await capture(client, *(event(n, bizStep="shipping") for n in range(6)))
    link = following(await ask(client, perPage="2", EQ_bizStep="shipping"))
    token = link.partition("nextPageToken=")[2]
    assert len(events_of(await ask(client, perPage="3", nextPageToken=token))) == 3
    refused(await ask(client, nextPageToken=token, EQ_action="ADD"), 400, "QueryParameterException", "EQ_action")
    for path, wrong in (("/bizSteps/shipping/events", token), ("/events", token[:-3] + "abc"), ("/events", "x")):
        refused(await ask(client, path, nextPageToken=wrong), 400, "QueryParameterException", "nextPageToken")


async def test_a_token_is_its_callers(client: httpx.AsyncClient) -> None:
    """EPCIS-P2: a token of another key is 400; a page of jobs has such tokens too."""
    await capture(client, event(1))
    await capture(client, event(2))
    keys = []
    for name in ("one", "two"):
        head = keys[0] if keys else {}
        made = await client.post("/api/v1/keys", json={"name": name, "scopes": ["admin"]}, headers=head)
        keys.append({"authorization": f"Bearer {made.json()['key']}"})
    for path in ("/events", "/capture"):
        link = following(await client.get(f"{BASE}{path}?perPage=1", headers=keys[0]))
        assert (await client.get(link, headers=keys[0])).status_code == 200
        refused(await client.get(link, headers=keys[1]), 400, "QueryParameterException", "nextPageToken")


async def test_a_deleted_token_is_not_honoured(client: httpx.AsyncClient) -> None:
    """EPCIS-P2: `DELETE /nextPageToken/{token}` is 204, and the token 400 from then on."""
    await capture(client, *(event(n) for n in range(3)))
    token = following(await ask(client, perPage="1")).partition("nextPageToken=")[2]
    assert (await client.delete(f"{BASE}/nextPageToken/{token}")).status_code == 204
    refused(await ask(client, nextPageToken=token), 400, "QueryParameterException", "nextPageToken")


async def test_tokens_end(tmp_path: Path) -> None:
    """EPCIS-P2: an expired token is 400; EPCIS-P3: one that has not ended outlives a restart."""
    async with serving(tmp_path / "data", epcis_token_seconds=1) as client:
        await capture(client, *(event(n) for n in range(3)))
        ended = following(await ask(client, perPage="1"))
    async with serving(tmp_path / "data") as client:
        going = following(await ask(client, perPage="1"))
    async with serving(tmp_path / "data") as client:
        assert len(events_of(await client.get(going))) == 1
        answered = await client.get(ended)
        while answered.status_code == 200:
            answered = await client.get(ended)
        refused(answered, 400, "QueryParameterException", "nextPageToken")


async def test_a_long_query_walks_on(client: httpx.AsyncClient) -> None:
    """EPCIS-P2: a named query of a thousand values has a token that fits an address."""
    await capture(client, *(event(n) for n in range(4)))
    ids = [event(n)["eventID"] for n in range(4)] + [f"urn:x:{n * 7919 % 100_003}" for n in range(900)]
    await client.post(f"{BASE}/queries", json={"name": "long", "query": {"EQ_eventID": ids}})
    assert len(await walk(client, "/queries/long/events", perPage="1")) == 4
    link = following(await ask(client, "/queries/long/events", perPage="1"))
    assert len(link) < 2000


async def test_a_walk_is_of_its_first_moment(client: httpx.AsyncClient) -> None:
    """EPCIS-P3: what is captured during a walk, master data included, is not in it; each match comes once, in order."""
    low, high = "urn:x:dock", "urn:x:site"
    await capture(client, *(event(n, bizLocation={"id": low}) for n in range(6)), epcisHeader=places({high: [low]}))
    query = {"WD_bizLocation": high, "orderBy": "eventTime", "orderDirection": "ASC"}
    answered = await ask(client, perPage="2", **query)
    found = events_of(answered)
    await capture(
        client, event(7, eventTime="2026-03-02T08:03:30Z", bizLocation={"id": low}), epcisHeader=places({high: []})
    )
    while "link" in answered.headers:
        answered = await client.get(following(answered))
        found += events_of(answered)
    assert [int(one["eventID"][-12:]) for one in found] == [0, 1, 2, 3, 4, 5]
    assert await numbers(client, **query) == []


async def test_events_of_one_instant_are_walked_once(client: httpx.AsyncClient) -> None:
    """EPCIS-P3: ties of the event time are broken, so no page repeats or skips."""
    await capture(client, *(event(n, eventTime="2026-03-02T08:00:00Z") for n in range(20)))
    for direction in ("ASC", "DESC"):
        found = await walk(client, perPage="3", orderBy="eventTime", orderDirection=direction)
        assert [int(one["eventID"][-12:]) for one in found] == list(range(20))


async def test_polling_by_record_time_misses_nothing(client: httpx.AsyncClient) -> None:
    """EPCIS-P4: what is captured after an answer has a greater recordTime than all that was seen."""
    seen: set[str] = set()
    since = "2000-01-01T00:00:00Z"
    for n in range(8):
        await capture(client, event(2 * n), event(2 * n + 1))
        for one in await walk(client, GE_recordTime=since, perPage="3"):
            assert instant(one["recordTime"]) >= instant(since)
            seen.add(one["eventID"])
            since = max(since, one["recordTime"], key=instant)
    assert len(seen) == 16


async def test_json_pages_carry_their_token_unless_strict(tmp_path: Path) -> None:
    """EPCIS-P1: a JSON page that has a next one carries `nextPageToken`; under STEMMA_EPCIS_STRICT it does not."""
    async with serving(tmp_path / "data") as client:
        await capture(client, event(1), event(2))
        answered = await ask(client, perPage="1")
        assert answered.json()["nextPageToken"] == following(answered).partition("nextPageToken=")[2]
        assert "nextPageToken" not in (await ask(client)).json()
    async with serving(tmp_path / "data", epcis_strict=True) as client:
        answered = await ask(client, perPage="1")
        assert "nextPageToken" not in answered.json()
        assert urlsplit(following(answered)).path == f"{BASE}/events"


async def test_collections_list_the_standard_and_what_was_seen(client: httpx.AsyncClient) -> None:
    """EPCIS-Q2: words of the standard and what was seen are listed; `/{x}/{v}` leads to its events."""
    place = {"id": "urn:epc:id:sgln:0614141.07346.0"}
    await capture(client, event(1, bizStep="https://example.org/step/odd", readPoint=place, bizLocation=place))

    async def members(path: str) -> list[str]:
        return list((await ask(client, path, perPage="1000")).json()["member"])

    assert {"https://example.org/step/odd", "shipping"} <= set(await members("/bizSteps"))
    assert len(await members("/eventTypes")) == 5
    assert "in_transit" in await members("/dispositions")
    assert await members("/epcs") == [ITEM.format("S1")]
    assert await members("/readPoints") == await members("/bizLocations") == ["https://id.gs1.org/414/0614141073467"]
    assert await members("/bizSteps/shipping") == ["events"]


async def test_events_of_a_value_in_any_spelling(client: httpx.AsyncClient) -> None:
    """EPCIS-Q2: `/{x}/{v}/events` takes v in any spelling and other parameters; an object may be a class; else 404."""
    lot = "urn:epc:class:lgtin:0614141.107346.L1"
    await capture(
        client,
        event(1, bizStep="shipping", epcList=["urn:epc:id:sgtin:0614141.107346.2017"]),
        event(2, bizStep="receiving", epcList=None, quantityList=[{"epcClass": lot, "quantity": 3}]),
    )
    for step in (
        "shipping",
        "urn:epcglobal:cbv:bizstep:shipping",
        "https%3A%2F%2Fref.gs1.org%2Fcbv%2FBizStep-shipping",
    ):
        assert await numbers(client, f"/bizSteps/{step}/events") == [1]
    assert await numbers(client, "/bizSteps/receiving/events", EQ_action="ADD") == []
    assert await numbers(client, "/epcs/https%3A%2F%2Fid.gs1.org%2F01%2F10614141073464%2F21%2F2017/events") == [1]
    assert await numbers(client, f"/epcs/{lot}/events") == [2]
    assert await numbers(client, "/eventTypes/ObjectEvent/events") == [1, 2]
    for path in ("/bizSteps/none", "/epcs/urn:x:none/events", "/readPoints/urn:x:none", "/eventTypes/Party/events"):
        refused(await ask(client, path), 404, "NoSuchNameException")
    refused(
        await ask(client, "/bizSteps/shipping/events", EQ_bizStep="packing"),
        400,
        "QueryParameterException",
        "EQ_bizStep",
    )
