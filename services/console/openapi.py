"""Prints the OpenAPI that the console's types are made from: `python -m services.console.openapi`."""

from __future__ import annotations

import sys

import orjson

from services.app import create_app
from services.settings import load_settings


def text() -> bytes:
    """The document, in the order of its keys, so that a change shows as a change."""
    return orjson.dumps(create_app(load_settings()).openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


if __name__ == "__main__":
    sys.stdout.buffer.write(text())
