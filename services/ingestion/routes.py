"""Everything that records: EPCIS capture, activities, registers, and the calls that were refused."""

from fastapi import APIRouter

from services.ingestion import activity_routes, epcis_routes, event_routes, refused_routes, register_routes

router = APIRouter()
for _part in (activity_routes, epcis_routes, event_routes, register_routes, refused_routes):
    router.include_router(_part.router)
