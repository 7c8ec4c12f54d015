"""Captures that a crash cut short between two appends: voided at the next start, so that no reader waits for them.

A log that appends all or none never has any. A capture is given up when its first record is older than any writer may
take to close it; before that another process may still be writing. Nothing was acknowledged, so nothing is lost.
"""

from __future__ import annotations

from typing import Final

import structlog

from events.envelope import CURRENT, Envelope, decode, encode
from events.port import FACTS, EventLog, NewRecord
from events.reading import Checkpoint
from services.clock import Clock

ABANDONED_US: Final = 600_000_000
"""Ten minutes: several times the longest append with its repetitions."""
_log = structlog.get_logger("stemma.abandoned")


async def void_abandoned(log: EventLog, reached: Checkpoint, clock: Clock) -> list[str]:
    """Void the captures that `reached` still has open and that are too old to be closed; their ids.

    Errors: `Unavailable`, `OutcomeUnknown`; then the next start tries again.
    """
    voided: list[str] = []
    for partition, point in enumerate(reached.partitions):
        for capture, first in point.open:
            records = await log.read(FACTS, partition, first - 1, 1)
            if not records or records[0].offset != first or clock() - records[0].stamp < ABANDONED_US:
                continue
            opening = decode(records[0].envelope)
            await log.append(FACTS, opening.source, [_void(opening, clock())])
            _log.warning("voided a capture that was never closed", capture=capture, partition=partition)
            voided.append(capture)
    return voided


def _void(opening: Envelope, now_us: int) -> NewRecord:
    envelope = Envelope(
        version=CURRENT,
        kind="void",
        capture=opening.capture,
        index=0,
        event_id=None,
        actor="recovery",
        source=opening.source,
        may_correct=False,
        device=None,
        received_us=now_us,
        media_type="application/json",
        context=None,
        body={"count": 0, "reason": "never closed"},
    )
    return NewRecord(encode(envelope), b"")
