"""Rows N1 to N3, M2, M3 and E1 to E4: named queries, master data in queries, errors."""

from __future__ import annotations

import httpx
import pytest

from tests.epcis.asking import BASE, EX, ask, capture, event, events_of, numbers, places, refused

SCHEMA = "https://gs1.github.io/EPCIS/REST%20Bindings/query-schema.json"


async def keep(client: httpx.AsyncClient, name: str, query: object, **headers: str) -> httpx.Response:
    return await client.post(f"{BASE}/queries", json={"name": name, "query": query}, headers=headers)


async def test_a_query_is_kept_under_its_name(client: httpx.AsyncClient) -> None:
    """EPCIS-N1 EPCIS-N2: 201 with Location; read back as sent; answered as by `/events`, with its name."""
    await capture(client, event(1, bizStep="shipping"), event(2), event(3, **{"ex:f": 5}))
    query = {"@context": [SCHEMA, {"ex": EX}], "eventType": ["ObjectEvent"], "GE_ex:f": 4.5}
    made = await keep(client, "my query", query)
    assert made.status_code == 201
    assert made.headers["location"] == f"{BASE}/queries/my%20query"
    told = await client.get(made.headers["location"])
    assert told.json() == {"name": "my query", "query": query}
    answered = await client.get(made.headers["location"] + "/events")
    assert [one["eventID"] for one in events_of(answered)] == [event(3)["eventID"]]
    assert answered.json()["epcisBody"]["queryResults"]["queryName"] == "my query"
    assert (await ask(client, "/queries")).json() == [told.json()]


async def test_a_name_is_taken_once(client: httpx.AsyncClient) -> None:
    """EPCIS-N1: a name that is taken, or SimpleEventQuery, is 409."""
    assert (await keep(client, "one", {})).status_code == 201
    for name in ("one", "SimpleEventQuery"):
        refused(await keep(client, name, {"EQ_action": ["ADD"]}), 409, "ResourceAlreadyExistsException")


async def test_numbers_of_a_kept_query_lose_nothing(client: httpx.AsyncClient) -> None:
    """EPCIS-N1 EPCIS-N2: whatever its numbers, a query is kept, and what is read back asks the same once more."""
    queries = {
        "whole": '{"GE_quantity": 1' + "0" * 60 + "}",
        "long": '{"GE_quantity": 0.12345678901234567890}',
        "short": '{"GE_quantity": 12.5, "eventCountLimit": 99999999999999999999, "orderBy": "eventTime"}',
    }
    for name, query in queries.items():
        body = f'{{"name": "{name}", "query": {query}}}'
        made = await client.post(f"{BASE}/queries", content=body, headers={"content-type": "application/json"})
        assert made.status_code == 201, made.text
    kept = {one["name"]: one["query"] for one in (await ask(client, "/queries")).json()}
    assert kept["whole"] == {"GE_quantity": "1" + "0" * 60}
    assert kept["long"] == {"GE_quantity": "0.1234567890123456789"}
    assert kept["short"]["GE_quantity"] == 12.5
    for name, query in kept.items():
        assert (await keep(client, f"{name} again", query)).status_code == 201
        assert events_of(await ask(client, f"/queries/{name}/events")) == []


async def test_prefixes_stand_beside_the_query_too(client: httpx.AsyncClient) -> None:
    """EPCIS-N1 EPCIS-Q8: `@context` beside `name` and `query` binds prefixes, and is read back."""
    await capture(client, event(1, **{"ex:f": 5}), event(2))
    told = {"@context": [SCHEMA, {"ex": EX}], "name": "fives", "query": {"EQ_ex:f": ["5"]}}
    assert (await client.post(f"{BASE}/queries", json=told)).status_code == 201
    assert (await ask(client, "/queries/fives")).json() == told
    assert await numbers(client, "/queries/fives/events") == [1]
    nowhere = {**told, "name": "other", "@context": "https://nowhere.example/context"}
    refused(await client.post(f"{BASE}/queries", json=nowhere), 400, "QueryValidationException", "@context[0]")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"name": "..", "query": {}}', "QueryValidationException"),
        ('{"name": "x", "query": ' + "[" * 200 + "]" * 200 + "}", "QueryValidationException"),
        ("{", "QueryValidationException"), ("[]", "QueryValidationException"),
        ('{"name": "x"}', "QueryValidationException"),
        ('{"name": "", "query": {}}', "QueryValidationException"),
        ('{"name": "x", "query": {"EQ_bizStep": "shipping"}}', "QueryValidationException"),
        ('{"name": "x", "query": {"EQ_bizStep": [{}]}}', "QueryValidationException"),
        ('{"name": "x", "query": {"EQ_bizStep": ["sniffing"]}}', "QueryParameterException"),
        ('{"name": "x", "query": {"flavour": ["sweet"]}}', "QueryParameterException"),
        ('{"name": "x", "query": {"EQ_bizStep": []}}', "QueryParameterException"),
        ('{"name": "x", "query": {"EQ_action": ["ADD"], "EQ_action": ["ADD"]}}', "QueryValidationException"),
    ],
)  # fmt: skip
async def test_a_bad_query_is_refused(client: httpx.AsyncClient, body: str, kind: str) -> None:
    """EPCIS-N1 EPCIS-E2: the shape of a query is QueryValidation, its parameters QueryParameter."""
    head = {"content-type": "application/json"}
    refused(await client.post(f"{BASE}/queries", content=body, headers=head), 400, kind)
    xml = {"content-type": "application/xml"}
    refused(await client.post(f"{BASE}/queries", content=body, headers=xml), 415, "UnsupportedMediaTypeException")


