"""Statements shared by both stores, in psycopg's spelling."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=2_048)
def marked(statement: str) -> bytes:
    """A statement whose parameters are written `?`, with psycopg's marks instead."""
    return statement.replace("?", "%s").encode()
