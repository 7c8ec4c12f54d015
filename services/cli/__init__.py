"""The command line `stemma`: serve, capture, ask, and keep house (api.md, *Running it*)."""
