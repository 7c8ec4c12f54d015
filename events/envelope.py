"""What the log knows of a record beside its raw bytes: who recorded it, when it came, which capture it belongs to.

An envelope is JSON with a version. `decode` reads every version ever written, through one upcaster per step; the
raw bytes beside it are never touched (architecture rule 6). Version 1 had no `device`, and named the caller's right
to correct by the scopes of its key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, Final, Literal, get_args

import orjson

from schemas.errors import Damaged
from schemas.sentences import say

CURRENT: Final = 2
Kind = Literal["event", "close", "void", "names", "own", "tick"]
_INDEX: Final = b',"index":0'
_EVENT_ID: Final = b',"event_id":""'
_KINDS: Final = frozenset(get_args(Kind))


@dataclass(frozen=True, slots=True)
class Envelope:
    """`index` counts the events of a capture from 0; `received_us` is microseconds since 1970 UTC; `context` is the
    inherited `@context` as JSON text; `body` what a closing, names or own record says."""

    version: int
    kind: Kind
    capture: str
    index: int
    event_id: str | None
    actor: str
    source: str
    may_correct: bool
    device: str | None
    received_us: int
    media_type: str
    context: str | None
    body: Mapping[str, Any] | None


def encode(envelope: Envelope) -> bytes:
    """The envelope as JSON of the current version."""
    document = {
        "v": CURRENT,
        "kind": envelope.kind,
        "capture": envelope.capture,
        "index": envelope.index,
        "event_id": envelope.event_id,
        "actor": envelope.actor,
        "source": envelope.source,
        "may_correct": envelope.may_correct,
        "device": envelope.device,
        "received_us": envelope.received_us,
        "media_type": envelope.media_type,
        "context": envelope.context,
        "body": envelope.body,
    }
    return orjson.dumps(document)


def encoded_events(first: Envelope, event_ids: Sequence[str | None], start: int = 0) -> list[bytes]:
    """The envelopes of a capture's events, which differ in nothing but `index`, counted from `start`, and `event_id`:
    byte for byte what `encode` gives, and what is the same in all of them written once."""
    head, middle, tail = _around(replace(first, index=0, event_id=""))
    return [
        b"%b%d%b%b%b" % (head, index, middle, orjson.dumps(event_id), tail)
        for index, event_id in enumerate(event_ids, start)
    ]


def _around(envelope: Envelope) -> tuple[bytes, bytes, bytes]:
    """What stands before the index 0, between it and the empty event id, and after that."""
    whole = encode(envelope)
    # Within a text a quote is escaped, so that no value can look like these members.
    head, index, rest = whole.partition(_INDEX)
    middle, event_id, tail = rest.partition(_EVENT_ID)
    return head + index[:-1], middle + event_id[:-2], tail


def decode(data: bytes) -> Envelope:
    """An envelope of any version, as the current one. Errors: `Damaged` for what is none."""
    try:
        document = orjson.loads(data)
        version = document["v"]
        for step in range(version, CURRENT):
            document = _UPCASTERS[step](document)
        if document["kind"] not in _KINDS or version > CURRENT:
            raise Damaged(
                say(
                    "an envelope of kind {document}, version {version}, is not known here",
                    document=f"{document['kind']!r}",
                    version=version,
                )
            )
        return Envelope(version, *_fields(document))
    except (orjson.JSONDecodeError, KeyError, TypeError) as fault:
        raise Damaged("a record's envelope cannot be read") from fault


def _from_1(document: dict[str, Any]) -> dict[str, Any]:
    scopes = document.pop("scopes")
    return {**document, "v": 2, "device": None, "may_correct": "correct" in scopes or "admin" in scopes}


_FIELDS: Final = (
    "kind",
    "capture",
    "index",
    "event_id",
    "actor",
    "source",
    "may_correct",
    "device",
    "received_us",
    "media_type",
    "context",
    "body",
)
_fields: Final = itemgetter(*_FIELDS)
_UPCASTERS: Final[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {1: _from_1}
