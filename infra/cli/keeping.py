"""The kept findings on the command line: opened, and brought to the ledger's head wherever the views are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from infra.cli.invocation import Invocation

if TYPE_CHECKING:
    from consumers.check import Refreshed
    from domain.checks.record_reader import LeafSource
    from infra.finding_store import SqlFindingStore
    from infra.sql_source import SqlSource


@contextmanager
def kept_findings(run: Invocation) -> Iterator[SqlFindingStore]:
    """The kept findings beside the views, made where they are missing."""
    from infra.finding_store import SqlFindingStore

    with closing(SqlFindingStore(run.settings.findings_place, lock_wait_s=float(run.settings.lock_timeout_s))) as store:
        yield store


def refreshed(run: Invocation, source: SqlSource, store: SqlFindingStore, leaves: LeafSource | None) -> Refreshed:
    """Bring the kept findings to the ledger's head; the whole catalogue is always kept."""
    from consumers.check import Question, refresh
    from domain.checks import ALL_CHECKS
    from infra.finding_store import code_digest
    from infra.wiring import tagger_of

    return refresh(source, store, Question(None, ALL_CHECKS, tagger_of(run.settings), code_digest(), leaves))


def keep_current(run: Invocation, source: SqlSource | None = None) -> None:
    """Judge what came since the findings were kept; where none are kept, or nothing came, one look is all.

    A failure is told and takes nothing back: the next pass goes on from what is kept.
    """
    from domain.errors import LedgerError
    from infra.finding_database import are_kept
    from infra.wiring import open_source

    try:
        if not are_kept(run.settings.findings_place, float(run.settings.lock_timeout_s)):
            return
        if source is not None:
            _keep_current(run, source)
        else:
            with open_source(run.settings) as opened:
                _keep_current(run, opened)
    except LedgerError as error:
        run.tell("findings_not_kept", code=error.code, told=error.sentence(run.lang))


def _keep_current(run: Invocation, source: SqlSource) -> None:
    with kept_findings(run) as store:
        state = store.state()
        if state is None or state["position"] == source.head():
            return
        from infra.cli.logged import sealed_leaves

        done = refreshed(run, source, store, sealed_leaves(run, None).leaves)
        run.tell("findings_kept", matters=done.matters, groups=done.groups)
