"""The event index: events in relational tables, for lists, timelines, names and search."""
