"""The relay of a data folder, put together: its log, its mark, its cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from consumers.relay import Relay, Trouble
from infra.kafka.connection import connection_of
from infra.kafka.publisher import Publisher
from infra.kafka.topics import planned
from infra.log_tail import LogTail
from infra.published_mark import MarkFile
from infra.sealing import LOG_FOLDER
from infra.staged_files import Step, no_step

if TYPE_CHECKING:
    from infra.settings import Settings


def relay_of(
    settings: Settings,
    source: str,
    *,
    pause: Callable[[float], bool],
    on_trouble: Callable[[Trouble], None],
    step: Step = no_step,
    **options: Any,
) -> Relay:
    """The relay of a ledger; nothing is reached before it publishes. `options` are those of `Relay`."""
    connection, plans = connection_of(settings), planned(source, settings)
    return Relay(
        LogTail(settings.data / LOG_FOLDER),
        lambda: Publisher(connection, plans[:2], step),
        MarkFile(settings.data, plans[0].name),
        pause=pause,
        on_trouble=on_trouble,
        **options,
    )
