"""Two bounds of one field, as `GE_value_CEL` with `LT_value_CEL`: where an index finds the events that meet both.

Each bound alone may hold for half of all events. One value may meet both: it lies between them. Or one value meets the
one and another the other: then the event has a span that crosses them (`projections.index.attributes`). Source: EPCIS
2.0 section 8.2.7.1, epcis.md Q10.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from projections.index import attributes as att
from projections.index.asked import Attributes, Between, Bound, Condition
from schemas.times import Instant
from services.epcis.names import Name, name_of

_LOWER: Final = ("GE", "GT")
_UPPER: Final = ("LT", "LE")
_TIMES: Final = ("time", "startTime", "endTime")


@dataclass(frozen=True, slots=True)
class Side:
    """A bound of a field: the group that its spans stand under, the bound as their text, what meets it."""

    group: int
    lower: bool
    point: str
    bounds: tuple[Bound, ...]


def sides_of(name: str, values: Sequence[str], made: Iterable[Condition]) -> Iterator[Side]:
    """The bound that a parameter sets, with the condition made of it; none for any other parameter."""
    op = name[:2]
    if op not in (*_LOWER, *_UPPER) or name[2:3] != "_":
        return
    for condition in made:
        if isinstance(condition, Attributes):
            group, point = _placed(name_of(name), values[0])
            yield Side(group, op in _LOWER, point, condition.bounds)


def _placed(name: Name, value: str) -> tuple[int, str]:
    """The group of a field, and a bound in the text of its spans."""
    if name.unit is not None:
        return att.measure_group(name.field, name.unit), att.in_base(name.field, name.unit, Decimal(value))
    if name.family is None:
        timed = name.field in _TIMES or name.field == "errorDeclarationTime"
        return att.standard_group(name.field), (
            att.time_text(Instant.parse(value)) if timed else att.number_text(Decimal(value))
        )
    time = att.time_of(value)
    namespace, _, local = name.field.rpartition("#")
    kind, text = ("n", att.number_text(Decimal(value))) if time is None else ("d", att.time_text(time))
    return att.extension_group(name.family, namespace, local, kind), text


def between(sides: Sequence[Side]) -> Iterator[Between]:
    """One for each lower bound with an upper bound of the same field."""
    for low in (one for one in sides if one.lower):
        for high in (one for one in sides if not one.lower and one.group == low.group):
            crossed = att.spans(low.group, min(low.point, high.point))
            yield Between((*_both(low.bounds, high.bounds), *crossed))


def _both(some: Iterable[Bound], others: Iterable[Bound]) -> Iterator[Bound]:
    """What lies within a bound of each."""
    by_field: dict[int, list[tuple[str, str | None]]] = defaultdict(list)
    for number, least, above in others:
        by_field[number].append((least, above))
    for number, least, above in some:
        for other, beyond in by_field[number]:
            if above is not None and beyond is not None and max(least, other) < min(above, beyond):
                yield number, max(least, other), min(above, beyond)
