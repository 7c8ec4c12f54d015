"""Rate limits on sign-ins: whoever guesses is slowed down, and nobody is locked out by another's guesses.

Three leaky buckets fill with failed sign-ins: of a name from an address, of an address, and of a name from everywhere.
The last does not hold for an address from which the name has signed in before, so that guesses from elsewhere do not
keep its owner out. An IPv6 address counts by its /64, which one caller has to itself. Each process counts for itself.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from schemas.errors import Busy
from schemas.sentences import say

_MOST_HELD: Final = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` failures at once, then one every `seconds`."""

    burst: int
    seconds: float


OF_NAME_AND_ADDRESS: Final = Rate(5, 15.0)
OF_ADDRESS: Final = Rate(30, 3.0)
OF_NAME: Final = Rate(60, 10.0)
OF_LINKS: Final = Rate(20, 3.0)


class TooMany(Busy):
    """Too many failures; `seconds` until the next try."""

    def __init__(self, seconds: int) -> None:
        super().__init__(say("too many failed tries: wait {seconds} seconds", seconds=seconds))
        self.retry_after = seconds


class Buckets:
    """Leaky buckets by key, the least used forgotten first."""

    def __init__(self, rate: Rate, now: Callable[[], float]) -> None:
        self._rate = rate
        self._now = now
        self._held: OrderedDict[tuple[str, ...], tuple[float, float]] = OrderedDict()

    def wait(self, key: tuple[str, ...]) -> float:
        """Seconds until another failure is let in; 0 when it is now."""
        return max(0.0, (self._level(key) - self._rate.burst + 1) * self._rate.seconds)

    def add(self, key: tuple[str, ...]) -> None:
        """Count one failure."""
        level = self._level(key) + 1
        self._held.pop(key, None)
        self._held[key] = (level, self._now())
        if len(self._held) > _MOST_HELD:
            self._held.popitem(last=False)

    def take_back(self, key: tuple[str, ...]) -> None:
        """Count one failure less: it was none."""
        if key in self._held:
            self._held[key] = (max(0.0, self._level(key) - 1), self._now())

    def clear(self, key: tuple[str, ...]) -> None:
        """Count from none again."""
        self._held.pop(key, None)

    def _level(self, key: tuple[str, ...]) -> float:
        level, then = self._held.get(key, (0.0, 0.0))
        return max(0.0, level - (self._now() - then) / self._rate.seconds)


class SignInLimits:
    """What a sign-in is held to before its password is looked at. `now` gives seconds that never run back."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._both = Buckets(OF_NAME_AND_ADDRESS, now)
        self._address = Buckets(OF_ADDRESS, now)
        self._name = Buckets(OF_NAME, now)
        self._links = Buckets(OF_LINKS, now)
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def check(self, name: str, address: str) -> None:
        """Errors: `TooMany`."""
        place = place_of(address)
        waits = [self._both.wait((name, place)), self._address.wait((place,))]
        if (name, place) not in self._known:
            waits.append(self._name.wait((name,)))
        _refuse(max(waits))

    def failed(self, name: str, address: str) -> None:
        """Count a wrong name or password."""
        place = place_of(address)
        self._both.add((name, place))
        self._address.add((place,))
        self._name.add((name,))

    def succeeded(self, name: str, address: str) -> None:
        """A right password: the failure counted before it was compared is none, and the name is at home here."""
        place = place_of(address)
        self._both.clear((name, place))
        self._address.take_back((place,))
        self._name.take_back((name,))
        self._known[(name, place)] = None
        self._known.move_to_end((name, place))
        if len(self._known) > _MOST_HELD:
            self._known.popitem(last=False)

    def check_link(self, address: str) -> None:
        """Before a one-time link is looked at. Errors: `TooMany`."""
        _refuse(self._links.wait((place_of(address),)))

    def failed_link(self, address: str) -> None:
        """Count a link that is none."""
        self._links.add((place_of(address),))


def place_of(address: str) -> str:
    """The address as it is counted."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _refuse(seconds: float) -> None:
    if seconds > 0:
        raise TooMany(math.ceil(seconds))
