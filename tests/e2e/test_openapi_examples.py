"""Every example of the OpenAPI works on the demo plant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.e2e.conftest import Server

ENDLESS = {"/api/v1/timeline/stream"}
NOT_THERE = {
    ("DELETE", "/api/v1/keys/{key_id}"),
    ("POST", "/api/v1/accounts"),
    ("PATCH", "/api/v1/accounts/{account_id}"),
    ("POST", "/api/v1/accounts/{account_id}/link"),
    ("POST", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("POST", "/api/v1/setup"),
    ("POST", "/api/v1/setup/look"),
    ("PUT", "/api/v1/me/password"),
    ("DELETE", "/api/v1/me/sessions/{session_id}"),
}
"""Calls about what each user makes for himself: an example cannot name it."""
NEEDS_A_MADE_ID = {
    ("POST", "/epcis/v2/queries/{name}/subscriptions"),
    ("GET", "/epcis/v2/queries/{name}/subscriptions"),
    ("GET", "/epcis/v2/queries/{name}/subscriptions/{subscription_id}"),
    ("DELETE", "/epcis/v2/queries/{name}/subscriptions/{subscription_id}"),
    ("GET", "/api/v1/subscriptions/{subscription_id}"),
    ("POST", "/api/v1/subscriptions/{subscription_id}/test"),
    ("POST", "/api/v1/subscriptions/{subscription_id}/resume"),
    ("POST", "/api/v1/subscriptions/{subscription_id}/rotate"),
    ("GET", "/api/v1/questions/{question_id}"),
    ("GET", "/api/v1/system/jobs/{job_id}"),
    ("GET", "/epcis/v2/capture/{capture_id}"),
    ("DELETE", "/epcis/v2/nextPageToken/{token}"),
    ("POST", "/api/v1/refused/{call_id}/resubmit"),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("demo") / "data", arguments=("--demo",), forked=True).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def openapi(demo: Server) -> dict[str, Any]:
    with demo.client() as client:
        found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def examples_of(thing: dict[str, Any]) -> list[Any]:
    """The examples of a parameter or media type, its schema's included."""
    if "example" in thing:
        return [thing["example"]]
    if "examples" in thing:
        found = thing["examples"]
        return [one["value"] for one in found.values()] if isinstance(found, dict) else list(found)
    schema = thing.get("schema", {})
    return list(schema.get("examples", [])) or ([schema["example"]] if "example" in schema else [])


def calls(openapi: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(method, template, url, request) of every example."""
    for template, operations in openapi["paths"].items():
        for method, operation in operations.items():
            url, query = template, []
            for parameter in operation.get("parameters", []):
                found = examples_of(parameter)
                if parameter["in"] == "path":
                    named = str(found[0]) if found else "NO-EXAMPLE"
                    url = url.replace("{" + parameter["name"] + "}", quote(named, safe=":"))
                elif parameter["in"] == "query" and found:
                    values = found[0] if isinstance(found[0], list) else [found[0]]
                    query += [(parameter["name"], value) for value in values]
            content = operation.get("requestBody", {}).get("content", {})
            if not content:
                yield method.upper(), template, url, {"params": query}
            for media, body in content.items():
                found = examples_of(body)
                assert found or template.endswith("/resubmit"), f"{method} {template}: {media} has no example"
                for one in found:
                    how: dict[str, Any] = {"content": one} if isinstance(one, str) else {"json": one}
                    yield method.upper(), template, url, {**how, "params": [], "headers": {"content-type": media}}


def test_every_reference_of_the_openapi_leads_somewhere(openapi: dict[str, Any]) -> None:
    def references(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for below in part.values():
                yield from references(below)
        elif isinstance(part, list):
            for below in part:
                yield from references(below)

    known = {f"#/components/schemas/{name}" for name in openapi["components"]["schemas"]}
    assert set(references(openapi)) <= known


def test_every_example_is_answered_well(demo: Server, openapi: dict[str, Any]) -> None:
    failures = []
    with demo.client() as client:
        for method, template, url, how in calls(openapi):
            if template in ENDLESS or (method, template) in NOT_THERE | NEEDS_A_MADE_ID:
                continue
            if template == "/api/v1/keys" and method == "POST":
                continue  # from then on every other call would need the key
            answer = client.request(method, url, **how)
            if answer.status_code >= 400:
                failures.append(f"{method} {url} {how.get('params')}: {answer.status_code} {answer.text[:300]}")
    assert not failures, "\n".join(failures)


def test_the_recall_examples_find_something(demo: Server, openapi: dict[str, Any]) -> None:
    with demo.client() as client:
        for method, template, url, how in calls(openapi):
            if template in ("/api/v1/impact", "/api/v1/provenance") and method == "POST":
                found = client.request(method, url, **how).json()
                assert [seed["finding"] for seed in found["seeds"]] == ["found"] * len(found["seeds"]), how
                assert found["totals"]["objects"] > 1, how


def test_the_example_of_a_key_makes_one(demo: Server, openapi: dict[str, Any]) -> None:
    example = openapi["paths"]["/api/v1/keys"]["post"]["requestBody"]["content"]["application/json"]["example"]
    with demo.client() as client:
        assert client.post("/api/v1/keys", json=example).status_code == 201
        with pytest.raises(httpx.HTTPStatusError):
            client.get("/api/v1/keys").raise_for_status()
