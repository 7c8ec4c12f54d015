"""Stays by quantity: R4 for what stands in a childQuantityList (trace.md section 3), in exact arithmetic.

They hang on the quantities put into and taken out of one container alone, so they are found before the sweep, which
only opens and closes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import lru_cache

from schemas.units import to_base

Amount = tuple[str, Fraction] | None
"""Dimension and value in its base unit; None where the event gives no quantity or an unknown unit."""


class Act(Enum):
    PUT = "put"
    TAKE = "take"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Change:
    """What event number `event` does with one lot (or class) in one container. CLEAR: a removal that names no child."""

    event: int
    act: Act
    amounts: tuple[Amount, ...] = ()


@dataclass(slots=True)
class QuantityStay:
    """From event `since` until event `until` (None while open). `held` lists (event, amount held from then on)."""

    since: int
    until: int | None = None
    held: list[tuple[int, Amount]] = field(default_factory=list)

    def held_at(self, event: int) -> Amount:
        """What the stay held just before or at `event`, None where the record does not say."""
        amount: Amount = None
        for at, value in self.held:
            if at > event:
                break
            amount = value
        return amount


@lru_cache(maxsize=65_536)
def amount_of(quantity: tuple[str, str | None] | None) -> Amount:
    """The amount of a quantity as stored (decimal text, unit), None if it cannot be reckoned with."""
    return None if quantity is None else to_base(Decimal(quantity[0]), quantity[1])


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum in one dimension, None if an amount is missing or the dimensions differ."""
    found: Amount = None
    for position, amount in enumerate(amounts):
        if amount is None or (position and (found is None or found[0] != amount[0])):
            return None
        found = amount if found is None else (found[0], found[1] + amount[1])
    return found


def quantity_stays(changes: Sequence[Change]) -> list[QuantityStay]:
    """The stays of one lot in one container by one kind of link, from its changes in the order of events.

    A stay ends when the quantities taken out reach those put in; from where one is missing or of another dimension,
    at the next removal that names it; and at a removal that names no child.
    """
    stays: list[QuantityStay] = []
    stay: QuantityStay | None = None
    put: list[Amount] = []
    taken: list[Amount] = []
    for change in changes:
        if change.act is Act.PUT:
            if stay is None:
                stay = QuantityStay(change.event)
                stays.append(stay)
                put, taken = [], []
            put.extend(change.amounts)
        elif stay is None:
            continue
        elif change.act is Act.TAKE:
            taken.extend(change.amounts)
        left = None if stay is None else _left(put, taken)
        if change.act is Act.CLEAR or (change.act is Act.TAKE and (left is None or left[1] <= 0)):
            stay.until = change.event
            stay = None
        else:
            stay.held.append((change.event, left))
    return stays


def _left(put: Sequence[Amount], taken: Sequence[Amount]) -> Amount:
    into = total(put)
    if into is None or not taken:
        return into
    out = total(taken)
    return None if out is None or out[0] != into[0] else (into[0], into[1] - out[1])
