"""Identities that ingestion gives: of captures, of refused calls, and of the events of activities.

Captures and refused calls get UUIDv7s (RFC 9562), so that indexes grow at their end. An activity's
eventID is a UUIDv5 of what the caller said of it, so that a retry has the same (api.md).
"""

from __future__ import annotations

import secrets
from typing import Final
from uuid import UUID, uuid5

_ACTIVITIES: Final = UUID("6f0c2a5e-6f0f-5d0a-9b7e-2f6f2d8f5a10")
"""Namespace of the events of activities; part of the contract, never to be changed."""


def new_id(now_us: int) -> str:
    """A UUIDv7 of this millisecond, as text."""
    # one question to the system, for which this thread lets others go first
    chance = secrets.randbits(74)
    value = (now_us // 1000 & (1 << 48) - 1) << 80 | 7 << 76 | chance >> 62 << 64
    return str(UUID(int=value | 2 << 62 | chance & (1 << 62) - 1))


def activity_event_id(source: str, own_id: str | None, key: str | None, index: int, below: int | None) -> str | None:
    """`urn:uuid:…` of source and the activity's own id, else of source, Idempotency-Key and place in the call.

    `below` is the place within a correction's `instead`. None when the caller named neither.
    """
    if own_id is not None:
        name = f"id\n{source}\n{own_id}"
    elif key is not None:
        name = f"key\n{source}\n{key}\n{index}"
    else:
        return None
    if below is not None:
        name += f"\ninstead\n{below}"
    return f"urn:uuid:{uuid5(_ACTIVITIES, name)}"
