"""The shop floor's short calls: models of the activities, and the compiler that makes EPCIS 2.0 events of them."""

from schemas.activities.compile import CONTEXT, Compiled, compile_activity
from schemas.activities.correct import declaration
from schemas.activities.models import ACTIVITIES, Correct
from schemas.activities.sent import Sent, read_activity, read_sent

__all__ = [
    "ACTIVITIES",
    "CONTEXT",
    "Compiled",
    "Correct",
    "Sent",
    "compile_activity",
    "declaration",
    "read_activity",
    "read_sent",
]
