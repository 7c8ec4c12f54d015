"""Row B2: selective queries read an index, on both databases. The statements are those that the service sends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import event as listening
from sqlalchemy import text

from projections.index.querying import FEW
from tests.application import serving
from tests.epcis.asking import ITEM, LOT, ask, capture, event, events_of, places

pytestmark = pytest.mark.asyncio(loop_scope="module")
SERVER = pytest.param("postgresql", marks=pytest.mark.servers)
SELECTIVE = {
    "EQ_eventID": (event(3)["eventID"], "event_by_id"),
    "MATCH_anyEPC": (ITEM.format("S3"), "event_mention"),
    "MATCH_epcClass": (LOT.format("L3"), "event_mention"),
    "MATCH_parentID": (ITEM.format("P3"), "event_mention"),
    "EQ_transformationID": ("urn:x:order:3", "event_term"),
    "EQ_bizTransaction_po": ("urn:x:po:3", "event_term"),
    "EQ_ILMD_https://example.org/ns/#lot": ("L3", "attribute_by_value"),
    "GE_value_CEL": ("203", "attribute_by_value"),
}
WALKS = {
    "WD_bizLocation": ("urn:x:site", "event_term"),
    "EQ_bizStep": ("shipping", "event_term"),
}


def events(n: int) -> list[dict[str, Any]]:
    """Events that each query above chooses some of."""
    report = {"type": "Temperature", "value": 200 + n, "uom": "CEL", "time": f"2026-03-02T09:{n:02}:00Z"}
    sensed = [{"sensorReport": [report]}]
    lot = [{"epcClass": LOT.format(f"L{n}"), "quantity": 1}]
    paper = [{"type": "po", "bizTransaction": f"urn:x:po:{n}"}]
    place = {"id": "urn:x:dock"}
    made = {"type": "TransformationEvent", "action": None, "epcList": None, "transformationID": f"urn:x:order:{n}"}
    inside = {"type": "AggregationEvent", "parentID": ITEM.format(f"P{n}"), "childEPCs": [ITEM.format(f"C{n}")]}
    return [
        event(4 * n, action="ADD", ilmd={"ex:lot": f"L{n}"}, bizTransactionList=paper, sensorElementList=sensed)
        | {"ex:amount": n},
        event(4 * n + 1, quantityList=lot, bizStep="shipping", bizLocation=place),
        event(4 * n + 2, **made, inputEPCList=[ITEM.format(f"S{n}")], outputEPCList=[ITEM.format(f"T{n}")]),
        event(4 * n + 3, **inside, epcList=None, bizStep="shipping", bizLocation=place),
    ]


@pytest_asyncio.fixture(params=["sqlite", SERVER], scope="module", loop_scope="module")
async def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx.AsyncClient]:
    """What is only asked, so that all tests of a database share it."""
    settings = {}
    if request.param == "postgresql":
        settings["database_url"] = await request.getfixturevalue("fresh_database")()
    async with serving(tmp_path_factory.mktemp("told") / "data", **settings) as caller:
        many = [one for n in range(30) for one in events(n)]
        await capture(caller, *many, epcisHeader=places({"urn:x:site": ["urn:x:dock"]}))
        yield caller


async def plans(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, query: dict[str, str], few: int) -> str:
    """The plans of every statement on events that the query sends."""
    monkeypatch.setattr("projections.index.querying.FEW", few)

    async def asking() -> None:
        assert events_of(await ask(client, perPage="5", **query))

    return await explained(client, asking)


async def explained(client: httpx.AsyncClient, call: Callable[[], Awaitable[None]]) -> str:
    """The plans of every statement on events that the call sends."""
    index = client._transport.app.state.house.index  # type: ignore[attr-defined]
    engine = index._database._reader
    sent: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *more: Any) -> None:
        if "FROM event_" in statement:
            sent.append((statement, parameters))

    listening.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        await call()
    finally:
        listening.remove(engine.sync_engine, "before_cursor_execute", note)
    found = []
    async with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # a table of a few pages is read whole otherwise, or sorted, whatever its indexes
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            await connection.execute(text("SET LOCAL enable_sort = off"))
        explain = "EXPLAIN " if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
        for statement, parameters in sent:
            rows = await connection.exec_driver_sql(explain + statement, parameters)
            found.append("\n".join(str(row) for row in rows))
    return "\n".join(found)


def full_scans(plan: str) -> list[str]:
    """Lines that read a whole table of events."""
    return [
        line for line in plan.splitlines()
        if ("SCAN event_" in line and "USING" not in line) or "Seq Scan on event_" in line
    ]  # fmt: skip


async def test_selective_queries_read_an_index(told: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """EPCIS-B2: each selective parameter is answered along its index, and no table of events is read whole."""
    for name, (value, index) in SELECTIVE.items():
        plan = await plans(told, monkeypatch, {name: value}, few=2000)
        assert index in plan, (name, plan)
        assert not full_scans(plan), (name, plan)


async def test_both_bounds_of_a_field_read_an_index(told: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """EPCIS-B2: of two bounds that each hold for many events and both for few, the few are found along the index, in
    any unit and also for times; no event is walked past."""
    for query in (
        {"GE_value_CEL": "210", "LT_value_CEL": "213"},
        {"GT_value_KEL": "483.15", "LE_value_CEL": "213"},
        {"GE_time": "2026-03-02T09:10:00Z", "LT_time": "2026-03-02T09:13:00Z"},
        {"GE_https://example.org/ns/#amount": "10", "LT_https://example.org/ns/#amount": "13"},
    ):
        for name, value in query.items():
            assert "event_by_record_time" in await plans(told, monkeypatch, {name: value}, few=12), name
        plan = await plans(told, monkeypatch, query, few=12)
        assert "event_by_record_time" not in plan, (query, plan)
        assert not full_scans(plan), (query, plan)


async def test_some_thousand_events_at_the_end_of_the_log_are_not_walked_to(
    told: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EPCIS-B2: up to `FEW` events of a condition are fetched by its index, above `RARE` after a look whether there are
    more, which carries none of them here; beyond that the way along time is taken."""
    monkeypatch.setattr("projections.index.querying.RARE", 5)
    last_ten = {"GE_value_CEL": "220"}
    for few, walked in ((9, True), (10, False), (2000, False)):
        plan = await plans(told, monkeypatch, last_ten, few=few)
        assert ("event_by_record_time" in plan) == walked, (few, plan)
    assert FEW >= 10_000


