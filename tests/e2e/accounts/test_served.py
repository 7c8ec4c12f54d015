"""Accounts of a service that runs: the link it prints, and streams that end with the right to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from services.access import COOKIE
from tests.e2e.conftest import NO_AUTHORITIES, Server
from tests.people import PASSWORD, Browser, link_of, links_in

NEW = "noch ein anderer Satz"


def test_serve_prints_the_link_until_someone_can_administer(server: Server) -> None:
    first = link_of(server)
    server.stop()
    server.start()
    second = link_of(server, 2)
    body = {"name": "boss", "password": PASSWORD}
    with server.client() as client:
        assert client.post("/api/v1/setup", json={"link": first, **body}).status_code == 404
        assert client.post("/api/v1/setup", json={"link": second, **body}).status_code == 201
    server.stop()
    server.start()
    lost = server.stemma("accounts", "link")
    with server.client() as client:
        again = {"link": links_in(lost.stdout)[0], "name": "boss", "password": NEW}
        assert client.post("/api/v1/setup", json=again).status_code == 201
        assert client.post("/api/v1/session", json={"name": "boss", "password": NEW}).status_code == 201
    server.stop()
    assert len(links_in(server.log.read_text())) == 2
    assert "whole" in server.stemma("verify").stdout


@pytest.mark.parametrize("end", ["log out", "change of role", "disabling", "revocation"])
async def test_a_stream_ends_within_seconds_of_the_right_to_it(server: Server, end: str) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30, verify=NO_AUTHORITIES) as client:
        boss = Browser(client, origin=server.url)
        body = {"link": link_of(server), "name": "boss", "password": PASSWORD}
        assert (await boss("POST", "/api/v1/setup", json=body)).status_code == 201
        new = {"name": "li.na", "roles": ["inspector"]}
        made = (await boss("POST", "/api/v1/accounts", json=new)).json()
        owner = Browser(client, origin=server.url)
        link = made["invitation"]["link"].partition("#")[2]
        assert (await owner("POST", "/api/v1/setup", json={"link": link, "password": PASSWORD})).status_code == 201
        key = (await boss("POST", "/api/v1/keys", json={"name": "screen", "scopes": ["read"]})).json()
        headers = {"cookie": f"{COOKIE}={owner.cookie}", "sec-fetch-site": "same-origin"}
        if end == "revocation":
            headers = {"authorization": f"Bearer {key['key']}"}
        async with client.stream("GET", "/api/v1/timeline/stream", headers=headers) as stream:
            assert stream.status_code == 200
            lines = stream.aiter_lines()
            assert (await anext(lines)).startswith("retry")
            ended = {
                "log out": lambda: owner("DELETE", "/api/v1/session"),
                "change of role": lambda: boss("PATCH", f"/api/v1/accounts/{made['id']}", json={"roles": ["auditor"]}),
                "disabling": lambda: boss("PATCH", f"/api/v1/accounts/{made['id']}", json={"disabled": True}),
                "revocation": lambda: boss("DELETE", f"/api/v1/keys/{key['id']}"),
            }
            answer = await ended[end]()
            assert answer.status_code == 200, answer.text
            async with asyncio.timeout(5):
                async for _ in lines:
                    pass
        assert (await client.get("/api/v1/timeline", headers=headers)).status_code == 401


def test_beyond_the_machine_serve_refuses_without_encryption_and_says_why(
    make_server: Callable[..., Server], tmp_path: Path
) -> None:
    with pytest.raises(AssertionError, match="STEMMA_TLS_CERT") as refused:
        make_server("--listen", "0.0.0.0:0")
    assert "STEMMA_TRUSTED_PROXIES" in str(refused.value)
    with pytest.raises(AssertionError, match="STEMMA_TLS_KEY"):
        make_server(STEMMA_TLS_CERT=str(tmp_path / "missing.pem"))


async def test_the_stream_of_a_service_that_was_open_ends_with_the_first_account(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30, verify=NO_AUTHORITIES) as client:
        async with client.stream("GET", "/api/v1/timeline/stream") as stream:
            assert stream.status_code == 200
            lines = stream.aiter_lines()
            assert (await anext(lines)).startswith("retry")
            body = {"link": link_of(server), "name": "boss", "password": PASSWORD}
            assert (await client.post("/api/v1/setup", json=body)).status_code == 201
            async with asyncio.timeout(5):
                async for _ in lines:
                    pass
        assert (await client.get("/api/v1/timeline/stream")).status_code == 401
