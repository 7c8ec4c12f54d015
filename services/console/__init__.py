"""The console: the web pages for people. `web/` is their source, `words/` the catalogue of both languages."""
