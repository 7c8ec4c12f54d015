"""What runs in the process beside: it answers the messages of `projections.beside`, one after the other, until its
pipe ends.

Events that were projected are kept until the index has them, so that a batch is carried without them.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from typing import IO, Any, Final

from events.reading import LoggedEvent
from projections.beside import FAULTS, Target, receive, send
from projections.carried import Carried, batch, carried_fact, logged_event, places
from projections.index.store import EventIndex
from projections.port import Fact, Poison
from projections.projecting import project
from projections.projector import projected

_KEPT: Final = 10_000
_KEPT_BYTES: Final = 128 * 2**20
"""Events that one projection may be ahead of the index, and of what size, before they are carried again."""
_COLLECT_AFTER: Final = 1_000
"""Messages between two collections of garbage: events and facts hold no cycles, and looking for them all the time would
take a third of it."""
Place = tuple[int, int, int]


class Worker:
    """Answers messages; `close` lets go of every index."""

    def __init__(self, base: str | None) -> None:
        self._base = base
        self._project = partial(project, base=base)
        self._kept: OrderedDict[Place, tuple[LoggedEvent, Fact | Poison]] = OrderedDict()
        self._bytes = 0
        self._indexes: dict[Target, EventIndex] = {}

    async def answer(self, message: tuple[Any, ...]) -> Any:
        """What a message is answered with."""
        match message:
            case ("project", events):
                return [carried_fact(self._projected(logged_event(one))) for one in events]
            case ("write", target, told):
                return await self._written(Target(*target), told)
            case ("leave", target):
                index = self._indexes.pop(Target(*target), None)
                if index is not None:
                    await index.close()
                return "left"
        raise ValueError(f"no message: {message[0]!r}")

    async def close(self) -> None:
        for index in self._indexes.values():
            await index.close()

    def _projected(self, event: LoggedEvent) -> Fact | Poison:
        made = projected(self._project, event)
        self._drop((event.partition, event.offset, event.record_us))
        self._kept[event.partition, event.offset, event.record_us] = event, made
        self._bytes += len(event.raw)
        while self._bytes > _KEPT_BYTES or len(self._kept) > _KEPT:
            self._drop(next(iter(self._kept)))
        return made

    def _drop(self, place: Place) -> None:
        found = self._kept.pop(place, None)
        if found is not None:
            self._bytes -= len(found[0].raw)

    async def _written(self, target: Target, told: Carried) -> str | tuple[str, str]:
        """`written`, `unknown` when some events are not at hand, or an error's name and detail."""
        wanted = list(places(told))
        if any(one not in self._kept for one in wanted):
            return "unknown"
        try:
            index = self._indexes.get(target)
            if index is None:
                index = await EventIndex.open(target.url, partitions=target.partitions, base=self._base)
                self._indexes[target] = index
            await index.apply(batch(told, lambda *place: self._kept[place]))
        except tuple(FAULTS.values()) as fault:
            return next(name for name, kind in FAULTS.items() if isinstance(fault, kind)), fault.detail[:]
        for one in wanted:
            self._drop(one)
        return "written"


def own_output() -> IO[bytes]:
    """Where answers go, whole: a signal may cut a write short, which goes on only where Python buffers, and under
    `PYTHONUNBUFFERED` it does not. What else is printed goes where errors go."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


async def serve(base: str | None) -> None:
    """Answer until the pipe ends; nothing else runs meanwhile, so that waiting for a message may hold up the loop."""
    worker, pipe, answers = Worker(base), sys.stdin.buffer, own_output()
    gc.disable()
    taken = 0
    try:
        with suppress(EOFError, BrokenPipeError):
            send(answers, "ready")
            while True:
                send(answers, await worker.answer(receive(pipe)))
                taken += 1
                if taken % _COLLECT_AFTER == 0:
                    gc.collect()
    finally:
        await worker.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1] or None))
