"""API keys: 256 random bits shown once, kept as SHA-256, with scopes, revocable."""
