"""The one clock: microseconds since 1970 UTC. Everything that needs the time is given one, so tests can set it."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Gives the time now in microseconds since 1970 UTC."""


def system_clock() -> int:
    """The machine's clock."""
    return time.time_ns() // 1000
