"""The reading routes over the event index: timeline, lookups, and what there is of the EPCIS query binding."""

from __future__ import annotations

from fastapi import APIRouter

from services.timeline import epcis, lookup, timeline

router = APIRouter()
for _part in (timeline, lookup, epcis):
    router.include_router(_part.router)
