"""A store of an earlier release takes acts again, and its index still agrees with its events."""

from __future__ import annotations

import pytest

from infra.doctor import diagnose
from infra.settings import Settings
from infra.wiring import open_ledger
from tests.support.office import line, receive
from tests.support.stores import StoreTool, on_both, size_of

OF_OLD = (
    "ALTER TABLE action_index RENAME TO now",
    "CREATE TABLE action_index (action_id TEXT PRIMARY KEY, digest TEXT NOT NULL, position BIGINT NOT NULL, "
    "count BIGINT NOT NULL)",
    "INSERT INTO action_index SELECT action_id, 'of old', position, count FROM now",
    "DROP TABLE now",
)


@on_both
def test_an_index_that_holds_digests_is_brought_to_today_before_the_first_act(settings: Settings) -> None:
    tool = StoreTool(settings)
    for statement in OF_OLD:
        tool.run(statement)
    before = size_of(settings)
    for case in ("ref:A1", "ref:A2"):
        with open_ledger(settings) as ledger:
            assert ledger.act(line(receive(case))).accepted
    assert size_of(settings) == before + 2
    assert diagnose(settings.store_place).is_healthy
    with pytest.raises(Exception, match="digest"):
        tool.run("SELECT digest FROM action_index")
