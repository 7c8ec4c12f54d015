"""Errors as RFC 9457 problems: what they name, and what they keep to themselves."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from schemas.errors import (
    BadIdentifier,
    BadInput,
    Busy,
    Conflict,
    Damaged,
    Fenced,
    FieldError,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    StemmaError,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from services.app import create_app
from services.settings import load_settings
from tests.application import caller, lay_tables
from tests.e2e.conftest import Server

MEMBERS = {"type", "title", "status", "detail", "instance", "request_id", "retryable", "errors"}


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem in an answer, which must be one of this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert set(found) == MEMBERS
    assert found["status"] == status
    assert found["request_id"] == answer.headers["x-request-id"]
    return found


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.chdir(tmp_path)
    lay_tables(tmp_path / "data")
    return create_app(load_settings(data=tmp_path / "data", max_body=4096))


@pytest.mark.parametrize(
    "kind",
    [
        BadInput, BadIdentifier, TooLarge, NotFound, Conflict, Unauthenticated, Forbidden, Busy, Unavailable,
        OutcomeUnknown, Fenced, Damaged,
    ],
)  # fmt: skip
async def test_each_error_of_the_tree_has_its_status_and_says_whether_to_retry(
    app: FastAPI, kind: type[StemmaError]
) -> None:
    router = APIRouter()

    @router.get("/api/broken")
    async def broken() -> None:
        raise kind("it broke", errors=[FieldError("inputs[0].id", "12", "write it whole")])

    app.include_router(router)
    async with app.router.lifespan_context(app), caller(app) as client:
        found = problem(await client.get("/api/broken"), kind.status)
        assert found["detail"] == "it broke"
        assert found["instance"] == "/api/broken"
        assert found["retryable"] is kind.retryable
        assert found["errors"] == [{"field": "inputs[0].id", "value": "12", "fix": "write it whole"}]
        assert ("retry-after" in (await client.get("/api/broken")).headers) is kind.retryable


async def test_what_nobody_foresaw_is_told_by_its_id_alone(app: FastAPI) -> None:
    router = APIRouter()

    @router.get("/api/broken")
    async def broken() -> None:
        raise RuntimeError("the password is hunter2")

    app.include_router(router)
    async with app.router.lifespan_context(app), caller(app) as client:
        answer = await client.get("/api/broken", headers={"x-request-id": "my-id.1"})
        assert problem(answer, 500)["request_id"] == "my-id.1"
        assert "hunter2" not in answer.text
        assert "Traceback" not in answer.text


async def test_unknown_paths_and_methods_are_problems_too(app: FastAPI) -> None:
    async with app.router.lifespan_context(app), caller(app) as client:
        problem(await client.get("/api/v1/nowhere"), 404)
        answer = await client.put("/api/v1/keys", json={})
        problem(answer, 405)
        assert answer.headers["allow"] == "GET, HEAD, POST"
        assert (await client.put("/epcis/v2/events", json={})).headers["allow"] == "GET, HEAD, OPTIONS, POST"
        assert (await client.patch("/epcis/v2/epcs/urn:x:a/b", json={})).headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "path", ["/health/ready", "/epcis/v2/events", "/api/v1/timeline/stream", "/", "/api/v1/nowhere"]
)
def test_head_is_answered_as_get_without_a_body(server: Server, path: str) -> None:
    with server.client(timeout=10) as client:
        answer = client.head(path)
        with client.stream("GET", path) as known:
            assert answer.status_code == known.status_code
            assert answer.headers["content-type"] == known.headers["content-type"]
        assert answer.content == b""
        assert client.get("/health/live").status_code == 200


async def test_a_field_of_a_body_is_named_with_value_and_fix(app: FastAPI) -> None:
    async with app.router.lifespan_context(app), caller(app) as client:
        body = {"name": "", "scopes": ["read", "fly"], "color": "red"}
        found = problem(await client.post("/api/v1/keys", json=body), 422)
        assert {(e["field"], e["value"]) for e in found["errors"]} == {
            ("name", ""), ("scopes[1]", "fly"), ("color", "red"),
        }  # fmt: skip
        assert all(e["fix"] for e in found["errors"])


@pytest.mark.parametrize("body", [b"{", b"", b"nonsense", b'{"name": "\xff"}', b"[" * 60])
async def test_a_body_that_is_not_json_is_refused(app: FastAPI, body: bytes) -> None:
    async with app.router.lifespan_context(app), caller(app) as client:
        answer = await client.post("/api/v1/keys", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 422)
        assert problem(answer, answer.status_code)["errors"] or answer.status_code == 400


async def test_a_body_too_large_too_deep_or_endless_is_refused(app: FastAPI) -> None:
    async def endless() -> Any:
        while True:
            yield b" " * 1024

    json_type = {"content-type": "application/json"}
    async with app.router.lifespan_context(app), caller(app) as client:
        problem(await client.post("/api/v1/keys", content=b" " * 5000, headers=json_type), 413)
        problem(await client.post("/api/v1/keys", content=endless(), headers=json_type), 413)
        problem(await client.post("/api/v1/keys", content=b"[" * 65 + b"]" * 65, headers=json_type), 413)
        brackets_in_text = json.dumps({"name": "[" * 100 + '\\"{', "scopes": ["admin"]})
        assert (await client.post("/api/v1/keys", content=brackets_in_text, headers=json_type)).status_code == 201


async def test_a_request_id_is_taken_over_only_if_it_is_harmless(app: FastAPI) -> None:
    async with app.router.lifespan_context(app), caller(app) as client:
        for given in ('x" ,"admin":"', "a" * 65, ""):
            assert (await client.get("/health/live", headers={"x-request-id": given})).headers["x-request-id"] != given


async def test_a_read_that_may_not_wait_long_enough_is_told_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from events.position import Position

    monkeypatch.chdir(tmp_path)
    app = create_app(load_settings(data=tmp_path / "data", wait_seconds=0.1))
    async with app.router.lifespan_context(app), caller(app) as client:
        far = Position((10**9,)).token()
        answer = await client.get("/epcis/v2/events", headers={"stemma-wait-for": far})
        assert problem(answer, 503)["retryable"] is True
        assert int(answer.headers["retry-after"]) >= 1
        problem(await client.get("/epcis/v2/events", headers={"stemma-wait-for": "nonsense"}), 400)


def test_every_log_line_of_a_call_carries_its_request_id(server: Server) -> None:
    with server.client() as client:
        client.get("/health/live", headers={"x-request-id": "find-me"})
        client.post("/api/v1/keys", json={}, headers={"x-request-id": "find-me-too"})
        until = time.monotonic() + 60
        while "find-me-too" not in (calls := _calls(server)) and time.monotonic() < until:
            time.sleep(0.05)  # a call is told once it is answered
    assert calls["find-me"]["status"] == 200
    assert calls["find-me-too"]["status"] == 422
    assert all("timestamp" in line and "level" in line for line in server.lines())


def _calls(server: Server) -> dict[str, dict[str, Any]]:
    """The log's lines of calls, by the id of the request."""
    return {str(line.get("request_id")): line for line in server.lines() if line.get("event") == "call"}
