"""The genealogy port: a store of *mentions* that answers "which events name this?" in columns.

The store keeps raw facts only, under their event: who is named in which role, with event time, record time and
withdrawal. It decides nothing. Relations, intervals, certainty, whereabouts and totals are derived from its columns
by the pure rules in `projections.trace`, shared by every back end (architecture rule 5, trace.md L5).

Contract
--------
A *name* is anything an event mentions: an object, a process, a place, a resource, a list of consignees. A reader
gives names and events integer handles, valid for as long as the reader is open and for that reader alone.
Limits: a reader shows the events in force under its `Limits` (trace.md section 7): `record_us <= known_us`,
not withdrawn at `known_us`, standing (L2), no declaration, and event time <= `happened_by`. `known_us` never
exceeds `watermark_us()`, so what a reader shows can never change, whatever is applied meanwhile.
Order: columns come in no promised order, without repetition.
Errors: `Unavailable` when the store cannot answer now.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from projections.port import Projection
from schemas.identifiers import Kind
from schemas.times import Instant

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
NEVER = np.int64(2**62)
"""A withdrawal time that has not come."""


KINDS = (Kind.ITEM, Kind.LOT, Kind.PRODUCT, Kind.LOGISTIC_UNIT, Kind.ASSET, Kind.PLACE, Kind.PARTY, Kind.OTHER)
"""The kinds of object in the order of their codes, which are stored: append only."""


class Part(IntEnum):
    """What a name is to an event. 0-8 are `projections.facts.Role`; the others make names of the rest."""

    __hash__ = int.__hash__

    EPC = 0
    QUANTITY = 1
    PARENT = 2
    CHILD = 3
    CHILD_QUANTITY = 4
    INPUT = 5
    INPUT_QUANTITY = 6
    OUTPUT = 7
    OUTPUT_QUANTITY = 8
    PROCESS = 9
    READ_POINT = 10
    LOCATION = 11
    RESOURCE = 12
    OPERATOR = 13
    CONSIGNEES = 14
    """A name that is a JSON list of the canonical keys of the event's destinations (trace.md section 6)."""
    MEMBER = 15
    """The name is an item; `extra` the name of the lot it belongs to by this event (R2)."""
    MEMBERS_LOT = 16
    """The name is a lot; `extra` the name of an item that belongs to it by this event (R2)."""


class Bit(IntEnum):
    """Bits of an event's `bits` column: what the rules must know of it."""

    OBJECT_EVENT = 1 << 0
    TRANSFORMATION = 1 << 1
    CONTAINS = 1 << 2
    INSTALLS = 1 << 3
    ADD = 1 << 4
    DELETE = 1 << 5
    NAMES_CHILD = 1 << 6
    SHIPS = 1 << 7
    """bizStep shipping or departing."""
    VOIDS_SHIPPING = 1 << 8
    RECEIVES = 1 << 9
    SELLS = 1 << 10
    DESTROYS = 1 << 11
    """bizStep destroying or disposition destroyed."""
    RETURNED = 1 << 12
    IN_PROGRESS = 1 << 13
    HAS_SOURCE = 1 << 14
    HAS_DESTINATION = 1 << 15
    FINER = 1 << 16
    """The event time has digits finer than a microsecond: `Reader.finer` gives them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`known_us` in microseconds since 1970 UTC; both bounds include their instant."""

    known_us: int
    happened_by: Instant | None = None


@dataclass(frozen=True, slots=True)
class Mentions:
    """Columns of equal length: event handle, name handle, `Part`, and `extra`: a quantity handle for quantity
    roles (-1 without quantity), the other name for MEMBER and MEMBERS_LOT, else -1."""

    event: Ints
    name: Ints
    part: Ints
    extra: Ints


@dataclass(frozen=True, slots=True)
class Events:
    """Columns of equal length, aligned with the handles asked for: event time and record time in microseconds
    since 1970 UTC, and `Bit`s."""

    us: Ints
    record_us: Ints
    bits: Ints


class Reader(Protocol):
    """One question's sight of the store; see the module for the contract."""

    @property
    def limits(self) -> Limits: ...

    async def find(self, texts: Sequence[str]) -> Ints:
        """Handles of names, -1 where no event of any time ever mentioned the text."""
        ...

    async def texts(self, names: Ints) -> list[str]: ...

    async def first(self, names: Ints, after: str | None, limit: int | None) -> Ints:
        """The first `limit` (None: all) of these distinct names by code point of their texts, beyond `after`."""
        ...

    async def products(self, names: Ints) -> tuple[Ints, Sequence[str]]:
        """Product class of each name as a position in the list given, -1 for none."""
        ...

    async def ahead(self, names: Ints, *, forward: bool) -> None:
        """A walk from these names is about to be asked for, forward or backward: fetch at once what is far away.
        A hint, which changes no answer."""
        ...

    async def naming(self, names: Ints) -> Mentions:
        """Every mention of these names in events the limits show."""
        ...

    async def kinds(self, names: Ints) -> Ints:
        """`KINDS` index of each name that is an object, -1 for any other name."""
        ...

    async def within(self, events: Ints, parts: Sequence[Part]) -> Mentions:
        """Every mention within these events as one of `parts`."""
        ...

    async def events(self, events: Ints) -> Events: ...

    async def event_ids(self, events: Ints) -> list[str]: ...

    async def finer(self, events: Ints) -> list[str]:
        """Digits of the event time beyond microseconds, without trailing zeros ("" for none)."""
        ...

    async def quantities(self, handles: Ints) -> list[tuple[str, str | None]]:
        """Decimal text and unit of quantity handles."""
        ...

    async def of_product(self, product: str) -> Ints:
        """Names of the lots and items of a product class, and of the class itself, that were ever mentioned."""
        ...


class Genealogy(Projection, Protocol):
    """A projection that can be read; see the module for the contract."""

    async def watermark_us(self) -> int:
        """Least last recordTime over the partitions reached: the latest `known_us` it can be asked at."""
        ...

    @property
    def computes(self) -> bool:
        """True where readers compute in the calling thread and never wait: the caller then uses a thread of its own."""
        ...

    def reader(self, limits: Limits) -> AbstractAsyncContextManager[Reader]: ...
