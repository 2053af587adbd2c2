"""The published mark: a small file beside the log that says what was once seen committed on the topic."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from consumers.relay import Mark
from domain.errors import Tampered, Unavailable

PUBLISHING_FOLDER = "publishing"


class _Stored(msgspec.Struct, forbid_unknown_fields=True):
    topic: str
    topic_id: str
    size: int


class MarkFile:
    """`consumers.relay.PublishedMark` as `<data>/publishing/mark.json`, replaced in one step.

    It is not synced: an older mark only makes the alarm come later, and nothing is ever skipped because of it.
    """

    def __init__(self, data: Path, topic: str) -> None:
        self._folder = data / PUBLISHING_FOLDER
        self._path = self._folder / "mark.json"
        self._topic = topic

    def read(self) -> Mark | None:
        """The mark of this topic, None where nothing was published on it from here."""
        try:
            stored = msgspec.json.decode(self._path.read_bytes(), type=_Stored)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError as error:
            raise Tampered(
                "tampered", f"{self._path}: {error}; move it away, and run `caseledger topic verify`"
            ) from None
        return Mark(stored.topic_id, stored.size) if stored.topic == self._topic else None

    def write(self, mark: Mark) -> None:
        """Replace the mark."""
        try:
            self._folder.mkdir(exist_ok=True)
            side = self._path.with_suffix(".next")
            side.write_bytes(msgspec.json.encode(_Stored(self._topic, mark.topic_id, mark.size)))
            os.replace(side, self._path)
        except OSError as error:
            raise Unavailable("read_only", f"{self._path}: {error.strerror}") from error
