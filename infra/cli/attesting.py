"""`attest`: one Merkle root per view, the same line from the office's store and from its log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.invocation import Invocation, invocation
from infra.cli.options import AtSize, Json, LogFolder
from infra.cli.question import current_views, positions_bar
from infra.cli.texts import both

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.read_store import ReadStore
    from projections.fold import Projection


def attest(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help=both("视图名；缺省为全部", "names of views; all of them unless given")),
    ] = None,
    log: LogFolder = None,
    at_size: AtSize = None,
    as_json: Json = False,
) -> None:
    """Print one Merkle root per view over its canonical rows in key order, and one over these lines."""
    from infra import attestation
    from projections import ALL_PROJECTIONS, projection_named

    run = invocation(ctx)
    wanted = [projection_named(name) for name in dict.fromkeys(names or ())] or list(ALL_PROJECTIONS)
    with _views(run, wanted, log, at_size) as store:
        lines = attestation.attest(store, wanted)
    if as_json or run.as_json:
        run.write_json(line.to_json() for line in lines)
        return
    for line in lines:
        print(f"{line.view} v{line.version} size {line.size} rows {line.rows} {line.root}")
    print(f"all {attestation.root_over(lines)}")


@contextmanager
def _views(run: Invocation, wanted: Sequence[Projection], log: Path | None, at_size: int | None) -> Iterator[ReadStore]:
    """The stored views of the present; for a log, or an earlier size, views folded in a temporary folder."""
    from infra.log_copy import temporary_folder, views_in
    from infra.log_source import LogSource
    from infra.wiring import open_source

    if log is not None:
        source = LogSource(log)
        until = None if at_size is None else min(at_size, source.head())
        with (
            temporary_folder() as folder,
            positions_bar(run, "bar_log") as moved,
            views_in(folder, source, wanted, until, moved) as store,
        ):
            yield store
        return
    with open_source(run.settings) as events:
        if at_size is None or at_size >= events.head():
            with current_views(run, events) as store:
                yield store
            return
        with temporary_folder() as folder, views_in(folder, events, wanted, at_size) as store:
            yield store
