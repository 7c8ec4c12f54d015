"""What every genealogy store must do (projections/genealogy/port.py): the same tests over each adapter.

Golden cases and random histories are put to every adapter too, so that their answers are equal (trace.md L5).
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from events.reading import Checkpoint, PartitionPoint
from projections.genealogy.embedded import EmbeddedGenealogy
from projections.genealogy.neo4j import Neo4jGenealogy
from projections.genealogy.port import KINDS, Genealogy, Limits, Part
from projections.port import Batch
from schemas.errors import Fenced, Unavailable
from schemas.identifiers import Kind
from schemas.times import Instant
from tests.depth import at_most
from tests.model.compare import by_product
from tests.model.compare import given as told
from tests.model.histories import Maker, questions
from tests.tracing import FOREVER_US, Given, ask, given, project

GOLDEN = Path(__file__).parents[2].parent / "shared" / "golden"
CASES = sorted(GOLDEN.glob("*.json"))
ORDERS = {"embedded": at_most(10, 40), "neo4j": at_most(2, 10)}
"""In how many orders a golden case is put to an adapter, first as it happened, with batches of one record, of two, up
to five, of one again. One of them takes twenty times as long on Neo4j."""
HISTORIES = {"embedded": at_most(60, 300), "neo4j": at_most(21, 120)}
"""How many random histories are, each in an order and with batches of up to four records of its own."""
ALWAYS = Limits(FOREVER_US)
FLOUR = "https://id.gs1.org/01/09506000000022/10/F-0312"
ITEM = "https://id.gs1.org/01/09506000000039/21/S-1001"
BOX = "https://id.gs1.org/00/095060000000000152"
PLANT = "https://id.gs1.org/414/9506000000015"


@dataclass
class Store:
    """One adapter: `open` opens the same store again, `fresh` an empty one."""

    kind: str
    open: Callable[[], Awaitable[Genealogy]]
    fresh: Callable[[], Awaitable[Genealogy]]


@pytest_asyncio.fixture(params=["embedded", pytest.param("neo4j", marks=pytest.mark.servers)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Each adapter; whatever was opened is closed at the end."""
    opened: list[Genealogy] = []
    files = [tmp_path / "0.sqlite"]
    url = request.getfixturevalue("neo4j_server") if request.param == "neo4j" else ""

    async def again() -> Genealogy:
        opened.append(await (Neo4jGenealogy.open(url) if url else EmbeddedGenealogy.open(files[-1])))
        return opened[-1]

    async def fresh() -> Genealogy:
        if url and opened:
            assert isinstance(opened[0], Neo4jGenealogy)
            await opened[0].reset(1)
            return opened[0]
        files.append(tmp_path / f"{len(files)}.sqlite")
        genealogy = await again()
        if isinstance(genealogy, Neo4jGenealogy):
            await genealogy.reset(1)
        return genealogy

    yield Store(request.param, again, fresh)
    for genealogy in opened:
        await genealogy.close()


def moved(event_id: str, time: str = "2026-03-02T08:00:00Z", **fields: Any) -> dict[str, Any]:
    """An observed lot with a quantity, a place and two destinations."""
    return {
        "type": "ObjectEvent", "eventID": event_id, "eventTime": time, "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE", "bizStep": "storing", "readPoint": {"id": PLANT},
        "quantityList": [{"epcClass": FLOUR, "quantity": 12.5, "uom": "KGM"}], **fields,
    }  # fmt: skip


def record(event: dict[str, Any], second: int, offset: int | None = None, **more: Any) -> Given:
    """A record with the recordTime 2026-04-01T00:00 and so many seconds."""
    return Given(event, f"2026-04-01T00:00:{second:02d}Z", second if offset is None else offset, **more)


def at(second: int) -> Limits:
    return Limits(Instant.parse(f"2026-04-01T00:00:{second:02d}Z").us)


