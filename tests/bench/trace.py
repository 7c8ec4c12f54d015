"""Impact and provenance against what a plant would write by hand: recursive SQL over the same relations.

The alternative answers "which objects does this lot reach, and how deep" alone; the product's figure is for the whole
first page with totals, whereabouts, relations, flags, carriers and consignees. Same process, same run, in turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from itertools import islice
from pathlib import Path

from events.reading import Checkpoint, PartitionPoint
from projections.genealogy.embedded import EmbeddedGenealogy
from projections.genealogy.port import Genealogy, Limits
from projections.port import Batch, Fact
from projections.trace.answer import Answer
from projections.trace.question import Direction, Filter, Question, Seed, SeedKind
from projections.trace.trace import trace
from projections.trace.warm import warm
from schemas.times import Instant
from tests.bench.plant import facts, item, last_us, root
from tests.bench.served import Plan, resident_mb

CLOSURES = (1_000, 10_000, 100_000)
SMALL, LARGE = 100_000, 5_000_000
FOREVER_US = 2**60
BATCH = 500
REPEATS = 9
_RECURSIVE = """
WITH RECURSIVE walk(node, depth) AS (
  SELECT ?, 0 UNION SELECT edge.dst, walk.depth + 1 FROM walk JOIN edge ON edge.src = walk.node WHERE walk.depth < 8)
SELECT node, MIN(depth) FROM walk GROUP BY node
"""


async def fill(genealogy: Genealogy, events: Iterable[Fact]) -> tuple[int, float]:
    """Project everything in batches of 500; gives how many events in how many seconds."""
    stream, count, started = iter(events), 0, time.perf_counter()
    before = await genealogy.checkpoint()
    while chunk := list(islice(stream, BATCH)):
        count += len(chunk)
        after = Checkpoint((PartitionPoint(count, FOREVER_US),))
        await genealogy.apply(Batch((), chunk, (), before, after))
        before = after
    return count, time.perf_counter() - started


def relations(events: Iterable[Fact]) -> sqlite3.Connection:
    """The same genealogy as one table of edges between texts, indexed both ways."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE edge (src TEXT, dst TEXT, PRIMARY KEY (src, dst)) WITHOUT ROWID")
    for fact in events:
        if fact.facts.process is not None:
            inputs = [one.object for one in fact.facts.mentions if one.role in (5, 6)]
            outputs = [one.object for one in fact.facts.mentions if one.role in (7, 8)]
            database.executemany("INSERT OR IGNORE INTO edge VALUES (?, ?)", [(i, fact.facts.process) for i in inputs])
            database.executemany("INSERT OR IGNORE INTO edge VALUES (?, ?)", [(fact.facts.process, o) for o in outputs])
    return database


async def ask(
    genealogy: Genealogy,
    key: str,
    *,
    direction: Direction = "forward",
    known_us: int = FOREVER_US,
    happened_by: Instant | None = None,
    page: int = 100,
) -> int:
    """One answer: trace, totals, a page; gives how many objects are in the whole."""
    question = Question(direction, (Seed(SeedKind.OBJECT, key, (key,)),), known_us, happened_by)
    async with genealogy.reader(Limits(known_us, happened_by)) as reader:
        answer = await (await Answer.of(await trace(reader, question, ()), None)).page(limit=page)
    objects: int = answer["totals"]["objects"]
    assert len(answer["objects"]) == min(page, objects)
    return objects


async def impact(genealogy: Genealogy, size: int) -> float:
    """Seconds of one impact with a page of 100."""
    started = time.perf_counter()
    assert await ask(genealogy, root(size)) >= size
    return time.perf_counter() - started


async def stream(genealogy: Genealogy, key: str) -> AsyncIterator[int]:
    """The whole list, piece by piece; gives how many objects each has."""
    question = Question("forward", (Seed(SeedKind.OBJECT, key, (key,)),), FOREVER_US)
    async with genealogy.reader(Limits(FOREVER_US)) as reader:
        answer = await Answer.of(await trace(reader, question, ()), None)
        async for objects in answer.stream(Filter()):
            yield len(objects)


async def median(work: Callable[[], Awaitable[object]], repeats: int = REPEATS) -> float:
    """Median seconds, after one call that does not count."""
    await work()
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


async def compared(genealogy: Genealogy, database: sqlite3.Connection, base: dict[int, float]) -> None:
    """Print each figure; `base` holds the figures of a smaller store, to compare with, and is filled when empty."""
    smaller = dict(base)
    for size in CLOSURES:
        ours = await median(lambda size=size: ask(genealogy, root(size)))  # type: ignore[misc]
        large = await median(lambda size=size: ask(genealogy, root(size), page=1_000))  # type: ignore[misc]

        async def recursive(size: int = size) -> None:
            assert len(database.execute(_RECURSIVE, (root(size),)).fetchall()) >= size

        theirs = await median(recursive, 5)
        base[size] = ours
        than = f"; against the smaller store {ours / smaller[size]:.2f} ×" if size in smaller else ""
        print(
            f"impact of {size:>7,}: page of 100 {ours * 1000:7.1f} ms, of 1,000 {large * 1000:7.1f} ms; recursive SQL, "
            f"ids and depth alone {theirs * 1000:7.1f} ms = {theirs / ours:.1f} × ours{than}",
            flush=True,
        )
    whole = CLOSURES[-1]
    known = await median(lambda: ask(genealogy, root(whole), known_us=last_us()))
    happened = await median(lambda: ask(genealogy, root(whole), happened_by=Instant(last_us())))
    print(f"as of a record time {known / base[whole]:.2f} ×, as of an event time {happened / base[whole]:.2f} × of now")
    back = await median(lambda: ask(genealogy, item(whole), direction="backward"))
    print(f"provenance of one item: {back * 1000:.1f} ms")
    started = time.perf_counter()
    count = sum([one async for one in stream(genealogy, root(whole))])
    print(f"whole list of {count:,}: {count / (time.perf_counter() - started):,.0f} objects/s")


async def measured(filler: int, base: dict[int, float]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "genealogy.sqlite"
        genealogy = await EmbeddedGenealogy.open(path)
        count, seconds = await fill(genealogy, facts(CLOSURES, filler))
        print(f"\n{filler:,} objects beside: projected {count:,} events in {seconds:.0f} s", flush=True)
        await genealogy.close()
        del genealogy
        before, started = resident_mb(), time.perf_counter()
        genealogy = await EmbeddedGenealogy.open(path)
        print(f"open in {time.perf_counter() - started:.2f} s, {resident_mb() - before:,.0f} MB resident", flush=True)
        with contextlib.closing(relations(facts(CLOSURES, 0))) as database:
            await compared(genealogy, database, base)
        await genealogy.close()


def bench(plan: Plan) -> None:
    """Closures of 1,000, 10,000 and 100,000 among 100,000 other objects, with --full also among five million."""
    warm()
    base: dict[int, float] = {}
    for filler in (SMALL, LARGE) if plan.full else (SMALL,):
        asyncio.run(measured(filler, base))
