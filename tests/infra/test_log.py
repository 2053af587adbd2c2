"""The log keeps what is on its list and drops the rest."""

from __future__ import annotations

import json

import pytest

from infra.log import ALLOWED_KEYS, VALUE_CHARACTERS_MAX, get_log, keep_allowed


def test_a_key_that_is_not_on_the_list_never_reaches_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    get_log().warning("import_stopped", line="张三", petitioner="李四", count=3, place="a.py:7")
    written = capsys.readouterr().err
    logged = json.loads(written)
    assert "张三" not in written
    assert "李四" not in written
    assert (logged["event"], logged["count"], logged["level"]) == ("import_stopped", 3, "warning")
    assert set(logged) <= ALLOWED_KEYS


def test_a_long_value_is_cut() -> None:
    kept = keep_allowed(None, "info", {"event": "x" * 10_000, "size": 12})
    assert len(kept["event"]) == VALUE_CHARACTERS_MAX
    assert kept["size"] == 12


def test_the_list_names_no_place_for_people() -> None:
    assert not ALLOWED_KEYS & {"petitioner", "petitioner_ref", "staff", "data", "payload", "raw", "message", "detail"}
