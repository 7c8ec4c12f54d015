"""Who is affected, and who contributed: trace.md sections 4 and 5 as link graphs over a subgraph.

Connector nodes that are no objects keep the graphs small: a process (R1), the *quantity* of a lot on the way from
one of its items into a process or an assembly (rules 2 and 4), and the *whole* of a lot that leads back to what its
items were made of (section 5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from projections.genealogy.port import KINDS, Ints, Mask
from projections.trace.columns import EMPTY, among, distinct_sorted
from projections.trace.load import Loader
from projections.trace.subgraph import Subgraph
from projections.trace.walk import UNREACHED, Edges, edges, joined, reach
from schemas.identifiers import Kind

_PRODUCT = KINDS.index(Kind.PRODUCT)
_LOT = KINDS.index(Kind.LOT)


@dataclass(frozen=True, slots=True)
class Closure:
    """Per object number: `depth` (`UNREACHED` if not reached), `certain` (0 or 1), and `leaf`: 1 if it leads to no
    other object. `entire` is true for lots reached whole (section 5). `links` are those of the walk over `nodes` nodes,
    the objects first; the node of a lot's whole is `whole` + its number, if `whole` is not 0."""

    depth: Ints
    certain: Ints
    leaf: Ints
    entire: Mask
    links: Edges
    nodes: int
    whole: int

    @property
    def reached(self) -> Ints:
        """Object numbers reached, ascending."""
        return np.flatnonzero(self.depth < UNREACHED)


def output_counts(graph: Subgraph) -> Ints:
    """Distinct outputs of each process, over the whole process under the question's limits."""
    return np.bincount(graph.outputs.first, minlength=graph.processes.size).astype(np.int64)


def leads(graph: Subgraph, loader: Loader) -> Ints:
    """Per object 1 if the walk may go on from it: a product class does so only as a seed (rule 6)."""
    leading: Mask = (graph.kinds != _PRODUCT) | loader.seeds.has(graph.names)
    return leading.astype(np.int64)


def forward(graph: Subgraph, loader: Loader, seeds: Ints) -> Closure:
    """Impact: the least set of section 4 with depth and certainty."""
    n, p = graph.names.size, graph.processes.size
    process, possible, quantity = n, n + p, n + 2 * p
    inputs, fitted, members = graph.inputs, graph.installed(), graph.members
    going = leads(graph, loader) == 1
    made_by, made = graph.outputs.first, graph.numbers(graph.outputs.second)
    made_by, made = made_by[made >= 0], made[made >= 0]
    single = (output_counts(graph)[made_by] == 1).astype(np.int64)
    of_lot = _mask(n, members.second)[inputs.object]
    by_lot = _distinct_pairs(inputs.object[of_lot], inputs.process[of_lot], p)
    leading = going[inputs.object]
    excluded, instead = _not_from_own_process(graph, by_lot)
    parts = [
        edges(inputs.object[leading], process + inputs.process[leading], 0, 1),
        edges(process + made_by, made, 1, single),
        edges(possible + made_by, made, 1, 0),
        edges(members.first, quantity + members.second, 0, 0),
        edges(quantity + by_lot[0][~excluded], possible + by_lot[1][~excluded], 0, 0),
        edges(instead[0], possible + instead[1], 0, 0),
        edges(quantity + fitted.first, fitted.second, 1, 0),
        edges(fitted.first[going[fitted.first]], fitted.second[going[fitted.first]], 1, 1),
        edges(members.second, members.first, 0, 1),
    ]
    return _closure(graph, quantity + n, joined(parts), seeds, EMPTY)


def _not_from_own_process(graph: Subgraph, by_lot: Ints) -> tuple[Mask, Ints]:
    """Rule 2's exception: an item does not reach, by way of its lot's quantity, a process that put it out.

    Returns a mask of the (lot, process) pairs concerned and, in their stead, (item, process) pairs of the other items.
    """
    members, n = graph.members, graph.names.size
    made = graph.made.first * n + graph.made.second
    excluded = np.zeros(by_lot.shape[1], np.bool_)
    items: list[Ints] = []
    processes: list[Ints] = []
    for at in np.flatnonzero(_mask(graph.processes.size, graph.made.first)[by_lot[1]]):
        lot, process = int(by_lot[0][at]), int(by_lot[1][at])
        of_lot = members.first[graph.items_of.of(lot)]
        put_out = among(process * n + of_lot, made)
        if put_out.any():
            excluded[at] = True
            items.append(of_lot[~put_out])
            processes.append(np.full(items[-1].size, process, np.int64))
    if not items:
        return excluded, np.empty((2, 0), np.int64)
    return excluded, np.stack([np.concatenate(items), np.concatenate(processes)])


def _mask(size: int, numbers: Ints) -> Mask:
    mask = np.zeros(size, np.bool_)
    mask[numbers] = True
    return mask


def _distinct_pairs(first: Ints, second: Ints, width: int) -> Ints:
    """Each (first, second) once, as two rows; `second` is below `width`."""
    return np.stack(np.divmod(distinct_sorted(first * width + second), max(width, 1)))


