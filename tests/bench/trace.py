"""Impact against the alternative a plant would write by hand: recursive SQL over the same relations.

Both answer "which objects does this lot reach, and how deep"; the product's figure is for the whole first page
with totals, whereabouts, carriers and consignees. Same process, same run, in turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from events.reading import Checkpoint, PartitionPoint
from projections.genealogy.embedded import EmbeddedGenealogy
from projections.genealogy.port import Genealogy, Limits
from projections.port import Batch, Fact
from projections.trace.answer import Answer
from projections.trace.question import Question, Seed, SeedKind
from projections.trace.trace import trace
from tests.bench.plant import facts, root

CLOSURES = (1_000, 10_000, 100_000)
FOREVER_US = 2**60
BATCH = 500
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


async def impact(genealogy: Genealogy, size: int) -> float:
    """Seconds of one impact: trace, totals, first page of 100."""
    started = time.perf_counter()
    key = root(size)
    question = Question("forward", (Seed(SeedKind.OBJECT, key, (key,)),), FOREVER_US)
    async with genealogy.reader(Limits(FOREVER_US)) as reader:
        answer = await Answer.of(await trace(reader, question, ()), None)
        page = await answer.page(limit=100)
    assert page["totals"]["objects"] >= size
    assert len(page["objects"]) == 100
    return time.perf_counter() - started


def recursive(database: sqlite3.Connection, size: int) -> float:
    started = time.perf_counter()
    rows = database.execute(_RECURSIVE, (root(size),)).fetchall()
    assert len(rows) >= size
    return time.perf_counter() - started


async def main(filler: int = 200_000, repeats: int = 5) -> None:
    """Print p50 of each closure size, and the ratio to recursive SQL."""
    with tempfile.TemporaryDirectory() as folder:
        genealogy = await EmbeddedGenealogy.open(Path(folder) / "genealogy.sqlite")
        count, seconds = await fill(genealogy, facts(CLOSURES, filler))
        print(f"projected {count:,} events in {seconds:.1f} s: {count / seconds:,.0f} events/s")
        with contextlib.closing(relations(facts(CLOSURES, filler))) as database:
            for size in CLOSURES:
                ours = statistics.median([await impact(genealogy, size) for _ in range(repeats)])
                theirs = statistics.median([recursive(database, size) for _ in range(repeats)])
                print(
                    f"impact of {size:>7,}: {ours * 1000:8.1f} ms; recursive SQL, ids and depth alone: "
                    f"{theirs * 1000:8.1f} ms; ratio {ours / theirs:.2f}"
                )
        await genealogy.close()


if __name__ == "__main__":
    asyncio.run(main())
