"""Mentions and events as columns in memory, appended to while readers look (embedded genealogy).

A `View` is what one moment looks like: arrays that only grow behind the counts it carries, and an index from name to
mentions. Writers append beyond the counts and then publish a new view in one assignment; a reader keeps its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from projections.genealogy.port import Events, Ints, Limits, Mask, Mentions
from projections.genealogy.texts import least
from projections.trace.columns import ranges
from projections.trace.kernels import grouped

FOLD_AT = 65_536
"""Mentions in the unsorted tail before it is folded into the sorted base, at least a fifth of the base."""


Number = TypeVar("Number", np.int64, np.int32, np.int8, np.uint8)


class Column(Generic[Number]):
    """A growing array. Written beyond `size` and read below it, so an older reader is never disturbed."""

    def __init__(self, dtype: type[Number]) -> None:
        self.data: NDArray[Number] = np.empty(1024, dtype)
        self.size = 0

    def append(self, values: NDArray[Any]) -> None:
        wanted = self.size + values.size
        if wanted > self.data.size:
            wider = np.empty(max(wanted, 2 * self.data.size), self.data.dtype)
            wider[: self.size] = self.data[: self.size]
            self.data = wider
        self.data[self.size : wanted] = values
        self.size = wanted


class News(NamedTuple):
    """What a commit brings: `events` (k, 4): us, record_us, bits, number of mentions; `mentions` (m, 3): name, part,
    extra, grouped by event; and of each new name its kind, product code (-1 for none), length of its text and all
    texts in UTF-8 one after the other."""

    events: Ints
    mentions: NDArray[Any]
    kinds: NDArray[np.int8]
    products: NDArray[np.int32]
    lengths: NDArray[np.int32]
    texts: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Index:
    """Name to mention numbers: `order[start[name]:start[name + 1]]` for the base, a dictionary for what came since."""

    start: Ints
    order: NDArray[np.int32]
    tail: dict[int, list[int]]

    def of(self, names: Ints, below: int) -> Ints:
        """Mention numbers, smaller than `below`, of these names."""
        known = names[names < self.start.size - 1]
        found = [ranges(self.start[known], self.start[known + 1] - self.start[known])]
        chosen = self.order[found[0]].astype(np.int64)
        if not self.tail:
            return chosen
        late = [row for name in names.tolist() for row in self.tail.get(name, ()) if row < below]
        return np.concatenate([chosen, np.array(late, np.int64)])


def index_of(names: NDArray[np.int32], size: int) -> Index:
    """A sorted base over all mentions so far; `size` is the number of names."""
    start, order = grouped(names, size)
    return Index(start, order.astype(np.int32), defaultdict(list))


@dataclass(frozen=True, slots=True)
class View:
    """One moment: event columns (`us`, `record_us`, `withdrawn_us`, `bits`, `first` mention), mention columns
    (`event`, `name`, `part`, `extra`), per name its kind, code of its product in `products` and end of its text in
    `text`, the index, and how many of each there are."""

    us: Ints
    record_us: Ints
    withdrawn_us: Ints
    bits: Ints
    first: Ints
    event: NDArray[np.int32]
    name: NDArray[np.int32]
    part: NDArray[np.int8]
    extra: NDArray[np.int32]
    kind: NDArray[np.int8]
    product: NDArray[np.int32]
    text_end: Ints
    text: NDArray[np.uint8]
    products: list[str]
    index: Index
    events: int
    mentions: int
    names: int

    def visible(self, rows: Ints, limits: Limits) -> Mask:
        """Mask of the events in force at `limits.known_us` that happened by `limits.happened_by` (to its
        microsecond; the reader settles finer digits)."""
        mask: Mask = (self.record_us[rows] <= limits.known_us) & (self.withdrawn_us[rows] > limits.known_us)
        if limits.happened_by is not None:
            mask &= self.us[rows] <= limits.happened_by.us
        return mask

    def mentions_of(self, names: Ints) -> Mentions:
        return self._rows(self.index.of(names[(names >= 0) & (names < self.names)], self.mentions))

    def mentions_in(self, events: Ints) -> Mentions:
        last = np.where(events + 1 < self.events, self.first[np.minimum(events + 1, self.events - 1)], self.mentions)
        return self._rows(ranges(self.first[events], last - self.first[events]))

    def columns(self, events: Ints) -> Events:
        return Events(self.us[events], self.record_us[events], self.bits[events])

    def texts(self, names: Ints) -> list[str]:
        ends = self.text_end
        last = ends[names]
        first = np.where(names > 0, ends[np.maximum(names - 1, 0)], 0)
        text = self.text.data
        return [str(text[a:b], "utf-8") for a, b in zip(first.tolist(), last.tolist(), strict=True)]

    def first_by_text(self, names: Ints, after: str | None, limit: int | None) -> Ints:
        """The first `limit` of these names by code point, of those beyond `after`."""
        bound = np.frombuffer((after or "").encode(), np.uint8)
        most = names.size if limit is None else min(limit, names.size)
        found: Ints = least(self.text, self.text_end, names, bound, after is not None, most)
        return found

    def _rows(self, at: Ints) -> Mentions:
        return Mentions(
            self.event[at].astype(np.int64),
            self.name[at].astype(np.int64),
            self.part[at].astype(np.int64),
            self.extra[at].astype(np.int64),
        )


class Columns:
    """The writer's side: appends events with their mentions and publishes views."""

    def __init__(self) -> None:
        self.us, self.record_us, self.withdrawn_us = Column(np.int64), Column(np.int64), Column(np.int64)
        self.bits, self.first = Column(np.int64), Column(np.int64)
        self.event, self.name, self.extra = Column(np.int32), Column(np.int32), Column(np.int32)
        self.part, self.kind = Column(np.int8), Column(np.int8)
        self.product, self.text_end, self.text = Column(np.int32), Column(np.int64), Column(np.uint8)
        self.products: list[str] = []
        self.index = index_of(np.empty(0, np.int32), 0)
        self._folded = 0

    def append(self, news: News) -> None:
        """Nothing is seen before `publish`."""
        at, tail = self.name.size, self.index.tail
        self._extend(news)
        for number, name in enumerate(news.mentions[:, 0].tolist(), at):
            tail.setdefault(name, []).append(number)

    def _extend(self, news: News) -> None:
        events, mentions = news.events, news.mentions
        row = self.us.size
        self.us.append(events[:, 0])
        self.record_us.append(events[:, 1])
        self.bits.append(events[:, 2])
        self.withdrawn_us.append(np.full(len(events), np.int64(2**62)))
        counts = events[:, 3]
        self.first.append(self.event.size + np.cumsum(counts) - counts)
        self.event.append(np.repeat(np.arange(row, row + len(events)), counts))
        self.name.append(mentions[:, 0])
        self.part.append(mentions[:, 1])
        self.extra.append(mentions[:, 2])
        self.kind.append(news.kinds)
        self.product.append(news.products)
        self.text_end.append(self.text.size + np.cumsum(news.lengths, dtype=np.int64))
        self.text.append(news.texts)

    def load(self, stored: Iterable[News], products: list[str]) -> None:
        """As `append`, for everything stored, before the first `publish`."""
        for news in stored:
            self._extend(news)
        self.products = products
        self.fold()

    def fold(self) -> None:
        """Sort all mentions into the base and start an empty tail."""
        self.index = index_of(self.name.data[: self.name.size], self.kind.size)
        self._folded = self.name.size

    def publish(self) -> View:
        """A view of all that has been appended, folded first when the tail has grown long."""
        tail = self.name.size - self._folded
        if tail > max(FOLD_AT, self._folded // 5):
            self.fold()
        return View(
            us=self.us.data,
            record_us=self.record_us.data,
            withdrawn_us=self.withdrawn_us.data,
            bits=self.bits.data,
            first=self.first.data,
            event=self.event.data,
            name=self.name.data,
            part=self.part.data,
            extra=self.extra.data,
            kind=self.kind.data,
            product=self.product.data,
            text_end=self.text_end.data,
            text=self.text.data,
            products=self.products,
            index=self.index,
            events=self.us.size,
            mentions=self.name.size,
            names=self.kind.size,
        )
