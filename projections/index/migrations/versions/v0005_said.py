"""Reasons of events set aside, as they can be said in another language.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    said = sa.Column(
        "said", sa.Text, nullable=False, server_default="", comment="pattern and values of the reason as JSON"
    )
    op.add_column("poison", said)
