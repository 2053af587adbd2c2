"""A progress bar for work that counts its events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from infra.cli.invocation import Invocation


@contextmanager
def counted(run: Invocation, name: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr; the function is told how many events are done, of how many."""
    with run.progress(name, "events") as bar:
        task: Any = None

        def moved(done: int, total: int) -> None:
            nonlocal task
            if task is None:
                task = bar.add_task("", total=total)
            bar.update(task, completed=done, total=total)

        yield moved
