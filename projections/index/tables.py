"""The tables of the event index, the same on SQLite and PostgreSQL.

Every row is a function of the set of records alone: rows are keyed by the record's position, never by arrival, and
`state` and `withdrawn_us` are what `projections.settle` says of the records of one eventID. Texts compare by code
point on both databases. Times are microseconds since 1970 UTC. The migrations in `migrations/` make these tables; a
test holds the two together.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

PARTITION_SHIFT: Final = 48
WORDS: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared by code point (trace.md section 2: ids by code point)."""

metadata = MetaData()


class State(IntEnum):
    """What a record is among those of its eventID. Stored: append only."""

    STANDING = 0
    DECLARATION = 1
    DUPLICATE = 2
    CONFLICT = 3


class Field(IntEnum):
    """What a `term` says of an event. Stored: append only."""

    PLACE = 0
    RESOURCE = 1
    OPERATOR = 2
    ACTIVITY = 3
    DOCUMENT = 4
    PARTY = 5
    PROCESS = 6
    RESULT = 7
    DISPOSITION = 8


def row_of(partition: int, offset: int) -> int:
    """The key of a record: its position in one number, so that equal logs give equal tables."""
    return partition << PARTITION_SHIFT | offset


def position_of(row: int) -> tuple[int, int]:
    """Partition and offset of a row."""
    return row >> PARTITION_SHIFT, row & ((1 << PARTITION_SHIFT) - 1)


