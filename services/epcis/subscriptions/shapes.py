"""What a subscription is and where it stands. Times are microseconds since 1970 UTC. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from schemas.epcis.formats import EpcFormat
from services.epcis.query import Query
from services.epcis.subscriptions.schedule import Schedule

State = Literal["active", "suspended"]
Place = tuple[int, str, str, int]
"""A place in the order recordTime, eventID, content hash in hex, row: all up to and with it was delivered or passed."""


def before(us: int) -> Place:
    """The place before every event recorded at `us` or later."""
    return us, "", "", -1


@dataclass(frozen=True, slots=True)
class Owner:
    """Who subscribed, and under whose rights deliveries go out: a key, an account, or the machine's own user."""

    actor: str
    key_id: str | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscriber asks for: a stream, or a schedule."""

    schedule: Schedule | None
    initial_us: int | None = None
    report_if_empty: bool = False
    format: EpcFormat = EpcFormat.LINK


@dataclass(frozen=True, slots=True)
class Delivery:
    """A document on its way: stored before it is first sent, so that every try sends the same bytes.

    `then` is the place of the subscription once it was taken.
    """

    id: str
    body: bytes
    events: int
    then: Place


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: `status` of the answer or None, `error` why there is none, the first kilobyte of what was answered."""

    at_us: int
    delivery: str
    events: int
    status: int | None
    error: str | None
    ms: int
    answer: bytes = b""

    @property
    def taken(self) -> bool:
        """True for 2xx."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook subscription as it is kept.

    `place` is how far deliveries have come; `until_us` the moment a scheduled run goes up to, None between runs;
    `size` the most events the target takes at once (413 halves it); `failures` and `failing_us` how often and since
    when the delivery under way fails. `token` and `old_token` are encrypted.
    """

    id: str
    query_name: str
    query: Query
    dest: str
    wish: Wish
    owner: Owner
    made_us: int
    place: Place
    size: int
    token: bytes | None = field(default=None, repr=False)
    old_token: bytes | None = field(default=None, repr=False)
    old_until_us: int = 0
    next_run_us: int | None = None
    until_us: int | None = None
    state: State = "active"
    reason: str | None = None
    notified_us: int | None = None
    failures: int = 0
    failing_us: int | None = None
    next_try_us: int = 0

    @property
    def streams(self) -> bool:
        """True for a stream, false for a schedule."""
        return self.wish.schedule is None

    @property
    def least_record_us(self) -> int:
        """`minRecordTime`: events recorded before were delivered or passed."""
        return self.place[0]


STREAM: Final = {"stream": True}
