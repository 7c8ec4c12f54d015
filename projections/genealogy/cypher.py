"""What is said to Neo4j: the schema of the genealogy and every statement, answers always as one row of columns.

`(:Name)` is whatever an event mentions, `(:Event)` one event as it stands or stood, `(:Record)` one record of the log
by which an eventID is settled, `(:Position)` how far the log was read. Relations are named after `Part` and point
downstream: objects into events as `INPUT`, `CHILD`…, events to objects as `OUTPUT`, `PARENT`…; those of a product
class are `CLASS` instead, since no walk leads through a class (trace.md section 4, rule 6).
The mentions of an event are kept with it in one property as well (`mentions`, four int32 each: name, part, extra,
kind), since a row or a relation each would cost a hundred times their transfer. `sought` is the text by which a node
is looked up: Neo4j's indexes take no long texts, so `plan.sought` shortens those.
"""

from __future__ import annotations

from typing import Final, LiteralString

from projections.genealogy.port import Part

SCHEMA: Final[tuple[LiteralString, ...]] = (
    "CREATE CONSTRAINT stemma_name_id IF NOT EXISTS FOR (n:Name) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT stemma_name IF NOT EXISTS FOR (n:Name) REQUIRE n.sought IS UNIQUE",
    "CREATE CONSTRAINT stemma_event_row IF NOT EXISTS FOR (e:Event) REQUIRE e.row IS UNIQUE",
    "CREATE CONSTRAINT stemma_record IF NOT EXISTS FOR (r:Record) REQUIRE (r.sought, r.partition, r.offset) IS UNIQUE",
    "CREATE CONSTRAINT stemma_position IF NOT EXISTS FOR (p:Position) REQUIRE p.projection IS UNIQUE",
    "CREATE INDEX stemma_name_product IF NOT EXISTS FOR (n:Name) ON (n.product)",
    "CREATE INDEX stemma_event_id IF NOT EXISTS FOR (e:Event) ON (e.sought)",
    "CREATE INDEX stemma_record_event IF NOT EXISTS FOR (r:Record) ON (r.sought)",
)
AWAIT_SCHEMA: Final = "CALL db.awaitIndexes(300)"
BEGIN: Final = (
    "MERGE (p:Position {projection: $projection}) ON CREATE SET p.taken = 0, p.emptying = '' "
    "RETURN p.emptying AS emptying"
)
"""A position that is new is emptied first, as one is that somebody left emptying: nodes may stand there without it."""
CHECKPOINT: Final = (
    "MATCH (p:Position {projection: $projection}) WHERE p.emptying IS NULL RETURN p.checkpoint AS checkpoint"
)
_LOCKED: Final = "MATCH (p:Position {projection: $projection}) SET p.taken = p.taken + 1 WITH p "
TAKE: Final = (
    f"{_LOCKED}WHERE p.emptying IS NULL "
    "RETURN p.checkpoint AS checkpoint, p.names AS names, p.rows AS rows, p.generation AS generation"
)
"""Takes the write lock on the position before anything is read, so that rivals wait and then see it moved."""
REACH: Final = (
    "MATCH (p:Position {projection: $projection}) SET p.checkpoint = $checkpoint, p.names = $names, p.rows = $rows"
)
CLAIM: Final = (
    "MERGE (p:Position {projection: $projection}) ON CREATE SET p.taken = 0 "
    "SET p.emptying = $claim RETURN p.emptying AS held"
)
"""From here to `EMPTIED` there is no checkpoint and nothing is applied; a later claim takes over, and the former
gets no row any more."""
EMPTY: Final[tuple[LiteralString, ...]] = tuple(
    f"{_LOCKED}WHERE p.emptying = $claim "
    f"CALL {{ MATCH (n:{label}) WITH n LIMIT $rows DETACH DELETE n RETURN count(*) AS gone }} RETURN gone AS held"
    for label in ("Event", "Name", "Record")
)
"""Each as often as any are gone."""
EMPTIED: Final = (
    f"{_LOCKED}WHERE p.emptying = $claim "
    "SET p.checkpoint = $checkpoint, p.names = 0, p.rows = 0, p.generation = $claim REMOVE p.emptying RETURN 1 AS held"
)

NAMES: Final = "MATCH (n:Name) WHERE n.sought IN $keys RETURN collect(n.sought) AS keys, collect(n.id) AS ids"
RECORDS: Final = (
    "MATCH (r:Record) WHERE r.sought IN $ids RETURN collect([r.sought, r.partition, r.offset, r.declaration, "
    "r.record_us, r.content, r.source, r.may_correct]) AS records"
)
STANDING: Final = (
    "MATCH (e:Event) WHERE e.sought IN $ids AND e.stands RETURN collect([e.sought, e.row, e.content]) AS standing"
)
ADD_NAMES: Final = "UNWIND $rows AS r CREATE (:Name {id: r[0], sought: r[1], text: r[2], kind: r[3], product: r[4]})"
ADD_RECORDS: Final = (
    "UNWIND $rows AS r CREATE (:Record {sought: r[0], partition: r[1], offset: r[2], declaration: r[3], "
    "record_us: r[4], content: r[5], source: r[6], may_correct: r[7]})"
)
ADD_EVENTS: Final = "UNWIND $rows AS r CREATE (e:Event) SET e = r"
FORCE: Final = (
    "UNWIND $rows AS r MATCH (e:Event {row: r[0]}) SET e.record_us = r[1], e.withdrawn_us = r[2], e.stands = r[3]"
)

