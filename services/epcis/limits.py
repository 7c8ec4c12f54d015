"""What a capture may be at most, as `OPTIONS` and every 413 tell it.

Source: EPCIS 2.0 section 12.6, epcis.md D2, C1.
"""

from __future__ import annotations

from typing import Final

from schemas.epcis.reader import DEFAULT_LIMITS

CAPTURES: Final = frozenset((("POST", "/epcis/v2/capture"), ("POST", "/epcis/v2/events")))
"""Calls that capture: their bodies are bounded by what reads them, so that what is too deep is kept as refused."""


def capture_limits(max_body: int) -> dict[str, str]:
    """Headers; `max_body` is what the service takes at all, in bytes."""
    return {
        "GS1-EPCIS-Capture-Limit": str(DEFAULT_LIMITS.events),
        "GS1-EPCIS-Capture-File-Size-Limit": str(min(max_body, DEFAULT_LIMITS.body)),
    }


QUERIES: Final = "/epcis/v2/queries"
"""What reads bodies here bounds their nesting itself, and says so as the standard has it."""
