"""One's own sessions: seen, told apart, and ended one by one."""

from __future__ import annotations

import httpx

from tests.people import Browser, account, first_account


async def test_one_sees_ones_sessions_and_ends_one_of_them(client: httpx.AsyncClient) -> None:
    app = client._transport.app  # type: ignore[attr-defined]
    await first_account(app)
    await account(app, "li", "inspector")
    here, there, boss = Browser(client), Browser(client), Browser(client)
    for browser, name in ((here, "li"), (there, "li"), (boss, "boss")):
        assert (await browser.sign_in(name)).status_code == 201
    listed = (await here("GET", "/api/v1/me/sessions")).json()["sessions"]
    mine = [one for one in listed if one["here"]]
    assert len(mine) == 1
    (other,) = [one for one in (await there("GET", "/api/v1/me/sessions")).json()["sessions"] if one["here"]]
    assert other["id"] in {one["id"] for one in listed}
    assert (await boss("DELETE", f"/api/v1/me/sessions/{other['id']}")).status_code == 404
    assert (await there("GET", "/api/v1/me")).status_code == 200
    assert (await here("DELETE", f"/api/v1/me/sessions/{other['id']}")).status_code == 204
    assert (await there("GET", "/api/v1/me")).status_code == 401
    assert (await here("GET", "/api/v1/me")).status_code == 200
    assert (await here("DELETE", f"/api/v1/me/sessions/{other['id']}")).status_code == 404


async def test_who_has_no_session_sees_none(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/me/sessions")).json() == {"sessions": []}
    assert (await client.delete("/api/v1/me/sessions/3f9c2a71d00e4b56")).status_code == 404
