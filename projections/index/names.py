"""What can be searched for: every key that an event names, with its kind and the parts a person would type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from projections.facts import EventFacts
from schemas.identifiers import identify, short_numbers

OBJECT: Final = "object"
"""Hint of a key in an event's *what*: its kind is read from the key."""
PLACE: Final = "place"
PARTY: Final = "party"
RESOURCE: Final = "resource"
OPERATOR: Final = "operator"
ORDER: Final = "order"
DOCUMENT: Final = "document"
MASTER: Final = "master"
"""Hint of a key that master data tells of: its kind is read from the key too."""
OBJECT_KINDS: Final = ("item", "lot", "product", "logistic_unit", "asset", "other")

NameRow = tuple[str, str, str | None, str | None]


def name_rows(facts: EventFacts) -> Iterator[tuple[str, str]]:
    """(key, hint) of all that an event names."""
    yield from ((one.object, OBJECT) for one in facts.mentions)
    yield from ((key, OBJECT) for pair in facts.members for key in pair)
    yield from ((key, PLACE) for key in (facts.read_point, facts.location) if key)
    yield from ((party.key, PARTY) for party in (*facts.sources, *facts.destinations))
    yield from ((key, RESOURCE) for key in facts.resources)
    yield from ((key, DOCUMENT) for _, key in facts.transactions)
    if facts.operator:
        yield facts.operator, OPERATOR
    if facts.process and facts.process.startswith("t:"):
        yield facts.process[2:], ORDER


def known_rows(names: Iterable[tuple[str, str]], base: str | None) -> tuple[set[NameRow], set[tuple[str, str]]]:
    """Rows of `known_name` and `known_part`. An item also makes its product and lot findable by number."""
    known: set[NameRow] = set()
    parts: set[tuple[str, str]] = set()
    wider: set[str] = set()
    for key, hint in names:
        told = identify(key, base)
        product = told.product
        known.add((key, str(told.kind) if hint in (OBJECT, MASTER) else hint, product, told.lot))
        parts.update([(part, key) for part in _own_parts(key, product)])
        if product and hint == OBJECT:
            wider.add(product)
            if told.lot and told.lot != key:
                parts.update((part, told.lot) for part in _own_parts(told.lot, product))
    parts.update((part, product) for product in wider for part in _numbers(product))
    return known, parts


def _own_parts(key: str, product: str | None) -> tuple[str, ...]:
    """The numbers that stand for this key and for no wider one: an item's serial, not its GTIN."""
    numbers = short_numbers(key)
    if product is None or product == key:
        return numbers or (key,)
    others = _numbers(product)
    return tuple([part for part in numbers if part not in others]) or numbers[:1]


@lru_cache(maxsize=65536)
def _numbers(product: str) -> tuple[str, ...]:
    return short_numbers(product)
