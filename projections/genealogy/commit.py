"""One commit of the embedded genealogy: a batch of facts to rows of its tables and to columns.

Everything is gathered first and written in few statements of many rows: SQLite then works beside the interpreter
instead of taking turns with it row by row.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from projections.genealogy import tables
from projections.genealogy.columns import News
from projections.genealogy.digests import Digests
from projections.genealogy.mentions import StoredMention, bits_of, stored_mentions
from projections.genealogy.port import KINDS, NEVER
from projections.port import Fact
from projections.settle import Candidate, Declared, settle
from schemas.identifiers import identify

_MOST_IDS = 500_000
_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
Forces = dict[int, tuple[int, int]]
"""Row of an event to its (record_us, withdrawn_us), wherever these are not as appended."""
Place = tuple[int, int]
"""Partition and offset of a record."""


@dataclass(slots=True)
class Known:
    """What a store remembers between commits: numbers of names, quantities and product classes. `ids` is a cache."""

    ids: dict[str, int] = field(default_factory=dict)
    quantities: dict[tuple[str, str | None], int] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)


class Commit:
    """The work of one commit: new names, events and mentions, and which events cease to stand or to be in force.

    `first_row` and `first_name` are the numbers that its first event and name get; `digests` is moved on.
    """

    def __init__(
        self,
        write: sqlite3.Connection,
        known: Known,
        base: str | None,
        first_row: int,
        first_name: int,
        digests: Digests,
    ) -> None:
        self._write, self._base, self._known, self._digests = write, base, known, digests
        self._first_row, self._next_name = first_row, first_name
        self._events: list[tuple[int, int, int, int]] = []
        self._event_rows: list[tuple[int, str, str | None]] = []
        self._mentions: list[tuple[int, int, int]] = []
        self._kinds: list[int] = []
        self._texts: list[bytes] = []
        self._of_product: list[int] = []
        self._told: dict[Place, list[StoredMention]] = {}

    @property
    def has_news(self) -> bool:
        """Whether there are columns to store: a commit may bring names alone, or nothing but duplicates."""
        return bool(self._events or self._kinds)

    def add(self, facts: Iterable[Fact]) -> Forces:
        """Write the records, and the events that stand now."""
        groups: dict[str, dict[Place, Fact]] = defaultdict(dict)
        for fact in facts:
            groups[fact.facts.event_id][fact.partition, fact.offset] = fact
        self._told = {
            place: list(stored_mentions(fact.facts)) for group in groups.values() for place, fact in group.items()
        }
        self._intern(one.name for some in self._told.values() for one in some)
        stored = tables.records(self._write, list(groups))
        forces: Forces = {}
        rows: list[tables.RecordRow] = []
        for event_id, group in groups.items():
            before = stored.get(event_id, {})
            new = {place: fact for place, fact in group.items() if place not in before}
            row, standing = self._settled(before, new, forces)
            for place, fact in new.items():
                rows.append(_record(fact, row if place == standing else None))
        self._insert("record", rows)
        self._insert("event", self._event_rows)
        forced = [(row, *force) for row, force in forces.items()]
        self._digests.take("force", tables.forces(self._write, list(forces)))
        self._insert("force", forced, "INSERT OR REPLACE")
        return forces

    def _insert(self, table: str, rows: Sequence[tuple[object, ...]], how: str = "INSERT") -> None:
        tables.insert(self._write, f"{how} INTO genealogy_{table}", rows)
        self._digests.add(table, rows)

    def _settled(
        self, before: dict[Place, tables.RecordRow], new: dict[Place, Fact], forces: Forces
    ) -> tuple[int | None, Place | None]:
        """Settle one eventID from its stored and its new records; the row appended, if any, and whose it is."""
        if not before and len(new) == 1:
            ((place, fact),) = new.items()
            return (None, None) if fact.facts.declaration is not None else (self._append(fact), place)
        records = [*before.values(), *(_record(fact, None) for fact in new.values())]
        settled = settle(
            [Candidate(one[4], one[5], one[6], one[1], one[2]) for one in records if not one[3]],
            [Declared(one[4], one[5], one[6], bool(one[7]), one[1], one[2]) for one in records if one[3]],
        )
        if settled.standing is None:
            return None, None
        withdrawn_us = int(NEVER) if settled.withdrawn_us is None else settled.withdrawn_us
        # The row appended last is that of the content that stood so far.
        old = max(((one[8], one[5]) for one in before.values() if one[8] is not None), default=None)
        if old is not None and old[1] == settled.standing.content:
            forces[old[0]] = (settled.standing.record_us, withdrawn_us)
            return None, None
        if old is not None:
            forces[old[0]] = (int(NEVER), int(NEVER))
        place = (settled.standing.partition, settled.standing.offset)
        row = self._append(new[place])
        if withdrawn_us != NEVER:
            forces[row] = (settled.standing.record_us, withdrawn_us)
        return row, place

    def _append(self, fact: Fact) -> int:
        row = self._first_row + len(self._events)
        facts, ids = fact.facts, self._known.ids
        told = self._told[fact.partition, fact.offset]
        self._mentions += [(ids[one.name], one.part, self._extra(one)) for one in told]
        self._events.append((facts.event_time.us, fact.record_us, bits_of(facts), len(told)))
        self._event_rows.append((row, facts.event_id, facts.event_time.sub or None))
        return row

    def news(self) -> News:
        """What the commit brought, as columns."""
        return News(
            np.array(self._events, np.int64).reshape(-1, 4),
            np.array(self._mentions, np.int64).reshape(-1, 3),
            np.array(self._kinds, np.int8),
            np.array(self._of_product, np.int32),
            np.array([len(text) for text in self._texts], np.int32),
            np.frombuffer(b"".join(self._texts), np.uint8),
        )

    def _extra(self, mention: StoredMention) -> int:
        if mention.other is not None:
            return self._known.ids[mention.other]
        return -1 if mention.quantity is None else self._quantity(mention.quantity)

    def _quantity(self, quantity: tuple[str, str | None]) -> int:
        known = self._known.quantities.get(quantity)
        if known is None:
            row, added = tables.quantity_row(self._write, *quantity)
            known = self._known.quantities[quantity] = row[0]
            self._digests.add("quantity", [row] if added else [])
        return known

    def _intern(self, texts: Iterable[str]) -> None:
        """Give every text its number; new ones get the next."""
        ids = self._known.ids
        if len(ids) > _MOST_IDS:
            ids.clear()
        missing = [text for text in dict.fromkeys(texts) if text not in ids]
        ids.update(tables.name_ids(self._write, missing))
        rows: list[tuple[str, int]] = []
        for text in missing:
            if text not in ids:
                ids[text] = self._next_name
                rows.append((text, self._next_name))
                identifier = identify(text, self._base)
                self._kinds.append(_NUMBERS[identifier.kind])
                self._texts.append(text.encode())
                self._of_product.append(self._product(identifier.product))
                self._next_name += 1
        self._insert("name", rows)

    def _product(self, product: str | None) -> int:
        """Code of a product class, -1 for none."""
        if product is None:
            return -1
        products = self._known.products
        if product not in products:
            self._insert("product", [(len(products), product)])
            products[product] = len(products)
        return products[product]


def _record(fact: Fact, row: int | None) -> tables.RecordRow:
    declares = int(fact.facts.declaration is not None)
    return (
        *(fact.facts.event_id, fact.partition, fact.offset, declares, fact.record_us, fact.content, fact.source),
        *(int(fact.may_correct), row),
    )
