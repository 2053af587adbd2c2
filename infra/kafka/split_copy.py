"""A topic copied by several processes: each reads some of the partitions, then the parts are put into ledger order."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import connection as pipes
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from consumers.follow import SourceEvent, batches
from consumers.project import OnProgress, Progress
from domain.errors import LedgerError, Tampered, Unavailable
from infra.kafka.connection import Connection
from infra.kafka.ordered import FAST, leaf_of
from infra.kafka.tails import Bounds, records_between
from infra.log_copy import TABLES, insert
from infra.log_source import head_of


def copy_in_parts(
    folder: Path,
    target: sqlite3.Connection,
    source: Connection,
    topic: str,
    bounds: Bounds,
    head: int,
    processes: int,
    on_progress: OnProgress | None,
) -> None:
    """Fill the tables of `target` with the records between bounds that were taken once, checked as one process would.

    Raises `topic_differs` where a leaf is missing or stands twice.
    """
    context = multiprocessing.get_context("spawn")
    shares = [[one for one in bounds.end if one % processes == number] for number in range(processes)]
    parts = [folder / f"part-{number}.db" for number, share in enumerate(shares) if share]
    workers: list[tuple[BaseProcess, pipes.Connection]] = []
    try:
        for share, part in zip(filter(None, shares), parts, strict=True):
            ours, theirs = context.Pipe(duplex=False)
            worker = context.Process(target=_copy, args=(source, topic, bounds, share, part, theirs), daemon=True)
            worker.start()
            theirs.close()
            workers.append((worker, ours))
        _listen([ours for _, ours in workers], head, on_progress)
    finally:
        for process, pipe in workers:
            pipe.close()
            process.terminate()
            process.join()
    _join(target, parts, topic, head)


def _listen(waiting: list[pipes.Connection], head: int, on_progress: OnProgress | None) -> None:
    """Add up what the processes copied until all have said that they are done; raise what one could not take."""
    copied: dict[pipes.Connection, int] = {}
    while waiting:
        for pipe in pipes.wait(waiting):
            assert isinstance(pipe, pipes.Connection), "only pipes are waited for"
            try:
                told: Any = pipe.recv()
            except EOFError:
                raise Unavailable("unavailable", "a process that read the topic ended early; try again") from None
            if told is None:
                waiting.remove(pipe)
            elif isinstance(told, int):
                copied[pipe] = told
                if on_progress is not None:
                    done = sum(copied.values())
                    on_progress(Progress(done, done, head))
            else:
                family, code, detail = told
                raise (Tampered if family == Tampered.__name__ else Unavailable)(code, detail)


def _copy(source: Connection, topic: str, bounds: Bounds, share: list[int], part: Path, pipe: pipes.Connection) -> None:
    """One process: copy some partitions into a database of its own, and end when nobody listens any more."""
    try:
        copied = 0
        with closing(sqlite3.connect(part, isolation_level=None)) as database:
            for statement in TABLES:
                database.execute(statement)
            for batch in batches(_events(source, topic, bounds, share)):
                insert(database, batch)
                copied += len(batch)
                pipe.send(copied)
        pipe.send(None)
    except LedgerError as error:
        pipe.send((type(error).__name__, error.code, error.detail))
    except sqlite3.IntegrityError:
        pipe.send((Tampered.__name__, "topic_differs", f"{topic}: a leaf stands twice; 条目重复"))
    except BrokenPipeError:
        return


def _events(source: Connection, topic: str, bounds: Bounds, share: list[int]) -> Iterator[SourceEvent]:
    starts = {partition: bounds.begin[partition] for partition in share}
    last = dict.fromkeys(share, -1)
    with source.reader(**FAST) as reader:
        for record in records_between(reader, topic, starts, bounds.end):
            leaf = leaf_of(record, len(bounds.end))
            if leaf.leaf_index <= last[record.partition]:
                place = f"{topic}, partition {record.partition}, offset {record.offset}"
                raise Tampered("topic_differs", f"{place}: leaf {leaf.leaf_index} stands behind a later one; 顺序不符")
            last[record.partition] = leaf.leaf_index
            sequence, subject, kind = head_of(leaf.raw)
            yield SourceEvent(leaf.leaf_index + 1, subject, sequence, kind, leaf.raw)


def _join(target: sqlite3.Connection, parts: list[Path], topic: str, head: int) -> None:
    """Put the parts into one table in ledger order; what is not exactly 1 … head is no ledger."""
    for number, part in enumerate(parts):
        target.execute(f"ATTACH ? AS part{number}", (str(part),))
    for table, verb, order in (("stored_events", "INSERT", "ORDER BY 1"), ("ref_index", "INSERT OR IGNORE", "")):
        rows = " UNION ALL ".join(f"SELECT * FROM part{number}.{table}" for number in range(len(parts)))
        target.execute(f"{verb} INTO main.{table} SELECT * FROM ({rows}) {order}")
    for number in range(len(parts)):
        target.execute(f"DETACH part{number}")
    count, newest = target.execute("SELECT COUNT(*), COALESCE(MAX(position), 0) FROM main.stored_events").fetchone()
    if (count, newest) != (head, head):
        (missing,) = target.execute(
            "SELECT COALESCE(MIN(position), 1) FROM (SELECT 1 AS position UNION ALL "
            "SELECT position + 1 FROM main.stored_events) WHERE position NOT IN (SELECT position FROM main.stored_events)"
        ).fetchone()
        raise Tampered("topic_differs", f"{topic} lacks leaf {missing - 1}; 主题缺少条目")
