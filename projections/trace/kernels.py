"""Loops over columns that numpy has no word for, compiled by numba: distinct values, groups, codes.

All work on 64-bit columns of small dense numbers (handles, positions), so that tables take the place of sorting.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def fresh(values: Any, marks: Any) -> Any:
    """Values not marked yet, each once, in the order given; they are marked then."""
    found = np.empty(values.size, np.int64)
    count = 0
    for value in values:
        if not marks[value]:
            marks[value] = True
            found[count] = value
            count += 1
    return found[:count].copy()


@njit(cache=True, nogil=True)
def grouped(keys: Any, n: int) -> Any:
    """Positions of each key 0..n-1, stable: `order[start[k]:start[k + 1]]`. Keys below 0 are left out."""
    start = np.zeros(n + 1, np.int64)
    for key in keys:
        if key >= 0:
            start[key + 1] += 1
    for key in range(n):
        start[key + 1] += start[key]
    place = start[:n].copy()
    order = np.empty(start[n], np.int64)
    for at in range(keys.size):
        key = keys[at]
        if key >= 0:
            order[place[key]] = at
            place[key] += 1
    return start, order


@njit(cache=True, nogil=True)
def coded(values: Any) -> Any:
    """Code of each value (0, 1, … in the order first met), and the distinct values by code."""
    size = 16
    while size < 2 * values.size:
        size *= 2
    table = np.full(size, -1, np.int64)
    codes = np.empty(values.size, np.int64)
    distinct = np.empty(values.size, np.int64)
    count = 0
    for at in range(values.size):
        value = values[at]
        slot = (value * 0x9E3779B1) & (size - 1)
        while table[slot] >= 0 and distinct[table[slot]] != value:
            slot = (slot + 1) & (size - 1)
        if table[slot] < 0:
            table[slot] = count
            distinct[count] = value
            count += 1
        codes[at] = table[slot]
    return codes, distinct[:count].copy()


@njit(cache=True, nogil=True)
def counted_around(things: Any, start: Any, parents: Any, n: int) -> Any:
    """How many of `things` each of `n` objects holds at any depth; `parents[start[x]:start[x + 1]]` are around x."""
    holds = np.zeros(n, np.int64)
    seen = np.full(n, -1, np.int64)
    queue = np.empty(n, np.int64)
    for thing in things:
        seen[thing] = thing
        queue[0] = thing
        count = 1
        at = 0
        while at < count:
            inner = queue[at]
            at += 1
            for i in range(start[inner], start[inner + 1]):
                box = parents[i]
                if seen[box] != thing:
                    seen[box] = thing
                    holds[box] += 1
                    queue[count] = box
                    count += 1
    return holds
