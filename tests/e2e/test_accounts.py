"""People: the first link, signing in, sessions and their ends, and everything that may not get through."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from services.access import COOKIE
from services.app import create_app
from services.clock import system_clock
from services.settings import load_settings
from tests.application import lay_index
from tests.e2e.conftest import Server
from tests.people import NOBODY, PASSWORD, Browser, account, first_account, people_of

HOUR_US = 3_600_000_000
NEW = "noch ein anderer Satz"


class Time:
    """A clock that tests set forward."""

    def __init__(self) -> None:
        self.ahead_us = 0

    def __call__(self) -> int:
        return system_clock() + self.ahead_us


@pytest.fixture
def time() -> Time:
    return Time()


@pytest_asyncio.fixture
async def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: Time) -> AsyncIterator[FastAPI]:
    monkeypatch.chdir(tmp_path)
    lay_index(tmp_path / "data")
    app = create_app(load_settings(data=tmp_path / "data"), time)
    async with app.router.lifespan_context(app):
        yield app


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(app) as client:
        yield client


def caller(app: FastAPI, peer: str = "127.0.0.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(peer, 5))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=30)


async def signed_in(client: httpx.AsyncClient, name: str = "boss") -> Browser:
    browser = Browser(client)
    answer = await browser.sign_in(name)
    assert answer.status_code == 201, answer.text
    return browser


async def recorded(app: FastAPI, *kinds: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Records of `access` as (kind, actor, body), oldest first."""
    from services.accounts.seen import Sought

    found = await people_of(app).seen.page(Sought(descending=False), 1000)
    every = [(one.access.kind, one.access.actor, dict(one.access.body)) for one in found]
    return [one for one in every if not kinds or one[0] in kinds]


