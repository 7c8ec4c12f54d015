"""What people and programs may do: rights, the roles that accounts have and the scopes that keys have.

The right `capture` is given by activity: a warehouse keeper receives and ships, and inspects nothing. An EPCIS document
may hold any activity, so it needs all of them. Roles and scopes only add up; nothing takes a right away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from schemas.activities import models

Right = Literal["capture", "query", "trace", "correct", "export", "audit", "keys", "accounts", "operate"]
Role = Literal[
    "administrator",
    "quality_manager",
    "quality_director",
    "team_leader",
    "inspector",
    "warehouse_keeper",
    "auditor",
]
Scope = Literal["capture", "read", "correct", "admin"]
RIGHTS: Final[tuple[Right, ...]] = get_args(Right)
ROLES: Final[tuple[Role, ...]] = get_args(Role)
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
ACTIVITIES: Final = frozenset(models.ACTIVITIES)
"""Every activity of `POST /api/v1/activities`."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights, and the activities that `capture` is for: none without that right."""

    rights: frozenset[Right]
    activities: frozenset[str] = frozenset()

    def __or__(self, other: Grant) -> Grant:
        return Grant(self.rights | other.rights, self.activities | other.activities)


def _grant(*rights: Right, activities: Iterable[str] = ()) -> Grant:
    return Grant(frozenset(rights), frozenset(activities))


NOTHING: Final = _grant()
EVERYTHING: Final = Grant(frozenset(RIGHTS), ACTIVITIES)
_QUALITY: Final = _grant("capture", "query", "trace", "correct", "export", activities=ACTIVITIES)

OF_ROLE: Final[Mapping[Role, Grant]] = {
    "administrator": _grant("keys", "accounts", "operate"),
    "quality_manager": _QUALITY,
    "quality_director": _QUALITY,
    "team_leader": _grant("capture", "query", "trace", "correct", activities=ACTIVITIES),
    "inspector": _grant("capture", "query", "trace", activities=("inspect", "observe")),
    "warehouse_keeper": _grant(
        "capture", "query", activities=("receive", "move", "pack", "unpack", "ship", "return")
    ),
    "auditor": _grant("query", "trace", "export", "audit"),
}  # fmt: skip

OF_SCOPE: Final[Mapping[Scope, Grant]] = {
    "capture": _grant("capture", activities=ACTIVITIES),
    "read": _grant("query", "trace", "export"),
    "correct": _grant("correct"),
    "admin": EVERYTHING,
}


def of_roles(roles: Iterable[str]) -> Grant:
    """What these roles give together; a role that is none gives nothing."""
    return _sum(OF_ROLE[role] for role in ROLES if role in frozenset(roles))


def of_scopes(scopes: Iterable[str]) -> Grant:
    """What these scopes give together."""
    return _sum(OF_SCOPE[scope] for scope in SCOPES if scope in frozenset(scopes))


def _sum(grants: Iterable[Grant]) -> Grant:
    found = NOTHING
    for grant in grants:
        found |= grant
    return found
