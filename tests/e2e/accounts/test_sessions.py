"""Signing in, sessions and their ends, and what a foreign page or a guesser does not get through."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.access import COOKIE
from tests.application import caller
from tests.e2e.accounts.conftest import HOUR_US, Time
from tests.people import PASSWORD, Browser, first_account, recorded, signed_in


async def test_the_cookie_is_bound_to_host_and_page_and_only_its_digest_is_kept(
    app: FastAPI, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    await first_account(app)
    browser = Browser(client)
    answer = await browser.sign_in("BOSS")
    (line,) = answer.headers.get_list("set-cookie")
    assert line.startswith("__Host-stemma=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(line.split("; "))
    assert "Domain" not in line
    assert browser.cookie is not None
    assert len(browser.cookie) >= 43
    kept = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir() if file.is_file())
    assert browser.cookie.encode() not in kept
    assert (browser.csrf or "").encode() not in kept
    assert PASSWORD.encode() not in kept
    with sqlite3.connect(tmp_path / "data" / "workbench.sqlite") as database:
        ((kept_as,),) = database.execute("select password from workbench_account").fetchall()
    assert kept_as.startswith("$argon2id$")


async def test_signing_in_again_ends_the_session_before_and_signing_out_ends_this_one(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    await first_account(app)
    browser = await signed_in(client)
    old = Browser(client, cookie=browser.cookie, csrf=browser.csrf)
    assert (await browser.sign_in("boss")).status_code == 201
    assert browser.cookie != old.cookie
    assert (await old("GET", "/api/v1/me")).status_code == 401
    other = await signed_in(client)
    kept = browser.cookie
    assert (await browser("DELETE", "/api/v1/session")).status_code == 200
    assert browser.cookie is None
    assert (await client.get("/api/v1/me", headers={"cookie": f"{COOKIE}={kept}"})).status_code == 401
    third = await signed_in(client)
    assert (await third("DELETE", "/api/v1/session?everywhere=true")).status_code == 200
    assert (await other("GET", "/api/v1/me")).status_code == 401


async def test_a_session_ends_after_eight_idle_hours_and_after_seven_days_in_all(
    app: FastAPI, client: httpx.AsyncClient, time: Time
) -> None:
    await first_account(app)
    idle, busy = await signed_in(client), await signed_in(client)
    for _ in range(2):
        time.ahead_us += 7 * HOUR_US
        assert (await busy("GET", "/api/v1/me")).status_code == 200
    assert (await idle("GET", "/api/v1/me")).status_code == 401
    while time.ahead_us < 7 * 24 * HOUR_US - 7 * HOUR_US:
        time.ahead_us += 7 * HOUR_US
        assert (await busy("GET", "/api/v1/me")).status_code == 200
    time.ahead_us = 7 * 24 * HOUR_US + 1_000_000
    assert (await busy("GET", "/api/v1/me")).status_code == 401


@pytest.mark.parametrize(
    ("method", "headers", "answered"),
    [
        ("GET", {}, True),
        ("GET", {"origin": "https://evil.example"}, False),
        ("GET", {"origin": "null"}, False),
        ("PUT", {"origin": "http://localhost", "stemma-csrf": "right"}, True),
        ("PUT", {"origin": "http://localhost"}, False),
        ("PUT", {"origin": "http://localhost", "stemma-csrf": "wrong"}, False),
        ("PUT", {"origin": "http://localhost", "stemma-csrf": ""}, False),
        ("PUT", {"stemma-csrf": "right"}, False),
        ("PUT", {"origin": "null", "stemma-csrf": "right"}, False),
        ("PUT", {"origin": "https://localhost", "stemma-csrf": "right"}, False),
        ("PUT", {"origin": "http://localhost:81", "stemma-csrf": "right"}, False),
        ("PUT", {"origin": "http://localhost.evil.example", "stemma-csrf": "right"}, False),
        ("PUT", {"origin": "https://evil.example", "stemma-csrf": "right"}, False),
        ("PUT", {"origin": "https://evil.example", "stemma-csrf": "right", "host": "evil.example"}, False),
        ("PUT", {"origin": "http://evil.example", "stemma-csrf": "right", "x-forwarded-host": "evil.example"}, False),
    ],
)
async def test_what_a_foreign_page_sends_with_the_cookie_is_refused(
    app: FastAPI, client: httpx.AsyncClient, method: str, headers: dict[str, str], answered: bool
) -> None:
    await first_account(app)
    browser = await signed_in(client)
    sent = {"cookie": f"{COOKIE}={browser.cookie}", **headers}
    if sent.get("stemma-csrf") == "right":
        sent["stemma-csrf"] = browser.csrf or ""
    how = {} if method == "GET" else {"json": {"own": ["urn:epc:id:sgln:0614141.00777.0"]}}
    answer = await client.request(method, "/api/v1/own", headers=sent, **how)
    assert answer.status_code == (200 if answered else 403), answer.text


async def test_the_token_of_one_session_is_none_for_another(app: FastAPI, client: httpx.AsyncClient) -> None:
    await first_account(app)
    one, other = await signed_in(client), await signed_in(client)
    one.csrf = other.csrf
    assert (await one("DELETE", "/api/v1/session")).status_code == 403


async def test_two_cookies_of_the_name_are_none_at_all(app: FastAPI, client: httpx.AsyncClient) -> None:
    await first_account(app)
    browser = await signed_in(client)
    both = f"{COOKIE}=planted; {COOKIE}={browser.cookie}"
    assert (await client.get("/api/v1/me", headers={"cookie": both})).status_code == 401


async def test_nobody_is_signed_in_by_a_page_elsewhere(app: FastAPI, client: httpx.AsyncClient) -> None:
    await first_account(app)
    body = {"name": "boss", "password": PASSWORD}
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        assert (await client.post("/api/v1/session", json=body, headers=headers)).status_code == 403
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = await client.post("/api/v1/session", content=b"name=boss", headers=form)
    assert answer.status_code == 415


async def test_a_stream_is_answered_to_a_session_on_an_own_page_only(app: FastAPI, client: httpx.AsyncClient) -> None:
    await first_account(app)
    browser = await signed_in(client)
    cookie = {"cookie": f"{COOKIE}={browser.cookie}"}
    for headers in ({}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "http://x"}):
        answer = await client.get("/api/v1/timeline/stream", headers=cookie | headers)
        assert answer.status_code == 403, headers


async def test_wrong_names_and_wrong_passwords_are_answered_alike_and_slowed_down(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    await first_account(app)
    wrong = await Browser(client).sign_in("boss", "not the password")
    nobody = await Browser(client).sign_in("nobody", "not the password")
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.json()["detail"] == nobody.json()["detail"]
    for _ in range(4):
        assert (await Browser(client).sign_in("boss", "not the password")).status_code == 401
    limited = await Browser(client).sign_in("boss")
    assert limited.status_code == 429
    assert int(limited.headers["retry-after"]) >= 1
    # whoever guesses from elsewhere does not keep the owner out
    async with caller(app, "10.0.0.8") as elsewhere:
        assert (await Browser(elsewhere).sign_in("boss")).status_code == 201
    failed = await recorded(app, "sign_in_failed")
    assert [actor for _, actor, _ in failed].count("unknown") == 1
    assert "nobody" not in str(failed)


async def test_tries_that_come_together_do_not_slip_past_the_limit(app: FastAPI, client: httpx.AsyncClient) -> None:
    await first_account(app)
    tries = (Browser(client).sign_in("boss", f"guess number {n}") for n in range(12))
    statuses = [answer.status_code for answer in await asyncio.gather(*tries)]
    assert statuses.count(401) == 5
    assert statuses.count(429) == 7
