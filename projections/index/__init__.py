"""The event index: events in relational tables, for lists, timelines, names and search."""

from projections.index.store import EventIndex as EventIndex
from projections.index.timeline import TimelineQuery as TimelineQuery
