"""Ids of captures: UUIDv7 (RFC 9562) that grow with time and differ in all their bits of chance."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from uuid import RFC_4122, UUID

from services.ingestion.ids import new_id

CHANCE = (1 << 74) - 1


def test_an_id_is_a_uuid_of_its_millisecond_with_74_bits_of_chance() -> None:
    found = [UUID(new_id(1_764_410_000_123_456)) for _ in range(200)]
    assert {(one.version, one.variant, one.int >> 80) for one in found} == {(7, RFC_4122, 1_764_410_000_123)}
    bits = [(one.int >> 64 & 0xFFF) << 62 | one.int & (1 << 62) - 1 for one in found]
    assert reduce(or_, bits) == CHANCE
    assert reduce(and_, bits) == 0


def test_a_later_millisecond_gives_a_greater_id() -> None:
    ids = [new_id(1_764_410_000_000_000 + 1000 * n) for n in range(50)]
    assert ids == sorted(ids)
