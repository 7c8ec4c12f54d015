"""Are the embedded projections what the log makes of them? The index by making it anew, the genealogy by its digests.

Rows of the event index are functions of the records alone, so a second index made from the log holds the same rows.
Rows of the genealogy carry numbers given in order of arrival; they are read against the digests of their commits.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from events.port import FACTS, EventLog
from projections.genealogy.scrub import scrub
from projections.index.tables import FACT_TABLES
from projections.projecting import project
from projections.runner import Runner
from schemas.errors import BadInput, Damaged
from services import bootstrap
from services.rebuilding import Tell, beside, clear, fill, level
from services.settings import Settings

CHECK: Final = ".check"
_FIX: Final = "`stemma rebuild` makes it again from the log"


async def check_projections(settings: Settings, tell: Tell) -> list[str]:
    """What is not as the log makes it, in words; the caller holds the folder's lock.

    Errors: `BadInput` for projections on servers, those of the stores.
    """
    files = bootstrap.projection_files(settings)
    if not bootstrap.embedded(settings):
        raise BadInput.field("--projections", "servers", "looks at embedded stores only; servers have checks of theirs")
    log = await bootstrap.open_log(settings)
    helper = bootstrap.beside_for(settings)
    try:
        await _catch_up(settings, log, tell)
        found = await asyncio.to_thread(scrub, settings.folder / bootstrap.GENEALOGY_FILE)
        faults = [f"genealogy: rows of {table} are not as they were written; {_FIX}" for table in found.damaged]
        await fill(settings, log, tell, helper, CHECK)
        index = next(file for file in files if file.name == bootstrap.INDEX_FILE)
        return faults + await asyncio.to_thread(lambda: list(_differences(index, beside(index, CHECK))))
    except Damaged as fault:
        return [fault.detail]
    finally:
        clear(settings, CHECK)
        if helper is not None:
            helper.close()
        await log.close()


async def _catch_up(settings: Settings, log: EventLog, tell: Tell) -> None:
    """Bring what is served level with the log, as the next start would."""
    genealogy = await bootstrap.open_genealogy(settings, log.partitions(FACTS))
    try:
        index = await bootstrap.open_index(settings, log.partitions(FACTS))
        try:
            runner = Runner(log, [genealogy, index], partial(project, base=settings.base))
            await runner.start()
            try:
                await level(runner, log, tell)
            finally:
                await runner.stop()
        finally:
            await index.close()
    finally:
        await genealogy.close()


def _differences(served: Path, made: Path) -> Iterator[str]:
    """Tables of the index that differ, with one row each."""
    with closing(sqlite3.connect(served)) as connection:
        connection.execute("ATTACH DATABASE ? AS made", (str(made),))
        for name in (table.name for table in FACT_TABLES):
            for left, right, word in (("main", "made", "it has and should not"), ("made", "main", "it lacks")):
                rows = f"SELECT * FROM {left}.{name} EXCEPT SELECT * FROM {right}.{name}"
                count = connection.execute(f"SELECT count(*) FROM ({rows})").fetchone()[0]
                if count:
                    first = connection.execute(f"{rows} LIMIT 1").fetchone()
                    yield f"event index: {name}: {count} rows that {word}, such as {str(first)[:200]}; {_FIX}"
