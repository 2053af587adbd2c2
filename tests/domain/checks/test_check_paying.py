"""XF-FND-005, 010 and 011: the right payee, no cash, after the notice, on complete papers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import DOCUMENT
from tests.support.money import RULES, Money

PAYEE = "XF-FND-005"
NOTICE = "XF-FND-010"
PAPERS = "XF-FND-011"
STRICT = {**RULES, "cash_allowed": False, "notice_days": 5, "attachments": ["application", "identity"]}


def grant(rules: dict[str, Any] | None = None, **applied: Any) -> Money:
    money = Money(rules=STRICT if rules is None else rules)
    money.applied(
        **{"beneficiary_ref": "P-1", "attachments": {"application": DOCUMENT, "identity": DOCUMENT}, **applied}
    )
    return money


def paid(money: Money, day: str = "2025-03-20", **data: Any) -> Money:
    money.paid(day, **{"payee_ref": "P-1", "method": "bank_transfer", **data})
    return money


def test_payment_to_the_beneficiary_or_with_authority_is_silent_and_to_another_is_probable() -> None:
    assert paid(grant()).said(PAYEE) == []
    assert paid(grant(), payee_ref="P-2", payee_authority=DOCUMENT).said(PAYEE) == []
    (finding,) = paid(grant(), payee_ref="P-2").findings(PAYEE, "2025-12-31")
    assert (finding.reason, finding.certainty, finding.item) == ("a_payee", "probable", "ref:p1")
    assert "P-2" not in str(finding.to_json())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"payee_ref": None}, [("a_payee", "ref:p1", "cannot_tell")]),
        ({"payee_ref": "P-2", "imported": "sha256:old"}, [("a_payee", "ref:p1", "cannot_tell")]),
        ({"method": None}, [("b_cash", "ref:p1", "cannot_tell")]),
        ({"method": "cash", "imported": "sha256:old"}, [("b_cash", "ref:p1", "cannot_tell")]),
        ({"method": "cash"}, [("b_cash", "ref:p1", "hit")]),
        ({"method": "cash", "cash_exception": {"reason": "no bank", "approved_by": "S-9"}}, []),
        ({"method": "subsidy_card"}, []),
    ],
)
def test_cash_needs_a_rule_or_an_exception_and_unknown_facts_cannot_be_told(
    data: dict[str, Any], expected: list[Any]
) -> None:
    assert paid(grant(), **data).said(PAYEE) == expected


def test_cash_is_silent_where_the_rules_allow_it_or_say_nothing() -> None:
    for rules in ({**STRICT, "cash_allowed": True}, RULES):
        assert paid(grant(rules), method="cash").said(PAYEE) == []


def test_unknown_rules_cannot_be_told_in_any_of_the_three() -> None:
    money = paid(grant(fund="fund:ref:other"))
    money.examined()
    assert money.said(PAYEE) == [("b_cash", "ref:p1", "cannot_tell")]
    assert money.said(NOTICE) == [("not_noticed", "", "cannot_tell")]
    assert money.said(PAPERS) == [("missing_paper", "", "cannot_tell")]


def noticed(from_on: str = "2025-03-10", until_on: str = "2025-03-14", rules: dict[str, Any] | None = None) -> Money:
    money = grant(rules)
    money.step("notice_published", "2025-03-10", "S-2", from_on=from_on, until_on=until_on, place="village hall")
    return money


def test_payment_on_the_last_day_of_the_notice_is_too_early_and_a_day_later_is_not() -> None:
    (finding,) = paid(noticed(), "2025-03-14").findings(NOTICE, "2025-12-31")
    assert (finding.reason, finding.severity, finding.certainty) == ("not_noticed", "medium", "certain")
    assert str(finding.facts["notice_until_on"]) == "2025-03-14"
    assert paid(noticed(), "2025-03-15").said(NOTICE) == []


def test_a_notice_shorter_than_the_rules_counts_for_the_days_that_they_ask() -> None:
    for day, hits in (("2025-03-14", 1), ("2025-03-15", 0)):
        assert len(paid(noticed(until_on="2025-03-12"), day).said(NOTICE)) == hits


def test_without_a_notice_only_rules_that_ask_for_one_are_broken() -> None:
    assert paid(grant()).said(NOTICE) == [("not_noticed", "ref:p1", "hit")]
    assert paid(grant(RULES)).said(NOTICE) == []
    assert grant().said(NOTICE) == []


def test_a_notice_whose_days_are_unknown_cannot_be_told() -> None:
    money = grant()
    money.step("notice_published", "2025-03-10", "S-2", place="village hall")
    assert paid(money).said(NOTICE) == [("not_noticed", "", "cannot_tell")]


def test_one_paper_short_at_examination_is_found_and_all_papers_are_not() -> None:
    complete = grant()
    complete.examined()
    assert complete.said(PAPERS) == []
    short = grant(attachments={"application": DOCUMENT})
    assert short.said(PAPERS) == []
    short.examined()
    (finding,) = short.findings(PAPERS, "2025-12-31")
    assert (finding.reason, finding.facts["missing_papers"]) == ("missing_paper", ["identity"])


def test_papers_unknown_in_imported_history_cannot_be_told_and_without_a_rule_nothing_is_asked() -> None:
    imported = Money(rules=STRICT)
    imported.step("applied", "2025-03-03", "S-1", fund="fund:ref:F2025", amount_fen=1, imported="sha256:old")
    imported.examined()
    assert imported.said(PAPERS) == [("missing_paper", "", "cannot_tell")]
    free = grant(RULES, attachments=None)
    free.examined()
    assert free.said(PAPERS) == []
