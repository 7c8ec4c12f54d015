"""Who is answered: every call of the OpenAPI against every scope of keys, the loopback rules, and the life of a key."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from services.access import SIGN_IN
from services.app import Needs, create_app, needs_by_operation
from services.rights import OF_SCOPE, SCOPES, Right
from services.settings import load_settings
from tests.application import caller, lay_tables
from tests.e2e.conftest import Server

OPEN = {("GET", "/health/live"), ("GET", "/health/ready")}
ENDLESS = {("GET", "/api/v1/timeline/stream")}

FILES = (
    "text/csv",
    "application/x-ndjson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)


def needs(*rights: Right, whole: bool = False, exports: tuple[str, ...] = ()) -> Needs:
    return Needs(rights, whole, exports, True)


TABLE: dict[tuple[str, str], Needs] = {
    ("POST", "/epcis/v2/capture"): needs("capture", whole=True),
    ("GET", "/epcis/v2/capture"): needs("capture", "audit", "operate"),
    ("GET", "/epcis/v2/capture/{capture_id}"): needs("capture", "audit", "operate"),
    ("GET", "/epcis/v2/events"): needs("query"),
    ("GET", "/epcis/v2/events/{event_id}"): needs("query"),
    ("POST", "/epcis/v2/events"): needs("capture", whole=True),
    ("DELETE", "/epcis/v2/nextPageToken/{token}"): needs("query"),
    ("GET", "/epcis/v2"): needs(),
    ("POST", "/epcis/v2/queries"): needs("query"),
    ("GET", "/epcis/v2/queries"): needs("query"),
    ("GET", "/epcis/v2/queries/{name}"): needs("query"),
    ("DELETE", "/epcis/v2/queries/{name}"): needs("query"),
    ("GET", "/epcis/v2/queries/{name}/events"): needs("query"),
    ("POST", "/epcis/v2/queries/{name}/subscriptions"): needs("query"),
    ("GET", "/epcis/v2/queries/{name}/subscriptions"): needs("query"),
    ("GET", "/epcis/v2/queries/{name}/subscriptions/{subscription_id}"): needs("query"),
    ("DELETE", "/epcis/v2/queries/{name}/subscriptions/{subscription_id}"): needs("query"),
    ("GET", "/api/v1/subscriptions"): needs("query"),
    ("GET", "/api/v1/subscriptions/{subscription_id}"): needs("query"),
    ("POST", "/api/v1/subscriptions/{subscription_id}/test"): needs("query"),
    ("POST", "/api/v1/subscriptions/{subscription_id}/resume"): needs("query"),
    ("POST", "/api/v1/subscriptions/{subscription_id}/rotate"): needs("query"),
    **{
        ("GET", f"/epcis/v2/{kind}{below}"): needs("query")
        for kind in ("eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions")
        for below in ("", "/{value}", "/{value}/events")
    },
    ("POST", "/api/v1/activities"): needs("capture"),
    ("GET", "/api/v1/refused"): needs("capture", "audit", "operate"),
    ("POST", "/api/v1/refused/{call_id}/resubmit"): needs("capture"),
    ("PUT", "/api/v1/names"): needs("capture", whole=True),
    ("GET", "/api/v1/names"): needs("query"),
    ("PUT", "/api/v1/own"): needs("operate"),
    ("GET", "/api/v1/own"): needs("query", "operate"),
    ("POST", "/api/v1/impact"): needs("trace", exports=FILES),
    ("GET", "/api/v1/impact"): needs("trace", exports=FILES),
    ("GET", "/api/v1/neighbours"): needs("trace"),
    ("POST", "/api/v1/questions"): needs("trace"),
    ("GET", "/api/v1/questions/{question_id}"): needs("trace"),
    ("POST", "/api/v1/provenance"): needs("trace", exports=FILES),
    ("GET", "/api/v1/provenance"): needs("trace", exports=FILES),
    ("POST", "/api/v1/path"): needs("trace"),
    ("GET", "/api/v1/object"): needs("query"),
    ("GET", "/api/v1/objects"): needs("query"),
    ("GET", "/api/v1/search"): needs("query"),
    ("GET", "/api/v1/conflicts"): needs("query"),
    ("GET", "/api/v1/raw"): needs("query"),
    ("GET", "/api/v1/timeline"): needs("query", exports=("text/csv", "application/x-ndjson")),
    ("GET", "/api/v1/timeline/stream"): needs("query"),
    ("GET", "/api/v1/event"): needs("query"),
    ("GET", "/api/v1/attention"): needs(),
    ("POST", "/api/v1/evidence"): needs("query", exports=("every answer",)),
    ("GET", "/api/v1/system"): needs("operate"),
    ("POST", "/api/v1/system/verify"): needs("operate"),
    ("POST", "/api/v1/system/rebuild"): needs("operate"),
    ("GET", "/api/v1/system/jobs/{job_id}"): needs("operate"),
    ("GET", "/api/v1/backups"): needs("operate"),
    ("POST", "/api/v1/backups"): needs("operate"),
    ("GET", "/api/v1/not-projected"): needs("query", "operate", "audit"),
    ("GET", "/api/v1/timeline/marks"): needs("query"),
    ("GET", "/metrics"): needs("query", "operate"),
    ("POST", "/api/v1/keys"): needs("keys"),
    ("GET", "/api/v1/keys"): needs("keys"),
    ("DELETE", "/api/v1/keys/{key_id}"): needs("keys"),
    ("GET", "/api/v1/accounts"): needs("accounts"),
    ("POST", "/api/v1/accounts"): needs("accounts"),
    ("PATCH", "/api/v1/accounts/{account_id}"): needs("accounts"),
    ("POST", "/api/v1/accounts/{account_id}/link"): needs("accounts"),
    ("GET", "/api/v1/access"): needs("audit", exports=("text/csv",)),
    ("GET", "/api/v1/actors"): needs("query", "audit", "accounts"),
    ("DELETE", "/api/v1/session"): needs(),
    ("GET", "/api/v1/me"): needs(),
    ("GET", "/api/v1/me/sessions"): needs(),
    ("DELETE", "/api/v1/me/sessions/{session_id}"): needs(),
    ("PUT", "/api/v1/me/password"): needs(),
    ("GET", "/api/v1/roles"): needs(),
}
"""What each call needs. A call that is not here, or here and not served, fails the test."""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.chdir(tmp_path)
    lay_tables(tmp_path / "data")
    return create_app(load_settings(data=tmp_path / "data"))


@pytest_asyncio.fixture
async def keyed(app: FastAPI) -> AsyncIterator[tuple[FastAPI, dict[str, str]]]:
    """The running application with one key per scope."""
    async with app.router.lifespan_context(app):
        store = app.state.house.keys
        keys = {"admin": (await store.add("admin", ["admin"], "test"))[1]}
        for scope in SCOPES:
            if scope != "admin":
                keys[scope] = (await store.add(scope, [scope], "test"))[1]
        yield app, keys


def operations(app: FastAPI) -> list[tuple[str, str]]:
    """Every call the OpenAPI describes."""
    paths: dict[str, dict[str, Any]] = app.openapi()["paths"]
    return sorted((method.upper(), path) for path, found in paths.items() for method in found)


async def ask(client: httpx.AsyncClient, call: tuple[str, str], key: str | None) -> httpx.Response:
    method, path = call
    headers = {"authorization": f"Bearer {key}"} if key else {}
    how: dict[str, Any] = {} if method in ("GET", "DELETE") else {"json": {}}
    return await client.request(method, re.sub(r"\{[^}]+\}", "x", path), headers=headers, **how)


def test_every_call_of_the_openapi_stands_in_the_table_with_what_it_enforces(app: FastAPI) -> None:
    served = set(operations(app)) - OPEN - SIGN_IN
    assert served == set(TABLE)
    enforced = needs_by_operation(app)
    assert {call: enforced[call] for call in served} == TABLE
    assert not any(enforced[call].known for call in OPEN | SIGN_IN)


def test_the_openapi_says_which_right_a_call_needs(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    for (method, path), needed in TABLE.items():
        rights = list(needed.rights)
        assert paths[path][method.lower()]["security"] == [{"key": rights}, {"session": rights}]
        assert f"Right: {needed.words()}." in paths[path][method.lower()]["description"]


async def test_every_call_is_refused_without_a_key_or_with_a_wrong_one(
    keyed: tuple[FastAPI, dict[str, str]],
) -> None:
    app, _ = keyed
    async with caller(app) as client:
        for call in TABLE:
            for key in (None, "stemma_wrong", "x" * 5000):
                answer = await ask(client, call, key)
                assert answer.status_code == 401, (call, answer.text)
                assert answer.headers["www-authenticate"] == "Bearer"
        for call in OPEN:
            assert (await ask(client, call, None)).status_code == 200


async def test_every_call_is_refused_to_scopes_without_its_right_and_answered_to_the_others(
    keyed: tuple[FastAPI, dict[str, str]],
) -> None:
    app, keys = keyed
    async with caller(app) as client:
        for call, needed in TABLE.items():
            for scope in SCOPES:
                grant = OF_SCOPE[scope]
                allowed = not needed.rights or not grant.rights.isdisjoint(needed.rights)
                if allowed and call in ENDLESS:
                    continue
                answer = await ask(client, call, keys[scope])
                assert (answer.status_code != 403) is allowed, (call, scope, answer.text)
                assert answer.status_code not in (401, 500), (call, scope, answer.text)


@pytest.mark.parametrize(
    ("peer", "host", "headers", "answered"),
    [
        ("127.0.0.1", "localhost", {}, True),
        ("127.9.9.9", "127.0.0.1:8000", {}, True),
        ("::1", "[::1]:8000", {}, True),
        ("::ffff:127.0.0.1", "LOCALHOST", {}, True),
        ("127.0.0.1", "localhost:8000", {"origin": "http://localhost:8000"}, True),
        ("10.0.0.7", "localhost", {}, False),
        ("fe80::1%eth0", "localhost", {}, False),
        ("", "localhost", {}, False),
        ("127.0.0.1", "stemma.example", {}, False),
        ("127.0.0.1", "localhost.evil.example", {}, False),
        ("127.0.0.1", "127.0.0.1.nip.io", {}, False),
        ("127.0.0.1", "localhost", {"x-forwarded-for": "127.0.0.1"}, False),
        ("127.0.0.1", "localhost", {"x-forwarded-host": "localhost"}, False),
        ("127.0.0.1", "localhost", {"forwarded": "for=127.0.0.1"}, False),
        ("127.0.0.1", "localhost", {"x-real-ip": "127.0.0.1"}, False),
        ("127.0.0.1", "localhost", {"via": "1.1 proxy"}, False),
        ("127.0.0.1", "localhost", {"origin": "https://evil.example"}, False),
        ("127.0.0.1", "localhost:8000", {"origin": "http://localhost:9000"}, False),
        ("127.0.0.1", "localhost", {"origin": "null"}, False),
    ],
)
async def test_without_a_key_only_this_machine_is_answered(
    app: FastAPI, peer: str, host: str, headers: dict[str, str], answered: bool
) -> None:
    async with app.router.lifespan_context(app), caller(app, peer) as client:
        for path in ("/health/live", "/api/v1/keys", "/openapi.json"):
            answer = await client.get(path, headers={"host": host, **headers})
            assert answer.status_code == (200 if answered else 403), answer.text
        posted = await client.post("/api/v1/keys", headers={"host": host, **headers}, json={})
        assert posted.status_code == (422 if answered else 403)


async def test_without_a_key_a_key_that_does_not_exist_is_not_overlooked(app: FastAPI) -> None:
    async with app.router.lifespan_context(app), caller(app) as client:
        assert (await client.get("/api/v1/keys", headers={"authorization": "Bearer x"})).status_code == 401
        assert (await client.get("/api/v1/keys", headers={"authorization": "Basic eDp5"})).status_code == 401


@pytest.mark.parametrize(
    "media", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "text/html", None]
)
async def test_what_a_web_page_can_send_unasked_is_415(app: FastAPI, media: str | None) -> None:
    async with app.router.lifespan_context(app), caller(app) as client:
        for call in (c for c in TABLE if c[0] in ("POST", "PUT")):
            path = re.sub(r"\{[^}]+\}", "x", call[1])
            headers = {"content-type": media} if media else {}
            answer = await client.request(call[0], path, content=b'{"name":"x"}', headers=headers)
            assert answer.status_code == 415, (call, answer.text)


async def test_a_compressed_body_is_415(app: FastAPI) -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    async with app.router.lifespan_context(app), caller(app) as client:
        assert (await client.post("/api/v1/impact", content=b"x", headers=headers)).status_code == 415


async def test_every_answer_but_the_docs_forbids_a_browser_to_run_it(app: FastAPI) -> None:
    async with app.router.lifespan_context(app), caller(app) as client:
        for path in ("/health/live", "/api/v1/keys", "/api/v1/nowhere", "/openapi.json", "/metrics", "/docs/start.js"):
            headers = (await client.get(path)).headers
            assert headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/docs", "/setup"])
async def test_a_page_asks_no_other_host_and_runs_no_inline_script(app: FastAPI, path: str) -> None:
    async with app.router.lifespan_context(app), caller(app) as client:
        page = await client.get(path)
        assert page.status_code == 200
        assert "http" not in page.text.replace("http-equiv", "")
        assert re.findall(r"<script(?! src)", page.text) == []
        policy = page.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "http" not in policy
        for asset in re.findall(r'(?:src|href)="([^"]+)"', page.text):
            assert (await client.get(asset)).status_code == 200


def test_a_key_is_shown_once_kept_as_a_digest_and_refused_once_revoked(server: Server) -> None:
    with server.client() as open_client:
        made = open_client.post("/api/v1/keys", json={"name": "boss", "scopes": ["admin"]}).json()
        assert open_client.get("/api/v1/keys").status_code == 401
    assert len(made["key"]) >= 43
    with server.client(made["key"]) as boss:
        other = boss.post("/api/v1/keys", json={"name": "reader", "scopes": ["read"]}).json()
        listed = boss.get("/api/v1/keys")
        assert [k["name"] for k in listed.json()["keys"]] == ["boss", "reader"]
        assert made["key"] not in listed.text
        with server.client(other["key"]) as reader:
            assert reader.get("/epcis/v2/events").status_code == 200
            assert boss.delete(f"/api/v1/keys/{other['id']}").json()["revoked"]
            assert reader.get("/epcis/v2/events").status_code == 401
        assert boss.delete("/api/v1/keys/k0").status_code == 404
    kept = b"".join(f.read_bytes() for f in server.data.iterdir() if f.is_file())
    assert made["key"].encode() not in kept
    assert hashlib.sha256(made["key"].encode()).digest() in kept
    assert made["key"] not in server.log.read_text()
    server.stop()
    server.start()
    with server.client(made["key"]) as boss, server.client(other["key"]) as reader:
        assert boss.get("/api/v1/keys").status_code == 200
        assert reader.get("/api/v1/keys").status_code == 401


async def test_the_first_key_is_an_admins_and_the_last_admin_key_stays(app: FastAPI) -> None:
    async with app.router.lifespan_context(app), caller(app) as client:
        refused = await client.post("/api/v1/keys", json={"name": "x", "scopes": ["read"]})
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["field"] == "scopes"
        made = (await client.post("/api/v1/keys", json={"name": "x", "scopes": ["admin"]})).json()
        headers = {"authorization": f"Bearer {made['key']}"}
        assert (await client.delete(f"/api/v1/keys/{made['id']}", headers=headers)).status_code == 409
        assert (await client.get("/api/v1/keys", headers=headers)).status_code == 200


def test_a_first_key_is_made_into_its_file_and_read_from_it(make_server: Callable[..., Server], tmp_path: Path) -> None:
    file = tmp_path / "first"
    server = make_server(STEMMA_FIRST_KEY_FILE=str(file))
    text = file.read_text().strip()
    assert file.stat().st_mode & 0o077 == 0
    with server.client(text) as client:
        assert client.get("/api/v1/keys").status_code == 200
    other = make_server(name="other", STEMMA_FIRST_KEY_FILE=str(file))
    with other.client(text) as client, other.client() as nobody:
        assert client.get("/api/v1/keys").status_code == 200
        assert nobody.get("/api/v1/keys").status_code == 401
    assert file.read_text().strip() == text


def test_keys_outlive_a_lost_projection(server: Server) -> None:
    with server.client() as client:
        key = client.post("/api/v1/keys", json={"name": "boss", "scopes": ["admin"]}).json()["key"]
    server.stop()
    with sqlite3.connect(server.data / "workbench.sqlite") as kept:
        assert kept.execute("select count(*) from workbench_key").fetchone() == (1,)
    server.stemma("rebuild")
    server.start()
    with server.client(key) as client:
        assert client.get("/api/v1/keys").status_code == 200
