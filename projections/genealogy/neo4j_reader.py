"""One question's sight of the graph on Neo4j: what was fetched is kept in columns, and most calls need no fetch.

Asking which events name some objects fetches those events whole, with all their mentions and the kinds of all their
names, and a walk is fetched ahead at once. What the limits show never changes, so a reader may answer from what it has.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any, LiteralString

import numpy as np
from neo4j import AsyncSession
from neo4j.exceptions import DriverError, Neo4jError
from numpy.typing import NDArray

from projections.genealogy import cypher
from projections.genealogy.bolt import translating
from projections.genealogy.plan import MENTION, quantity_of, sought
from projections.genealogy.port import KINDS, NEVER, Bit, Events, Ints, Limits, Mentions, Part
from projections.trace.columns import EMPTY, has, ranges, select
from schemas.identifiers import product_of

_CHUNK = 20_000
"""Names or events of one statement."""


class Neo4jReader:
    """A `Reader`; handles are the store's numbers of names and events, and of quantities its own."""

    def __init__(self, session: AsyncSession, limits: Limits) -> None:
        self._session, self._limits = session, limits
        self._asked = np.zeros(1, np.bool_)
        self._kind = np.full(1, -1, np.int64)
        self._at: NDArray[np.int64] = np.full(1, -1, np.int64)
        self._events = Events(EMPTY, EMPTY, EMPTY)
        self._mentions = Mentions(EMPTY, EMPTY, EMPTY, EMPTY)
        self._first: Ints = np.zeros(1, np.int64)
        self._texts: dict[int, str] = {}
        self._quantities: dict[str, int] = {}
        self._quantity_texts: list[str] = []

    @property
    def limits(self) -> Limits:
        return self._limits

    async def find(self, texts: Sequence[str]) -> Ints:
        known: dict[str, int] = {}
        wanted = list(dict.fromkeys(map(sought, texts)))
        for start in range(0, len(wanted), _CHUNK):
            found = await self._ask(cypher.FIND, keys=wanted[start : start + _CHUNK])
            known.update(zip(found["keys"], found["ids"], strict=True))
            self._remember_kinds(found["ids"], found["kinds"])
        return np.array([known.get(sought(text), -1) for text in texts], np.int64)

    async def texts(self, names: Ints) -> list[str]:
        missing = [name for name in np.unique(names).tolist() if name not in self._texts]
        self._texts.update(await self._values(cypher.TEXTS, missing))
        return [self._texts[name] for name in names.tolist()]

    async def first(self, names: Ints, after: str | None, limit: int | None) -> Ints:
        texts = await self.texts(names)
        beyond = (
            (text, name) for text, name in zip(texts, names.tolist(), strict=True) if after is None or text > after
        )
        chosen = sorted(beyond) if limit is None else heapq.nsmallest(limit, beyond)
        return np.array([name for _, name in chosen], np.int64)

    async def products(self, names: Ints) -> tuple[Ints, Sequence[str]]:
        codes: dict[str, int] = {}
        found = np.full(names.size, -1, np.int64)
        kinds = (await self.kinds(names)).tolist()
        for at, (text, kind) in enumerate(zip(await self.texts(names), kinds, strict=True)):
            product = None if kind < 0 else product_of(text, KINDS[kind])
            if product is not None:
                found[at] = codes.setdefault(product, len(codes))
        return found, list(codes)

    async def kinds(self, names: Ints) -> Ints:
        if not names.size:
            return EMPTY
        self._kind = _reaching(self._kind, int(names.max()), -1)
        missing = np.unique(names[self._kind[names] < 0]).tolist()
        found = await self._values(cypher.KINDS, missing)
        self._remember_kinds(list(found), list(found.values()))
        return self._kind[names]

    async def naming(self, names: Ints) -> Mentions:
        names = np.unique(names[names >= 0])
        if not names.size:
            return Mentions(EMPTY, EMPTY, EMPTY, EMPTY)
        self._asked = _reaching(self._asked, int(names[-1]), False)
        new = names[~self._asked[names]]
        for start in range(0, new.size, _CHUNK):
            await self._take(await self._ask(cypher.EVENTS, **self._shown(new[start : start + _CHUNK])))
        self._asked[new] = True
        return select(self._mentions, _among(self._mentions.name, names))

    async def ahead(self, names: Ints, *, forward: bool) -> None:
        if not names.size:
            return
        found = await self._ask(cypher.AHEAD if forward else cypher.BEHIND, **self._shown(names))
        await self._take(found)
        self._texts.update(zip(found["names"], found["texts"], strict=True))
        reached = np.array(found["names"], np.int64)
        self._asked = _reaching(self._asked, int(reached.max()), False)
        self._asked[reached] = True

    async def within(self, events: Ints, parts: Sequence[Part]) -> Mentions:
        at = self._at[np.unique(events)]
        first = self._first[at]
        at = ranges(first, self._first[at + 1] - first)
        old = self._mentions
        rows = Mentions(old.event[at], old.name[at], old.part[at], old.extra[at])
        return select(rows, has(rows.part, tuple(parts)))

    async def events(self, events: Ints) -> Events:
        at = self._at[events]
        return Events(self._events.us[at], self._events.record_us[at], self._events.bits[at])

    async def event_ids(self, events: Ints) -> list[str]:
        found = await self._values(cypher.EVENT_IDS, np.unique(events).tolist())
        return [found[event] for event in events.tolist()]

    async def finer(self, events: Ints) -> list[str]:
        bits = (await self.events(events)).bits
        found = await self._values(cypher.FINER, np.unique(events[(bits & Bit.FINER) != 0]).tolist())
        return [found.get(event, "") for event in events.tolist()]

    async def quantities(self, handles: Ints) -> list[tuple[str, str | None]]:
        return [quantity_of(self._quantity_texts[handle]) for handle in handles.tolist()]

    async def of_product(self, product: str) -> Ints:
        found = await self._ask(cypher.OF_PRODUCT, product=sought(product))
        return np.sort(np.array(found["ids"], np.int64))

    def _shown(self, names: Ints) -> dict[str, Any]:
        bound = self._limits.happened_by
        happened_us = int(NEVER) if bound is None else bound.us
        return {"names": names.tolist(), "known_us": self._limits.known_us, "happened_us": happened_us}

    async def _take(self, found: dict[str, Any]) -> None:
        """Keep the events of an answer that are new and, to the last digit, within the limits."""
        bound = self._limits.happened_by
        rows = np.array(found["row"], np.int64)
        us, bits = np.array(found["us"], np.int64), np.array(found["bits"], np.int64)
        if not rows.size:
            return
        self._at = _reaching(self._at, int(rows.max()), -1)
        new = self._at[rows] < 0
        if bound is not None:
            edge = new & (us == bound.us) & ((bits & Bit.FINER) != 0)
            digits = await self._values(cypher.FINER, rows[edge].tolist())
            new[edge] = [digits[row] <= bound.sub for row in rows[edge].tolist()]
        taken = np.flatnonzero(new)
        self._at[rows[taken]] = self._events.us.size + np.arange(taken.size)
        record_us = np.array(found["record_us"], np.int64)
        self._events = Events(
            np.concatenate([self._events.us, us[taken]]),
            np.concatenate([self._events.record_us, record_us[taken]]),
            np.concatenate([self._events.bits, bits[taken]]),
        )
        mentions, quantities = found["mentions"], found["quantities"]
        self._keep(rows[taken], [mentions[n] for n in taken], [quantities[n] for n in taken])

    def _keep(self, rows: Ints, mentions: Sequence[bytes], quantities: Sequence[Sequence[str]]) -> None:
        """Add whole events; an event's own numbers of quantities become this reader's."""
        counts = np.array([len(packed) for packed in mentions], np.int64) // (4 * MENTION)
        numbers = np.frombuffer(b"".join(mentions), np.dtype("<i4")).reshape(-1, MENTION).astype(np.int64)
        name, part, extra, kind = numbers.T
        handles = [self._quantity(text) for texts in quantities for text in texts]
        many = np.array([len(texts) for texts in quantities], np.int64)
        first = np.repeat(np.cumsum(many) - many, counts)
        numbered = (extra >= 0) & (part < Part.PROCESS)
        extra = extra.copy()
        extra[numbered] = np.array(handles, np.int64)[(first + extra)[numbered]]
        self._first = np.concatenate([self._first, self._first[-1] + np.cumsum(counts)])
        self._remember_kinds(name, kind)
        columns = (np.repeat(rows, counts), name, part, extra)
        old = self._mentions
        event, name, part, extra = (
            np.concatenate(pair) for pair in zip((old.event, old.name, old.part, old.extra), columns, strict=True)
        )
        self._mentions = Mentions(event, name, part, extra)

    def _quantity(self, text: str) -> int:
        handle = self._quantities.setdefault(text, len(self._quantity_texts))
        if handle == len(self._quantity_texts):
            self._quantity_texts.append(text)
        return handle

    def _remember_kinds(self, names: Sequence[int] | Ints, kinds: Sequence[int] | Ints) -> None:
        at = np.asarray(names, np.int64)
        if at.size:
            self._kind = _reaching(self._kind, int(at.max()), -1)
            self._kind[at] = np.asarray(kinds, np.int64)

    async def _values(self, statement: LiteralString, ids: Sequence[int]) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for start in range(0, len(ids), _CHUNK):
            columns = await self._ask(statement, ids=ids[start : start + _CHUNK])
            found.update(zip(columns["ids"], columns["values"], strict=True))
        return found

    async def _ask(self, statement: LiteralString, **parameters: Any) -> dict[str, Any]:
        """One row of columns, in one exchange with the server; only what fails in passing is worth a transaction, which
        takes three and is tried again."""

        async def work(running: Any) -> dict[str, Any]:
            record = await (await running.run(statement, parameters)).single(strict=True)
            return dict(record.items())

        async with translating():
            try:
                return await work(self._session)
            except (Neo4jError, DriverError) as error:
                if not error.is_retryable():
                    raise
                return await self._session.execute_read(work)


def _reaching(column: Any, last: int, default: Any) -> Any:
    """The column, made long enough to be indexed by `last`."""
    if last < column.size:
        return column
    wider = np.full(max(last + 1, 2 * column.size), default, column.dtype)
    wider[: column.size] = column
    return wider


def _among(values: Ints, wanted: Ints) -> NDArray[np.bool_]:
    """Mask of the values that are wanted; numbers are dense, so that a table is faster than sorting."""
    if not values.size or not wanted.size:
        return np.zeros(values.size, np.bool_)
    table = np.zeros(int(max(values.max(), wanted.max())) + 1, np.bool_)
    table[wanted] = True
    marked: NDArray[np.bool_] = table[values]
    return marked
