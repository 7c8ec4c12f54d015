"""Running a trace: off the event loop where the store computes, and only a few at a time.

An embedded reader never waits, so its coroutine can be driven to the end in a thread while other calls are answered.
Beyond a few traces at once callers wait their turn, and beyond a queue they are told to come back (429).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from schemas.errors import Busy

T = TypeVar("T")


class Turns:
    """At most `running` traces at once and `waiting` in the queue."""

    def __init__(self, running: int = 2, waiting: int = 64) -> None:
        self._places = asyncio.Semaphore(running)
        self._waiting, self._most = 0, waiting

    async def run(self, work: Callable[[], Coroutine[Any, Any, T]], *, in_thread: bool) -> T:
        """The result of `work`. Errors: `Busy` when the queue is full."""
        if self._waiting >= self._most:
            raise Busy("too many traces are waiting; try again in a moment")
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            return await (asyncio.to_thread(_drive, work()) if in_thread else work())
        finally:
            self._places.release()


def _drive(work: Coroutine[Any, Any, T]) -> T:
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise RuntimeError("a computing reader waited")
