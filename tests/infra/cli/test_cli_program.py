"""The program itself: common options, languages, exit codes, and how every error ends."""

from __future__ import annotations

import errno
import json
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from domain.errors import FAMILIES, InvalidAction, LedgerError, NotFound, Unavailable
from infra.cli import __main__ as program
from infra.cli.exits import EXIT_OF, exit_code
from infra.cli.invocation import Invocation
from infra.cli.manual import PAGES
from infra.cli.reference import render
from infra.cli.texts import BETWEEN
from infra.importing.problems import ImportFault
from infra.wording import TEXTS, language
from projections import ALL_PROJECTIONS
from tests.support.command_line import CASE, Office, command

DOCUMENT = Path(__file__).parents[3] / "docs" / "commands.md"


def test_every_family_of_errors_has_an_exit_code() -> None:
    assert set(EXIT_OF) == set(FAMILIES)
    assert {exit_code(family()) for family in FAMILIES} == {1, 2}


def test_an_error_of_a_lower_family_ends_like_its_family() -> None:
    assert exit_code(ImportFault("unreadable_file")) == 2
    assert exit_code(LedgerError("internal_error")) == 1
    assert exit_code(NotFound("unknown_view")) == 2
    assert exit_code(InvalidAction()) == 1


def test_the_document_of_commands_equals_the_program() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == render()


def test_every_command_has_help_in_both_languages() -> None:
    assert [name for name, _ in program.COMMANDS] == list(PAGES)
    for name, page in PAGES.items():
        assert page.line.count(BETWEEN) == page.more.count(BETWEEN) == 1
        assert page.example.startswith(f"caseledger {name}")
        english, chinese = command(name, "--help", "--lang", "en"), command(name, "--help", "--lang", "zh")
        assert (english.code, chinese.code) == (0, 0)
        assert english.out.startswith("Usage:")
        assert chinese.out.startswith("用法：")
        assert english.out.isascii()


def test_every_text_is_there_in_both_languages_with_the_same_values() -> None:
    from string import Formatter

    for name, (zh, en) in TEXTS.items():
        fields = [{field for _, field, _, _ in Formatter().parse(text) if field} for text in (zh, en)]
        assert fields[0] == fields[1], name
        assert zh, name
        assert en, name


@pytest.mark.parametrize("view", [view.name for view in ALL_PROJECTIONS])
def test_every_column_of_a_view_has_a_heading_in_both_languages(view: str) -> None:
    (found,) = (one for one in ALL_PROJECTIONS if one.name == view)
    names = [column.name for column in found.columns]
    assert [name for name in names if f"col_{name}" not in TEXTS] == []
    money = [TEXTS[f"col_{name}"] for name in names if name.endswith("_fen")]
    assert [words for words in money if "元" not in words[0] or "yuan" not in words[1]] == []


@pytest.mark.parametrize(
    ("given", "environ", "expected"),
    [
        ("zh", {}, "zh"),
        (None, {"CASELEDGER_LANG": "zh_CN"}, "zh"),
        ("en", {"CASELEDGER_LANG": "zh", "LANG": "zh_CN.UTF-8"}, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        (None, {}, "en"),
    ],
)
def test_the_language_is_the_one_asked_for_first(given: str | None, environ: dict[str, str], expected: str) -> None:
    assert language(given, environ) == expected


def test_common_options_stand_before_or_after_a_command(told: Office) -> None:
    data = str(told.data)
    ways = [
        command("--data", data, "show", CASE, "--json"),
        command("show", CASE, "--data", data, "--json"),
        command("--json", "show", f"--data={data}", CASE),
        command("show", CASE, "--json", CASELEDGER_DATA=data),
    ]
    assert {way.code for way in ways} == {0}
    assert len({way.out for way in ways}) == 1


def test_without_a_command_the_program_explains_itself_as_usage() -> None:
    outcome = command()
    assert outcome.code == 2
    assert "Usage:" in outcome.out + outcome.err


@pytest.mark.parametrize(
    "words",
    [
        ("fly",),
        ("list",),
        ("list", "people"),
        ("show",),
        ("list", "cases", "--limit", "0"),
        ("list", "cases", "--lang", "fr"),
        ("export", "xml"),
        ("check", "--clock", "broken"),
    ],
)
def test_a_wrong_command_line_is_usage_and_says_nothing_on_stdout(told: Office, words: tuple[str, ...]) -> None:
    outcome = told(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert "Error" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_setting_that_cannot_be_one_is_usage(told: Office) -> None:
    outcome = told("status", CASELEDGER_LOCK_TIMEOUT_S="soon")
    assert outcome.code == 2
    assert "CASELEDGER_LOCK_TIMEOUT_S" in outcome.err


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("show", CASE),
        ("list", "cases"),
        ("deadlines",),
        ("check",),
        ("stats",),
        ("replay",),
        ("export", "jsonl"),
        ("doctor",),
    ],
)
def test_a_question_without_a_ledger_says_what_to_do_and_makes_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    outcome = Office(tmp_path / "nowhere")(*words, "--lang", "en")
    assert (outcome.code, outcome.out) == (1, "")
    assert "there is no ledger here" in outcome.err
    assert f"caseledger --data {tmp_path / 'nowhere'} init" in outcome.err
    assert not (tmp_path / "nowhere").exists()


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    outcome = Office(tmp_path / "data")("init")
    assert outcome.code == 1
    assert str(tmp_path / "data") in outcome.err


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ledger.db").write_bytes(b"This is no database, whatever its name says. " * 40)
    outcome = Office(tmp_path / "data")("status")
    assert outcome.code == 1
    assert "the database is damaged" in outcome.err


