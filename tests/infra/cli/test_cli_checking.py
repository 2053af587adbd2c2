"""`check` beyond the list: why, what another parameter would change, for whom, since when, and papers for a reviewer."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest

from domain.checks import ALL_CHECKS
from domain.checks.base import Check, Verdict
from domain.checks.context import Context
from domain.checks.facts import Facts
from tests.support.command_line import CASE, Office
from tests.support.office import AT, act, line, receive

LATE = ("--as-of", "2025-04-30")


def test_a_check_explains_step_by_step_why_it_hits_and_why_not(told: Office) -> None:
    hit = told("check", "--explain", "XF-HND-006", CASE, *LATE)
    assert (hit.code, hit.out.splitlines()[-1]) == (1, "result: hit")
    assert "asked for 2025-04-30" in hit.out
    calm = told("check", "--explain", "XF-HND-006", "ref:A17", "--as-of", "2025-04-18", "--json")
    assert (calm.code, calm.answer["result"], calm.answer["findings"]) == (0, "no_hit", [])
    assert all(step["zh"] and step["en"] for step in calm.answer["steps"])


def test_an_explanation_is_told_in_chinese_too(told: Office) -> None:
    outcome = told("check", "--explain", "XF-ACC-003", CASE, *LATE, "--lang", "zh")
    assert "依据：《信访工作条例》" in outcome.out
    assert "参数 XF-ACC-003.a_workdays = 3" in outcome.out


def test_another_parameter_shows_which_findings_it_adds_and_takes_away(told: Office) -> None:
    words = ("check", "XF-HND-001", "XF-ACC-003", *LATE, "--json")
    change = told(*words, "--set", "XF-ACC-003.a_workdays=0", "--compare").answer
    assert {one["check"] for one in change["added"]} <= {"XF-ACC-003"}
    assert change["taken_away"] == []
    assert change["after"]["head"]["parameters"]["XF-ACC-003"] == {"a_workdays": 0, "version": "caller"}
    assert change["before"]["head"]["parameters"]["XF-ACC-003"]["version"] == "default"


@pytest.mark.parametrize(
    "words",
    [
        ("--set", "XF-ACC-003"), ("--set", "XF-ACC-003.a_workdays=many"), ("--set", "XF-ACC-003.unheard_of=1"),
        ("--set", "XF-XXX-999.a=1"), ("--compare",), ("--kept", "--as-of", "2025-01-01"), ("--since", "soon"),
        ("--audience", "everybody"), ("--explain", "XF-XXX-999", CASE),
    ],
)  # fmt: skip
def test_a_word_that_cannot_be_meant_is_usage(told: Office, words: tuple[str, ...]) -> None:
    outcome = told("check", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err


def test_findings_are_chosen_by_unit_since_and_audience(told: Office) -> None:
    words = ("check", "XF-HND-006", *LATE, "--json")
    assert [row["facts"]["unit"] for row in told(*words, "--unit", "MZJ").rows[1:]] == ["MZJ"]
    assert told(*words, "--unit", "JSW").code == 0
    assert len(told(*words, "--since", "2030-01-01").rows) == 2, "what is still open is always told"
    assert len(told(*words, "--audience", "office").rows) == 2


class Raising(Check):
    """A check that cannot cope."""

    id = "XF-TST-001"
    title, basis, clauses = ALL_CHECKS[0].title, ALL_CHECKS[0].basis, ALL_CHECKS[0].clauses
    kinds = ("case",)

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        raise RuntimeError(f"nothing known of {facts.subject}")


@pytest.mark.parametrize("words", [(), ("--kept",), ("--csv",), ("--json",)])
def test_a_check_that_raises_is_told_with_its_group_and_the_exit_code_says_so(
    told: Office, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    calm = told("check", "XF-INT-001", *words)
    monkeypatch.setattr("domain.checks.ALL_CHECKS", (*ALL_CHECKS, Raising()))
    failed = told("check", "XF-INT-001", "XF-TST-001", *words)
    assert (calm.code, failed.code) == (0, 3)
    told_where = failed.out if "--json" in words else failed.err
    assert "XF-TST-001" in told_where
    assert CASE in told_where


def test_what_is_for_the_discipline_office_is_kept_from_the_office_on_every_way(told: Office) -> None:
    refused = told("check", "--explain", "XF-CLS-001", CASE, "--audience", "office")
    assert (refused.code, refused.out) == (2, "")
    assert told("check", "--explain", "XF-CLS-001", CASE, "--audience", "discipline").code == 0
    told.take([act("rate", "e1", case="ref:A17", side="office", grade="satisfied", entered_via="sms")])
    assert [row["audience"] for row in told("check", "XF-EVL-002", "--json").rows[1:]] == ["discipline"]
    assert told("check", "XF-EVL-002", "--audience", "office", "--json").rows[1:] == []


def test_a_comparison_tells_only_what_was_asked_for(told: Office) -> None:
    told.take([receive("ref:N1", "n1"), receive("ref:N2", "n2")])
    next_day = (date.fromisoformat(AT[:10]) + timedelta(days=1)).isoformat()
    words = ("check", "XF-ACC-006", "--as-of", next_day, "--set", "XF-ACC-006.a_workdays=0", "--compare", "--json")
    unregistered = ["XF500229-2025-000002", "XF500229-2025-000003"]
    assert [one["subject"] for one in told(*words).answer["added"]] == unregistered
    only = told(*words, "--subject", unregistered[0]).answer["added"]
    assert [one["subject"] for one in only] == unregistered[:1]
    assert told(*words, "--unit", "NOBODY").answer["added"] == []


def test_the_table_by_unit_and_severity_stands_above_the_findings(told: Office) -> None:
    outcome = told("check", "XF-HND-006", *LATE)
    assert outcome.out.index("by unit and severity") < outcome.out.index("The record shows")


def test_kept_findings_are_those_of_a_full_run_and_only_changes_are_judged(told: Office) -> None:
    first = told("check", "--kept", "--json")
    assert "all of them" in first.err
    assert first.out == told("check", "--json").out
    again = told("check", "--kept", "--json")
    assert "only what changed" in again.err
    assert again.out == first.out
    assert told("check", "XF-HND-006", "--kept", "--json").out == told("check", "XF-HND-006", "--json").out


def test_kept_findings_follow_every_catch_up_of_the_views_and_every_import(told: Office, tmp_path: Path) -> None:
    assert "kept findings" not in told("list", "cases").err, "where none are kept, none are made"
    assert not (told.data / "findings.db").exists()
    told("check", "--kept")
    assert "kept findings" not in told("list", "cases").err, "nothing came"
    taken = told.act(receive("ref:N1", "n1"), "--wait")
    assert (taken.code, "the kept findings followed: 1 matters" in taken.err) == (0, True)
    quick = told.act(receive("ref:N2", "n2"))
    assert (quick.code, "kept findings" in quick.err) == (0, False), "recording waits for no check"
    assert "the kept findings followed: 1 matters" in told("list", "cases").err
    more = tmp_path / "more.jsonl"
    more.write_bytes(line(receive("ref:N3", "n3")))
    assert "the kept findings followed: 1 matters" in told("import", str(more)).err
    done = told("check", "--kept", "--json")
    assert "0 matters" in done.err
    assert done.out == told("check", "--json").out


def test_kept_findings_that_cannot_follow_are_told_and_stop_nothing(told: Office) -> None:
    told("check", "--kept")
    with closing(sqlite3.connect(told.data / "findings.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        taken = told("act", "--wait", stdin=line(receive("ref:N1", "n1")), CASELEDGER_LOCK_TIMEOUT_S="0")
    assert taken.code == 0
    assert "the kept findings did not follow" in taken.err
    assert "1 matters" in told("check", "--kept").err


def test_findings_make_a_csv_with_a_heading(told: Office) -> None:
    rows = list(csv.DictReader(io.StringIO(told("check", "XF-HND-006", *LATE, "--csv").out)))
    assert [(row["check"], row["subject"], row["open"]) for row in rows] == [("XF-HND-006", CASE, "true")]


def test_the_working_paper_has_a_sheet_per_check_and_room_for_the_reviewer(told: Office, tmp_path: Path) -> None:
    paper = tmp_path / "paper.xlsx"
    outcome = told("check", *LATE, "--xlsx", str(paper))
    assert outcome.code == 1
    assert str(paper) in outcome.err
    book = openpyxl.load_workbook(paper)
    assert book.sheetnames[0] == "总览 overview"
    sheet = book["XF-HND-006"]
    headings = [cell.value for cell in sheet[3]]
    assert "证据事件 evidence" in headings
    assert headings[-4].startswith("复核人")
    assert sheet.cell(4, headings.index("对象 subject") + 1).value == CASE


def test_the_working_paper_is_never_written_over_the_ledger(told: Office) -> None:
    outcome = told("check", "--xlsx", str(told.data / "ledger.db"))
    assert outcome.code == 2


def test_beside_each_rate_stand_the_sixteen_ways(told: Office) -> None:
    outcome = told("stats", "--year", "2025", "--doubt", "--json")
    rates = [row for row in outcome.rows if "doubt" in row]
    assert rates
    for rate in rates:
        assert [way["way"] for way in rate["doubt"]] == list(range(1, 17))
        assert all(way["count"] == "not available" or way["count"] >= 0 for way in rate["doubt"])
    shown = told("stats", "--year", "2025", "--doubt", "--lang", "zh")
    assert "十六种方式" in shown.out
    assert "迟延登记" in shown.out
