"""The tables of people in the workbench database, apart from projections, so that a rebuild leaves them.

A session and a link are 256 random bits; only their SHA-256 is kept, since guessing is hopeless and a look-up by digest
leaks nothing. Accounts are never deleted, since envelopes name them.
"""

from __future__ import annotations

import hashlib
from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData()
accounts: Final = sa.Table(
    "workbench_account",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("folded", sa.String(256), nullable=False, unique=True),
    sa.Column("shown", sa.String(200), nullable=False),
    sa.Column("roles", sa.String(200), nullable=False),
    sa.Column("password", sa.String(400)),
    sa.Column("made_us", sa.BigInteger, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("disabled_us", sa.BigInteger),
)
sessions: Final = sa.Table(
    "workbench_session",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("account", sa.String(32), nullable=False, index=True),
    sa.Column("began_us", sa.BigInteger, nullable=False),
    sa.Column("seen_us", sa.BigInteger, nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
)
links: Final = sa.Table(
    "workbench_link",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("purpose", sa.String(20), nullable=False),
    sa.Column("account", sa.String(32)),
    sa.Column("made_us", sa.BigInteger, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("used_us", sa.BigInteger),
)

seen: Final = sa.Table(
    "workbench_access",
    metadata,
    sa.Column("offset", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("actor", sa.String(200), nullable=False, index=True),
    sa.Column("subject", sa.String(200), index=True),
    sa.Column("at_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("address", sa.String(64)),
    sa.Column("body", sa.Text, nullable=False),
)


def digest_of(text: str) -> bytes:
    """SHA-256 of a session's or link's text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
