"""What is surprising about events just captured: their flags of the moment, for the answer's `warnings` (api.md).

Flags are derived, never stored, and never a reason to refuse; where they cannot be had in time there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import structlog

from projections.facts import facts_of
from projections.genealogy.port import Genealogy, Limits
from projections.trace.flags import flags_on
from schemas.errors import StemmaError
from services.ingestion.verdicts import Entry
from services.recall.driving import Turns

_MOST_OBJECTS: Final = 2000
_log = structlog.get_logger("stemma.surprises")


class Surprises:
    """Asks the genealogy for flags, a few captures at a time."""

    def __init__(self, genealogy: Genealogy, base: str | None) -> None:
        self._genealogy = genealogy
        self._base = base
        self._turns = Turns(running=1, waiting=16)

    async def of(self, entries: Sequence[Entry]) -> list[dict[str, str]]:
        """`{flag, event, because}` of these events, once the genealogy has them; none for over 2,000 objects."""
        ids = {entry.event_id for entry in entries}
        objects = self._objects(entries)
        if not objects or len(objects) > _MOST_OBJECTS:
            return []

        async def work() -> list[tuple[str, str, str]]:
            async with self._genealogy.reader(Limits(await self._genealogy.watermark_us())) as reader:
                names = await reader.find(objects)
                return await flags_on(reader, np.unique(names[names >= 0]))

        try:
            found = await self._turns.run(work, in_thread=self._genealogy.computes)
        except StemmaError as fault:
            _log.warning("captured without a look for surprises", reason=fault.detail)
            return []
        return [
            {"flag": flag, "event": event_id, "because": because}
            for flag, event_id, because in found
            if event_id in ids
        ]

    def _objects(self, entries: Sequence[Entry]) -> list[str]:
        facts = (facts_of(one.event, one.event_id, self._base) for one in entries if not one.declares)
        return sorted({mention.object for told in facts for mention in told.mentions})
