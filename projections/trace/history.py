"""What the sweep takes and gives: a history as integer columns, and what was found in it (trace.md section 6).

Object numbers are positions in the subgraph's names, event numbers positions in its events, which stand in the order
of events.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from projections.genealogy.port import Bit, Ints, Part

OBJECT_EVENT: Final = int(Bit.OBJECT_EVENT)
TRANSFORMATION: Final = int(Bit.TRANSFORMATION)
CONTAINS: Final = int(Bit.CONTAINS)
INSTALLS: Final = int(Bit.INSTALLS)
ADD: Final = int(Bit.ADD)
DELETE: Final = int(Bit.DELETE)
NAMES_CHILD: Final = int(Bit.NAMES_CHILD)
DESTROYS: Final = int(Bit.DESTROYS)
SHIPS: Final = int(Bit.SHIPS)
VOIDS: Final = int(Bit.VOIDS_SHIPPING)
RECEIVES: Final = int(Bit.RECEIVES)
SELLS: Final = int(Bit.SELLS)
RETURNED: Final = int(Bit.RETURNED)
HAS_SOURCE: Final = int(Bit.HAS_SOURCE)
HAS_DESTINATION: Final = int(Bit.HAS_DESTINATION)
EPC: Final = int(Part.EPC)
PARENT: Final = int(Part.PARENT)
CHILD: Final = int(Part.CHILD)
INPUT: Final = int(Part.INPUT)
INPUT_QUANTITY: Final = int(Part.INPUT_QUANTITY)
LAST_ROLE: Final = int(Part.OUTPUT_QUANTITY)

CONTAINED: Final = 1
INSTALLED: Final = 2
TERM_DESTROYED: Final = 1
TERM_CONSUMED: Final = 2
MOVE_RETURNED: Final = 1
MOVE_DELIVERED: Final = 2
MOVE_IN_TRANSIT: Final = 3
MOVE_IN_STOCK: Final = 4


class History(NamedTuple):
    """What is swept: `n` objects by `rank` of their key, and events with `bits`, whether they name a place (`placed`),
    one of our own (`own_place`) and a consignee (`consigned`), their `process` (-1 for none), and their mentions
    `name`, `part` from `start[e]` to `start[e + 1]`. `outputs` are sorted codes process * n + object.

    Quantity links (child, parent, kind) come ready made, since they hang on quantities alone: event e opens
    `opens[opens_start[e]:opens_start[e + 1]]`, and closes likewise. `own_known`: some place is recorded as own.
    `watched` objects get every event on them listed.
    """

    n: int
    rank: Ints
    bits: Ints
    placed: Ints
    own_place: Ints
    consigned: Ints
    process: Ints
    start: Ints
    name: Ints
    part: Ints
    outputs: Ints
    quantity_child: Ints
    quantity_parent: Ints
    quantity_kind: Ints
    opens_start: Ints
    opens: Ints
    closes_start: Ints
    closes: Ints
    own_known: bool
    watched: Ints


class Swept(NamedTuple):
    """What the sweep found.

    Per object (-1 or 0 for none): `last` event; `way`, the named container fewest steps around it by way of which
    that event concerns it; `place_event`; `term` and `term_event` (destroyed, consumed); `move`; `arrived`, an event
    on it receives or has a source; `added`, an ObjectEvent ADD names it; `link`, its open serialised link.
    Links, the given quantity links first: child, parent, kind, first event, event that ended it (the number of
    events while open). Flat pairs: `used` (event, object) inputs by way of a container; `shipped` (event, object)
    to a consignee; `gone` (event, object) with what was destroyed; `on` (event, object, way) for watched objects.
    """

    last: Ints
    way: Ints
    place_event: Ints
    term: Ints
    term_event: Ints
    move: Ints
    arrived: Ints
    added: Ints
    link: Ints
    link_child: Ints
    link_parent: Ints
    link_kind: Ints
    link_from: Ints
    link_until: Ints
    used: Ints
    shipped: Ints
    gone: Ints
    on: Ints


class Lists(NamedTuple):
    """Open links as doubly linked lists per parent, and per event who was taken out of what (`taken_*`)."""

    head: Ints
    following: Ints
    preceding: Ints
    filled: Ints
    taken_head: Ints
    taken_at: Ints
    taken_next: Any
    taken_child: Any


class Marks(NamedTuple):
    """Scratch: marks hold the number of the event that set them, so that nothing needs clearing."""

    named: Ints
    seen: Ints
    level: Ints
    source: Ints
    input_at: Ints
    consumed: Ints
    sent: Ints
    queue: Ints
