"""What is delivered: what the query returns below the watermark, in the order it was recorded (epcis.md S5, S7)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from projections.index.asked import Asked
from projections.index.read_events import IndexedEvent
from schemas.epcis.document import query_document
from schemas.epcis.formats import CompanyPrefixes, EpcFormat
from schemas.times import utc_text
from services.epcis.answers import stored
from services.epcis.compiling import asked_of
from services.epcis.formats import translation_for
from services.epcis.query import Query, compiled
from services.epcis.subscriptions.shapes import Place

if TYPE_CHECKING:
    from projections.index.standing import Conditions
    from projections.index.store import EventIndex

MOST_BYTES: Final = 4 * 1024 * 1024
"""Of the events of one document, as received; one event alone may have more."""
_SECONDS: Final = 300.0
_BY_MASTER: Final = ("WD_", "HASATTR_", "EQATTR_")
_BY_UNITS: Final = tuple(f"{op}_quantity" for op in ("EQ", "GT", "GE", "LT", "LE"))


async def telling(index: EventIndex, query: Query, base: str | None) -> Conditions:
    """Conditions that every event which meets the query meets, whatever master data and units become known."""
    kept = [one for one in query.parameters if not one[0].startswith(_BY_MASTER) and one[0] not in _BY_UNITS]
    return (await asked_of(index, kept, 0, base)).conditions


class Documents:
    """Makes the documents of subscriptions and sockets."""

    def __init__(self, index: EventIndex, prefixes: CompanyPrefixes, base: str | None) -> None:
        self.index, self._prefixes, self._base = index, prefixes, base

    async def page(self, query: Query, after: Place, limit: int, known_us: int) -> list[IndexedEvent]:
        """The next events of a query as known at `known_us`, at most `limit`, in the order recordTime, eventID,
        content, whatever order the query asks for. Errors: `Unavailable`, `Overtime`."""
        asked = await compiled(self.index, query, known_us, self._base)
        return await self.index.query(Asked(asked.conditions), after, limit, known_us, _SECONDS)

    async def written(
        self, events: Sequence[IndexedEvent], name: str, wanted: EpcFormat, subscription_id: str | None = None
    ) -> tuple[bytes, int]:
        """An `EPCISQueryDocument` of the first of these events that fit, and how many those are."""
        told = await stored(self.index, events)
        size, count = 0, 0
        for one in told:
            size += len(one.raw)
            if count and size > MOST_BYTES:
                break
            count += 1
        translate = await translation_for(self.index, self._prefixes, wanted, told[:count])
        created = utc_text(time.time_ns() // 1_000_000 * 1000)
        body = query_document(
            told[:count], created=created, query_name=name, subscription_id=subscription_id, translate=translate
        )
        return body, count


def place_of(event: IndexedEvent) -> Place:
    """The place of an event in the order of deliveries."""
    return event.record_us, event.facts.event_id, event.content.hex(), event.row
