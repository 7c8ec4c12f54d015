"""Long answers that end with the right to have them: each kind in its own way, and short ones not at all."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from schemas.errors import Unauthenticated
from services import ending
from services.ending import answered


def answer(media: str, parts: int | None) -> Any:
    """An application that sends `parts` parts, or goes on for ever."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", media.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        sent = 0
        while parts is None or sent < parts:
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            await asyncio.sleep(0.001)
            sent += 1
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return app


async def run(media: str, parts: int | None, good: list[bool]) -> list[dict[str, Any]]:
    """What is sent, while `good` gives the verdict of each look, the last one for ever."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def still() -> bool:
        return good.pop(0) if len(good) > 1 else good[0]

    async def receive() -> Any:
        raise AssertionError("nothing is received here")

    await answered(answer(media, parts), {"type": "http"}, receive, send, still)
    return sent


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "LOOK_SECONDS", 0.005)


async def test_a_stream_of_events_is_closed_in_order() -> None:
    async with asyncio.timeout(10):
        sent = await run("text/event-stream", None, [True, True, False])
    assert sent[-1]["more_body"] is False
    assert [message.get("more_body") for message in sent].count(False) == 1


async def test_a_file_under_way_breaks_off_so_that_nobody_takes_it_for_the_whole() -> None:
    with pytest.raises(Unauthenticated):
        async with asyncio.timeout(10):
            await run("text/csv", None, [False])


async def test_the_task_goes_on_as_if_it_had_never_been_cancelled() -> None:
    await run("text/event-stream", None, [False])
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_an_answer_whose_caller_stays_good_is_sent_whole() -> None:
    sent = await run("text/csv", 50, [True])
    assert len(sent) == 52
    assert sent[-1]["more_body"] is False


async def test_a_caller_that_goes_away_is_not_taken_for_one_that_was_ended() -> None:
    task = asyncio.create_task(run("text/event-stream", None, [True]))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