def batch_of(records: Sequence[Given], before: Checkpoint) -> Batch:
    after = Checkpoint((PartitionPoint(before.partitions[0].next + 1, FOREVER_US),))
    return Batch((), [one.fact() for one in records], (), before, after)


async def named(genealogy: Genealogy, text: str, limits: Limits = ALWAYS) -> list[str]:
    """eventIDs of the events that name it, under these limits."""
    async with genealogy.reader(limits) as reader:
        names = await reader.find([text])
        if names[0] < 0:
            return []
        rows = await reader.naming(names)
        return sorted(set(await reader.event_ids(rows.event)))


async def test_an_empty_store_stands_at_the_start(store: Store) -> None:
    genealogy = await store.fresh()
    assert await genealogy.checkpoint() == Checkpoint.start(1)
    assert await genealogy.watermark_us() == 0
    async with genealogy.reader(ALWAYS) as reader:
        assert (await reader.find([FLOUR])).tolist() == [-1]
        assert (await reader.of_product("https://id.gs1.org/01/09506000000022")).size == 0


async def test_an_event_is_read_back_in_columns(store: Store) -> None:
    genealogy = await store.fresh()
    event = moved("e1", "2026-03-02T08:00:00.1234567Z", epcList=[ITEM])
    await project(genealogy, [record(event, 1)])
    async with genealogy.reader(ALWAYS) as reader:
        names = await reader.find([ITEM, FLOUR, "nothing", PLANT])
        assert names[2] == -1
        names = names[[0, 1, 3]]
        assert len(set(names.tolist())) == 3
        assert await reader.texts(names) == [ITEM, FLOUR, PLANT]
        assert (await reader.kinds(names)).tolist() == [KINDS.index(k) for k in (Kind.ITEM, Kind.LOT, Kind.PLACE)]
        rows = await reader.naming(names[:2])
        assert sorted(rows.part.tolist()) == [Part.EPC, Part.QUANTITY]
        events = await reader.events(rows.event)
        assert events.us.tolist() == [Instant.parse(event["eventTime"]).us] * 2
        assert events.record_us.tolist() == [Instant.parse("2026-04-01T00:00:01Z").us] * 2
        assert await reader.event_ids(rows.event) == ["e1", "e1"]
        assert await reader.finer(rows.event) == ["7", "7"]
        amounts = rows.extra[rows.part == Part.QUANTITY]
        assert await reader.quantities(amounts) == [("12.5", "KGM")]
        assert rows.extra[rows.part == Part.EPC].tolist() == [-1]
        places = await reader.within(rows.event, (Part.READ_POINT,))
        assert await reader.texts(places.name) == [PLANT]
        assert (await reader.of_product("https://id.gs1.org/01/09506000000022")).tolist() == [names[1]]


async def test_members_name_their_lot_and_the_lot_its_members(store: Store) -> None:
    genealogy = await store.fresh()
    linked = "https://id.gs1.org/01/09506000000022/10/F-0312/21/7"
    await project(genealogy, [record(moved("e1", epcList=[linked]), 1)])
    async with genealogy.reader(ALWAYS) as reader:
        lot, item = await reader.find([FLOUR, "https://id.gs1.org/01/09506000000022/21/7"])
        rows = await reader.naming(await reader.find([FLOUR]))
        assert rows.extra[rows.part == Part.MEMBERS_LOT].tolist() == [item]
        rows = await reader.naming(await reader.find(["https://id.gs1.org/01/09506000000022/21/7"]))
        assert rows.extra[rows.part == Part.MEMBER].tolist() == [lot]


async def test_a_batch_from_a_position_that_moved_is_fenced_and_leaves_nothing(store: Store) -> None:
    genealogy = await store.fresh()
    start = await genealogy.checkpoint()
    await genealogy.apply(batch_of([record(moved("e1"), 1)], start))
    reached = await genealogy.checkpoint()
    with pytest.raises(Fenced):
        await genealogy.apply(batch_of([record(moved("e2"), 2)], start))
    assert await genealogy.checkpoint() == reached
    assert await named(genealogy, FLOUR) == ["e1"]
    await genealogy.apply(batch_of([record(moved("e2"), 2)], reached))
    assert await named(genealogy, FLOUR) == ["e1", "e2"]


