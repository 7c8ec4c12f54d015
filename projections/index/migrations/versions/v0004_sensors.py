"""An index from an event to its measurements, for those of a few events.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("sensor_by_row", "event_sensor", ["row"], unique=False)
