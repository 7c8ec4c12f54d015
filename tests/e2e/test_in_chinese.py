"""What went wrong, read in Chinese: refused calls, events set aside, jobs, problems. Issue 6: not a word missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from events.port import NewRecord
from tests.e2e.conftest import Server
from tests.e2e.scenarios.test_replay import appended, envelope

CHINESE = re.compile("[一-鿿]")
ZH = {"accept-language": "zh-CN,zh;q=0.9"}
BAD_DOCUMENT = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-03-02T08:00:00Z",
    "epcisBody": {
        "eventList": [{"type": "ObjectEvent", "eventTime": "yesterday", "action": "LOOK", "bizStep": "guess"}]
    },
}
SCAN = {"activity": "observe", "objects": ["(01)09506000000022(10)A"], "place": "(414)9506000000015"}


def unsaid(texts: Iterator[str] | list[str]) -> list[str]:
    """Texts that are not Chinese, or Chinese only by saying that they are English."""
    return [one for one in texts if not CHINESE.search(one) or "英文原文" in one]


async def test_refused_calls_say_why_in_the_readers_language(client: httpx.AsyncClient) -> None:
    await client.post("/epcis/v2/capture", json=BAD_DOCUMENT)
    await client.post(
        "/epcis/v2/capture", content=b'{"type": "EPCISDocument",', headers={"content-type": "application/json"}
    )
    await client.post("/epcis/v2/capture", content=b"<epcis:EPCIS", headers={"content-type": "application/xml"})
    await client.post("/api/v1/activities", json={"activity": "receive", "objects": ["4006381333931"], "colour": 3})
    await client.post(
        "/api/v1/activities", json={"activity": "observe", "objects": ["4006381333931"], "place": "(414)1"}
    )
    chinese: list[dict[str, Any]] = (await client.get("/api/v1/refused", headers=ZH)).json()["refused"]
    english: list[dict[str, Any]] = (await client.get("/api/v1/refused")).json()["refused"]
    assert len(chinese) == len(english) == 5
    assert unsaid([one["detail"] for one in chinese]) == []
    assert unsaid([fault["fix"] for one in chinese for fault in one["errors"]]) == []
    assert not any(CHINESE.search(fault["fix"]) for one in english for fault in one["errors"])
    assert {fault["field"] for one in chinese for fault in one["errors"]} >= {"第 1 行第 26 列", "objects[0]"}
    again = await client.post(f"/api/v1/refused/{chinese[0]['id']}/resubmit", headers=ZH)
    assert again.status_code in (400, 422)
    assert unsaid([again.json()["detail"], *(one["fix"] for one in again.json()["errors"])]) == []


async def test_a_problem_is_told_in_the_readers_language(client: httpx.AsyncClient) -> None:
    calls = [
        client.get("/api/v1/object", params={"id": "nowhere"}, headers=ZH),
        client.get("/api/v1/timeline", params={"from": "x"}, headers=ZH),
        client.get("/api/v1/timeline", params={"limit": "many"}, headers=ZH),
        client.get("/api/v1/nothing", headers=ZH),
        client.post("/api/v1/impact", json={"seeds": [{}]}, headers=ZH),
        client.post("/api/v1/activities", content=b"a=b", headers={**ZH, "content-type": "text/plain"}),
    ]
    for call in calls:
        answer = await call
        assert answer.status_code >= 400
        assert unsaid([answer.json()["detail"], *(one["fix"] for one in answer.json()["errors"])]) == [], answer.text
    plain = (await client.get("/api/v1/object", params={"id": "nowhere"})).json()
    assert not CHINESE.search(plain["detail"])


@pytest.mark.parametrize(
    "raw", [b'{"type": "ObjectEvent"', b'{"@context": [], "type": "ObjectEvent", "eventTime": "soon", "action": "ADD"}']
)
def test_an_event_set_aside_says_why_in_the_readers_language(make_server: Callable[..., Server], raw: bytes) -> None:
    server = make_server()
    server.stop()
    closing = envelope("close", None, {"count": 1, "mode": "proceed", "outcomes": []})
    appended(server, NewRecord(envelope("event", "urn:x:poison", None), raw), NewRecord(closing, b""))
    server.start()
    with server.client() as client:
        position = client.post("/api/v1/activities", json=SCAN).raise_for_status().headers["stemma-position"]
        waited = {**ZH, "stemma-wait-for": position}
        told = client.get("/api/v1/not-projected", headers=waited).json()["events"]
        plain = client.get("/api/v1/not-projected").json()["events"]
    assert [one["event"] for one in told] == ["urn:x:poison"]
    assert unsaid([told[0]["reason"]]) == []
    assert not CHINESE.search(plain[0]["reason"])


async def test_a_job_tells_what_came_of_it_in_the_readers_language(client: httpx.AsyncClient) -> None:
    begun = (await client.post("/api/v1/system/verify", json={}, headers=ZH)).json()
    while (job := (await client.get(f"/api/v1/system/jobs/{begun['id']}", headers=ZH)).json())["state"] == "running":
        pass
    assert unsaid(job["lines"]) == []
    assert "完好" in job["lines"][-1]
    listed = (await client.get("/api/v1/system", headers=ZH)).json()["jobs"]
    assert unsaid(listed[0]["lines"]) == []
