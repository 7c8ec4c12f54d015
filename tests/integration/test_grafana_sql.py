"""Every panel's, variable's and annotation's SQL on real PostgreSQL, as the role that Grafana has: what it gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.grafana import DASHBOARDS, Statement, View, expanded, statements
from tests.integration.grafana_support import (
    ALWAYS,
    EXACT,
    JUNE,
    LONG_DAY,
    LOT,
    OBRIEN,
    PIECE,
    QUIET,
    SHORT_DAY,
    ZONE,
    Plant,
    days,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY = [pytest.param(one, id=str(one)) for one in statements()]
LANES = next(one for one in statements() if one.title == "Lanes")
TIME = ("timestamptz", "numeric")
"""`$__timeGroup` gives seconds, which Grafana takes for a time where the column is named so."""
FIGURE = ("int8", "float8")
SHAPES: dict[str, list[tuple[str, tuple[str, ...]]]] = {
    "timeseries": [("time", TIME), ("metric", ("text",)), ("value", FIGURE)],
    "state-timeline": [("time", ("timestamptz",)), ("lane", ("text",)), ("state", ("text",))],
    "stat": [("value", FIGURE)],
    "variable": [("__text", ("text",)), ("__value", ("text",))],
    "annotation": [("time", ("timestamptz",)), ("text", ("text",)), ("tags", ("text",))],
}
EXACT_TYPES = {"text", "timestamptz", "int2", "int4", "int8", "bool", "float8"}
"""What a table's column may have: NUMERIC would reach Grafana as a float."""
OPEN_ENDED = {"Gaps", "Known up to", "Could not be projected"}
"""Statements that are not about what happened in the range alone."""


def shape_of(statement: Statement) -> str:
    return statement.shape if statement.kind == "panel" else statement.kind


@pytest.mark.parametrize("statement", EVERY)
async def test_a_statement_has_something_to_show_in_the_columns_that_it_needs(
    statement: Statement, plant: Plant
) -> None:
    columns, rows = await plant.run(statement, ALWAYS)
    assert rows
    shape = shape_of(statement)
    if shape in SHAPES:
        wanted = SHAPES[shape]
        shown = [one for one in columns if one != ("timeend", "timestamptz")]
        assert [name for name, _ in shown] == [name for name, _ in wanted]
        for (name, kind), (_, kinds) in zip(shown, wanted, strict=True):
            assert kind in kinds, name
    elif shape == "barchart":
        assert [kind for _, kind in columns] == ["text", "int8"]
    else:
        assert {kind for _, kind in columns} <= EXACT_TYPES
    assert all(kind == "text" for name, kind in columns if name in ("quantity", "measured", "objects"))


@pytest.mark.parametrize("statement", EVERY)
async def test_rows_come_in_the_order_that_grafana_needs(statement: Statement, plant: Plant) -> None:
    columns, rows = await plant.run(statement, ALWAYS)
    names, shape = [name for name, _ in columns], shape_of(statement)
    if shape in ("timeseries", "state-timeline", "annotation"):
        times = [row[names.index("time")] for row in rows]
        assert times == sorted(times)
    elif shape == "table" and {"time", "received"} & set(names):
        newest = "recorded" if "declared" in names else "received" if "received" in names else "time"
        times = [row[names.index(newest)] for row in rows]
        assert times == sorted(times, reverse=True)
    elif shape == "variable":
        assert len({row[1] for row in rows}) == len(rows)


@pytest.mark.parametrize("statement", EVERY)
async def test_a_day_without_events_is_empty_and_no_error(statement: Statement, plant: Plant) -> None:
    _, rows = await plant.run(statement, days(QUIET))
    if statement.title in OPEN_ENDED:
        return
    if statement.shape == "stat":
        assert rows in ([(0,)], [(None,)])
    else:
        assert rows == []


@pytest.mark.parametrize("statement", EVERY)
@pytest.mark.parametrize("start", [SHORT_DAY, LONG_DAY], ids=["23 hours", "25 hours"])
async def test_the_days_of_clock_changes_are_read_in_every_interval(
    statement: Statement, start: Any, plant: Plant
) -> None:
    totals = set()
    for bucket in ("hour", "day", "week"):
        view = days(start, 1.5, zone=ZONE, values={"sensor": "Temperature", "bucket": bucket})
        columns, rows = await plant.run(statement, view)
        if "$bucket" in statement.sql and columns[2] == ("value", "int8"):
            assert len({row[:2] for row in rows}) == len(rows)
            totals.add(sum(row[2] for row in rows))
    assert len(totals) <= 1


@pytest.mark.parametrize("statement", EVERY)
async def test_one_value_several_and_all_of_each_variable_are_understood(statement: Statement, plant: Plant) -> None:
    few = days(JUNE, 3)
    for model in DASHBOARDS[statement.board]["templating"]["list"]:
        if not model.get("multi"):
            continue
        asked = next(one for one in statements() if (one.board, one.title) == (statement.board, f"${model['name']}"))
        _, told = await plant.run(asked, few)
        values = [row[1] for row in told]
        for chosen in (values[0], values[:2], values, [*values, "x'); SELECT 1 --"], None):
            view = replace(few, values={**few.values, model["name"]: chosen})
            await plant.run(statement, view)


