"""The event index on SQLite and, with servers, on PostgreSQL: one suite for both."""

from __future__ import annotations

import random
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from events.reading import Checkpoint, PartitionPoint
from projections.facts import Mention, Role
from projections.index.refused import RefusedCall
from projections.index.store import ALWAYS, EventIndex
from projections.index.tables import State
from projections.index.timeline import TimelineQuery
from projections.port import Batch, Poison
from schemas.errors import BadInput, Damaged, Fenced, Unavailable
from schemas.times import Instant
from tests.integration.event_index_support import (
    CUSTOMER,
    FLOUR,
    ITEM,
    PLANT,
    Told,
    commit_of,
    contents,
    declared,
    feed,
    note,
    told,
)

SERVER = pytest.param("postgresql", marks=pytest.mark.servers)


@pytest_asyncio.fixture(params=["sqlite", SERVER])
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EventIndex]:
    """An empty index on each database."""
    if request.param == "sqlite":
        opened = await EventIndex.open(f"sqlite:///{tmp_path / 'index.sqlite'}")
    else:
        url = request.getfixturevalue("postgres_server")
        opened = await EventIndex.open(url, schema=f"test_{uuid.uuid4().hex[:12]}")
    yield opened
    await opened.close()


async def captured(index: EventIndex, *records: Told) -> None:
    await feed(index, [[commit_of([one])] for one in records])


async def listed(index: EventIndex, query: TimelineQuery | None = None) -> list[str]:
    found = await index.timeline(query or TimelineQuery(ALWAYS), None, 100)
    return [one.facts.event_id for one in found]


async def test_an_event_comes_back_with_every_fact(index: EventIndex) -> None:
    one = told("e1", 5, raw=b'{"type": "ObjectEvent"}', context='{"a":1}')
    await captured(index, one)
    (found,) = await index.event("e1", ALWAYS)
    assert found.facts == one.facts
    assert (found.record_us, found.source, found.state) == (5, "plant", State.STANDING)
    received = await index.raw("e1", ALWAYS)
    assert received is not None
    assert (received.body, received.context) == (one.raw, one.context)


async def test_a_duplicate_counts_once_and_the_earlier_one_moves_the_record_time(index: EventIndex) -> None:
    await captured(index, told("e1", 9), told("e1", 4))
    (found,) = await index.event("e1", ALWAYS)
    assert found.record_us == 4
    assert await listed(index) == ["e1"]
    assert (await index.known(["e1"]))["e1"].record_us == 4


async def test_of_two_contents_the_least_stands_and_the_other_is_a_conflict_with_both_positions(
    index: EventIndex,
) -> None:
    await captured(index, told("e1", 9, "b"), told("e1", 4, "a"))
    ((loser, standing),) = await index.conflicts(["e1"])
    assert standing is not None
    assert (loser.record_us, standing.record_us) == (9, 4)
    assert (loser.position, standing.position) == ((0, 90), (0, 40))
    assert await index.conflicts() == [(loser, standing)]


async def test_a_conflict_that_only_the_order_of_the_log_reveals_is_told_by_its_job(index: EventIndex) -> None:
    await captured(index, told("e1", 9, "b"))
    job = await index.job("c0-90")
    assert job is not None
    assert job.late == ()
    await captured(index, told("e1", 4, "a"))
    job = await index.job("c0-90")
    assert job is not None
    assert job.late == ((0, "e1", (0, 40)),)
    assert [one.capture for one in await index.jobs()] == ["c0-90", "c0-40"]


async def test_a_declaration_withdraws_from_its_record_time_on(index: EventIndex) -> None:
    await captured(index, told("e1", 4), declared("e1", 8, ["e2"]), told("e2", 9))
    original, declaration = await index.event("e1", ALWAYS)
    assert declaration.facts.declaration is not None
    assert not original.withdrawn_at(7)
    assert original.withdrawn_at(8)
    assert len(await index.event("e1", 7)) == 1
    assert await index.corrects(["e2"], ALWAYS) == {"e2": ["e1"]}
    assert await index.corrects(["e2"], 7) == {}


async def test_a_declaration_that_comes_first_waits(index: EventIndex) -> None:
    await captured(index, declared("e1", 2))
    assert (await index.known(["e1"]))["e1"].content is None
    assert await listed(index) == []
    await captured(index, told("e1", 4))
    assert (await index.event("e1", ALWAYS))[0].withdrawn_us == 2


async def test_a_declaration_from_another_source_withdraws_nothing_without_the_scope(index: EventIndex) -> None:
    await captured(index, told("e1", 4), declared("e1", 5, source="stranger"))
    assert (await index.event("e1", ALWAYS))[0].withdrawn_us is None
    await captured(index, declared("e1", 6, source="auditor", may_correct=True, content="f"))
    assert (await index.event("e1", ALWAYS))[0].withdrawn_us == 6


