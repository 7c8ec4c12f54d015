"""Facts of an event to one JSON text and back: what the columns of `event_record` do not hold.

Short keys, since there is one text an event: `m` mentions [object, role, quantity, unit], `b` members [item, lot],
`s` and `d` sources and destinations [type, key], `t` transactions [type, id], `r` resources, `l` link,
`e` declaration [us, sub, reason, [corrective ids]]. Empty ones are left out.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson

from projections.facts import Declaration, EventFacts, Link, Mention, Party, Role
from schemas.times import Instant
from schemas.units import plain


def pack(facts: EventFacts) -> bytes:
    """The parts of `facts` that have no column of their own."""
    out: dict[str, Any] = {}
    if facts.mentions:
        out["m"] = [[one.object, int(one.role), quantity_text(one.quantity), one.unit] for one in facts.mentions]
    if facts.members:
        out["b"] = facts.members
    if facts.sources:
        out["s"] = [[one.type, one.key] for one in facts.sources]
    if facts.destinations:
        out["d"] = [[one.type, one.key] for one in facts.destinations]
    if facts.transactions:
        out["t"] = facts.transactions
    if facts.resources:
        out["r"] = facts.resources
    if facts.link:
        out["l"] = int(facts.link)
    if facts.declaration:
        told = facts.declaration
        out["e"] = [told.declared.us, told.declared.sub, told.reason, told.corrective_event_ids]
    return orjson.dumps(out)


def quantity_text(quantity: Decimal | None) -> str | None:
    """A quantity as plain decimal text."""
    return None if quantity is None else plain(quantity)


def unpack(row: Any) -> EventFacts:
    """The facts from a row of `event_record`."""
    told = orjson.loads(row.facts)
    return EventFacts(
        event_id=row.event_id,
        event_time=Instant(row.event_us, row.event_sub),
        type=row.type,
        action=row.action,
        step=row.step,
        disposition=row.disposition,
        read_point=row.read_point,
        location=row.location,
        process=row.process,
        link=Link(told.get("l", 0)),
        mentions=tuple(
            Mention(key, Role(role), None if quantity is None else Decimal(quantity), unit)
            for key, role, quantity, unit in told.get("m", ())
        ),
        members=tuple((item, lot) for item, lot in told.get("b", ())),
        sources=tuple(Party(*one) for one in told.get("s", ())),
        destinations=tuple(Party(*one) for one in told.get("d", ())),
        transactions=tuple((kind, key) for kind, key in told.get("t", ())),
        resources=tuple(told.get("r", ())),
        operator=row.operator,
        result=row.result,
        declaration=_declaration(told.get("e")),
    )


def _declaration(told: list[Any] | None) -> Declaration | None:
    if told is None:
        return None
    us, sub, reason, corrective = told
    return Declaration(Instant(us, sub), reason, tuple(corrective))
