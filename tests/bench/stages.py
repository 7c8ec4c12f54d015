"""Where the processor time of an embedded capture goes: its stages one after the other in one process, no HTTP.

The median over the documents, in microseconds of `time.process_time` an event, so that a busy machine says something
too; compare two states of the code by runs in turns.
"""

from __future__ import annotations

import asyncio
import marshal
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from events.envelope import decode
from events.port import FACTS
from events.reading import Checkpoint, PartitionReader
from events.sqlite_log import SqliteEventLog
from projections.carried import carried_event, carried_fact, fact
from projections.genealogy.embedded import EmbeddedGenealogy
from projections.index.store import EventIndex
from projections.port import Batch, Fact
from projections.projecting import project
from schemas.epcis.context import NO_CONTEXTS
from services.app import settle_garbage
from services.clock import system_clock
from services.ingestion.capture import Caller, CaptureService
from services.ingestion.known import Knowledge
from services.ingestion.service import _read
from services.positions import Ends
from tests.bench.load import documents
from tests.bench.served import LD_JSON, Plan

DOCUMENT: Final = 500


def bench(plan: Plan) -> None:
    """Print microseconds an event of each stage."""
    count = 200_000 if plan.full else 20_000
    found = asyncio.run(_stages(count))
    told = ", ".join(f"{name} {statistics.median(some) / DOCUMENT * 1e6:.1f}" for name, some in found.items())
    print(f"{count:,} events in documents of {DOCUMENT}, processor time in µs an event: {told}", flush=True)


async def _stages(count: int) -> dict[str, list[float]]:
    """Seconds of each stage, document by document."""
    taken: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        began = time.process_time()
        yield
        taken[name].append(time.process_time() - began)

    with tempfile.TemporaryDirectory() as folder:
        log = await SqliteEventLog.open(Path(folder) / "log.sqlite")
        index = await EventIndex.open(f"sqlite:///{folder}/index.sqlite")
        genealogy = await EmbeddedGenealogy.open(Path(folder) / "genealogy.sqlite")
        settle_garbage()
        reached = Checkpoint.start(1)
        service = CaptureService(
            log, Knowledge(index, system_clock), Ends(log), system_clock, reached=lambda: Checkpoint.start(1)
        )
        caller = Caller("bench", "bench", "bench", False, False, None, system_clock())
        reader, after = PartitionReader(0, reached.partitions[0]), -1
        for body in documents(count, DOCUMENT):
            with stage("read, validate, warn"):
                units, master = _read(body, LD_JSON, "rollback", None, NO_CONTEXTS)
            with stage("judge and append"):
                await service.capture(units, caller, mode="rollback", master_data=master)
            with stage("read the log"):
                records = await log.read(FACTS, 0, after, 2000)
                commits = reader.feed(records, [decode(record.envelope) for record in records])
                after = records[-1].offset
            events = [event for commit in commits for event in commit.events]
            with stage("carry there"):
                marshal.dumps([carried_event(event) for event in events], 2)
            with stage("project"):
                projected = [project(event) for event in events]
            answer = marshal.dumps([carried_fact(one) for one in projected], 2)
            with stage("carry back"):
                facts = [one for one in map(fact, marshal.loads(answer)) if isinstance(one, Fact)]
            batch = Batch(commits, facts, [], reached, Checkpoint((reader.point,)))
            with stage("genealogy"):
                await genealogy.apply(batch)
            with stage("event index"):
                await index.apply(batch)
            reached = batch.after
        await genealogy.close()
        await index.close()
        await log.close()
    return taken
