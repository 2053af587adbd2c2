"""`show`, `list` and `deadlines`: rows by number with the ref beside, now and as of any date, in both languages."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from domain.numerals import yuan
from infra.cli.tables import Shown, cell
from infra.wording import STATES, days_late, days_left, say
from tests.support.command_line import CASE, Office
from tests.support.office import act, granted, open_fund, receive


@pytest.mark.parametrize("word", [CASE, "ref:A17", "A17"])
def test_a_case_is_shown_by_number_or_by_ref(told: Office, word: str) -> None:
    rows = told("show", word, "--json").rows
    assert {(row["case"], row["ref"]) for row in rows} == {(CASE, "ref:A17")}
    assert rows[0]["row"] == "state"
    assert rows[0]["state"] == "accepted"


def test_a_case_is_shown_with_state_timeline_and_deadlines(told: Office) -> None:
    rows = told("show", CASE, "--json").rows
    events = [row for row in rows if row["row"] == "event"]
    clocks = [row for row in rows if row["row"] == "deadline"]
    assert [row["type"].split(".")[2] for row in events] == [
        "received",
        "registered",
        "routed",
        "handoff_offered",
        "handoff_received",
        "accepted",
    ]
    assert events[0]["sentence"] == {"zh": "收到信访事项，渠道：来信", "en": "petition received by letter"}
    assert {"DL-01", "DL-05", "DL-06"} <= {row["rule"] for row in clocks}
    assert all({"zh", "en"} == set(row["sentence"]) for row in clocks)


def test_a_unit_and_a_member_of_staff_are_shown_by_their_codes(told: Office) -> None:
    assert told("show", "MZJ", "--json").rows[0]["unit"] == "unit:MZJ"
    told.take(
        [
            act(
                "declare_staff",
                "s/1",
                staff="S-101",
                name="职员甲",
                unit="MZJ",
                roles=["handler"],
                active_from_on="2025-01-01",
            )
        ]
    )
    assert told("show", "S-101", "--json").rows[0]["staff"] == "staff:S-101"


def test_grants_and_funds_are_shown_by_number_or_ref(told: Office) -> None:
    told.take([open_fund("ref:F2025", 10_000_000), *granted("ref:G1", "ref:A17", "ref:F2025", 300_000, "p1")])
    assert told("show", "ref:F2025", "--json").rows[0]["fund"] == "fund:ref:F2025"
    assert told("show", "fund:ref:F2025", "--json").rows[0]["ref"] == "ref:F2025"
    shown = told("show", "ref:G1", "--json").rows[0]
    assert (shown["grant"], shown["case"], shown["ref"]) == ("JZ500229-2025-0001", CASE, "ref:G1")
    assert told("list", "grants", "--json").rows[0]["fund"] == "fund:ref:F2025"
    assert "100,000.00" in told("list", "funds").out


@pytest.mark.parametrize("word", ["XF500229-2025-999999", "ref:nobody", "JZ500229-2025-0001", "nothing", ""])
def test_an_unknown_subject_is_said_to_be_unknown(told: Office, word: str) -> None:
    outcome = told("show", word)
    assert (outcome.code, outcome.out) == (1, "")
    assert "unknown subject" in outcome.err


def test_the_state_of_any_day_is_told_on_the_clock_of_what_happened(told: Office) -> None:
    early = told("show", CASE, "--json", "--as-of", "2025-03-04").rows
    assert early[0]["state"] == "handed_over"
    assert told("show", CASE, "--json", "--as-of", "2025-03-06").rows[0]["holders"] == ["MZJ"]


def test_what_was_known_before_the_recording_is_nothing(told: Office) -> None:
    outcome = told("show", CASE, "--as-of", "2025-12-31", "--clock", "known")
    assert outcome.code == 0
    assert "nothing is recorded by then" in outcome.err


def test_a_ledger_size_shows_the_subject_as_it_stood_then(told: Office) -> None:
    sizes = [len(told("show", CASE, "--json", "--at-size", str(size)).rows) for size in (4, 5, 6)]
    states = [told("show", CASE, "--json", "--at-size", str(size)).rows[:1] for size in (5, 6)]
    assert sizes[0] == 0
    assert [rows[0]["state"] for rows in states] == ["received", "registered"]


@pytest.mark.parametrize(
    "text",
    [
        "yesterday", "2025-02-30", "2025-3-4", "2025-03-04T10:00:00", "", "20250304", "2025-W10-1",
        "9999-12-31T23:59:59-08:00", "0001-01-01T00:00:00+14:00",
    ],
)  # fmt: skip
def test_a_bad_date_is_usage(told: Office, text: str) -> None:
    for words in (("show", CASE), ("list", "cases"), ("deadlines",), ("check",), ("stats",)):
        outcome = told(*words, "--as-of", text)
        assert (outcome.code, outcome.out) == (2, ""), words
        assert "neither a day" in outcome.err


def test_lists_give_the_number_first_and_the_ref_beside_it(told: Office) -> None:
    for name in ("cases", "handoffs"):
        (row,) = told("list", name, "--json").rows
        assert list(row)[:2] == ["case", "ref"]
        assert (row["case"], row["ref"]) == (CASE, "ref:A17")


def test_a_list_is_up_to_date_without_being_told(told: Office) -> None:
    assert told("list", "cases", "--json").rows[0]["state"] == "accepted"
    told.take([{**act("close_case", "c/A17", case="ref:A17", ground="withdrawn"), "at": "2025-03-20T09:00:00+08:00"}])
    assert told("list", "cases", "--json").rows[0]["state"] == "closed"


@pytest.mark.parametrize(
    ("where", "count"),
    [
        (["state=received"], 1),
        (["state=fed_back"], 0),
        (["unit=MZJ", "mode=assign"], 1),
        (["fed_back_at="], 1),
        (["received_at="], 0),
        (["feedback_required=true"], 1),
        (["feedback_required=false"], 0),
        (["to=MZJ"], 1),
        (["to=GAJ"], 0),
        (["feedbacks=0"], 1),
    ],
)
def test_where_compares_alike_in_stored_and_in_folded_rows(told: Office, where: list[str], count: int) -> None:
    words = [word for condition in where for word in ("--where", condition)]
    assert len(told("list", "handoffs", "--json", *words).rows) == count
    assert len(told("list", "handoffs", "--json", "--as-of", "2026-01-01", *words).rows) == count


def test_a_column_that_is_not_there_is_usage_and_the_columns_are_told(told: Office) -> None:
    outcome = told("list", "handoffs", "--where", "holder=MZJ")
    assert outcome.code == 2
    assert "held_from" in re.sub(r"\s+", " ", outcome.err)
    assert told("list", "handoffs", "--where", "MZJ").code == 2


@pytest.mark.parametrize("name", ["cases", "handoffs", "integrity"])
@pytest.mark.parametrize("point", [(), ("--as-of", "2026-12-31")])
def test_a_list_is_narrowed_by_the_ref_that_its_rows_show(told: Office, name: str, point: tuple[str, ...]) -> None:
    told.take([receive("ref:other")])
    every = told("list", name, "--json", *point).rows
    named = told("list", name, "--where", "ref=ref:A17", "--json", *point).rows
    assert named == [row for row in every if row["ref"] == "ref:A17"]
    assert named
    assert told("list", name, "--where", "ref=ref:nobody", "--json", *point).rows == []


@pytest.mark.parametrize(
    "conditions", [("unit=MZJ", "unit=ZJJ"), ("feedback_required=maybe",), ("ref=ref:A17", "case=ref:other")]
)
def test_a_condition_that_cannot_hold_as_written_is_usage(told: Office, conditions: tuple[str, ...]) -> None:
    told.take([receive("ref:other")])
    words = [word for condition in conditions for word in ("--where", condition)]
    assert told("list", "handoffs", *words).code == 2


def test_every_state_of_a_handoff_has_words() -> None:
    for state in ("handed_on", "objection_upheld", "withdrawn", "fed_back", "closed", "objected", "rework", "offered"):
        assert state in STATES


@pytest.mark.parametrize("name", ["cases", "handoffs", "integrity"])
def test_a_list_is_folded_where_the_views_cannot_be_written(told: Office, name: str) -> None:
    """A folder stands where the file of the views should be: what an unwritable place refuses, for root as well."""
    stored = told("list", name, "--json").rows
    for file in told.data.glob("views.db*"):
        file.unlink()
    (told.data / "views.db").mkdir()
    folded = told("list", name, "--json")
    assert (folded.code, folded.rows) == (0, stored)


def test_a_limit_cuts_a_list_and_says_that_there_is_more(told: Office) -> None:
    told.take([receive(f"ref:B{number}") for number in range(3)])
    assert len(told("list", "cases", "--json", "--limit", "2").rows) == 2
    assert "first 2 rows" in told("list", "cases", "--limit", "2").err
    assert "4 rows" in told("list", "cases").err


def test_deadlines_name_what_is_late_and_what_is_due(told: Office) -> None:
    rows = {row["rule"]: row for row in told("deadlines", "--as-of", "2025-04-20", "--json").rows}
    assert (rows["DL-05"]["status"], rows["DL-05"]["days_late"]) == ("late_open", 2)
    assert (rows["DL-06"]["status"], rows["DL-06"]["due"]) == ("running", "2025-05-09")
    assert {(row["case"], row["ref"]) for row in rows.values()} == {(CASE, "ref:A17")}


def test_deadlines_within_some_days_keep_the_late_ones(told: Office) -> None:
    near = {row["rule"] for row in told("deadlines", "--as-of", "2025-04-20", "--within", "5", "--json").rows}
    assert "DL-05" in near
    assert "DL-06" not in near


def test_deadlines_are_told_in_words(told: Office) -> None:
    english = told("deadlines", "--as-of", "2025-04-20").out
    chinese = told("deadlines", "--as-of", "2025-04-20", "--lang", "zh").out
    assert "2 days late" in english
    assert "19 days left" in english
    assert "逾期 2 日" in chinese
    assert "还剩 19 日" in chinese


def test_tables_are_plain_where_nobody_watches(told: Office) -> None:
    for lang in ("zh", "en"):
        for words in (("show", CASE), ("list", "cases"), ("list", "handoffs"), ("deadlines",), ("status",)):
            outcome = told(*words, "--lang", lang)
            assert outcome.code == 0
            assert "\x1b" not in outcome.out + outcome.err


def test_integrity_facts_read_as_sentences(told: Office) -> None:
    told.take([act("declare_interest", "i/1", case="ref:A17", staff="S-101", relation="亲属")])
    english, chinese = told("list", "integrity"), told("list", "integrity", "--lang", "zh")
    assert "S-101 declared an interest" in english.out
    assert "S-101 申报利害关系" in chinese.out


def test_amounts_keep_their_fen_and_days_are_words() -> None:
    assert [yuan(fen) for fen in (0, 5, 123_456_789, -1_234_505)] == ["0.00", "0.05", "1,234,567.89", "-12,345.05"]
    assert [days_late(days, "en") for days in (-1, 0, 1, 2)] == ["in time", "in time", "1 day late", "2 days late"]
    assert [days_left(days, "zh") for days in (-3, 0, 4)] == ["逾期 3 日", "今日到期", "还剩 4 日"]


def test_the_views_file_that_cannot_be_written_is_named(told: Office) -> None:
    (told.data / "views.db").mkdir()
    outcome = told("list", "cases")
    assert (outcome.code, "views.db" in outcome.err) == (0, True)
    outcome = told("replay")
    assert (outcome.code, "views.db" in outcome.err) == (1, True)


def test_locked_views_are_named_and_answer_again_when_they_are_free(told: Office) -> None:
    told("list", "cases")
    told.take([receive("ref:A18")])
    with closing(sqlite3.connect(told.data / "views.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        locked = told("list", "cases", CASELEDGER_LOCK_TIMEOUT_S="0")
        holder.execute("ROLLBACK")
    assert (locked.code, locked.out) == (1, "")
    assert "locked" in locked.err
    assert len(told("list", "cases", "--json").rows) == 2


def test_a_narrow_window_leaves_out_columns_and_never_breaks_a_number(told: Office) -> None:
    told.take([open_fund("ref:F2025", 1_234_567_890)])
    narrow = told("list", "cases", COLUMNS="60")
    assert CASE in narrow.out
    assert max(map(len, narrow.out.splitlines())) <= 60
    assert "too narrow for: ref" in narrow.err
    assert "12,345,678.90" in told("list", "funds", COLUMNS="60").out
    assert "too narrow" not in told("list", "cases", COLUMNS="160").err


def test_a_sentence_is_wrapped_and_not_cut(told: Office) -> None:
    long = "very long relation " * 15
    told.take([act("declare_interest", "i/2", case="ref:A17", staff="S-101", relation=long.strip())])
    shown = told("list", "integrity", "--where", "fact=interest_declared", COLUMNS="80").out
    assert shown.count("relation") == 15
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_the_first_and_the_last_day_of_the_calendar_may_be_asked_for(told: Office, day: str) -> None:
    for words in (("list", "cases"), ("stats", "--year", "2025"), ("check",), ("deadlines",)):
        outcome = told(*words, "--as-of", day, "--json")
        assert outcome.code in (0, 1), outcome.err
        assert "unforeseen" not in outcome.err
    listed = told("list", "cases", "--as-of", day, "--json").rows
    assert len(listed) == (1 if day == "9999-12-31" else 0)


def test_a_deadline_that_a_correction_made_timely_is_shown_both_ways(told: Office) -> None:
    office = told
    office.take([receive("ref:late")])
    handed = act("hand_over", "h/late", case="ref:late", handoff="ref:late-h1", mode="transfer", to=["MZJ"])
    wrong, right = "2025-04-20T09:00:00+08:00", "2025-03-10T09:00:00+08:00"
    rest = {"feedback_required": False, "materials": [], "legal_ground": "x"}
    (event,) = office.act({**handed, **rest, "at": wrong}).answer["events"]
    (late,) = (row for row in office("show", "ref:late", "--json").rows if row.get("rule") == "DL-01")
    assert (late["status"], "first_recorded" in late) == ("late", False)
    correction = {"event_id": event["id"], "field": "/time", "was": wrong, "now": right, "approved_by": "S-900"}
    corrected = act("correct_record", "c/late", case="ref:late", reason="typing error", **correction)
    office.take([{**corrected, "at": "2025-05-01T09:00:00+08:00"}])
    (now,) = (row for row in office("show", "ref:late", "--json").rows if row.get("rule") == "DL-01")
    assert (now["status"], now["first_recorded"]["status"]) == ("met", "late")
    assert "before the correction: [late]" in office("show", "ref:late").out
    assert "更正前：" in office("show", "ref:late", "--lang", "zh").out


def test_whatever_is_said_to_people_has_its_thousands_apart() -> None:
    assert say("en", "exported", count=1_234_567) == "1,234,567 events written"
    assert say("zh", "row_count", count=1_000) == "共 1,000 行"
    assert cell({"position": 12_345}, Shown("position", "text", True), "en") == "12,345"
    assert cell({"year": 2025}, Shown("year"), "en") == "2025"
