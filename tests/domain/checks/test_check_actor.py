"""XF-INT-002: actors that the register knows, and units that fell silent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import CASE, DOCUMENT, FUND, GRANT, History

CHECK = "XF-INT-002"
END = "2025-12-31"


class Staffed(History):
    """An office whose staff is declared: S-7, handler of MZJ from February to September."""

    def __init__(self) -> None:
        super().__init__()
        self.staff("S-7", "MZJ", ["handler"], "2025-02-01", "2025-09-30")

    def staff(self, name: str, unit: str, roles: list[str], from_on: str, until_on: str | None = None) -> None:
        self.add(
            "register.staff_declared", "2025-01-01", subject=f"staff:{name}", by=("system", None, None), staff=name,
            name="Official", unit=unit, roles=roles, active_from_on=from_on, active_until_on=until_on,
        )  # fmt: skip

    def acted(self, day: str, staff: str | None = "S-7", unit: str | None = "MZJ", role: str | None = "handler",
              name: str = "case.facts_heard", **data: Any) -> Staffed:  # fmt: skip
        self.add(name, day, by=(staff, unit, role), **data)
        return self


def said(history: History, day: str = END) -> list[tuple[str, str]]:
    return [(one.item, one.result) for one in history.findings(CHECK, day) if one.reason == "a_actor"]


@pytest.mark.parametrize(
    ("day", "item"),
    [
        ("2025-02-01", None),
        ("2025-01-31", "staff_inactive/S-7"),
        ("2025-09-30", None),
        ("2025-10-01", "staff_inactive/S-7"),
    ],
)
def test_a_staff_member_acts_within_the_days_of_service(day: str, item: str | None) -> None:
    assert said(Staffed().acted(day)) == ([(item, "hit")] if item else [])


def test_an_unknown_staff_member_a_missing_role_and_an_unknown_unit_are_certain() -> None:
    for history, item in (
        (Staffed().acted("2025-03-03", staff="S-8"), "staff_unknown/S-8"),
        (Staffed().acted("2025-03-03", role="head"), "role/S-7/head"),
        (Staffed().acted("2025-03-03", unit="NEW"), "unit_unknown/NEW"),
    ):
        (finding,) = history.findings(CHECK, END)
        assert (finding.subject, finding.item, finding.severity, finding.certainty) == (CASE, item, "medium", "certain")


def test_a_unit_that_begins_later_is_not_there_yet() -> None:
    for day, wanted in (("2025-03-31", [("unit_inactive/NEW", "hit")]), ("2025-04-01", [])):
        history = Staffed()
        history.unit("NEW", "responsible", ["GOV"], "2025-04-01")
        assert said(history.acted(day, unit="NEW")) == wanted


def test_a_register_entry_that_came_after_the_act_counts() -> None:
    history = Staffed().acted("2025-03-03", staff="S-8")
    history.staff("S-8", "MZJ", ["handler"], "2025-01-01")
    assert said(history) == []


def test_a_renewed_declaration_gives_the_role_of_its_day() -> None:
    history = Staffed()
    history.staff("S-7", "MZJ", ["head"], "2025-06-01")
    assert said(history.acted("2025-05-31", role="handler").acted("2025-06-02", role="head")) == []
    assert said(history.acted("2025-06-03", role="handler")) == [("role/S-7/handler", "hit")]


def test_the_system_and_the_funds_echo_are_nobody_and_many_acts_are_one_finding() -> None:
    history = Staffed()
    history.acted("2025-03-03", staff="system", unit=None, role=None)
    history.add(
        "fund.paid", "2025-03-03", subject=FUND, by=("S-9", "XF", "cashier"), grant=GRANT, payment="ref:p", amount_fen=1
    )
    assert said(history) == []
    history.acted("2025-03-03", staff="S-8").acted("2025-03-04", staff="S-8")
    (finding,) = history.findings(CHECK, END)
    assert (finding.facts["acts"], len(finding.event_ids)) == (2, 2)


def test_the_addressee_of_a_handoff_and_whoever_approves_or_signs_are_looked_at() -> None:
    history = Staffed()
    history.handed("2025-03-05", "NEW", by=("S-7", "MZJ", "handler"))
    history.acted("2025-03-05", name="case.extension_approved", days=5, approved_by="S-8", approver_role="head")
    history.acted("2025-03-05", name="case.opinion_issued", document=DOCUMENT, signed_by="S-9")
    history.acted("2025-03-05", name="case.handler_assigned", handler="S-6")
    assert [item for item, _ in said(history)] == [
        "staff_unknown/S-6", "staff_unknown/S-8", "staff_unknown/S-9", "unit_unknown/NEW",
    ]  # fmt: skip


def test_without_registers_or_actors_it_cannot_be_told() -> None:
    bare = History(units=False)
    bare.add("case.facts_heard", "2025-03-03", by=("S-7", "MZJ", "handler"))
    assert said(bare) == [("no_staff", "cannot_tell"), ("no_units", "cannot_tell")]
    unnamed = Staffed().acted("2025-03-03", staff=None, imported="sha256:old")
    assert said(unnamed) == [("no_actor", "cannot_tell")]


def open_cases(history: History, unit: str, count: int, series: int) -> None:
    for index in range(count):
        subject = f"XF500229-2025-{series * 100 + index:06d}"
        history.received("2025-06-02", subject=subject)
        history.add("case.accepted", "2025-06-03", subject=subject, by=("S-1", unit, "handler"))


def silent(count: int = 10, peers: tuple[str, ...] = ("JSW", "RSJ", "XZ1"), day: str = "2025-08-01") -> History:
    """MZJ holds open cases; its peers record what they heard."""
    history = History()
    open_cases(history, "MZJ", count, 1)
    for series, unit in enumerate(peers, start=2):
        open_cases(history, unit, 1, series)
        subject = f"XF500229-2025-{series * 100:06d}"
        history.add("case.facts_heard", day, subject=subject, by=("S-1", unit, "handler"))
    return history


def fell_silent(history: History, day: str = "2025-08-30", **changes: Any) -> list[tuple[str, str, str]]:
    found = history.findings(CHECK, day, **changes)
    return [(one.subject, one.item, one.certainty) for one in found if one.reason == "b_silent"]


FELL = [("unit:MZJ", "case.facts_heard", "suspect")]


def test_a_unit_with_ten_open_cases_silent_in_what_three_peers_record_is_suspect() -> None:
    assert fell_silent(silent()) == FELL
    assert fell_silent(silent(9)) == []
    assert fell_silent(silent(peers=("JSW", "RSJ"))) == []
    assert fell_silent(silent(peers=("JSW", "RSJ", "XZ"))) == []  # a township is of another kind


@pytest.mark.parametrize(("heard", "asked", "hits"), [("2025-06-04", "2025-09-02", 0), ("2025-06-04", "2025-09-03", 1)])
def test_ninety_days_of_silence_count_from_the_units_own_last_act(heard: str, asked: str, hits: int) -> None:
    history = silent()
    history.add("case.facts_heard", heard, subject="XF500229-2025-000100", by=("S-1", "MZJ", "handler"))
    assert fell_silent(history, asked) == FELL * hits


def test_peers_that_recorded_it_long_ago_set_no_example_and_closed_cases_are_not_held() -> None:
    assert fell_silent(silent(day="2025-06-04"), "2025-09-03") == []
    history = silent()
    history.add(
        "case.closed", "2025-08-01", subject="XF500229-2025-000100", by=("S-1", "MZJ", "clerk"), ground="mediated"
    )
    assert "case.facts_heard" not in {item for _, item, _ in fell_silent(history)}


@pytest.mark.parametrize(("usual", "hits"), [(10, 1), (9, 0)])
def test_an_act_too_rare_to_be_expected_of_the_unit_is_not_missed(usual: int, hits: int) -> None:
    """Peers work on 33 or 34 cases; with 10 open cases and 10 acts among 33, three are just to be expected."""
    history = silent(peers=())
    for series, unit in enumerate(("JSW", "RSJ", "XZ1"), start=2):
        open_cases(history, unit, 11, series)
        for index in range(3 if series > 2 else usual - 6):
            subject = f"XF500229-2025-{series * 100 + index:06d}"
            history.add("case.facts_heard", "2025-08-01", subject=subject, by=("S-1", unit, "handler"))
    assert fell_silent(history) == FELL * hits


def test_days_and_numbers_of_silence_are_parameters() -> None:
    rare = silent()
    open_cases(rare, "JSW", 8, 5)
    assert fell_silent(rare) == []
    assert fell_silent(rare, parameters={CHECK: {"b_expected": 2}}) == FELL
    assert fell_silent(silent(9), parameters={CHECK: {"b_min_n": 9}}) == FELL
    assert fell_silent(silent(day="2025-06-04"), "2025-09-03", parameters={CHECK: {"b_days": 91}}) == FELL
