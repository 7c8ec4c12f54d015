"""One delivery over HTTP: signed, within its time, its answer read no further than a kilobyte, no redirect followed."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import httpcore
import httpx

from schemas.errors import StemmaError
from services.epcis.subscriptions.guard import Guard, pool
from services.epcis.subscriptions.secrets import signature
from services.epcis.versions import VERSION

ANSWER_BYTES: Final = 1024
CONNECT_SECONDS: Final = 10.0
TOO_LARGE: Final = 413
DELIVERY: Final = "Stemma-Delivery"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target said: `status` or None with the `error`; at most a kilobyte of its body; milliseconds it took."""

    status: int | None
    error: str | None
    body: bytes
    ms: int


class Poster:
    """Sends documents to destinations that `guard` permits; `seconds` is the longest wait for an answer. `close` it."""

    def __init__(self, guard: Guard, seconds: float, tls: ssl.SSLContext | None = None) -> None:
        self._seconds = seconds
        self._pool = pool(guard, tls or _trusting())

    async def close(self) -> None:
        await self._pool.aclose()

    async def post(self, dest: str, delivery: str, body: bytes, tokens: Sequence[str]) -> Answer:
        """One try. Never raises for what the target or the way to it does: that is the answer."""
        begun = time.perf_counter()
        status, told, error = None, b"", None
        try:
            async with asyncio.timeout(self._seconds):
                status, told = await self._sent(dest, headers_of(delivery, body, tokens), body)
        except TimeoutError:
            error = f"no answer within {self._seconds:g} s"
        except StemmaError as fault:
            error = fault.detail
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as fault:
            error = f"{type(fault).__name__}: {fault}"[:400]
        if status is not None and 300 <= status < 400:
            error = "a redirect is not followed: name the address itself"
        return Answer(status, error, told, int((time.perf_counter() - begun) * 1000))

    async def _sent(self, dest: str, headers: list[tuple[str, str]], body: bytes) -> tuple[int, bytes]:
        times = {"connect": CONNECT_SECONDS, "read": self._seconds, "write": self._seconds, "pool": None}
        async with self._pool.stream("POST", dest, headers=headers, content=body, extensions={"timeout": times}) as got:
            told = b""
            async for part in got.aiter_stream():
                told += part[: ANSWER_BYTES - len(told)]
                if len(told) >= ANSWER_BYTES:
                    break
            return got.status, told


@cache
def _trusting() -> ssl.SSLContext:
    """What this machine trusts, read once in a process: it takes as long as opening a database."""
    return httpx.create_ssl_context()


def headers_of(delivery: str, body: bytes, tokens: Sequence[str]) -> list[tuple[str, str]]:
    """The headers of a delivery; two tokens give two signatures, the newer first."""
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("GS1-EPCIS-Version", VERSION),
        ("GS1-CBV-Version", VERSION),
        ("User-Agent", "Stemma"),
        (DELIVERY, delivery),
    ]
    if tokens:
        headers.append(("GS1-Signature", ",".join(signature(one, body) for one in tokens)))
    return headers
