"""Rows C7, C10 and C12: what is warned of in a job, and captured all the same."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.epcis.asking import BASE, ask, capture, event, events_of
from tests.epcis.material import SHARED, needed

REPORT = {"type": "Temperature", "value": 20, "uom": "CEL"}
DECLARED = {"declarationTime": "2026-03-02T10:00:00Z", "reason": "did_not_occur"}
XML = (
    '<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0" '
    'creationDate="2026-03-02T09:00:00Z"><EPCISBody><EventList><ObjectEvent><eventTime>2026-03-02T08:00:00Z</eventTime>'
    "<eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList><epc>urn:x:y:1</epc></epcList><action>OBSERVE</action>"
    "<bizStep>urn:epcglobal:cbv:bizstep:sniffing</bizStep></ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>"
)


async def warned(client: httpx.AsyncClient, *events: dict[str, Any]) -> list[str]:
    """The warnings of a capture, all of whose events are captured."""
    taken = await capture(client, *events)
    job = (await client.get(taken.headers["location"])).json()
    assert [one["outcome"] for one in job["events"]] == ["captured"] * len(events)
    assert job["success"] is True
    assert all(0 <= one["index"] < len(events) and one["eventID"] for one in job["warnings"])
    return [one["detail"] for one in job["warnings"]]


def sensed(*reports: dict[str, Any], **metadata: str) -> list[dict[str, Any]]:
    return [{"sensorMetadata": metadata, "sensorReport": list(reports)}]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (
            {"sensorElementList": sensed({**REPORT, "deviceID": "urn:x:d:1"}, deviceID="urn:x:d:2")},
            "sensorElementList[0].sensorReport: deviceID stands in sensorMetadata too",
        ),
        (
            {"sensorElementList": sensed(REPORT, time="2026-03-02T08:01:00.001Z")},
            "sensorElementList[0] time 2026-03-02T08:01:00.001Z: it is after the event's own time",
        ),
        (
            {"sensorElementList": sensed({**REPORT, "time": "2026-03-02T09:01:01+01:00"})},
            "sensorElementList[0] time 2026-03-02T09:01:01+01:00: it is after",
        ),
        ({"sensorElementList": sensed(REPORT, endTime="2026-03-02T08:02:00Z")}, "endTime 2026-03-02T08:02:00Z: it is"),
        ({"epcList": ["https://id.gs1.org/01/09506000000030/21/S1"]}, "epcList https://id.gs1.org/01/09506000000030"),
        ({"readPoint": {"id": "https://id.gs1.org/414/9506000000011"}}, "readPoint https://id.gs1.org/414/95060"),
        ({"bizStep": "https://ref.gs1.org/cbv/BizStep-sniffing"}, "BizStep-sniffing: CBV 2.0 has no such bizStep"),
        (
            {"persistentDisposition": {"set": ["https://ref.gs1.org/cbv/Disp-lost"]}},
            "persistentDisposition https://ref.gs1.org/cbv/Disp-lost: CBV 2.0 has no such disposition",
        ),
    ],
)
async def test_an_oddity_is_warned_of_and_captured(client: httpx.AsyncClient, more: dict[str, Any], told: str) -> None:
    """EPCIS-C12: a sensor attribute told twice, a sensor time after the event, a broken GS1 id, an unknown CBV word."""
    warnings = await warned(client, event(1, **more))
    assert len(warnings) == 1
    assert told in warnings[0]


async def test_what_is_in_order_is_not_warned_of(client: httpx.AsyncClient) -> None:
    """EPCIS-C12: a sensor time at or before the event, private URIs and words of CBV in any spelling."""
    fine = {"bizStep": "https://ref.gs1.org/cbv/BizStep-shipping", "disposition": "https://example.org/odd"}
    assert await warned(client, event(1, **fine, sensorElementList=sensed(REPORT, time="2026-03-02T08:01:00Z"))) == []


async def test_an_unknown_cbv_urn_of_xml_is_its_web_uri_in_json(client: httpx.AsyncClient) -> None:
    """EPCIS-C12: warned of, and given back as the Web URI in JSON."""
    taken = await client.post(f"{BASE}/capture", content=XML, headers={"content-type": "application/xml"})
    job = (await client.get(taken.headers["location"])).json()
    assert "CBV 2.0 has no such bizStep" in job["warnings"][0]["detail"]
    assert events_of(await ask(client))[0]["bizStep"] == "https://ref.gs1.org/cbv/BizStep-sniffing"


async def test_a_hash_that_is_not_the_computed_one_is_warned_of(client: httpx.AsyncClient) -> None:
    """EPCIS-C7: kept as a name, with a warning; the right one gives none."""
    other = "ni:///sha-256;" + "0" * 64 + "?ver=CBV2.0"
    assert "not the one that CBV 2.0 computes" in (await warned(client, event(1, eventID=other)))[0]
    await capture(client, event(2, eventID=None))
    named = next(one["eventID"] for one in events_of(await ask(client)) if one["eventID"] != other)
    assert await warned(client, event(2, eventID=named, errorDeclaration=DECLARED)) == []


@pytest.mark.parametrize("first", ["event", "declaration"])
async def test_a_declaration_with_other_fields_is_warned_of(client: httpx.AsyncClient, first: str) -> None:
    """EPCIS-C10 EPCIS-C11: other fields than the original's are a warning, whichever of the two comes first."""
    pair = [event(1), event(1, action="ADD", errorDeclaration=DECLARED)]
    pair = pair if first == "event" else pair[::-1]
    assert await warned(client, pair[0]) == []
    assert "other fields than the event" in (await warned(client, pair[1]))[0]
    assert len(events_of(await ask(client))) == 2
    same = [event(2, **{"ex:n": 1}), event(2, **{"ex:n": 1.0}, errorDeclaration=DECLARED)]
    assert await warned(client, *(same if first == "event" else same[::-1])) == []


async def test_a_declaration_without_id_names_its_original_by_the_hash(client: httpx.AsyncClient) -> None:
    """EPCIS-C11: the hash ID of a declaration without eventID is that of the event it declares."""
    await capture(client, event(1, eventID=None, errorDeclaration=DECLARED))
    await capture(client, event(1, eventID=None))
    found = events_of(await ask(client))
    assert len({one["eventID"] for one in found}) == 1
    assert len(found) == 2


@needed
async def test_what_gs1s_examples_do_is_not_refused(client: httpx.AsyncClient) -> None:
    """EPCIS-C12: the official examples that do such things are captured, with warnings."""
    warnings = 0
    for path in sorted((SHARED / "gs1-examples").rglob("*.jsonld")):
        if json.loads(path.read_bytes()).get("type") != "EPCISDocument":
            continue
        head = {"content-type": "application/ld+json", "GS1-Capture-Error-Behaviour": "proceed"}
        taken = await client.post(f"{BASE}/capture", content=path.read_bytes(), headers=head)
        if taken.status_code == 202:
            warnings += len((await client.get(taken.headers["location"])).json()["warnings"])
    assert warnings > 10
