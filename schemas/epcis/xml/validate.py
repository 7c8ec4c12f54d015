"""Whether an XML event is EPCIS: what its XML shows, and what JSON's rules ask of the neutral form, but one.

Source: EPCIS 2.0 section 7 and its XSD, epcis.md C2, X5.
"""

from __future__ import annotations

import re
from typing import Final

from schemas.epcis import validate
from schemas.epcis.reader import ReceivedEvent
from schemas.errors import FieldError

_OPTIONAL_IN_XML: Final = re.compile(r"\.sensorReport\[[0-9]+\]\.type")
"""The JSON schema requires a type of every report, the XML schema does not, and GS1's own example has none."""


def xml_faults(event: ReceivedEvent) -> list[FieldError]:
    """At most 100 faults, those of the XML first; empty if it is valid. Never raises."""
    return [one for one in validate.faults(event) if one.value or not _OPTIONAL_IN_XML.search(one.field)]
