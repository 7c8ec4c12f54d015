"""In which formats an answer gives identifiers and CBV words, and what is known of company prefixes to do so.

Source: EPCIS 2.0 section 12.3, epcis.md T1-T4.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import Request
from starlette.requests import HTTPConnection

from projections.index.read_events import IndexedEvent
from schemas.epcis.document import StoredEvent
from schemas.epcis.formats import (
    CbvXmlFormat,
    CompanyPrefixes,
    EpcFormat,
    Translation,
    identifiers_of,
    translation_of,
)
from schemas.epcis.links import canonical_link
from schemas.epcis.stored import read_stored
from schemas.epcis.xml.writer import CbvFormat
from schemas.errors import BadInput
from services.epcis.query import Query, run

if TYPE_CHECKING:
    from projections.index.store import EventIndex
    from services.settings import Settings

UNTRANSLATED: Final = "Stemma-Untranslated"
_MOST_LOOKED_UP: Final = 50
_MOST_EVENTS: Final = 10
_PLACE: Final = "https://id.gs1.org/414/"


def cbv_of(request: Request) -> CbvFormat | None:
    """The spelling of CBV words in XML; None for as received."""
    asked = request.headers.get("GS1-CBV-XML-Format", CbvXmlFormat.WEB)
    if asked == CbvXmlFormat.URN:
        return "urn"
    return None if asked in (CbvXmlFormat.NEVER, CbvXmlFormat.NO_PREFERENCE) else "web"


def format_of(request: HTTPConnection) -> EpcFormat:
    """The format of identifiers that a call asks for."""
    return EpcFormat(request.headers.get("GS1-EPC-Format", EpcFormat.LINK))


async def translation_for(
    index: EventIndex, known: CompanyPrefixes, wanted: EpcFormat, events: Sequence[StoredEvent]
) -> Translation | None:
    """The translation into a format; None where identifiers go out as received. `known` is what this process knows:
    settings, GS1's list as supplied, and URNs it has come across, these among them."""
    if wanted is EpcFormat.URN:
        await _learn(index, events, known)
    return translation_of(wanted, known)


def company_prefixes(settings: Settings) -> CompanyPrefixes:
    """What is known of company prefixes at the start. Errors: `BadInput` for a list that cannot be read."""
    return CompanyPrefixes(settings.company_prefixes, listed(settings.gcp_lengths))


def listed(path: Path | None) -> dict[str, int]:
    """GS1's list of company prefix lengths, as GS1 supplies it (`GCPPrefixFormatList.entry[{prefix, gcpLength}]`)."""
    if path is None:
        return {}
    try:
        told = json.loads(path.read_bytes())["GCPPrefixFormatList"]["entry"]
        return {str(one["prefix"]): int(one["gcpLength"]) for one in told}
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise BadInput.field("STEMMA_GCP_LENGTHS", str(path), f"is not GS1's list ({fault})") from None


async def _learn(index: EventIndex, events: Sequence[StoredEvent], known: CompanyPrefixes) -> None:
    """URNs of the page, and of other events that name the same identifiers."""
    told = [text for event in events for text in identifiers_of(read_stored(event.raw, event.context).data)]
    for text in told:
        known.learn(text)
    links = {link for text in told if text.startswith("http") and (link := canonical_link(text)) is not None}
    unseen = sorted(link for link in links if not known.seen(link)[0])
    now = await index.watermark_us()
    for link in unseen[:_MOST_LOOKED_UP]:
        names = ("EQ_readPoint", "EQ_bizLocation") if link.startswith(_PLACE) else ("MATCH_anyEPC",)
        for name in names:
            found = await run(index, Query(((name, (link,)),)), None, now, _MOST_EVENTS)
            await _learn_from(index, found, known)


async def _learn_from(index: EventIndex, found: Sequence[IndexedEvent], known: CompanyPrefixes) -> None:
    for raw in (await index.raw_of(found)).values():
        data = read_stored(raw.body, None if raw.context is None else raw.context.encode()).data
        for text in identifiers_of(data):
            known.learn(text)
