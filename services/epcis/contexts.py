"""Further `@context` addresses by setting, read from a file and never fetched. Source: JSON-LD 1.1, epcis.md X2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from schemas.epcis.context import BUILT_IN, Contexts, bind
from schemas.errors import BadInput, FieldError

_SETTING: Final = "STEMMA_EPCIS_CONTEXTS"


def load_contexts(path: Path | None) -> Contexts:
    """What each address binds. The file is a JSON object: address to context, or to the name of a file beside it that
    holds one. Errors: `BadInput` naming address and fault."""
    if path is None:
        return {}
    told = _json(path)
    if not isinstance(told, dict):
        raise BadInput.field(_SETTING, str(path), "an object is expected: address to context, or to its file")
    return {address: _bound(address, value, path) for address, value in told.items()}


def _bound(address: str, value: Any, path: Path) -> dict[str, str]:
    context = _json(path.parent / value) if isinstance(value, str) else value
    if isinstance(context, dict) and "@context" in context:
        context = context["@context"]
    found = bind(context, BUILT_IN, address)
    if found.faults:
        faults = [FieldError(f"{_SETTING}: {one.field}", one.value, one.fix) for one in found.faults]
        raise BadInput(f"{faults[0].field}: {faults[0].fix}", errors=faults)
    return {name: uri for name, uri in found.namespaces.items() if BUILT_IN.get(name) != uri}


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise BadInput.field(_SETTING, str(path), f"it cannot be read as JSON: {fault}") from None
