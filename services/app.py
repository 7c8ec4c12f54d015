"""The FastAPI application: every router, the middleware around them, and an OpenAPI that says what each call needs.

`create_app` builds nothing but the application; stores are opened when it starts and closed when it stops, by
`services.bootstrap`.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson
import structlog
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from services import docs
from services.access import COOKIE, SIGN_IN, is_open
from services.accounts.exports import Exports
from services.accounts.routes import router as people
from services.accounts.setup_page import router as setup_page
from services.answers import version_of
from services.attention.routes import router as attention
from services.bootstrap import open_house
from services.clock import Clock, system_clock
from services.console.app import ConsoleRoute
from services.demo_house import tell_demo
from services.epcis.routes import router as epcis
from services.evidence.routes import router as evidence
from services.health.routes import router as health
from services.ingestion.described import ingestion_schemas
from services.ingestion.routes import router as ingestion
from services.keys.routes import router as keys
from services.metrics import Metrics
from services.middleware import Around
from services.principal import Require, words
from services.problems import Problem, add_problems, problem_responses
from services.recall.routes import pages as recall_pages
from services.recall.routes import router as recall
from services.recall.step_routes import router as steps
from services.reopening import Reopening
from services.rights import Right
from services.settings import Settings
from services.system.jobs import Jobs
from services.system.routes import router as system
from services.timeline.routes import router as timeline

ROUTERS: Final = (
    ingestion, epcis, recall, recall_pages, steps, timeline, attention, evidence, system, people, keys, health,
    docs.router, setup_page,
)  # fmt: skip
_TOGETHER: Final = APIRouter(responses=problem_responses())
"""All of `ROUTERS`. FastAPI works out what each route needs at the first request, and keeps it here: an application
that is opened anew after a rebuild finds it done."""
for _router in ROUTERS:
    _TOGETHER.include_router(_router)
_DESCRIPTION: Final = """Quality traceability for manufacturers.

What happens on the shop floor comes in as EPCIS 2.0 events (`/epcis/v2/capture`) or short calls
(`/api/v1/activities`), is kept for ever as it was received, and answers *what came of this lot?*
(`/api/v1/impact`) and *what went into this item?* (`/api/v1/provenance`).

Times are RFC 3339 with an offset; quantities are decimal strings with a UN/CEFACT Rec. 20 unit. Every error is
`application/problem+json` with `errors: [{field, value, fix}]`. Examples work on the demo plant
(`stemma serve --demo`)."""
_COLLECT: Final = (50_000, 20, 50)
"""Objects made before the youngest are looked through, and how often the older ones are."""
_log = structlog.get_logger("stemma.app")


def create_app(
    settings: Settings, clock: Clock = system_clock, *, jobs: Jobs | None = None, reopening: Reopening | None = None
) -> FastAPI:
    """The application for these settings. Nothing is opened before it starts. `jobs` outlive it; `reopening` is for who
    serves it and can open it again."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_house(settings, clock) as house:
            app.state.house = house
            app.state.jobs = jobs or Jobs(clock)
            if settings.demo:
                await tell_demo(house)
            settle_garbage()
            _log.info("started", position=(await house.position()).token(), settings=settings.shown())
            yield
            _log.info("stopping")
            await app.state.jobs.stop()

    app = FastAPI(
        title="Stemma", version=version_of(), description=_DESCRIPTION, lifespan=lifespan,
        docs_url=None, redoc_url=None, openapi_url="/openapi.json",
        redirect_slashes=False,
        separate_input_output_schemas=False,  # a field that may be absent is not `required` in answers either
    )  # fmt: skip
    app.state.metrics = Metrics()
    app.state.reopening = reopening
    app.router.routes += [*_TOGETHER.routes, ConsoleRoute()]
    app.add_middleware(Around, max_body=settings.max_body, max_depth=settings.max_depth)
    add_problems(app)
    _describe(app)
    return app


def settle_garbage() -> None:
    """Keep the collector off what is open by now and stays: looking through it again and again would take a third of a
    capture's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)


@dataclass(frozen=True, slots=True)
class Needs:
    """What an operation asks of its caller: one of `rights` (none named: anyone known), `capture` of all activities,
    and the media types for which it asks `export` too. `known` is false for what is answered to everyone."""

    rights: tuple[Right, ...]
    whole: bool
    exports: tuple[str, ...]
    known: bool

    def words(self) -> str:
        """In words, for the OpenAPI."""
        told = words(self.rights) if self.rights else "any, of a known caller"
        told += " of every activity" if self.whole else ""
        return f"{told}; `export` for {' or '.join(self.exports)}" if self.exports else told


def needs_by_operation(app: FastAPI) -> dict[tuple[str, str], Needs]:
    """What each described operation needs, by (method, path): read from the dependencies that enforce it."""
    return {
        (method, str(route.path_format)): _needs(list(_judges(route.dependant)))
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute) and route.include_in_schema
        for method in route.methods or ()
    }


def _judges(dependant: Any) -> Iterator[Require | Exports]:
    for below in dependant.dependencies:
        if isinstance(below.call, Require | Exports):
            yield below.call
        yield from _judges(below)


def _needs(judges: list[Require | Exports]) -> Needs:
    required = [one for one in judges if isinstance(one, Require)]
    rights = {one.rights for one in required if one.rights}
    if len(rights) > 1:
        raise ValueError(f"a route names its right in one place, not in several: {rights}")
    media = [kind for one in judges if isinstance(one, Exports) for kind in one.media or ("every answer",)]
    return Needs(next(iter(rights), ()), any(one.whole for one in required), tuple(media), bool(required))


def _describe(app: FastAPI) -> None:
    """OpenAPI with session and key as security schemes, the right of each call, and `Problem` for every error."""

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
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "A session, by `/api/v1/session`"},
    }
    for (method, path), needs in needs_by_operation(app).items():
        operation = schema["paths"].get(path, {}).get(method.lower())
        if operation is not None and not is_open(path) and (method, path) not in SIGN_IN:
            operation["security"] = [{"key": list(needs.rights)}, {"session": list(needs.rights)}]
            operation["description"] = f"{operation.get('description', '')}\n\nRight: {needs.words()}.".strip()
    described: dict[str, Any] = orjson.loads(orjson.dumps(schema))
    return described
