"""`topic` and `relay`: the ledger's topics on Kafka, and the process that fills them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from infra.cli.bars import counted
from infra.cli.exits import REFUSED
from infra.cli.invocation import Invocation, invocation
from infra.cli.options import HealthAddress, Json
from infra.cli.sealing import until_stopped
from infra.cli.tables import Shown, print_table
from infra.cli.texts import both

if TYPE_CHECKING:
    from consumers.relay import Published, Trouble

TopicAct = Literal["init", "status", "verify", "republish"]
PATIENCE_ONCE = 6
"""Waits for a cluster that is away, when not following: about forty seconds."""
LOOK_AGAIN_S = 0.05
TOPIC_SHOWN = (
    Shown("topic"), Shown("state"), Shown("partitions", "text", True), Shown("replication", "text", True),
    Shown("in_sync", "text", True), Shown("records_end", "text", True),
)  # fmt: skip


def topic(
    ctx: typer.Context,
    act: Annotated[
        TopicAct,
        typer.Argument(
            metavar="init|status|verify|republish",
            help=both("建立、查看、核对或重新填充", "make, look at, compare or fill up again"),
        ),
    ],
    as_json: Json = False,
) -> None:
    """The ledger's topics."""
    run = invocation(ctx)
    plain = as_json or run.as_json
    {"init": _init, "status": _status, "verify": _verify, "republish": _republish}[act](run, plain)


def _init(run: Invocation, plain: bool) -> None:
    from infra.kafka.connection import connection_of
    from infra.kafka.topics import make_topics, planned, require_topics
    from infra.wiring import source_of

    plans = planned(source_of(run.settings), run.settings)
    with connection_of(run.settings).admin() as admin:
        made = make_topics(admin, plans)
        require_topics(admin, plans)
    if plain:
        run.write_json({"topic": plan.name, "made": plan.name in made} for plan in plans)
        return
    for plan in plans:
        run.tell("topic_made" if plan.name in made else "topic_there", topic=plan.name, partitions=plan.partitions)


def _status(run: Invocation, plain: bool) -> None:
    from infra.kafka.connection import connection_of
    from infra.kafka.status import topic_rows
    from infra.kafka.topics import planned
    from infra.wiring import source_of

    plans = planned(source_of(run.settings), run.settings)
    rows, drifted = topic_rows(connection_of(run.settings), plans)
    if plain:
        run.write_json(rows)
    else:
        print_table(run, TOPIC_SHOWN, rows)
    for error in drifted:
        run.explain(error)
    if drifted:
        raise typer.Exit(REFUSED)


def _verify(run: Invocation, plain: bool) -> None:
    from infra.kafka.comparing import compare
    from infra.kafka.connection import connection_of
    from infra.kafka.topics import planned
    from infra.sealing import LOG_FOLDER
    from infra.wiring import source_of

    settings = run.settings
    plans = planned(source_of(settings), settings)
    with counted(run, "bar_topic") as moved:
        found = compare(connection_of(settings), plans, settings.data / LOG_FOLDER, moved)
    if plain:
        run.write_json([found._asdict()])
    else:
        run.tell("topic_equal", topic=plans[0].name, count=found.compared, left=found.not_yet)


def _republish(run: Invocation, plain: bool) -> None:
    _publish(run, plain, follow=False, mends=True)


def relay(
    ctx: typer.Context,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            help=both(
                "持续发布新封存的内容，直到中断（Ctrl-C 或 SIGTERM）",
                "go on publishing what is sealed, until interrupted",
            ),
        ),
    ] = False,
    health: HealthAddress = None,
    as_json: Json = False,
) -> None:
    """Publish what is sealed on the ledger's topics."""
    run = invocation(ctx)
    _publish(run, as_json or run.as_json, follow=follow, mends=False, health=health)


def _publish(run: Invocation, plain: bool, *, follow: bool, mends: bool, health: str | None = None) -> None:
    from consumers.relay import relay_and_follow
    from consumers.topics import topics_of
    from infra.kafka.relay import relay_of
    from infra.log_tail import note_watch
    from infra.published_mark import MarkFile
    from infra.sealing import LOG_FOLDER
    from infra.stage_watch import oldest_leaf, watched
    from infra.wiring import source_of

    settings = run.settings
    source = source_of(settings)
    with watched("relay", health) as watch, until_stopped() as stopped, counted(run, "bar_relay") as moved:
        mark = MarkFile(settings.data, topics_of(source).events).read()
        watch.position = 0 if mark is None else mark.size

        def waits(trouble: Trouble) -> None:
            watch.waits(trouble.error.code, oldest_leaf(settings.data / LOG_FOLDER, watch.position))
            _tell_trouble(run, trouble)

        def reached(done: int, total: int) -> None:
            watch.moved(done, total)
            moved(done, total)

        publishing = relay_of(
            settings,
            source,
            pause=lambda seconds: not stopped.wait(seconds),
            on_trouble=waits,
            on_progress=reached,
            patience=None if follow else PATIENCE_ONCE,
            mends=mends,
            clock=time.monotonic if follow else None,
        )
        changed = note_watch(
            settings.data / LOG_FOLDER, watch.looking(lambda: stopped.wait(LOOK_AGAIN_S)), publishing.owes_heartbeat
        )
        try:
            for done in relay_and_follow(publishing, changed if follow else lambda: False):
                watch.done(done.size)
                if done.added or not follow:
                    _tell(run, done, plain)
        finally:
            publishing.close()


def _tell(run: Invocation, done: Published, plain: bool) -> None:
    if plain:
        run.write_json([done._asdict()])
    else:
        run.tell("published", **done._asdict())


def _tell_trouble(run: Invocation, trouble: Trouble) -> None:
    run.tell("relay_waits", why=trouble.error.sentence(run.lang), seconds=f"{trouble.wait_s:.1f}", tries=trouble.tries)
