"""`stats --compare-definitions`: a definition that changed, old and new side by side, every member with its cause."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.command_line import CASE, Office

PRESENT = Path(__file__).parents[3] / "projections" / "figures_cases.py"
FORMER = '''
from dataclasses import replace
from projections.figure import Contribution, FigureRule, Member
from projections.figures_cases import CasesReceivedByChannel as Present

class CasesReceivedByChannel(FigureRule):
    """As it was counted before: by the day of registration, whatever the channel."""
    definition = replace(Present.definition, version=0, types=Present.definition.types | {"petition.case.registered.v1"})

    def contributions(self, facts, context, question):
        registered = facts.one("case.registered")
        if registered is not None and question.covers(registered.day):
            yield Contribution(("any",), Member(facts.subject, (registered.id,)))
'''
STATS = ("stats", "--year", "2025")


@pytest.fixture
def former(tmp_path: Path) -> Path:
    file = tmp_path / "former.py"
    file.write_text(FORMER)
    return file


def test_both_definitions_answer_and_every_member_that_moved_names_the_definition(told: Office, former: Path) -> None:
    (row,) = told(*STATS, "--compare-definitions", str(former), "--json").rows
    assert (row["figure"], row["versions"], row["was"], row["now"]) == ("cases_received_by_channel", [0, 1], 1, 1)
    assert [(one["change"], one["cause"], one["dimensions"]["channel"]) for one in row["changes"]] == [
        ("went", "definition", "any"), ("came", "definition", "letter"),
    ]  # fmt: skip
    assert {(one.get("was") or one["now"])["subject"] for one in row["changes"]} == {CASE}
    assert row["by_cause"] == {"definition": row["now"] - row["was"]}
    shown = told(*STATS, "--compare-definitions", str(former), "--lang", "zh")
    assert "v0 → v1" in shown.out
    assert "指标定义改变" in shown.out


def test_the_present_definitions_are_the_same_as_themselves(told: Office) -> None:
    outcome = told(*STATS, "--compare-definitions", str(PRESENT))
    assert (outcome.code, outcome.out.count("v1 → v1")) == (0, 4)
    assert "the two answers are the same" in outcome.err


def test_days_and_definitions_are_compared_at_once(told: Office, former: Path) -> None:
    words = (*STATS, "--compare", "2025-01-01", "2025-12-31", "--compare-definitions", str(former), "--json")
    (row,) = told(*words).rows
    assert (row["was"], row["now"]) == (0, 1)
    assert {one["cause"] for one in row["changes"]} == {"definition"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def (", "SyntaxError"),
        ("raise RuntimeError('no')", "RuntimeError: no"),
        ("x = 1", "no class of FigureRule"),
        (FORMER + FORMER.split("import CasesReceivedByChannel as Present")[1].replace("class C", "class D"), "twice"),
        (FORMER.replace("registered is not None", "registered.nothing"), f"AttributeError: .*{CASE}"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_says_why(text: str, says: str, told: Office, former: Path) -> None:
    former.write_text(text)
    outcome = told(*STATS, "--compare-definitions", str(former))
    assert (outcome.code, outcome.out) == (2, "")
    assert "the file of figure definitions cannot be used" in outcome.err
    assert "Traceback" not in outcome.err
    assert re.search(says, " ".join(outcome.err.split()))


def test_a_file_that_is_not_there_or_defines_another_figure_is_refused(
    told: Office, former: Path, tmp_path: Path
) -> None:
    assert told(*STATS, "--compare-definitions", str(tmp_path / "nowhere.py")).code == 2
    other = told(*STATS, "--members", "on_time_closure_rate", "--compare-definitions", str(former))
    assert other.code == 2
    assert "cases_received_by_channel" in other.err
