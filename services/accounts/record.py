"""Keeping the stream `access`: appended before a change is committed, so that nothing changes unrecorded.

Failed sign-ins come from whoever likes to send them, so at most a burst of them is recorded each by itself; those in
between are counted, and the next record says how many there were.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog

from events.access import Access, AccessKind, encode_access
from events.port import ACCESS, EventLog
from schemas.errors import Unavailable
from services.accounts.limits import Buckets, Rate
from services.clock import Clock
from services.ingestion.ids import new_id

FAILURES: Final = Rate(1000, 10.0)
_ALL: Final = ("failed",)
_log = structlog.get_logger("stemma.access")


class AccessRecord:
    """Writes who came and who changed what. `now` gives seconds that never run back."""

    def __init__(self, log: EventLog, clock: Clock, now: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._failures = Buckets(FAILURES, now)
        self._unrecorded = 0

    async def add(self, kind: AccessKind, actor: str, address: str | None, **body: Any) -> None:
        """Append one record; it is durable when this returns. Errors: `Unavailable`, `OutcomeUnknown`."""
        now = self._clock()
        record = encode_access(Access(new_id(now), kind, actor, now, address, _plain(body)))
        await self._log.append(ACCESS, ACCESS, [record])

    async def failed(self, actor: str, address: str, **body: Any) -> None:
        """Record a failed sign-in; a log that does not answer makes it no less refused."""
        if self._failures.wait(_ALL):
            self._unrecorded += 1
            return
        self._failures.add(_ALL)
        more = {"unrecorded_before": self._unrecorded} if self._unrecorded else {}
        try:
            await self.add("sign_in_failed", actor, address, **body, **more)
            self._unrecorded = 0
        except Unavailable as fault:
            _log.warning("a failed sign-in could not be recorded", actor=actor, reason=fault.detail)


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sorted(one) if isinstance(one, frozenset | set) else one for name, one in body.items()}
