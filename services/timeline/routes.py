"""The reading routes over the event index: timeline and lookups."""

from __future__ import annotations

from fastapi import APIRouter

from services.timeline import event, lookup, marks, search, timeline

router = APIRouter()
for _part in (timeline, marks, event, search, lookup):
    router.include_router(_part.router)
