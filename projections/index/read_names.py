"""Names, own places, and the search for anything by any part of any of its spellings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import orjson
from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.index import tables
from projections.index.master import own_keys
from projections.index.names import DOCUMENT, ORDER
from projections.index.read_events import chunks
from schemas.errors import StemmaError
from schemas.identifiers import Kind, identify, identify_strict
from schemas.identifiers.typed import readings

_ESCAPED: Final = re.compile(r"[^A-Za-z0-9._~\s-]")
_HIGHEST: Final = "\U0010ffff"
_PAPERS: Final = (ORDER, DOCUMENT)
_PAGE: Final = 200
_LEAST_TELLING: Final = "other"
Match = Literal["key", "number", "beginning", "name", "part"]
"""How a text means what it finds, the surest first: the whole identifier, its number, the beginning of it, its name in
either language, any part of it."""


NamedKind = Literal[
    "item", "lot", "product", "logistic_unit", "asset", "place", "party", "resource", "operator", "other"
]
"""What a name may be of."""
_VOCABULARIES: Final = {
    "ReadPoint": "place", "BusinessLocation": "place", "Location": "place", "EPCClass": "product",
    "EPCInstance": "item", "SourceDest": "party",
}  # fmt: skip
"""Kinds by how the URI of an EPCIS vocabulary type ends (EPCIS 2.0 section 7.2.3)."""


@dataclass(frozen=True, slots=True)
class Master:
    """The newest entry of a key: names in both languages, its unit and contact, and all of it as `body`."""

    key: str
    type: str
    record_us: int
    zh: str | None
    en: str | None
    unit: str | None
    contact: str | None
    own: bool | None
    body: dict[str, Any]

    @property
    def address(self) -> str | None:
        """Where it is, as on a letter."""
        told = self.body.get("address")
        return told if isinstance(told, str) else None

    def kind(self, base: str | None) -> str:
        """What it is: as recorded, else as its key tells, else by the EPCIS vocabulary it came in."""
        told = self.body.get("kind")
        if isinstance(told, str) and told in get_args(NamedKind):
            return told
        found = identify(self.key, base).kind
        if found is not Kind.OTHER:
            return str(found)
        return next((kind for end, kind in _VOCABULARIES.items() if self.type.endswith(end)), str(found))

    def text(self, language: str) -> str | None:
        """The name in `zh` or `en`, else in the other."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: its key, what it is (a kind of object, place, party, resource, operator, order, document), and
    how the text meant it."""

    key: str
    kind: str
    product: str | None
    lot: str | None
    match: Match


async def masters(connection: AsyncConnection, keys: Iterable[str] | None, known_us: int) -> dict[str, Master]:
    """The newest entry at `known_us` of each key that has one; of all keys for None."""
    table, newest = tables.master, dict[str, Any]()
    query = select(table).where(table.c.record_us <= known_us)
    conditions = [None] if keys is None else [table.c.key.in_(some) for some in chunks(keys)]
    for condition in conditions:
        chosen = query if condition is None else query.where(condition)
        for row in await connection.execute(chosen.order_by(table.c.record_us, table.c.row, table.c.n)):
            newest[row.key] = row
    return {key: _master(row) for key, row in newest.items()}


def _master(row: Any) -> Master:
    return Master(
        *(row.key, row.type, row.record_us, row.zh, row.en, row.unit, row.contact, row.own), orjson.loads(row.body)
    )


async def own_places(connection: AsyncConnection, known_us: int) -> frozenset[str]:
    """Own places and parties: the newest recorded list and every name flagged as own, without those that a newer name
    says are not; empty when none is recorded."""
    own, master = tables.own, tables.master
    query = select(own).where(own.c.record_us <= known_us).order_by(own.c.record_us.desc(), own.c.row.desc())
    newest = (await connection.execute(query.limit(1))).one_or_none()
    listed = own_keys(orjson.loads(newest.body)) if newest else []
    flagged = [row.key for row in await connection.execute(select(master.c.key).where(master.c.own.is_not(None)))]
    told = await masters(connection, flagged, known_us)
    no_more = {key for key, one in told.items() if one.own is False and newest and one.record_us > newest.record_us}
    return frozenset(listed) - no_more | {key for key, one in told.items() if one.own}


async def named(
    connection: AsyncConnection,
    text: str | None,
    kind: str | None,
    after: str,
    limit: int,
    known_us: int,
    base: str | None,
) -> list[Master]:
    """At most `limit` newest entries by key beyond `after`, of a kind, with a text in a name, contact or key."""
    table, found = tables.master, list[Master]()
    spelled = [table.c.key, table.c.zh, table.c.en, table.c.contact]
    while len(found) < limit:
        query = select(table.c.key).where(table.c.record_us <= known_us, table.c.key > after)
        if text:
            query = query.where(or_(*(column.icontains(text, autoescape=True) for column in spelled)))
        keys = list((await connection.execute(query.distinct().order_by(table.c.key).limit(_PAGE))).scalars())
        told = await masters(connection, keys, known_us)
        found += [told[key] for key in keys if _listed(told[key], text, kind, base)]
        if len(keys) < _PAGE:
            break
        after = keys[-1]
    return found[:limit]


def _listed(one: Master, text: str | None, kind: str | None, base: str | None) -> bool:
    """An older entry may have held what the newest does not."""
    spelled = (one.key, one.zh, one.en, one.contact)
    holds = not text or any(text.casefold() in told.casefold() for told in spelled if told)
    return holds and (kind is None or one.kind(base) == kind)


async def find_short(connection: AsyncConnection, number: str) -> list[str]:
    """Keys that a short number stands for, all of them, sorted. GTINs may lack their leading zeros.

    What is known as an order or a document alone does not count: plants often number a lot by its order.
    """
    table, spelled = tables.part, {number}
    if number.isascii() and number.isdigit() and len(number) in (8, 12, 13):
        spelled.add(number.zfill(14))
    known = tables.name.c.key == table.c.key
    paper = exists().where(known, tables.name.c.kind.in_(_PAPERS))
    thing = exists().where(known, tables.name.c.kind.not_in(_PAPERS))
    meant = and_(table.c.part.in_(spelled), or_(~paper, thing))
    query = select(table.c.key).where(meant).distinct().order_by(table.c.key)
    return list((await connection.execute(query)).scalars())


async def search(
    connection: AsyncConnection, text: str, limit: int, kinds: Sequence[str] | None, base: str | None
) -> list[Hit]:
    """What `text` may mean, best first. Full-width letters, a scan that lost its prefix or separators, and a lot or
    serial in other letters' case are found too."""
    found: dict[tuple[str, str], Hit] = {}
    for match, condition in _conditions(readings(text), base):
        if len(found) >= limit:
            break
        query = select(tables.name).where(condition)
        if kinds is not None:
            query = query.where(tables.name.c.kind.in_(list(kinds)))
        for row in await connection.execute(query.order_by(tables.name.c.key, tables.name.c.kind).limit(limit)):
            found.setdefault((row.key, row.kind), Hit(row.key, row.kind, row.product, row.lot, match))
    telling = {hit.key for hit in found.values() if hit.kind != _LEAST_TELLING}
    return [hit for hit in found.values() if hit.kind != _LEAST_TELLING or hit.key not in telling][:limit]


