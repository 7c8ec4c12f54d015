"""Order by text without making strings: the least names of many, compared byte by byte where they lie (numba).

UTF-8 bytes compare as code points do, so this is the order that Python gives the decoded texts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _compare(text: Any, a: int, a_end: int, other: Any, b: int, b_end: int) -> int:
    while a < a_end and b < b_end:
        if text[a] != other[b]:
            return -1 if text[a] < other[b] else 1
        a += 1
        b += 1
    return int(a < a_end) - int(b < b_end)


@njit(cache=True, nogil=True)
def _less(text: Any, ends: Any, a: int, b: int) -> bool:
    first = ends[a - 1] if a else 0
    second = ends[b - 1] if b else 0
    return _compare(text, first, ends[a], text, second, ends[b]) < 0


@njit(cache=True, nogil=True)
def _sink(text: Any, ends: Any, heap: Any, at: int, size: int) -> None:
    """Restore the heap (greatest on top) below `at`."""
    while True:
        child = 2 * at + 1
        if child >= size:
            return
        if child + 1 < size and _less(text, ends, heap[child], heap[child + 1]):
            child += 1
        if not _less(text, ends, heap[at], heap[child]):
            return
        heap[at], heap[child] = heap[child], heap[at]
        at = child


@njit(cache=True, nogil=True)
def least(text: Any, ends: Any, names: Any, after: Any, bounded: bool, most: int) -> Any:
    """The `most` least of `names` in ascending order; if `bounded`, only those beyond the text `after`.

    `text` holds all texts in UTF-8, name n ending at `ends[n]`. A heap of the least so far, so that a page of a large
    closure costs one comparison for most names.
    """
    heap = np.empty(most, np.int64)
    size = 0
    for name in names:
        start = ends[name - 1] if name else 0
        if bounded and _compare(text, start, ends[name], after, 0, after.size) <= 0:
            continue
        if size < most:
            heap[size] = name
            size += 1
            if size == most:
                for at in range(most // 2, -1, -1):
                    _sink(text, ends, heap, at, size)
        elif most and _less(text, ends, name, heap[0]):
            heap[0] = name
            _sink(text, ends, heap, 0, size)
    if size < most:
        for at in range(size // 2, -1, -1):
            _sink(text, ends, heap, at, size)
    for last in range(size - 1, 0, -1):
        heap[0], heap[last] = heap[last], heap[0]
        _sink(text, ends, heap, 0, last)
    return heap[:size]
