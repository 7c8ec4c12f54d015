"""Event to facts: one pure function, the only place that reads an event's *what, when, where, why* for the graph.

Everything later (relations, intervals, whereabouts, totals) is derived from these facts by the rules of
`projections.trace`. Source: trace.md sections 1-3, EPCIS 2.0, CBV 2.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from schemas.times import Instant


class Role(IntEnum):
    """Where in the *what* of an event an object stands. Quantity roles are odd positions of their pair."""

    EPC = 0
    QUANTITY = 1
    PARENT = 2
    CHILD = 3
    CHILD_QUANTITY = 4
    INPUT = 5
    INPUT_QUANTITY = 6
    OUTPUT = 7
    OUTPUT_QUANTITY = 8


class Link(IntEnum):
    """What an Aggregation- or AssociationEvent does: R3 installs, R4 contains."""

    NONE = 0
    CONTAINED = 1
    INSTALLED = 2


@dataclass(frozen=True, slots=True)
class Mention:
    """An object in an event's *what*: canonical key, role, and quantity with unit where given.

    `unit` is a UN/CEFACT Rec. 20 code; None with a quantity is a count, None without one is unknown.
    """

    object: str
    role: Role
    quantity: Decimal | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """An entry of sourceList or destinationList: CBV type as bare word or URI, canonical key."""

    type: str
    key: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """An errorDeclaration: withdraws the event of the same eventID and asserts nothing itself (trace.md section 7)."""

    declared: Instant
    reason: str | None
    corrective_event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventFacts:
    """All that the projections know of one event.

    `type` is the EPCIS type name, `action` ADD|OBSERVE|DELETE or None, `step` and `disposition` bare CBV words or
    private URIs, `read_point` and `location` canonical keys, `process` is `t:`+transformationID or `e:`+eventID for
    a TransformationEvent, `members` are (item, lot) pairs by R2, `resources` and `operator` come from the namespace
    `urn:stemma:ns:1:` and from deviceID and instrument, `transactions` are (type, id).
    """

    event_id: str
    event_time: Instant
    type: str
    action: str | None
    step: str | None
    disposition: str | None
    read_point: str | None
    location: str | None
    process: str | None
    link: Link
    mentions: tuple[Mention, ...]
    members: tuple[tuple[str, str], ...]
    sources: tuple[Party, ...]
    destinations: tuple[Party, ...]
    transactions: tuple[tuple[str, str], ...]
    resources: tuple[str, ...]
    operator: str | None
    result: str | None
    declaration: Declaration | None

    @property
    def place(self) -> str | None:
        """`bizLocation`, else `readPoint` (trace.md section 6)."""
        return self.location or self.read_point
