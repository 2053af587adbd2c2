"""`announce`: new, gone and returned findings, and parked subjects, told to other systems on their topics."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.check_options import AudienceName
from infra.cli.invocation import Invocation, invocation
from infra.cli.options import HealthAddress, Json
from infra.cli.sealing import until_stopped
from infra.cli.texts import both

if TYPE_CHECKING:
    from consumers.announce import Announcement
    from infra.kafka.board import TopicBoard
    from infra.sql_source import SqlSource
    from infra.stage_watch import StageWatch

LOOK_AGAIN_S = 1.0
TRY_AGAIN_S = 2.0
AWAY = frozenset({"kafka_unreachable", "kafka_refused", "locked", "unavailable"})


def announce(
    ctx: typer.Context,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            help=both("持续通告，直到中断（Ctrl-C 或 SIGTERM）", "go on telling what changes, until interrupted"),
        ),
    ] = False,
    audience: Annotated[
        AudienceName,
        typer.Option(
            "--audience",
            help=both("主题读者的范围：超出的线索不通告", "who reads the topic: findings beyond that are not told"),
        ),
    ] = "office",
    health: HealthAddress = None,
    as_json: Json = False,
) -> None:
    """Tell what changed in the findings and the parked subjects."""
    from infra.stage_watch import watched
    from infra.wiring import open_source

    run = invocation(ctx)
    plain = as_json or run.as_json
    with watched("feed", health) as watch, until_stopped() as stopped, open_source(run.settings) as source:
        feed = _Feed(run, source, audience, watch)
        try:
            for told in _passes(feed, stopped if follow else None):
                if told or not follow:
                    _tell(run, told, plain)
        finally:
            feed.close()


def _passes(feed: _Feed, stopped: threading.Event | None) -> Iterator[list[Announcement]]:
    """A pass whenever the ledger has grown or a view moved, failures of the cluster waited for; one where nobody follows."""
    from domain.errors import Unavailable

    while True:
        try:
            yield feed.announce()
            wait_s = LOOK_AGAIN_S
        except Unavailable as error:
            feed.close()
            if stopped is None or error.code not in AWAY:
                raise
            feed.told(error)
            wait_s = TRY_AGAIN_S
        if stopped is None or stopped.wait(wait_s):
            return


class _Feed:
    """The boards of one ledger, opened when first needed and again after a failure."""

    def __init__(self, run: Invocation, source: SqlSource, audience: Any, watch: StageWatch) -> None:
        self._run = run
        self._source = source
        self._audience = audience
        self._watch = watch
        self._boards: tuple[TopicBoard, TopicBoard] | None = None
        self._done: tuple[int, Mapping[str, Any]] | None = None

    def announce(self) -> list[Announcement]:
        """Judge what came, then tell what is new, gone or returned."""
        from consumers.announce import FINDING_TYPE, PARKED_TYPE, announce
        from infra.wiring import source_of

        size, parked = self._watch.heading(self._source.head)(), self._parked()
        if self._done == (size, parked):
            return []
        findings, parked_board = self._boards or self._open()
        name = source_of(self._run.settings)
        told = announce(findings, name, FINDING_TYPE, self._findings(), size)
        told += announce(parked_board, name, PARKED_TYPE, parked, size)
        self._done = (size, parked)
        self._watch.done(size)
        return told

    def told(self, error: Any) -> None:
        """A cluster or database that is away."""
        self._watch.waits(error.code, None)
        self._run.explain(error)

    def close(self) -> None:
        """Take the boards down."""
        boards, self._boards = self._boards, None
        for board in boards or ():
            board.close()

    def _open(self) -> tuple[TopicBoard, TopicBoard]:
        from infra.kafka.board import TopicBoard
        from infra.kafka.connection import connection_of
        from infra.kafka.topics import planned
        from infra.wiring import source_of

        settings = self._run.settings
        _, _, findings, parked = planned(source_of(settings), settings)
        first = TopicBoard(connection_of(settings), findings)
        try:
            self._boards = first, TopicBoard(connection_of(settings), parked)
        except BaseException:
            first.close()
            raise
        return self._boards

    def _findings(self) -> dict[str, dict[str, Any]]:
        from consumers.announce import standing_findings
        from infra.cli.keeping import kept_findings, refreshed
        from infra.cli.logged import sealed_leaves

        with kept_findings(self._run) as store:
            refreshed(self._run, self._source, store, sealed_leaves(self._run, None).leaves)
            return standing_findings(store.findings(), self._audience)

    def _parked(self) -> dict[str, dict[str, Any]]:
        from consumers.announce import standing_parked
        from infra.wiring import kept_views
        from projections import ALL_PROJECTIONS

        with kept_views(self._run.settings) as views:
            if views is None:
                return {}
            return standing_parked(
                (view.name, one.subject, one.position, one.type, one.field)
                for view in ALL_PROJECTIONS
                for one in views.parked(view.name)
            )


def _tell(run: Invocation, told: list[Announcement], plain: bool) -> None:
    if plain:
        run.write_json({"name": one.name, "change": one.told.change, "number": one.told.number} for one in told)
    counts = {change: sum(1 for one in told if one.told.change == change) for change in ("new", "gone", "returned")}
    run.tell("announced", **counts)
