"""An EPCIS query: frozen, in one canonical form, and the same whether it came in an address or as JSON.

`run` answers it below a watermark and after a cursor; pages, named queries and subscriptions all ask by it.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from projections.index.asked import After, Asked
from projections.index.database import Overtime
from projections.index.read_events import IndexedEvent
from services.epcis.compiling import asked_of, order_of
from services.epcis.faults import QueryTooComplex

if TYPE_CHECKING:
    from projections.index.store import EventIndex

SIMPLE: Final = "SimpleEventQuery"
SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Query:
    """Parameters by canonical name with their values as texts, both sorted: conditions all hold, values are
    alternatives. Prefixes are resolved (`EQ_ILMD_urn:epcglobal:cbv:mda#lotNumber`), words bare, ids as given."""

    parameters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def one(self, name: str) -> str | None:
        """The value of a parameter that has one."""
        return next((values[0] for given, values in self.parameters if given == name and values), None)

    @property
    def count_limit(self) -> int | None:
        """`eventCountLimit`: only so many are in the answer, over all pages."""
        text = self.one("eventCountLimit")
        return None if text is None else int(text)

    @property
    def most(self) -> int | None:
        """`maxEventCount`: a larger answer is refused."""
        text = self.one("maxEventCount")
        return None if text is None else int(text)

    def to_json(self) -> list[Any]:
        """As plain lists, for storing."""
        return [[name, list(values)] for name, values in self.parameters]

    @classmethod
    def from_json(cls, told: list[Any]) -> Query:
        """From what `to_json` gave."""
        return cls(tuple((str(name), tuple(str(one) for one in values)) for name, values in told))

    @property
    def digest(self) -> str:
        """64 hexadecimal digits, equal for equal queries."""
        return hashlib.sha256(orjson.dumps(self.to_json())).hexdigest()


async def compiled(index: EventIndex, query: Query, known_us: int, base: str | None = None) -> Asked:
    """What the index is asked: master data that the query leans on are those known at `known_us`."""
    return await asked_of(index, query.parameters, known_us, base)


async def run(
    index: EventIndex,
    query: Query,
    after: After | None,
    known_us: int,
    limit: int,
    *,
    base: str | None = None,
    seconds: float = SECONDS,
) -> list[IndexedEvent]:
    """At most `limit` events that meet the query as known at `known_us`, in its order, strictly after a key that
    `EventIndex.query_key` gave. Errors: `QueryTooComplex` after `seconds`, `Unavailable`."""
    try:
        return await index.query(await compiled(index, query, known_us, base), after, limit, known_us, seconds)
    except Overtime:
        raise QueryTooComplex(f"the query takes over {seconds:.0f} s: narrow it by time, place or object") from None


async def count(
    index: EventIndex, query: Query, known_us: int, most: int, *, base: str | None = None, seconds: float = SECONDS
) -> int:
    """How many events meet the query, counted no further than `most` + 1."""
    asked = await compiled(index, query, known_us, base)
    found, after, until = 0, None, time.monotonic() + seconds
    try:
        while found <= most:
            size = min(1000, most + 1 - found)
            some = await index.query(asked, after, size, known_us, max(until - time.monotonic(), 0))
            found += len(some)
            if len(some) < size:
                break
            after = await index.query_key(asked, some[-1])
    except Overtime:
        raise QueryTooComplex(f"the query takes over {seconds:.0f} s: narrow it by time, place or object") from None
    return found


async def key_of(index: EventIndex, query: Query, event: IndexedEvent) -> After:
    """The key of an event in the query's order: what `run` goes on after."""
    return await index.query_key(Asked((), order_of(query.parameters)), event)
