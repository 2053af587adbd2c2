"""Where a question reads: the office's own store, or with `--log` a sealed log and nothing else of the office."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from infra.cli.invocation import Invocation
from infra.cli.question import positions_bar

if TYPE_CHECKING:
    from domain.checks.record import LeafSource
    from infra.sqlite_source import SqliteSource


@contextmanager
def asked_source(run: Invocation, log: Path | None) -> Iterator[SqliteSource]:
    """The events to ask; with `--log` a copy of that log, hashes checked, gone afterwards."""
    if log is None:
        from infra.wiring import open_source

        with open_source(run.settings) as source:
            yield source
        return
    from infra.log_copy import log_copy

    with positions_bar(run, "bar_log") as moved, log_copy(log, moved) as copy:
        yield copy


def sealed_leaves(run: Invocation, log: Path | None) -> LeafSource | None:
    """The office's own log, to hold its store against; None where nothing is sealed, or the log itself is asked.

    Raises `Tampered` where the log's tiles do not give its checkpoint's root.
    """
    if log is not None:
        return None
    from infra.log_leaves import LogLeaves
    from infra.sealing import LOG_FOLDER

    folder = run.settings.data / LOG_FOLDER
    return LogLeaves(folder) if (folder / "checkpoint").exists() else None
