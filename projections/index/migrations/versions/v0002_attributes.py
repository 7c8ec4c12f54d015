"""Attributes of events for EPCIS queries, and the values that were ever seen.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "event_attribute",
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.BigInteger(), nullable=False, comment="hash of the field's name, see attributes"),
        sa.Column("value", WORDS, nullable=False, comment="text that sorts as the value does"),
        sa.PrimaryKeyConstraint("row", "field", "value"),
        sqlite_with_rowid=False,
    )
    op.create_index("attribute_by_value", "event_attribute", ["field", "value", "row"], unique=False)
    op.create_table(
        "seen_value",
        sa.Column("kind", WORDS, nullable=False, comment="type, step, disposition, read_point, location or unit"),
        sa.Column("value", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("kind", "value"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "declaration_by_time",
        "event_record",
        ["event_us"],
        unique=False,
        sqlite_where=sa.text("state = 1"),
        postgresql_where=sa.text("state = 1"),
    )
