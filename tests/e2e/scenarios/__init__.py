"""What a quality manager would judge by, each a named test through HTTP, embedded and on the three servers."""