async def test_a_named_query_takes_no_filters(client: httpx.AsyncClient) -> None:
    """EPCIS-N2: filters, or a schedule without Upgrade, are 400; an unknown name is 404."""
    await keep(client, "all", {})
    refused(await ask(client, "/queries/all/events", EQ_action="ADD"), 400, "QueryParameterException", "EQ_action")
    refused(await ask(client, "/queries/all/events", stream="true"), 400, "QueryParameterException", "stream")
    refused(await ask(client, "/queries/none"), 404, "NoSuchNameException")
    refused(await ask(client, "/queries/none/events"), 404, "NoSuchNameException")


async def test_a_query_is_deleted(client: httpx.AsyncClient) -> None:
    """EPCIS-N3: 204, then 404, and the name is free."""
    await keep(client, "gone", {})
    assert (await client.delete(f"{BASE}/queries/gone")).status_code == 204
    refused(await client.delete(f"{BASE}/queries/gone"), 404, "NoSuchNameException")
    assert (await keep(client, "gone", {"EQ_action": ["ADD"]})).status_code == 201


async def test_places_with_all_below_them(client: httpx.AsyncClient) -> None:
    """EPCIS-M2: WD_ means the place and all its descendants; circles end; EQ_ means the place alone."""
    site, hall, shelf = "urn:x:site", "urn:x:hall", "urn:x:shelf"
    below = {site: [hall], hall: [shelf], shelf: [site]}
    await capture(
        client,
        *(event(n, bizLocation={"id": one}, readPoint={"id": one}) for n, one in enumerate((*below, "urn:x:other"))),
        epcisHeader=places(below),
    )  # fmt: skip
    for field in ("bizLocation", "readPoint"):
        assert await numbers(client, **{f"WD_{field}": site}) == [0, 1, 2]
        assert await numbers(client, **{f"EQ_{field}": hall}) == [1]
        assert await numbers(client, **{f"WD_{field}": "urn:x:other"}) == [3]


async def test_attributes_of_master_data(client: httpx.AsyncClient) -> None:
    """EPCIS-M3: HASATTR_ and EQATTR_ (also EQ_ATTR_) look at the newest master data of what the event names."""
    told = {
        "urn:x:cold": {"cbvmda:city": "Basel", "urn:x:attr:zone": "9"},
        "urn:x:warm": {"urn:epcglobal:cbv:mda:city": "Bern"},
    }
    places_ = places({}, told)
    found = (event(1, bizLocation={"id": "urn:x:cold"}), event(2, bizLocation={"id": "urn:x:warm"}), event(3))
    await capture(client, *found, epcisHeader=places_)
    for name in ("cbvmda:city", "urn:epcglobal:cbv:mda#city", "city"):
        assert await numbers(client, HASATTR_bizLocation=name) == [1, 2], name
        assert await numbers(client, **{f"EQATTR_bizLocation_{name}": "Basel|Rome"}) == [1]
        assert await numbers(client, **{f"EQ_ATTR_bizLocation_{name}": "Bern"}) == [2]
    assert await numbers(client, **{"EQATTR_bizLocation_urn:x:attr:zone": "9"}) == [1]
    assert await numbers(client, HASATTR_bizLocation="height") == []
    await capture(client, event(4), epcisHeader=places({}, {"urn:x:cold": {"cbvmda:city": "Chur"}}))
    assert await numbers(client, EQATTR_bizLocation_city="Basel") == []


async def test_problems_are_problems(client: httpx.AsyncClient) -> None:
    """EPCIS-E1: type, title, status, detail, instance and errors; nothing of the inside."""
    told = (await ask(client, GE_eventTime="yesterday")).json()
    assert {"type", "title", "status", "detail", "instance", "errors"} <= set(told)
    assert told["errors"] == [{"field": "GE_eventTime", "value": "yesterday", "fix": told["errors"][0]["fix"]}]
    assert "Traceback" not in str(told)


@pytest.mark.parametrize("path", ["", "/eventTypes/ObjectEvent", "/bizSteps/shipping", "/dispositions/in_transit"])
async def test_400_and_413_everywhere(client: httpx.AsyncClient, path: str) -> None:
    """EPCIS-E3: bad parameters are 400, and too many events 413, on every list of events."""
    await capture(client, *(event(n, bizStep="shipping", disposition="in_transit") for n in range(2)))
    path += "/events"
    refused(await ask(client, path, flavour="sweet"), 400, "QueryParameterException", "flavour")
    refused(await ask(client, path, maxEventCount="1"), 413, "QueryTooLargeException")


async def test_capture_and_query_are_separate_rights(client: httpx.AsyncClient) -> None:
    """EPCIS-E4: a key that may capture may not query, and the other way round; without a key 401."""
    keys = {}
    admin = (await client.post("/api/v1/keys", json={"name": "admin", "scopes": ["admin"]})).json()["key"]
    head = {"authorization": f"Bearer {admin}"}
    for scope in ("capture", "read"):
        made = await client.post("/api/v1/keys", json={"name": scope, "scopes": [scope]}, headers=head)
        keys[scope] = {"authorization": f"Bearer {made.json()['key']}"}
    refused(await client.get(f"{BASE}/events", headers=keys["capture"]), 403, "SecurityException")
    body = {"content": b"{}", "headers": {**keys["read"], "content-type": "application/json"}}
    refused(await client.post(f"{BASE}/capture", **body), 403, "SecurityException")
    refused(await client.get(f"{BASE}/events"), 401, "SecurityException")
    assert (await client.get(f"{BASE}/events", headers=keys["read"])).status_code == 200
