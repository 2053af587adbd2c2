"""Where a question reads: the office's own store, or with `--log` a sealed log and nothing else of the office."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from infra.cli.invocation import Invocation
from infra.cli.question import positions_bar

if TYPE_CHECKING:
    from domain.checks.record_reader import LeafSource
    from infra.log_source import LogSource
    from infra.read_store import ReadStore
    from infra.sql_source import SqlSource
    from projections.fold import Projection


@contextmanager
def asked_source(run: Invocation, log: Path | None) -> Iterator[SqlSource]:
    """The events to ask; with `--log` a copy of that log, hashes checked, gone afterwards."""
    if log is None:
        from infra.wiring import open_source

        with open_source(run.settings) as source:
            yield source
        return
    from infra.log_copy import log_copy

    with positions_bar(run, "bar_log") as moved, log_copy(log, moved) as copy:
        yield copy


@contextmanager
def replayed(
    run: Invocation, log: Path | None, wanted: Sequence[Projection], topic_processes: int = 0
) -> Iterator[tuple[SqlSource | LogSource, ReadStore]]:
    """The events to replay and the views to replay them into; those of a log are new, and gone afterwards.

    With `topic_processes` the topic is copied by so many processes first (a topic finds no single subject), and the views
    that it is replayed into are the live ones.
    """
    if topic_processes:
        from infra.kafka.connection import connection_of
        from infra.kafka.topic_copy import topic_copy
        from infra.kafka.topics import planned
        from infra.wiring import open_views, source_of

        settings = run.settings
        plans = planned(source_of(settings), settings)
        with (
            positions_bar(run, "bar_topic_read") as moved,
            topic_copy(connection_of(settings), plans, moved, topic_processes) as copy,
            open_views(settings) as store,
        ):
            yield copy, store
        return
    if log is None:
        from infra.wiring import open_source, open_views

        with open_source(run.settings) as source, open_views(run.settings) as store:
            yield source, store
        return
    from infra.log_copy import temporary_folder
    from infra.log_source import LogSource
    from infra.read_store import ReadStore

    events = LogSource(log)
    with temporary_folder() as folder, closing(ReadStore(folder / "views.db")) as store:
        store.prepare(wanted)
        yield events, store


class SealedLeaves(NamedTuple):
    """The office's own log, to hold its store against: None where nothing is sealed, or where it is damaged."""

    leaves: LeafSource | None
    is_damaged: bool = False


def sealed_leaves(run: Invocation, log: Path | None) -> SealedLeaves:
    """Open the office's log for XF-INT-001; damage is told. A log that is asked itself was hashed when it was copied."""
    if log is not None:
        return SealedLeaves(None)
    from domain.errors import Tampered
    from infra.log_leaves import LogLeaves
    from infra.published import check_published
    from infra.sealing import LOG_FOLDER
    from infra.wiring import source_of

    folder = run.settings.data / LOG_FOLDER
    try:
        check_published(run.settings.data, run.settings.key_folder, source_of(run.settings))
        return SealedLeaves(LogLeaves(folder) if (folder / "checkpoint").exists() else None)
    except Tampered as error:
        run.tell("log_damaged_too", code=error.code, told=error.sentence(run.lang))
        return SealedLeaves(None, is_damaged=True)
