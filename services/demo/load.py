"""Sends the demo plant into a running house, document by document in the order of the story.

The caller says how a document is captured; this module knows neither the log nor HTTP.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from services.demo.story import EVENTS_OF_A_LINE, DemoDocument, generate

Capture = Callable[[DemoDocument], Awaitable[None]]


async def load_demo(
    capture: Capture,
    *,
    seed: int = 1,
    events: int = EVENTS_OF_A_LINE,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Captures the whole story, one document after the other, and returns the number of events sent.

    `capture` returns when a document is durable and raises what the service raises. `progress` is told the number of
    events sent so far. Running it again is harmless: every event has an id of its own and counts once.
    """
    sent = 0
    for document in generate(seed, events):
        await capture(document)
        sent += len(document.events)
        if progress is not None:
            progress(sent)
    return sent
