"""A rebuild in several processes: this one folds the first share of the subjects, the others one each, then all are joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

from consumers.folding import Share
from consumers.project import OnProgress, Progress, fold_share
from infra.read_store import ReadStore
from infra.share_workers import Work, Workers
from infra.sql_source import SqlSource
from infra.stores import source_at
from projections.fold import Projection

SPLIT_FROM_EVENTS = 50_000
"""Smaller ledgers are folded before a second process is worth its start."""


def split_over(
    processes: int, source: SqlSource, place: str, store: ReadStore
) -> Callable[[Sequence[Projection], bool, OnProgress], None]:
    """A `Split` for `consumers.project.rebuild`: shares over so many processes, each with the store at `place` open.

    `source` and `store` are this process's own; both rest while the others start.
    """

    def split(projections: Sequence[Projection], parks: bool, on_progress: OnProgress) -> None:
        until = source.head()
        firsts = [""]
        if until >= SPLIT_FROM_EVENTS:
            firsts += source.dividing(processes)
        store.sweep()
        wanted = store.shares_from(firsts)
        together: dict[tuple[Share, ...], list[Projection]] = {}
        for projection, shares in zip(projections, store.shares(projections, wanted), strict=True):
            together.setdefault(shares, []).append(projection)
        for shares, given in together.items():
            if len(shares) > 1:
                source.rest()
                work = Work(place, store.place, tuple(one.name for one in given), shares, until, parks)
                _fold_shares(work, given, store, on_progress)
        store.sweep()

    return split


def _fold_shares(work: Work, projections: Sequence[Projection], store: ReadStore, on_progress: OnProgress) -> None:
    """Fold the first share here and the others in processes of their own, then join them."""
    reached = dict.fromkeys(range(len(work.shares)), 0)
    base = min(store.position(one.name, "building", share) for one in projections for share in work.shares)

    def moved(number: int, progress: Progress) -> None:
        """Every event counts once, in its share; what lies in front of where all shares began was taken before."""
        reached[number] = progress.events
        events = sum(reached.values())
        on_progress(Progress(events, base + events, progress.head))

    with Workers(work, store, moved) as workers, closing(source_at(work.store_place)) as source:

        def told(progress: Progress) -> None:
            moved(0, progress)
            workers.listen()

        fold_share(source, store, projections, work.shares[0], work.until, told, work.parks)
        workers.finish()
        store.join(projections)
