"""The keys of the key folder: whole under their name, or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra.keys import KEY_BYTES, make_key, read_key


def test_a_key_is_made_once_private_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "tag.key"
    assert make_key(path)
    key = read_key(path)
    assert key is not None
    assert (len(key), path.stat().st_mode & 0o777) == (KEY_BYTES, 0o600)
    assert not make_key(path)
    assert read_key(path) == key
    assert [one.name for one in path.parent.iterdir()] == ["tag.key"]


def test_a_key_that_a_full_disk_refuses_is_not_there_and_is_made_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a key under the name would be taken for a key at the next `init`."""

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "keys" / "tag.key"
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            make_key(path)
    assert list(path.parent.iterdir()) == []
    assert make_key(path)
    assert read_key(path) is not None
