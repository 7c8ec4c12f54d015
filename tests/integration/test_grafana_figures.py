"""What the dashboards show equals what the service's own API answers about the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.grafana import EPOCH, Statement, View, statements
from tests.integration.grafana_support import (
    ALWAYS,
    DAY,
    GATE,
    JUNE,
    LONG_DAY,
    OBRIEN,
    QUIET,
    SHORT_DAY,
    ZONE,
    Plant,
    days,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
LETTER = {"hour": "1h", "day": "1d", "week": "1w"}
LINE = "https://id.gs1.org/414/9521001000079"
OVEN = "https://id.gs1.org/8004/9521001OVEN3"
WANG_WEI = "urn:stemma:demo:operator:wang-wei"
LI_NA = "urn:stemma:demo:operator:li-na"


def named(board: str, title: str) -> Statement:
    return next(one for one in statements() if one.board == board and one.kind != "variable" and one.title == title)


def window(view: View) -> dict[str, str]:
    """The same range for the API, which includes both ends too."""
    return {"from": view.start.isoformat(), "to": view.end.isoformat()}


def walls(rows: Iterable[tuple[Any, ...]], zone: str) -> Counter[tuple[datetime, str]]:
    """Counts by what the zone's clocks show; the API joins the two hours that a clock shows twice."""
    found: Counter[tuple[datetime, str]] = Counter()
    for time, kind, count in rows:
        found[time.astimezone(ZoneInfo(zone)).replace(tzinfo=None), kind] += count
    return found


def told(buckets: list[dict[str, Any]]) -> Counter[tuple[datetime, str]]:
    """The API's intervals in the same form."""
    found: Counter[tuple[datetime, str]] = Counter()
    for one in buckets:
        for kind, count in one["types"].items():
            found[datetime.fromisoformat(one["from"]).replace(tzinfo=None), kind] = count
    return found


RANGES = {
    "everything": ALWAYS,
    "June": days(JUNE, 30),
    "a morning": days(JUNE + timedelta(hours=1, microseconds=1), 0.2),
    "23 hours": days(SHORT_DAY, 1),
    "25 hours": days(LONG_DAY, 2),
    "nothing": days(QUIET),
}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", ZONE, "America/New_York"])
@pytest.mark.parametrize("bucket", LETTER)
@pytest.mark.parametrize("name", RANGES)
async def test_events_over_time_are_the_timelines_buckets(name: str, bucket: str, zone: str, plant: Plant) -> None:
    view = replace(RANGES[name], zone=zone, values={"bucket": bucket})
    _, rows = await plant.run(named("timeline", "Events"), view)
    answer = await plant.api("/api/v1/timeline", bucket=LETTER[bucket], zone=zone, limit=1, **window(view))
    assert walls(rows, zone) == told(answer["buckets"])
    assert bool(rows) == (name != "nothing")


@pytest.mark.parametrize(
    "chosen",
    [
        {"activity": ["inspecting"]},
        {"activity": ["inspecting", "shipping", "unpacking"]},
        {"place": [LINE]},
        {"place": [LINE, GATE]},
        {"operator": [LI_NA]},
        {"operator": [LI_NA, OBRIEN]},
        {"resource": [OVEN]},
        {"place": [LINE], "activity": ["inspecting", "installing"], "operator": [WANG_WEI, LI_NA]},
        {"operator": ["urn:nobody"]},
    ],
    ids=str,
)
async def test_filters_narrow_as_the_timelines_do(chosen: dict[str, list[str]], plant: Plant) -> None:
    view = replace(ALWAYS, zone="Asia/Shanghai", values={"bucket": "day", **chosen})
    _, rows = await plant.run(named("timeline", "Events"), view)
    answer = await plant.api("/api/v1/timeline", bucket="1d", zone="Asia/Shanghai", limit=1, **window(view), **chosen)
    assert walls(rows, "Asia/Shanghai") == told(answer["buckets"])
    assert bool(rows) == (chosen != {"operator": ["urn:nobody"]})


async def test_events_by_activity_are_the_timelines_events(plant: Plant) -> None:
    view = replace(days(JUNE, 7), zone="Asia/Shanghai", values={"bucket": "day", "place": [LINE]})
    _, rows = await plant.run(named("activity", "Events by activity"), view)
    found: Counter[str] = Counter()
    for _, kind, count in rows:
        found[kind] += count
    events = await plant.events(place=LINE, **window(view))
    assert found == Counter(one["activity"] or one["type"] for one in events)