def _conditions(texts: Sequence[str], base: str | None) -> Iterator[tuple[Match, ColumnElement[bool]]]:
    """How each match is looked for, for all readings of a text at once."""
    name, part, master = tables.name, tables.part, tables.master
    if not texts:
        return
    yield "key", name.c.key.in_({key for text in texts for key in (text, *_spelled(text, base))})
    yield "number", name.c.key.in_(select(part.c.key).where(part.c.part.in_(texts)))
    begun = [and_(part.c.part >= text, part.c.part < text + _HIGHEST) for text in texts]
    yield "beginning", name.c.key.in_(select(part.c.key).where(or_(*begun)))
    spelled = [column.icontains(text, autoescape=True) for column in (master.c.zh, master.c.en) for text in texts]
    yield "name", name.c.key.in_(select(master.c.key).where(or_(*spelled)))
    yield "part", or_(*(_words(name.c.key, text) for text in texts))
    # what stands in a key percent-encoded is typed plain
    yield "part", name.c.key.in_(select(part.c.key).where(or_(*(_words(part.c.part, text) for text in texts))))


def _words(column: Any, text: str) -> ColumnElement[bool]:
    """Every word of the text stands in the column."""
    return and_(*(column.icontains(word, autoescape=True) for word in text.split()))


def _spelled(text: str, base: str | None) -> tuple[str, ...]:
    """The keys that a whole identifier in any spelling names: its own, and its lot's if it tells both."""
    try:
        told = identify_strict(text, base)
    except StemmaError:
        told = identify(text, base)
    return tuple(key for key in (told.key, told.lot) if key)
