"""`show`: the payments of a grant and the acceptances of a case are tables, not a number of entries."""

from __future__ import annotations

import pytest

from tests.support.command_line import CASE, Office
from tests.support.given import World, before, step


@pytest.fixture
def paying(office: Office) -> Office:
    """A grant that is paid, and of which something came back."""
    world = World()
    for verb, changes in [*before("return_payment"), step("return_payment")]:
        assert office.act(world.line(verb, **changes)).code == 0
        world.given((verb, changes))
    return office


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["payments", "amount (yuan)", "returned (yuan)", "paid at"]),
        ("zh", ["付款记录", "金额（元）", "退回（元）", "付款时间"]),
    ],
)
def test_the_payments_of_a_grant_are_a_table(paying: Office, lang: str, words: list[str]) -> None:
    told = paying("show", "ref:G1", "--lang", lang)
    assert told.code == 0
    table = told.out.partition(words[0])[2]
    assert all(word in table for word in words[1:])
    (line,) = [line for line in table.splitlines() if line.lstrip().startswith("ref:G1-p1")]
    assert line.split()[3:] == ["2,500.00", "bank_transfer", "S-203", "500.00"]


def test_the_entries_of_a_case_are_tables_too_and_json_keeps_them_whole(told: Office) -> None:
    shown = told("show", "ref:A17").out.partition("acceptances")[2].partition("Timeline")[0]
    (line,) = [line for line in shown.splitlines() if "MZJ" in line]
    assert "S-101" in line
    assert "2025-03-10 09:00" in line
    state = next(row for row in told("show", CASE, "--json").rows if row["row"] == "state")
    assert state["acceptances"][0]["unit"] == "MZJ"