async def test_equal_declarations_of_two_sources_are_both_told_and_the_one_that_counts_withdraws(
    index: EventIndex,
) -> None:
    again = declared("e1", 8)
    await captured(index, told("e1", 4), declared("e1", 5, source="stranger"), declared("e1", 6), again)
    original, *declarations = await index.event("e1", ALWAYS)
    assert original.withdrawn_us == 6
    assert [(one.record_us, one.source) for one in declarations] == [(5, "stranger"), (6, "plant")]


async def test_any_order_and_any_batches_give_equal_tables(index: EventIndex) -> None:
    for seed in range(12):
        dice = random.Random(seed)
        commits = [
            commit_of([_random_record(dice, us) for us in range(start, start + 2)], partition)
            for partition in range(3)
            for start in range(1, 20, 2)
        ]
        commits += [(note("names", {"id": FLOUR, "en": f"Flour {n}"}, 100 + n), []) for n in range(3)]
        expected = None
        for _ in range(3):
            shuffled = dice.sample(commits, len(commits)) + dice.sample(commits, 5)
            batches = []
            while shuffled:
                size = dice.randint(1, 12)
                batches.append(shuffled[:size])
                shuffled = shuffled[size:]
            await index.reset(1)
            await feed(index, batches)
            found = await contents(index)
            assert expected is None or found == expected
            expected = found


def _random_record(dice: random.Random, us: int) -> Told:
    event_id, content, source = f"e{dice.randint(1, 5)}", dice.choice("ab"), dice.choice(["plant", "other"])
    if dice.random() < 0.3:
        return declared(event_id, us, content=content, source=source, may_correct=dice.random() < 0.3)
    return told(event_id, us, content, source=source)


async def test_equal_record_times_are_settled_by_content(index: EventIndex) -> None:
    least = min("ab", key=lambda text: commit_of([told("e1", 4, text)])[1][0].content)
    await feed(index, [[commit_of([told("e1", 4, "a")], offset=1)], [commit_of([told("e1", 4, "b")], offset=5)]])
    (standing,) = await index.event("e1", ALWAYS)
    assert standing.content == commit_of([told("e1", 4, least)])[1][0].content


async def test_a_batch_from_another_checkpoint_is_fenced_and_changes_nothing(index: EventIndex) -> None:
    await captured(index, told("e1", 4))
    stale = Checkpoint.start(1)
    commit, facts = commit_of([told("e2", 9)])
    with pytest.raises(Fenced):
        await index.apply(Batch([commit], facts, (), stale, stale))
    assert await index.event("e2", ALWAYS) == []


