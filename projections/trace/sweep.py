"""The sweep: R3-R5 and whereabouts, by walking the events once in their order (trace.md sections 2, 3, 6).

Compiled by numba over tables of integers (`history.Tables`), so that no Python object exists per event or object. It
keeps who is inside what as linked lists of open *links* (a stay in a container or an installation, of a serialised
child or of a quantity of a lot) and tells every object an event concerns, at any depth, what the event says of it.

In all functions: `o` objects, `v` events, `w` mentions, `k` links, `t` who was taken out at this event (next,
child), `q` a queue of objects, `notes` (what, event, object, way), `c` counts of links, taken and notes.
Run with NUMBA_DISABLE_JIT=1 to step through it as plain Python.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from projections.trace.history import (
    ADD,
    CHILD,
    CONTAINED,
    CONTAINS,
    DELETE,
    DESTROYS,
    EPC,
    GONE,
    HAS_DESTINATION,
    HAS_SOURCE,
    INPUT,
    INPUT_QUANTITY,
    INSTALLED,
    INSTALLS,
    L_BEFORE,
    L_CHILD,
    L_FROM,
    L_KIND,
    L_NEXT,
    L_PARENT,
    L_UNTIL,
    LAST_ROLE,
    M_NAME,
    M_PART,
    MOVE_DELIVERED,
    MOVE_IN_STOCK,
    MOVE_IN_TRANSIT,
    MOVE_RETURNED,
    NAMES_CHILD,
    O_ADDED,
    O_ARRIVED,
    O_CONSUMED,
    O_HEAD,
    O_INPUT_AT,
    O_LAST,
    O_LEVEL,
    O_LINK,
    O_MOVE,
    O_NAMED,
    O_PLACE,
    O_RANK,
    O_SEEN,
    O_SENT,
    O_SOURCE,
    O_TAKEN_AT,
    O_TAKEN_HEAD,
    O_TERM,
    O_TERM_EVENT,
    O_WATCHED,
    O_WAY,
    OBJECT_EVENT,
    ON,
    PARENT,
    RECEIVES,
    RETURNED,
    SELLS,
    SHIPPED,
    SHIPS,
    TERM_CONSUMED,
    TERM_DESTROYED,
    TRANSFORMATION,
    USED,
    V_BITS,
    V_CLOSES,
    V_CONSIGNED,
    V_OPENS,
    V_OWN,
    V_PLACED,
    V_PROCESS,
    V_START,
    VOIDS,
    History,
    Swept,
    found,
    pack,
)

_LINKS: Final = 0
_TAKEN: Final = 1
_NOTES: Final = 2
_NEXT: Final = 0
_CHILD: Final = 1


@njit(cache=True, nogil=True)
def _holds(codes: Any, code: int) -> bool:
    at = np.searchsorted(codes, code)
    return bool(at < codes.size and codes[at] == code)


@njit(cache=True, nogil=True)
def _note(what: int, e: int, x: int, way: int, notes: Any, c: Any) -> None:
    at = c[_NOTES]
    notes[at, 0] = what
    notes[at, 1] = e
    notes[at, 2] = x
    notes[at, 3] = way
    c[_NOTES] = at + 1


@njit(cache=True, nogil=True)
def _unlink(n: int, o: Any, k: Any) -> None:
    before, after = k[n, L_BEFORE], k[n, L_NEXT]
    if before >= 0:
        k[before, L_NEXT] = after
    else:
        o[k[n, L_PARENT], O_HEAD] = after
    if after >= 0:
        k[after, L_BEFORE] = before


@njit(cache=True, nogil=True)
def _insert(n: int, o: Any, k: Any) -> None:
    box = k[n, L_PARENT]
    first = o[box, O_HEAD]
    k[n, L_NEXT] = first
    k[n, L_BEFORE] = -1
    if first >= 0:
        k[first, L_BEFORE] = n
    o[box, O_HEAD] = n


@njit(cache=True, nogil=True)
def _end(n: int, e: int, o: Any, k: Any) -> None:
    """End the stay or installation of a serialised child at event e."""
    k[n, L_UNTIL] = e
    o[k[n, L_CHILD], O_LINK] = -1
    _unlink(n, o, k)


@njit(cache=True, nogil=True)
def _take_out(box: int, child: int, e: int, o: Any, t: Any, c: Any) -> None:
    if o[box, O_TAKEN_AT] != e:
        o[box, O_TAKEN_AT] = e
        o[box, O_TAKEN_HEAD] = -1
    at = c[_TAKEN]
    t[at, _NEXT] = o[box, O_TAKEN_HEAD]
    t[at, _CHILD] = child
    o[box, O_TAKEN_HEAD] = at
    c[_TAKEN] = at + 1


@njit(cache=True, nogil=True)
def _consume(e: int, o: Any, v: Any, w: Any, k: Any, t: Any, q: Any, notes: Any, c: Any, outputs: Any) -> None:
    """Inputs by name and, through R4 at any depth, by container; what is not put out again leaves what it was in."""
    inputs = 0
    for i in range(v[e, V_START], v[e + 1, V_START]):
        if w[i, M_PART] == INPUT or w[i, M_PART] == INPUT_QUANTITY:
            x = w[i, M_NAME]
            if o[x, O_INPUT_AT] != e:
                o[x, O_INPUT_AT] = e
                q[inputs] = x
                inputs += 1
    at = 0
    while at < inputs:
        n = o[q[at], O_HEAD]
        at += 1
        while n >= 0:
            x = k[n, L_CHILD]
            if k[n, L_KIND] == CONTAINED and o[x, O_INPUT_AT] != e:
                o[x, O_INPUT_AT] = e
                q[inputs] = x
                inputs += 1
                _note(USED, e, x, -1, notes, c)
            n = k[n, L_NEXT]
    process = np.int64(v[e, V_PROCESS]) * o.shape[0]
    for at in range(inputs):
        x = q[at]
        if _holds(outputs, process + x):
            continue
        o[x, O_CONSUMED] = e
        n = o[x, O_LINK]
        if n >= 0:
            box = k[n, L_PARENT]
            _end(n, e, o, k)
            _take_out(box, x, e, o, t, c)


@njit(cache=True, nogil=True)
def _destroy(e: int, o: Any, v: Any, w: Any, k: Any) -> None:
    for i in range(v[e, V_START], v[e + 1, V_START]):
        n = o[w[i, M_NAME], O_LINK] if w[i, M_PART] == EPC else -1
        if n >= 0:
            _end(n, e, o, k)


@njit(cache=True, nogil=True)
def _remove(e: int, parent: int, kind: int, quantified: int, o: Any, v: Any, w: Any, k: Any, t: Any, c: Any) -> None:
    """A DELETE ends its own kind of interval: of the children it names, or of all if it names none."""
    if v[e, V_BITS] & NAMES_CHILD:
        for i in range(v[e, V_START], v[e + 1, V_START]):
            n = o[w[i, M_NAME], O_LINK] if w[i, M_PART] == CHILD else -1
            if n >= 0 and k[n, L_PARENT] == parent and k[n, L_KIND] == kind:
                _end(n, e, o, k)
        return
    n = o[parent, O_HEAD]
    while n >= 0:
        after = k[n, L_NEXT]
        if k[n, L_KIND] == kind:
            _take_out(parent, k[n, L_CHILD], e, o, t, c)
            if n >= quantified:
                _end(n, e, o, k)
        n = after


@njit(cache=True, nogil=True)
def _put(e: int, parent: int, kind: int, o: Any, v: Any, w: Any, k: Any, c: Any) -> None:
    """An ADD: a serialised child has one parent at a time; a second ADD into the same one changes nothing."""
    for i in range(v[e, V_START], v[e + 1, V_START]):
        if w[i, M_PART] != CHILD:
            continue
        x = w[i, M_NAME]
        n = o[x, O_LINK]
        if n >= 0:
            if k[n, L_PARENT] == parent and k[n, L_KIND] == kind:
                continue
            _end(n, e, o, k)
        n = c[_LINKS]
        c[_LINKS] = n + 1
        k[n, L_CHILD] = x
        k[n, L_PARENT] = parent
        k[n, L_KIND] = kind
        k[n, L_FROM] = e
        o[x, O_LINK] = n
        _insert(n, o, k)


@njit(cache=True, nogil=True)
def _arrange(e: int, quantified: int, opens: Any, closes: Any, o: Any, v: Any, w: Any, k: Any, t: Any, c: Any) -> None:
    """Who is inside what after event e, but for what a process consumed."""
    bits = v[e, V_BITS]
    if bits & DESTROYS:
        _destroy(e, o, v, w, k)
    parent = -1
    for i in range(v[e, V_START], v[e + 1, V_START]):
        if w[i, M_PART] == PARENT:
            parent = w[i, M_NAME]
    kind = CONTAINED if bits & CONTAINS else (INSTALLED if bits & INSTALLS else 0)
    if kind and parent >= 0 and bits & DELETE:
        _remove(e, parent, kind, quantified, o, v, w, k, t, c)
    for i in range(v[e, V_CLOSES], v[e + 1, V_CLOSES]):
        k[closes[i], L_UNTIL] = e
        _unlink(closes[i], o, k)
    if kind and parent >= 0 and bits & ADD:
        _put(e, parent, kind, o, v, w, k, c)
    for i in range(v[e, V_OPENS], v[e + 1, V_OPENS]):
        k[opens[i], L_FROM] = e
        _insert(opens[i], o, k)


@njit(cache=True, nogil=True)
def _concerned(e: int, o: Any, v: Any, w: Any, k: Any, t: Any, q: Any) -> int:
    """Fill the queue with whom the event concerns: what it names, all inside that now, and all just taken out."""
    count = 0
    for i in range(v[e, V_START], v[e + 1, V_START]):
        x = w[i, M_NAME]
        if w[i, M_PART] <= LAST_ROLE and o[x, O_SEEN] != e:
            o[x, O_NAMED] = e
            o[x, O_SEEN] = e
            o[x, O_LEVEL] = 0
            o[x, O_SOURCE] = x
            q[count] = x
            count += 1
    at = 0
    while at < count:
        box = q[at]
        at += 1
        level, source = o[box, O_LEVEL] + 1, o[box, O_SOURCE]
        n = o[box, O_HEAD]
        taken = o[box, O_TAKEN_HEAD] if o[box, O_TAKEN_AT] == e else -1
        while n >= 0 or taken >= 0:
            if n >= 0:
                x = k[n, L_CHILD]
                n = k[n, L_NEXT]
            else:
                x = t[taken, _CHILD]
                taken = t[taken, _NEXT]
            if o[x, O_SEEN] != e:
                o[x, O_SEEN] = e
                o[x, O_LEVEL] = level
                o[x, O_SOURCE] = source
                q[count] = x
                count += 1
            elif o[x, O_LEVEL] == level and o[source, O_RANK] < o[o[x, O_SOURCE], O_RANK]:
                o[x, O_SOURCE] = source
    return count


@njit(cache=True, nogil=True)
def _moved(bits: int, own: int, own_known: bool, x: int, o: Any) -> None:
    """The step of trace.md section 6 that says whether it is returned, delivered, in transit or in stock."""
    if bits & RETURNED:
        o[x, O_MOVE] = MOVE_RETURNED
    elif bits & SELLS:
        o[x, O_MOVE] = MOVE_DELIVERED
    elif bits & SHIPS:
        o[x, O_MOVE] = MOVE_IN_TRANSIT
    elif bits & VOIDS:
        o[x, O_MOVE] = MOVE_IN_STOCK
    elif bits & RECEIVES:
        theirs = own == 0 if own_known else o[x, O_SENT] == 1
        o[x, O_MOVE] = MOVE_DELIVERED if theirs else MOVE_IN_STOCK


@njit(cache=True, nogil=True)
def _tell(e: int, x: int, own_known: bool, o: Any, v: Any, notes: Any, c: Any) -> None:
    """What event e says of object x, which it concerns."""
    bits = v[e, V_BITS]
    by_name = o[x, O_NAMED] == e
    o[x, O_LAST] = e
    o[x, O_WAY] = -1 if by_name else o[x, O_SOURCE]
    if v[e, V_PLACED]:
        o[x, O_PLACE] = e
    if by_name:
        o[x, O_TERM] = 0
        o[x, O_TERM_EVENT] = -1
        if bits & OBJECT_EVENT and bits & ADD:
            o[x, O_ADDED] = 1
    if bits & DESTROYS or o[x, O_CONSUMED] == e:
        o[x, O_TERM] = TERM_DESTROYED if bits & DESTROYS else TERM_CONSUMED
        o[x, O_TERM_EVENT] = e
    if bits & DESTROYS:
        _note(GONE, e, x, -1, notes, c)
    _moved(bits, v[e, V_OWN], own_known, x, o)
    if bits & SHIPS:
        if bits & HAS_DESTINATION:
            o[x, O_SENT] = 1
        if v[e, V_CONSIGNED]:
            _note(SHIPPED, e, x, -1, notes, c)
    if bits & (RECEIVES | HAS_SOURCE):
        o[x, O_ARRIVED] = 1
    if o[x, O_WATCHED]:
        _note(ON, e, x, o[x, O_WAY], notes, c)


@njit(cache=True, nogil=True)
def _sweep(
    o: Any, v: Any, w: Any, k: Any, opens: Any, closes: Any, outputs: Any, own_known: bool, quantified: int
) -> Any:
    n = o.shape[0]
    q = np.empty(n, np.int32)
    t = np.empty((k.shape[0], 2), np.int32)
    notes = np.empty((max(4 * n, 64), 4), np.int32)
    c = np.zeros(3, np.int64)
    c[_LINKS] = quantified
    for e in range(v.shape[0] - 1):
        if notes.shape[0] - c[_NOTES] < 4 * n:
            wider = np.empty((2 * notes.shape[0] + 4 * n, 4), np.int32)
            wider[: c[_NOTES]] = notes[: c[_NOTES]]
            notes = wider
        c[_TAKEN] = 0
        if v[e, V_BITS] & TRANSFORMATION:
            _consume(e, o, v, w, k, t, q, notes, c, outputs)
        _arrange(e, quantified, opens, closes, o, v, w, k, t, c)
        for at in range(_concerned(e, o, v, w, k, t, q)):
            _tell(e, q[at], own_known, o, v, notes, c)
    return notes[: c[_NOTES]], c[_LINKS]


def sweep(history: History) -> Swept:
    """Walk all events of a history in order."""
    tables = pack(history)
    notes, links = _sweep(*tables, history.quantity_child.size)
    return found(tables, notes, int(links))
