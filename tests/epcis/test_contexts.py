"""Row X2: what an `@context` may name and bind, without network, and what becomes of it in answers and in the log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.errors import BadInput
from services.epcis.contexts import load_contexts
from tests.application import serving
from tests.epcis.asking import BASE, CONTEXT, EX, ask, document, event, events_of, numbers, refused

PARTNER = "https://partner.example/context.jsonld"
OTHER = "https://other.example/context.jsonld"
LD = {"content-type": "application/ld+json"}
BUILT_IN = [
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    "https://gs1.github.io/EPCIS/epcis-context.jsonld",
]


async def send(client: httpx.AsyncClient, context: Any, *events: dict[str, Any]) -> httpx.Response:
    body = json.dumps({**document(events), "@context": context})
    return await client.post(f"{BASE}/capture", content=body, headers=LD)


async def meets(client: httpx.AsyncClient, namespace: str, value: str) -> list[int]:
    return await numbers(client, **{f"EQ_{namespace}#f": value})


@pytest.mark.parametrize("address", BUILT_IN)
async def test_gs1s_contexts_are_built_in(client: httpx.AsyncClient, address: str) -> None:
    """EPCIS-X2: GS1's addresses are known without network, alone or beside prefixes."""
    assert (await send(client, address, event(1))).status_code == 202
    assert (await send(client, [address, {"ex": EX}], event(2, **{"ex:f": "v"}))).status_code == 202
    assert await meets(client, EX, "v") == [2]


async def test_prefixes_and_terms_on_document_and_event(client: httpx.AsyncClient) -> None:
    """EPCIS-X2: an event's own prefixes come after its document's; a term may stand for a URI; EPCIS's own stay."""
    context = [CONTEXT, {"ex": EX, "f": {"@id": f"{EX}f"}, "bizStep": "https://evil.example/step"}]
    own = {"@context": [{"ex": "https://own.example/"}]}
    taken = await send(client, context, event(1, **{"ex:f": "v"}), event(2, **own, **{"ex:f": "v"}), event(3))
    assert taken.status_code == 202, taken.text
    assert await meets(client, EX, "v") == [1]
    assert await meets(client, "https://own.example/", "v") == [2]
    inner = await send(client, context, event(4, bizStep="shipping", **{"ex:outer": {"f": "v"}}))
    assert inner.status_code == 202, inner.text
    assert await numbers(client, **{f"EQ_INNER_{EX}#f": "v"}) == [4]
    assert await numbers(client, EQ_bizStep="shipping") == [4]


async def test_an_unknown_address_or_prefix_is_refused(client: httpx.AsyncClient) -> None:
    """EPCIS-X2: another URL and a name whose prefix is not bound are 400, with place and fix; nothing is fetched."""
    unknown = await send(client, [CONTEXT, "http://127.0.0.1:9/c.jsonld"], event(1))
    refused(unknown, 400, "ValidationException", "@context[1]")
    assert "not fetched" in unknown.json()["errors"][0]["fix"]
    unbound = await send(client, [CONTEXT], event(1, **{"ex:f": 1}))
    refused(unbound, 400, "ValidationException", "epcisBody.eventList[0].ex:f")
    assert await numbers(client) == []


def contexts(folder: Path, prefix: str = EX) -> Path:
    """A file of two contexts, one of them in a file of its own."""
    (folder / "other.jsonld").write_text(json.dumps({"@context": {"@version": 1.1, "o": "https://other.example/"}}))
    path = folder / "contexts.json"
    path.write_text(json.dumps({PARTNER: [CONTEXT, {"ex": prefix}], OTHER: "other.jsonld"}))
    return path


async def test_other_contexts_by_setting(tmp_path: Path) -> None:
    """EPCIS-X2: on document, event and single event; kept by what they bound, whatever the setting says later."""
    path = contexts(tmp_path)
    async with serving(tmp_path / "data", epcis_contexts=path) as client:
        first = await send(client, [CONTEXT, PARTNER, {"@version": 1.1}], event(1, **{"ex:f": "v"}))
        assert first.status_code == 202, first.text
        own = {"@context": OTHER, "o:f": "v"}
        assert (await send(client, [CONTEXT, {"ex": EX}], event(2, **own, **{"ex:f": "v"}))).status_code == 202
        alone = {"@context": [CONTEXT, PARTNER], **event(3, **{"ex:f": "v"})}
        assert (await client.post(f"{BASE}/events", content=json.dumps(alone), headers=LD)).status_code == 201
    async with serving(tmp_path / "data", epcis_contexts=contexts(tmp_path, "https://moved.example/")) as client:
        assert await meets(client, EX, "v") == [1, 2, 3]
        assert await meets(client, "https://other.example/", "v") == [2]
    async with serving(tmp_path / "data") as client:
        again = await client.post(f"{BASE}/events", content=json.dumps(alone), headers=LD)
        refused(again, 400, "ValidationException")
        answered = await ask(client)
        for one in events_of(answered):
            shared = answered.json()["@context"]
            assert any(isinstance(part, dict) and part.get("ex") == EX for part in [*shared, *one.get("@context", [])])
        in_xml = await client.get(f"{BASE}/events", headers={"accept": "application/xml"})
        assert f'xmlns:ex="{EX}"'.encode() in in_xml.content


async def test_a_context_by_setting_may_not_undo_a_prefix(tmp_path: Path) -> None:
    """EPCIS-X2: an address behind an own prefix that it binds too is refused, since order would decide."""
    async with serving(tmp_path / "data", epcis_contexts=contexts(tmp_path)) as client:
        late = await send(client, [CONTEXT, {"ex": "https://own.example/"}, PARTNER], event(1))
        refused(late, 400, "ValidationException", "@context[2]")
        early = await send(client, [CONTEXT, PARTNER, {"ex": "https://own.example/"}], event(1, **{"ex:f": "v"}))
        assert early.status_code == 202
        assert await meets(client, "https://own.example/", "v") == [1]


@pytest.mark.parametrize("text", ["[]", "{", '{"https://p.example/c": "missing.jsonld"}', '{"https://p.example/c": 7}'])
def test_a_wrong_file_of_contexts_is_named(tmp_path: Path, text: str) -> None:
    """EPCIS-X2: the setting's fault names the setting, and the address where one is at fault."""
    path = tmp_path / "contexts.json"
    path.write_text(text)
    with pytest.raises(BadInput) as found:
        load_contexts(path)
    assert "STEMMA_EPCIS_CONTEXTS" in found.value.errors[0].field
