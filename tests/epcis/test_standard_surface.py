"""The standard's own files as checklists: every path and method, every query parameter and family is answered."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import httpx

from tests.application import serving
from tests.epcis.asking import BASE, EX, ITEM, capture, event, numbers, places
from tests.epcis.material import SHARED, needed

pytestmark = needed
PLACE = "https://id.gs1.org/414/0614141073467"
VALUES = {
    "time": "2026-03-02T08:00:00Z", "eventType": "ObjectEvent", "action": "ADD", "bizStep": "shipping",
    "disposition": "in_transit", "errorReason": "incorrect_data", "booleanValue": "true", "hexBinaryValue": "F0",
    "orderBy": "eventTime", "orderDirection": "ASC", "type": "Temperature", "persistentDisposition": "in_transit",
}  # fmt: skip
LISTED = ("EQ_", "WD_", "MATCH_", "HASATTR_", "eventType")
SCALARS = ("EQ_booleanValue",)


@lru_cache(maxsize=2)
def told(name: str) -> Any:
    return json.loads((SHARED / "standard" / name).read_bytes())


def value_of(name: str) -> str:
    """A value that fits a parameter."""
    field = name.partition("_")[2] or name
    if "ime" in field and name[:3] in ("GE_", "LT_"):
        return VALUES["time"]
    for known, value in VALUES.items():
        if field == known or name == known or (field.startswith("persistentDisposition_") and known == field[:21]):
            return value
    if name.startswith("EXISTS_"):
        return "true"
    number = name[:3] in ("GE_", "GT_", "LT_", "LE_") or any(one in name for one in ("quantity", "Count", "EQ_value_"))
    return "3" if number else "urn:x:y:1"


def fixed_of_schema(part: Any) -> set[str]:
    """The parameters that the query schema names, at any depth."""
    if isinstance(part, list):
        return set().union(*map(fixed_of_schema, part))
    if not isinstance(part, dict):
        return set()
    own = set(part.get("properties", {}))
    return own.union(*map(fixed_of_schema, part.values()))


def families_of_schema(part: Any) -> set[str]:
    """An example of each family of the query schema: its patterns, which are escaped twice, with fields and units."""
    if isinstance(part, list):
        return set().union(*map(families_of_schema, part))
    if not isinstance(part, dict):
        return set()
    own = {example(one) for one in part.get("patternProperties", {})}
    return own.union(*map(families_of_schema, part.values()))


def example(pattern: str) -> str:
    name = pattern.strip("^$").replace("[a-z][a-zA-Z0-9]*\\\\:\\\\w+", "ex:f")
    name = name.replace("[A-Z0-9]{2,4}", "KGM" if "quantity" in name else "CEL")
    name = name.replace("\\\\w+_\\\\w+", "bizLocation_city")
    return name.replace("[a-z][a-zA-Z0-9_]+", "po" if "Transaction" in name else "owning_party")


async def asked(client: httpx.AsyncClient, names: set[str]) -> list[str]:
    """The parameters that are not answered, alone in an address and in a named query."""
    client.headers["GS1-Extensions"] = f"ex={EX}"
    bad = []
    for at, name in enumerate(sorted(names)):
        value = value_of(name)
        beside = {"orderBy": "eventTime"} if name in ("eventCountLimit", "orderDirection") else {}
        answered = await client.get(f"{BASE}/events", params={name: value, **beside})
        listed = name.startswith(LISTED) and name not in SCALARS and name not in ("EQ_quantity",)
        inside: Any = [value] if listed else json.loads(value) if value in ("true", "3") else value
        kept = await client.post(f"{BASE}/queries", json={"name": f"q{at}", "query": {name: inside, **beside}})
        if (answered.status_code, kept.status_code) != (200, 201):
            bad.append(f"{name}={value}: {answered.text[:200]} {kept.text[:200]}")
    return bad


async def test_every_parameter_of_the_openapi_is_answered(client: httpx.AsyncClient) -> None:
    """EPCIS-Q5: each parameter of `/events` in the standard's OpenAPI."""
    document = told("openapi.json")
    listed = [
        document["components"]["parameters"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        for one in document["paths"]["/events"]["get"]["parameters"]
    ]
    names = {one["name"] for one in listed if one["in"] == "query"} - {"perPage", "nextPageToken"}
    assert len(names) > 45
    assert await asked(client, names) == []


async def test_every_parameter_and_family_of_the_query_schema_is_answered(client: httpx.AsyncClient) -> None:
    """EPCIS-Q5 EPCIS-Q6 EPCIS-Q8 EPCIS-Q10 EPCIS-M3: what the schema names, and an example of each of its patterns."""
    schema = told("query-schema.json")
    fixed, families = fixed_of_schema(schema) - {"@context"}, families_of_schema(schema)
    assert {"GE_time", "EXISTS_sensorElementList", "GE_percRank"} <= fixed
    assert len(families) > 80
    assert not any(re.search(r"[\[\\*+]", one) for one in families), families
    assert await asked(client, fixed | families) == []


async def test_every_path_and_method_of_the_openapi_is_there(client: httpx.AsyncClient) -> None:
    """EPCIS-D1: each path of the standard's OpenAPI but those of one subscription, its methods in `Allow`."""
    where = {"id": PLACE}
    job = await capture(client, event(1, readPoint=where, bizLocation=where))
    await client.post(f"{BASE}/queries", json={"name": "all", "query": {}})
    values = {
        "captureID": job.headers["location"].rpartition("/")[2], "eventID": event(1)["eventID"],
        "eventType": "ObjectEvent", "epc": ITEM.format("S1"), "bizStep": "shipping", "bizLocation": PLACE,
        "readPoint": PLACE, "disposition": "in_transit", "queryName": "all",
    }  # fmt: skip
    seen = 0
    for path, methods in told("openapi.json")["paths"].items():
        if "{subscriptionID}" in path or "{token}" in path:
            continue
        address = re.sub(r"\{(\w+)\}", lambda found: quote(values[found[1]], safe=""), path)
        answered = await client.request("OPTIONS", BASE + address)
        assert answered.status_code == 204, path
        allowed = {one.strip().lower() for one in answered.headers["allow"].split(",")}
        assert set(methods) - {"parameters", "summary", "description"} <= allowed, path
        seen += 1
    assert seen == 27


async def test_polling_over_partitions_misses_nothing(tmp_path: Any) -> None:
    """EPCIS-P4 EPCIS-P3: sources that write to several partitions at once; what was seen has nothing new below it."""
    async with serving(tmp_path / "data", partitions=4) as client:
        seen: list[str] = []
        since = "2000-01-01T00:00:00Z"
        for turn in range(6):
            for source in range(8):
                client.headers["Stemma-Source"] = f"line-{source}"
                await capture(client, event(turn * 8 + source))
            url = f"{BASE}/events?perPage=3&GE_recordTime={since}"
            while url:
                answered = await client.get(url)
                for one in answered.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]:
                    if one["eventID"] not in seen:
                        assert one["recordTime"] >= since
                        seen.append(one["eventID"])
                    since = max(since, one["recordTime"])
                url = answered.links.get("next", {}).get("url", "")
        assert len(seen) == 48
        assert len(await numbers(client, perPage="1000")) == 48


async def test_the_newest_master_data_name_places_in_answers_and_older_serve_older_questions(
    client: httpx.AsyncClient,
) -> None:
    """EPCIS-M1: a place's name stands in impact answers, the newest whole, and as it was known when asked for."""
    where = {"id": PLACE}
    for number, name in ((1, "Old dock"), (2, "New dock")):
        header = places({}, {PLACE: {"cbvmda:name": name}})
        await capture(
            client, event(number, epcList=[ITEM.format("S1")], readPoint=where, bizLocation=where), epcisHeader=header
        )
    first = (await client.get(f"{BASE}/events/{event(1)['eventID']}")).json()
    known = first["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["recordTime"]
    question = {"object": ITEM.format("S1")}
    now = (await client.get("/api/v1/impact", params=question)).json()
    then = (await client.get("/api/v1/impact", params={**question, "known_at": known})).json()
    assert (now["names"][PLACE], then["names"][PLACE]) == ("New dock", "Old dock")
