"""`migrate`: the ledger of the data folder moved into PostgreSQL."""

from __future__ import annotations

import typer

from infra.cli.bars import counted
from infra.cli.invocation import invocation
from infra.cli.options import Json


def migrate(ctx: typer.Context, as_json: Json = False) -> None:
    """Move ledger.db to CASELEDGER_STORE: same bytes, same root; the file records nothing any more."""
    from infra.stores import require_driver, shown

    run = invocation(ctx)
    settings = run.settings
    require_driver()
    from infra.migrating import migrate as moved_to

    with counted(run, "bar_migrate") as moved:
        done, was_there = moved_to(settings, moved)
    assert settings.store is not None
    place = shown(settings.store)
    if as_json or run.as_json:
        run.write_json([{**done._asdict(), "root": done.root.hex(), "store": place, "was_there": was_there}])
        return
    run.tell("migrated_before" if was_there else "migrated", source=done.source, place=place, size=done.size,
             root=done.root.hex())  # fmt: skip
    run.tell("migrated_next")
