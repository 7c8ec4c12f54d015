"""What a batch changes in a graph store, found without asking it: pure functions over what it already holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from projections.genealogy.cypher import CLASS, RELATIONS
from projections.genealogy.mentions import StoredMention, bits_of, stored_mentions
from projections.genealogy.port import KINDS, NEVER, Part
from projections.port import Fact
from projections.settle import Candidate, Declared, Settled, settle
from schemas.identifiers import Kind, identify

Row = list[Any]
MENTION = 4
"""Numbers a mention: name, part, extra, kind of the name."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the store holds of the batch's eventIDs: records as rows (`record_row`), and of each standing event, by its
    eventID as sought, row number and content."""

    records: Sequence[Row]
    standing: Mapping[str, tuple[int, bytes]]


@dataclass(slots=True)
class Plan:
    """Rows to write; `names` and `rows` are the next free numbers."""

    names: int
    rows: int
    new_names: list[Row] = field(default_factory=list)
    new_records: list[Row] = field(default_factory=list)
    new_events: list[dict[str, Any]] = field(default_factory=list)
    forces: list[Row] = field(default_factory=list)
    """[event row, record_us, withdrawn_us, stands]."""
    relations: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in RELATIONS})


_PRODUCT: Final = KINDS.index(Kind.PRODUCT)
_SOUGHT_BYTES: Final = 1_000
_DIGEST: Final = "#sha256-"


def sought(text: str) -> str:
    """What a text is indexed by: itself, or its digest if it is long (Neo4j refuses to index above some 8 kB)."""
    encoded = text.encode()
    if len(encoded) <= _SOUGHT_BYTES and not text.startswith(_DIGEST):
        return text
    return _DIGEST + hashlib.sha256(encoded).hexdigest()


def texts_of(facts: Iterable[Fact]) -> list[str]:
    """Every text that these events mention, once, sorted."""
    return sorted({mention.name for fact in facts for mention in stored_mentions(fact.facts)})


def record_row(fact: Fact) -> Row:
    """[eventID as sought, partition, offset, declaration, record_us, content, source, may_correct]."""
    facts = fact.facts
    declares = facts.declaration is not None
    place = [sought(facts.event_id), fact.partition, fact.offset]
    return [*place, declares, fact.record_us, fact.content, fact.source, fact.may_correct]


def planned(facts: Sequence[Fact], held: Held, ids: dict[str, int], names: int, rows: int, base: str | None) -> Plan:
    """The changes of a batch. `ids` gives the numbers of known names, and is given those of new ones."""
    plan = Plan(names, rows)
    kinds = _name(plan, texts_of(facts), ids, base)
    given = {(sought(fact.facts.event_id), fact.partition, fact.offset): fact for fact in facts}
    known = {(row[0], row[1], row[2]) for row in held.records}
    plan.new_records = [record_row(fact) for place, fact in sorted(given.items()) if place not in known]
    records: dict[str, list[Row]] = {}
    for row in (*held.records, *plan.new_records):
        records.setdefault(row[0], []).append(row)
    for event_id in dict.fromkeys(fact.facts.event_id for fact in facts):
        settled = _settled(records[sought(event_id)])
        if settled.standing is not None:
            _stand(plan, event_id, settled, held, given, ids, kinds)
    return plan


def _name(plan: Plan, texts: Sequence[str], ids: dict[str, int], base: str | None) -> dict[str, int]:
    """Number new names; gives the kind of every text."""
    kinds: dict[str, int] = {}
    for text in texts:
        identifier = identify(text, base)
        kinds[text] = KINDS.index(identifier.kind)
        if text not in ids:
            ids[text] = plan.names
            product = identifier.product and sought(identifier.product)
            plan.new_names.append([plan.names, sought(text), text, kinds[text], product])
            plan.names += 1
    return kinds


def _settled(records: Iterable[Row]) -> Settled:
    candidates: list[Candidate] = []
    declarations: list[Declared] = []
    for _, partition, offset, declares, record_us, content, source, may_correct in records:
        if declares:
            declarations.append(Declared(record_us, bytes(content), source, may_correct, partition, offset))
        else:
            candidates.append(Candidate(record_us, bytes(content), source, partition, offset))
    return settle(candidates, declarations)


def _stand(
    plan: Plan,
    event_id: str,
    settled: Settled,
    held: Held,
    given: Mapping[tuple[str, int, int], Fact],
    ids: Mapping[str, int],
    kinds: Mapping[str, int],
) -> None:
    standing = settled.standing
    assert standing is not None
    withdrawn_us = int(NEVER) if settled.withdrawn_us is None else settled.withdrawn_us
    old = held.standing.get(sought(event_id))
    if old is not None and bytes(old[1]) == standing.content:
        plan.forces.append([old[0], standing.record_us, withdrawn_us, True])
        return
    if old is not None:
        plan.forces.append([old[0], int(NEVER), int(NEVER), False])
    fact = given[sought(event_id), standing.partition, standing.offset]
    mentions = list(stored_mentions(fact.facts))
    columns, quantities = _columns(mentions, ids, kinds)
    plan.new_events.append(
        {
            "row": plan.rows, "event_id": event_id, "sought": sought(event_id),
            "us": fact.facts.event_time.us, "record_us": standing.record_us,
            "withdrawn_us": withdrawn_us, "bits": bits_of(fact.facts), "finer": fact.facts.event_time.sub,
            "content": standing.content, "stands": True, "mentions": columns, "quantities": quantities,
        }
    )  # fmt: skip
    for relation, name in sorted({(_relation(mention, kinds), ids[mention.name]) for mention in mentions}):
        plan.relations[relation].append([name, plan.rows])
    plan.rows += 1


def _relation(mention: StoredMention, kinds: Mapping[str, int]) -> str:
    return CLASS if kinds[mention.name] == _PRODUCT and mention.part < Part.PROCESS else mention.part.name


def _columns(
    mentions: Sequence[StoredMention], ids: Mapping[str, int], kinds: Mapping[str, int]
) -> tuple[bytes, list[str]]:
    """Mentions as int32 bytes, and the quantities that `extra` numbers: decimal text, a space, the unit."""
    quantities: dict[str, int] = {}

    def numbers() -> Iterator[tuple[int, int, int, int]]:
        for mention in mentions:
            extra = -1
            if mention.other is not None:
                extra = ids[mention.other]
            elif mention.quantity is not None:
                extra = quantities.setdefault(quantity_text(*mention.quantity), len(quantities))
            yield ids[mention.name], int(mention.part), extra, kinds[mention.name]

    return np.array(list(numbers()), np.dtype("<i4")).tobytes(), list(quantities)


def quantity_text(quantity: str, unit: str | None) -> str:
    return quantity if unit is None else f"{quantity} {unit}"


def quantity_of(text: str) -> tuple[str, str | None]:
    """The reverse: decimal text has no space."""
    quantity, space, unit = text.partition(" ")
    return quantity, unit if space else None
