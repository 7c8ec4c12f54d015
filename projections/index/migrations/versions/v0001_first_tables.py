"""The first tables of the event index.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "capture_job",
        sa.Column("row", ROW, autoincrement=False, nullable=False),
        sa.Column("capture", WORDS, nullable=False),
        sa.Column("record_us", sa.BigInteger(), nullable=False),
        sa.Column("kind", WORDS, nullable=False, comment="close or void"),
        sa.Column("actor", WORDS, nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="the JSON of the closing record"),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_index("job_by_capture", "capture_job", ["capture"], unique=False)
    op.create_index("job_by_record_time", "capture_job", ["record_us"], unique=False)
    op.create_table(
        "event_context",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "event_corrective",
        sa.Column("corrective_id", WORDS, nullable=False, comment="the event that stands instead"),
        sa.Column("event_id", WORDS, nullable=False, comment="the event declared an error"),
        sa.Column("row", sa.BigInteger(), nullable=False, comment="the declaration"),
        sa.PrimaryKeyConstraint("corrective_id", "event_id", "row"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event_mention",
        sa.Column("object", WORDS, nullable=False),
        sa.Column("event_us", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False, comment="place among the mentions of its event"),
        sa.Column("role", sa.SmallInteger(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False, comment="the first mention of the object in the event"),
        sa.Column("quantity", WORDS, nullable=True),
        sa.Column("unit", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("object", "event_us", "row", "n"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event_raw",
        sa.Column("row", ROW, autoincrement=False, nullable=False),
        sa.Column("media_type", WORDS, nullable=False),
        sa.Column(
            "context", sa.LargeBinary(), nullable=True, comment="digest of the inherited @context, see event_context"
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="exactly as received"),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_table(
        "event_record",
        sa.Column("row", ROW, autoincrement=False, nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("closing", sa.BigInteger(), nullable=False, comment="offset of the record that made it visible"),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="place in its capture"),
        sa.Column("event_id", WORDS, nullable=False),
        sa.Column("record_us", sa.BigInteger(), nullable=False),
        sa.Column(
            "content", sa.LargeBinary(), nullable=False, comment="digest of pre-hash string and errorDeclaration"
        ),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("withdrawn_us", sa.BigInteger(), nullable=True),
        sa.Column("event_us", sa.BigInteger(), nullable=False),
        sa.Column("event_sub", WORDS, nullable=False, comment="digits of the event time beyond microseconds"),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("action", WORDS, nullable=True),
        sa.Column("step", WORDS, nullable=True),
        sa.Column("disposition", WORDS, nullable=True),
        sa.Column("read_point", WORDS, nullable=True),
        sa.Column("location", WORDS, nullable=True),
        sa.Column("process", WORDS, nullable=True),
        sa.Column("operator", WORDS, nullable=True),
        sa.Column("result", WORDS, nullable=True),
        sa.Column("declaration", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False, comment="all facts as JSON, see codec"),
        sa.Column("capture", WORDS, nullable=False),
        sa.Column("actor", WORDS, nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("may_correct", sa.Boolean(), nullable=False),
        sa.Column("device", WORDS, nullable=True),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_index(
        "conflict_by_record_time",
        "event_record",
        ["record_us"],
        unique=False,
        sqlite_where=sa.text("state = 3"),
        postgresql_where=sa.text("state = 3"),
    )
    op.create_index("event_by_closing", "event_record", ["partition", "closing", "ordinal"], unique=False)
    op.create_index("event_by_id", "event_record", ["event_id"], unique=False)
    op.create_index("event_by_record_time", "event_record", ["record_us"], unique=False)
    op.create_index(
        "event_by_time",
        "event_record",
        ["event_us"],
        unique=False,
        sqlite_where=sa.text("state = 0"),
        postgresql_where=sa.text("state = 0"),
    )
    op.create_table(
        "event_sensor",
        sa.Column("type", WORDS, nullable=False),
        sa.Column("time_us", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("value", WORDS, nullable=True, comment="decimal"),
        sa.Column("minimum", WORDS, nullable=True),
        sa.Column("maximum", WORDS, nullable=True),
        sa.Column("mean", WORDS, nullable=True),
        sa.Column("unit", WORDS, nullable=True),
        sa.Column("device", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("type", "time_us", "row", "n"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event_term",
        sa.Column("field", sa.SmallInteger(), nullable=False),
        sa.Column("value", WORDS, nullable=False),
        sa.Column("event_us", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("field", "value", "event_us", "row"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "index_checkpoint",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "known_name",
        sa.Column("key", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("product", WORDS, nullable=True),
        sa.Column("lot", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("key", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_index("name_by_product", "known_name", ["product"], unique=False)
    op.create_table(
        "known_part",
        sa.Column("part", WORDS, nullable=False, comment="a serial, lot, GTIN, SSCC ... as a person types it"),
        sa.Column("key", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("part", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "master_data",
        sa.Column("key", WORDS, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("record_us", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("zh", WORDS, nullable=True),
        sa.Column("en", WORDS, nullable=True),
        sa.Column("unit", WORDS, nullable=True),
        sa.Column("contact", WORDS, nullable=True),
        sa.Column("own", sa.Boolean(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="the whole entry as JSON"),
        sa.PrimaryKeyConstraint("key", "type", "record_us", "row", "n"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "own_place",
        sa.Column("row", ROW, autoincrement=False, nullable=False),
        sa.Column("record_us", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="the whole list as JSON"),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_table(
        "poison",
        sa.Column("row", ROW, autoincrement=False, nullable=False),
        sa.Column("event_id", WORDS, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_table(
        "refused_call",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("actor", WORDS, nullable=False),
        sa.Column("call", WORDS, nullable=False, comment="method and path"),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="everything else about it as JSON"),
        sa.Column("resubmits", WORDS, nullable=True, comment="the refused call that this one repeats"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("refused_by_source", "refused_call", ["source", "received_us"], unique=False)
    op.create_index("refused_by_time", "refused_call", ["received_us", "id"], unique=False)
