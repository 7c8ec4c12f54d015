"""The FastAPI application: every router, the middleware around them, and an OpenAPI that says what each call needs.

`create_app` builds nothing but the application; stores are opened when it starts and closed when it stops, by
`services.bootstrap`.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from services import docs
from services.access import is_open
from services.bootstrap import open_house
from services.clock import Clock, system_clock
from services.demo_house import tell_demo
from services.health.routes import router as health
from services.ingestion.described import ingestion_schemas
from services.ingestion.routes import router as ingestion
from services.keys.routes import router as keys
from services.metrics import Metrics
from services.middleware import Around
from services.principal import Require
from services.problems import Problem, add_problems, problem_responses
from services.recall.routes import router as recall
from services.settings import Settings
from services.timeline.routes import router as timeline

ROUTERS: Final = (ingestion, recall, timeline, keys, health, docs.router)
_DESCRIPTION: Final = """Quality traceability for manufacturers.

What happens on the shop floor comes in as EPCIS 2.0 events (`/epcis/v2/capture`) or short calls
(`/api/v1/activities`), is kept for ever as it was received, and answers *what came of this lot?*
(`/api/v1/impact`) and *what went into this item?* (`/api/v1/provenance`).

Times are RFC 3339 with an offset; quantities are decimal strings with a UN/CEFACT Rec. 20 unit. Every error is
`application/problem+json` with `errors: [{field, value, fix}]`. Examples work on the demo plant
(`stemma serve --demo`)."""
_log = structlog.get_logger("stemma.app")


def create_app(settings: Settings, clock: Clock = system_clock) -> FastAPI:
    """The application for these settings. Nothing is opened before it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_house(settings, clock) as house:
            app.state.house = house
            if settings.demo:
                await tell_demo(house)
            _settle_garbage()
            _log.info("started", position=(await house.position()).token(), settings=settings.shown())
            yield
            _log.info("stopping")

    app = FastAPI(
        title="Stemma", version=_version(), description=_DESCRIPTION, lifespan=lifespan,
        docs_url=None, redoc_url=None, openapi_url="/openapi.json",
        responses=problem_responses(), redirect_slashes=False,
    )  # fmt: skip
    app.state.metrics = Metrics()
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Around, max_body=settings.max_body, max_depth=settings.max_depth)
    add_problems(app)
    _describe(app)
    return app


def _settle_garbage() -> None:
    """Keep the collector off what lives for ever: with a large heap it triples the cost of a call."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _version() -> str:
    try:
        return version("stemma")
    except PackageNotFoundError:
        return "0"


def scopes_by_operation(app: FastAPI) -> dict[tuple[str, str], frozenset[str]]:
    """The scopes each described operation needs, by (method, path): read from the dependencies that enforce them."""
    return {
        (method, str(route.path_format)): frozenset(_scopes(route.dependant))
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute) and route.include_in_schema
        for method in route.methods or ()
    }


def _scopes(dependant: Any) -> Iterator[str]:
    for below in dependant.dependencies:
        if isinstance(below.call, Require):
            yield below.call.scope
        yield from _scopes(below)


def _describe(app: FastAPI) -> None:
    """OpenAPI with the key as security scheme, the scope of each call, and `Problem` for every error."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = Problem.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    components["schemas"].update(components["schemas"]["Problem"].pop("$defs", {}))
    components["schemas"].update(ingestion_schemas())
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "An API key"}}
    for (method, path), scopes in scopes_by_operation(app).items():
        operation = schema["paths"].get(path, {}).get(method.lower())
        if operation is not None and not is_open(path):
            operation["security"] = [{"key": sorted(scopes)}]
            needs = " and ".join(f"`{scope}`" for scope in sorted(scopes))
            operation["description"] = f"{operation.get('description', '')}\n\nScope: {needs or 'any key'}.".strip()
    described: dict[str, Any] = orjson.loads(orjson.dumps(schema))
    return described