@pytest.mark.parametrize(
    "words",
    [
        ("show", "\udcff"),
        ("list", "cases", "--where", "ref=\udcff"),
        ("list", "cases", "--where", "people_count=99999999999999999999999"),
        ("list", "cases", "--where", "people_count=-٣"),
        ("list", "cases", "--as-of", "0001-01-01"),
        ("list", "cases", "--as-of", "9999-12-31"),
        ("list", "cases", "--as-of", "9999-12-31T23:59:59-12:00"),
        ("list", "cases", "--at-size", "9" * 30),
        ("list", "cases", "--limit", "9" * 30),
        ("show", CASE, "--as-of", "0001-01-01T00:00:00+14:00"),
        ("show", "x" * 10_000),
        ("show", "fund:"),
        ("show", "ref:"),
        ("show", "ledger"),
        ("show", "calendar:2025", "--at-size", "0"),
        ("deadlines", "--as-of", "0001-01-01"),
        ("deadlines", "--as-of", "9999-12-30"),
        ("deadlines", "--within", "9" * 30),
        ("check", "--as-of", "9999-12-30"),
        ("check", "--at-size", "0"),
        ("stats", "--from", "0001-01-01", "--to", "9999-12-31"),
        ("stats", "--at-size", "0"),
        ("stats", "--as-of", "9999-12-30", "--clock", "known"),
    ],
)
def test_no_strange_word_is_unforeseen(told: Office, words: tuple[str, ...]) -> None:
    for more in ((), ("--json",), ("--lang", "zh")):
        outcome = told(*words, *more)
        assert outcome.code in (0, 1, 2)
        assert "unforeseen" not in outcome.err
        assert "意外" not in outcome.err


def _broken(error: BaseException) -> object:
    def fails(*_: object, **__: object) -> object:
        raise error

    return fails


def test_an_unforeseen_error_is_one_line_of_advice_and_one_of_log(told: Office) -> None:
    """The secret in the message must reach neither."""
    with patch("infra.wiring.source_of", _broken(KeyError("110101199003070000"))):
        outcome = told("status")
    advice, log = outcome.err.splitlines()
    assert outcome.code == 1
    assert "caseledger doctor" in advice
    logged = json.loads(log)
    assert (logged["event"], logged["error_type"]) == ("unexpected", "KeyError")
    assert "110101199003070000" not in outcome.err + outcome.out


def test_ctrl_c_ends_in_one_line(told: Office) -> None:
    with patch("infra.wiring.source_of", _broken(KeyboardInterrupt())):
        outcome = told("status")
    assert (outcome.code, outcome.out, len(outcome.err.splitlines())) == (130, "", 1)


def test_a_reader_that_left_ends_quietly(told: Office) -> None:
    with (
        patch("infra.cli.__main__._reader_left", lambda: 0),
        patch("infra.wiring.source_of", _broken(BrokenPipeError(errno.EPIPE, "pipe"))),
    ):
        outcome = told("status")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")


def test_the_last_own_line_that_an_error_passed_is_named() -> None:
    try:
        raise ValueError("somewhere")
    except ValueError as error:
        place = program._place(error)
    assert place.startswith("cli/test_cli_program.py:")
    assert sys.exc_info() == (None, None, None)


@pytest.mark.parametrize(("lang", "said"), [("en", "that a broker runs there"), ("zh", "代理是否在运行")])
def test_a_cluster_that_does_not_answer_says_what_to_look_at_and_what_to_try(
    lang: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Invocation({"lang": lang}).explain(Unavailable("kafka_unreachable", "broker:9092"))
    (line,) = capsys.readouterr().err.splitlines()
    for part in ("broker:9092", "CASELEDGER_KAFKA", said, "caseledger topic status"):
        assert part in line


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "no PostgreSQL to move to is set"), ("zh", "未设置要迁往的 PostgreSQL")]
)
def test_a_move_without_a_place_says_where_to_and_how_to_set_it(office: Office, lang: str, said: str) -> None:
    moved = office("--lang", lang, "migrate")
    assert (moved.code, moved.out) == (1, "")
    assert said in moved.err
    assert "CASELEDGER_STORE=postgresql://" in moved.err