@pytest.mark.parametrize("lane", ["place", "resource", "operator", "activity", "object"])
async def test_lanes_carry_in_what_held_at_the_beginning_and_end_now(lane: str, plant: Plant) -> None:
    view = days(JUNE + 10 * (JUNE - JUNE.replace(month=5)) / 31, 1, values={"lane": lane})
    _, rows = await plant.run(LANES, view)
    first = {name: time for time, name, _ in reversed(rows)}
    assert len(first) <= 50
    assert any(time == view.start for time in first.values())
    assert all(view.start <= time <= view.end for time, _, _ in rows)
    assert all(state for _, _, state in rows)


async def test_a_lane_ends_now_when_the_range_lies_ahead(plant: Plant) -> None:
    view = View(LONG_DAY, ALWAYS.end.replace(year=2100), values={"lane": "operator", "operator": OBRIEN})
    _, rows = await plant.run(LANES, view)
    assert [state for _, _, state in rows] == ["receiving", None]
    assert rows[0][0] < rows[1][0] < view.end


async def test_an_event_before_the_range_is_the_lanes_first_state(plant: Plant) -> None:
    start = LONG_DAY + (LONG_DAY - SHORT_DAY) / 209
    _, rows = await plant.run(LANES, View(start, start, values={"lane": "operator", "operator": OBRIEN}))
    assert rows == [(start, OBRIEN, "receiving")]


async def test_a_gap_that_begins_before_the_range_reaches_into_it(plant: Plant) -> None:
    gaps = next(one for one in statements() if one.title == "Gaps")
    _, rows = await plant.run(gaps, days(QUIET, values={"gap": "3 days"}))
    assert [text.split()[2] for _, _, text, _ in rows] == ["demo", "local"]
    assert all(time < QUIET < QUIET.replace(day=2) < end for time, end, _, _ in rows)
    _, short = await plant.run(gaps, days(LONG_DAY + timedelta(hours=1), 0.9, values={"gap": "4 hours"}))
    assert [text.split()[2] for _, _, text, _ in short] == ["demo", "first"]


@pytest.mark.parametrize("typed", [PIECE, "GRAFANA-1"])
async def test_an_object_is_found_by_its_key_or_the_number_on_its_label(typed: str, plant: Plant) -> None:
    events = next(one for one in statements() if one.title.startswith("Events, the latest"))
    columns, rows = await plant.run(events, replace(ALWAYS, values={"object": typed}))
    objects = [row[[name for name, _ in columns].index("objects")] for row in rows]
    assert objects
    assert all(PIECE in one or (LOT in one and typed != PIECE) for one in objects)


async def test_what_is_typed_is_a_text_and_no_sql(plant: Plant) -> None:
    events = next(one for one in statements() if one.title.startswith("Events, the latest"))
    for typed in ("' OR '1' = '1", "\\' OR 1=1 --", "%", "_"):
        _, rows = await plant.run(events, replace(ALWAYS, values={"object": typed}))
        assert rows == []


async def test_quantities_are_texts_and_exact(plant: Plant) -> None:
    async with plant.connected() as connection:
        (row,) = await connection.fetch("SELECT quantity, unit FROM grafana_mention WHERE object = $1", LOT)
    assert tuple(row) == (EXACT, "KGM")
    events = next(one for one in statements() if one.title.startswith("Events, the latest"))
    columns, rows = await plant.run(events, replace(ALWAYS, values={"operator": OBRIEN}))
    assert [row[[name for name, _ in columns].index("objects")] for row in rows] == [f"{LOT} = {EXACT} KGM"]


async def test_names_come_in_the_chosen_language(plant: Plant) -> None:
    places = next(one for one in statements() if one.title == "Places")
    found = {}
    for lang in ("en", "zh"):
        _, rows = await plant.run(places, replace(ALWAYS, values={"lang": lang}))
        found[lang] = rows
    assert [count for _, count in found["en"]] == [count for _, count in found["zh"]]
    assert "Assembly line" in [name for name, _ in found["en"]]
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in name) for name, _ in found["zh"][:5])


async def test_a_short_range_is_found_by_the_index_of_time(plant: Plant) -> None:
    events = next(one for one in statements() if one.title.startswith("Events, the latest"))
    sql = expanded(events.sql, days(JUNE, 0.1), DASHBOARDS["timeline"])
    async with plant.connected(plant.owner) as connection:
        # autovacuum may have looked halfway through the plant's story
        await connection.execute("ANALYZE event_record")
    async with plant.connected() as connection:
        await connection.execute("SET enable_seqscan = off")
        plan = "\n".join(row[0] for row in await connection.fetch("EXPLAIN " + sql))
    assert "event_by_time" in plan
