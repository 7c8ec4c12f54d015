"""Reading a call's body into activities: one object, a list, or NDJSON, each entry judged by itself.

The body's own faults (malformed JSON, a number beyond bounds, too many entries) refuse the call; an entry's faults
refuse that entry. Numbers keep every digit. Bounds: 5,000 activities, 1 MiB each, depth 64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from schemas.activities.models import ACTIVITIES, READER, Activity, Correct
from schemas.epcis.jsontext import JsonText, text_of
from schemas.errors import BadInput, FieldError, StemmaError, TooLarge
from schemas.requests import field_errors, refused
from schemas.sentences import say

MOST_ACTIVITIES: Final = 5000
MOST_BYTES: Final = 1_048_576
"""Bytes of one activity as sent."""
_DEPTH: Final = 64


@dataclass(frozen=True, slots=True)
class Sent:
    """One entry of a call: `value` as decoded, or `fault` if it cannot be read; `raw` its bytes as sent."""

    index: int
    raw: bytes
    value: Any = None
    fault: StemmaError | None = None


def read_sent(body: bytes, *, lines: bool) -> tuple[list[Sent], bool]:
    """Entries in order, and whether the body was one activity alone. `lines` for NDJSON (empty lines are passed over).

    Errors: `BadInput` naming line and column, `TooLarge` above 5,000 entries.
    """
    if lines:
        return _lines(body), False
    text = text_of(body)
    source = JsonText(text, depth=_DEPTH)
    start = source.start()
    if not text.startswith("[", start):
        value, end = source.value(start, "", 0)
        source.finish(end)
        return [_bounded(Sent(0, text[start:end].encode(), value))], True
    found: list[Sent] = []

    def take(pos: int) -> int:
        _limit(len(found))
        value, end = source.value(pos, f"[{len(found)}]", 1)
        found.append(_bounded(Sent(len(found), text[pos:end].encode(), value)))
        return end

    source.finish(source.elements(start, take))
    return found, False


def _lines(body: bytes) -> list[Sent]:
    found: list[Sent] = []
    for line in body.split(b"\n"):
        if line.strip():
            _limit(len(found))
            found.append(_line(len(found), line.strip()))
    return found


def _line(index: int, line: bytes) -> Sent:
    try:
        source = JsonText(text_of(line), depth=_DEPTH)
        value, end = source.value(source.start(), "", 0)
        source.finish(end)
    except StemmaError as fault:
        return Sent(index, line, fault=fault)
    return _bounded(Sent(index, line, value))


def _bounded(sent: Sent) -> Sent:
    if len(sent.raw) <= MOST_BYTES:
        return sent
    fix = say("one activity has at most {most} bytes; send it in parts", most=MOST_BYTES)
    errors = [FieldError("activity", say("{count} bytes", count=len(sent.raw)), fix)]
    return Sent(
        sent.index,
        sent.raw,
        sent.value,
        TooLarge(say("{count} bytes: {fix}", count=len(sent.raw), fix=fix), errors=errors),
    )


def _limit(count: int) -> None:
    if count >= MOST_ACTIVITIES:
        raise TooLarge(
            say(
                "one call takes at most {most} activities; send several calls",
                most=MOST_ACTIVITIES,
            )
        )


def read_activity(sent: Sent) -> Activity | Correct:
    """The model of an entry. Errors: its own fault, or `BadInput` with every field at fault."""
    if sent.fault is not None:
        raise sent.fault
    if not isinstance(sent.value, dict):
        raise BadInput.field("activity", sent.value, "an activity is a JSON object")
    if sent.value.get("activity") not in ACTIVITIES:
        fix = say("write one of {known}", known=", ".join(ACTIVITIES))
        raise BadInput.field("activity", sent.value.get("activity", ""), fix)
    try:
        read: Activity | Correct = READER.validate_python(sent.value)
    except ValidationError as error:
        raise refused(_below_tags(field_errors(error), sent.value["activity"])) from None
    return read


def _below_tags(errors: list[FieldError], activity: str) -> list[FieldError]:
    """Paths without the activity's name, which the model puts in front."""
    prefix = f"{activity}."
    return [
        FieldError(one.field.removeprefix(prefix) if one.field != activity else "activity", one.value, one.fix)
        for one in errors
    ]
