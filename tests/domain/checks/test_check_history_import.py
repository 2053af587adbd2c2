"""XF-INT-005: history is old, and approved by a head who did not import it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import CASE, History

CHECK = "XF-INT-005"
END = "2025-12-31"
FILE = "sha256:old"
IMPORT = "old"


def opened(
    approver: str | None = "S-H",
    kind: str = "history",
    recorder: str | None = "S-R",
    cutover: str | None = "2025-06-01",
) -> History:
    """A file imported on June 2; S-H is head until October, S-C a clerk."""
    history = History()
    for staff, role, until in (("S-H", "head", "2025-09-30"), ("S-C", "clerk", None), ("S-L", "head", "2025-06-01")):
        history.add(
            "register.staff_declared", "2025-01-01", subject=f"staff:{staff}", by=("system", None, None), staff=staff,
            name="Official", unit="XF", roles=[role], active_from_on="2025-01-01", active_until_on=until,
        )  # fmt: skip
    if cutover is not None:
        history.add("register.cutover_declared", "2025-05-01", subject="ledger", by=("system", None, None), on=cutover)
    history.add(
        "register.import_opened", "2025-06-02", subject="ledger", by=("system", None, None), file=FILE, kind=kind, bytes=1,
        operator="u", recorder_staff=recorder, approved_by=approver,
    )  # fmt: skip
    return history


def said(history: History) -> list[tuple[str, str, str, str]]:
    return [(one.subject, one.reason, one.item, one.result) for one in history.findings(CHECK, END)]


HIT_B = [("ledger", "b_approver", IMPORT, "hit")]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"approver": None}, "absent"),
        ({"approver": "S-X"}, "undeclared"),
        ({"approver": "S-C"}, "not_head"),
        ({"approver": "S-L"}, "not_head"),
        ({"recorder": "S-H"}, "same"),
    ],
)
def test_history_is_approved_by_a_declared_head_of_that_day_who_did_not_import_it(
    changes: dict[str, Any], problem: str
) -> None:
    history = opened(**changes)
    assert said(history) == HIT_B
    (finding,) = history.findings(CHECK, END)
    assert (finding.facts["problem"], finding.severity, finding.certainty) == (problem, "high", "certain")


def test_an_approved_import_and_a_live_one_are_silent() -> None:
    assert said(opened()) == []
    assert said(opened(recorder=None)) == []
    assert said(opened(None, "live")) == []


@pytest.mark.parametrize(("day", "hits"), [("2025-05-31", 0), ("2025-06-01", 1)])
def test_history_ends_the_day_before_the_cutover(day: str, hits: int) -> None:
    history = opened()
    history.received(day, imported=FILE)
    assert said(history) == [("ledger", "a_after_cutover", IMPORT, "hit")] * hits
    if hits:
        (finding,) = history.findings(CHECK, END)
        assert (finding.related, finding.facts["acts"], finding.certainty) == ((CASE,), 1, "certain")


def test_midnight_of_the_cutover_is_counted_in_the_ledgers_zone() -> None:
    for moment, hits in (("2025-05-31T15:59:59+00:00", 0), ("2025-05-31T16:00:00+00:00", 1)):
        history = opened()
        history.add("case.received", moment, imported=FILE)
        assert len(said(history)) == hits


def test_live_work_after_the_cutover_and_live_imports_are_no_history() -> None:
    live = opened()
    live.received("2025-07-01")
    assert said(live) == []
    live_import = opened(kind="live")
    live_import.received("2025-07-01", imported=FILE)
    assert said(live_import) == []


def test_without_a_cutover_nobody_can_tell_what_is_history() -> None:
    assert said(opened(cutover=None)) == [("ledger", "a_after_cutover", IMPORT, "cannot_tell")]


def test_the_last_cutover_declared_counts_and_two_files_are_two_findings() -> None:
    history = opened()
    history.received("2025-06-01", imported=FILE)
    history.add("register.cutover_declared", "2025-05-02", subject="ledger", by=("system", None, None), on="2025-07-01")
    assert said(history) == []
    two = opened(None)
    two.add(
        "register.import_opened", "2025-06-03", subject="ledger", by=("system", None, None), file="sha256:two",
        kind="history", bytes=1, operator="u",
    )  # fmt: skip
    assert [item for _, _, item, _ in said(two)] == [IMPORT, "two"]


def test_an_import_that_was_opened_live_and_as_history_is_judged_as_history() -> None:
    for first, second in (("live", "history"), ("history", "live")):
        history = opened(kind=first)
        history.add(
            "register.import_opened", "2025-06-03", subject="ledger", by=("system", None, None), file=FILE, kind=second,
            bytes=1, operator="u", approved_by="S-H",
        )  # fmt: skip
        history.received("2025-07-01", imported=FILE)
        assert said(history) == [("ledger", "a_after_cutover", IMPORT, "hit")]
