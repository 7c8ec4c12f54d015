"""`python -m services.system.scrubbing`: one pass over the embedded event index, in a process that yields to others.

It reads the settings from its standard input and writes one line of JSON: `{"rows", "seconds", "damaged"}`, or
`{"fault"}`. It works a fifth of the time, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from projections.index.scrub import scrub
from projections.processes import same_environment
from projections.projecting import project
from projections.scrubber import IDLE
from projections.scrubbing import Scrubbed
from schemas.errors import StemmaError, Unavailable
from schemas.sentences import say
from services import bootstrap
from services.settings import Settings
from services.system.child import begun

if TYPE_CHECKING:
    from projections.index.store import EventIndex

FIRST_SECONDS: Final = 300.0
SECONDS: Final = 6 * 3600.0
_NICE: Final = 19
_LOOK_SECONDS: Final = 0.5
_COMMAND: Final = (sys.executable, "-m", "services.system.scrubbing")


class IndexScrub:
    """`projections.scrubber.Scrubbable` for the embedded event index: each pass is a process of its own."""

    def __init__(self, settings: Settings, index: EventIndex) -> None:
        self._settings = settings
        self._index = index

    def scrub(self, rest: Callable[[float], None]) -> Scrubbed:
        """One pass; from a finding on the index answers `Damaged`. Errors: `Unavailable`; what `rest` raises."""
        process = subprocess.Popen(
            _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            env=same_environment(),
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(pickle.dumps(self._settings))
            process.stdin.flush()
            while process.poll() is None:
                time.sleep(_LOOK_SECONDS)
                rest(0)
            told = process.stdout.read()
        except BrokenPipeError:
            told = b""
        finally:
            process.kill()
            process.communicate()
        found = _found(told)
        if found.damaged:
            self._index.stop(
                say(
                    "the event index's {tables} rows are not what the log makes; rebuild it: `stemma rebuild`",
                    tables=", ".join(found.damaged),
                )
            )
        return found


def _found(told: bytes) -> Scrubbed:
    match json.loads(told or b"{}"):
        case {"rows": int(rows), "seconds": float(seconds), "damaged": list(damaged)}:
            return Scrubbed(rows, seconds, tuple(map(str, damaged)))
        case {"fault": str(fault)}:
            raise Unavailable(fault)
    raise Unavailable("the process that scrubs the index ended: the log of the service says why")


async def _scrub(settings: Settings) -> Scrubbed:
    log = await bootstrap.open_log(settings, read_only=True)
    try:
        database = await bootstrap.open_index_database(settings)
        try:
            function = partial(project, base=settings.base)
            return await scrub(log, database, function, settings.base, lambda took: time.sleep(took * IDLE))
        finally:
            await database.close()
    finally:
        await log.close()


def main() -> None:
    settings = begun(_NICE)
    try:
        found = asyncio.run(_scrub(settings))
    except StemmaError as fault:
        print(json.dumps({"fault": fault.detail}))
        return
    print(json.dumps({"rows": found.rows, "seconds": found.seconds, "damaged": found.damaged}))


if __name__ == "__main__":
    main()
