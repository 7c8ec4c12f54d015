"""What is surprising about events just captured: their flags of the moment, for the answer's `warnings` (api.md).

Flags are derived, never stored, and never a reason to refuse; where they cannot be had there are none. Captures that
come while one look is under way share the next.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import structlog

from projections.facts import facts_of
from projections.genealogy.port import Genealogy, Limits
from projections.trace.flags import Because, flags_on
from schemas.errors import StemmaError
from services.ingestion.verdicts import Entry
from services.recall.becauses import because
from services.recall.driving import Turns

MOST_OBJECTS: Final = 2000
"""Objects of one look; a capture of more is answered without."""
_log = structlog.get_logger("stemma.surprises")
Flags = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class _Asked:
    objects: frozenset[str]
    event_ids: frozenset[str]
    answer: asyncio.Future[Flags]


class Surprises:
    """Asks the genealogy for flags, one look at a time."""

    def __init__(self, genealogy: Genealogy, base: str | None) -> None:
        self._genealogy = genealogy
        self._base = base
        self._turns = Turns(running=1)
        self._asked: list[_Asked] = []
        self._looking: asyncio.Task[None] | None = None

    async def of(self, entries: Sequence[Entry]) -> Flags:
        """`{flag, event, because}` of these events, once the genealogy has them; none for over 2,000 objects."""
        objects = self._objects(entries)
        if not objects or len(objects) > MOST_OBJECTS:
            return []
        answer: asyncio.Future[Flags] = asyncio.get_running_loop().create_future()
        self._asked.append(_Asked(objects, frozenset(entry.event_id for entry in entries), answer))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await answer

    async def _look(self) -> None:
        while self._asked:
            some = self._next()
            found = await self._flags(frozenset().union(*(one.objects for one in some)))
            for one in some:
                if not one.answer.done():
                    one.answer.set_result([flag for key in one.event_ids for flag in found.get(key, ())])

    def _next(self) -> list[_Asked]:
        """As many of those who wait as one look may hold, in their order."""
        count, end = 0, 0
        while end < len(self._asked) and count + len(self._asked[end].objects) <= MOST_OBJECTS:
            count += len(self._asked[end].objects)
            end += 1
        some, self._asked = self._asked[:end], self._asked[end:]
        return some

    async def _flags(self, objects: frozenset[str]) -> dict[str, Flags]:
        async def work() -> list[tuple[str, str, Because]]:
            async with self._genealogy.reader(Limits(known_us)) as reader:
                names = await reader.find(sorted(objects))
                return await flags_on(reader, np.unique(names[names >= 0]))

        found: dict[str, Flags] = defaultdict(list)
        try:
            known_us = await self._genealogy.watermark_us()
            for flag, event_id, why in await self._turns.run(work, in_thread=self._genealogy.computes):
                found[event_id].append({"flag": flag, "event": event_id, "because": because(why, "en")})
        except StemmaError as fault:
            _log.warning("captured without a look for surprises", reason=fault.detail)
        except Exception as fault:
            # The events are in the log: whatever went wrong here must not make their capture look failed.
            _log.error("the look for surprises failed", exc_info=fault)
        return found

    def _objects(self, entries: Sequence[Entry]) -> frozenset[str]:
        facts = (facts_of(one.event, one.event_id, self._base) for one in entries if not one.declares)
        return frozenset(mention.object for told in facts for mention in told.mentions)