async def test_measurements_of_one_object_are_found_from_its_events(told: httpx.AsyncClient) -> None:
    """SC-D4: of an object's few events the measurements are read, not all of that type."""
    object_ = event(8)["epcList"][0]

    async def asking() -> None:
        answered = await told.get("/api/v1/timeline", params={"sensor": "Temperature", "object": object_})
        assert [one["value"] for one in answered.json()["measurements"]] == ["202"]

    plan = await explained(told, asking)
    assert "sensor_by_row" in plan, plan
    assert not full_scans(plan), plan


async def test_common_words_are_walked_newest_first(told: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """EPCIS-B2: what many events have is read along an index in order of time, and stops with the page."""
    for name, (value, index) in WALKS.items():
        plan = await plans(told, monkeypatch, {name: value, "orderBy": "eventTime"}, few=3)
        assert index in plan, (name, plan)
        assert not full_scans(plan), (name, plan)


async def test_pages_go_along_time(told: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """EPCIS-P3: without a selective parameter a page is read along event time or record time, without OFFSET."""
    for query, index in (({}, "event_by_record_time"), ({"orderBy": "eventTime"}, "event_by_time")):
        plan = await plans(told, monkeypatch, query, few=3)
        assert index in plan, plan
        assert not full_scans(plan), plan
        assert "OFFSET" not in plan


async def test_a_deep_page_asks_no_more_than_the_second(told: httpx.AsyncClient) -> None:
    """EPCIS-B3: every page after the first sends the same statements, none skips rows by an offset: the key that the
    token holds bounds them, so a deep page costs what an early one costs."""
    engine = told._transport.app.state.house.index._database._reader  # type: ignore[attr-defined]
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *more: Any) -> None:
        if "FROM event_" in statement:
            sent.append(statement)
            assert "OFFSET" not in statement or (statement.endswith("OFFSET ?") and parameters[-1] == 0)

    for query in ({}, {"orderBy": "eventTime"}, {"EQ_bizStep": "shipping", "orderBy": "eventTime"}):
        pages: list[list[str]] = []
        answered = await ask(told, perPage="3", **query)
        listening.listen(engine.sync_engine, "before_cursor_execute", note)
        try:
            while "link" in answered.headers:
                sent.clear()
                answered = await told.get(answered.headers["link"][1:].split(">")[0])
                pages.append(list(sent))
        finally:
            listening.remove(engine.sync_engine, "before_cursor_execute", note)
        assert len(pages) >= 19
        assert all(page == pages[0] for page in pages[1:-1]), query
