"""Each condition of `projections.index.asked` three ways: rows by an index, a probe of one event, a test in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    cast,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import any_
from sqlalchemy.types import BigInteger

from projections.facts import EventFacts
from projections.index import tables
from projections.index.asked import (
    Attributes,
    Between,
    Bound,
    Columns,
    Condition,
    Declared,
    Ids,
    Linked,
    Links,
    Mentions,
    Pattern,
    Window,
)
from projections.index.database import among
from projections.index.read_events import literally
from projections.index.tables import Field, State
from schemas.epcis.links import canonical_link

TERMS: Final = {
    "step": Field.ACTIVITY,
    "disposition": Field.DISPOSITION,
    "read_point": Field.PLACE,
    "location": Field.PLACE,
    "process": Field.PROCESS,
}
"""Columns whose values are found by `event_term`."""
_ITEMS: Final = "/21/"
_LOTS: Final = "/10/"


def rows(connection: AsyncConnection, condition: Condition) -> Any | None:
    """A select of the rows of all events that may meet it, by an index; None where there is none."""
    event = tables.event
    if isinstance(condition, Ids):
        return select(event.c.row).where(among(connection, event.c.event_id, condition.values))
    if isinstance(condition, Columns) and condition.name in TERMS:
        term = tables.term
        chosen = (term.c.field == int(TERMS[condition.name]), among(connection, term.c.value, condition.values))
        return select(term.c.row).where(*chosen)
    if isinstance(condition, Mentions):
        return _mention_rows(connection, condition)
    if isinstance(condition, Links):
        return _link_rows(connection, condition)
    if isinstance(condition, Attributes | Between):
        return _union([select(tables.attribute.c.row).where(_within(bound)) for bound in condition.bounds])
    if isinstance(condition, Declared):
        return select(event.c.row).where(literally(State.DECLARATION))
    return _window_rows(condition) if isinstance(condition, Window) else None


def _union(selects: Sequence[Select[Any]]) -> Any:
    if not selects:
        return select(tables.event.c.row).where(false())
    return selects[0] if len(selects) == 1 else union_all(*selects)


def _mention_rows(connection: AsyncConnection, condition: Mentions) -> Any:
    mention = tables.mention
    role = mention.c.role.in_([int(one) for one in condition.roles])
    found = [select(mention.c.row).where(_like(mention.c.object, one), role) for one in condition.patterns]
    if condition.keys:
        found.append(select(mention.c.row).where(among(connection, mention.c.object, condition.keys), role))
    return _union(found)


def _link_rows(connection: AsyncConnection, condition: Links) -> Any:
    term = tables.term
    field = Field.DOCUMENT if condition.kind == "transaction" else Field.PARTY
    return select(term.c.row).where(term.c.field == int(field), among(connection, term.c.value, condition.values))


def _window_rows(condition: Window) -> Any:
    event = tables.event
    column = event.c[condition.name]
    inside = [column >= condition.low.us] if condition.low else []
    inside += [column <= condition.high.us] if condition.high else []
    if condition.name == "record_us":
        return select(event.c.row).where(*inside)
    return _union([select(event.c.row).where(literally(state), *inside) for state in _LISTED])


_LISTED: Final = (State.STANDING, State.DECLARATION)


def probe(connection: AsyncConnection, condition: Condition, *, by_index: bool = False) -> ColumnElement[bool] | None:
    """A condition on one event of `event_record`; None where only `test` or other conditions can tell. A window may
    steer the plan only `by_index`: beside another index it must not."""
    event = tables.event
    if isinstance(condition, Ids):
        return among(connection, event.c.event_id, condition.values)
    if isinstance(condition, Columns):
        return among(connection, event.c[condition.name], condition.values)
    if isinstance(condition, Attributes):
        return or_(false(), *(_has(bound) for bound in condition.bounds))
    if isinstance(condition, Declared):
        return event.c.declaration.is_(True)
    if isinstance(condition, Window):
        return _inside(condition, by_index)
    if isinstance(condition, Between):
        return None
    table: Any = tables.term
    if isinstance(condition, Mentions):
        if condition.patterns:
            return None
        table = tables.mention
        roles = table.c.role.in_([int(one) for one in condition.roles])
        chosen: list[Any] = [among(connection, table.c.object, condition.keys), roles]
    else:
        field = Field.DOCUMENT if condition.kind == "transaction" else Field.PARTY
        chosen = [table.c.field == int(field), among(connection, table.c.value, condition.values)]
    beside = (table.c.event_us == event.c.event_us, table.c.row == event.c.row)
    return exists(select(table.c.row).where(*chosen, *beside).correlate(event))


def _inside(condition: Window, by_index: bool) -> ColumnElement[bool]:
    event = tables.event
    column: Any = event.c[condition.name] if by_index else event.c[condition.name] + 0
    sub: Any = event.c.event_sub if condition.name == "event_us" else literal_column("''")
    found: list[Any] = []
    if condition.low is not None:
        found += [column >= condition.low.us, or_(column > condition.low.us, sub >= condition.low.sub)]
    if condition.high is not None:
        found += [column <= condition.high.us, or_(column < condition.high.us, sub < condition.high.sub)]
    return and_(*found)


def _has(bound: Bound) -> ColumnElement[bool]:
    attribute = tables.attribute
    beside = attribute.c.row == tables.event.c.row
    return exists(select(attribute.c.row).where(beside, _within(bound)).correlate(tables.event))


def _within(bound: Bound) -> ColumnElement[bool]:
    attribute = tables.attribute
    field, low, high = bound
    if high is None:
        return and_(attribute.c.field == field, attribute.c.value == low)
    return and_(attribute.c.field == field, attribute.c.value >= low, attribute.c.value < high)


def _like(column: Any, pattern: Pattern) -> ColumnElement[bool]:
    if pattern.shape == "exact":
        return and_(column == pattern.prefix)
    end = pattern.prefix[:-1] + chr(ord(pattern.prefix[-1]) + 1)
    found = [column >= pattern.prefix, column < end]
    if pattern.shape == "item":
        found.append(column.contains(_ITEMS, autoescape=True))
    elif pattern.shape == "lot":
        found.append(column.contains(_LOTS, autoescape=True))
    elif pattern.shape == "class":
        found.append(~column.like("https://id.gs1.org/01/%/%"))
    return and_(*found)


def test(condition: Condition, facts: EventFacts) -> bool:
    """What neither an index nor a probe tells exactly: patterns, and the type of a party or transaction."""
    if isinstance(condition, Mentions):
        return any(one.role in condition.roles and _meets(condition, one.object) for one in facts.mentions)
    if isinstance(condition, Links):
        return any(
            condition.type in (None, kind) and any(one in condition.values for one in (value, canonical(value)))
            for kind, value in linked(condition.kind, facts)
        )
    return True


def is_exact(condition: Condition) -> bool:
    """Whether `probe` alone decides."""
    return not (isinstance(condition, Links) or (isinstance(condition, Mentions) and condition.patterns))


def linked(kind: Linked, facts: EventFacts) -> Sequence[tuple[str, str]]:
    """(type, value) of an event's sources, destinations or business transactions."""
    if kind == "transaction":
        return facts.transactions
    parties = facts.sources if kind == "source" else facts.destinations
    return [(one.type, one.key) for one in parties]


def canonical(value: str) -> str:
    """A value's one spelling, if it is a GS1 identifier."""
    return canonical_link(value) or value


def _meets(condition: Mentions, key: str) -> bool:
    return key in condition.keys or any(_matches(one, key) for one in condition.patterns)


def _matches(pattern: Pattern, key: str) -> bool:
    if pattern.shape == "exact" or not key.startswith(pattern.prefix):
        return key == pattern.prefix
    if pattern.shape == "item":
        return _ITEMS in key
    if pattern.shape == "lot":
        return _LOTS in key
    return pattern.shape == "any" or "/" not in key.removeprefix("https://id.gs1.org/01/")


def among_rows(connection: AsyncConnection, values: Sequence[int]) -> ColumnElement[bool]:
    """Whether the event is one of these rows: one parameter however many they are."""
    column = tables.event.c.row
    if connection.dialect.name == "postgresql":
        return column == any_(cast(bindparam("rows_", list(values), expanding=False), ARRAY(BigInteger)))
    each = func.json_each(orjson.dumps(list(values)).decode()).table_valued("value")
    return column.in_(select(each.c.value))
