"""People: the first link, accounts and their changes, and the record of who came."""

from __future__ import annotations

import asyncio

import httpx
from fastapi import FastAPI

from tests.application import caller
from tests.e2e.accounts.conftest import HOUR_US, Time
from tests.people import NOBODY, PASSWORD, Browser, account, first_account, people_of, recorded, signed_in

NEW = "noch ein anderer Satz"


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