async def test_rows_and_checkpoint_are_written_together_or_not_at_all(
    index: EventIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await index.checkpoint()
    after = Checkpoint((PartitionPoint(7, 7),))
    commit, facts = commit_of([told("e1", 4)])
    with monkeypatch.context() as broken:
        broken.setattr("projections.index.store.known_rows", lambda names, base: ({("k", "o", None, object())}, set()))
        with pytest.raises(Exception, match=r".*"):
            await index.apply(Batch([commit], facts, (), before, after))
    assert await index.checkpoint() == before
    assert await index.event("e1", ALWAYS) == []
    await index.apply(Batch([commit], facts, (), before, after))
    assert await index.checkpoint() == after


async def test_poison_is_kept_with_its_reason(index: EventIndex) -> None:
    before = await index.checkpoint()
    after = Checkpoint((PartitionPoint(7, 7),))
    await index.apply(Batch([], [], [Poison(0, 3, "e9", "unreadable")], before, after))
    assert await index.poison() == [Poison(0, 3, "e9", "unreadable")]


async def test_pages_by_record_time_give_each_event_once(index: EventIndex) -> None:
    await feed(index, [[commit_of([told(f"e{us}", us), told(f"f{us}", us + 1)])] for us in range(2, 40, 2)])
    seen, after = [], None
    while page := await index.events_page(after, 7, 31):
        seen += [one.facts.event_id for one in page]
        after = (page[-1].record_us, page[-1].facts.event_id, page[-1].content)
    assert seen == [f"{'ef'[us % 2]}{us - us % 2}" for us in range(2, 32)]


async def test_timeline_pages_follow_the_order_of_events_to_the_last_digit(index: EventIndex) -> None:
    digits = ["", "1", "12", "2", "09"]
    await captured(index, *(told(f"e{n}", 10 + n, facts={"event_time": Instant(5, d)}) for n, d in enumerate(digits)))
    expected = [f"e{n}" for n, _ in sorted(enumerate(digits), key=lambda one: one[1])]
    assert await listed(index) == expected
    assert await listed(index, TimelineQuery(ALWAYS, descending=True)) == expected[::-1]
    seen, after = [], None
    while page := await index.timeline(TimelineQuery(ALWAYS), after, 2):
        seen += [one.facts.event_id for one in page]
        last = page[-1]
        after = (last.facts.event_time.us, last.facts.event_time.sub, last.record_us, last.facts.event_id)
    assert seen == expected
    assert set(await listed(index, TimelineQuery(ALWAYS, happened_by=Instant(5, "1")))) == {"e0", "e1", "e4"}
    assert set(await listed(index, TimelineQuery(ALWAYS, start=Instant(5, "12")))) == {"e2", "e3"}


async def test_filters_narrow_each_other_and_their_values_widen(index: EventIndex) -> None:
    item = (Mention(ITEM, Role.EPC), Mention(ITEM, Role.EPC))
    await captured(
        index,
        told("flour", 1),
        told("item", 2, facts={"mentions": item, "step": "shipping"}),
        told(
            "silent", 4, facts={"step": None, "operator": None, "read_point": None, "destinations": (), "mentions": ()}
        ),
        told("elsewhere", 3, facts={"read_point": "urn:x:dock", "resources": (), "operator": "wang"}),
    )

    async def having(included: dict[str, tuple[str, ...]], **more: object) -> set[str]:
        return set(await listed(index, replace(TimelineQuery(ALWAYS, included), **more)))  # type: ignore[arg-type]

    assert await having({"object": (ITEM,)}) == {"item"}
    assert await having({"object": (ITEM, FLOUR)}) == {"flour", "item", "elsewhere"}
    assert await having({"object": (FLOUR,), "place": (PLANT,)}) == {"flour"}
    assert await having({"activity": ("shipping",)}) == {"item"}
    assert await having({"resource": ("mixer",)}) == {"flour", "item", "silent"}
    assert await having({"operator": ("wang", "li"), "party": (CUSTOMER,)}) == {"flour", "item", "elsewhere"}
    assert await having({"place": (PLANT,)}, excluded={"object": (ITEM,)}) == {"flour"}
    assert await having({"activity": ("storing",), "place": (PLANT,)}) == {"flour"}
    assert await having({}, excluded={"activity": ("shipping",)}) == {"flour", "elsewhere", "silent"}
    assert await having({}, excluded={"operator": ("li",)}) == {"elsewhere", "silent"}
    assert await having({"object": (ITEM,)}, by_way=("elsewhere",)) == {"item", "elsewhere"}
    many = tuple(f"urn:x:{n}" for n in range(100))
    assert await having({"object": (*many, ITEM)}) == {"item"}
    assert len(await listed(index, TimelineQuery(ALWAYS, {"object": (ITEM,)}))) == 1


async def test_counts_add_up_to_the_events(index: EventIndex) -> None:
    times = [-1, 0, 899_999_999, 900_000_000, 10**15]
    await captured(index, *(told(f"e{n}", 10 + n, facts={"event_time": Instant(us)}) for n, us in enumerate(times)))
    found = await index.counts(TimelineQuery(ALWAYS), 900_000_000)
    assert found == [
        (-900_000_000, "ObjectEvent", 1),
        (0, "ObjectEvent", 2),
        (900_000_000, "ObjectEvent", 1),
        (10**15 // 900_000_000 * 900_000_000, "ObjectEvent", 1),
    ]
    assert await index.span(TimelineQuery(ALWAYS)) == (-1, 10**15)


async def test_a_stream_taken_up_anywhere_repeats_nothing_and_leaves_nothing_out(index: EventIndex) -> None:
    await feed(index, [[commit_of([told(f"e{us}", us), told(f"f{us}", us + 1)])] for us in range(2, 20, 2)])
    whole = await index.events_since([(-1, 0)], 1000, ALWAYS)
    assert len(whole) == 18
    for place, one in enumerate(whole):
        assert await index.events_since([(one.closing, one.index)], 1000, ALWAYS) == whole[place + 1 :]


async def test_names_are_replaced_whole_and_serve_the_past(index: EventIndex) -> None:
    first = {"id": FLOUR, "zh": "面粉", "en": "Flour", "unit": "KGM"}
    second = {"names": [{"id": FLOUR, "zh": "小麦粉"}, {"id": PLANT, "en": "Plant", "own": True}]}
    await feed(index, [[(note("names", second, 9), [])], [(note("names", first, 4), [])]])
    assert await index.names([FLOUR, ITEM], "en") == {FLOUR: "小麦粉"}
    assert await index.names([FLOUR], "en", 8) == {FLOUR: "Flour"}
    assert (await index.masters([FLOUR]))[FLOUR].unit is None
    assert await index.own_places(8) == frozenset()
    assert await index.own_places(9) == {PLANT}
    await feed(index, [[(note("own", {"own": [CUSTOMER]}, 12), [])]])
    assert await index.own_places(12) == {PLANT, CUSTOMER}


async def test_search_finds_by_any_part_of_any_spelling(index: EventIndex) -> None:
    spaced = "https://id.gs1.org/01/09506000000022/10/A%2FB"
    await captured(index, told("e1", 1), told("e2", 2, facts={"mentions": (Mention(ITEM, Role.EPC),)}))
    await captured(index, told("e3", 3, facts={"mentions": (Mention(spaced, Role.QUANTITY),)}))
    await feed(index, [[(note("names", {"id": FLOUR, "zh": "面粉", "en": "Flour"}, 9), [])]])

    async def keys(text: str) -> list[str]:
        return [one.key for one in await index.objects(text)]

    assert await keys("(01)09506000000022(10)F-0312") == [FLOUR]
    assert await keys("https://example.com/01/9506000000022/10/F-0312") == [FLOUR]
    assert await keys("S-1001") == [ITEM]
    assert await keys("S-10") == [ITEM]
    assert await keys("031") == [FLOUR]
    assert await keys("粉") == [FLOUR]
    assert await keys("flo") == [FLOUR]
    assert await keys("A/B") == [spaced]
    assert await keys("100%") == []
    assert [one.kind for one in await index.search(CUSTOMER)] == ["party"]
    assert [one.kind for one in await index.search("urn:po:1")] == ["document"]


async def test_a_short_number_finds_every_match_and_no_wider_one(index: EventIndex) -> None:
    other = "https://id.gs1.org/01/09506000000039/10/F-0312"
    await captured(index, told("e1", 1), told("e2", 2, facts={"mentions": (Mention(other, Role.QUANTITY),)}))
    await captured(index, told("e3", 3, facts={"mentions": (Mention(ITEM, Role.EPC),)}))
    assert await index.find_short("F-0312") == sorted([FLOUR, other])
    assert await index.find_short("S-1001") == [ITEM]
    assert await index.find_short("9506000000039") == ["https://id.gs1.org/01/09506000000039"]
    assert await index.find_short("nothing") == []


async def test_sensor_reports_are_found_by_type_with_every_digit(index: EventIndex) -> None:
    raw = b"""{"type":"ObjectEvent","sensorElementList":[{"sensorMetadata":{"time":"1970-01-01T00:00:02Z"},
      "sensorReport":[{"type":"Temperature","value":26.0,"uom":"CEL","maxValue":26.2000000000000000001},
      {"type":"Pressure","stringValue":"high"}]}]}"""
    await captured(index, told("e1", 1, raw=raw))
    (found,) = await index.measured(TimelineQuery(ALWAYS), "Temperature", 10)
    assert (found.time_us, found.value, found.maximum) == (2_000_000, "26", "26.2000000000000000001")
    assert await index.measured(TimelineQuery(ALWAYS), "Pressure", 10) == []


async def test_refused_calls_are_listed_newest_first_and_outlive_a_rebuild(index: EventIndex) -> None:
    calls = [RefusedCall(f"r{n}", n, "key", "li", "POST /x", "BadInput", 400, {"n": n}) for n in range(3)]
    again = replace(calls[0], id="r9", received_us=9, source="other", reason="Conflict", resubmits="r1")
    await index.add_refused([*calls, again])
    await index.add_refused(calls)
    await index.reset(1)
    assert [one.id for one in await index.refused()] == ["r9", "r2", "r1", "r0"]
    assert [one.id for one in await index.refused(reason="BadInput", before=(2, "r2"))] == ["r1", "r0"]
    assert await index.refused(source="other") == [again]
    assert await index.refused_call("r2") == calls[2]
    assert await index.resubmissions("r1") == ["r9"]
    assert await index.count_refused("key") == 3


async def test_reopening_keeps_all_and_refuses_another_number_of_partitions(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'index.sqlite'}"
    first = await EventIndex.open(url)
    await captured(first, told("e1", 4))
    await first.close()
    again = await EventIndex.open(url)
    assert await listed(again) == ["e1"]
    await again.close()
    with pytest.raises(BadInput):
        await EventIndex.open(url, partitions=6)
    emptied = await EventIndex.open(url, partitions=6, any_version=True)
    await emptied.reset(6)
    await emptied.close()
    await (await EventIndex.open(url, partitions=6)).close()


async def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "index.sqlite").write_bytes(b"not a database at all, but long enough to be looked at" * 100)
    with pytest.raises(Damaged):
        await EventIndex.open(f"sqlite:///{tmp_path / 'index.sqlite'}")


async def test_a_database_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await EventIndex.open("postgresql://nobody@127.0.0.1:1/none")
