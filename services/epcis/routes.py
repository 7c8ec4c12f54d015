"""The routes of the EPCIS repository's query side."""

from __future__ import annotations

from fastapi import APIRouter

from services.epcis import discovery, events, named, toplevel

router = APIRouter()
for _part in (discovery, events, toplevel, named):
    router.include_router(_part.router)
