"""Rows D1 to D5: what can be asked without asking for events."""

from __future__ import annotations

import httpx
import pytest

from tests.epcis.asking import BASE, ITEM, ask, capture, event, refused

GLN = "https%3A%2F%2Fid.gs1.org%2F414%2F0614141073467"
SPOKEN = ("GS1-EPCIS-Version", "GS1-EPCIS-Min", "GS1-EPCIS-Max", "GS1-CBV-Version", "GS1-CBV-Min", "GS1-CBV-Max")
NINE = ("capture", "events", "eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions", "queries")
FIXED = ("", "/", *(f"/{name}" for name in NINE))


async def test_every_resource_says_what_may_be_done(client: httpx.AsyncClient) -> None:
    """EPCIS-D1: `OPTIONS` on each path is 204 with Allow and the versions; an unknown resource is 404."""
    place = {"id": "urn:epc:id:sgln:0614141.07346.0"}
    job = await capture(client, event(1, readPoint=place, bizLocation=place))
    await client.post(f"{BASE}/queries", json={"name": "all", "query": {}})
    made = [job.headers["location"].removeprefix(BASE), f"/events/{event(1)['eventID']}"]
    values = {"eventTypes": "ObjectEvent", "bizSteps": "shipping", "dispositions": "in_transit",
              "epcs": ITEM.format("S1").replace("/", "%2F"), "bizLocations": GLN, "readPoints": GLN}  # fmt: skip
    made += [f"/{kind}/{value}{below}" for kind, value in values.items() for below in ("", "/events")]
    made += ["/queries/all", "/queries/all/events", "/queries/all/subscriptions"]
    for path in (*FIXED, *made):
        answered = await client.request("OPTIONS", BASE + path)
        assert answered.status_code == 204, path
        assert "OPTIONS" in answered.headers["allow"]
        assert "GET" in answered.headers["allow"]
        for name in (*SPOKEN, "GS1-EPC-Format", "GS1-CBV-XML-Format", "GS1-Extensions", "GS1-Vendor-Version"):
            assert name in answered.headers, (path, name)
    for path in (
        "/capture/none",
        "/events/urn:x:none",
        "/bizSteps/none",
        "/epcs/urn:x:none/events",
        "/queries/none",
        "/none",
    ):
        assert (await client.request("OPTIONS", BASE + path)).status_code == 404, path


async def test_capture_says_its_limits(client: httpx.AsyncClient) -> None:
    """EPCIS-D2: `/capture` tells events, bytes, error behaviour, and that XML of 1.2 is taken."""
    headers = (await client.request("OPTIONS", f"{BASE}/capture")).headers
    assert headers["GS1-EPCIS-Capture-Limit"] == "5000"
    assert headers["GS1-EPCIS-Capture-File-Size-Limit"] == str(16 * 1024 * 1024)
    assert headers["GS1-Capture-Error-Behaviour"] == "all"
    assert headers["GS1-EPCIS-Min"] == "1.2.0"
    assert (await client.request("OPTIONS", f"{BASE}/events")).headers["GS1-EPCIS-Min"] == "2.0.0"


async def test_the_top_level_resources(client: httpx.AsyncClient) -> None:
    """EPCIS-D3: `GET /` is a Collection of the nine."""
    for path in ("", "/"):
        told = (await ask(client, path)).json()
        assert told["type"] == "Collection"
        assert sorted(told["member"]) == sorted(NINE)


async def test_every_success_says_the_versions(client: httpx.AsyncClient) -> None:
    """EPCIS-D4: version headers stand on every 2xx; GS1-Extensions lists the prefixes of the answer."""
    job = await capture(client, event(1, **{"ex:f": 1}))
    answers = [job, await client.get(job.headers["location"])]
    answers += [await ask(client, path) for path in ("/", "/capture", "/events", "/bizSteps", "/epcs", "/queries")]
    for answered in answers:
        assert answered.headers["GS1-EPCIS-Version"] == "2.0.0"
        assert answered.headers["GS1-CBV-Version"] == "2.0.0"
        assert "GS1-Extensions" in answered.headers
    assert (await ask(client)).headers["GS1-Extensions"] == "ex=https://example.org/ns/"


