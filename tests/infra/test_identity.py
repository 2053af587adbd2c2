"""Names and tags: event ids are UUIDv7 in time order, tags are the contract's HMAC under a key of its own file."""

from __future__ import annotations

import hashlib
import hmac
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from domain.errors import Unavailable
from infra.identity import new_event_id
from infra.keys import DISCIPLINE_KEY, KEY_BYTES, TAG_KEY, DisciplineKey, make_key, read_key, tag

MOMENT = datetime(2025, 3, 4, 2, 20, 0, 123_000, tzinfo=UTC)


def test_an_event_id_is_a_uuid_version_7_of_its_millisecond() -> None:
    for milliseconds in (0, 1, 999):
        moment = MOMENT + timedelta(milliseconds=milliseconds)
        name = UUID(new_event_id(moment))
        assert name.version == 7
        assert name.variant == "specified in RFC 4122"
        assert name.int >> 80 == int(moment.timestamp() * 1000)


def test_event_ids_are_never_equal_and_later_ones_are_greater() -> None:
    assert len({new_event_id(MOMENT) for _ in range(2_000)}) == 2_000
    assert new_event_id(MOMENT) < new_event_id(MOMENT + timedelta(milliseconds=1))


def test_a_key_is_made_once_private_and_random(tmp_path: Path) -> None:
    path = tmp_path / "keys" / DISCIPLINE_KEY
    assert make_key(path)
    first = read_key(path)
    assert not make_key(path)
    assert read_key(path) == first
    assert first is not None
    assert len(first) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert make_key(tmp_path / "other.key")
    assert read_key(tmp_path / "other.key") != first


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 33, "é" * 64])
def test_a_broken_key_file_is_no_missing_key(tmp_path: Path, text: str) -> None:
    path = tmp_path / DISCIPLINE_KEY
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(Unavailable) as refused:
        read_key(path)
    assert refused.value.code == "unavailable"
    with pytest.raises(Unavailable):
        DisciplineKey(tmp_path).tag("about_units", "JSW")


@pytest.mark.parametrize("name", [DISCIPLINE_KEY, TAG_KEY])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o644])
def test_a_key_that_others_may_read_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, name: str, mode: int
) -> None:
    path = tmp_path / name
    make_key(path)
    path.chmod(mode)
    with pytest.raises(Unavailable) as refused:
        read_key(path)
    assert refused.value.code == "key_unsafe"
    assert refused.value.detail.startswith(f"{path} has mode {mode:04o}; run chmod 600 {path}")
    path.chmod(0o600)
    assert read_key(path) is not None
    path.chmod(0o400)
    assert read_key(path) is not None


def test_a_tag_is_hmac_sha_256_of_field_zero_byte_and_value(tmp_path: Path) -> None:
    make_key(tmp_path / DISCIPLINE_KEY)
    key = bytes.fromhex((tmp_path / DISCIPLINE_KEY).read_text().strip())
    spelled = hmac.new(key, b"about_units\x00" + "住建委".encode(), hashlib.sha256).hexdigest()
    assert (
        DisciplineKey(tmp_path).tag("about_units", "住建委") == f"hmac:{spelled}" == tag(key, "about_units", "住建委")
    )


def test_without_the_key_there_is_no_tag_until_it_is_laid_there(tmp_path: Path) -> None:
    held = DisciplineKey(tmp_path)
    assert held.tag("about_units", "JSW") is None
    make_key(tmp_path / DISCIPLINE_KEY)
    assert held.tag("about_units", "JSW") is not None