async def test_of_two_racing_writers_one_is_fenced(store: Store) -> None:
    one, two = await store.fresh(), await store.open()
    start = await one.checkpoint()
    batches = [batch_of([record(moved(f"e{n}"), n)], start) for n in (1, 2)]
    ended = await asyncio.gather(one.apply(batches[0]), two.apply(batches[1]), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ended) == ["Fenced", "NoneType"]
    assert len(await named(await store.open(), FLOUR)) == 1


async def test_what_was_applied_is_there_after_opening_again(store: Store) -> None:
    genealogy = await store.fresh()
    await project(genealogy, [record(moved("e1"), 1)])
    reached = await genealogy.checkpoint()
    await genealogy.close()
    again = await store.open()
    assert await again.checkpoint() == reached
    await project(again, [record(moved("e2", epcList=[ITEM]), 2)])
    assert await named(again, FLOUR) == ["e1", "e2"]
    assert await named(again, ITEM) == ["e2"]


async def test_a_closed_store_is_unavailable(store: Store) -> None:
    genealogy = await store.fresh()
    start = await genealogy.checkpoint()
    await genealogy.close()
    with pytest.raises(Unavailable):
        await genealogy.apply(batch_of([record(moved("e1"), 1)], start))


async def test_an_event_captured_again_counts_once(store: Store) -> None:
    genealogy = await store.fresh()
    again = [record(moved("e1"), 1), record(moved("e1"), 3, source="partner"), record(moved("e1"), 1)]
    await project(genealogy, again, batch=1)
    async with genealogy.reader(ALWAYS) as reader:
        rows = await reader.naming(await reader.find([FLOUR]))
        assert rows.event.size == 1
        assert (await reader.events(rows.event)).record_us.tolist() == [at(1).known_us]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_of_two_contents_under_one_id_the_first_recorded_stands(store: Store, order: tuple[int, int]) -> None:
    genealogy = await store.fresh()
    contents = {1: record(moved("e1"), 1), 2: record(moved("e1", epcList=[ITEM]), 2)}
    await project(genealogy, [contents[n] for n in order], batch=1)
    assert await named(genealogy, FLOUR) == ["e1"]
    assert await named(genealogy, ITEM) == []
    async with genealogy.reader(ALWAYS) as reader:
        assert (await reader.find([ITEM]))[0] >= 0


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_a_declaration_withdraws_from_its_record_time_on(store: Store, order: tuple[int, int]) -> None:
    genealogy = await store.fresh()
    declared = {**moved("e1"), "errorDeclaration": {"declarationTime": "2026-04-01T00:00:00Z"}}
    records = {1: record(moved("e1"), 1), 2: record(declared, 3)}
    await project(genealogy, [records[n] for n in order], batch=1)
    assert await named(genealogy, FLOUR) == []
    assert await named(genealogy, FLOUR, at(0)) == []
    assert await named(genealogy, FLOUR, at(1)) == ["e1"]
    assert await named(genealogy, FLOUR, at(2)) == ["e1"]
    assert await named(genealogy, FLOUR, at(3)) == []


async def test_a_declaration_from_another_source_needs_the_right_to_correct(store: Store) -> None:
    genealogy = await store.fresh()
    declared = {**moved("e1"), "errorDeclaration": {"declarationTime": "2026-04-01T00:00:00Z"}}
    await project(genealogy, [record(moved("e1"), 1), record(declared, 2, source="partner")])
    assert await named(genealogy, FLOUR) == ["e1"]
    await project(genealogy, [record(declared, 4, source="partner", may_correct=True)])
    assert await named(genealogy, FLOUR, at(3)) == ["e1"]
    assert await named(genealogy, FLOUR) == []


