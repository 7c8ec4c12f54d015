"""The log's position for many callers at once: one question to the log in flight, shared by those it can serve.

A position must be the end of every partition as asked *after* the caller's own append, so a question already in
flight when the caller comes is no use to it; the next one serves all who came meanwhile.
"""

from __future__ import annotations

import asyncio

from events.port import FACTS, EventLog
from events.position import Position


class Ends:
    """Asks a log for the ends of its facts."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._running: asyncio.Task[Position] | None = None
        self._next: asyncio.Task[Position] | None = None

    async def current(self) -> Position:
        """The end of every partition, no older than this call. Errors: `Unavailable`."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._ask())
            return await asyncio.shield(self._running)
        if self._next is None or self._next.done() or self._next is self._running:
            self._next = asyncio.create_task(self._ask_after(self._running))
        return await asyncio.shield(self._next)

    async def _ask(self) -> Position:
        return Position(tuple(await self._log.ends(FACTS)))

    async def _ask_after(self, running: asyncio.Task[Position]) -> Position:
        await asyncio.wait([running])
        self._running = self._next
        return await self._ask()
