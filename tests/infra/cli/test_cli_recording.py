"""`init` and `act`: founding is safe to repeat, and every action is answered by exactly one JSON object."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pytest

from infra.read_store import ReadStore
from tests.support.command_line import CASE, Office, command
from tests.support.office import act, by, line, receive


def test_init_runs_bare_in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = command("init", "--json")
    assert outcome.code == 0
    assert outcome.answer == {
        "source": "/500229/petition-office",
        "data": "ledger-data",
        "keys": "ledger-data-keys",
        "created": True,
        "calendars": [2025, 2026],
    }
    for key in ("discipline.key", "tag.key"):
        assert stat.S_IMODE((tmp_path / "ledger-data-keys" / key).stat().st_mode) == 0o600


def test_init_again_records_nothing_and_keeps_the_keys(office: Office) -> None:
    keys = office.data.with_name("office-keys")
    before = office("status", "--json").rows[0], (keys / "tag.key").read_bytes()
    again = office("init", "--json")
    assert (again.code, again.answer["created"]) == (0, False)
    assert (office("status", "--json").rows[0], (keys / "tag.key").read_bytes()) == before


def test_the_calendars_of_both_years_are_declared_by_the_system(office: Office) -> None:
    rows = [row for row in office("export", "jsonl").rows if row["type"] == "petition.register.calendar_declared.v1"]
    assert [(row["subject"], row["actorid"], row["timeprecision"]) for row in rows] == [
        ("calendar:2025", "system", "day"),
        ("calendar:2026", "system", "day"),
    ]


def test_a_ledger_of_another_source_is_left_alone(office: Office) -> None:
    outcome = office("init", "--source", "/110000/other-office")
    assert outcome.code == 1
    assert "another source" in outcome.err
    assert "/500229/petition-office" in outcome.err


@pytest.mark.parametrize("source", [(), ("--source", "/110000/office")])
def test_init_completes_a_founding_that_was_broken_off_before_the_first_table(
    tmp_path: Path, source: tuple[str, ...]
) -> None:
    office = Office(tmp_path / "data")
    office.data.mkdir()
    (office.data / "ledger.db").touch()
    assert "init" in office("status").err
    assert office("init", *source).code == 0
    assert office("doctor").code == 0


def test_init_completes_a_founding_that_was_broken_off_before_the_name(office: Office) -> None:
    with closing(sqlite3.connect(office.data / "ledger.db")) as connection, connection:
        connection.execute("DELETE FROM ledger WHERE name='source'")
    assert "init" in office("status").err
    assert office("init", "--json").answer["created"]
    assert office("doctor").code == 0


def test_a_bare_init_keeps_the_source_that_is_there(tmp_path: Path) -> None:
    office = Office(tmp_path / "data")
    assert office("init", "--source", "/110000/other-office").code == 0
    assert office("init", "--json").answer["source"] == "/110000/other-office"


@pytest.mark.parametrize("source", ["petition-office", "abc", "", "/5002/office", "/500229/信访"])
def test_a_source_without_six_digits_is_usage(tmp_path: Path, source: str) -> None:
    outcome = Office(tmp_path / "data")("init", "--source", source)
    assert (outcome.code, outcome.out) == (2, "")
    assert "six digits" in outcome.err
    assert not (tmp_path / "data").exists()


def test_an_accepted_action_is_answered_with_its_events(office: Office) -> None:
    outcome = office.act(receive("ref:A17"))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.answer["subject"] == CASE
    assert outcome.answer["ref"] == "ref:A17"
    assert [event["type"] for event in outcome.answer["events"]] == ["petition.case.received.v1"]


def test_the_same_action_again_is_answered_alike(office: Office) -> None:
    assert office.act(receive("ref:A17")).out == office.act(receive("ref:A17")).out


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "bad_json"),
        (b"\xff\xfe", "bad_encoding"),
        (b"\xef\xbb\xbf{}", "bom"),
        (b"{}\n{}", "bad_json"),
        (b'{"action":"fly"}', "unknown_action"),
        (b'"' + b"x" * 200_000 + b'"', "line_too_long"),
    ],
)
def test_whatever_is_sent_is_answered_by_one_object_and_exit_1(office: Office, sent: bytes, code: str) -> None:
    outcome = office("act", stdin=sent)
    assert outcome.code == 1
    assert outcome.answer["error"]["code"] == code
    assert len(outcome.err.splitlines()) == 1


def test_a_refusal_names_code_field_and_subject(office: Office) -> None:
    office.act(receive("ref:A17"))
    outcome = office.act(receive("ref:A17", "another-id"))
    error = outcome.answer["error"]
    assert outcome.code == 1
    assert (error["code"], error["field"]) == ("ref_in_use", "case")
    assert set(error) == {"code", "message", "field", "subject"}


def test_a_refusal_is_told_in_the_language_asked_for(office: Office) -> None:
    wrong = line(act("register_petition", "r/1", case="ref:nowhere", content_class="relief"))
    assert "未知的对象" in office("act", "--lang", "zh", stdin=wrong).err
    assert "unknown subject" in office("act", "--lang", "en", stdin=wrong).err


def test_wait_answers_when_the_views_have_it(office: Office) -> None:
    assert office.act(receive("ref:A17"), "--wait").code == 0
    assert office.act(receive("ref:A18")).code == 0
    assert max(row["lag"] for row in office("status", "--json").rows[1:]) > 0, "nobody brought the views up"
    waited = office.act(receive("ref:A19"), "--wait")
    views = office("status", "--json").rows[1:]
    assert views
    assert {row["lag"] for row in views} == {0}
    store = ReadStore(office.data / "views.db")
    assert {row["ref"] for row in store.rows("case_view")} == {"ref:A17", "ref:A18", "ref:A19"}
    assert waited.answer["subject"] in {row["case"] for row in store.rows("case_view")}
    store.close()


def test_what_was_recorded_is_answered_where_the_views_cannot_follow(office: Office) -> None:
    assert office.act(receive("ref:A17"), "--wait").code == 0
    (office.data / "views.db").write_bytes(b"no database" * 1_000)
    outcome = office.act(receive("ref:A18"), "--wait")
    assert outcome.code == 1
    assert "error" not in outcome.answer
    assert outcome.answer["events"]
    assert outcome.err


def test_act_without_a_ledger_says_so_and_what_to_do(tmp_path: Path) -> None:
    outcome = Office(tmp_path / "nowhere").act(receive("ref:A17"))
    assert outcome.code == 1
    assert outcome.answer["error"]["code"] == "no_ledger"
    assert "init" in outcome.err
    assert not (tmp_path / "nowhere").exists()


def test_a_locked_database_is_named_and_nothing_is_recorded(office: Office) -> None:
    holder = sqlite3.connect(office.data / "ledger.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    locked = office("act", stdin=line(receive("ref:A17")), CASELEDGER_LOCK_TIMEOUT_S="0")
    holder.execute("ROLLBACK")
    holder.close()
    assert (locked.code, locked.answer["error"]["code"]) == (1, "locked")
    assert office.act(receive("ref:A17")).answer["subject"] == CASE


def test_the_recorder_is_the_operator_and_cannot_be_claimed(office: Office) -> None:
    office("act", stdin=line(receive("ref:A17")), CASELEDGER_AS_OPERATOR="desk-3")
    assert office("export", "jsonl").rows[-1]["recorderid"] == "desk-3"
    claimed = {**receive("ref:A18"), "recorderid": "somebody"}
    assert office.act(claimed).answer["error"]["code"] == "unknown_field"


def test_the_system_does_not_act_for_a_sender(office: Office) -> None:
    action = {**receive("ref:A17"), "by": {**by(), "staff": "system"}}
    assert office.act(action).answer["error"]["code"] == "reserved"


def test_even_the_unforeseen_is_answered_by_one_object(office: Office) -> None:
    with patch("infra.wiring.open_ledger", side_effect=KeyError("nothing foresaw this")):
        outcome = office.act(receive("ref:A17"))
    assert outcome.code == 1
    assert outcome.answer["error"]["code"] == "internal_error"
    assert "same action_id" in outcome.answer["error"]["message"]
    assert "unforeseen" in outcome.err


def test_a_file_in_the_place_of_the_data_folder_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    outcome = command("--data", str(tmp_path / "data"), "init")
    assert outcome.code == 1
    assert "there is a file where a folder is wanted" in outcome.err
    assert "read-only" not in outcome.err


@pytest.mark.parametrize(("lang", "said"), [("en", "others may read this key file"), ("zh", "密钥文件权限过宽")])
def test_a_discipline_key_that_others_may_read_is_used_for_nothing(office: Office, lang: str, said: str) -> None:
    key = office.data.parent / "office-keys" / "discipline.key"
    key.chmod(0o644)
    accusation = receive("ref:A", restricted=True, about_units=["JSW"])
    assert office.act(accusation).answer["error"]["code"] == "key_unsafe"
    checked = office("--lang", lang, "check")
    assert (checked.code, checked.out) == (1, "")
    assert said in checked.err
    assert f"{key} has mode 0644; run chmod 600 {key}" in checked.err
    key.chmod(0o600)
    assert office.act(accusation).code == 0
    assert office("check", "--json").err == ""