_AWAY: Final = frozenset(
    {
        Part.OUTPUT, Part.OUTPUT_QUANTITY, Part.PARENT, Part.PROCESS, Part.READ_POINT, Part.LOCATION, Part.RESOURCE,
        Part.OPERATOR, Part.CONSIGNEES, Part.MEMBERS_LOT,
    }
)  # fmt: skip


CLASS: Final = "CLASS"
RELATIONS: Final[tuple[LiteralString, ...]] = (CLASS, *(part.name for part in Part))


def _relate(name: LiteralString) -> LiteralString:
    away = name == CLASS or Part[name] in _AWAY
    arrow = f"(e)-[:{name}]->(n)" if away else f"(n)-[:{name}]->(e)"
    return f"UNWIND $rows AS r MATCH (n:Name {{id: r[0]}}) MATCH (e:Event {{row: r[1]}}) CREATE {arrow}"


RELATE: Final[dict[str, LiteralString]] = {name: _relate(name) for name in RELATIONS}
"""Rows are [name id, event row]. One statement each: a plan is cached by the sizes of all lists among its parameters,
so that one statement for all of them would be planned anew with almost every batch."""

_SHOWN: Final = "e.record_us <= $known_us AND e.withdrawn_us > $known_us AND e.us <= $happened_us"
_COLUMNS: Final = (
    "collect(e.row) AS row, collect(e.us) AS us, collect(e.record_us) AS record_us, collect(e.bits) AS bits, "
    "collect(e.mentions) AS mentions, collect(e.quantities) AS quantities"
)
EVENTS: Final = f"MATCH (n:Name)--(e:Event) WHERE n.id IN $names AND {_SHOWN} WITH DISTINCT e RETURN {_COLUMNS}"
_WALK: Final = "[:INPUT|INPUT_QUANTITY|OUTPUT|OUTPUT_QUANTITY|MEMBER|MEMBERS_LOT*0..]"


def _ahead(walk: str) -> str:
    return (
        "MATCH (n:Name) USING INDEX SEEK n:Name(id) WHERE n.id IN $names "
        f"MATCH (n){walk}(x) WITH DISTINCT x WHERE x:Name "
        "WITH collect(x) AS objects CALL { WITH objects UNWIND objects AS x "
        "MATCH (x)--(:Event)-[:PROCESS]->(p:Name) RETURN collect(DISTINCT p) AS processes } "
        "CALL { WITH objects UNWIND objects AS x MATCH (x)-[:CHILD|CHILD_QUANTITY]->(e:Event) "
        "WITH DISTINCT e MATCH (e)-[:PARENT]->(b:Name) RETURN collect(DISTINCT b) AS boxes } "
        "WITH objects + processes + boxes AS reached "
        f"CALL {{ WITH reached UNWIND reached AS x MATCH (x)--(e:Event) WHERE {_SHOWN} "
        f"WITH DISTINCT e RETURN {_COLUMNS} }} "
        "RETURN [x IN reached | x.id] AS names, [x IN reached | x.text] AS texts, "
        "row, us, record_us, bits, mentions, quantities"
    )


AHEAD: Final = _ahead(f"-{_WALK}->")
BEHIND: Final = _ahead(f"<-{_WALK}-")
"""All names that processes and membership of lots lead to, whatever the limits, the processes, and what those were put
into, with the texts by which an answer is counted and put in order, and all events that name them and that the limits
show. Planned as breadth-first pruning expand: no path is enumerated. What is further out is asked for later: a
walk outward through containers from each name costs more than it saves."""
FIND: Final = (
    "MATCH (n:Name) WHERE n.sought IN $keys "
    "RETURN collect(n.sought) AS keys, collect(n.id) AS ids, collect(n.kind) AS kinds"
)
TEXTS: Final = "MATCH (n:Name) WHERE n.id IN $ids RETURN collect(n.id) AS ids, collect(n.text) AS values"
KINDS: Final = "MATCH (n:Name) WHERE n.id IN $ids RETURN collect(n.id) AS ids, collect(n.kind) AS values"
EVENT_IDS: Final = "MATCH (e:Event) WHERE e.row IN $ids RETURN collect(e.row) AS ids, collect(e.event_id) AS values"
FINER: Final = "MATCH (e:Event) WHERE e.row IN $ids RETURN collect(e.row) AS ids, collect(e.finer) AS values"
OF_PRODUCT: Final = "MATCH (n:Name {product: $product}) RETURN collect(n.id) AS ids"
