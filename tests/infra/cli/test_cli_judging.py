"""`check` and `stats`: the head first, findings with exit 1, figures with their members."""

from __future__ import annotations

from hashlib import sha256

import pytest

from domain.calendar import day_of
from domain.event import canonical
from tests.support.command_line import CASE, Office


def test_the_head_stands_first_and_names_the_question(told: Office) -> None:
    rows = told("check", "--as-of", "2025-04-01", "--json").rows
    assert list(rows[0]) == ["head"]
    assert {"size", "as_of", "clock", "parameters"} <= set(rows[0]["head"])
    assert (rows[0]["head"]["size"], rows[0]["head"]["clock"]) == (10, "happened")


def test_something_found_is_exit_1_with_number_and_ref(told: Office) -> None:
    outcome = told("check", "XF-HND-006", "--as-of", "2025-04-30", "--json")
    (finding,) = outcome.rows[1:]
    assert outcome.code == 1
    assert (finding["check"], finding["case"], finding["ref"]) == ("XF-HND-006", CASE, "ref:A17")
    assert (finding["result"], finding["open"]) == ("hit", True)
    assert finding["event_ids"]


def test_nothing_found_is_exit_0(told: Office) -> None:
    outcome = told("check", "XF-HND-006", "--as-of", "2025-04-18", "--json")
    assert (outcome.code, len(outcome.rows)) == (0, 1)


def test_the_same_question_has_the_same_bytes_for_answer(told: Office) -> None:
    words = ("check", "--as-of", "2025-04-30", "--json")
    assert told(*words).out == told(*words).out


def test_an_unknown_check_is_usage_with_the_list(told: Office) -> None:
    outcome = told("check", "XF-XXX-999")
    assert (outcome.code, outcome.out) == (2, "")
    assert "XF-XXX-999" in outcome.err
    assert "XF-ACC-001" in outcome.err


def test_a_check_may_be_asked_about_one_subject(told: Office) -> None:
    late = ("check", "XF-HND-006", "--as-of", "2025-04-30", "--json")
    assert len(told(*late, "--subject", "ref:A17").rows) == 2
    assert len(told(*late, "--subject", "MZJ").rows) == 1
    assert told(*late, "--subject", "ref:nobody").code == 1


def test_the_known_clock_finds_nothing_before_the_recording(told: Office) -> None:
    outcome = told("check", "XF-HND-006", "--as-of", "2025-04-30", "--clock", "known", "--json")
    assert (outcome.code, outcome.rows[0]["head"]["clock"]) == (0, "known")


@pytest.mark.parametrize(("lang", "said"), [("zh", "发现 1 条线索"), ("en", "Findings: 1")])
def test_findings_are_told_in_both_languages(told: Office, lang: str, said: str) -> None:
    outcome = told("check", "XF-HND-006", "--as-of", "2025-04-30", "--lang", lang)
    assert outcome.code == 1
    assert CASE in outcome.out
    assert said in outcome.err


def test_figures_carry_value_and_digest(told: Office) -> None:
    rows = {row["figure"]: row for row in told("stats", "--year", "2025", "--json").rows}
    assert rows["cases_received_by_channel"]["value"] == 1
    assert rows["cases_received_by_channel"]["dimensions"] == {"channel": "letter"}
    assert rows["timely_acceptance_rate_office"]["value"] == {"numerator": 1, "denominator": 1}
    assert "members" not in rows["cases_received_by_channel"]


def test_the_list_behind_a_figure_can_be_opened(told: Office) -> None:
    words = ("stats", "--year", "2025", "--members", "cases_received_by_channel")
    (row,) = told(*words, "--json").rows
    assert [member["subject"] for member in row["members"]] == [CASE]
    assert [(member["case"], member["ref"]) for member in row["members"]] == [(CASE, "ref:A17")]
    bare = [{key: value for key, value in one.items() if key not in ("case", "ref")} for one in row["members"]]
    assert row["members_digest"] == "sha256:" + sha256(canonical(bare)).hexdigest()
    assert CASE in told(*words).out


