"""What stands out on a timeline, on SQLite and, with servers, on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest

from projections.index.marks import Gap, Tally
from projections.index.refused import TAKEN, RefusedCall
from projections.index.store import ALWAYS, EventIndex
from projections.index.timeline import TimelineQuery
from schemas.times import Instant
from tests.integration.event_index_support import FLOUR, PLANT, commit_of, declared, feed, told
from tests.integration.test_event_index import captured, index

__all__ = ["index"]
ALL = TimelineQuery(ALWAYS)
HOUR = 3_600_000_000


def at(us: int, **more: Any) -> dict[str, Any]:
    return {"event_time": Instant(us), **more}


async def marked(index: EventIndex, kind: Any, query: TimelineQuery = ALL) -> list[str]:
    total, found = await index.marked(kind, query, 100)
    assert total == len(found)
    return [one.facts.event_id for one in found]


async def test_corrections_conflicts_and_failed_inspections_are_marked(index: EventIndex) -> None:
    await captured(
        index,
        told("good", 1, facts=at(10, result="pass")),
        told("bad", 2, facts=at(20, result="fail")),
        told("mistaken", 3, facts=at(30, result="fail")),
        declared("mistaken", 8),
        told("twice", 5, "a"),
        told("twice", 6, "b"),
    )
    assert await marked(index, "failed_inspection") == ["bad"]
    assert await marked(index, "correction") == ["mistaken"]
    assert await marked(index, "conflict") == ["twice"]


async def test_an_inspection_is_marked_until_its_correction_was_known(index: EventIndex) -> None:
    await captured(index, told("mistaken", 3, facts=at(30, result="fail")), declared("mistaken", 8))
    assert await marked(index, "failed_inspection", TimelineQuery(7)) == ["mistaken"]
    assert await marked(index, "correction", TimelineQuery(7)) == []
    assert await marked(index, "failed_inspection", TimelineQuery(8)) == []


async def test_marks_obey_the_filters_and_the_window(index: EventIndex) -> None:
    await captured(
        index,
        told("here", 1, facts=at(10, result="fail")),
        told("there", 2, facts=at(20, result="fail", read_point="urn:place:2")),
    )
    assert await marked(index, "failed_inspection", TimelineQuery(ALWAYS, {"place": (PLANT,)})) == ["here"]
    assert await marked(index, "failed_inspection", TimelineQuery(ALWAYS, {}, {"place": (PLANT,)})) == ["there"]
    assert await marked(index, "failed_inspection", TimelineQuery(ALWAYS, {"object": (FLOUR,)})) == ["here", "there"]
    assert await marked(index, "failed_inspection", TimelineQuery(ALWAYS, start=Instant(20))) == ["there"]


async def test_more_than_are_listed_are_counted(index: EventIndex) -> None:
    await captured(index, *(told(f"e{n}", n + 1, facts=at(n, result="fail")) for n in range(5)))
    total, found = await index.marked("failed_inspection", ALL, 2)
    assert (total, [one.facts.event_id for one in found]) == (5, ["e0", "e1"])


async def test_a_source_that_records_nothing_leaves_a_gap(index: EventIndex) -> None:
    line, store = {"source": "line"}, {"source": "store"}
    await captured(
        index,
        told("a", 1, facts=at(0), **line),
        told("b", 2, facts=at(HOUR), **line),
        told("c", 3, facts=at(9 * HOUR), **line),
        told("d", 4, facts=at(8 * HOUR), **store),
    )
    until = TimelineQuery(ALWAYS, end=Instant(10 * HOUR))
    assert await index.gaps(until, 2 * HOUR) == [Gap("line", HOUR, 9 * HOUR), Gap("store", 8 * HOUR, None)]
    assert await index.gaps(until, 8 * HOUR) == [Gap("line", HOUR, 9 * HOUR)]
    assert await index.gaps(until, 8 * HOUR + 1) == []


async def test_what_an_object_does_leaves_no_gap_but_where_it_is_captured_does(index: EventIndex) -> None:
    elsewhere = {"read_point": "urn:place:2"}
    await captured(
        index,
        told("a", 1, facts=at(0)),
        told("b", 2, facts=at(2 * HOUR, **elsewhere)),
        told("c", 3, facts=at(4 * HOUR)),
    )
    query = TimelineQuery(ALWAYS, {"object": ("urn:of:b:alone",)}, end=Instant(4 * HOUR))
    assert await index.gaps(query, 3 * HOUR) == []
    query = TimelineQuery(ALWAYS, {"place": (PLANT,)}, end=Instant(4 * HOUR))
    assert await index.gaps(query, 3 * HOUR) == [Gap("plant", 0, 4 * HOUR)]


async def test_what_was_recorded_of_late_is_tallied(index: EventIndex) -> None:
    await captured(
        index,
        told("old", 5, facts=at(1, result="fail")),
        told("new", 9, facts=at(3, result="fail")),
        told("newer", 11, facts=at(2, result="fail")),
    )
    assert await index.recorded("failed_inspection", 6) == Tally(2, 9, 11, 2, 3)
    assert await index.recorded("failed_inspection", 12) == Tally(0, None, None, None, None)
    await feed(index, [[commit_of([declared("new", 13)])]])
    assert (await index.recorded("failed_inspection", 6)).count == 1
    assert (await index.recorded("correction", 6)).count == 1


async def test_refused_calls_that_were_sent_again_with_success_are_answered(index: EventIndex) -> None:
    def call(name: str, us: int, source: str, reason: str = "bad input", resubmits: str | None = None) -> RefusedCall:
        return RefusedCall(name, us, source, "key:k", "POST /x", reason, 400, {}, resubmits)

    await index.add_refused([call("r1", 1, "a"), call("r2", 2, "b"), call("r3", 3, "a", resubmits="r2")])
    assert await index.unanswered(None) == Tally(2, 1, 2, 1, 2)
    assert (await index.unanswered("a")).count == 1
    await index.add_refused([call("t1", 4, "a", TAKEN, "r1")])
    assert await index.unanswered(None) == Tally(1, 2, 2, 2, 2)
    await index.add_refused([call("t2", 5, "b", TAKEN, "r3")])
    assert (await index.unanswered(None)).count == 0


@pytest.mark.parametrize("kind", ["correction", "conflict", "failed_inspection"])
async def test_nothing_is_marked_where_nothing_is(index: EventIndex, kind: Any) -> None:
    assert await marked(index, kind) == []
    assert await index.gaps(ALL, HOUR) == []