def backward(graph: Subgraph, loader: Loader, seeds: Ints) -> Closure:
    """Provenance: the reverse, with the whole of lots that are seeds, inputs or parts."""
    n, p = graph.names.size, graph.processes.size
    process, whole = n, n + p
    inputs, fitted, members = graph.inputs, graph.installed(), graph.members
    going = leads(graph, loader) == 1
    single = output_counts(graph) == 1
    walked = loader.processes.has(graph.processes)
    out = walked[graph.made.first] & going[graph.made.second]
    lots = graph.kinds == _LOT
    parts = [
        edges(graph.made.second[out], process + graph.made.first[out], 0, single[graph.made.first[out]]),
        edges(members.first, members.second, 0, 1),
        edges(whole + np.flatnonzero(lots), np.flatnonzero(lots), 0, 1),
    ]
    from_assembly = going[fitted.second]
    parts += _onward(process + inputs.process, inputs.object, 1, lots, whole)
    parts += _onward(fitted.second[from_assembly], fitted.first[from_assembly], 1, lots, whole)
    for sources, targets, certain in _of_whole_lots(graph, seeds):
        parts += _onward(whole + sources, targets, certain, lots, whole)
    return _closure(graph, whole + n, joined(parts), seeds, whole + seeds[lots[seeds]], whole)


def _onward(source: Ints, target: Ints, certain: Ints | int, lots: Ints, whole: int) -> list[Edges]:
    """Edges of one step to a target and, where it is a lot, to its whole."""
    lot = lots[target]
    flags = np.broadcast_to(np.asarray(certain, np.int64), source.shape)
    return [edges(source, target, 1, flags), edges(source[lot], whole + target[lot], 1, flags[lot])]


def _of_whole_lots(graph: Subgraph, seeds: Ints) -> list[tuple[Ints, Ints, Ints]]:
    """(lot, input or part, certain) by way of the lot's items: inputs of the processes that made them, but for the
    lot itself, and the parts installed in them."""
    members, made, fitted, inputs = graph.members, graph.made, graph.installed(), graph.inputs
    found: list[tuple[Ints, Ints, Ints]] = []
    at, lot = _matches(made.second, members.first)
    pairs = _distinct_pairs(members.second[lot], made.first[at], graph.processes.size)
    seeded = _mask(graph.names.size, seeds)
    seed = seeded[pairs[0]]
    for number in np.flatnonzero(seed):
        seed[number] = _all_of_lot(graph, int(pairs[0][number]), int(pairs[1][number]))
    pair, given = _matches(pairs[1], inputs.process)
    other = inputs.object[given] != pairs[0][pair]
    found.append((pairs[0][pair][other], inputs.object[given][other], seed[pair][other].astype(np.int64)))
    at, lot = _matches(fitted.second, members.first)
    lots = members.second[lot]
    found.append((lots, fitted.first[at], seeded[lots].astype(np.int64)))
    return found


def _all_of_lot(graph: Subgraph, lot: int, process: int) -> bool:
    """True if every output of the process is the lot or belongs to it."""
    outputs = graph.outputs.second[graph.outputs.first == process]
    items = graph.members.first[graph.items_of.of(lot)]
    of_lot = graph.names[np.append(items, lot)]
    return bool(np.isin(outputs, of_lot).all())


def _matches(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """All index pairs (i, j) with left[i] == right[j]."""
    order = np.argsort(right, kind="stable")
    first = np.searchsorted(right[order], left, side="left")
    count = np.searchsorted(right[order], left, side="right") - first
    i = np.repeat(np.arange(left.size), count)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return i, order[np.repeat(first, count) + offset]


def any_leads_to(found: Closure, wanted: Mask, seeds: Ints) -> bool:
    """True if a wanted object (mask) is reached from one of these seeds, which were seeds of the walk."""
    ends = np.flatnonzero(wanted)
    against = Edges(found.links.target, found.links.source, found.links.weight, found.links.certain)
    depth, _ = reach(found.nodes, against, ends)
    nodes = np.append(seeds, found.whole + seeds) if found.whole else seeds
    return bool((depth[nodes] < UNREACHED).any())


def _closure(graph: Subgraph, nodes: int, links: Edges, seeds: Ints, also: Ints, whole: int = 0) -> Closure:
    depth, certain = reach(nodes, links, np.concatenate([seeds, also]))
    n = graph.names.size
    least, greatest = _beyond(n, nodes, links)
    onward = _onward_from(n, links, least, greatest)
    entire = np.zeros(n, np.bool_)
    if whole:
        entire = depth[whole : whole + n] < UNREACHED
        lots = np.flatnonzero(entire)
        onward[lots] |= (greatest[whole + lots] >= 0) & (
            (least[whole + lots] != lots) | (greatest[whole + lots] != lots)
        )
    return Closure(depth[:n], certain[:n], (~onward).astype(np.int64), entire, links, nodes, whole)


def _beyond(n: int, nodes: int, links: Edges) -> tuple[Ints, Ints]:
    """Least and greatest object that each connector leads to (connectors follow one another at most twice)."""
    least, greatest = np.full(nodes, nodes, np.int64), np.full(nodes, -1, np.int64)
    connector = links.source >= n
    ends = connector & (links.target < n)
    np.minimum.at(least, links.source[ends], links.target[ends])
    np.maximum.at(greatest, links.source[ends], links.target[ends])
    between = connector & (links.target >= n)
    for _ in range(2):
        np.minimum.at(least, links.source[between], least[links.target[between]])
        np.maximum.at(greatest, links.source[between], greatest[links.target[between]])
    return least, greatest


def _onward_from(n: int, links: Edges, least: Ints, greatest: Ints) -> Mask:
    """Mask of the objects that lead to another object than themselves."""
    onward = np.zeros(n, np.bool_)
    direct = (links.source < n) & (links.target < n) & (links.source != links.target)
    onward[links.source[direct]] = True
    by_way = (links.source < n) & (links.target >= n)
    source, target = links.source[by_way], links.target[by_way]
    others = (greatest[target] >= 0) & ((least[target] != source) | (greatest[target] != source))
    onward[source[others]] = True
    return onward
