"""`replay`, and what `status` says of rebuilds: beside the live views, resumed, compared, swapped, rolled back."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from infra.cli.invocation import Invocation, invocation
from infra.cli.options import Json, LogFolder
from infra.cli.question import positions_bar
from infra.cli.tables import Shown, print_table
from infra.cli.texts import both

if TYPE_CHECKING:
    from consumers.folding import Comparison
    from consumers.project import Split
    from infra.log_source import LogSource
    from infra.read_store import ReadStore, ViewStatus
    from infra.sql_source import SqlSource
    from projections.fold import Projection

REPLAY_SHOWN = (
    Shown("view"), Shown("position", "text", True), Shown("added", "text", True), Shown("gone", "text", True),
    Shown("changed", "text", True),
)  # fmt: skip
PROCESSES_MAX = 16

SWAP_WAIT_S = 0.25
_WORDS: dict[str, tuple[str, str]] = {
    "compared_equal": ("重建结果与现有视图一致；仅比较，未替换", "the rebuilt rows equal the live ones; compared only"),
    "compared_changed": (
        "重建结果与现有视图不同（见上表）；仅比较，未替换",
        "the rebuilt rows differ from the live ones (see above); compared only",
    ),
    "example": ("{view} {kind}，例如：{row}", "{view}, {kind}, for example: {row}"),
    "parked": (
        "{view}：对象 {subject} 自位置 {position}（{type}，{field}）起停放：{why}",
        "{view}: subject {subject} is parked from position {position} on ({type}, {field}): {why}",
    ),
    "rolled_back": ("{view}：已恢复上一版本", "{view}: the former version serves again"),
    "running": (
        "{view}：正在重建，位置 {position}/{head}，每秒 {events_per_s} 条，约剩 {eta} 秒（进程 {pid}，心跳 {beat}）",
        "{view}: being rebuilt, at {position} of {head}, {events_per_s} events/s, about {eta} s left "
        "(process {pid}, heartbeat {beat})",
    ),
    "interrupted": (
        "{view}：重建曾中断于位置 {position}；caseledger replay {view} 从该处继续",
        "{view}: a rebuild was interrupted at {position}; caseledger replay {view} goes on from there",
    ),
    "outdated": (
        "{view}：早于现有代码；重建需读取 {events} 条事件，约 {seconds} 秒",
        "{view}: older than the code; a rebuild reads {events} events, about {seconds} s",
    ),
    "stale_subjects": (
        "{view}：{count} 个对象停放（行中有 stale_from）",
        "{view}: {count} subjects are parked (their rows say stale_from)",
    ),
}


def _said(run: Invocation, name: str, **values: object) -> str:
    return _WORDS[name][0 if run.lang == "zh" else 1].format(**values)


def _tell(run: Invocation, name: str, **values: object) -> None:
    run.err.print(_said(run, name, **values), soft_wrap=True)


def replay(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help=both("视图名；缺省为全部", "names of views; all of them unless given")),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=both("只比较，不替换", "compare only, replace nothing"))
    ] = False,
    park: Annotated[
        bool,
        typer.Option(
            "--park",
            help=both(
                "遇到无法处理的事件时停放该对象，其余继续",
                "park the subject of an event that cannot be taken, go on with the rest",
            ),
        ),
    ] = False,
    rollback: Annotated[
        bool,
        typer.Option("--rollback", help=both("恢复重建之前的版本", "let the version before the rebuild serve again")),
    ] = False,
    processes: Annotated[
        int,
        typer.Option(
            "--processes",
            metavar="N",
            min=1,
            max=PROCESSES_MAX,
            help=both("进程数；缺省为处理器数", "processes; as many as processors unless given"),
        ),
    ] = min(os.cpu_count() or 1, 4),
    origin: Annotated[
        Literal["store", "log", "topic"] | None,
        typer.Option(
            "--from",
            help=both(
                "从账本库（缺省）、封存日志（另给 --log）或 Kafka 主题重放",
                "replay the store (unless told otherwise), a sealed log (with --log) or the topic on Kafka",
            ),
        ),
    ] = None,
    log: LogFolder = None,
    as_json: Json = False,
) -> None:
    """Rebuild views beside the live ones, compare the two, and put the new rows in their place at once."""
    from infra.cli.logged import replayed
    from projections import ALL_PROJECTIONS, projection_named

    run = invocation(ctx)
    wanted = [projection_named(name) for name in names] if names else list(ALL_PROJECTIONS)
    plain = as_json or run.as_json
    from_topic = origin == "topic"
    for other, is_given in (("--dry-run", dry_run), ("--park", park)):
        if rollback and is_given:
            raise typer.BadParameter(run.say("not_together", one="--rollback", other=other))
    if (log is not None and origin not in (None, "log")) or (log is None and origin == "log"):
        raise typer.BadParameter(run.say("replay_from_what"))
    with replayed(run, log, wanted, processes if from_topic else 0) as (source, store):
        if rollback:
            _roll_back(run, store, wanted)
            return
        from consumers.project import rebuild

        split = _split(run, source, store, processes)
        with positions_bar(run, "bar_replay") as moved:
            found = rebuild(source, store, wanted, moved, swaps=not dry_run, parks=park, split=split, pause=_pause)
        if not dry_run:
            _tell_parked(run, store, wanted)
    _show(run, found, dry_run, plain, is_anew=log is not None)


def _split(run: Invocation, source: SqlSource | LogSource, store: ReadStore, processes: int) -> Split | None:
    """How the subjects are shared out over processes; None where one takes them all, as of a log, which has one order."""
    from infra.split_rebuild import split_over
    from infra.sql_source import SqlSource

    if processes == 1 or not isinstance(source, SqlSource):
        return None
    return split_over(processes, source, getattr(source, "place", run.settings.store_place), store)


def _pause() -> None:
    """Between two looks whether projectors have caught up with the rebuilt views."""
    time.sleep(SWAP_WAIT_S)


def _show(run: Invocation, found: Sequence[Comparison], dry_run: bool, plain: bool, is_anew: bool) -> None:
    rows = [
        {"view": one.name, "position": one.position, "added": one.added, "gone": one.gone, "changed": one.changed}
        for one in found
    ]
    if plain:
        run.write_json({**row, "examples": one.examples} for row, one in zip(rows, found, strict=True))
        return
    print_table(run, REPLAY_SHOWN, rows)
    is_equal = all(one.is_equal for one in found)
    if is_anew:
        return
    if not dry_run:
        run.tell("replay_equal" if is_equal else "replay_changed")
        return
    _tell(run, "compared_equal" if is_equal else "compared_changed")
    for one in found:
        for kind, row in one.examples.items():
            _tell(run, "example", view=one.name, kind=kind, row=row)


def _roll_back(run: Invocation, store: ReadStore, wanted: Sequence[Projection]) -> None:
    with store.rebuilding(wanted):
        store.rollback(*(projection.name for projection in wanted))
    for projection in wanted:
        _tell(run, "rolled_back", view=projection.name)


def _tell_parked(run: Invocation, store: ReadStore, wanted: Sequence[Projection]) -> None:
    for projection in wanted:
        for one in store.parked(projection.name):
            _tell(run, "parked", view=projection.name, **one._asdict())


def rebuild_facts(store: ReadStore, one: ViewStatus, size: int) -> dict[str, Any]:
    """What `status` adds to a view's line: a rebuild that runs or was interrupted, what one would take, the parked."""
    facts: dict[str, Any] = {"parked": one.parked}
    beat = store.beat(one.name)
    if beat is not None and beat.is_running:
        facts["rebuild"] = {"state": "running", **beat._asdict()}
    elif one.building_position is not None:
        facts["rebuild"] = {"state": "interrupted", "position": one.building_position}
    elif not one.is_current:
        rate = beat.events_per_s if beat is not None and beat.events_per_s else None
        facts["rebuild"] = {"state": "needed", "events": size, "seconds": round(size / rate) if rate else None}
    return facts


def tell_rebuilds(run: Invocation, rows: Sequence[dict[str, Any]]) -> None:
    """The same as sentences."""
    for line in _sentences(run, rows):
        run.err.print(line, soft_wrap=True)


def _sentences(run: Invocation, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        view, rebuild = row["view"], row.get("rebuild", {"state": "none"})
        if rebuild["state"] == "running":
            eta = "?" if rebuild["eta_s"] is None else rebuild["eta_s"]
            yield _said(run, "running", view=view, eta=eta, **rebuild)
        elif rebuild["state"] == "interrupted":
            yield _said(run, "interrupted", view=view, position=rebuild["position"])
        elif rebuild["state"] == "needed":
            seconds = "?" if rebuild["seconds"] is None else rebuild["seconds"]
            yield _said(run, "outdated", view=view, events=rebuild["events"], seconds=seconds)
        if row["parked"]:
            yield _said(run, "stale_subjects", view=view, count=row["parked"])
