"""From the repository to the genealogy: links from events and objects to impact and provenance, an extension."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.application import serving
from tests.epcis.asking import BASE, LOT, ask, capture, event, refused

FLOUR, DOUGH, BREAD = LOT.format("FLOUR"), LOT.format("DOUGH"), LOT.format("BREAD")
IMPACT, PROVENANCE = "urn:stemma:rel:impact", "urn:stemma:rel:provenance"


def made(number: int, start: str, end: str) -> dict[str, Any]:
    """An event that makes one lot of another."""
    amounts = [[{"epcClass": one, "quantity": 5, "uom": "KGM"}] for one in (start, end)]
    lists = {"inputQuantityList": amounts[0], "outputQuantityList": amounts[1]}
    return event(number, type="TransformationEvent", action=None, epcList=None, **lists)


def objects_of(answered: httpx.Response) -> set[str]:
    assert answered.status_code == 200, answered.text
    return {one["object"] for one in answered.json()["objects"]}


async def links(client: httpx.AsyncClient, path: str) -> dict[str, str]:
    """The links of an answer, by relation type."""
    return {name: one["url"] for name, one in (await ask(client, path)).links.items()}


async def test_an_event_leads_to_its_impact_and_provenance(client: httpx.AsyncClient) -> None:
    """EPCIS-Q1: `Link` of `/events/{eventID}`, the extension: what became of what the event names, and what went in."""
    await capture(client, made(1, FLOUR, DOUGH), made(2, DOUGH, BREAD))
    told = await links(client, f"/events/{event(1)['eventID']}")
    assert objects_of(await client.get(told[IMPACT])) == {FLOUR, DOUGH, BREAD}
    assert objects_of(await client.get(told[PROVENANCE])) == {FLOUR, DOUGH}


async def test_an_object_leads_to_its_impact_and_provenance(client: httpx.AsyncClient) -> None:
    """EPCIS-Q2: `Link` of `/epcs/{epc}`, in whatever spelling it is asked for."""
    await capture(client, made(1, FLOUR, DOUGH))
    spelled = quote(FLOUR.replace("https://id.gs1.org", "https://shop.example"), safe="")
    told = await links(client, f"/epcs/{spelled}")
    assert objects_of(await client.get(told[IMPACT])) == {FLOUR, DOUGH}
    assert objects_of(await client.get(told[PROVENANCE])) == {FLOUR}


async def test_a_list_has_templates_and_its_link_says_next_alone(client: httpx.AsyncClient) -> None:
    """EPCIS-P1: `Link-Template` on lists of events; any EPC or eventID of the answer fits in; `Link` is for pages."""
    await capture(client, made(1, FLOUR, DOUGH), made(2, DOUGH, BREAD))
    for path in ("/events", f"/epcs/{quote(FLOUR, safe='')}/events"):
        answered = await ask(client, path)
        assert "link" not in answered.headers
        impact, provenance = answered.headers["link-template"].split(", ")
        assert impact == f'"/api/v1/impact{{?object*,event}}"; rel="{IMPACT}"'
        assert provenance == f'"/api/v1/provenance{{?object*,event}}"; rel="{PROVENANCE}"'
    paged = await ask(client, perPage="1")
    assert set(paged.links) == {"next"}
    for parameter, value in (("object", FLOUR), ("event", event(1)["eventID"])):
        found = await client.get("/api/v1/impact", params={parameter: value})
        assert objects_of(found) == {FLOUR, DOUGH, BREAD}


async def test_the_door_is_shut_when_strict_and_to_who_may_not_trace(tmp_path: Path) -> None:
    """EPCIS-E4: no genealogy links under STEMMA_EPCIS_STRICT, and none for a caller without the right to trace."""
    paths = ("/events", f"/events/{event(1)['eventID']}", f"/epcs/{quote(FLOUR, safe='')}")
    async with serving(tmp_path / "data", epcis_strict=True) as client:
        await capture(client, made(1, FLOUR, DOUGH))
        for path in paths:
            answered = await ask(client, path)
            assert answered.status_code == 200
            assert not {"link", "link-template"} & set(answered.headers)
    async with serving(tmp_path / "data") as client:
        assert "link" in (await ask(client, paths[1])).headers
        from services.rights import Grant

        app = client._transport.app  # type: ignore[attr-defined]
        app.state.house.keys.authenticate = _who_may_only_query(Grant)
        for path in paths:
            answered = await client.get(BASE + path, headers={"authorization": "Bearer x"})
            assert answered.status_code == 200, answered.text
            assert not {"link", "link-template"} & set(answered.headers)


def _who_may_only_query(grant: Any) -> Any:
    from services.principal import Principal

    async def authenticate(_: str) -> Principal:
        return Principal("key:q", "q", grant(frozenset({"query"})))

    return authenticate


async def test_an_event_that_is_asked_about_wrongly_is_named(client: httpx.AsyncClient) -> None:
    """EPCIS-E1: an unknown event is 404, an event beside other seeds 400, one that names nothing 400."""
    sensed = [{"sensorReport": [{"type": "Temperature", "value": 20, "uom": "CEL"}]}]
    await capture(client, event(1, epcList=[], sensorElementList=sensed, readPoint={"id": "urn:x:dock"}))
    assert (await client.get("/api/v1/impact?event=urn:x:none")).status_code == 404
    for query in (f"event={event(1)['eventID']}", f"event={event(1)['eventID']}&object={FLOUR}"):
        answered = await client.get(f"/api/v1/provenance?{query}")
        assert answered.status_code == 400
        assert answered.json()["errors"][0]["field"] == "event"
    refused(await ask(client, "/events/urn:x:none"), 404, "NoSuchNameException")