@pytest.mark.parametrize(
    "header",
    [
        {"GS1-EPCIS-Version": "1.2"}, {"GS1-EPCIS-Version": "two"}, {"GS1-EPCIS-Min": "2.1"}, {"GS1-EPCIS-Max": "1.2"},
        {"GS1-CBV-Version": "3.0.0"}, {"GS1-CBV-Min": "2.0.1"}, {"GS1-CBV-Max": "1"}, {"GS1-EPC-Format": "Barcode"},
        {"GS1-CBV-XML-Format": "Sometimes"}, {"Accept": "text/csv"}, {"Accept": "application/json;q=0"},
    ],
)  # fmt: skip
async def test_what_is_not_spoken_is_not_acceptable(client: httpx.AsyncClient, header: dict[str, str]) -> None:
    """EPCIS-D5: versions that exclude ours or are none, values outside their list and other media types are 406."""
    for path in ("/events", "/bizSteps", "/queries", "/"):
        refused(await client.get(BASE + path, headers=header), 406, "NotAcceptableException")


async def test_what_is_served_is_told_once(client: httpx.AsyncClient) -> None:
    """EPCIS-D5: a 406 for `Accept` lists each media type once, also where the body's own stands first."""
    told = {"content-type": "application/json", "accept": "text/html"}
    answered = await client.post(f"{BASE}/events", content=b"{}", headers=told)
    refused(answered, 406, "NotAcceptableException", "Accept")
    served = answered.json()["detail"].removeprefix("Accept: ").removesuffix(" is served here").split(", ")
    assert sorted(served) == sorted({"application/json", "application/ld+json", "application/xml", "text/xml"})


async def test_the_header_at_fault_is_named(client: httpx.AsyncClient) -> None:
    """EPCIS-D5: of several version headers the one that excludes ours is told, and one sent twice is none."""
    narrow = httpx.Headers({"GS1-EPCIS-Version": "2.0", "GS1-EPCIS-Min": "3"})
    refused(await client.get(f"{BASE}/events", headers=narrow), 406, "NotAcceptableException", "GS1-EPCIS-Min")
    twice = httpx.Headers([("GS1-EPCIS-Version", "2.0"), ("GS1-EPCIS-Version", "1.2")])
    refused(await client.get(f"{BASE}/events", headers=twice), 406, "NotAcceptableException", "GS1-EPCIS-Version")
    wishes = httpx.Headers([("Accept", "text/html"), ("Accept", "application/xml")])
    answered = await client.get(f"{BASE}/events", headers=wishes)
    assert answered.headers["content-type"] == "application/xml"


@pytest.mark.parametrize(
    "header",
    [
        {"GS1-EPCIS-Version": "2.0"}, {"GS1-EPCIS-Version": "2"}, {"GS1-EPCIS-Min": "1.2", "GS1-EPCIS-Max": "2.0.0"},
        {"GS1-Extensions": "nonsense"}, {"Accept": "*/*"}, {"Accept": "text/html, application/*;q=0.2"},
        {"Accept": "application/ld+json"},
    ],
)  # fmt: skip
async def test_what_includes_ours_is_acceptable(client: httpx.AsyncClient, header: dict[str, str]) -> None:
    """EPCIS-D5: `2.0` is `2.0.0`, ranges may be wider, extensions never give 406."""
    assert (await client.get(f"{BASE}/events", headers=header)).status_code == 200


async def test_capture_refuses_versions_before_any_work(client: httpx.AsyncClient) -> None:
    """EPCIS-D5: a capture of another version is 406, and nothing of it is kept."""
    head = {"GS1-EPCIS-Version": "3.0.0", "content-type": "application/json"}
    refused(await client.post(f"{BASE}/capture", content=b"{", headers=head), 406, "NotAcceptableException")
    assert (await ask(client, "/capture")).json() == []
