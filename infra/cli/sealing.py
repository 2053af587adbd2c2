"""`seal`, `policy`, `prove` and `rotate-key`: the sealed log as the office that signs it works with it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.invocation import Invocation, invocation
from infra.cli.options import HealthAddress, Json, LogFolder
from infra.cli.outputs import output_file
from infra.cli.texts import both

if TYPE_CHECKING:
    from consumers.seal import Sealed

FOLLOWING_NICENESS = 10
"""Whoever records goes first where both want a processor: the log may come a moment later, an answer may not."""
LOOK_AGAIN_S = 0.05
"""Seconds between two looks at the store while following; a look is one reading of its newest position."""


def seal_recorded(run: Invocation) -> None:
    """Seal what was just recorded; a failure is told with its code, and takes nothing back."""
    from domain.errors import LedgerError
    from infra.sealing import seal_or_be_sealed
    from infra.wiring import open_source, source_of

    settings = run.settings
    try:
        with open_source(settings) as events:
            seal_or_be_sealed(
                settings.data, settings.key_folder, source_of(settings), events, float(settings.lock_timeout_s)
            )
    except LedgerError as error:
        run.tell("not_sealed", code=error.code, told=error.sentence(run.lang))


def seal(
    ctx: typer.Context,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            help=both(
                "持续封存新记录，直到中断（Ctrl-C 或 SIGTERM）", "go on sealing what is recorded, until interrupted"
            ),
        ),
    ] = False,
    health: HealthAddress = None,
    as_json: Json = False,
) -> None:
    """Seal everything recorded, once or as it comes."""
    from consumers.seal import seal_and_follow
    from infra.sealing import open_sealer
    from infra.stage_watch import watched
    from infra.wiring import open_source, source_of

    run = invocation(ctx)
    plain = as_json or run.as_json
    settings = run.settings
    source = source_of(settings)
    if follow:
        os.nice(FOLLOWING_NICENESS)
    with (
        watched("sealer", health) as watch,
        open_source(settings) as events,
        open_sealer(settings.data, settings.key_folder, source, events) as sealer,
        until_stopped() as stopped,
    ):
        look = watch.heading(events.head)
        for done in seal_and_follow(sealer, _waiting(look, stopped) if follow else lambda: False):
            watch.done(done.size)
            if done.added or not follow:
                _tell(run, done, plain)


@contextmanager
def until_stopped() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, so that a checkpoint that is begun is finished."""
    stopped = threading.Event()

    def stop(number: int, frame: object) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _waiting(head: Callable[[], int], stopped: threading.Event) -> Callable[[], bool]:
    """Wait until something more is recorded (true) or the run is stopped (false)."""
    seen = 0

    def wait() -> bool:
        nonlocal seen
        while (found := head()) == seen:
            if stopped.wait(LOOK_AGAIN_S):
                return False
        seen = found
        return not stopped.is_set()

    return wait


def _tell(run: Invocation, done: Sealed, plain: bool) -> None:
    counts: dict[str, Any] = {"size": done.size, "added": done.added, "checkpoints": done.checkpoints}
    if plain:
        run.write_json([{**counts, "root": done.root.hex()}])
    else:
        run.tell("sealed", root=done.root.hex(), **counts)


def policy(ctx: typer.Context) -> None:
    """The policy that an auditor pins: the log's name and key."""
    from infra.sealing import log_policy
    from infra.wiring import source_of

    run = invocation(ctx)
    print(log_policy(run.settings.key_folder, source_of(run.settings)), end="")
    run.tell("policy_pin")


def prove(
    ctx: typer.Context,
    index: Annotated[
        int,
        typer.Argument(
            metavar="INDEX",
            min=0,
            max=2**62,
            help=both("条目序号，自 0 起（位置减一）", "leaf index, from 0 (position minus 1)"),
        ),
    ],
    log: LogFolder = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help=both("写入文件", "write to a file"))
    ] = None,
    bare: Annotated[
        bool,
        typer.Option("--bare", help=both("不附事件本身，只有证明", "leave the event itself out of the file")),
    ] = False,
) -> None:
    """The proof that one event is in the log, as a file that anybody can verify offline."""
    from domain.errors import Unavailable
    from infra.log_proof import LogReader, proof_text
    from infra.sealing import LOG_FOLDER

    run = invocation(ctx)
    output_file(run, output)
    reader = LogReader(run.settings.data / LOG_FOLDER if log is None else log)
    text = proof_text(reader, index, with_event=not bare).encode()
    if output is None:
        sys.stdout.buffer.write(text)
        return
    try:
        output.write_bytes(text)
    except OSError as error:
        raise Unavailable("unavailable", f"{output}: {error.strerror}") from error


def rotate_key(
    ctx: typer.Context,
    retire: Annotated[
        bool,
        typer.Option(
            "--retire",
            help=both(
                "审计方已固定新密钥之后：删除旧密钥", "once the auditors have pinned the new key: remove the old one"
            ),
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Change the log's key: the old one signs the new one, in the log; then both sign until the old one is retired."""
    from infra import rotation

    run = invocation(ctx)
    plain = as_json or run.as_json
    if retire:
        new = rotation.retire(run.settings)
        if plain:
            run.write_json([{"new": new, "retired": True}])
        run.tell("key_retired", new=new)
        return
    rotated = rotation.rotate(run.settings)
    if plain:
        run.write_json([{"old": rotated.old, "new": rotated.new, "from_size": rotated.from_size}])
    run.tell("key_rotated", old=rotated.old, new=rotated.new, from_size=rotated.from_size)
