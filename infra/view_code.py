"""Which code a view's rows follow from, as one digest that is stored with them."""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
from functools import cache

import domain.upcasts
from infra.read_tables import columns_text
from projections.fold import Projection

FOLDS = "projections"
"""The package whose modules a fold may be made of; what lies below it is the language of the events themselves."""
FROM_MODULE = re.compile(rf"^\s*(?:from|import) ({FOLDS}\.\w+)", re.MULTILINE)
FROM_PACKAGE = re.compile(rf"^\s*from {FOLDS} import ([\w, ]+)", re.MULTILINE)


def code_digest(projection: Projection) -> str:
    """SHA-256 of a view's columns and of the source text of its fold, of all it is made of, and of how older events are read."""
    digest = hashlib.sha256(f"{projection.name} {projection.version}\n".encode())
    digest.update(columns_text(projection.columns).encode())
    for name in sorted({*_made_of(projection.rows.__module__), domain.upcasts.__name__}):
        digest.update(_source(name).encode())
    return digest.hexdigest()


@cache
def _source(module: str) -> str:
    return inspect.getsource(sys.modules[module])


@cache
def _made_of(module: str) -> frozenset[str]:
    """A fold's module and every module of folds that it takes something from, directly or through another."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _imports(name)
    return frozenset(found)


def _imports(module: str) -> list[str]:
    """The modules of folds that a module's source imports from, in either way of writing it."""
    source = _source(module)
    names = [f"{FOLDS}.{name.strip()}" for line in FROM_PACKAGE.findall(source) for name in line.split(",")]
    return [*FROM_MODULE.findall(source), *(name for name in names if name in sys.modules)]
