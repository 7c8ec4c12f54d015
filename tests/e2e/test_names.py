"""Names and master data through HTTP: recorded, found, replaced whole, and true for the past."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

PLANT = "https://id.gs1.org/414/9506000000015"
MILL = "https://id.gs1.org/417/9506000000060"
FLOUR = "https://id.gs1.org/01/09506000000022"
MIXER = "urn:plant:resource:mixer-1"


async def named(client: httpx.AsyncClient, *entries: dict[str, Any]) -> None:
    answer = await client.put("/api/v1/names", json=list(entries))
    assert answer.status_code == 200, answer.text
    headers = {"stemma-wait-for": answer.headers["stemma-position"]}
    (await client.get("/api/v1/names", headers=headers)).raise_for_status()


async def listed(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/names", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["names"]
    return found


FLOUR_NAMED = {"id": FLOUR, "zh": "面粉", "en": "Flour", "unit": "KGM"}
MILL_NAMED = {"id": MILL, "zh": "面粉厂", "contact": "王敏 138", "address": "Mill Road 1"}


async def test_what_is_recorded_of_a_thing_comes_back(client: httpx.AsyncClient) -> None:
    mixer = {"id": MIXER, "zh": "一号搅拌机", "kind": "resource"}
    await named(client, FLOUR_NAMED, MILL_NAMED, mixer)
    found = {one["id"]: one for one in await listed(client)}
    assert {key: one["kind"] for key, one in found.items()} == {FLOUR: "product", MILL: "party", MIXER: "resource"}
    assert found[FLOUR]["unit"] == "KGM"
    assert (found[MILL]["contact"], found[MILL]["address"], found[MILL]["own"]) == ("王敏 138", "Mill Road 1", None)


async def test_names_are_found_by_any_part_and_by_kind_page_by_page(client: httpx.AsyncClient) -> None:
    await named(client, FLOUR_NAMED, MILL_NAMED, {"id": PLANT, "en": "Plant"})
    assert [one["id"] for one in await listed(client, q="面粉")] == [FLOUR, MILL]
    assert [one["id"] for one in await listed(client, q="FLOU")] == [FLOUR]
    assert [one["id"] for one in await listed(client, q="138")] == [MILL]
    assert [one["id"] for one in await listed(client, kind="place")] == [PLANT]
    first = (await client.get("/api/v1/names", params={"limit": 2})).json()
    rest = (await client.get("/api/v1/names", params={"limit": 2, "after": first["next"]})).json()
    assert [one["id"] for one in first["names"] + rest["names"]] == [FLOUR, PLANT, MILL]
    assert rest["next"] is None


async def test_a_newer_entry_replaces_the_older_whole_and_the_past_keeps_its_own(client: httpx.AsyncClient) -> None:
    await named(client, FLOUR_NAMED)
    then = (await client.get("/api/v1/timeline")).json()["basis"]["known_at"]
    await named(client, {"id": FLOUR, "en": "Wheat flour"})
    (now,) = await listed(client, q="flour")
    assert (now["en"], now["zh"], now["unit"]) == ("Wheat flour", None, None)
    assert await listed(client, q="面粉") == []
    (before,) = await listed(client, q="面粉", known_at=then)
    assert (before["en"], before["unit"]) == ("Flour", "KGM")


async def test_of_list_and_name_the_newer_says_what_is_ones_own(client: httpx.AsyncClient) -> None:
    async def own() -> list[str]:
        found: list[str] = (await client.get("/api/v1/own")).json()["own"]
        return found

    await named(client, {"id": PLANT, "en": "Plant", "own": True})
    assert await own() == [PLANT]
    answer = await client.put("/api/v1/own", json={"own": [MILL]})
    await client.get("/api/v1/own", headers={"stemma-wait-for": answer.headers["stemma-position"]})
    await named(client, {"id": MILL, "zh": "面粉厂", "own": False})
    assert await own() == [PLANT]
    answer = await client.put("/api/v1/own", json={"own": [MILL]})
    await client.get("/api/v1/names", headers={"stemma-wait-for": answer.headers["stemma-position"]})
    assert await own() == [PLANT, MILL]


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"id": FLOUR, "unit": "kilos"}, "unit"),
        ({"id": FLOUR, "kind": "thing"}, "kind"),
        ({"id": FLOUR, "own": "yes"}, "own"),
        ({"id": FLOUR, "phone": "1"}, "phone"),
        ({"id": FLOUR, "contact": "x" * 501}, "contact"),
    ],
)
async def test_a_wrong_field_is_named(client: httpx.AsyncClient, entry: dict[str, Any], field: str) -> None:
    answer = await client.put("/api/v1/names", json=entry)
    assert answer.status_code in (400, 422)
    assert answer.json()["errors"][0]["field"].endswith(field)
