"""XF-INT-003 and XF-INT-006: guards passed over, and approvals that their owner never confirmed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import CASE, DOCUMENT, FUND, GRANT, History
from tests.support.money import Money

OVERRIDE = "XF-INT-003"
CONFIRMED = "XF-INT-006"
END = "2025-12-31"


def passed_over(*guards: str, imported: str | None = None) -> Money:
    money = Money()
    override = {"guards": list(guards), "reason": "urgent", "approved_by": "S-9"}
    money.paid(override=override, imported=imported) if imported else money.paid(override=override)
    return money


def said(history: History, check: str, day: str = END, **changes: Any) -> list[tuple[str, str, str]]:
    return [(one.subject, one.reason, one.certainty) for one in history.findings(check, day, **changes)]


@pytest.mark.parametrize("guard", ["duties", "approval", "funds", "cap", "once", "leak"])
def test_an_override_over_money_or_secrecy_is_grave(guard: str) -> None:
    assert said(passed_over(guard), OVERRIDE) == [(GRANT, "a_money_or_secrecy", "certain")]


def test_recusal_alone_is_the_lesser_clause_and_beside_money_the_graver_one() -> None:
    assert said(passed_over("recused"), OVERRIDE) == [(GRANT, "b_other", "certain")]
    assert said(passed_over("recused", "cap"), OVERRIDE) == [(GRANT, "a_money_or_secrecy", "certain")]


def test_an_act_without_an_override_is_silent_and_an_imported_one_is_told() -> None:
    money = Money()
    money.paid()
    assert said(money, OVERRIDE) == []
    assert said(passed_over("cap", imported="sha256:old"), OVERRIDE) == [(GRANT, "a_money_or_secrecy", "certain")]


def test_one_action_is_one_finding_on_each_subject_and_the_funds_echo_is_left_out() -> None:
    history = History()
    override = {"guards": ["leak"], "reason": "x", "approved_by": "S-9"}
    for unit in ("MZJ", "JSW"):
        history.handed("2025-03-05", unit, override=override)
        history.events[-1]["actionid"] = "one"
    history.add("fund.paid", "2025-03-05", subject=FUND, grant=GRANT, payment="ref:p", amount_fen=1, override=override)
    history.add("fund.budgeted", "2025-03-05", subject=FUND, amount_fen=1, override=override)
    assert said(history, OVERRIDE) == [
        (CASE, "a_money_or_secrecy", "certain"), (FUND, "a_money_or_secrecy", "certain"),
    ]  # fmt: skip


def signed(by: str = "S-100", **changes: Any) -> tuple[History, str]:
    """An opinion entered on March 10 by one and signed by another."""
    history = History()
    history.received("2025-03-03")
    event_id = history.add(
        "case.opinion_issued", "2025-03-10", by=(by, "MZJ", "handler"), document=DOCUMENT, result="supported",
        legal_basis=["x"], signed_by="S-109", **changes,
    )  # fmt: skip
    return history, event_id


def test_a_signature_entered_by_somebody_else_waits_thirty_days_for_its_owner() -> None:
    history, _ = signed()
    assert said(history, CONFIRMED, "2025-04-09") == []
    assert said(history, CONFIRMED, "2025-04-10") == [(CASE, "unconfirmed", "suspect")]
    (finding,) = history.findings(CONFIRMED, END)
    assert (finding.item, finding.open, finding.facts["owner"]) == ("2/signed_by", True, "S-109")


@pytest.mark.parametrize(("day", "hits"), [("2025-04-09", 0), ("2025-04-10", 1)])
def test_the_owners_confirmation_counts_until_the_thirtieth_day(day: str, hits: int) -> None:
    history, event_id = signed()
    history.add("case.approval_confirmed", day, by=("S-109", "MZJ", "head"), event_id=event_id)
    assert len(said(history, CONFIRMED)) == hits


def test_a_confirmation_by_another_or_of_another_event_confirms_nothing() -> None:
    history, event_id = signed()
    history.add("case.approval_confirmed", "2025-03-11", by=("S-100", "MZJ", "head"), event_id=event_id)
    history.add("case.approval_confirmed", "2025-03-11", by=("S-109", "MZJ", "head"), event_id="another")
    assert len(said(history, CONFIRMED)) == 1


def test_the_own_signature_and_imported_history_are_silent_and_a_live_import_is_not() -> None:
    assert said(signed(by="S-109")[0], CONFIRMED) == []
    assert said(signed(imported="sha256:old")[0], CONFIRMED) == []
    live, _ = signed(imported="sha256:new")
    live.add(
        "register.import_opened", "2025-03-10", subject="ledger", by=("system", None, None), file="sha256:new",
        kind="live", bytes=1, operator="u",
    )  # fmt: skip
    assert len(said(live, CONFIRMED)) == 1


def test_all_four_places_where_somebody_is_named_are_looked_at_and_one_name_once() -> None:
    money = Money()
    money.paid(
        override={"guards": ["cap"], "reason": "x", "approved_by": "S-8"},
        cash_exception={"reason": "x", "approved_by": "S-9"},
    )
    money.step("receipt_excused", "2025-03-12", "S-4", payment="ref:p1", ground="x", approved_by="S-9")
    assert [(one.facts["field"], one.facts["owner"]) for one in money.findings(CONFIRMED, END)] == [
        ("cash_exception.approved_by", "S-9"), ("override.approved_by", "S-8"), ("approved_by", "S-9"),
    ]  # fmt: skip


def test_the_thirty_days_are_a_parameter() -> None:
    history, event_id = signed()
    history.add("case.approval_confirmed", "2025-04-10", by=("S-109", "MZJ", "head"), event_id=event_id)
    assert said(history, CONFIRMED, parameters={CONFIRMED: {"days": 31}}) == []