async def test_the_first_link_makes_an_administrator_once_and_closes_the_service(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    text = await people_of(app).links.make("administrator", None, "serve")
    assert (await client.get("/api/v1/session")).json()["open"] is True
    assert (await client.get("/api/v1/timeline")).status_code == 200
    looked = await client.post("/api/v1/setup/look", json={"link": text})
    assert (looked.json()["purpose"], looked.json()["name"]) == ("administrator", None)
    browser = Browser(client)
    made = await browser("POST", "/api/v1/setup", json={"link": text, "name": "王敏", "password": PASSWORD})
    assert made.status_code == 201, made.text
    assert made.json()["me"]["roles"] == ["administrator", "quality_manager"]
    assert (await browser("GET", "/api/v1/timeline")).status_code == 200
    for path in ("/api/v1/timeline", "/api/v1/me", "/metrics", "/epcis/v2/events"):
        assert (await client.get(path)).status_code == 401
    again = await client.post("/api/v1/setup", json={"link": text, "name": "other", "password": PASSWORD})
    assert again.status_code == 404
    assert (await client.get("/api/v1/session")).json() == {
        "signed_in": False, "open": False, "has_accounts": True, "me": None, "csrf": None, "ends": None,
    }  # fmt: skip


async def test_a_link_is_good_for_a_day_and_ends_when_another_is_made(
    app: FastAPI, client: httpx.AsyncClient, time: Time
) -> None:
    links = people_of(app).links
    first = await links.make("administrator", None, "serve")
    second = await links.make("administrator", None, "terminal")
    assert (await client.post("/api/v1/setup/look", json={"link": first})).status_code == 404
    time.ahead_us = 24 * HOUR_US - 60_000_000
    assert (await client.post("/api/v1/setup/look", json={"link": second})).status_code == 200
    time.ahead_us = 24 * HOUR_US + 1
    assert (await client.post("/api/v1/setup/look", json={"link": second})).status_code == 404
    body = {"link": second, "name": "boss", "password": PASSWORD}
    assert (await client.post("/api/v1/setup", json=body)).status_code == 404
    assert (await client.get("/api/v1/session")).json()["open"] is True


async def test_of_two_that_use_a_link_at_once_one_is_refused(app: FastAPI, client: httpx.AsyncClient) -> None:
    text = await people_of(app).links.make("administrator", None, "serve")
    bodies = [{"link": text, "name": f"boss{n}", "password": PASSWORD} for n in range(2)]
    answers = await asyncio.gather(*(client.post("/api/v1/setup", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 404]
    assert len(await people_of(app).accounts.all()) == 1


async def test_a_bad_password_does_not_use_the_link_up(app: FastAPI, client: httpx.AsyncClient) -> None:
    text = await people_of(app).links.make("administrator", None, "serve")
    for password in ("short", "aaaaaaaaaaaa", "wang.min1"):
        body = {"link": text, "name": "wang.min", "password": password}
        refused = await client.post("/api/v1/setup", json=body)
        assert refused.status_code == 400, password
        assert refused.json()["errors"][0]["field"] == "password"
        assert password not in refused.text
    body = {"link": text, "name": "wang.min", "password": PASSWORD}
    assert (await client.post("/api/v1/setup", json=body)).status_code == 201


async def test_from_another_machine_the_link_works_before_there_is_anything_else(app: FastAPI) -> None:
    text = await people_of(app).links.make("administrator", None, "serve")
    async with caller(app, "10.0.0.7") as far:
        assert (await far.get("/api/v1/timeline")).status_code == 403
        assert (await far.get("/api/v1/session")).json()["me"] is None
        browser = Browser(far)
        made = await browser("POST", "/api/v1/setup", json={"link": text, "name": "boss", "password": PASSWORD})
        assert made.status_code == 201
        assert (await browser("GET", "/api/v1/timeline")).status_code == 200


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
    assert kept_as.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


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


async def test_an_account_is_made_with_a_link_for_its_owner_and_nobody_else_sets_its_password(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    await first_account(app)
    boss = await signed_in(client)
    made = (
        await boss("POST", "/api/v1/accounts", json={"name": "li.na", "shown": "李娜", "roles": ["inspector"]})
    ).json()
    assert made["has_password"] is False
    assert (await Browser(client).sign_in("li.na")).status_code == 401
    text = made["invitation"]["link"].removeprefix("/setup#")
    looked = (await client.post("/api/v1/setup/look", json={"link": text})).json()
    assert (looked["purpose"], looked["name"], looked["shown"]) == ("password", "li.na", "李娜")
    owner = Browser(client)
    # the name that the call gives counts for nothing here
    body = {"link": text, "name": "boss", "password": PASSWORD}
    assert (await owner("POST", "/api/v1/setup", json=body)).json()["me"]["name"] == "li.na"
    assert (await owner("GET", "/api/v1/me")).json()["rights"] == ["capture", "query", "trace"]
    twice = await boss("POST", "/api/v1/accounts", json={"name": "LI.NA", "roles": ["auditor"]})
    assert twice.status_code == 409
    listed = await boss("GET", "/api/v1/accounts")
    assert [one["name"] for one in listed.json()["accounts"]] == ["boss", "li.na"]
    assert "argon2" not in listed.text


async def test_other_roles_and_disabling_end_the_sessions_of_an_account_at_once(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    await first_account(app)
    li_na = await account(app, "li.na", "inspector")
    boss, owner = await signed_in(client), await signed_in(client, "li.na")
    assert (await boss("PATCH", f"/api/v1/accounts/{li_na}", json={"shown": "李娜"})).json()["shown"] == "李娜"
    assert (await owner("GET", "/api/v1/me")).status_code == 200
    assert (await boss("PATCH", f"/api/v1/accounts/{li_na}", json={"roles": ["auditor"]})).status_code == 200
    assert (await owner("GET", "/api/v1/me")).status_code == 401
    await owner.sign_in("li.na")
    assert (await owner("GET", "/api/v1/me")).json()["roles"] == ["auditor"]
    assert (await boss("PATCH", f"/api/v1/accounts/{li_na}", json={"disabled": True})).json()["disabled"]
    assert (await owner("GET", "/api/v1/me")).status_code == 401
    assert (await owner.sign_in("li.na")).status_code == 401
    assert (await boss("POST", f"/api/v1/accounts/{li_na}/link")).status_code == 409
    assert (await boss("PATCH", f"/api/v1/accounts/{li_na}", json={"disabled": False})).json()["disabled"] is None
    assert (await owner.sign_in("li.na")).status_code == 201


async def test_the_last_administrator_stays_one(app: FastAPI, client: httpx.AsyncClient) -> None:
    boss_id = await first_account(app)
    boss = await signed_in(client)
    for change in ({"roles": ["quality_manager"]}, {"disabled": True}):
        assert (await boss("PATCH", f"/api/v1/accounts/{boss_id}", json=change)).status_code == 409
    # one that has not set a password yet cannot stand in
    await people_of(app).add("second", "", ["administrator"], NOBODY)
    assert (await boss("PATCH", f"/api/v1/accounts/{boss_id}", json={"disabled": True})).status_code == 409
    await account(app, "third", "administrator")
    assert (await boss("PATCH", f"/api/v1/accounts/{boss_id}", json={"disabled": True})).status_code == 200


async def test_the_link_of_the_terminal_puts_a_lost_administrator_right(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    await first_account(app)
    second = await account(app, "second", "administrator")
    boss, other = await signed_in(client), await signed_in(client, "second")
    boss_id = (await boss("GET", "/api/v1/me")).json()["actor"].removeprefix("account:")
    assert (await other("PATCH", f"/api/v1/accounts/{boss_id}", json={"disabled": True})).status_code == 200
    text = await people_of(app).links.make("administrator", None, "terminal")
    mended = await boss("POST", "/api/v1/setup", json={"link": text, "name": "boss", "password": NEW})
    assert mended.status_code == 201, mended.text
    assert "accounts" in mended.json()["me"]["rights"]
    assert (await Browser(client).sign_in("boss")).status_code == 401
    assert (await Browser(client).sign_in("boss", NEW)).status_code == 201
    assert {one.id for one in await people_of(app).accounts.all()} == {boss_id, second}


async def test_one_changes_ones_own_password_knowing_the_old_one(app: FastAPI, client: httpx.AsyncClient) -> None:
    await first_account(app)
    browser, elsewhere = await signed_in(client), await signed_in(client)
    wrong = await browser("PUT", "/api/v1/me/password", json={"old": "not the password", "new": NEW})
    assert wrong.status_code == 400
    assert (await browser("PUT", "/api/v1/me/password", json={"old": PASSWORD, "new": NEW})).status_code == 200
    assert (await browser("GET", "/api/v1/me")).status_code == 200
    assert (await elsewhere("GET", "/api/v1/me")).status_code == 401
    assert (await Browser(client).sign_in("boss")).status_code == 401
    assert (await Browser(client).sign_in("boss", NEW)).status_code == 201


async def test_an_account_may_make_the_first_key_with_any_scope(app: FastAPI, client: httpx.AsyncClient) -> None:
    await first_account(app)
    boss = await signed_in(client)
    made = await boss("POST", "/api/v1/keys", json={"name": "scanner", "scopes": ["capture"]})
    assert made.status_code == 201, made.text
    key = {"authorization": f"Bearer {made.json()['key']}"}
    assert (await client.get("/api/v1/me", headers=key)).json()["rights"] == ["capture"]
    # a page elsewhere cannot set the header, so a call by key needs neither Origin nor token
    sent = {"id": "urn:epc:id:sgln:0614141.00777.0", "zh": "车间"}
    assert (await client.put("/api/v1/names", json=sent, headers=key)).status_code == 200


async def test_nobody_at_the_machine_makes_an_account_past_the_link(app: FastAPI, client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/accounts", json={"name": "x", "roles": ["administrator"]})
    assert answer.status_code == 409
    assert (await client.get("/api/v1/session")).json()["open"] is True


async def test_who_came_and_what_was_changed_is_recorded_without_a_secret(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    boss_id = await first_account(app)
    boss = await signed_in(client)
    await Browser(client).sign_in("boss", "not the password")
    made = (await boss("POST", "/api/v1/accounts", json={"name": "li.na", "roles": ["inspector"]})).json()
    await boss("PATCH", f"/api/v1/accounts/{made['id']}", json={"roles": ["auditor"]})
    key = (await boss("POST", "/api/v1/keys", json={"name": "scanner", "scopes": ["read"]})).json()
    await boss("DELETE", f"/api/v1/keys/{key['id']}")
    exported = await boss("GET", "/api/v1/timeline?order=desc", headers={"accept": "text/csv"})
    assert exported.status_code == 200
    await boss("DELETE", "/api/v1/session")
    actor = f"account:{boss_id}"
    found = await recorded(app)
    assert [(kind, by) for kind, by, _ in found] == [
        ("settings", "system"), ("account_made", actor), ("sign_in", actor), ("sign_in", actor),
        ("sign_in_failed", actor), ("account_made", actor), ("account_changed", actor), ("key_made", actor),
        ("key_revoked", actor), ("export", actor), ("sign_out", actor),
    ]  # fmt: skip
    assert found[6][2] == {"account": made["id"], "roles": ["auditor"]}
    assert found[9][2]["call"] == "GET /api/v1/timeline"
    for secret in (PASSWORD, "not the password", boss.csrf, key["key"], made["invitation"]["link"]):
        assert secret is None or secret not in str(found)


async def test_the_record_is_asked_for_by_time_kind_and_person_and_taken_as_csv(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    await first_account(app)
    auditor_id = await account(app, "=cmd|calc", "auditor")
    auditor = await signed_in(client, "=cmd|calc")
    page = (await auditor("GET", "/api/v1/access?limit=2")).json()
    rest = (await auditor("GET", f"/api/v1/access?limit=1000&after={page['next']}")).json()
    offsets = [one["offset"] for one in [*page["access"], *rest["access"]]]
    assert offsets == sorted(offsets, reverse=True)
    assert offsets[-1] == 0
    assert rest["next"] is None
    mine = (await auditor("GET", f"/api/v1/access?actor=account:{auditor_id}&order=asc")).json()["access"]
    assert [one["kind"] for one in mine] == ["account_made", "password_set", "sign_in", "sign_in"]
    assert mine[0]["subject_name"] == "=cmd|calc"
    none = (await auditor("GET", "/api/v1/access?to=2001-01-01T00:00:00Z")).json()["access"]
    assert none == []
    table = (await auditor("GET", "/api/v1/access?kind=sign_in", headers={"accept": "text/csv"})).text
    assert table.startswith("\ufefftime,kind,actor,")
    assert ",=cmd" not in table
    assert "'=cmd" in table
    assert (await recorded(app, "export"))[0][1] == f"account:{auditor_id}"


def links_in(text: str) -> list[str]:
    return re.findall(r"/setup#([\w-]{43})\s", text)


def link_of(server: Server, number: int = 1) -> str:
    """The so-and-so-many-th link that a server printed; it does so just after it begins to answer."""
    deadline = monotonic() + 20
    while monotonic() < deadline:
        if len(found := links_in(server.log.read_text())) >= number:
            return found[number - 1]
        sleep(0.05)
    raise AssertionError(f"no link was printed:\n{server.tail()}")


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
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as client:
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
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as client:
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
