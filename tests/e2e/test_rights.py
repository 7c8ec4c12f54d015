"""Every call of the OpenAPI against every role, and every activity against every role, by sessions of real accounts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI

from services.access import SIGN_IN
from services.app import create_app
from services.rights import ACTIVITIES, OF_ROLE, OF_SCOPE, RIGHTS, ROLES, SCOPES
from services.settings import load_settings
from tests.application import caller
from tests.e2e.test_security import ENDLESS, OPEN, TABLE, operations
from tests.people import Browser, account, first_account

beside_staff = pytest.mark.asyncio(loop_scope="module")
DOCS = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
ITEM, OTHER = "urn:epc:id:sgtin:0614141.107346.1", "urn:epc:id:sgtin:0614141.107346.2"
PLACE = "urn:epc:id:sgln:0614141.00777.0"
DOCUMENTS = [{"type": "desadv", "id": "urn:epcglobal:cbv:bt:0614141111114:1"}]
STEPS: dict[str, dict[str, Any]] = {
    "receive": {"objects": [ITEM], "place": PLACE, "from": "urn:epc:id:sgln:0614141.00999.0"},
    "inspect": {"objects": [ITEM], "result": "pass", "place": PLACE},
    "ship": {"objects": [ITEM], "to": "urn:epc:id:sgln:0614141.00888.0", "place": PLACE, "documents": DOCUMENTS},
    "observe": {"objects": [ITEM], "place": PLACE},
    "make": {"outputs": [OTHER], "inputs": [ITEM], "place": PLACE},
}


def table_of(heading: str) -> dict[str, list[str]]:
    """The rows of the table under a heading of docs/security.md: cells in backquotes, by the first of them."""
    part = DOCS.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [re.findall(r"`([a-z_]+)`", line) for line in part.splitlines() if line.startswith("| `")]
    return {row[0]: row[1:] for row in rows}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def staff(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[FastAPI, dict[str, Browser]]]:
    """The running application with one account of each role, signed in, and nobody else but the first."""
    app = create_app(load_settings(data=tmp_path_factory.mktemp("staff") / "data"))
    async with app.router.lifespan_context(app), caller(app) as client:
        await first_account(app)
        browsers = {}
        for role in ROLES:
            await account(app, role, role)
            browsers[role] = Browser(client)
            assert (await browsers[role].sign_in(role)).status_code == 201
        yield app, browsers


def test_the_table_of_roles_in_the_docs_is_what_roles_give() -> None:
    told = table_of("Roles")
    assert list(told) == list(ROLES)
    for role in ROLES:
        grant = OF_ROLE[role]
        words = [right for right in RIGHTS if right in grant.rights]
        if "capture" in words and grant.activities != ACTIVITIES:
            words += sorted(grant.activities)
        assert sorted(told[role]) == sorted(words), role


def test_the_table_of_scopes_in_the_docs_is_what_scopes_give() -> None:
    told = table_of("Scopes of keys")
    assert list(told) == list(SCOPES)
    for scope in SCOPES:
        assert sorted(told[scope]) == sorted(OF_SCOPE[scope].rights), scope


@beside_staff
async def test_every_call_is_answered_to_the_roles_that_have_its_right_and_refused_to_the_others(
    staff: tuple[FastAPI, dict[str, Browser]],
) -> None:
    app, browsers = staff
    assert set(operations(app)) == set(TABLE) | OPEN | SIGN_IN
    for (method, path), needed in TABLE.items():
        if (method, path) in {("DELETE", "/api/v1/session"), ("PUT", "/api/v1/me/password")}:
            continue  # of one's own; tested where sessions are
        for role in ROLES:
            grant = OF_ROLE[role]
            allowed = not needed.rights or not grant.rights.isdisjoint(needed.rights)
            allowed = allowed and (not needed.whole or grant.activities == ACTIVITIES)
            allowed = allowed and ("every answer" not in needed.exports or "export" in grant.rights)
            if allowed and (method, path) in ENDLESS:
                continue
            how: dict[str, Any] = {} if method in ("GET", "DELETE") else {"json": {}}
            answer = await browsers[role](method, re.sub(r"\{[^}]+\}", "x", path), **how)
            assert (answer.status_code != 403) is allowed, (method, path, role, answer.text)
            assert answer.status_code not in (401, 500), (method, path, role, answer.text)


@beside_staff
async def test_a_file_is_answered_only_with_the_right_to_take_it_out(
    staff: tuple[FastAPI, dict[str, Browser]],
) -> None:
    _, browsers = staff
    for (method, path), needed in TABLE.items():
        for media in needed.exports:
            for role in ROLES:
                grant = OF_ROLE[role]
                if grant.rights.isdisjoint(needed.rights):
                    continue
                how: dict[str, Any] = {"json": {"seeds": [{"object": "x"}]}} if method == "POST" else {}
                url = f"{path}?object=x" if path in ("/api/v1/impact", "/api/v1/provenance") and not how else path
                answer = await browsers[role](method, url, headers={"accept": media}, **how)
                assert (answer.status_code != 403) is ("export" in grant.rights), (path, role, answer.text)


@beside_staff
@pytest.mark.parametrize("role", ROLES)
async def test_a_role_records_its_own_activities_and_no_other(
    staff: tuple[FastAPI, dict[str, Browser]], role: str
) -> None:
    _, browsers = staff
    for name, fields in STEPS.items():
        activity = {"activity": name, **fields}
        answer = await browsers[role]("POST", "/api/v1/activities?dry=true", json=activity)
        assert (answer.status_code == 200) is (name in OF_ROLE[role].activities), (name, answer.text)  # type: ignore[index]
        if "capture" in OF_ROLE[role].rights and answer.status_code != 200:  # type: ignore[index]
            assert answer.status_code == 403
            assert answer.json()["errors"][0]["field"] == "activity"
            (listed,) = (await browsers[role]("POST", "/api/v1/activities", json=[activity])).json()
            assert listed["outcome"] == "refused"


@beside_staff
async def test_what_may_not_be_recorded_is_not_recorded_as_a_correction_either(
    staff: tuple[FastAPI, dict[str, Browser]],
) -> None:
    _, browsers = staff
    inspector, leader = browsers["inspector"], browsers["team_leader"]
    seen = await inspector("POST", "/api/v1/activities", json={"activity": "observe", **STEPS["observe"]})
    correction = {
        "activity": "correct", "event": seen.json()["eventID"], "reason": "did_not_occur",
        "instead": [{"activity": "ship", **STEPS["ship"]}],
    }  # fmt: skip
    assert (await inspector("POST", "/api/v1/activities", json=correction)).status_code == 403
    # with the right to correct, another's event too
    assert (await leader("POST", "/api/v1/activities", json=correction)).status_code == 201


@beside_staff
async def test_an_account_is_the_actor_and_the_source_of_what_it_records(
    staff: tuple[FastAPI, dict[str, Browser]],
) -> None:
    _, browsers = staff
    inspector = browsers["inspector"]
    observed = {"activity": "observe", **STEPS["observe"], "objects": [OTHER]}
    await inspector("POST", "/api/v1/activities", json=observed)
    (event,) = (await inspector("GET", f"/api/v1/timeline?object={OTHER}")).json()["events"]
    me = (await inspector("GET", "/api/v1/me")).json()
    assert event["actor"] == me["actor"]
    who = (await inspector("GET", "/api/v1/actors")).json()["actors"]
    assert {"actor": me["actor"], "kind": "account", "name": "inspector"} in who


@beside_staff
async def test_roles_add_up(staff: tuple[FastAPI, dict[str, Browser]]) -> None:
    app, browsers = staff
    await account(app, "both", "inspector", "warehouse_keeper")
    both = Browser(browsers["inspector"].client)
    await both.sign_in("both")
    me = (await both("GET", "/api/v1/me")).json()
    assert me["rights"] == ["capture", "query", "trace"]
    assert me["activities"] == sorted(OF_ROLE["inspector"].activities | OF_ROLE["warehouse_keeper"].activities)
    told = (await both("GET", "/api/v1/roles")).json()["roles"]
    assert [one["role"] for one in told] == list(ROLES)
