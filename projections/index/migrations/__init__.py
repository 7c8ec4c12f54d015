"""Schema migrations of the event index, run when it is opened."""
