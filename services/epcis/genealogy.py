"""The door from the repository to the genealogy: from an event or an object to its impact and provenance.

An extension of ours, beside what the standard says: links of the relation types `urn:stemma:rel:impact` and
`urn:stemma:rel:provenance`. A single event and a single object carry them in `Link`; lists carry `Link-Template`, into
which any EPC or eventID of the answer fits, so that `Link` on a list says `next` alone. Left out under
`STEMMA_EPCIS_STRICT`, and for callers who have not the right to trace. Source: RFC 8288, RFC 9652, epcis.md.
"""

from __future__ import annotations

from typing import Any, Final, Literal
from urllib.parse import quote

from fastapi import Request

from services.principal import principal_of

RELATION: Final = "urn:stemma:rel:"
TRACES: Final = ("impact", "provenance")
_LONGEST: Final = 3000
"""Characters of a name that is linked: a header of several has a place in what servers take."""


def links_of(request: Request, kind: Literal["event", "object"], name: str) -> dict[str, str]:
    """`Link` from one event or object to both traces; empty where there is no door."""
    value = quote(name, safe="")
    if not _open(request) or len(value) > _LONGEST:
        return {}
    told = (f'</api/v1/{one}?{kind}={value}>; rel="{RELATION}{one}"' for one in TRACES)
    return {"Link": ", ".join(told)}


def templates_of(request: Request) -> dict[str, str]:
    """`Link-Template` from any EPC or eventID of a list to both traces; empty where there is no door."""
    if not _open(request):
        return {}
    told = (f'"/api/v1/{one}{{?object*,event}}"; rel="{RELATION}{one}"' for one in TRACES)
    return {"Link-Template": ", ".join(told)}


def _open(request: Request) -> bool:
    house: Any = request.app.state.house
    return not house.settings.epcis_strict and principal_of(request).may("trace")
