"""The catalogue: every check is listed by hand, carries everything a reviewer asks for, and is documented."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from domain.checks import ALL_CHECKS
from domain.checks.base import CERTAINTIES, SEVERITIES, Basis, Check, Clause, Text, fingerprint
from domain.checks.catalogue import render
from domain.checks.known import KNOWN_TYPES

ROOT = Path(__file__).resolve().parents[3]

PUBLIC_PARAMETERS = {
    "XF-FND-007": {"min_n": 10, "a_percent": 30, "b_percent": 40},
    "XF-FND-003": {"b_days": 90},
    "XF-RTL-001": {"a_days": 365},
    "XF-COI-001": {"b_workdays": 5},
    "XF-EVL-001": {"min_n": 10, "percent": 50},
    "XF-ADV-001": {"days": 60},
    "XF-SUP-001": {"days": 15},
    "XF-URG-001": {"a_hours": 24},
    "XF-SUG-001": {"days": 60},
    "XF-CLO-002": {"a_days": 10, "b_days": 15},
    "XF-OPN-004": {"a_days": 15},
    "XF-OPN-002": {"b_days": 60},
    "XF-ACC-003": {"a_workdays": 3},
    "XF-ACC-006": {"a_workdays": 3},
    "XF-DDL-001": {"never_accepted_days": 75},
    "XF-CLS-006": {"days": 15},
    "XF-FND-009": {"days": 90},
    "XF-HND-001": {"workdays": 5},
    "XF-HND-002": {"b_workdays": 10},
    "XF-HND-009": {"workdays": 10},
    "XF-ACC-007": {"a_workdays": 1},
    "XF-CLS-001": {"a_workdays": 2},
    "XF-CLS-002": {"days": 10},
    "XF-CLS-003": {"b_days": 15},
    "XF-CLS-004": {"months": 2},
    "XF-CLS-005": {"b_min_n": 30},
    "XF-HND-004": {"a_workdays": 5},
    "XF-ACC-004": {"workdays": 2, "outside_workdays": 10, "min_n": 3},
    "XF-ACC-009": {"outside_workdays": 10},
    "XF-INT-006": {"days": 30},
    "XF-DDL-008": {"days": 30},
    "XF-ACC-008": {"min_n": 10, "percent": 20},
    "XF-DDL-007": {"min_n": 10, "percent": 40},
    "XF-INT-002": {"b_min_n": 10, "b_days": 90, "b_expected": 3},
    "XF-INT-004": {"percent": 20, "min_n": 10},
}
REASONS = {
    "XF-FND-008": ["a_unregistered", "b_open_route"],
    "XF-FND-007": ["a_near_limit", "b_december"],
    "XF-FND-003": ["a_above_cap", "b_sliced"],
    "XF-FND-002": ["a_twice", "b_account"],
    "XF-FLD-002": ["split"],
    "XF-FLD-001": ["a_unlike", "b_closed"],
    "XF-OPN-003": ["same_document"],
    "XF-RTL-001": ["a_by_accused", "b_groundless"],
    "XF-MSR-001": ["a_ground", "b_approval", "c_until", "d_statement"],
    "XF-CNF-003": ["not_restricted"],
    "XF-CNF-001": ["offered"],
    "XF-COI-002": ["a_members", "b_body"],
    "XF-COI-001": ["a_recused", "b_undecided"],
    "XF-EVL-002": ["unit", "office"],
    "XF-EVL-001": ["terminal"],
    "XF-ADV-001": ["no_answer"],
    "XF-SUP-002": ["a_no_answer", "b_no_act"],
    "XF-SUP-001": ["not_supervised"],
    "XF-URG-001": ["a_late", "b_addressees"],
    "XF-SUG-001": ["no_answer"],
    "XF-CLO-002": ["a_before_due", "b_after_act"],
    "XF-CLO-001": ["withdrawn", "mediated", "handed_to_procedure", "not_accepted", "review_final"],
    "XF-OPN-004": ["a_not_sent", "b_public_notice"],
    "XF-OPN-002": ["a_promise", "b_no_promise", "c_no_proof"],
    "XF-OPN-001": ["a_no_basis", "b_no_facts", "c_not_delivered"],
    "XF-ACC-001": ["not_handled"],
    "XF-ACC-002": ["no_notice"],
    "XF-ACC-003": ["a_usual", "b_office"],
    "XF-ACC-006": ["a_usual", "b_office"],
    "XF-CLS-006": ["unclassified"],
    "XF-DDL-001": ["overdue", "never_accepted"],
    "XF-DDL-002": ["a_too_long", "b_approver", "c_too_late", "d_second"],
    "XF-DDL-004": ["a_late", "b_never"],
    "XF-HND-001": ["not_received"],
    "XF-HND-002": ["a_late", "b_materials", "c_no_reasons"],
    "XF-HND-003": ["a_returning", "b_many_holders", "c_undecided"],
    "XF-HND-006": ["no_feedback"],
    "XF-HND-009": ["undecided"],
    "XF-FND-001": ["duties", "bookkeeper", "units"],
    "XF-FND-004": ["a_unapproved", "b_more", "c_unexamined", "d_role", "e_no_meeting", "f_quorum"],
    "XF-FND-005": ["a_payee", "b_cash"],
    "XF-FND-009": ["not_recovered"],
    "XF-FND-010": ["not_noticed"],
    "XF-FND-011": ["missing_paper"],
    "XF-FND-006": ["a_overspent", "b_no_receipt", "c_amount"],
    "XF-INT-001": ["sequence", "numbers", "recordedtime", "leaf", "short"],
    "XF-ACC-007": ["a_receipt", "b_worked"],
    "XF-ACC-011": ["b_delivered"],
    "XF-CLS-001": ["a_handed", "b_opinion"],
    "XF-CLS-002": ["left_the_clock"],
    "XF-CLS-003": ["a_unnamed", "b_untold"],
    "XF-CLS-004": ["nothing_done"],
    "XF-CLS-005": ["a_complained", "b_share"],
    "XF-DDL-003": ["not_inquired"],
    "XF-HND-004": ["a_nobody", "b_two_at_once"],
    "XF-HND-005": ["a_no_day", "b_silent_unit", "c_kinds"],
    "XF-HND-007": ["never_received"],
    "XF-HND-008": ["a_second", "b_reset", "c_past_due"],
    "XF-ACC-004": ["entered_late"],
    "XF-ACC-009": ["entered_late"],
    "XF-DDL-005": ["a_made_timely", "b_own_approval"],
    "XF-INT-003": ["a_money_or_secrecy", "b_other"],
    "XF-INT-006": ["unconfirmed"],
    "XF-ACC-005": ["refused", "objected"],
    "XF-ACC-010": ["same_matter", "re_reviewed", "other_procedure"],
    "XF-DDL-008": ["reopened", "came_again"],
    "XF-DDL-009": ["review", "re_review"],
    "XF-ACC-008": ["without_evidence"],
    "XF-DDL-007": ["bunched"],
    "XF-REC-001": ["absent_here", "absent_there", "channel_log"],
    "XF-INT-002": ["a_actor", "b_silent"],
    "XF-INT-004": ["cannot_tell"],
    "XF-INT-005": ["a_after_cutover", "b_approver"],
}


def check_classes_in_the_folder() -> set[str]:
    found = set()
    for path in (ROOT / "domain" / "checks").glob("*.py"):
        module = importlib.import_module(f"domain.checks.{path.stem}") if path.stem != "__init__" else None
        for name, value in vars(module).items() if module else ():
            if inspect.isclass(value) and issubclass(value, Check) and not inspect.isabstract(value):
                found.add(name)
    return found


def test_every_check_class_of_the_folder_is_listed_once() -> None:
    assert sorted(type(check).__name__ for check in ALL_CHECKS) == sorted(check_classes_in_the_folder())


def test_ids_reasons_and_parameter_names_are_public_and_permanent() -> None:
    assert {check.id: [clause.reason for clause in check.clauses] for check in ALL_CHECKS} == REASONS
    given = {check.id: {one.name: one.default for one in check.parameters} for check in ALL_CHECKS if check.parameters}
    assert given == PUBLIC_PARAMETERS


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.id)
def test_every_check_carries_what_a_reviewer_asks_for_in_both_languages(check: Check) -> None:
    assert re.fullmatch(r"XF-[A-Z]{3}-\d{3}", check.id)
    assert check.version >= 1
    assert check.basis
    assert check.clauses
    assert check.kinds
    assert check.audience in ("office", "superior", "discipline")
    assert check.stage in ("shadow", "trial", "in_force", "retired")
    texts = [check.title, check.risk, check.verify, check.remedy, check.false_positives, check.blind_spots]
    texts += [one.article for one in check.basis if isinstance(one, Basis)]
    texts += [one.says for one in check.clauses if isinstance(one, Clause)]
    texts += [one.source for one in check.parameters]
    for text in texts:
        assert isinstance(text, Text)
        assert re.search(r"[\u4e00-\u9fff]", text.zh)
        assert re.search(r"[A-Za-z]", text.en)
        assert not re.search(r"[\u4e00-\u9fff]", text.en)
    for clause in check.clauses:
        assert clause.severity in SEVERITIES
        assert clause.certainty in CERTAINTIES


def test_the_document_equals_the_code() -> None:
    assert (ROOT / "docs" / "checks.md").read_text(encoding="utf-8") == render()


def test_a_fingerprint_keeps_its_parts_apart() -> None:
    assert fingerprint("XF-HND-006", "XF1", "no_feedback", "ref:a/b") == "XF-HND-006|XF1|no_feedback|ref:a/b"
    assert fingerprint("c", "a|b", "r", "") != fingerprint("c", "a", "b|r", "")


def test_no_check_reads_a_clock_an_environment_or_a_file() -> None:
    for path in (ROOT / "domain" / "checks").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not imported & {"os", "sys", "time", "random", "logging", "pathlib"}
        assert not called & {"now", "today_utc", "utcnow", "environ"}


def test_every_known_type_has_the_public_form() -> None:
    assert all(re.fullmatch(r"petition\.(case|grant|fund)\.[a-z_]+\.v1", name) for name in KNOWN_TYPES)
