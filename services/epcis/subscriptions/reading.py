"""What a subscriber sends, as a `Wish`: the body of a webhook subscription, the address of a WebSocket.

Source: EPCIS 2.0 sections 8.2.5 and 12.7, epcis.md S1, S3, S8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from schemas.epcis.formats import EpcFormat
from schemas.errors import BadInput
from schemas.times import Instant
from services.epcis.faults import BadControls
from services.epcis.query import Query
from services.epcis.subscriptions.schedule import FIELDS, read_schedule
from services.epcis.subscriptions.shapes import Wish

_MEMBERS: Final = (
    "dest", "signatureToken", "secret", "initialRecordTime", "reportIfEmpty", "stream", "schedule", "@context",
)  # fmt: skip
_LONGEST_TOKEN: Final = 1024
_BOOLEANS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Asked:
    """A subscription as it is asked for; `dest` is not judged yet."""

    dest: object
    token: str | None
    wish: Wish


def read_body(told: Any, wanted: EpcFormat) -> Asked:
    """Errors: `BadInput` for dest, token, time and unknown members; `BadControls` for stream and schedule."""
    if not isinstance(told, dict):
        raise BadInput.field("body", told, "send an object with dest and stream or schedule")
    for member in told:
        if member not in _MEMBERS:
            raise BadInput.field(member[:200], told[member], f"the members are {', '.join(_MEMBERS[:-1])}")
    if "dest" not in told:
        raise BadInput.field("dest", "", "send the address that events are to be delivered to")
    report = told.get("reportIfEmpty", False)
    if not isinstance(report, bool):
        raise BadInput.field("reportIfEmpty", report, "send true or false")
    schedule = None if _streams(told.get("stream"), "schedule" in told) else _schedule(told["schedule"])
    initial = _initial(told.get("initialRecordTime"))
    return Asked(told["dest"], token_of(told), Wish(schedule, initial, report, wanted))


def read_address(pairs: Sequence[tuple[str, str]], wanted: EpcFormat) -> Wish:
    """The address of a WebSocket. Errors: `BadControls`; `BadInput` for the time."""
    told = dict(pairs)
    if len(told) < len(pairs):
        twice = next(name for name, _ in pairs if [one for one, _ in pairs].count(name) > 1)
        raise BadControls.field(twice[:200], told[twice], "give it once")
    fields = {name: told[name] for name in FIELDS if name in told}
    for name, value in told.items():
        if name not in (*FIELDS, "stream", "reportIfEmpty", "initialRecordTime"):
            known = f"stream, reportIfEmpty, initialRecordTime and the fields of a schedule ({', '.join(FIELDS)})"
            raise BadControls.field(name[:200], value, f"a named query takes no further parameters than {known}")
    stream = None if "stream" not in told else _boolean("stream", told["stream"])
    schedule = None if _streams(stream, bool(fields)) else read_schedule(fields)
    report = "reportIfEmpty" in told and _boolean("reportIfEmpty", told["reportIfEmpty"])
    return Wish(schedule, _initial(told.get("initialRecordTime")), report, wanted)


def check_query(query: Query) -> None:
    """A subscription has no end, so its query has no limit. Errors: `BadControls`."""
    for name in ("eventCountLimit", "maxEventCount"):
        value = query.one(name)
        if value is not None:
            raise BadControls.field(name, value, "a query with this limit is not subscribed to: keep one without it")


def token_of(told: Mapping[str, Any]) -> str | None:
    """The token to sign with; `secret` is what the standard's OpenAPI calls it in one place. Errors: `BadInput`."""
    given = {name: told[name] for name in ("signatureToken", "secret") if told.get(name) is not None}
    for name, value in given.items():
        if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TOKEN:
            raise BadInput.field(name, "(hidden)", f"send a text of 1 to {_LONGEST_TOKEN} characters")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise BadInput.field(name, "(hidden)", "send a text of whole characters") from None
    if len(set(given.values())) > 1:
        raise BadInput.field("secret", "(hidden)", "send it once, as signatureToken")
    return next(iter(given.values()), None)


def _streams(stream: object, scheduled: bool) -> bool:
    """True for a stream. Errors: `BadControls` for both, neither, or anything but `true`."""
    if stream is not None and stream is not True:
        raise BadControls.field("stream", stream, "send true, or leave it out and send a schedule")
    if stream is True and scheduled:
        raise BadControls.field("stream", "true", "send stream or schedule, not both")
    if stream is None and not scheduled:
        raise BadControls.field("stream", "", "send stream (true), or a schedule")
    return stream is True


def _schedule(told: object) -> Any:
    if not isinstance(told, dict):
        raise BadControls.field("schedule", told, 'send an object such as {"hour": "1", "minute": "5"}')
    return read_schedule(told)


def _initial(told: object) -> int | None:
    """The first microsecond that is wanted. Errors: `BadInput`."""
    if told is None:
        return None
    if not isinstance(told, str):
        raise BadInput.field("initialRecordTime", told, "send a time with offset as text")
    time = Instant.parse(told, "initialRecordTime")
    return time.us + 1 if time.sub else time.us


def _boolean(name: str, text: str) -> bool:
    if text not in _BOOLEANS:
        raise BadControls.field(name, text, "write true or false")
    return _BOOLEANS[text]
