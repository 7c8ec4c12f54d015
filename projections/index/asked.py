"""What the event index is asked for: conditions that all must hold, each of alternatives, and an order.

Plain values without any database: `services.epcis` makes them of an EPCIS query, `projections.index.querying` reads
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from projections.facts import Role
from schemas.times import Instant

After = tuple[str | int, ...]
"""Key of an event in an order: what it is ordered by, then recordTime, eventID, content in hex, row."""
Bound = tuple[int, str, str | None]
"""Field, least text, and the text above all that match; None there asks for the least text itself."""
Linked = Literal["source", "destination", "transaction"]
Shape = Literal["item", "lot", "class", "exact", "any"]
EPCS: Final = (Role.EPC, Role.CHILD)
CLASSES: Final = (Role.QUANTITY, Role.CHILD_QUANTITY)


@dataclass(frozen=True, slots=True)
class Columns:
    """A column of the event has one of the values: type, action, step, disposition, read_point, location, process."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ids:
    """The eventID is one of these."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """`event_us` or `record_us` at or after `low`, before `high`."""

    name: Literal["event_us", "record_us"]
    low: Instant | None = None
    high: Instant | None = None


@dataclass(frozen=True, slots=True)
class Attributes:
    """An attribute of the event lies in one of the bounds; several of one field may be met by several values."""

    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """Where to look for the events that meet two other conditions of the query, a lower and an upper bound of one
    field. It leaves none of them out and decides nothing."""

    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Object keys that begin so and are of a shape."""

    prefix: str
    shape: Shape = "any"


@dataclass(frozen=True, slots=True)
class Mentions:
    """An object in one of these roles has one of the keys or meets one of the patterns."""

    roles: tuple[Role, ...]
    keys: tuple[str, ...]
    patterns: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Links:
    """A source, destination or business transaction of this type (None: of any) is one of the values."""

    kind: Linked
    type: str | None
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """The event is an error declaration."""


Condition = Columns | Ids | Window | Attributes | Between | Mentions | Links | Declared


@dataclass(frozen=True, slots=True)
class Order:
    """By `record` or `event` time, or by a field of `event_attribute`; ties by recordTime, eventID, content."""

    by: Literal["record", "event"] | int = "record"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """All conditions hold; a condition without alternatives holds for none."""

    conditions: tuple[Condition, ...] = ()
    order: Order = Order()
