"""Columns at hand: small array helpers and the growing set of mentions a question has loaded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from projections.genealogy.port import Bit, Events, Ints, Mask, Mentions, Part, Reader
from projections.trace.kernels import fresh, grouped

EMPTY: Ints = np.empty(0, np.int64)

INPUTS = (Part.INPUT, Part.INPUT_QUANTITY)
OUTPUTS = (Part.OUTPUT, Part.OUTPUT_QUANTITY)
CHILDREN = (Part.CHILD, Part.CHILD_QUANTITY)


class Marks:
    """A growing set of handles, as a table of marks and in the order in which they came."""

    def __init__(self, names: Ints = EMPTY) -> None:
        self._marks: Mask = np.zeros(1024, np.bool_)
        self._chunks: list[Ints] = []
        self.add(names)

    def add(self, names: Ints) -> Ints:
        """Those not in the set before, each once; they are in it now."""
        self._reach(names)
        new: Ints = fresh(names, self._marks)
        if new.size:
            self._chunks.append(new)
        return new

    def missing(self, names: Ints) -> Ints:
        """Those not in the set, each once."""
        return distinct(names[~self.has(names)])

    def has(self, names: Ints) -> Mask:
        self._reach(names)
        held: Mask = self._marks[names]
        return held

    def all(self) -> Ints:
        """In the order in which they came."""
        if len(self._chunks) > 1:
            self._chunks = [np.concatenate(self._chunks)]
        return self._chunks[0] if self._chunks else EMPTY

    def _reach(self, names: Ints) -> None:
        last = int(names.max()) if names.size else 0
        if last >= self._marks.size:
            wider = np.zeros(max(last + 1, 2 * self._marks.size), np.bool_)
            wider[: self._marks.size] = self._marks
            self._marks = wider


class Numbering:
    """Positions of distinct handles, looked up in a table."""

    def __init__(self, names: Ints) -> None:
        self._at = np.zeros(int(names.max()) + 1 if names.size else 0, np.int32)
        self._at[names] = np.arange(1, names.size + 1)

    def of(self, names: Ints) -> Ints:
        """Positions of handles that have one."""
        return self._at[names].astype(np.int64) - 1

    def find(self, names: Ints) -> Ints:
        """Positions, -1 for handles that have none, and for -1."""
        known = (names >= 0) & (names < self._at.size)
        if known.all():
            return self.of(names)
        found = np.full(names.size, -1, np.int64)
        found[known] = self.of(names[known])
        return found


class Groups:
    """Positions of a column by the number they hold, 0 to `n` - 1."""

    def __init__(self, column: Ints, n: int) -> None:
        self.start, self.order = grouped(column, n)

    def of(self, number: int) -> Ints:
        positions: Ints = self.order[self.start[number] : self.start[number + 1]]
        return positions

    def of_all(self, numbers: Ints) -> Ints:
        """Positions of each of these numbers, one number after the other."""
        positions: Ints = self.order[ranges(self.start[numbers], self.counts(numbers))]
        return positions

    def counts(self, numbers: Ints) -> Ints:
        """How many positions each of these numbers has."""
        counts: Ints = self.start[numbers + 1] - self.start[numbers]
        return counts

    def each(self, number: int) -> list[int]:
        listed: list[int] = self.of(number).tolist()
        return listed


def distinct(values: Ints) -> Ints:
    """Each value (none negative) once, in the order first met."""
    if values.size < 2:
        return values
    found: Ints = fresh(values, np.zeros(int(values.max()) + 1, np.bool_))
    return found


def distinct_sorted(codes: Ints) -> Ints:
    """Each value once, ascending; for codes too large for a table."""
    if (codes[1:] > codes[:-1]).all():
        return codes
    codes = np.sort(codes)
    found: Ints = codes[np.concatenate([[True], codes[1:] != codes[:-1]])]
    return found


def ranges(first: Ints, count: Ints) -> Ints:
    """The numbers first[i] .. first[i] + count[i] - 1 of every i, one after the other."""
    ends = np.cumsum(count)
    total = int(ends[-1]) if ends.size else 0
    found: Ints = np.arange(total, dtype=np.int64) + np.repeat(first - (ends - count), count)
    return found


def among(codes: Ints, wanted: Ints) -> Mask:
    """Mask of the codes that are in `wanted`, which is sorted."""
    if not wanted.size:
        return np.zeros(codes.size, np.bool_)
    found: Mask = wanted[np.minimum(np.searchsorted(wanted, codes), wanted.size - 1)] == codes
    return found


def union(*columns: Ints) -> Ints:
    """Distinct values of all columns."""
    return distinct(np.concatenate(columns)) if columns else EMPTY


@lru_cache(maxsize=64)
def _among(parts: tuple[Part, ...]) -> Mask:
    table = np.zeros(len(Part), np.bool_)
    table[list(parts)] = True
    return table


def has(column: Ints, parts: tuple[Part, ...]) -> Mask:
    """Mask of the rows whose part is one of `parts`."""
    mask: Mask = _among(parts)[column]
    return mask


def select(rows: Mentions, mask: Mask) -> Mentions:
    return Mentions(rows.event[mask], rows.name[mask], rows.part[mask], rows.extra[mask])


def stacked(chunks: Sequence[Mentions]) -> Mentions:
    """All rows of all chunks."""
    chunks = [chunk for chunk in chunks if chunk.event.size]
    if len(chunks) == 1:
        return chunks[0]
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
    events = np.sort(events)
    columns = await reader.events(events)
    order = np.argsort(columns.us, kind="stable")
    same = columns.us[order][1:] == columns.us[order][:-1]
    if same.any():
        order = np.lexsort((columns.record_us, columns.us))
        record_us, finer = columns.record_us[order], (columns.bits[order] & Bit.FINER) != 0
        if (same & ((record_us[1:] == record_us[:-1]) | finer[1:] | finer[:-1])).any():
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
