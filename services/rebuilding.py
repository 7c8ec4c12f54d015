"""The projections made again from the log, on whatever back ends the settings name, and the switch to them.

Embedded stores are made beside the old files, which stay in service until the new ones are level and are then replaced;
server stores are emptied and filled, after a trial run of the whole log has shown that nothing more would be set aside
(architecture rules 7 and 8). Nothing here writes the log.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Collection
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from events.port import FACTS, EventLog
from events.position import Position
from events.reading import PartitionPoint, PartitionReader
from projections.beside import Beside
from projections.port import Poison
from projections.projecting import project
from projections.projector import Projector
from projections.runner import Runner
from schemas.errors import BadInput, Unavailable
from schemas.sentences import say
from services import bootstrap
from services.settings import Settings

NEW: Final = ".new"
NAMES: Final = ("genealogy", "index")
JOURNALS: Final = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file; a new one has a rollback journal until it is in WAL mode."""
_RECORDS: Final = 1000
_LEVEL_RECORDS: Final = 2000
"""So many records are read at the next start in no time: the new ones are level with what is still written."""
_LOOK_SECONDS: Final = 0.05
_STUCK_SECONDS: Final = 300.0
Tell = Callable[[int, int], None]
"""Told how many records are read, of how many."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: `refused` are the events for which it did not switch."""

    records: int
    set_aside: int
    refused: list[Poison]


@dataclass(frozen=True, slots=True)
class Filled:
    """New projections: how much of the log they hold, and what they set aside."""

    position: Position
    poison: list[Poison]

    @property
    def records(self) -> int:
        return _size(self.position)


async def rebuild_projections(settings: Settings, accept: Collection[str], tell: Tell) -> Rebuilt:
    """Make the projections again from the log and switch, unless events are set aside that were not before and are
    not in `accept`. The caller holds the folder's lock. Errors: those of the stores."""
    log = await bootstrap.open_log(settings)
    helper = bootstrap.beside_for(settings)
    try:
        taken = {*accept, *await _poison_before(settings, log.partitions(FACTS))}
        if not bootstrap.embedded(settings):
            # What is on servers is emptied first, so that nothing may stand against it by then.
            tried = await _trial(log, Projector(partial(project, base=settings.base), helper), tell)
            if refused := [one for one in tried.poison if one.event_id not in taken]:
                return Rebuilt(tried.records, len(tried.poison), refused)
        filled = await fill(settings, log, tell, helper)
        refused = [one for one in filled.poison if one.event_id not in taken]
        if not refused:
            switch(settings)
        return Rebuilt(filled.records, len(filled.poison), refused)
    finally:
        clear(settings)
        if helper is not None:
            helper.close()
        await log.close()


async def _trial(log: EventLog, projector: Projector, tell: Tell) -> Filled:
    """What filling would set aside."""
    ends = Position(tuple(await log.ends(FACTS)))
    found: list[Poison] = []
    done = 0
    for partition, end in enumerate(ends.offsets):
        reader, after = PartitionReader(partition, PartitionPoint(0, 0)), -1
        while after < end and (records := await log.read(FACTS, partition, after, _RECORDS)):
            after = records[-1].offset
            found += projector.each(event for commit in reader.feed(records) for event in commit.events)[1]
            done += len(records)
            tell(done, _size(ends))
    return Filled(ends, found)


async def _poison_before(settings: Settings, partitions: int) -> set[str]:
    """What the running projection has set aside; nothing if it cannot be asked."""
    try:
        index = await bootstrap.open_index(settings, partitions)
    except (Unavailable, BadInput):
        return set()
    try:
        return {one.event_id for one in await index.poison()}
    finally:
        await index.close()


async def fill(settings: Settings, log: EventLog, tell: Tell, helper: Beside | None, suffix: str = NEW) -> Filled:
    """Fill new projections until they are level with the log, which may grow meanwhile; `suffix` names embedded ones
    beside. Errors: those of the stores, `Unavailable` when nothing moves any more."""
    partitions = log.partitions(FACTS)
    clear(settings, suffix)
    genealogy = await bootstrap.open_genealogy(settings, partitions, suffix=suffix)
    try:
        index = await bootstrap.open_index(settings, partitions, suffix=suffix, beside=helper)
        try:
            await bootstrap.empty_servers(settings, genealogy, index, partitions)
            function = partial(project, base=settings.base)
            runner = Runner(log, [genealogy, index], function, helper, in_step=True, ticks=False)
            await runner.start()
            try:
                position = await level(runner, log, tell)
            finally:
                await runner.stop()
            return Filled(position, list(await index.poison()))
        finally:
            await index.close()
    finally:
        await genealogy.close()


async def level(runner: Runner, log: EventLog, tell: Tell) -> Position:
    """Return once the projections have read the log but for what came in the last moments: the position they hold.

    Errors: `Unavailable` when they have not moved for minutes.
    """
    goal = Position(tuple(await log.ends(FACTS)))
    before, moved = -1, time.monotonic()
    while True:
        reached = [runner.checkpoint(name) for name in NAMES]
        done = min(sum(point.next for point in one.partitions) for one in reached)
        if done != before:
            before, moved = done, time.monotonic()
            tell(done, max(done, _size(goal)))
        if all(one.covers(goal) for one in reached):
            ends = Position(tuple(await log.ends(FACTS)))
            if _size(ends) - _size(goal) <= _LEVEL_RECORDS:
                return goal
            goal = ends
        elif time.monotonic() - moved > _STUCK_SECONDS:
            raise Unavailable(
                say("the new projections stand still at {done} records: the log of the process says why", done=done)
            )
        await asyncio.sleep(_LOOK_SECONDS)


def switch(settings: Settings) -> None:
    """Put the new files in the place of the old ones, which nobody writes. At every instant each file is whole: the
    old one or the new one, and both hold what the log made of them up to their own checkpoints."""
    bootstrap.keep_refused_calls(settings, NEW)
    for file in bootstrap.projection_files(settings):
        # A journal left by a kill belongs to the old file and must not be read into the new one.
        _fold(file)
        for end in JOURNALS:
            file.with_name(file.name + end).unlink(missing_ok=True)
        os.replace(beside(file), file)


def _fold(file: Path) -> None:
    """Write what its journal holds into the file; a file that is damaged or missing is replaced as it is."""
    if file.exists():
        with suppress(sqlite3.Error), closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def room(settings: Settings) -> int:
    """Bytes that new projections beside may take: what those in use take, since they are made of the same log."""
    return sum(
        file.with_name(file.name + end).stat().st_size
        for file in bootstrap.projection_files(settings)
        for end in ("", *JOURNALS)
        if file.with_name(file.name + end).exists()
    )


def clear(settings: Settings, suffix: str = NEW) -> None:
    """Take away what was being filled beside."""
    for file in bootstrap.projection_files(settings):
        remove(beside(file, suffix))


def beside(file: Path, suffix: str = NEW) -> Path:
    """Where a new store is made while the old one stays."""
    return file.with_name(file.name + suffix)


def remove(file: Path) -> None:
    for end in ("", *JOURNALS):
        file.with_name(file.name + end).unlink(missing_ok=True)


def _size(position: Position) -> int:
    return sum(offset + 1 for offset in position.offsets)
