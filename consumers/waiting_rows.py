"""Rows of subjects that were still open when a rebuild read them: they wait as documents and are made once, at the end."""

from __future__ import annotations

from collections.abc import Sequence

from consumers.folding import Folding, ViewStore

DOCUMENTS_PER_WRITE = 5_000


def write_waiting(store: ViewStore, foldings: Sequence[Folding], target: str) -> None:
    """Turn the documents that a rebuild stored into rows, in transactions of a bounded size.

    A rebuild that is killed meanwhile goes on here: what is still a document has no rows, and what has rows is
    no document any more.
    """
    for folding in foldings:
        if not folding.defers or folding.stopped is not None:
            continue
        name, share = folding.projection.name, folding.share
        while documents := store.first_documents(name, share, DOCUMENTS_PER_WRITE, target):
            store.write([folding.waited(documents)], target)
