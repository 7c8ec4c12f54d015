"""`/api/v1/subscriptions/{id}`: what became of a subscription's deliveries; test, resume and rotate (epcis.md S6)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Path, Request
from pydantic import ConfigDict, Field

from schemas.times import utc_text
from services.epcis.named import Asker
from services.epcis.subscriptions.routes import described, subscriptions_of
from services.epcis.subscriptions.service import Subscriptions, sees_all
from services.epcis.subscriptions.shapes import Attempt, Delivery, Subscription
from services.principal import Principal
from services.shapes import Shape

router = APIRouter(prefix="/api/v1/subscriptions", tags=["subscriptions"])
_MOST: Final = 1000
_ID: Final = "df5a33e3-5aa3-4403-ae01-99b83234e27b"
_TOKEN: Final = "13df38d8275b13f05704629e5f1cf3d45d6132d5"
Id = Annotated[str, Path(max_length=64, description="`subscriptionID`", examples=[_ID])]


class AttemptRead(Shape):
    """One try to deliver."""

    at: str = Field(description="when it began")
    delivery: str = Field(description="`Stemma-Delivery`, the same at every try of one document; `test-…` of a test")
    events: int = Field(description="events in the document")
    status: int | None = Field(description="HTTP status of the answer, null for none")
    error: str | None = Field(description="why there is no answer, or it does not count")
    ms: int = Field(description="milliseconds until the answer or the error")
    answer: str = Field(description="the first kilobyte of the answer's body, as text")


class PendingRead(Shape):
    """The document under way."""

    delivery: str = Field(description="`Stemma-Delivery`")
    events: int = Field(description="events in it")
    failures: int = Field(description="tries that failed")
    next_try: str | None = Field(description="when it is sent again; null for now, or never while suspended")


class SubscriptionRead(Shape):
    """A subscription and how its deliveries go."""

    subscription: dict[str, Any] = Field(description="as `/epcis/v2/queries/{name}/subscriptions/{id}` shows it")
    subscriber: str = Field(description="key or account under whose rights it delivers")
    state: str = Field(description="`active` or `suspended`")
    reason: str | None = Field(description="why it is suspended")
    signed: bool = Field(description="whether there is a token to sign with")
    two_signatures_until: str | None = Field(description="until when the token before signs too")
    next_run: str | None = Field(description="when the schedule runs next; null for a stream")
    most_events: int = Field(description="most events of one delivery: the target's 413 halves it")
    pending: PendingRead | None = Field(description="what the target has not taken yet")
    attempts: list[AttemptRead] = Field(description="the newest first, at most 100 unless set otherwise")


class RotateSent(Shape):
    """A new token."""

    model_config = ConfigDict(extra="forbid")

    signatureToken: str = Field(min_length=1, max_length=1024, description="text to sign with from now on")  # noqa: N815


@router.get("", summary="All subscriptions")
async def every(request: Request, principal: Asker) -> list[SubscriptionRead]:
    """One's own, oldest first, without attempts; all with the right `operate` or `audit`. The first 1,000."""
    service = subscriptions_of(request)
    actor = None if sees_all(principal) else principal.actor
    found = await service.store.page(None, actor, (0, ""), _MOST, request.app.state.house.clock())
    return [_read(request, one, await service.store.delivery(one.id), []) for one in found]


@router.get("/{subscription_id}", summary="How deliveries go")
async def one(request: Request, subscription_id: Id, principal: Asker) -> SubscriptionRead:
    """State, what is under way, and the last attempts with what the target answered."""
    return await _shown(request, principal, subscription_id)


@router.post("/{subscription_id}/test", summary="Send an empty document now")
async def test(request: Request, subscription_id: Id, principal: Asker) -> AttemptRead:
    """Signed like any other; says what the target answered. Nothing else changes."""
    service = subscriptions_of(request)
    return _attempt(await service.test(await _own(service, principal, subscription_id)))


@router.post("/{subscription_id}/resume", summary="Deliver again")
async def resume(request: Request, subscription_id: Id, principal: Asker) -> SubscriptionRead:
    """From where it stopped, at once, and from now on under the caller's rights."""
    service = subscriptions_of(request)
    await service.resume(principal, await _own(service, principal, subscription_id))
    return await _shown(request, principal, subscription_id)


@router.post("/{subscription_id}/rotate", summary="Sign with a new token")
async def rotate(
    request: Request,
    subscription_id: Id,
    sent: Annotated[RotateSent, Body(openapi_examples={"a new token": {"value": {"signatureToken": _TOKEN}}})],
    principal: Asker,
) -> SubscriptionRead:
    """For 24 hours `GS1-Signature` holds two signatures with a comma between, by the new token and the one before."""
    service = subscriptions_of(request)
    await service.rotate(await _own(service, principal, subscription_id), sent.signatureToken)
    return await _shown(request, principal, subscription_id)


async def _own(service: Subscriptions, principal: Principal, subscription_id: str) -> Subscription:
    return await service.visible(principal, subscription_id, changing=True)


async def _shown(request: Request, principal: Principal, subscription_id: str) -> SubscriptionRead:
    service = subscriptions_of(request)
    found = await service.visible(principal, subscription_id)
    kept = request.app.state.house.settings.webhook_attempts
    attempts = await service.store.attempts(subscription_id, kept)
    return _read(request, found, await service.store.delivery(subscription_id), attempts)


def _read(request: Request, one: Subscription, pending: Delivery | None, attempts: list[Attempt]) -> SubscriptionRead:
    now = request.app.state.house.clock()
    rotating = one.old_token is not None and one.old_until_us > now
    return SubscriptionRead(
        subscription=described(one),
        subscriber=one.owner.actor,
        state=one.state,
        reason=one.reason,
        signed=one.token is not None,
        two_signatures_until=utc_text(one.old_until_us) if rotating else None,
        next_run=None if one.next_run_us is None else utc_text(one.next_run_us),
        most_events=one.size,
        pending=None if pending is None else _pending(one, pending, now),
        attempts=[_attempt(attempt) for attempt in attempts],
    )


def _pending(one: Subscription, delivery: Delivery, now: int) -> PendingRead:
    waits = one.state == "active" and one.next_try_us > now
    return PendingRead(
        delivery=delivery.id,
        events=delivery.events,
        failures=one.failures,
        next_try=utc_text(one.next_try_us) if waits else None,
    )


def _attempt(tried: Attempt) -> AttemptRead:
    return AttemptRead(
        at=utc_text(tried.at_us),
        delivery=tried.delivery,
        events=tried.events,
        status=tried.status,
        error=tried.error,
        ms=tried.ms,
        answer=tried.answer.decode("utf-8", "replace"),
    )
