"""Rows C1, C2, C5, C6, D5, E1, X4 where they are about the call itself: documents, limits, jobs, syntax of answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from projections.index.read_events import Job
from services.ingestion.documents import view_of
from tests.application import serving
from tests.epcis.asking import BASE, CONTEXT, ask, capture, document, event, numbers, places, refused

LD = {"content-type": "application/ld+json"}
XML = {"content-type": "application/xml"}
ASKS_XML = {"accept": "application/xml"}
XML_EVENT = (
    "<ObjectEvent><eventTime>2026-03-02T08:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>"
    "<epcList><epc>urn:epc:id:sgtin:9506000.000003.S-1</epc></epcList><action>OBSERVE</action></ObjectEvent>"
)


async def send(client: httpx.AsyncClient, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body)
    return await client.post(f"{BASE}/capture", content=content, headers={**LD, **headers})


async def test_each_kind_of_document_is_captured(client: httpx.AsyncClient) -> None:
    """EPCIS-C1: an EPCISDocument, a query document as it was answered, master data alone: 202, Location, a job."""
    await capture(client, event(1), event(2))
    answered = (await ask(client)).json()
    answered.pop("nextPageToken", None)
    answered["epcisBody"]["queryResults"]["resultsBody"]["eventList"].append(event(3))
    head = {"@context": [CONTEXT], "schemaVersion": "2.0", "creationDate": "2026-03-02T09:00:00Z"}
    masters = {**head, "type": "EPCISMasterDataDocument", "epcisHeader": places({"urn:x:site": ["urn:x:hall"]})}
    for body in (answered, masters):
        taken = await send(client, body)
        assert taken.status_code == 202, taken.text
        assert taken.headers["location"].startswith(f"{BASE}/capture/")
        assert (await client.get(taken.headers["location"])).json()["success"] is True
    assert await numbers(client) == [1, 2, 3]


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"[]", b"null", b"", *(json.dumps(one).encode() for one in (
            event(1), {**document([]), "type": "Document"}, {**document([]), "schemaVersion": None},
            document([], epcisBody={}),
        )),
    ],
)  # fmt: skip
async def test_what_is_no_document_makes_no_job(client: httpx.AsyncClient, body: bytes) -> None:
    """EPCIS-C1: malformed or a wrong envelope is 400 ValidationException naming the place, and there is no job."""
    answered = await send(client, body)
    refused(answered, 400, "ValidationException")
    assert answered.json()["errors"][0]["fix"]
    assert (await ask(client, "/capture")).json() == []


async def test_too_much_is_told_with_the_limits(tmp_path: Path) -> None:
    """EPCIS-C1, EPCIS-D2: 413 for too many events and for too many bytes says how much is taken."""
    async with serving(tmp_path / "data", max_body=3_000_000) as client:
        many = await send(client, document([{"type": "ObjectEvent"}] * 5001))
        large = await send(client, b" " * 3_000_001)
        one = await client.post(f"{BASE}/events", content=b" " * 3_000_001, headers=LD)
        for answered in (many, large, one):
            refused(answered, 413, "CaptureLimitExceededException")
            assert answered.headers["GS1-EPCIS-Capture-Limit"] == "5000"
            assert answered.headers["GS1-EPCIS-Capture-File-Size-Limit"] == "3000000"


async def test_every_fault_of_every_event_is_told_with_its_place(client: httpx.AsyncClient) -> None:
    """EPCIS-C2: at most 100 faults, each with the path of its field."""
    bad = [event(n, action="WATCH", eventTime="soon") for n in range(80)]
    answered = await send(client, document(bad))
    refused(answered, 400, "ValidationException", "epcisBody.eventList[7].action")
    assert len(answered.json()["errors"]) == 100


async def test_json_that_nests_too_deep_is_malformed(client: httpx.AsyncClient) -> None:
    """EPCIS-X4: depth over 64 is 400, at any depth, and 64 is taken."""

    def nested(levels: int) -> bytes:
        inner = levels - 4
        deep = '{"ex:a":' * inner + "1" + "}" * inner
        text = json.dumps(document([event(1)]))
        return text.replace('"action"', f'"ex:deep": {deep}, "action"').encode()

    assert (await send(client, nested(64))).status_code == 202
    for body in (nested(65), nested(5000), b"[" * 1_000_000, b'{"a":' * 1_000_000):
        answered = await send(client, body)
        refused(answered, 400, "ValidationException")
        assert "64 levels" in answered.json()["detail"] or body.startswith(b"[")


async def test_text_xml_is_xml(client: httpx.AsyncClient) -> None:
    """EPCIS-C1 EPCIS-C6: RFC 7303 gives `text/xml` the meaning of `application/xml`; what it is not is 415."""
    head = {"content-type": "text/xml; charset=utf-8"}
    taken = await client.post(f"{BASE}/events", content=XML_EVENT, headers=head)
    assert taken.status_code == 201, taken.text
    found = await client.get(f"{BASE}/events", headers={"accept": "text/xml"})
    again = await client.post(f"{BASE}/capture", content=found.content, headers=head)
    assert again.status_code == 202, again.text
    job = (await client.get(again.headers["location"])).json()
    assert [one["outcome"] for one in job["events"]] == ["duplicate"]
    plain = await client.post(f"{BASE}/capture", content=found.content, headers={"content-type": "text/plain"})
    refused(plain, 415, "UnsupportedMediaTypeException")


async def test_accept_is_judged_before_anything_is_captured(client: httpx.AsyncClient) -> None:
    """EPCIS-D5: a capture whose answer could not be read is 406, and nothing is kept."""
    for path, body in (("/capture", document([event(1)])), ("/events", {"@context": [CONTEXT], **event(1)})):
        head = {**LD, "accept": "text/csv"}
        answered = await client.post(BASE + path, content=json.dumps(body), headers=head)
        refused(answered, 406, "NotAcceptableException")
    assert await numbers(client) == []


async def test_one_event_is_answered_in_the_syntax_asked_for(client: httpx.AsyncClient) -> None:
    """EPCIS-C6: the body is the event, as it was sent unless `Accept` asks for the other syntax."""
    sent = {"@context": [CONTEXT], **event(1)}
    in_xml = await client.post(f"{BASE}/events", content=json.dumps(sent), headers={**LD, **ASKS_XML})
    assert in_xml.status_code == 201
    assert etree.fromstring(in_xml.content).findtext("eventID") == sent["eventID"]
    in_json = await client.post(f"{BASE}/events", content=XML_EVENT, headers={**XML, "accept": "application/json"})
    assert in_json.json()["type"] == "ObjectEvent"
    assert in_json.json()["recordTime"]


async def test_problems_before_any_route_are_xml_too(tmp_path: Path) -> None:
    """EPCIS-E1: what is refused at the door (no key, too large, not read here) is XML for who asks for XML."""
    async with serving(tmp_path / "data", max_body=2000) as client:
        large = await client.post(f"{BASE}/capture", content=b" " * 3000, headers={**LD, **ASKS_XML})
        plain = await client.post(f"{BASE}/capture", content=b"x", headers={"content-type": "text/csv", **ASKS_XML})
        await client.post("/api/v1/keys", json={"name": "admin", "scopes": ["admin"]})
        stranger = await client.get(f"{BASE}/events", headers=ASKS_XML)
        for answered, status in ((large, 413), (plain, 415), (stranger, 401)):
            assert answered.status_code == status
            assert answered.headers["content-type"].startswith("application/problem+xml")
            assert etree.fromstring(answered.content).findtext("status") == str(status)


async def test_jobs_are_the_callers_own_whatever_source_it_names(client: httpx.AsyncClient) -> None:
    """EPCIS-C5: newest first; a key sees the jobs of all its sources, an auditor all, another key none."""
    admin = (await client.post("/api/v1/keys", json={"name": "admin", "scopes": ["admin"]})).json()["key"]
    head = {"authorization": f"Bearer {admin}"}
    keys = []
    for name in ("one", "two"):
        made = await client.post("/api/v1/keys", json={"name": name, "scopes": ["capture"]}, headers=head)
        keys.append({"authorization": f"Bearer {made.json()['key']}"})
    made_jobs = []
    for n, source in enumerate(("", "line-1", "line-2")):
        more = {"Stemma-Source": source} if source else {}
        taken = await send(client, document([event(n)]), **keys[0], **more)
        made_jobs.append(taken.headers["location"].rsplit("/", 1)[1])

    async def listed(key: dict[str, str]) -> list[str]:
        found, url = [], f"{BASE}/capture?perPage=2"
        while url:
            answered = await client.get(url, headers=key)
            found += [one["captureID"] for one in answered.json()]
            url = answered.headers["link"][1:].split(">")[0] if "link" in answered.headers else ""
        return found

    assert await listed(keys[0]) == made_jobs[::-1]
    assert await listed(keys[1]) == []
    assert await listed(head) == made_jobs[::-1]
    for job in made_jobs:
        assert (await client.get(f"{BASE}/capture/{job}", headers=keys[0])).status_code == 200
        assert (await client.get(f"{BASE}/capture/{job}", headers=keys[1])).status_code == 404


@pytest.mark.parametrize("strict", [False, True])
async def test_a_strict_job_has_what_the_standard_has(tmp_path: Path, strict: bool) -> None:
    """EPCIS-C5: `events` and `warnings` stand in a job in both syntaxes, and not under STEMMA_EPCIS_STRICT."""
    async with serving(tmp_path / "data", epcis_strict=strict) as client:
        location = (await send(client, document([event(1)]))).headers["location"]
        told = (await client.get(location)).json()
        in_xml = await client.get(location, headers=ASKS_XML)
        assert [told] == (await ask(client, "/capture")).json()
        for name in ("events", "warnings"):
            assert (name in told) is not strict
        assert (b"stemma:event" in in_xml.content) is not strict
        assert {"captureID", "running", "success", "createdAt", "finishedAt", "captureErrorBehaviour", "errors"} <= set(
            told
        )


def test_a_job_that_was_voided_captured_nothing() -> None:
    """EPCIS-C5: a capture cut short ends as not running and not successful, with an error that says so."""
    body = {"count": 0, "reason": "never closed"}
    told = view_of(Job("c", "void", (0, 7), 2, 1, "recovery", "k", 0, body, ()))
    assert (told["running"], told["success"]) == (False, False)
    assert "send it again" in told["errors"][0]["detail"]
