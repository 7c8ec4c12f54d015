"""Refused calls, kept in a stream of the log so that nothing is lost, listed by the event index (api.md).

Kept are authenticated calls of up to 1 MiB without their credentials, and each refused or conflicting entry of a list
or document by itself, at most 10,000 a key. A resubmission is kept beside the call it repeats, taken or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import orjson
import structlog

from events.port import MAX_RECORD, REFUSED, EventLog, NewRecord, Record
from projections.index.refused import TAKEN, RefusedCall
from schemas.errors import Busy, FieldError, NotFound, Unavailable
from schemas.sentences import brought_back, kept, say
from services.clock import Clock
from services.ingestion.capture import Caller, field_of
from services.ingestion.ids import new_id

MOST_PER_KEY: Final = 10_000
_VERSION: Final = 1
_BATCH: Final = 50
_log = structlog.get_logger("stemma.refused")


class RefusedIndex(Protocol):
    """What is asked of the event index. Errors of all: `Unavailable`."""

    async def add_refused(self, calls: Iterable[RefusedCall]) -> None: ...

    async def refused(
        self,
        reason: str | None = None,
        source: str | None = None,
        before: tuple[int, str] | None = None,
        limit: int = ...,
    ) -> list[RefusedCall]: ...

    async def refused_call(self, call_id: str) -> RefusedCall | None: ...

    async def resubmissions(self, call_id: str) -> list[str]: ...

    async def count_refused(self, source: str) -> int: ...


@dataclass(frozen=True)
class Refusal:
    """What is to be kept. `headers` are those that say how the call is read, never credentials; `index` its place in
    a list, from which its identity follows."""

    call: str
    reason: str
    status: int
    detail: str
    body: bytes
    media_type: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    index: int = 0
    event_id: str | None = None
    context: str | None = None
    resubmits: str | None = None


@dataclass(frozen=True)
class Kept:
    """A refused call with its body, as it is sent again."""

    call: RefusedCall
    body: bytes

    @property
    def headers(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.call.body["headers"]
        return found

    @property
    def media_type(self) -> str:
        return str(self.call.body["media_type"])


class RefusedCalls:
    """Keeps refused calls and finds them again."""

    def __init__(self, log: EventLog, index: RefusedIndex, clock: Clock) -> None:
        self._log = log
        self._index = index
        self._clock = clock
        self._read = -1
        self._counts: dict[str, int] = {}

    async def keep(self, refusals: Sequence[Refusal], caller: Caller) -> list[str]:
        """Append to the log and list; the ids in order. Bodies above 1 MiB are not kept (their id is empty).

        Errors: `Busy` when the key has 10,000 refused calls; `Unavailable`, `OutcomeUnknown`.
        """
        calls = [(new_id(self._clock()), one) for one in refusals]
        small = [(call_id, one) for call_id, one in calls if len(one.body) <= MAX_RECORD]
        if small:
            await self._bound(caller.key, sum(one.reason != TAKEN for _, one in small))
            await self._log.append(REFUSED, caller.key, [_record(call_id, one, caller) for call_id, one in small])
            await self._listed()
        sizes = {call_id for call_id, _ in small}
        return [call_id if call_id in sizes else "" for call_id, _ in calls]

    async def _bound(self, key: str, more: int) -> None:
        if key not in self._counts or self._counts[key] + more > MOST_PER_KEY:
            try:
                self._counts[key] = await self._index.count_refused(key)
            except Unavailable:
                self._counts.setdefault(key, 0)
        if self._counts[key] + more > MOST_PER_KEY:
            raise Busy(
                say(
                    "this key has {most} refused calls: mend what it sends before sending more",
                    most=MOST_PER_KEY,
                )
            )
        self._counts[key] += more

    async def _listed(self) -> None:
        """Bring the list up to the end of the stream; if the index does not answer, the next look does."""
        try:
            while records := await self._log.read(REFUSED, 0, self._read, _BATCH):
                await self._index.add_refused([_call(record) for record in records])
                self._read = max(self._read, records[-1].offset)
        except Unavailable as fault:
            _log.warning("refused calls are in the log, but not listed yet", reason=fault.detail)

    async def page(
        self, caller: Caller, reason: str | None, before: tuple[int, str] | None, limit: int
    ) -> list[RefusedCall]:
        """Newest first: the caller's own, or all for who may audit. Errors: `Unavailable`."""
        await self._listed()
        source = None if caller.may_audit else caller.key
        found: list[RefusedCall] = []
        while len(found) < limit:
            some = await self._index.refused(reason, source, before, limit)
            found += [one for one in some if one.reason != TAKEN]
            if len(some) < limit:
                break
            before = (some[-1].received_us, some[-1].id)
        return found[:limit]

    async def followers(self, call_id: str) -> list[RefusedCall]:
        """What repeats a refused call, oldest first, taken or refused again."""
        ids = await self._index.resubmissions(call_id)
        found = [await self._index.refused_call(one) for one in ids]
        return [one for one in found if one is not None]

    async def chain(self, call: RefusedCall) -> list[RefusedCall]:
        """A call with all that it repeats and all that repeats it, taken or refused again, oldest first."""
        first = call
        while first.resubmits is not None and (before := await self._index.refused_call(first.resubmits)) is not None:
            first = before
        found = [first]
        for one in found:
            found += await self.followers(one.id)
        return sorted(found, key=lambda one: (one.received_us, one.id))

    async def get(self, call_id: str, caller: Caller) -> Kept:
        """A refused call with its body. Errors: `NotFound`, also for another key's; `Unavailable`."""
        await self._listed()
        call = await self._index.refused_call(call_id)
        if call is None or call.reason == TAKEN or not (caller.may_audit or call.source == caller.key):
            raise NotFound(say("no refused call {call_id} of yours is known", call_id=call_id[:100]))
        return Kept(call, await self.body_of(call))

    async def body_of(self, call: RefusedCall) -> bytes:
        """The body as received. Errors: `Unavailable`."""
        offset = int(call.body["offset"])
        records = await self._log.read(REFUSED, 0, offset - 1, 1)
        return records[0].raw if records else b""


