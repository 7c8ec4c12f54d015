"""Impact and provenance as files: complete, filtered, with what was asked and by whom, and never a formula."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import openpyxl
import pytest

from services.recall import workbook

XLSX = workbook.XLSX
PLANT = "https://id.gs1.org/414/9506000000015"
FLOUR = "(01)09506000000022(10)0012"
DOUGH = "(01)09506000000046(10)12345678901234567890"
EVIL = "=1+1"
CUSTOMER = "https://id.gs1.org/417/9506000000060"


async def made(client: httpx.AsyncClient, outputs: int = 3) -> None:
    """A lot `0012` that went into a lot of 20 digits, and that into items, one of which was shipped."""
    items = [f"(01)09506000000039(21)S{n:05}" for n in range(outputs)]
    calls: list[dict[str, Any]] = [
        {"activity": "receive", "objects": [{"id": FLOUR, "quantity": "10", "unit": "KGM"}], "from": CUSTOMER},
        {"activity": "make", "inputs": [{"id": FLOUR, "quantity": "5", "unit": "KGM"}],
         "outputs": [{"id": DOUGH, "quantity": "8", "unit": "KGM"}]},
        {"activity": "make", "inputs": [{"id": DOUGH, "quantity": "8", "unit": "KGM"}], "outputs": items},
        {"activity": "ship", "objects": items[:1], "to": CUSTOMER, "documents": [{"type": "desadv", "id": "DN-1"}]},
    ]  # fmt: skip
    for number, call in enumerate(calls):
        time = f"2026-03-02T0{number}:00:00Z"
        answer = await client.post("/api/v1/activities", json={**call, "id": str(number), "time": time, "place": PLANT})
        assert answer.status_code == 201, answer.text
    named = [{"id": CUSTOMER, "zh": "客户", "en": EVIL}, {"id": "https://id.gs1.org/01/09506000000022", "zh": "面粉"}]
    answer = await client.put("/api/v1/names", json=named)
    headers = {"stemma-wait-for": answer.headers["stemma-position"]}
    (await client.get("/api/v1/timeline", headers=headers)).raise_for_status()


async def asked(client: httpx.AsyncClient, media: str, language: str = "en", **more: Any) -> httpx.Response:
    headers = {"accept": media, "accept-language": language}
    question = {"seeds": [{"object": FLOUR}], "limit": 1, **more}
    answer = await client.post("/api/v1/impact", json=question, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(media)
    return answer


def sheets(answer: httpx.Response) -> dict[str, list[tuple[Any, ...]]]:
    """Rows by sheet; a formula would be read as one (`data_only` is off)."""
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    return {sheet.title: [tuple(cell.value for cell in row) for row in sheet.iter_rows()] for sheet in book}


async def test_a_workbook_holds_every_object_and_codes_stay_text(client: httpx.AsyncClient) -> None:
    await made(client)
    found = sheets(await asked(client, XLSX))
    assert list(found) == ["Question", "Totals", "Consignees", "Objects"]
    objects = found["Objects"]
    keys = [row[0] for row in objects[1:]]
    assert len(keys) == 5
    assert keys[0].endswith("/10/0012")
    assert keys[1].endswith("/10/12345678901234567890")
    assert objects[0][:6] == ("Object", "Name", "Kind", "Certainty", "Depth", "State")
    assert [row[4] for row in objects[1:]] == [0, 1, 2, 2, 2]
    assert next(row for row in found["Consignees"][1:] if row[0] == CUSTOMER)[1:3] == (EVIL, 1)
    totals = {(row[0], row[2]): row[3] for row in found["Totals"][1:]}
    assert totals["Kind", "Item"] == 3


async def test_the_first_sheet_says_what_was_asked_when_and_by_whom(client: httpx.AsyncClient) -> None:
    await made(client)
    answer = await asked(client, XLSX, "zh-CN", filter={"kind": ["item"]})
    found = sheets(answer)
    cover = dict(found["问题"])
    assert cover["起点"] == f"object: {FLOUR}"
    assert cover["筛选"] == "kind: item"
    assert cover["截至已知时间"] == answer.headers["stemma-known-at"]
    assert cover["导出人"] == "local"
    assert (cover["受影响对象数"], cover["所列对象数"]) == ("5", "3")
    assert {"日志位置", "导出时间"} <= set(cover)
    assert len(found["对象"]) == 1 + 3
    assert {row[2] for row in found["对象"][1:]} == {"单件"}


async def test_csv_obeys_the_filter_and_holds_what_the_totals_count(client: httpx.AsyncClient) -> None:
    await made(client)
    answer = await asked(client, "text/csv", filter={"consignee": [CUSTOMER]})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["object"][-7:] for row in rows] == ["/S00000"]


@pytest.mark.parametrize("media", [XLSX, "text/csv"])
async def test_a_file_is_recorded_as_an_export(client: httpx.AsyncClient, media: str) -> None:
    await made(client)
    await asked(client, media)
    record = (await client.get("/api/v1/access", params={"kind": "export"})).json()["access"][0]
    assert (record["about"]["media"], record["about"]["call"]) == (media, "POST /api/v1/impact")
    assert FLOUR in record["about"]["question"]


async def test_more_objects_than_a_sheet_has_rows_go_on_in_the_next(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(client, outputs=12)
    monkeypatch.setattr(workbook, "MOST_ROWS", 6)
    found = sheets(await asked(client, XLSX))
    assert [name for name in found if name.startswith("Objects")] == ["Objects", "Objects 2", "Objects 3"]
    keys = [row[0] for name, rows in found.items() if name.startswith("Objects") for row in rows[1:]]
    assert len(set(keys)) == len(keys) == 14


async def test_an_error_is_an_error_and_no_broken_file(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/impact", params={"object": "(01)09506000000023"}, headers={"accept": XLSX})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
