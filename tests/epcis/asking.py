"""Captures documents and asks queries over HTTP, for the tests of the EPCIS repository."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

BASE = "/epcis/v2"
CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
EX = "https://example.org/ns/"
ITEM = "https://id.gs1.org/01/09506000000039/21/{}"
LOT = "https://id.gs1.org/01/09506000000022/10/{}"


def event(number: int, **more: Any) -> dict[str, Any]:
    """A plain ObjectEvent; `more` sets or, by None, takes out fields."""
    plain: dict[str, Any] = {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        "eventTime": f"2026-03-02T08:{number % 60:02d}:00Z",
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "epcList": [ITEM.format(f"S{number}")],
    }
    return {name: value for name, value in {**plain, **more}.items() if value is not None}


def document(events: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """An EPCISDocument that binds `ex`."""
    return {
        "@context": [CONTEXT, {"ex": EX}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-02T09:00:00Z",
        "epcisBody": {"eventList": list(events)},
        **more,
    }


def places(children: Mapping[str, Sequence[str]], attributes: Mapping[str, Mapping[str, str]] = {}) -> dict[str, Any]:
    """An `epcisHeader` of business locations with their children and attributes."""
    elements = [
        {
            "id": name,
            "children": list(children.get(name, ())),
            "attributes": [{"id": key, "attribute": value} for key, value in attributes.get(name, {}).items()],
        }
        for name in dict.fromkeys((*children, *attributes))
    ]
    vocabulary = {"type": "urn:epcglobal:epcis:vtype:BusinessLocation", "vocabularyElementList": elements}
    return {"epcisMasterData": {"vocabularyList": [vocabulary]}}


async def capture(client: httpx.AsyncClient, *events: Mapping[str, Any], **more: Any) -> httpx.Response:
    """Capture events in one document; every later call of this client sees them."""
    body = json.dumps(document(events, **more))
    taken = await client.post(f"{BASE}/capture", content=body, headers={"content-type": "application/ld+json"})
    assert taken.status_code == 202, taken.text
    client.headers["Stemma-Wait-For"] = taken.headers["Stemma-Position"]
    return taken


async def ask(client: httpx.AsyncClient, path: str = "/events", **more: Any) -> httpx.Response:
    """One call; `more` are parameters of the address, lists joined by `|`."""
    params = {name: "|".join(value) if isinstance(value, list) else value for name, value in more.items()}
    return await client.get(BASE + path, params=params)


def events_of(answered: httpx.Response) -> list[dict[str, Any]]:
    """The events of an answer."""
    assert answered.status_code == 200, answered.text
    found: list[dict[str, Any]] = answered.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return found


async def numbers(client: httpx.AsyncClient, path: str = "/events", **more: Any) -> list[int]:
    """The numbers of the events that meet a query, in its order."""
    return [int(one["eventID"][-12:]) for one in events_of(await ask(client, path, **more))]


async def walk(client: httpx.AsyncClient, path: str = "/events", **more: Any) -> list[dict[str, Any]]:
    """All events of a query, page by page."""
    answered = await ask(client, path, **more)
    found = events_of(answered)
    while "link" in answered.headers:
        answered = await client.get(answered.headers["link"][1:].split(">")[0])
        found += events_of(answered)
    return found


def refused(answered: httpx.Response, status: int, kind: str, field: str | None = None) -> None:
    """The answer is this problem, and names the field."""
    assert answered.status_code == status, answered.text
    told = answered.json()
    assert answered.headers["content-type"] == "application/problem+json"
    assert told["type"] == f"epcisException:{kind}"
    assert told["status"] == status
    if field is not None:
        assert field in [one["field"] for one in told["errors"]]
