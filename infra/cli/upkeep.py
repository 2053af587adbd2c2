"""`export`, `status` and `doctor`: handing out and examining a ledger; `replay` stands in `replaying.py`."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from domain.numerals import number
from infra.cli.exits import REFUSED
from infra.cli.invocation import Invocation, invocation
from infra.cli.options import Json
from infra.cli.outputs import output_file
from infra.cli.replaying import rebuild_facts, tell_rebuilds
from infra.cli.replaying import replay as replay
from infra.cli.tables import Shown, print_facts, print_table
from infra.cli.texts import both

if TYPE_CHECKING:
    from infra.doctor import Diagnosis
    from infra.sql_source import SqlSource

VIEWS_SHOWN = (
    Shown("view"), Shown("version", "text", True), Shown("position", "text", True), Shown("lag", "text", True),
    Shown("current"),
)  # fmt: skip
DIFFERENCES_SHOWN = (Shown("difference"), Shown("where"), Shown("told"))


def export(
    ctx: typer.Context,
    form: Annotated[Literal["jsonl"], typer.Argument(metavar="jsonl", help=both("一行一个事件", "one event a line"))],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help=both("写入文件", "write to a file"))
    ] = None,
) -> None:
    """The recorded events in ledger order, byte for byte as they are stored."""
    from domain.errors import Unavailable
    from infra.wiring import open_source

    run = invocation(ctx)
    output_file(run, output)
    with open_source(run.settings) as source, ExitStack() as stack:
        try:
            stream = sys.stdout.buffer if output is None else stack.enter_context(output.open("wb"))
            for event in source.read():
                stream.write(event.raw + b"\n")
            stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Unavailable("unavailable", f"{output or 'stdout'}: {error.strerror}") from error
        size = source.head()
    run.tell("exported", count=size)


def status(ctx: typer.Context, as_json: Json = False) -> None:
    """How large the ledger is, when it last recorded, and how far every view has come."""
    from infra.stores import shown
    from infra.wiring import open_source, source_of

    run = invocation(ctx)
    settings = run.settings
    with open_source(settings) as source:
        size = source.head()
        head: dict[str, Any] = {
            "source": source_of(settings),
            "data": str(settings.data),
            "size": size,
            "last_recordedtime": _last_recorded(source, size),
            "bytes": source.bytes_stored(),
        }
        if settings.store is not None:
            head["store"] = shown(settings.store)
            unsafe = source.unsafe_settings()
            if unsafe:
                run.tell("store_unsafe", settings=", ".join(unsafe))
    rows = _views(run, head["size"])
    if as_json or run.as_json:
        run.write_json([head, *rows])
        return
    print_facts(
        run, ((run.say(f"status_of_{name}"), number(value)) for name, value in head.items() if value is not None)
    )
    if rows:
        print_table(run, VIEWS_SHOWN, rows)
        tell_rebuilds(run, rows)
    else:
        run.tell("no_views")


def _views(run: Invocation, size: int) -> list[dict[str, Any]]:
    from infra.wiring import kept_views
    from projections import ALL_PROJECTIONS

    with kept_views(run.settings) as store:
        if store is None:
            return []
        return [
            {
                "view": one.name,
                "version": one.version,
                "code_version": one.code_version,
                "position": one.position,
                "lag": size - one.position,
                "current": one.is_current,
                **rebuild_facts(store, one, size),
            }
            for one in store.status(ALL_PROJECTIONS)
        ]


def _last_recorded(source: SqlSource, size: int) -> str | None:
    from domain.event import decode

    for event in source.read(after=size - 1, until=size):
        return str(decode(event.raw)["recordedtime"])
    return None


def doctor(ctx: typer.Context, as_json: Json = False) -> None:
    """Re-derive index rows, numbers, schemas, snapshots and view positions, and say what differs."""
    from infra.doctor import diagnose
    from infra.wiring import source_of

    run = invocation(ctx)
    source_of(run.settings)
    with run.progress("bar_doctor", "events") as bar:
        task = bar.add_task("", total=None)
        diagnosis = diagnose(
            run.settings.store_place, lambda done, total: bar.update(task, completed=done, total=total)
        )
    _check_views(run, diagnosis)
    rows: list[dict[str, Any]] = [one.to_json() for one in diagnosis.differences]
    if as_json or run.as_json:
        head = {"events": diagnosis.events, "snapshots": diagnosis.snapshots, "counts": diagnosis.counts}
        run.write_json([{"head": head}, *rows])
    elif rows:
        print_table(run, DIFFERENCES_SHOWN, rows)
    verdict = "doctor_well" if diagnosis.is_healthy else "doctor_ill"
    if not diagnosis.is_healthy and all(kind.startswith("view_") for kind in diagnosis.counts):
        verdict = "doctor_views"
    run.tell(verdict, events=diagnosis.events, count=sum(diagnosis.counts.values()))
    if not diagnosis.is_healthy:
        raise typer.Exit(REFUSED)


def _check_views(run: Invocation, diagnosis: Diagnosis) -> None:
    """A view may lag, but never be ahead of the ledger, and its version must be the code's."""
    from infra.wiring import kept_views, open_source
    from projections import ALL_PROJECTIONS

    with kept_views(run.settings) as store:
        if store is None:
            return
        with open_source(run.settings) as source:
            size = source.head()
        for one in store.status(ALL_PROJECTIONS):
            if one.position > size:
                diagnosis.note("view_ahead", one.name, f"position {one.position}, ledger {size}")
            if not one.is_current:
                diagnosis.note("view_stale", one.name, f"run `caseledger replay {one.name}`")
