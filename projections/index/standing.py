"""Standing queries: which of many an event meets, told from its facts in memory.

Each query stands under the values of its most telling condition, so that an event is held against the few queries that
name something it has, and a thousand queries that name nothing of it cost a look into a table. What only bounds times
is asked of a whole batch at once and may be told too often, never too seldom: the database has the last word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from projections.facts import EventFacts
from projections.index.asked import (
    Attributes,
    Between,
    Columns,
    Condition,
    Declared,
    Ids,
    Linked,
    Links,
    Mentions,
    Window,
)
from projections.index.conditions import canonical, linked, test
from schemas.times import Instant

Conditions = tuple[Condition, ...]
_COLUMNS: Final = {
    "type": "type",
    "action": "action",
    "step": "step",
    "disposition": "disposition",
    "read_point": "read_point",
    "location": "location",
    "process": "process",
}
"""Columns by the field of the facts that fills them."""
_COMMON: Final = ("type", "action")
_RARE: Final = ("process", "read_point", "location")
_LINKED: Final[tuple[Linked, ...]] = ("source", "destination", "transaction")


@dataclass(frozen=True, slots=True)
class Met:
    """An event as standing queries see it. `record_us` is its recordTime, `attributes` are (field, text)."""

    facts: EventFacts
    record_us: int
    attributes: Sequence[tuple[int, str]]


def meets(conditions: Iterable[Condition], event: Met) -> bool:
    """Whether the event meets every condition, as the database would say."""
    return all(_holds(one, event) for one in conditions)


def _holds(condition: Condition, event: Met) -> bool:
    if isinstance(condition, Columns):
        return getattr(event.facts, _COLUMNS[condition.name]) in condition.values
    if isinstance(condition, Ids):
        return event.facts.event_id in condition.values
    if isinstance(condition, Window):
        return _inside(condition, _time(condition, event), _time(condition, event))
    if isinstance(condition, Attributes):
        return any(_within(condition, number, value) for number, value in event.attributes)
    if isinstance(condition, Declared):
        return event.facts.declaration is not None
    if isinstance(condition, Between):
        return True
    return test(condition, event.facts)


def _time(condition: Window, event: Met) -> Instant:
    return event.facts.event_time if condition.name == "event_us" else Instant(event.record_us)


def _inside(condition: Window, first: Instant, last: Instant) -> bool:
    """Whether a moment from `first` to `last` lies in the window."""
    return (condition.low is None or last >= condition.low) and (condition.high is None or first < condition.high)


def _within(condition: Attributes, number: int, value: str) -> bool:
    return any(
        number == of and (value == low if high is None else low <= value < high) for of, low, high in condition.bounds
    )


@dataclass(slots=True)
class _Group:
    """Equal queries: their conditions, the keys they stand under (None: under none), and their names."""

    conditions: Conditions
    keys: tuple[Hashable, ...] | None
    names: set[str] = field(default_factory=set)


class Standing:
    """Named sets of conditions, and which of them a batch of events may meet."""

    def __init__(self) -> None:
        self._groups: dict[Conditions, _Group] = {}
        self._by_name: dict[str, _Group] = {}
        self._by_key: dict[Hashable, list[_Group]] = defaultdict(list)
        self._open: dict[Conditions, _Group] = {}
        self._kinds: dict[str, int] = defaultdict(int)
        self._lengths: dict[int, int] = defaultdict(int)

    def __len__(self) -> int:
        return len(self._by_name)

    def add(self, name: str, conditions: Conditions) -> None:
        """Keep conditions under a name that is not taken."""
        group = self._groups.get(conditions)
        if group is None:
            keys = _keys(conditions)
            group = self._groups[conditions] = _Group(conditions, keys)
            self._register(group)
        group.names.add(name)
        self._by_name[name] = group

    def remove(self, name: str) -> None:
        """Forget a name; one that is not there is passed over."""
        group = self._by_name.pop(name, None)
        if group is None:
            return
        group.names.discard(name)
        if not group.names:
            del self._groups[group.conditions]
            self._forget(group)

    def met(self, events: Sequence[Met]) -> dict[str, int]:
        """By name: the greatest recordTime of the events that meet its conditions."""
        found: dict[Conditions, int] = {}
        for one in events:
            for group in self._candidates(one):
                if meets(group.conditions, one):
                    found[group.conditions] = max(found.get(group.conditions, 0), one.record_us)
        if events and self._open:
            found.update(self._open_ones(events))
        return {name: us for conditions, us in found.items() for name in self._groups[conditions].names}

    def _open_ones(self, events: Sequence[Met]) -> Iterator[tuple[Conditions, int]]:
        """Queries that bound times alone, held against the span of the batch."""
        times = [one.facts.event_time for one in events]
        records = [one.record_us for one in events]
        spans = {
            "event_us": (min(times), max(times)),
            "record_us": (Instant(min(records)), Instant(max(records))),
        }
        for conditions in self._open:
            windows = [one for one in conditions if isinstance(one, Window)]
            if all(_inside(one, *spans[one.name]) for one in windows):
                yield conditions, max(records)

    def _candidates(self, event: Met) -> Iterable[_Group]:
        if not self._by_key:
            return ()
        found: dict[int, _Group] = {}
        for key in self._keys_of(event):
            for group in self._by_key.get(key, ()):
                found[id(group)] = group
        return found.values()

    def _keys_of(self, event: Met) -> Iterator[Hashable]:
        """What an event can be found under; kinds of keys that no query stands under are left out."""
        facts, kinds = event.facts, self._kinds
        for name, attribute in _COLUMNS.items():
            if kinds.get(name):
                yield name, getattr(facts, attribute)
        if kinds.get("id"):
            yield "id", facts.event_id
        if kinds.get("object"):
            yield from (("object", one.object) for one in facts.mentions)
        if kinds.get("prefix"):
            yield from (("prefix", one.object[:size]) for one in facts.mentions for size in self._lengths)
        for kind in _LINKED:
            if kinds.get(kind):
                yield from ((kind, one) for _, value in linked(kind, facts) for one in (value, canonical(value)))
        if kinds.get("attribute"):
            yield from (("attribute", *one) for one in event.attributes)
        if kinds.get("field"):
            yield from (("field", number) for number, _ in event.attributes)
        if kinds.get("declared") and facts.declaration is not None:
            yield ("declared",)

    def _register(self, group: _Group) -> None:
        if group.keys is None:
            self._open[group.conditions] = group
        for key in group.keys or ():
            self._by_key[key].append(group)
            self._count(key, 1)

    def _forget(self, group: _Group) -> None:
        self._open.pop(group.conditions, None)
        for key in group.keys or ():
            self._by_key[key].remove(group)
            if not self._by_key[key]:
                del self._by_key[key]
            self._count(key, -1)

    def _count(self, key: Hashable, by: int) -> None:
        assert isinstance(key, tuple)
        self._kinds[key[0]] += by
        if key[0] == "prefix":
            size = len(key[1])
            self._lengths[size] += by
            if not self._lengths[size]:
                del self._lengths[size]


def _keys(conditions: Conditions) -> tuple[Hashable, ...] | None:
    """The keys of the most telling condition, none of which means that nothing meets it; None for times alone."""
    ranked = sorted((rank, n) for n, one in enumerate(conditions) if (rank := _rank(one)) is not None)
    if not ranked:
        return None
    return tuple(dict.fromkeys(_keys_of_condition(conditions[ranked[0][1]])))


def _rank(condition: Condition) -> int | None:
    if isinstance(condition, Window | Between):
        return None
    if isinstance(condition, Columns):
        return 6 if condition.name in _COMMON else 3 if condition.name in _RARE else 4
    if isinstance(condition, Attributes):
        return 2 if all(high is None for _, _, high in condition.bounds) else 5
    if isinstance(condition, Mentions):
        return 3 if condition.patterns else 1
    return 0 if isinstance(condition, Ids) else 2 if isinstance(condition, Links) else 5


def _keys_of_condition(condition: Condition) -> Iterator[Hashable]:
    if isinstance(condition, Columns):
        yield from ((condition.name, value) for value in condition.values)
    elif isinstance(condition, Ids):
        yield from (("id", value) for value in condition.values)
    elif isinstance(condition, Links):
        yield from ((condition.kind, value) for value in condition.values)
    elif isinstance(condition, Attributes):
        for number, low, high in condition.bounds:
            yield ("attribute", number, low) if high is None else ("field", number)
    elif isinstance(condition, Mentions):
        yield from (("object", key) for key in condition.keys)
        for one in condition.patterns:
            yield ("object" if one.shape == "exact" else "prefix", one.prefix)
    else:
        yield ("declared",)
