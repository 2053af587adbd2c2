"""`init` and `act`: setting a ledger up, and recording one action."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from infra.cli.exits import exit_code
from infra.cli.invocation import Invocation, invocation
from infra.cli.options import Json
from infra.cli.sealing import seal_recorded
from infra.cli.texts import both

PIECE_BYTES = 1 << 16
SEND_AGAIN = "send the same action_id again; it is recorded at most once"


def init(
    ctx: typer.Context,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help=both(
                "账本名称，以六位行政区划代码开头；缺省为 /500229/petition-office",
                "the ledger's name, beginning with six digits of GB/T 2260; /500229/petition-office unless given",
            ),
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Set the ledger up; a second call changes nothing."""
    from infra.founding import found

    run = invocation(ctx)
    founded = found(run.settings, source)
    seal_recorded(run)
    if as_json or run.as_json:
        run.write_json([founded.to_json()])
        return
    data, keys = run.settings.data, run.settings.key_folder
    run.tell("init_new" if founded.created else "init_there", source=founded.source, data=data)
    run.tell("init_keys", keys=keys)
    run.tell("init_calendars", years="、".join(map(str, founded.calendars)))
    run.tell("init_next")


def act(
    ctx: typer.Context,
    wait: Annotated[
        bool,
        typer.Option("--wait", help=both("待视图更新后再答复", "answer when the views have it")),
    ] = False,
) -> None:
    """Record one action from stdin; the answer is exactly one JSON object on stdout.

    Whatever goes wrong, an answer is given. What is recorded is answered as such even where the views or the sealing then fail; that goes to stderr.
    """
    from domain.errors import LedgerError

    run = invocation(ctx)
    try:
        answer = _recorded(run, _line())
    except LedgerError as error:
        run.write_json([{"error": error.to_json(run.lang)}])
        run.explain(error)
        raise typer.Exit(exit_code(error)) from None
    except Exception:
        run.write_json([{"error": LedgerError("internal_error", SEND_AGAIN).to_json(run.lang)}])
        raise
    try:
        if wait:
            from infra.cli.question import fresh_views

            fresh_views(run)
    finally:
        try:
            run.write_json([answer])
        finally:
            seal_recorded(run)


def _recorded(run: Invocation, payload: bytes) -> dict[str, Any]:
    from infra.wiring import open_ledger

    with open_ledger(run.settings) as ledger:
        answer = ledger.act(payload)
    if answer.error is not None:
        raise answer.error
    return answer.to_json()


def _line() -> bytes:
    """All of stdin up to a little more than a line may hold, without the final line end."""
    from domain.strict_json import LINE_BYTES_MAX

    read = b""
    while len(read) <= LINE_BYTES_MAX + 2:
        piece = sys.stdin.buffer.read(PIECE_BYTES)
        if not piece:
            break
        read += piece
    return read.removesuffix(b"\n").removesuffix(b"\r")
