"""A question as the rules take it: seeds already read into canonical keys (trace.md sections 4, 7 and 8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from schemas.times import Instant

RULES: Final = "1"
"""Version of the rules of trace.md that answers state."""

Direction = Literal["forward", "backward"]


class SeedKind(StrEnum):
    OBJECT = "object"
    PRODUCT = "product"
    CONTAINER = "container"
    PLACE = "place"
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class Seed:
    """One seed. `given` is what the caller wrote; `keys` the canonical keys it names: exactly one, or for a short
    number every match, none of which is taken when there are several. `full`: given by a full identifier, so that it
    is in the answer even if nothing names it. `at` for a container; `since`, `until` for a place or resource."""

    kind: SeedKind
    given: str
    keys: tuple[str, ...]
    full: bool = True
    at: Instant | None = None
    since: Instant | None = None
    until: Instant | None = None

    @property
    def ambiguous(self) -> bool:
        return len(self.keys) > 1


@dataclass(frozen=True, slots=True)
class Filter:
    """Narrows listed objects; empty sets let everything through."""

    kind: frozenset[str] = frozenset()
    state: frozenset[str] = frozenset()
    place: frozenset[str] = frozenset()
    product: frozenset[str] = frozenset()
    consignee: frozenset[str] = frozenset()
    certainty: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return any((self.kind, self.state, self.place, self.product, self.consignee, self.certainty))


@dataclass(frozen=True, slots=True)
class Question:
    """`known_us` is already lowered to the watermark. `limit` objects a page, `after` the (depth, key) to go on from;
    `limit` None asks for the whole list."""

    direction: Direction
    seeds: tuple[Seed, ...]
    known_us: int
    happened_by: Instant | None = None
    limit: int | None = 100
    after: tuple[int, str] | None = None
    filter: Filter = field(default_factory=Filter)
