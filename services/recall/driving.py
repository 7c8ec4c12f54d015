"""Running a trace: off the event loop where the store computes, and only a few at a time.

An embedded reader never waits, so its coroutine can be driven to the end in a thread while other calls are answered.
Beyond a few traces at once callers wait their turn, and beyond a queue they are told to come back (429).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
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
        await self._turn()
        try:
            return await (asyncio.to_thread(_drive, work()) if in_thread else work())
        finally:
            self._places.release()

    async def stream(self, work: Callable[[], AsyncIterator[T]], *, in_thread: bool) -> AsyncIterator[T]:
        """What `work` yields, one piece ahead of who takes it. Errors: as `run`."""
        await self._turn()
        try:
            async for piece in _from_thread(work) if in_thread else work():
                yield piece
        finally:
            self._places.release()

    async def _turn(self) -> None:
        if self._waiting >= self._most:
            raise Busy("too many traces are waiting; try again in a moment")
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1


async def _from_thread(work: Callable[[], AsyncIterator[T]]) -> AsyncIterator[T]:
    """Pieces of a computing iterator, made in a thread that waits for each to be taken."""
    loop, given, left = asyncio.get_running_loop(), asyncio.Queue[T | None](1), threading.Event()

    async def hand_over() -> None:
        async for piece in work():
            if left.is_set():
                return
            asyncio.run_coroutine_threadsafe(given.put(piece), loop).result()

    def make() -> None:
        try:
            _drive(hand_over())
        finally:
            asyncio.run_coroutine_threadsafe(given.put(None), loop).result()

    making = asyncio.ensure_future(asyncio.to_thread(make))
    try:
        while (piece := await given.get()) is not None:
            yield piece
    finally:
        left.set()
        while not making.done():
            while not given.empty():
                given.get_nowait()
            await asyncio.wait([making], timeout=0.01)
        making.result()


def _drive(work: Coroutine[Any, Any, T]) -> T:
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise RuntimeError("a computing reader waited")
