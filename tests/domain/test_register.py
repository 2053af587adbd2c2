"""Registers: units, staff, calendars, parameters and lists stand under subjects of their own."""

from __future__ import annotations

from typing import Any

import pytest

from domain.answers import Submission
from domain.errors import Conflict
from domain.register import state_class
from tests.support.given import World, given, step


@pytest.mark.parametrize(
    ("verb", "kind", "subject"),
    [
        ("declare_unit", "unit_declared", "unit:JSW"),
        ("declare_staff", "staff_declared", "staff:S-009"),
        ("declare_calendar", "calendar_declared", "calendar:2025"),
        ("set_check_parameters", "check_parameters_set", "check:XF-ACC-003"),
        ("declare_cutover", "cutover_declared", "ledger"),
        ("declare_external_list", "external_list_declared", "ledger"),
        ("declare_channel_log", "channel_log_declared", "ledger"),
    ],
)
def test_an_entry_stands_under_its_subject_and_may_come_again(verb: str, kind: str, subject: str) -> None:
    world = World()
    for sequence in ("1", "2"):
        outcome = world.when(verb)
        outcome.then_recorded(f"register.{kind}")
        event = outcome.events[0]
        assert (event["subject"], event["sequence"]) == (subject, sequence)
        assert "correlationid" not in event
        assert outcome.answer.ref is None


def test_a_register_entry_keeps_its_own_key_in_the_payload() -> None:
    assert World().when("declare_unit").events[0]["data"]["unit"] == "JSW"
    assert World().when("declare_calendar").events[0]["data"]["year"] == 2025


def test_an_act_comes_before_the_entries_that_it_needs() -> None:
    """An unknown unit or staff member is a finding, not a refusal."""
    given(step("receive_petition")).when(
        "rate", by={"staff": "S-nobody", "unit": "NOWHERE", "role": "head"}
    ).then_recorded("case.rated")


@pytest.mark.parametrize("numbers", [0, 3_000])
def test_an_outside_list_has_up_to_three_thousand_numbers(numbers: int) -> None:
    listed = [f"N{number:04d}" for number in range(numbers)]
    World().when("declare_external_list", numbers=listed).then_recorded(
        "register.external_list_declared", numbers=listed
    )


def test_a_longer_list_is_refused_or_given_as_a_document() -> None:
    listed = [f"N{number:04d}" for number in range(3_001)]
    World().when("declare_external_list", numbers=listed).then_refused("bad_value", "numbers")
    document = "hmac:" + "0" * 64
    World().when("declare_external_list", numbers=document).then_recorded(
        "register.external_list_declared", numbers=document
    )
    World().when("declare_external_list", numbers="N0001").then_refused("wrong_type", "numbers")


@pytest.mark.parametrize(
    ("verb", "changes", "code", "field"),
    [
        ("declare_unit", {"kind": "club"}, "bad_value", "kind"),
        ("declare_staff", {"roles": ["king"]}, "bad_value", "roles.0"),
        ("declare_staff", {"unit": ...}, "missing_field", "unit"),
        ("declare_calendar", {"year": "2025"}, "wrong_type", "year"),
        ("declare_calendar", {"holidays": ["2025-02-29"]}, "bad_value", "holidays.0"),
        ("declare_calendar", {"holidays": ["2025-1-1"]}, "bad_value", "holidays.0"),
        ("set_check_parameters", {"check": "ACC-003"}, "bad_value", "check"),
        ("set_check_parameters", {"parameters": {"a": {"b": 1}}}, "wrong_type", "parameters.a"),
        ("declare_channel_log", {"count": -1}, "bad_value", "count"),
        ("declare_cutover", {"on": "2025-07-01T00:00:00Z"}, "bad_value", "on"),
    ],
)
def test_an_entry_outside_the_contract_is_refused_with_its_field(
    verb: str, changes: Any, code: str, field: str
) -> None:
    World().when(verb, **changes).then_refused(code, field)


@pytest.mark.parametrize("kind", ["history", "live"])
def test_an_import_is_opened_by_the_ledger_once_per_file(kind: str) -> None:
    world = World()
    for _ in range(2):
        world.ledger.open_import(
            "ab" * 32, "sha256:" + "ab" * 32, 120, kind, "typist", approved_by="S-009", reason="move"
        )
        world.pass_time(minutes=1)
    (event,) = world.events
    assert event["type"] == "petition.register.import_opened.v1"
    assert event["subject"] == "ledger"
    assert event["actorid"] == "system"
    assert event["data"] == {
        "file": "sha256:" + "ab" * 32,
        "bytes": 120,
        "kind": kind,
        "operator": "typist",
        "approved_by": "S-009",
        "reason": "move",
    }


@pytest.mark.parametrize(("first", "second"), [("live", "history"), ("history", "live")])
def test_a_file_that_comes_again_as_another_kind_is_opened_as_that_kind_too(first: str, second: str) -> None:
    """Else a try as live work, all rejected, would hide that the file came in as history, and who approved it."""
    world = World()
    for kind in (first, second, first, second):
        world.ledger.open_import("ab" * 32, "sha256:" + "ab" * 32, 120, kind, "typist", approved_by="S-009")
        world.pass_time(minutes=1)
    assert [event["data"]["kind"] for event in world.events] == [first, second]


def test_nobody_else_opens_an_import() -> None:
    line = {"action": "open_import", "action_id": "x", "at": "2025-03-04T10:20:00+08:00", "by": {"staff": "system"}}
    error = World().send({**line, "file": "sha256:" + "ab" * 32, "bytes": 1, "kind": "live", "operator": "me"}).error
    assert error is not None
    assert (error.code, error.field) == ("reserved", "action")


def test_nobody_else_rotates_the_logs_key_and_the_ledger_does_so_under_its_own_subject() -> None:
    line = {"action": "rotate_log_key", "action_id": "x", "at": "2025-03-04T10:20:00+08:00", "by": {"staff": "system"}}
    action = {**line, "old": "a+1+k", "new": "a+2+k", "from_size": 7}
    world = World()
    error = world.send(action).error
    assert error is not None
    assert (error.code, error.field) == ("reserved", "action")
    (answer,) = world.ledger.record([Submission(action)], system=True)
    assert answer.error is None
    (event,) = world.events
    assert (event["type"], event["subject"]) == ("petition.ledger.key_rotated.v1", "ledger")
    assert event["data"] == {"old": "a+1+k", "new": "a+2+k", "from_size": 7}


def test_an_act_under_an_imports_id_does_not_stand_for_its_opening() -> None:
    world = given(step("receive_petition", action_id="import/" + "ab" * 32))
    with pytest.raises(Conflict):
        world.ledger.open_import("ab" * 32, "sha256:" + "ab" * 32, 1, "live", "typist")
    assert len(world.events) == 1


def test_the_reason_of_an_import_carries_no_personal_data() -> None:
    with pytest.raises(Exception, match="personal data"):
        World().ledger.open_import("ab" * 32, "sha256:" + "ab" * 32, 1, "live", "typist", reason="ask 13800138000")


@pytest.mark.parametrize(
    ("subject", "name"),
    [("XF500229-2025-000001", "Case"), ("JZ500229-2025-0001", "Grant"), ("fund:ref:F", "Fund"), ("unit:XF", "Entry")],
)
def test_the_form_of_a_subject_says_what_it_is(subject: str, name: str) -> None:
    assert state_class(subject).__name__ == name