def test_a_rate_is_shown_with_numerator_and_denominator(told: Office) -> None:
    assert "1 / 1 = 100.0 %" in told("stats", "--year", "2025").out
    assert "0 / 0" in told("stats", "--year", "2024", "--lang", "zh").out


def test_only_chinese_has_a_counting_word_and_no_rate_has_one(told: Office) -> None:
    chinese = told("stats", "--year", "2025", "--lang", "zh").out
    assert " 1 件" in chinese
    assert "100.0 % 件" not in chinese
    assert "件" not in told("stats", "--year", "2025", "--lang", "en").out


def test_a_check_without_parameters_says_so(told: Office) -> None:
    asked = ("check", "XF-HND-006", "--set", "XF-HND-006.unheard_of=1")
    assert "parameters it has: " in told(*asked, "--lang", "en").err
    assert "可设参数：" in told(*asked, "--lang", "zh").err


def test_a_period_may_be_two_days(told: Office) -> None:
    def received(first: str, last: str) -> int:
        rows = told("stats", "--from", first, "--to", last, "--json").rows
        return sum(row["value"] for row in rows if row["figure"] == "cases_received_by_channel")

    assert received("2025-03-04", "2025-03-04") == 1
    assert received("2025-03-05", "2025-12-31") == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--year", "2025", "--from", "2025-01-01", "--to", "2025-02-01"),
        ("--from", "2025-01-01"),
        ("--to", "2025-01-01"),
        ("--from", "2025-02-01", "--to", "2025-01-01"),
        ("--from", "soon", "--to", "2025-01-01"),
        ("--year", "99999"),
        ("--members", "no_such_figure"),
        ("--from", "2025-W10-1", "--to", "2025-04-01"),
        ("--from", "20250301", "--to", "2025-04-01"),
    ],
)
def test_a_period_or_figure_that_is_none_is_usage(told: Office, words: tuple[str, ...]) -> None:
    outcome = told("stats", *words)
    assert (outcome.code, outcome.out) == (2, "")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("--compare", "2025-03-01", "2025-04-01", "--as-of", "2025-05-01"), ("--compare", "--as-of")),
        (("--compare", "2025-03-01", "2025-04-01", "--compare-clocks"), ("--compare", "--compare-clocks")),
        (("--monthly", "--compare-clocks"), ("--monthly", "--compare-clocks")),
        (("--monthly", "--doubt"), ("--monthly", "--doubt")),
        (("--doubt", "--compare", "2025-03-01", "2025-04-01"), ("--doubt", "--compare")),
    ],
)
def test_no_option_of_a_question_is_passed_over_in_silence(
    told: Office, words: tuple[str, ...], names: tuple[str, str]
) -> None:
    outcome = told("stats", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert all(name in outcome.err for name in names)


def test_an_empty_ledger_is_as_of_no_instant_and_an_early_one_is_written_as_rfc_3339(told: Office) -> None:
    assert told("check", "--at-size", "0", "--json").rows[0]["head"]["as_of"] is None
    assert "ledger of 0 events, as of –" in told("check", "--at-size", "0").out
    for words in (("check",), ("stats", "--members", "on_time_closure_rate")):
        row = told(*words, "--as-of", "1850-01-01", "--json").rows[0]
        assert row.get("head", row)["as_of"] == "1850-01-01T23:54:16.999999+08:00"


def test_a_figure_says_by_which_day_its_clocks_were_judged(told: Office) -> None:
    """Without a day it is that of the last recording, as in the head of a check."""
    rate = next(row for row in told("stats", "--year", "2025", "--json").rows if row["kind"] == "rate")
    last = told("export", "jsonl").rows[-1]["recordedtime"]
    assert rate["as_of"] == f"{day_of(last).isoformat()}T23:59:59.999999+08:00"
    (asked, *_) = told("stats", "--year", "2025", "--as-of", "2025-04-01", "--json").rows
    assert asked["as_of"].startswith("2025-04-01T23:59:59")