async def test_happened_by_includes_its_instant_to_the_last_digit(store: Store) -> None:
    genealogy = await store.fresh()
    times = ("2026-03-02T08:00:00.1234561Z", "2026-03-02T08:00:00.1234562Z", "2026-03-02T08:00:00.123456Z")
    await project(genealogy, [record(moved(f"e{n}", time), n) for n, time in enumerate(times, 1)])

    async def until(text: str) -> list[str]:
        return await named(genealogy, FLOUR, Limits(FOREVER_US, Instant.parse(text)))

    assert await until("2026-03-02T08:00:00.12345619Z") == ["e1", "e3"]
    assert await until("2026-03-02T08:00:00.1234561Z") == ["e1", "e3"]
    assert await until("2026-03-02T08:00:00.123456Z") == ["e3"]
    assert await until("2026-03-02T08:00:00.123455Z") == []
    assert await until("2026-03-02T09:00:00Z") == ["e1", "e2", "e3"]


async def test_any_text_is_a_name(store: Store) -> None:
    genealogy = await store.fresh()
    names = ["urn:x:'\"`\\", "urn:x:批次/一", "urn:x:" + "長" * 3000, "urn:x:$keys}"]
    await project(genealogy, [record(moved("e1", epcList=names), 1)])
    for name in names:
        assert await named(genealogy, name) == ["e1"]
    async with genealogy.reader(ALWAYS) as reader:
        assert await reader.texts(await reader.find(names)) == names


async def test_an_event_of_thousands_is_read_whole(store: Store) -> None:
    genealogy = await store.fresh()
    children = [f"https://id.gs1.org/01/09506000000039/21/{n}" for n in range(6000)]
    packed = moved("e1", type="AggregationEvent", action="ADD", parentID=BOX, childEPCs=children)
    packed.pop("quantityList")
    await project(genealogy, [record(packed, 1)])
    async with genealogy.reader(ALWAYS) as reader:
        rows = await reader.naming(await reader.find([BOX]))
        found = await reader.within(rows.event, (Part.CHILD,))
        assert sorted(await reader.texts(found.name)) == sorted(children)
        assert (await reader.naming(found.name)).name.size == 6000


async def test_repeated_questions_repeat_no_row(store: Store) -> None:
    genealogy = await store.fresh()
    await project(genealogy, [record(moved(f"e{n}", epcList=[ITEM]), n) for n in range(5)])
    async with genealogy.reader(ALWAYS) as reader:
        one, both = await reader.find([ITEM]), await reader.find([ITEM, FLOUR])
        assert (await reader.naming(one)).event.size == 5
        assert (await reader.naming(both)).event.size == 10
        assert (await reader.naming(one)).event.size == 5


@pytest.mark.skipif(not CASES, reason="the shared golden cases are not here")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_golden_case_is_answered_in_any_order_of_arrival(path: Path, store: Store) -> None:
    case = await asyncio.to_thread(lambda: json.loads(path.read_text()))
    for order in range(ORDERS[store.kind]):
        records = given(case)
        if order:
            random.Random(order).shuffle(records)
        genealogy = await store.fresh()
        await project(genealogy, records, batch=1 + order % 5)
        for asked in case["questions"]:
            assert await ask(genealogy, asked) == asked["expect"], f"order {order}: {asked}"


@pytest.mark.parametrize("first", range(3))
async def test_random_histories_give_the_answers_of_the_embedded_store(
    store: Store, first: int, tmp_path: Path
) -> None:
    for seed in range(first, HISTORIES[store.kind], 3):
        records = Maker(seed).history()
        embedded = await EmbeddedGenealogy.open(tmp_path / f"beside-{seed}.sqlite")
        await project(embedded, told(records, None))
        other = await store.fresh()
        await project(other, told(records, seed), batch=1 + seed % 4)
        for asked in questions(seed, records):
            expected = await by_product(embedded, asked, [])
            assert await by_product(other, asked, []) == expected, f"seed {seed}: {asked}"
        await embedded.close()
