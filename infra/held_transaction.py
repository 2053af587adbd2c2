"""One transaction that a thread holds over several steps, so that nobody else writes between them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import sqlalchemy as sa


class HeldTransaction(threading.local):
    """What the transactions of a thread join while it holds one; another thread's begin as always."""

    connection: sa.Connection | None = None

    @contextmanager
    def over(self, begun: AbstractContextManager[sa.Connection]) -> Iterator[None]:
        """Hold this transaction while the block runs; all of it is written when the block ends, or nothing."""
        with begun as connection:
            self.connection = connection
            try:
                yield
            finally:
                self.connection = None
