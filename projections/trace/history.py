"""What the sweep takes and gives: a history as integer columns, and what was found in it (trace.md section 6).

Object numbers are positions in the subgraph's names, event numbers positions in its events, which stand in the order
of events.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
USED: Final = 0
SHIPPED: Final = 1
GONE: Final = 2
ON: Final = 3
Rows = NDArray[np.int32]


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


class Tables(NamedTuple):
    """A `History` as tables of 32-bit rows for the compiled sweep: one array for all fields of an object, an event, a
    mention or a link, since every array that a compiled function takes costs at each call. See `pack`."""

    objects: Rows
    events: Rows
    mentions: Rows
    links: Rows
    opens: Rows
    closes: Rows
    outputs: Ints
    own_known: bool


# Fields of an object: given, found, and scratch. Scratch marks hold the number of the event that set them, so that
# nothing needs clearing.
O_RANK: Final = 0
O_WATCHED: Final = 1
O_LAST: Final = 2
O_WAY: Final = 3
O_PLACE: Final = 4
O_TERM: Final = 5
O_TERM_EVENT: Final = 6
O_MOVE: Final = 7
O_ARRIVED: Final = 8
O_ADDED: Final = 9
O_LINK: Final = 10
O_HEAD: Final = 11
O_TAKEN_HEAD: Final = 12
O_TAKEN_AT: Final = 13
O_NAMED: Final = 14
O_SEEN: Final = 15
O_LEVEL: Final = 16
O_SOURCE: Final = 17
O_INPUT_AT: Final = 18
O_CONSUMED: Final = 19
O_SENT: Final = 20
_O_FIELDS: Final = 21
_FALSE_AT_FIRST: Final = [O_RANK, O_WATCHED, O_TERM, O_MOVE, O_ARRIVED, O_ADDED, O_LEVEL, O_SENT]
# Fields of an event; the last three are where its mentions, opened and closed links start, and a row more ends them.
V_BITS: Final = 0
V_PLACED: Final = 1
V_OWN: Final = 2
V_CONSIGNED: Final = 3
V_PROCESS: Final = 4
V_START: Final = 5
V_OPENS: Final = 6
V_CLOSES: Final = 7
M_NAME: Final = 0
M_PART: Final = 1
# Fields of a link: the next and the one before are those of its parent's open links.
L_CHILD: Final = 0
L_PARENT: Final = 1
L_KIND: Final = 2
L_FROM: Final = 3
L_UNTIL: Final = 4
L_NEXT: Final = 5
L_BEFORE: Final = 6
_L_FIELDS: Final = 7


def pack(history: History) -> Tables:
    """The tables of a history, everything not yet found set to -1 or 0."""
    count, serialised = history.bits.size, int((history.part == CHILD).sum())
    objects = np.full((history.n, _O_FIELDS), -1, np.int32)
    objects[:, _FALSE_AT_FIRST] = 0
    objects[:, O_RANK], objects[:, O_WATCHED] = history.rank, history.watched
    events = np.zeros((count + 1, V_CLOSES + 1), np.int32)
    given = (history.bits, history.placed, history.own_place, history.consigned, history.process)
    for field, column in enumerate(given):
        events[:count, field] = column
    events[:, V_START], events[:, V_OPENS] = history.start, history.opens_start
    events[:, V_CLOSES] = history.closes_start
    quantified = history.quantity_child.size
    links = np.full((quantified + serialised, _L_FIELDS), -1, np.int32)
    links[:quantified, L_CHILD], links[:quantified, L_PARENT] = history.quantity_child, history.quantity_parent
    links[:quantified, L_KIND], links[:, L_UNTIL] = history.quantity_kind, count
    return Tables(
        objects,
        events,
        np.stack([history.name, history.part], axis=1).astype(np.int32),
        links,
        history.opens.astype(np.int32),
        history.closes.astype(np.int32),
        history.outputs,
        history.own_known,
    )


def found(tables: Tables, notes: Rows, links: int) -> Swept:
    """What the sweep left in its tables, as columns; only the first `links` links came to be."""
    objects = np.ascontiguousarray(tables.objects[:, O_LAST : O_LINK + 1].T).astype(np.int64)
    columns = np.ascontiguousarray(tables.links[:links, : L_UNTIL + 1].T).astype(np.int64)
    told = [notes[notes[:, 0] == kind, 1:] for kind in (USED, SHIPPED, GONE, ON)]
    pairs = [part[:, :2].astype(np.int64) for part in told[:3]]
    every: list[Ints] = [*objects, *columns, *pairs, told[3].astype(np.int64)]
    return Swept(*every)
