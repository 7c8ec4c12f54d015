"""Columns at hand: small array helpers and the growing set of mentions a question has loaded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from projections.genealogy.port import Events, Ints, Mask, Mentions, Part, Reader

EMPTY: Ints = np.empty(0, np.int64)

INPUTS = (Part.INPUT, Part.INPUT_QUANTITY)
OUTPUTS = (Part.OUTPUT, Part.OUTPUT_QUANTITY)
CHILDREN = (Part.CHILD, Part.CHILD_QUANTITY)


def union(*columns: Ints) -> Ints:
    """Sorted distinct values of all columns."""
    return np.unique(np.concatenate(columns)) if columns else EMPTY


def without(some: Ints, others: Ints) -> Ints:
    """Sorted distinct values of `some` that are not in `others`."""
    return np.setdiff1d(some, others)


def has(column: Ints, parts: Iterable[Part]) -> Mask:
    """Mask of the rows whose part is one of `parts`."""
    return np.isin(column, [int(part) for part in parts])


def select(rows: Mentions, mask: Mask) -> Mentions:
    return Mentions(rows.event[mask], rows.name[mask], rows.part[mask], rows.extra[mask])


def stacked(chunks: Sequence[Mentions]) -> Mentions:
    """All rows of all chunks."""
    if not chunks:
        return Mentions(EMPTY, EMPTY, EMPTY, EMPTY)
    return Mentions(
        np.concatenate([chunk.event for chunk in chunks]),
        np.concatenate([chunk.name for chunk in chunks]),
        np.concatenate([chunk.part for chunk in chunks]),
        np.concatenate([chunk.extra for chunk in chunks]),
    )


async def in_order(reader: Reader, events: Ints) -> tuple[Ints, Events]:
    """Events sorted into the order of events (trace.md section 2): event time, record time, event id.

    Ids and digits finer than a microsecond are fetched only where the columns leave a tie.
    """
    columns = await reader.events(events)
    finer = (columns.bits & (1 << 16)) != 0
    order = np.lexsort((columns.record_us, columns.us))
    us, record_us = columns.us[order], columns.record_us[order]
    if events.size > 1:
        same = us[1:] == us[:-1]
        tied = same & ((record_us[1:] == record_us[:-1]) | finer[order][1:] | finer[order][:-1])
        if tied.any():
            order = await _untied(reader, events, columns, order, same)
    return events[order], Events(columns.us[order], columns.record_us[order], columns.bits[order])


async def _untied(reader: Reader, events: Ints, columns: Events, order: Ints, same: Mask) -> Ints:
    """Order with every run of one microsecond sorted by all digits, record time and id."""
    in_run = np.zeros(order.size, np.bool_)
    in_run[1:] |= same
    in_run[:-1] |= same
    places = np.flatnonzero(in_run)
    rows = order[places]
    ids = await reader.event_ids(events[rows])
    digits = await reader.finer(events[rows])
    keys = sorted(
        (int(columns.us[row]), digit, int(columns.record_us[row]), event_id, int(row))
        for row, digit, event_id in zip(rows, digits, ids, strict=True)
    )
    untied = order.copy()
    untied[places] = [key[-1] for key in keys]
    return untied
