"""The sweep: R3-R5 and whereabouts, by walking the events once in their order (trace.md sections 2, 3, 6).

Compiled by numba over integer columns, so that no Python object exists per event or object. It keeps who is inside
what as linked lists of open *links* (a stay in a container or an installation, of a serialised child or of a
quantity of a lot) and tells every object an event concerns, at any depth, what the event says of it.

Object numbers are positions in the subgraph's names, event numbers positions in its events, which stand in the order
of events. Run with NUMBA_DISABLE_JIT=1 to step through it as plain Python.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.typed import List

from projections.trace.history import (
    ADD,
    CHILD,
    CONTAINED,
    CONTAINS,
    DELETE,
    DESTROYS,
    EPC,
    HAS_DESTINATION,
    HAS_SOURCE,
    INPUT,
    INPUT_QUANTITY,
    INSTALLED,
    INSTALLS,
    LAST_ROLE,
    MOVE_DELIVERED,
    MOVE_IN_STOCK,
    MOVE_IN_TRANSIT,
    MOVE_RETURNED,
    NAMES_CHILD,
    OBJECT_EVENT,
    PARENT,
    RECEIVES,
    RETURNED,
    SELLS,
    SHIPS,
    TERM_CONSUMED,
    TERM_DESTROYED,
    TRANSFORMATION,
    VOIDS,
    Lists,
    Marks,
    Swept,
)


@njit(cache=True)
def _holds(codes: Any, code: int) -> bool:
    at = np.searchsorted(codes, code)
    return bool(at < codes.size and codes[at] == code)


@njit(cache=True)
def _unlink(k: int, out: Any, lists: Any) -> None:
    before, after = lists.preceding[k], lists.following[k]
    if before >= 0:
        lists.following[before] = after
    else:
        lists.head[out.link_parent[k]] = after
    if after >= 0:
        lists.preceding[after] = before


@njit(cache=True)
def _insert(k: int, out: Any, lists: Any) -> None:
    box = out.link_parent[k]
    lists.following[k] = lists.head[box]
    lists.preceding[k] = -1
    if lists.head[box] >= 0:
        lists.preceding[lists.head[box]] = k
    lists.head[box] = k


@njit(cache=True)
def _end(k: int, e: int, out: Any, lists: Any) -> None:
    """End the stay or installation of a serialised child at event e."""
    out.link_until[k] = e
    out.link[out.link_child[k]] = -1
    _unlink(k, out, lists)


@njit(cache=True)
def _take_out(box: int, child: int, e: int, lists: Any) -> None:
    if lists.taken_at[box] != e:
        lists.taken_at[box] = e
        lists.taken_head[box] = -1
    lists.taken_child.append(child)
    lists.taken_next.append(lists.taken_head[box])
    lists.taken_head[box] = len(lists.taken_child) - 1


@njit(cache=True)
def _consume(e: int, h: Any, out: Any, lists: Any, marks: Any) -> None:
    """Inputs by name and, through R4 at any depth, by container; what is not put out again leaves what it was in."""
    inputs = 0
    for i in range(h.start[e], h.start[e + 1]):
        if h.part[i] == INPUT or h.part[i] == INPUT_QUANTITY:
            o = h.name[i]
            if marks.input_at[o] != e:
                marks.input_at[o] = e
                marks.queue[inputs] = o
                inputs += 1
    at = 0
    while at < inputs:
        k = lists.head[marks.queue[at]]
        at += 1
        while k >= 0:
            c = out.link_child[k]
            if out.link_kind[k] == CONTAINED and marks.input_at[c] != e:
                marks.input_at[c] = e
                marks.queue[inputs] = c
                inputs += 1
                out.used.append(e)
                out.used.append(c)
            k = lists.following[k]
    for at in range(inputs):
        o = marks.queue[at]
        if _holds(h.outputs, h.process[e] * h.n + o):
            continue
        marks.consumed[o] = e
        k = out.link[o]
        if k >= 0:
            box = out.link_parent[k]
            _end(k, e, out, lists)
            _take_out(box, o, e, lists)


@njit(cache=True)
def _destroy(e: int, h: Any, out: Any, lists: Any) -> None:
    for i in range(h.start[e], h.start[e + 1]):
        if h.part[i] == EPC and out.link[h.name[i]] >= 0:
            _end(out.link[h.name[i]], e, out, lists)


@njit(cache=True)
def _remove(e: int, parent: int, kind: int, h: Any, out: Any, lists: Any) -> None:
    """A DELETE ends its own kind of interval: of the children it names, or of all if it names none."""
    if h.bits[e] & NAMES_CHILD:
        for i in range(h.start[e], h.start[e + 1]):
            k = out.link[h.name[i]] if h.part[i] == CHILD else -1
            if k >= 0 and out.link_parent[k] == parent and out.link_kind[k] == kind:
                _end(k, e, out, lists)
        return
    k = lists.head[parent]
    while k >= 0:
        after = lists.following[k]
        if out.link_kind[k] == kind:
            _take_out(parent, out.link_child[k], e, lists)
            if k >= h.quantity_child.size:
                _end(k, e, out, lists)
        k = after


@njit(cache=True)
def _put(e: int, parent: int, kind: int, h: Any, out: Any, lists: Any) -> None:
    """An ADD: a serialised child has one parent at a time; a second ADD into the same one changes nothing."""
    for i in range(h.start[e], h.start[e + 1]):
        if h.part[i] != CHILD:
            continue
        c = h.name[i]
        k = out.link[c]
        if k >= 0:
            if out.link_parent[k] == parent and out.link_kind[k] == kind:
                continue
            _end(k, e, out, lists)
        k = lists.filled[0]
        lists.filled[0] += 1
        out.link_child[k] = c
        out.link_parent[k] = parent
        out.link_kind[k] = kind
        out.link_from[k] = e
        out.link[c] = k
        _insert(k, out, lists)


@njit(cache=True)
def _rearrange(e: int, h: Any, out: Any, lists: Any, marks: Any) -> None:
    """Who is inside what after event e."""
    bits = h.bits[e]
    if bits & TRANSFORMATION:
        _consume(e, h, out, lists, marks)
    if bits & DESTROYS:
        _destroy(e, h, out, lists)
    parent = -1
    for i in range(h.start[e], h.start[e + 1]):
        if h.part[i] == PARENT:
            parent = h.name[i]
    kind = CONTAINED if bits & CONTAINS else (INSTALLED if bits & INSTALLS else 0)
    if kind and parent >= 0 and bits & DELETE:
        _remove(e, parent, kind, h, out, lists)
    for i in range(h.closes_start[e], h.closes_start[e + 1]):
        out.link_until[h.closes[i]] = e
        _unlink(h.closes[i], out, lists)
    if kind and parent >= 0 and bits & ADD:
        _put(e, parent, kind, h, out, lists)
    for i in range(h.opens_start[e], h.opens_start[e + 1]):
        out.link_from[h.opens[i]] = e
        _insert(h.opens[i], out, lists)


@njit(cache=True)
def _concerned(e: int, h: Any, out: Any, lists: Any, marks: Any) -> int:
    """Fill `queue` with whom the event concerns: what it names, all inside that now, and all just taken out."""
    count = 0
    for i in range(h.start[e], h.start[e + 1]):
        o = h.name[i]
        if h.part[i] <= LAST_ROLE and marks.seen[o] != e:
            marks.named[o] = e
            marks.seen[o] = e
            marks.level[o] = 0
            marks.source[o] = o
            marks.queue[count] = o
            count += 1
    at = 0
    while at < count:
        x = marks.queue[at]
        at += 1
        k = lists.head[x]
        t = lists.taken_head[x] if lists.taken_at[x] == e else -1
        while k >= 0 or t >= 0:
            if k >= 0:
                c = out.link_child[k]
                k = lists.following[k]
            else:
                c = lists.taken_child[t]
                t = lists.taken_next[t]
            if marks.seen[c] != e:
                marks.seen[c] = e
                marks.level[c] = marks.level[x] + 1
                marks.source[c] = marks.source[x]
                marks.queue[count] = c
                count += 1
            elif marks.level[c] == marks.level[x] + 1 and h.rank[marks.source[x]] < h.rank[marks.source[c]]:
                marks.source[c] = marks.source[x]
    return count


@njit(cache=True)
def _moved(e: int, o: int, h: Any, out: Any, marks: Any) -> None:
    """The step of trace.md section 6 that says whether it is returned, delivered, in transit or in stock."""
    bits = h.bits[e]
    if bits & RETURNED:
        out.move[o] = MOVE_RETURNED
    elif bits & SELLS:
        out.move[o] = MOVE_DELIVERED
    elif bits & SHIPS:
        out.move[o] = MOVE_IN_TRANSIT
    elif bits & VOIDS:
        out.move[o] = MOVE_IN_STOCK
    elif bits & RECEIVES:
        theirs = h.own_place[e] == 0 if h.own_known else marks.sent[o] == 1
        out.move[o] = MOVE_DELIVERED if theirs else MOVE_IN_STOCK


@njit(cache=True)
def _tell(e: int, o: int, h: Any, out: Any, marks: Any) -> None:
    """What event e says of object o, which it concerns."""
    bits = h.bits[e]
    by_name = marks.named[o] == e
    out.last[o] = e
    out.way[o] = -1 if by_name else marks.source[o]
    if h.placed[e]:
        out.place_event[o] = e
    if by_name:
        out.term[o] = 0
        out.term_event[o] = -1
        if bits & OBJECT_EVENT and bits & ADD:
            out.added[o] = 1
    if bits & DESTROYS or marks.consumed[o] == e:
        out.term[o] = TERM_DESTROYED if bits & DESTROYS else TERM_CONSUMED
        out.term_event[o] = e
    if bits & DESTROYS:
        out.gone.append(e)
        out.gone.append(o)
    _moved(e, o, h, out, marks)
    if bits & SHIPS:
        if bits & HAS_DESTINATION:
            marks.sent[o] = 1
        if h.consigned[e]:
            out.shipped.append(e)
            out.shipped.append(o)
    if bits & (RECEIVES | HAS_SOURCE):
        out.arrived[o] = 1
    if h.watched[o]:
        out.on.append(e)
        out.on.append(o)
        out.on.append(out.way[o])


@njit(cache=True)
def _column(values: Any) -> Any:
    column = np.empty(len(values), np.int64)
    for i in range(len(values)):
        column[i] = values[i]
    return column


@njit(cache=True)
def sweep(h: Any) -> Any:
    """Walk all events of a `History` in order; see `Swept`."""
    n, m, q = h.n, h.bits.size, h.quantity_child.size
    size = q
    for i in range(h.part.size):
        if h.part[i] == CHILD:
            size += 1
    out = Swept(
        np.full(n, -1, np.int64),
        np.full(n, -1, np.int64),
        np.full(n, -1, np.int64),
        np.zeros(n, np.int64),
        np.full(n, -1, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.full(n, -1, np.int64),
        np.full(size, -1, np.int64),
        np.full(size, -1, np.int64),
        np.zeros(size, np.int64),
        np.full(size, -1, np.int64),
        np.full(size, m, np.int64),
        List.empty_list(types.int64),
        List.empty_list(types.int64),
        List.empty_list(types.int64),
        List.empty_list(types.int64),
    )
    out.link_child[:q] = h.quantity_child
    out.link_parent[:q] = h.quantity_parent
    out.link_kind[:q] = h.quantity_kind
    count = np.empty(1, np.int64)
    count[0] = q
    lists = Lists(
        np.full(n, -1, np.int64),
        np.full(size, -1, np.int64),
        np.full(size, -1, np.int64),
        count,
        np.full(n, -1, np.int64),
        np.full(n, -1, np.int64),
        List.empty_list(types.int64),
        List.empty_list(types.int64),
    )
    marks = Marks(
        np.full(n, -1, np.int64),
        np.full(n, -1, np.int64),
        np.zeros(n, np.int64),
        np.full(n, -1, np.int64),
        np.full(n, -1, np.int64),
        np.full(n, -1, np.int64),
        np.zeros(n, np.int64),
        np.empty(n, np.int64),
    )
    for e in range(m):
        _rearrange(e, h, out, lists, marks)
        for at in range(_concerned(e, h, out, lists, marks)):
            _tell(e, marks.queue[at], h, out, marks)
    links = lists.filled[0]
    return Swept(
        out.last,
        out.way,
        out.place_event,
        out.term,
        out.term_event,
        out.move,
        out.arrived,
        out.added,
        out.link,
        out.link_child[:links],
        out.link_parent[:links],
        out.link_kind[:links],
        out.link_from[:links],
        out.link_until[:links],
        _column(out.used),
        _column(out.shipped),
        _column(out.gone),
        _column(out.on),
    )