async def test_the_table_of_events_is_the_timelines_newest_page(plant: Plant) -> None:
    view = days(JUNE, 3, values={"activity": ["inspecting", "receiving"]})
    columns, rows = await plant.run(named("timeline", "Events, the latest 1,000"), view)
    names = [name for name, _ in columns]
    page = await plant.api(
        "/api/v1/timeline", activity=["inspecting", "receiving"], order="desc", limit=1000, **window(view)
    )
    assert [row[names.index("event")] for row in rows] == [one["event"] for one in page["events"]]
    place, operator = names.index("place"), names.index("operator")
    for row, one in zip(rows, page["events"], strict=True):
        assert row[names.index("time")] == datetime.fromisoformat(one["time"])
        assert row[names.index("recorded")] == datetime.fromisoformat(one["recorded"])
        assert (row[place], row[operator]) == tuple(
            page["names"].get(one[key], one[key]) for key in ("place", "operator")
        )
        assert row[names.index("result")] == one["result"]
        for thing in one["objects"]:
            assert (
                thing["object"] + (f" = {thing['quantity']}" if thing["quantity"] else "")
                in row[names.index("objects")]
            )


@pytest.mark.parametrize("lane", ["place", "operator", "resource", "activity"])
async def test_lanes_have_the_timelines_points_where_the_state_changes(lane: str, plant: Plant) -> None:
    view = days(JUNE + 4 * DAY, 1, values={"lane": lane})
    _, rows = await plant.run(named("timeline", "Lanes"), view)
    answer = await plant.api("/api/v1/timeline", lanes=lane, limit=1000, **window(view))
    assert answer["next"] is None
    failed = {one["event"] for one in answer["events"] if one["result"] == "fail"}
    for one in answer["lanes"]:
        name = answer["names"].get(one["lane"], one["lane"])
        found = [(time, state) for time, lane_, state in rows if lane_ == name]
        states = [found.pop(0)] if found[0][0] == view.start else []
        for point in one["points"]:
            state = "failed " * (point["event"] in failed) + point["activity"]
            if not states or states[-1][1] != state:
                states.append((datetime.fromisoformat(point["time"]), state))
        assert found == [one for one in states if one[0] > view.start]


