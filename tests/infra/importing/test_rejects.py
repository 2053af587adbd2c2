"""The rejects file: a refusal's message names the value that it is about, and never a personal number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.import_ledger import open_imports
from infra.importing.driver import ImportOptions, run_import
from infra.importing.mapping import Mapping
from infra.importing.rejects import VALUE_CHARACTERS_MAX, naming_value, reject_line
from infra.importing.sources import ImportSource
from infra.settings import Settings
from infra.wiring import create_ledger
from tests.support.import_files import rows_mapping
from tests.support.office import act, line, receive


def rejected(tmp_path: Path, *lines: bytes, mapping: Mapping | None = None) -> list[dict[str, Any]]:
    settings = Settings(data=tmp_path / "ledger")
    create_ledger(settings)
    file, rejects = tmp_path / ("rows.csv" if mapping else "actions.jsonl"), tmp_path / "rejects.jsonl"
    file.write_bytes(b"\n".join(lines))
    with open_imports(settings) as ledger:
        run_import(ImportSource(file, mapping), ledger, ImportOptions("live", "tester", rejects))
    return [json.loads(text) for text in rejects.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("payload", "field", "value"),
    [
        (receive("ref:A", region="重庆"), "region", '"重庆"'),
        (receive("ref:A", people_count="six"), "people_count", '"six"'),
        (receive("ref:A", about_units=["JSW", "建设 委"]), "about_units.1", '"建设 委"'),
        (receive("ref:A", urgent=1), "urgent", "1"),
        (receive("ref:A", people_count=2.5), "people_count", "2.5"),
        (act("register_petition", "r1", case="ref:nobody", content_class="roads"), "case", "ref:nobody"),
    ],
)
def test_the_message_names_the_value(tmp_path: Path, payload: dict[str, Any], field: str, value: str) -> None:
    (one,) = rejected(tmp_path, line(payload))
    assert one["field"] == field
    assert value in one["message"]
    assert one["message"].count(value) == 1


def test_each_record_names_its_own_value(tmp_path: Path) -> None:
    found = rejected(
        tmp_path, *(line(receive(f"ref:A{number}", region=f"no-{number}")) for number in range(3)), b'{"action":'
    )
    assert [f'"no-{number}"' in one["message"] for number, one in enumerate(found[:3])] == [True] * 3
    assert "no-" not in found[3]["message"]


@pytest.mark.parametrize(("field", "code"), [("petitioner_ref", "personal_data"), ("region", "bad_value")])
def test_a_personal_number_is_not_repeated(tmp_path: Path, field: str, code: str) -> None:
    (one,) = rejected(tmp_path, line(receive("ref:A", **{field: "13800138000"})))
    assert (one["code"], one["field"]) == (code, field)
    assert "13800138000" not in one["message"]


@pytest.mark.parametrize(
    ("payload", "field"),
    [({"to": ["a"]}, "to.7"), ({"to": ["a"]}, "by.staff"), ({}, "case"), (b"\xff\xfe", "case"), ({"to": "x"}, "to.0")],
)
def test_what_the_action_does_not_hold_is_not_named(payload: bytes | dict[str, Any], field: str) -> None:
    error = {"code": "missing_field", "message": "a required field is missing", "field": field, "subject": None}
    assert naming_value(error, payload) == error


def test_any_value_can_be_written_and_a_long_one_is_cut() -> None:
    error = {"code": "bad_value", "message": "no", "field": "reason", "subject": None}
    for value in ("\ud800", ["\udfff"], "x" * 10_000, {"a": ["号" * 999]}):
        named = naming_value(error, {"reason": value})
        assert len(named["message"]) < VALUE_CHARACTERS_MAX + 20
        assert json.loads(reject_line(1, named, b"{}"))["message"] == named["message"]


def test_the_mappings_own_words_stand_in_both_languages(tmp_path: Path) -> None:
    rule = '[[reject]]\nwhen = { column = "x", equals = "坏" }\nreason = "状态与日期矛盾"\nfield = "x"\n'
    mapping = rows_mapping(define=rule, when='when = { column = "x", present = true }')
    (one,) = rejected(tmp_path, "编号,登记时间,x".encode(), "A1,2025/3/4,坏".encode(), mapping=mapping)
    assert one["reason"] == {
        "zh": "映射声明不接受此类记录：状态与日期矛盾",
        "en": "the mapping declares that such a record is not taken: 状态与日期矛盾",
    }
    assert one["message"] == one["reason"]["en"]
    assert "own_words" not in one
