"""The service itself: what it runs with, how far it is, checking and backing it up."""
