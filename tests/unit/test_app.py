"""What applications of one process share."""

from __future__ import annotations

from fastapi.routing import APIRoute, iter_route_contexts

from services.app import create_app
from services.settings import Settings


def test_an_application_that_is_made_again_works_no_route_out_again() -> None:
    first, second = (
        [
            one.dependant
            for one in iter_route_contexts(create_app(Settings()).routes)
            if isinstance(one.original_route, APIRoute)
        ]
        for _ in range(2)
    )
    assert len(first) > 100
    assert all(one is other for one, other in zip(first, second, strict=True))
