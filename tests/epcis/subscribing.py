"""Subscribes to named queries over HTTP and waits for what comes, for the tests of rows S."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.epcis.asking import BASE
from tests.receiver import Receiver

LOCAL = "127.0.0.0/8 ::1"
SECONDS = 60.0


async def keep(client: httpx.AsyncClient, name: str = "all", **query: Any) -> str:
    """A named query; its path."""
    made = await client.post(f"{BASE}/queries", json={"name": name, "query": query})
    assert made.status_code == 201, made.text
    return str(made.headers["location"])


async def subscribe(client: httpx.AsyncClient, name: str, dest: str, **more: Any) -> httpx.Response:
    """Ask for a subscription, a stream unless `more` says otherwise."""
    body = {"dest": dest, **({} if {"stream", "schedule"} & more.keys() else {"stream": True}), **more}
    return await client.post(f"{BASE}/queries/{name}/subscriptions", json=body)


async def subscribed(client: httpx.AsyncClient, name: str, dest: str, **more: Any) -> str:
    """The id of a new subscription."""
    made = await subscribe(client, name, dest, **more)
    assert made.status_code == 201, made.text
    return str(made.json()["subscriptionID"])


async def shown(client: httpx.AsyncClient, subscription: str) -> dict[str, Any]:
    """How its deliveries go."""
    told = await client.get(f"/api/v1/subscriptions/{subscription}")
    assert told.status_code == 200, told.text
    found: dict[str, Any] = told.json()
    return found


async def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {SECONDS} s: {what}"
        await asyncio.sleep(0.02)


async def until_shown(client: httpx.AsyncClient, subscription: str, state: str) -> dict[str, Any]:
    """Wait until it is in a state; what is shown then."""
    deadline = time.monotonic() + SECONDS
    while (found := await shown(client, subscription))["state"] != state:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)
    return found


async def until_received(receiver: Receiver, count: int) -> None:
    """Wait until so many deliveries came."""
    await until(lambda: len(receiver.received) >= count, f"{count} deliveries, {len(receiver.received)} came")


async def nothing_more(receiver: Receiver, seconds: float = 1.5) -> None:
    """Nothing comes for a while."""
    before = len(receiver.received)
    await asyncio.sleep(seconds)
    assert len(receiver.received) == before
