"""A question's sight of the embedded genealogy: one view of its columns, and SQLite for what is asked rarely."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np

from projections.genealogy import tables
from projections.genealogy.columns import View
from projections.genealogy.port import Bit, Events, Ints, Limits, Mentions, Part
from projections.trace.columns import distinct, has, select


class EmbeddedReader:
    """A `Reader` over one view; handles are rows and name ids. Awaits nothing, so it may be driven from any thread."""

    def __init__(self, connection: sqlite3.Connection, view: View, limits: Limits) -> None:
        self._connection, self._view, self._limits = connection, view, limits

    @property
    def limits(self) -> Limits:
        return self._limits

    async def find(self, texts: Sequence[str]) -> Ints:
        ids = tables.name_ids(self._connection, list(dict.fromkeys(texts)))
        found = np.array([ids.get(text, -1) for text in texts], np.int64)
        return np.where(found < self._view.names, found, -1)

    async def texts(self, names: Ints) -> list[str]:
        return self._view.texts(names)

    async def first(self, names: Ints, after: str | None, limit: int | None) -> Ints:
        return self._view.first_by_text(names, after, limit)

    async def products(self, names: Ints) -> tuple[Ints, list[str]]:
        return self._view.product[names].astype(np.int64), self._view.products

    async def kinds(self, names: Ints) -> Ints:
        return self._view.kind[names].astype(np.int64)

    async def ahead(self, names: Ints, *, forward: bool) -> None:
        """Everything is in memory."""

    async def naming(self, names: Ints) -> Mentions:
        return await self._shown(self._view.mentions_of(distinct(names)))

    async def within(self, events: Ints, parts: Sequence[Part]) -> Mentions:
        rows = self._view.mentions_in(distinct(events))
        return select(rows, has(rows.part, tuple(parts)))

    async def events(self, events: Ints) -> Events:
        return self._view.columns(events)

    async def event_ids(self, events: Ints) -> list[str]:
        found = tables.by_id(self._connection, "SELECT row, event_id FROM genealogy_event WHERE row IN", events)
        return [found[event][0] for event in events.tolist()]

    async def finer(self, events: Ints) -> list[str]:
        digits = dict.fromkeys(events.tolist(), "")
        finer = events[(self._view.bits[events] & Bit.FINER) != 0]
        found = tables.by_id(self._connection, "SELECT row, finer FROM genealogy_event WHERE row IN", finer)
        digits.update({row: value[0] or "" for row, value in found.items()})
        return [digits[event] for event in events.tolist()]

    async def quantities(self, handles: Ints) -> list[tuple[str, str | None]]:
        found = tables.by_id(self._connection, "SELECT id, quantity, unit FROM genealogy_quantity WHERE id IN", handles)
        return [(found[handle][0], tables.unit_of(found[handle][1])) for handle in handles.tolist()]

    async def of_product(self, product: str) -> Ints:
        view = self._view
        if product not in view.products:
            return np.empty(0, np.int64)
        return np.flatnonzero(view.product[: view.names] == view.products.index(product)).astype(np.int64)

    async def _shown(self, rows: Mentions) -> Mentions:
        rows = select(rows, self._view.visible(rows.event, self._limits))
        bound = self._limits.happened_by
        if bound is None or not rows.event.size:
            return rows
        edge = (self._view.us[rows.event] == bound.us) & ((self._view.bits[rows.event] & Bit.FINER) != 0)
        if not edge.any():
            return rows
        digits = await self.finer(rows.event[edge])
        later = np.zeros(rows.event.size, np.bool_)
        later[edge] = [digit > bound.sub for digit in digits]
        return select(rows, ~later)
