"""The routes of the EPCIS repository's query side."""

from __future__ import annotations

from fastapi import APIRouter

from services.epcis import discovery, events, named, toplevel
from services.epcis.subscriptions import api_routes
from services.epcis.subscriptions import routes as subscriptions

router = APIRouter()
for _part in (discovery, events, toplevel, named, subscriptions, api_routes):
    router.include_router(_part.router)
