"""`restore`: a ledger made again from the topic or from a sealed log, in a folder that holds none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from infra.cli.bars import counted
from infra.cli.invocation import Invocation, invocation
from infra.cli.options import Json, LogFolder
from infra.cli.texts import both

if TYPE_CHECKING:
    from collections.abc import Iterable

    from consumers.follow import SourceEvent


class _Origin(NamedTuple):
    events: Iterable[SourceEvent]
    note: bytes | None
    head: int


def restore(
    ctx: typer.Context,
    source: Annotated[
        str,
        typer.Option(
            "--source",
            metavar="SOURCE",
            help=both(
                "账本的来源名，如 /500229/petition-office", "the ledger's source, such as /500229/petition-office"
            ),
        ),
    ],
    from_topic: Annotated[
        bool, typer.Option("--from-topic", help=both("从 Kafka 主题恢复", "from its topic on Kafka"))
    ] = False,
    log: LogFolder = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help=both(
                "信任哪些密钥；缺省为密钥目录中本日志的密钥",
                "which keys to trust; the log's key of the key folder unless given",
            ),
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make the ledger's store again: same bytes, same root."""
    from infra.restoring_signed import restore_signed, trusted
    from infra.sealing import log_policy

    run = invocation(ctx)
    if from_topic == (log is not None):
        raise typer.BadParameter(run.say("restore_from_what"))
    settings = run.settings
    trust = policy.read_text(encoding="utf-8") if policy else log_policy(settings.key_folder, source)
    with _origin(run, source, log) as origin, counted(run, "bar_restore") as moved:
        signed = trusted(origin.note, trust, source)
        assert origin.note is not None
        done = restore_signed(settings, origin.events, origin.note, signed, moved)
    left = origin.head - done.size
    if as_json or run.as_json:
        run.write_json([{**done._asdict(), "root": done.root.hex(), "unsigned": left}])
        return
    run.tell("restored", source=done.source, data=settings.data, size=done.size, root=done.root.hex())
    if left:
        run.tell("restored_left", count=left)
    run.tell("restored_next")


@contextmanager
def _origin(run: Invocation, source: str, log: Path | None) -> Iterator[_Origin]:
    if log is not None:
        from infra.log_proof import LogReader
        from infra.log_source import LogSource

        sealed = LogSource(log)
        yield _Origin(sealed.read(), LogReader(log).note, sealed.head())
        return
    from infra.kafka.connection import connection_of
    from infra.kafka.topic_source import topic_source
    from infra.kafka.topics import planned

    with topic_source(connection_of(run.settings), planned(source, run.settings)) as topic:
        yield _Origin(topic.read(), topic.checkpoint(), topic.head())
