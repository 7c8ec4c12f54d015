"""What a finder of `GET /api/v1/attention` is asked and answers: `Need` with how bad it is and where to look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from services.principal import Principal
from services.rights import Right

if TYPE_CHECKING:
    from services.bootstrap import House
    from services.system.jobs import Jobs

Severity = Literal["critical", "warning", "info"]
NeedKind = Literal[
    "unready",
    "lag",
    "not_projected",
    "refused",
    "conflict",
    "failed_inspection",
    "correction",
    "unsealed",
    "backup",
    "broken_seal",
]


@dataclass(frozen=True, slots=True)
class Need:
    """Something to look at. `since_us` and `last_us` are when the first and the last of `count` came, in microseconds
    since 1970 UTC, None where there is no such time; `look` is the call that lists them; `about` says more, if needed.
    """

    kind: NeedKind
    severity: Severity
    count: int
    look: str
    since_us: int | None = None
    last_us: int | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, of which house and its jobs, and since when `of late` is (microseconds since 1970 UTC)."""

    house: House
    jobs: Jobs
    principal: Principal
    late_us: int


@dataclass(frozen=True, slots=True)
class Watch:
    """A finder and the rights of which its caller must have one."""

    rights: tuple[Right, ...]
    find: Callable[[Asked], Awaitable[Sequence[Need]]]


def call(path: str, **query: str) -> str:
    """A path of the API with its query, `from_` standing for `from`."""
    told = {name.rstrip("_"): value for name, value in query.items()}
    return f"{path}?{urlencode(told)}" if told else path
