"""Records of the stream `access`: who came, who changed what may be done, and what was taken out of the house.

An envelope says what, who, when and from where; the payload is JSON with what the kind needs. Nothing secret is ever
recorded: no password, key, link or cookie, and of a failed sign-in only an account that exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import orjson

from events.port import NewRecord, Record
from schemas.errors import Damaged

_VERSION: Final = 1
AccessKind = Literal[
    "sign_in",
    "sign_in_failed",
    "sign_out",
    "account_made",
    "account_changed",
    "password_set",
    "link_made",
    "key_made",
    "key_revoked",
    "settings",
    "export",
    "backup",
    "rebuild",
]
ACCESS_KINDS: Final[tuple[AccessKind, ...]] = get_args(AccessKind)


@dataclass(frozen=True, slots=True)
class Access:
    """One record. `actor` is who did it (`account:ID`, `key:ID`, `local`, `system`, or `unknown` for a sign-in by
    nobody we know), `at_us` microseconds since 1970 UTC, `address` the caller's, None for what no call did."""

    id: str
    kind: AccessKind
    actor: str
    at_us: int
    address: str | None
    body: Mapping[str, Any]


def encode_access(one: Access) -> NewRecord:
    """As the log keeps it."""
    told = {
        "v": _VERSION,
        "kind": "access",
        "id": one.id,
        "what": one.kind,
        "actor": one.actor,
        "at_us": one.at_us,
        "address": one.address,
    }
    return NewRecord(orjson.dumps(told), orjson.dumps(dict(one.body)))


def decode_access(record: Record) -> Access:
    """A record of any version. Errors: `Damaged` for what is none."""
    try:
        told = orjson.loads(record.envelope)
        if told["v"] > _VERSION or told["kind"] != "access":
            raise Damaged(f"record {record.offset} of `access` is of a kind that is not known here")
        return Access(
            told["id"], told["what"], told["actor"], told["at_us"], told["address"], orjson.loads(record.raw)
        )  # fmt: skip
    except (orjson.JSONDecodeError, KeyError, TypeError) as fault:
        raise Damaged(f"record {record.offset} of `access` cannot be read") from fault
