"""Reaching: depth and certainty over a link graph (trace.md sections 4 and 5), compiled by numba.

Nodes are numbers; an edge has a weight of 0 or 1 (a process or an installation) and is certain or not. Depth is the
least weight over all paths; an object is certain if some path to it has certain edges only. The two may come from
different paths, so they are two walks; each visits a node once per improvement and ends on cycles.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit

from projections.genealogy.port import Ints
from projections.trace.kernels import grouped

UNREACHED: Final = 2**31


class Edges(NamedTuple):
    """Columns of equal length: from node, to node, weight 0 or 1, certain 0 or 1."""

    source: Ints
    target: Ints
    weight: Ints
    certain: Ints


def joined(parts: list[Edges]) -> Edges:
    """All edges of the parts."""
    if not parts:
        empty = np.empty(0, np.int64)
        return Edges(empty, empty, empty, empty)
    return Edges(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def edges(source: Ints, target: Ints, weight: int, certain: Ints | int) -> Edges:
    """Edges of one weight; `certain` for all or each."""
    flags = np.broadcast_to(np.asarray(certain, np.int64), source.shape).copy()
    return Edges(source, target, np.full(source.shape, weight, np.int64), flags)


@njit(cache=True, nogil=True)
def _shortest(start: Any, target: Any, weight: Any, seeds: Any, n: int) -> Any:
    """0-1 breadth first: two queues, the nearer one emptied before the farther."""
    depth = np.full(n, UNREACHED, np.int64)
    near = np.empty(target.size + seeds.size + 1, np.int64)
    far = np.empty(target.size + seeds.size + 1, np.int64)
    count = 0
    for node in seeds:
        if depth[node] != 0:
            depth[node] = 0
            near[count] = node
            count += 1
    level = 0
    while count:
        farther = 0
        at = 0
        while at < count:
            node = near[at]
            at += 1
            if depth[node] != level:
                continue
            for i in range(start[node], start[node + 1]):
                reached = level + weight[i]
                if reached < depth[target[i]]:
                    depth[target[i]] = reached
                    if weight[i]:
                        far[farther] = target[i]
                        farther += 1
                    else:
                        near[count] = target[i]
                        count += 1
        near, far = far, near
        count = farther
        level += 1
    return depth


def reach(n: int, links: Edges, seeds: Ints) -> tuple[Ints, Ints]:
    """Depth of each of `n` nodes from the seeds (`UNREACHED` if none) and whether it is certain (0 or 1)."""
    depth = _shortest(*_rows(n, links.source, links.target, links.weight), seeds, n)
    sure = links.certain == 1
    certain = _shortest(*_rows(n, links.source[sure], links.target[sure], links.weight[sure] * 0), seeds, n)
    return depth, (certain != UNREACHED).astype(np.int64)


def _rows(n: int, source: Ints, target: Ints, weight: Ints) -> tuple[Ints, Ints, Ints]:
    start, order = grouped(source, n)
    return start, target[order], weight[order]
