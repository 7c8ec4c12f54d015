"""The golden cases over HTTP, in the order given: the service sets record times, so `known_at` is taken on the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

GOLDEN = Path(__file__).parents[2].parent / "shared" / "golden"
CASES = sorted(GOLDEN.glob("*.json"))
CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"


def read(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text())
    return case


pytestmark = pytest.mark.skipif(not CASES, reason="the shared golden cases are not here")


def document(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-20T00:00:00Z",
        "epcisBody": {"eventList": [event]},
    }


async def capture(client: httpx.AsyncClient, event: dict[str, Any]) -> None:
    """Capture one event; every later call of this client sees it."""
    done = await client.post("/epcis/v2/capture", json=document(event))
    assert done.status_code == 202, done.text
    client.headers["Stemma-Wait-For"] = done.headers["Stemma-Position"]


async def recorded(client: httpx.AsyncClient, case: dict[str, Any]) -> list[tuple[str, str]]:
    """Capture the events of a case one by one. Where it asks what was known, gives for each record time of the case the
    instant of knowledge of the service that includes its event."""
    asks = any(question.get("known_at") for question in case["questions"])
    known = []
    for one in case["records"]:
        await capture(client, one["event"])
        if asks:
            seen = await client.get("/api/v1/impact", params={"object": "urn:x:nothing"})
            known.append((one["recordTime"], str(seen.json()["basis"]["known_at"])))
    return known


async def answered(client: httpx.AsyncClient, question: dict[str, Any], known: list[tuple[str, str]]) -> dict[str, Any]:
    """Ask over HTTP what a golden case asks; `known` pairs its record times with the service's instants."""
    asked: dict[str, Any] = {"seeds": [{"object": seed} for seed in question.get("seeds", [question.get("object")])]}
    if question.get("known_at"):
        asked["known_at"] = max(taken for given, taken in known if given <= question["known_at"])
    if question.get("happened_by"):
        asked["happened_by"] = question["happened_by"]
    direction = "provenance" if question["ask"] == "backward" else "impact"
    answer = await client.post(f"/api/v1/{direction}", json={**asked, "limit": 1000})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found["totals"]["objects"] == len(found["objects"])
    if question["ask"] != "where":
        return {one["object"]: {"certainty": one["certainty"], "depth": one["depth"]} for one in found["objects"]}
    row = next(one for one in found["objects"] if one["depth"] == 0)
    return {name: row[name] for name in question["expect"]}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_golden_case_is_answered_over_http(path: Path, client: httpx.AsyncClient) -> None:
    case = read(path)
    known = await recorded(client, case)
    for question in case["questions"]:
        assert await answered(client, question, known) == question["expect"], question
