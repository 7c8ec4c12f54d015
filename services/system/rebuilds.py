"""A rebuild while the service runs: new projections are filled beside, then the service takes them up.

Embedded stores only: on servers a rebuild empties what answers are read from, so it stays a command with the service
stopped. The new files take the place of the old ones while the application is closed for a moment.
"""

from __future__ import annotations

import shutil
import sqlite3
from functools import partial
from typing import Any, Final

import structlog

from events.reading import Checkpoint
from projections.port import Poison
from schemas.errors import Conflict
from schemas.sentences import say
from services import bootstrap, rebuilding
from services.reopening import Reopening
from services.settings import Settings
from services.system.filling import fill_beside
from services.system.jobs import Job, Jobs

SERVERS: Final = (
    "a rebuild of projections on servers empties them: stop the service, run `stemma rebuild`, and start it again"
)
UNSERVED: Final = "this application cannot be opened again by itself: end it and run `stemma rebuild`"
ROOM: Final = "new projections may take {needed} bytes beside the old ones, and {free} are free: make room first"
_SHOWN: Final = 50
_log = structlog.get_logger("stemma.rebuild")


def by_call(settings: Settings, reopening: Reopening | None) -> bool:
    """Whether a rebuild may be begun by call here."""
    return reopening is not None and bootstrap.embedded(settings)


def check(settings: Settings, reopening: Reopening | None) -> Reopening:
    """Errors: `Conflict` saying why no rebuild can be begun by call."""
    if not bootstrap.embedded(settings):
        raise Conflict(SERVERS)
    if reopening is None:
        raise Conflict(UNSERVED)
    needed, free = rebuilding.room(settings), shutil.disk_usage(settings.folder).free
    if needed > free:
        raise Conflict(say(ROOM, needed=needed, free=free))
    return reopening


async def rebuild(house: Any, jobs: Jobs, reopening: Reopening, job: Job) -> bool | None:
    """Fill new projections and have them taken up, which ends the job; False when they would set aside what is
    answered now. Errors: `Unavailable`."""

    def tell(done: int, total: int) -> None:
        job.done, job.total = done, total

    switching = False
    try:
        filled = await fill_beside(house.settings, tell)
        known = {one.event_id for one in await house.index.poison()}
        reached = house.runner.checkpoint("index")
        refused = [one for one in filled.poison if one.event_id not in known and _read(reached, one)]
        if refused:
            job.lines += _told(refused)
            return False
        await jobs.others()
        reopening.ask(partial(_switch, house.settings, jobs, job, len(filled.poison)))
        switching = True
        return None
    finally:
        if not switching:
            rebuilding.clear(house.settings)


def _read(reached: Checkpoint, one: Poison) -> bool:
    """What the running projection has not read yet, it has not taken either."""
    return one.offset < reached.partitions[one.partition].next


def _told(refused: list[Poison]) -> list[str]:
    lines = [
        "not switched: these events are in the answers now and would be set aside; mend them, or stop the service and "
        "name them with `stemma rebuild --accept`"
    ]
    lines += [say("{event}: {reason}", event=one.event_id, reason=one.sentence) for one in refused[:_SHOWN]]
    return lines + ([say("and {count} more", count=len(refused) - _SHOWN)] if len(refused) > _SHOWN else [])


def _switch(settings: Settings, jobs: Jobs, job: Job, set_aside: int) -> None:
    """In between: nothing is open. A fault leaves the old files, or both kinds, each whole."""
    try:
        rebuilding.switch(settings)
    except (OSError, sqlite3.Error) as fault:
        _log.error("not switched", exc_info=fault)
        rebuilding.clear(settings)
        jobs.end(job, False, say("not switched: {reason}", reason=fault))
    else:
        jobs.end(
            job,
            True,
            say("rebuilt from {done} records, {set_aside} events set aside", done=job.done, set_aside=set_aside),
        )
