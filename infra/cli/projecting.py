"""`project`, `parked` and `health`: views fed from the topic, subjects that wait, and whether a stage is well."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from infra.cli.exits import REFUSED
from infra.cli.invocation import Invocation, invocation
from infra.cli.options import HealthAddress, Json
from infra.cli.tables import Shown, print_table
from infra.cli.texts import both

if TYPE_CHECKING:
    from consumers.parked import Retried
    from infra.fed_store import FedReadStore
    from infra.kafka.projector import Projector
    from projections.fold import Projection

ParkedAct = Literal["list", "show", "retry"]
PARKED_SHOWN = (
    Shown("view"), Shown("subject"), Shown("position", "text", True), Shown("type", spare=True), Shown("field"),
    Shown("why"), Shown("waiting", "text", True),
)  # fmt: skip
WAITING_SHOWN = (Shown("view"), Shown("position", "text", True), Shown("sequence", "text", True), Shown("type"))
RETRIED_SHOWN = (
    Shown("view"), Shown("subject"), Shown("taken", "text", True), Shown("left", "text", True), Shown("position"),
    Shown("field"), Shown("why"),
)  # fmt: skip


def project(
    ctx: typer.Context,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            help=both("持续更新，直到中断（Ctrl-C 或 SIGTERM）", "go on with what comes, until interrupted"),
        ),
    ] = False,
    group: Annotated[
        str | None,
        typer.Option(
            "--group",
            metavar="NAME",
            help=both("消费组；同组进程分担各分区", "the consumer group; its processes share the partitions"),
        ),
    ] = None,
    health: HealthAddress = None,
) -> None:
    """Bring the views up to what the topic holds."""
    from consumers.topics import topics_of
    from infra.feeding import open_fed_views
    from infra.health import address_from, health_server
    from infra.kafka.connection import connection_of
    from infra.kafka.projector import Projector
    from infra.metrics import StageMetrics
    from infra.wiring import source_of
    from projections import ALL_PROJECTIONS

    run = invocation(ctx)
    settings = run.settings
    topic = topics_of(source_of(settings)).events
    metrics = StageMetrics("projector")
    address = None if health is None else address_from(health)
    with open_fed_views(settings) as store, health_server(metrics, address):
        projector = Projector(
            connection_of(settings), topic, group or f"{topic}.projectors", store, ALL_PROJECTIONS, metrics,
            ends_at_the_end=not follow, on_trouble=lambda error: run.explain(error),
        )  # fmt: skip
        asyncio.run(_until_stopped(projector))
        positions = [store.position(projection.name) for projection in ALL_PROJECTIONS]
        parked = sum(len(store.parked(projection.name)) for projection in ALL_PROJECTIONS)
    run.tell("projected", topic=topic, position=min(positions), parked=parked)


async def _until_stopped(projector: Projector) -> None:
    """Run until Ctrl-C or SIGTERM, which let the batch at hand be finished."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await projector.run(stop)


def parked(
    ctx: typer.Context,
    act: Annotated[
        ParkedAct,
        typer.Argument(
            metavar="list|show|retry", help=both("列出、查看或重试", "list them, look at one, or try again")
        ),
    ],
    subject: Annotated[
        str | None, typer.Argument(metavar="SUBJECT", help=both("对象；缺省为全部", "one subject; all unless given"))
    ] = None,
    view: Annotated[
        str | None, typer.Option("--view", metavar="NAME", help=both("只限该视图", "of this view only"))
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help=both("确实执行；缺省只预览", "do it; without it a retry is only shown"))
    ] = False,
    as_json: Json = False,
) -> None:
    """The subjects that views have parked."""
    from infra.feeding import open_fed_views
    from infra.wiring import source_of
    from projections import ALL_PROJECTIONS, projection_named

    run = invocation(ctx)
    source_of(run.settings)
    views = ALL_PROJECTIONS if view is None else (projection_named(view),)
    plain = as_json or run.as_json
    with open_fed_views(run.settings) as store:
        if act == "retry":
            _retry(run, store, views, subject, yes=yes, plain=plain)
            return
        rows = _rows(store, views, subject)
        if act == "show":
            rows = [line for row in rows for line in _waiting(store, row)]
    if plain:
        run.write_json(rows)
        return
    print_table(run, PARKED_SHOWN if act == "list" else WAITING_SHOWN, rows)
    run.tell("parked_count" if act == "list" else "waiting_count", count=len(rows))


def _rows(store: FedReadStore, views: Sequence[Projection], subject: str | None) -> list[dict[str, Any]]:
    rows = []
    for view in views:
        counts = store.waiting_counts(view.name)
        for one in store.parked(view.name):
            if subject in (None, one.subject):
                rows.append({"view": view.name, **one._asdict(), "waiting": counts.get(one.subject, 0)})
    return rows


def _waiting(store: FedReadStore, row: dict[str, Any]) -> list[dict[str, Any]]:
    """The waiting events of a parked subject, without their payloads: these are `show`'s to tell."""
    return [
        {"view": row["view"], "subject": event.subject, "position": event.position, "sequence": event.sequence, "type": event.type}
        for event in store.waiting(row["view"], row["subject"])
    ]  # fmt: skip


def _retry(
    run: Invocation, store: FedReadStore, views: Sequence[Projection], subject: str | None, *, yes: bool, plain: bool
) -> None:
    from domain.errors import NotFound
    from infra.log import get_log
    from infra.wiring import open_source

    wanted = [
        (view, one.subject) for view in views for one in store.parked(view.name) if subject in (None, one.subject)
    ]
    if subject is not None and not wanted:
        raise NotFound("not_parked", ", ".join(view.name for view in views), subject=subject)
    with open_source(run.settings) as source:
        done = [store.retry(view, one, source, keeps=yes) for view, one in wanted]
    rows = [_retried(one) for one in done]
    if plain:
        run.write_json(rows)
    else:
        print_table(run, RETRIED_SHOWN, rows)
    counts = {
        "subjects": len(done), "taken": sum(one.taken for one in done), "stuck": sum(1 for one in done if one.parked)
    }  # fmt: skip
    run.tell("parked_retried" if yes else "parked_preview", **counts)
    if yes:
        get_log().info("parked_retried", count=counts["taken"], size=counts["subjects"])
        if counts["stuck"]:
            raise typer.Exit(REFUSED)


def _retried(one: Retried) -> dict[str, Any]:
    stuck = (
        one.parked._asdict() if one.parked is not None else {"position": None, "type": None, "field": None, "why": None}
    )
    return {"view": one.view, "subject": one.subject, "taken": one.taken, "left": one.left, **{name: stuck[name] for name in ("position", "type", "field", "why")}}  # fmt: skip


def health(
    ctx: typer.Context,
    address: Annotated[
        str, typer.Argument(metavar="HOST:PORT", help=both("该进程的健康地址", "where the stage answers"))
    ],
) -> None:
    """Whether a running stage is well."""
    from infra.health import address_from, ask

    run = invocation(ctx)
    is_well, told = ask(address_from(address))
    run.tell("stage_well" if is_well else "stage_ill", address=address, why=told)
    if not is_well:
        raise typer.Exit(REFUSED)
