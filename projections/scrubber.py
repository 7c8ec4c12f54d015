"""Scrubs what can be scrubbed in the background, at a fifth of one processor's time, pass after pass."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

import structlog

from projections.scrubbing import Ended, Scrubbed
from schemas.errors import StemmaError

SECONDS: Final = 600.0
"""From the end of a pass to the beginning of the next."""
IDLE: Final = 4.0
"""Rest after a piece, in the time that it took."""
_FIRST_SECONDS: Final = 30.0
_log = structlog.get_logger("stemma.scrubber")


class Scrubbable(Protocol):
    """A store that can be read against its digests, in a thread."""

    def scrub(self, rest: Callable[[float], None]) -> Scrubbed:
        """One pass; from a finding on the store answers `Damaged`. `rest` may raise `Ended`."""
        ...


class Scrubber:
    """`start`, then `stop`. `last` is what the last whole pass found, None before."""

    def __init__(self, store: Scrubbable, *, first: float = _FIRST_SECONDS, seconds: float = SECONDS) -> None:
        self.last: Scrubbed | None = None
        self._store, self._first, self._seconds = store, first, seconds
        self._ending = threading.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="scrubber")

    async def stop(self) -> None:
        self._ending.set()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        await asyncio.sleep(self._first)
        while True:
            # Shielded: the store is not closed under a thread that still reads it.
            thread = asyncio.create_task(asyncio.to_thread(self._pass))
            try:
                await asyncio.shield(thread)
            except asyncio.CancelledError:
                with suppress(Ended):
                    await thread
                raise
            except StemmaError as fault:
                _log.warning("a pass was given up", reason=fault.detail)
            await asyncio.sleep(self._seconds)

    def _pass(self) -> None:
        found = self._store.scrub(self._rest)
        self.last = found
        told = {"rows": found.rows, "seconds": round(found.seconds, 1)}
        if found.damaged:
            _log.error("rows are not as they were written: run `stemma rebuild`", tables=found.damaged, **told)
        else:
            _log.info("every row is as it was written", **told)

    def _rest(self, took: float) -> None:
        if self._ending.wait(took * IDLE):
            raise Ended