def inspections(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events with a result that nobody withdrew."""
    return [one for one in events if one["result"] is not None and one["withdrawn"] is None]


@pytest.mark.parametrize("view", [ALWAYS, days(JUNE, 10), days(LONG_DAY, 2)], ids=["everything", "June", "all results"])
async def test_yield_and_failures_are_those_of_the_timelines_events(view: View, plant: Plant) -> None:
    results = Counter(one["result"] for one in inspections(await plant.events(**window(view))))
    shown = {}
    for title in ("Inspections", "Failed", "Conditional", "Yield"):
        _, ((shown[title],),) = await plant.run(named("quality", title), view)
    assert shown == {
        "Inspections": results.total(),
        "Failed": results["fail"],
        "Conditional": results["conditional"],
        "Yield": results["pass"] / results.total(),
    }
    _, rows = await plant.run(named("quality", "Inspections by result"), replace(view, values={"bucket": "week"}))
    by_result: Counter[str] = Counter()
    for _, kind, count in rows:
        by_result[kind] += count
    assert by_result == results


async def test_yield_over_time_is_each_days_own(plant: Plant) -> None:
    view = replace(days(LONG_DAY, 1.5), zone=ZONE)
    _, rows = await plant.run(named("quality", "Yield over time"), view)
    assert rows == [(LONG_DAY, "passed", 1 / 3)]


async def test_yield_by_product_and_its_failures_are_the_timelines(plant: Plant) -> None:
    view = days(JUNE, 30)
    columns, rows = await plant.run(named("quality", "Yield by product, lowest first"), view)
    scale = next(dict(zip([n for n, _ in columns], row, strict=True)) for row in rows if row[0] == "Kitchen scale")
    events = inspections(await plant.events(**window(view)))
    scales = [one for one in events if any("/01/09521001000123" in thing["object"] for thing in one["objects"])]
    assert scale["inspected"] == len(scales)
    assert scale["failed"] == sum(one["result"] == "fail" for one in scales)
    chosen = replace(view, values={"product": ["https://id.gs1.org/01/09521001000123"]})
    _, failures = await plant.run(named("quality", "Not passed, the latest 1,000"), chosen)
    assert {row[-1] for row in failures} == {one["event"] for one in scales if one["result"] != "pass"}
    _, marks = await plant.run(named("quality", "Failed inspections"), chosen)
    assert len(marks) == scale["failed"]


async def test_measured_values_are_the_timelines(plant: Plant) -> None:
    view = days(JUNE, 30)
    _, rows = await plant.run(named("activity", "Measured values"), view)
    answer = await plant.api("/api/v1/timeline", sensor="Temperature", limit=1, **window(view))
    expected = sorted((datetime.fromisoformat(one["time"]), float(one["value"])) for one in answer["measurements"])
    assert sorted((time, value) for time, _, value in rows) == expected


async def test_corrections_are_those_that_the_timeline_tells_with_its_events(plant: Plant) -> None:
    columns, rows = await plant.run(named("timeline", "Corrections, the latest 1,000"), ALWAYS)
    names = [name for name, _ in columns]
    found = {tuple(row[names.index(key)] for key in ("event", "reason", "instead", "effective")) for row in rows}
    expected = {
        (one["event"], told["reason"], ", ".join(told["instead"]) or None, told["effective"])
        for one in await plant.events(**window(ALWAYS))
        for told in one["corrected_by"]
    }
    assert found == expected
    assert ("urn:g:was-wrong", "incorrect_data", "urn:g:was-pass", True) in found


async def marks(plant: Plant, view: View, **asked: Any) -> list[dict[str, Any]]:
    answer = await plant.api("/api/v1/timeline/marks", **window(view), **asked)
    assert not answer["capped"]
    found: list[dict[str, Any]] = answer["marks"]
    return found


@pytest.mark.parametrize(
    "chosen", [{}, {"place": [GATE]}, {"activity": ["inspecting"]}, {"operator": [LI_NA]}], ids=str
)
@pytest.mark.parametrize("kind", ["correction", "conflict", "failed_inspection"])
async def test_marks_are_the_timelines(kind: str, chosen: dict[str, list[str]], plant: Plant) -> None:
    title = {"correction": "Corrections", "conflict": "Conflicts", "failed_inspection": "Failed inspections"}[kind]
    view = replace(ALWAYS, values=chosen)
    _, rows = await plant.run(named("timeline", title), view)
    expected = [one["from"] for one in await marks(plant, view, kind=kind, **chosen)]
    # the filters of SQL look at the record that stands, which the seeds have at the same time
    assert sorted(time for time, *_ in rows) == sorted(map(datetime.fromisoformat, expected))
    assert chosen or rows


@pytest.mark.parametrize(
    "chosen", [{}, {"place": [GATE]}, {"operator": [OBRIEN, LI_NA]}, {"activity": ["packing"]}], ids=str
)
@pytest.mark.parametrize(("words", "least"), [("4 hours", "4h"), ("1 day", "1d"), ("3 days", "3d")])
async def test_gaps_are_the_timelines(words: str, least: str, chosen: dict[str, list[str]], plant: Plant) -> None:
    view = replace(ALWAYS, values={"gap": words, **chosen})
    _, rows = await plant.run(named("timeline", "Gaps"), view)
    expected = await marks(plant, view, kind="gap", gap=least, **chosen)
    latest = max(end for _, end, _, _ in rows)
    found = {(text.split()[2], time, None if end == latest else end) for time, end, text, _ in rows}
    assert found == {
        (one["source"], datetime.fromisoformat(one["from"]), one["to"] and datetime.fromisoformat(one["to"]))
        for one in expected
    }


async def test_conflicts_are_the_apis(plant: Plant) -> None:
    _, rows = await plant.run(named("timeline", "Conflicts"), ALWAYS)
    answer = await plant.api("/api/v1/conflicts")
    assert [text.rpartition(": ")[2] for _, text, _ in rows] == [one["event"] for one in answer["conflicts"]]
    _, ((count,),) = await plant.run(named("health", "Conflicts"), ALWAYS)
    assert count == len(rows) == 1


async def test_refused_captures_and_what_was_set_aside_are_the_apis(plant: Plant) -> None:
    columns, rows = await plant.run(named("health", "Refused captures, the latest 1,000"), ALWAYS)
    names = [name for name, _ in columns]
    answer = await plant.api("/api/v1/refused")
    # the API's list tells conflicts that showed late too: they have a panel of their own
    refused = [one["id"] for one in answer["refused"] if not one["id"].startswith("late-")]
    assert [row[names.index("id")] for row in rows] == refused
    _, bars = await plant.run(named("health", "Refused captures"), ALWAYS)
    assert sum(count for _, _, count in bars) == len(rows)
    _, aside = await plant.run(named("health", "Could not be projected"), ALWAYS)
    ready = await plant.api("/health/ready")
    assert len(aside) == ready["not_projected"] == 1
    assert aside[0][0] == "urn:g:broken"


async def test_the_dashboards_are_known_up_to_where_the_timeline_is(plant: Plant) -> None:
    _, ((milliseconds,),) = await plant.run(named("health", "Known up to"), ALWAYS)
    basis = (await plant.api("/api/v1/timeline", limit=1))["basis"]
    known = datetime.fromisoformat(basis["known_at"])
    assert EPOCH + timedelta(milliseconds=milliseconds) == known.replace(microsecond=known.microsecond // 1000 * 1000)


async def test_captured_events_are_those_of_the_captures(plant: Plant) -> None:
    now = datetime.now(UTC)
    view = View(now - DAY, now + DAY, interval="5m")
    _, rows = await plant.run(named("activity", "Events captured"), view)
    async with plant.connected(plant.owner) as connection:
        (events,) = await connection.fetchrow("SELECT sum(events) FROM capture_job WHERE received_us > 0")
    assert sum(count for _, _, count in rows) == events
    assert all(time % 300 == 0 for time, _, _ in rows)
