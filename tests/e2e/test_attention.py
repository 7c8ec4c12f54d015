"""What needs attention, and the marks of the timeline, through HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.app import create_app
from services.settings import load_settings
from tests.application import caller
from tests.e2e.test_timeline import document, event
from tests.people import Browser, account, first_account

LOT = "https://id.gs1.org/01/09506000000022/10/F-0312"
QUANTITY = {"type": "ObjectEvent", "action": "OBSERVE", "quantityList": [{"epcClass": LOT}], "bizStep": "inspecting"}
FAILED = event("failed", "2026-03-02T08:00:00Z", disposition="non_conformant", **QUANTITY, **{"stemma:result": "fail"})
PASSED = event("passed", "2026-03-04T08:00:00Z", **QUANTITY, **{"stemma:result": "pass"})
WRONG = {
    **PASSED,
    "errorDeclaration": {"declarationTime": "2026-03-05T08:00:00Z", "reason": "incorrect_data"},
}


async def needs(client: httpx.AsyncClient, **params: Any) -> dict[str, dict[str, Any]]:
    answer = await client.get("/api/v1/attention", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.json()["unknown"] == []
    return {one["kind"]: one for one in answer.json()["needs"]}


async def told(client: httpx.AsyncClient, *events: dict[str, Any]) -> None:
    answer = await client.post("/epcis/v2/capture", json=document(events))
    assert answer.status_code == 202, answer.text
    position = answer.headers["stemma-position"]
    (await client.get("/api/v1/timeline", headers={"stemma-wait-for": position})).raise_for_status()


async def test_a_quiet_house_needs_nothing(client: httpx.AsyncClient) -> None:
    assert await needs(client) == {}


async def test_what_failed_was_corrected_or_refused_is_told_with_where_to_look(client: httpx.AsyncClient) -> None:
    await told(client, FAILED, PASSED)
    await told(client, WRONG)
    refused = await client.post("/api/v1/activities", json={"activity": "receive", "objects": []})
    assert refused.status_code == 422
    found = await needs(client)
    assert {kind: one["count"] for kind, one in found.items()} == {
        "refused": 1, "failed_inspection": 1, "backup": 0, "correction": 1
    }  # fmt: skip
    assert [one["severity"] for one in found.values()] == ["warning", "warning", "warning", "info"]
    for kind in ("failed_inspection", "correction"):
        marks = (await client.get(found[kind]["look"])).json()
        assert marks["counts"] == {kind: 1}
    listed = (await client.get(found["refused"]["look"])).json()["refused"]
    assert listed[0]["received"] == found["refused"]["since"]


async def test_a_call_refused_again_is_one_thing_to_do_until_it_is_taken(client: httpx.AsyncClient) -> None:
    """Home counts what the page of refused calls shows as still to be done: each call once, as it came last."""

    async def listed() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await client.get("/api/v1/refused")).json()["refused"]
        return found

    async def again(kept: str, objects: list[str], status: int) -> str:
        body = {"activity": "observe", "objects": objects, "place": "(414)9506000000015", "id": "o1"}
        answer = await client.post(f"/api/v1/refused/{kept}/resubmit", json=body)
        assert answer.status_code == status, answer.text
        return str(answer.json().get("refused"))

    other = (await client.post("/api/v1/activities", json={"activity": "observe", "objects": ["34"]})).json()["refused"]
    first = (await client.post("/api/v1/activities", json={"activity": "observe", "objects": ["12"]})).json()["refused"]
    second = await again(first, ["12"], 422)
    third = await again(second, ["123"], 422)
    fourth = await again(first, ["1"], 422)
    assert (await needs(client))["refused"]["count"] == 2
    calls = {one["id"]: one for one in await listed()}
    assert calls.keys() == {other, first, second, third, fourth}
    assert {name for name, one in calls.items() if not one["superseded"] and not one["answered"]} == {other, fourth}
    assert [calls[one]["attempts"] for one in (other, first, second, third, fourth)] == [1, 4, 4, 4, 4]
    assert [one["id"] for one in calls[first]["resubmitted"]] == [second, fourth]
    await again(third, ["(01)09506000000022(21)7"], 201)
    assert (await needs(client))["refused"]["count"] == 1
    assert [one["id"] for one in await listed() if not one["superseded"] and not one["answered"]] == [other]


async def test_a_refused_call_sent_again_needs_no_more_attention(client: httpx.AsyncClient) -> None:
    refused = await client.post("/api/v1/activities", json={"activity": "observe", "objects": ["12"], "id": "o1"})
    kept = refused.json()["refused"]
    assert "refused" in await needs(client)
    good = {"activity": "observe", "objects": [LOT], "id": "o1", "place": "https://id.gs1.org/414/9506000000015"}
    again = await client.post(f"/api/v1/refused/{kept}/resubmit", json=good)
    assert again.status_code in (200, 201), again.text
    assert "refused" not in await needs(client)


async def test_marks_say_what_stands_out_and_where_nothing_was_captured(client: httpx.AsyncClient) -> None:
    await told(client, FAILED, PASSED)
    await told(client, WRONG)
    params = {"to": "2026-03-04T08:00:00Z"}
    marks = (await client.get("/api/v1/timeline/marks", params=params)).json()
    assert [(one["kind"], one["from"], one["to"]) for one in marks["marks"]] == [
        ("failed_inspection", "2026-03-02T08:00:00Z", None),
        ("gap", "2026-03-02T08:00:00Z", "2026-03-04T08:00:00Z"),
        ("correction", "2026-03-04T08:00:00Z", None),
    ]
    assert marks["counts"] == {"correction": 1, "conflict": 0, "failed_inspection": 1, "gap": 1}
    assert marks["marks"][2]["reason"] == "incorrect_data"
    assert not marks["capped"]
    short = (await client.get("/api/v1/timeline/marks", params={**params, "gap": "3d", "kind": ["gap"]})).json()
    assert (short["marks"], short["counts"]) == ([], {"gap": 0})


@pytest.mark.parametrize(("params", "field"), [({"gap": "long"}, "gap"), ({"kinds": "gap"}, "kinds")])
async def test_a_wrong_parameter_of_marks_is_named(
    client: httpx.AsyncClient, params: dict[str, str], field: str
) -> None:
    answer = await client.get("/api/v1/timeline/marks", params=params)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


async def test_everyone_is_told_what_they_may_see(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app: FastAPI = create_app(load_settings(data=tmp_path / "data"))
    async with app.router.lifespan_context(app), caller(app) as client:
        await told(client, FAILED)
        await client.post("/api/v1/activities", json={"activity": "receive", "objects": []})
        await first_account(app)
        for role in ("warehouse_keeper", "administrator", "auditor"):
            await account(app, role, role)
        seen = {}
        for role in ("warehouse_keeper", "administrator", "auditor"):
            browser = Browser(client)
            await browser.sign_in(role)
            answer = await browser("GET", "/api/v1/attention")
            seen[role] = {one["kind"] for one in answer.json()["needs"]}
        assert seen == {
            "warehouse_keeper": {"failed_inspection"},
            "administrator": {"refused", "backup"},
            "auditor": {"refused", "failed_inspection"},
        }