event = Table(
    "event_record",
    metadata,
    Column("row", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("partition", Integer, nullable=False),
    Column("closing", BigInteger, nullable=False, comment="offset of the record that made it visible"),
    Column("ordinal", Integer, nullable=False, comment="place in its capture"),
    Column("event_id", WORDS, nullable=False),
    Column("record_us", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False, comment="digest of pre-hash string and errorDeclaration"),
    Column("state", SmallInteger, nullable=False),
    Column("withdrawn_us", BigInteger),
    Column("event_us", BigInteger, nullable=False),
    Column("event_sub", WORDS, nullable=False, comment="digits of the event time beyond microseconds"),
    Column("type", WORDS, nullable=False),
    Column("action", WORDS),
    Column("step", WORDS),
    Column("disposition", WORDS),
    Column("read_point", WORDS),
    Column("location", WORDS),
    Column("process", WORDS),
    Column("operator", WORDS),
    Column("result", WORDS),
    Column("declaration", Boolean, nullable=False),
    Column("facts", LargeBinary, nullable=False, comment="all facts as JSON, see codec"),
    Column("capture", WORDS, nullable=False),
    Column("actor", WORDS, nullable=False),
    Column("source", WORDS, nullable=False),
    Column("may_correct", Boolean, nullable=False),
    Column("device", WORDS),
    Column("received_us", BigInteger, nullable=False),
    Index("event_by_id", "event_id"),
    Index("event_by_record_time", "record_us"),
    Index("event_by_closing", "partition", "closing", "ordinal"),
    Index(
        "event_by_time",
        "event_us",
        sqlite_where=text("state = 0"),
        postgresql_where=text("state = 0"),
    ),
    Index("conflict_by_record_time", "record_us", sqlite_where=text("state = 3"), postgresql_where=text("state = 3")),
    Index("declaration_by_time", "event_us", sqlite_where=text("state = 1"), postgresql_where=text("state = 1")),
)

raw = Table(
    "event_raw",
    metadata,
    Column("row", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("media_type", WORDS, nullable=False),
    Column("context", LargeBinary, comment="digest of the inherited @context, see event_context"),
    Column("body", LargeBinary, nullable=False, comment="exactly as received"),
)

context = Table(
    "event_context",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("body", Text, nullable=False),
)

mention = Table(
    "event_mention",
    metadata,
    Column("object", WORDS, nullable=False),
    Column("event_us", BigInteger, nullable=False),
    Column("row", BigInteger, nullable=False),
    Column("n", Integer, nullable=False, comment="place among the mentions of its event"),
    Column("role", SmallInteger, nullable=False),
    Column("first", Boolean, nullable=False, comment="the first mention of the object in the event"),
    Column("quantity", WORDS),
    Column("unit", WORDS),
    PrimaryKeyConstraint("object", "event_us", "row", "n"),
    sqlite_with_rowid=False,
)

term = Table(
    "event_term",
    metadata,
    Column("field", SmallInteger, nullable=False),
    Column("value", WORDS, nullable=False),
    Column("event_us", BigInteger, nullable=False),
    Column("row", BigInteger, nullable=False),
    PrimaryKeyConstraint("field", "value", "event_us", "row"),
    sqlite_with_rowid=False,
)

sensor = Table(
    "event_sensor",
    metadata,
    Column("type", WORDS, nullable=False),
    Column("time_us", BigInteger, nullable=False),
    Column("row", BigInteger, nullable=False),
    Column("n", Integer, nullable=False),
    Column("value", WORDS, comment="decimal"),
    Column("minimum", WORDS),
    Column("maximum", WORDS),
    Column("mean", WORDS),
    Column("unit", WORDS),
    Column("device", WORDS),
    PrimaryKeyConstraint("type", "time_us", "row", "n"),
    Index("sensor_by_row", "row"),
    sqlite_with_rowid=False,
)

attribute = Table(
    "event_attribute",
    metadata,
    Column("row", BigInteger, nullable=False),
    Column("field", BigInteger, nullable=False, comment="hash of the field's name, see attributes"),
    Column("value", WORDS, nullable=False, comment="text that sorts as the value does"),
    PrimaryKeyConstraint("row", "field", "value"),
    Index("attribute_by_value", "field", "value", "row"),
    sqlite_with_rowid=False,
)

seen = Table(
    "seen_value",
    metadata,
    Column("kind", WORDS, nullable=False, comment="type, step, disposition, read_point, location or unit"),
    Column("value", WORDS, nullable=False),
    PrimaryKeyConstraint("kind", "value"),
    sqlite_with_rowid=False,
)

corrective = Table(
    "event_corrective",
    metadata,
    Column("corrective_id", WORDS, nullable=False, comment="the event that stands instead"),
    Column("event_id", WORDS, nullable=False, comment="the event declared an error"),
    Column("row", BigInteger, nullable=False, comment="the declaration"),
    PrimaryKeyConstraint("corrective_id", "event_id", "row"),
    sqlite_with_rowid=False,
)

job = Table(
    "capture_job",
    metadata,
    Column("row", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("capture", WORDS, nullable=False),
    Column("record_us", BigInteger, nullable=False),
    Column("kind", WORDS, nullable=False, comment="close or void"),
    Column("actor", WORDS, nullable=False),
    Column("source", WORDS, nullable=False),
    Column("received_us", BigInteger, nullable=False),
    Column("events", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="the JSON of the closing record"),
    Index("job_by_capture", "capture"),
    Index("job_by_record_time", "record_us"),
)

master = Table(
    "master_data",
    metadata,
    Column("key", WORDS, nullable=False),
    Column("type", WORDS, nullable=False),
    Column("record_us", BigInteger, nullable=False),
    Column("row", BigInteger, nullable=False),
    Column("n", Integer, nullable=False),
    Column("zh", WORDS),
    Column("en", WORDS),
    Column("unit", WORDS),
    Column("contact", WORDS),
    Column("own", Boolean),
    Column("body", LargeBinary, nullable=False, comment="the whole entry as JSON"),
    PrimaryKeyConstraint("key", "type", "record_us", "row", "n"),
    sqlite_with_rowid=False,
)

own = Table(
    "own_place",
    metadata,
    Column("row", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("record_us", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="the whole list as JSON"),
)

name = Table(
    "known_name",
    metadata,
    Column("key", WORDS, nullable=False),
    Column("kind", WORDS, nullable=False),
    Column("product", WORDS),
    Column("lot", WORDS),
    PrimaryKeyConstraint("key", "kind"),
    Index("name_by_product", "product"),
    sqlite_with_rowid=False,
)

part = Table(
    "known_part",
    metadata,
    Column("part", WORDS, nullable=False, comment="a serial, lot, GTIN, SSCC ... as a person types it"),
    Column("key", WORDS, nullable=False),
    PrimaryKeyConstraint("part", "key"),
    sqlite_with_rowid=False,
)

poison = Table(
    "poison",
    metadata,
    Column("row", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("event_id", WORDS, nullable=False),
    Column("reason", Text, nullable=False),
    Column("said", Text, nullable=False, server_default="", comment="pattern and values of the reason as JSON"),
)

refused = Table(
    "refused_call",
    metadata,
    Column("id", WORDS, primary_key=True),
    Column("received_us", BigInteger, nullable=False),
    Column("source", WORDS, nullable=False),
    Column("actor", WORDS, nullable=False),
    Column("call", WORDS, nullable=False, comment="method and path"),
    Column("reason", WORDS, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="everything else about it as JSON"),
    Column("resubmits", WORDS, comment="the refused call that this one repeats"),
    Index("refused_by_time", "received_us", "id"),
    Index("refused_by_source", "source", "received_us"),
)

checkpoint = Table(
    "index_checkpoint",
    metadata,
    Column("name", WORDS, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

FACT_TABLES: Final = (
    *(event, raw, context, mention, term, sensor, attribute, seen, corrective, job, master, own, name, part, poison),
)
"""What a rebuild refills; refused calls stay."""