def _record(call_id: str, one: Refusal, caller: Caller) -> NewRecord:
    told = {
        "v": _VERSION,
        "id": call_id,
        "received_us": caller.received_us,
        "source": caller.key,
        "actor": caller.actor,
        "call": one.call,
        "reason": one.reason,
        "status": one.status,
        "resubmits": one.resubmits,
        "detail": one.detail[:2000],
        "errors": [_stored(fault) for fault in one.errors[:100]],
        "said": kept(one.detail),
        "media_type": one.media_type,
        "headers": dict(one.headers),
        "capture_source": caller.source,
        "device": caller.device,
        "index": one.index,
        "event_id": one.event_id,
        "context": one.context,
    }
    return NewRecord(orjson.dumps(told), one.body)


_COLUMNS: Final = ("id", "received_us", "source", "actor", "call", "reason", "status", "resubmits")


def _call(record: Record) -> RefusedCall:
    told = orjson.loads(record.envelope)
    about = {name: value for name, value in told.items() if name not in _COLUMNS}
    return RefusedCall(**{name: told[name] for name in _COLUMNS}, body={**about, "offset": record.offset})


def _stored(fault: FieldError) -> dict[str, Any]:
    """A fault with what is needed to say it in another language."""
    said = {name: told for name, text in field_of(fault).items() if (told := kept(text)) is not None}
    return {**field_of(fault), **({"said": said} if said else {})}


def detail_of(call: RefusedCall) -> str:
    """Why a call was refused, as it was said."""
    return brought_back(call.body["detail"], call.body.get("said"))


def faults_of(call: RefusedCall) -> list[FieldError]:
    """The fields at fault of a kept call."""
    return [
        FieldError(*(brought_back(one[name], one.get("said", {}).get(name)) for name in ("field", "value", "fix")))
        for one in call.body["errors"]
    ]
