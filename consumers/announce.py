"""Telling others what stands now and what they were told before: new, gone and returned, each with an id of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from domain.checks.base import Audience
from domain.errors import Tampered
from domain.event import CONTENT_TYPE, SCHEMA_BASE, SPECVERSION, canonical
from projections.finding_list import is_for

FINDING_TYPE = "petition.finding.changed.v1"
PARKED_TYPE = "petition.view.parked.v1"
NEW, GONE, RETURNED = "new", "gone", "returned"
FINDING_FIELDS = (
    "check", "version", "subject", "result", "severity", "certainty", "reason", "item", "fingerprint", "open", "stage",
    "audience", "event_ids",
)  # fmt: skip
"""What of a finding leaves the house: identifiers and codes. Its sentences and facts are asked for where access is governed."""
ANNOUNCED_AT_ONCE = 500


class Told(NamedTuple):
    """The last thing that was told of one name: what, for the how many-th time, and with which data."""

    change: str
    number: int
    data: Mapping[str, Any]


class Announcement(NamedTuple):
    """One message: `name` is what it speaks of, `subject` the key under which its messages stay in order."""

    name: str
    subject: str
    told: Told
    raw: bytes


class Board(Protocol):
    """Where announcements are put up; it knows what hangs there. Over after the first failure."""

    def told(self) -> Mapping[str, Told]: ...
    def put(self, announcements: Iterable[Announcement]) -> None: ...
    def close(self) -> None: ...


def announcements(
    source: str, kind: str, told: Mapping[str, Told], standing: Mapping[str, Mapping[str, Any]], size: int
) -> list[Announcement]:
    """What must be told so that others know what stands: nothing where they know it already.

    `told` and `standing` are by name; every standing thing has a `subject`. The same difference always gives the
    same ids, so that a message that comes twice is recognised.
    """
    found = []
    for name, data in sorted(standing.items()):
        last = told.get(name)
        if last is None or last.change == GONE:
            change = NEW if last is None else RETURNED
            found.append(_announcement(source, kind, name, change, 1 if last is None else last.number + 1, data, size))
    for name, last in sorted(told.items()):
        if last.change != GONE and name not in standing:
            found.append(_announcement(source, kind, name, GONE, last.number + 1, last.data, size))
    return found


def _announcement(
    source: str, kind: str, name: str, change: str, number: int, data: Mapping[str, Any], size: int
) -> Announcement:
    identity = hashlib.sha256(canonical([source, kind, name, number])).hexdigest()
    subject = str(data["subject"])
    content = {"name": name, "change": change, "number": number, "size": size, "about": dict(data)}
    event = {
        "specversion": SPECVERSION,
        "id": identity,
        "source": source,
        "type": kind,
        "subject": subject,
        "datacontenttype": CONTENT_TYPE,
        "dataschema": SCHEMA_BASE + kind,
        "data": content,
    }
    return Announcement(name, subject, Told(change, number, data), canonical(event))


def told_by(raw: bytes) -> tuple[str, Told]:
    """Name and content of a message that was put up. Raises `foreign_record` for bytes that are none of ours."""
    try:
        data = msgspec.json.decode(raw)["data"]
        return str(data["name"]), Told(str(data["change"]), int(data["number"]), dict(data["about"]))
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise Tampered("foreign_record", f"a message of the feed cannot be read: {error}") from None


def standing_findings(lines: Iterable[Mapping[str, Any]], audience: Audience) -> dict[str, dict[str, Any]]:
    """The hits that this audience may see, by fingerprint, reduced to what may leave the house."""
    return {
        line["fingerprint"]: {name: line[name] for name in FINDING_FIELDS}
        for line in lines
        if line["result"] == "hit" and is_for(line, audience)
    }


def standing_parked(rows: Iterable[tuple[str, str, int, str, str | None]]) -> dict[str, dict[str, Any]]:
    """Parked subjects – (view, subject, position, type, field) – by view and subject."""
    standing = {}
    for view, subject, position, kind, field in rows:
        about = {"view": view, "subject": subject, "position": position, "type": kind}
        standing[f"{view}|{subject}"] = about if field is None else {**about, "field": field}
    return standing


def announce(
    board: Board, source: str, kind: str, standing: Mapping[str, Mapping[str, Any]], size: int
) -> list[Announcement]:
    """Put up what changed since the board was last looked at; all of it hangs there when this returns."""
    waiting = announcements(source, kind, board.told(), standing, size)
    for start in range(0, len(waiting), ANNOUNCED_AT_ONCE):
        board.put(waiting[start : start + ANNOUNCED_AT_ONCE])
    return waiting
